"""
The table of temporal detectors: the name of each, its settings, and what its verdicts hold.

Calling convention. A detector is a function `f(series, *, key=value, …) -> Verdicts` of a `Series` (see
`series.py`) and of all keys of its row below, already typed, keyword-only and without defaults of their own:
the defaults stand here. It judges each series alone and each time from that time's past only, except where its
row says otherwise, and gives arrays of the shape of the counts. Modules are imported when their method is run.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sizao.engines.detection.series import Days, Series, usable
from sizao.engines.detection.settings import Key, either, number, read_settings, span, whole
from sizao.engines.detection.verdicts import Floats, Verdicts
from sizao.errors import SizaoError


class MethodUnknown(SizaoError):
    """A detector that is not there."""

    code = "detection.method_unknown"
    message = "There is no method {name}. There are: {allowed}."


@dataclass(frozen=True)
class Method:
    """
    One detector: where its function is (module and name below this package), its keys, and its columns.

    `title` says in one line what it compares; `columns` what expected, upperbound, statistic and trend are.
    """

    function: str
    title: str
    keys: Mapping[str, Key]
    columns: str


def run(
    name: str,
    *,
    counts: Floats,
    dates: Days | None = None,
    population: Floats | None = None,
    period: int = 52,
    settings: Mapping[str, object] | None = None,
) -> Verdicts:
    """
    Judge every time of every series with the method of that name.

    `counts` has the shape (series, times), NaN where a count is unknown; `dates` (times,) or None;
    `settings` maps keys to text or values and may leave any out. Raise MethodUnknown, SettingUnknown,
    SettingUnreadable or CountsUnusable.
    """
    method = find(name)
    values = read_settings(name, method.keys, settings or {})
    days = None if dates is None else np.asarray(dates, dtype="datetime64[D]")
    people = None if population is None else np.asarray(population, dtype=np.float64)
    series = usable(Series(np.asarray(counts, dtype=np.float64), days, people, period))
    module, function = method.function.split(":")
    detect = getattr(importlib.import_module(f"sizao.engines.detection.{module}"), function)
    verdicts: Verdicts = detect(series, **values)
    return verdicts


def find(name: str) -> Method:
    """Give the row of a method. Raise MethodUnknown."""
    if name not in METHODS:
        raise MethodUnknown(name=name, allowed=", ".join(METHODS))
    return METHODS[name]


_CHANCE = number(0, 1, open_ended=True)
_RANGE = Key(
    either(span(), "auto"),
    "auto",
    "Which times to judge, counted from 1: FIRST or FIRST:LAST; those before FIRST are the baseline. auto: from the "
    "first time on when the mean is given, else from the first after two years (two periods).",
)

_EARS = {
    "baseline": Key(whole(3), "7", "How many times the mean and the deviation are taken from."),
    "min_sigma": Key(number(), "0", "The least standard deviation; above 0, a quiet baseline can be judged."),
}
_EARS_COLUMNS = (
    "expected: mean of the baseline. upperbound: mean + z(1 - alpha) x deviation. "
    "statistic: (count - mean) / deviation. Alarm when the count is above the upperbound."
)

METHODS: dict[str, Method] = {
    "ears-c1": Method(
        "ears:c1",
        "EARS C1: the mean and deviation of the times just before.",
        {"alpha": Key(_CHANCE, "0.001", "Chance of a false alarm, one-sided."), **_EARS},
        _EARS_COLUMNS,
    ),
    "ears-c2": Method(
        "ears:c2",
        "EARS C2: like C1, with two times between the baseline and the judged time.",
        {"alpha": Key(_CHANCE, "0.001", "Chance of a false alarm, one-sided."), **_EARS},
        _EARS_COLUMNS,
    ),
    "ears-c3": Method(
        "ears:c3",
        "EARS C3: by how much C2 stood out in the two times before.",
        {"alpha": Key(_CHANCE, "0.025", "Chance of a false alarm, one-sided."), **_EARS},
        "expected: mean of the baseline. upperbound: count + deviation x (z(1 - alpha) - statistic), 0 at the least. "
        "statistic: sum over the two times before of how much C2 exceeded 1. Alarm above the upperbound.",
    ),
}

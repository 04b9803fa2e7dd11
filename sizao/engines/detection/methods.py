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

from sizao.engines.detection.farrington_keys import FARRINGTON_KEYS, FLEXIBLE_KEYS
from sizao.engines.detection.series import Days, Series, usable
from sizao.engines.detection.settings import YES_NO, Key, choice, either, multiple, number, read_settings, span, whole
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

_GLRNB = {
    "range": _RANGE,
    "c_arl": Key(number(open_ended=True), "5", "The statistic at which an alarm is raised."),
    "mu0": Key(
        either(number(open_ended=True), "none"), "none", "Known mean of every time; none: by regression before."
    ),
    "alpha": Key(
        either(number(), "none"), "none", "Dispersion: variance = mean + alpha x mean^2; 0: Poisson; none: estimated."
    ),
    "m_tilde": Key(whole(1), "1", "How many times a change must have lasted at the least (R: Mtilde)."),
    "m": Key(
        whole(-1), "-1", "How many times ago a change may have begun at the most; -1: since the last alarm (R: M)."
    ),
    "change": Key(choice("intercept", "epi"), "intercept", "A change of the level, or cases that follow cases."),
    "theta": Key(
        either(number(open_ended=True), "none"), "none", "Known size of the change (a logarithm); none: unknown."
    ),
    "dir": Key(choice("inc", "dec"), "inc", "Look for increases or decreases."),
    "ret": Key(
        choice("value", "cases"), "value", "What upperbound holds: the statistic, or the cases that would alarm."
    ),
    "s": Key(whole(0), "1", "Harmonics of the year in the regression (R: S)."),
    "trend": Key(YES_NO, "false", "A trend in the regression."),
    "refit": Key(YES_NO, "false", "Fit the regression anew after each alarm, with all times before."),
    "x_max": Key(whole(1), "10000", "The greatest count tried for ret=cases (R: xMax)."),
}

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
    "farrington": Method(
        "farrington:farrington",
        "Farrington 1996: the same weeks of past years, by quasi-Poisson regression.",
        FARRINGTON_KEYS,
        "expected: fitted count. upperbound: upper end of the interval, 0 where cases are too few. statistic: "
        "(count - expected) / (upperbound - expected), 0 where cases are too few; alarm above 1. trend: it was kept.",
    ),
    "farrington-flexible": Method(
        "farrington:farrington_flexible",
        "Improved Farrington (Noufaily 2013): all weeks of past years in seasons, outbreaks weighed down.",
        FLEXIBLE_KEYS,
        "expected: fitted count. upperbound: quantile by `threshold`; both empty where cases are too few. statistic: "
        "(count - expected) / (upperbound - expected), with nbPlugin and muan the logarithm of expected twice, "
        "as in R; alarm above 1. trend: a trend was kept.",
    ),
    "cusum": Method(
        "cusum:cusum",
        "CUSUM: small excesses over the mean that add up (Rossi approximation).",
        {
            "range": _RANGE,
            "k": Key(number(), "1.04", "Reference value: how far a score must exceed 0 to add to the sum."),
            "h": Key(number(open_ended=True), "2.26", "The sum at which an alarm is raised."),
            "m": Key(
                either(number(open_ended=True), "mean", "glm"),
                "mean",
                "Mean: a number, the mean of the times before `range`, or a year's wave fitted to them.",
            ),
            "trans": Key(
                choice("rossi", "standard", "anscombe", "anscombe2nd", "pearsonnegbin", "none"),
                "rossi",
                "How counts become scores (R's own default is standard).",
            ),
            "alpha": Key(number(), "0.1", "Dispersion for trans=pearsonnegbin: variance = mean + alpha x mean^2."),
            "reset": Key(YES_NO, "false", "Start the sum anew after an alarm; R never does."),
        },
        "expected: mean m. upperbound: count at which the sum would reach h. statistic: the sum; alarm at h or more.",
    ),
    "glrnb": Method(
        "glrnb:glrnb",
        "Likelihood ratio of negative-binomial or Poisson counts: has the mean changed?",
        _GLRNB,
        "expected: mean without a change. statistic: log likelihood ratio since the last alarm; alarm at c_arl. "
        "upperbound: as `ret` says; not a bound in cases unless ret=cases.",
    ),
    "percentile": Method(
        "percentile:percentile",
        "Moving percentile of neighbouring weeks in past years (CIDARS).",
        {
            "b": Key(whole(1), "5", "Past years."),
            "w": Key(whole(0), "2", "Neighbouring windows on each side."),
            "percentile": Key(number(0, 100), "80", "The percentile that raises an alarm."),
            "window": Key(whole(1), "1", "Times summed up to the judged one: 1 for weeks, 7 for days."),
            "reaches": Key(YES_NO, "true", "Alarm when the percentile is reached; false: only above it."),
            "calendar": Key(YES_NO, "true", "With dates, a year ago is the nearest date, not `period` times ago."),
            "min_blocks": Key(whole(0), "0", "How many past windows must be known; 0: all b x (2w + 1)."),
        },
        "expected: median of the past windows. upperbound: their percentile. statistic: signal strength, the highest "
        "percentile (0 to 100) of them that is reached.",
    ),
    "threshold": Method(
        "threshold:threshold",
        "Fixed threshold, in cases or in cases per so many people.",
        {
            "threshold": Key(number(open_ended=True), "1", "The number that raises an alarm when it is reached."),
            "per": Key(
                either(number(open_ended=True), "none"), "none", "Compare cases per so many people, e.g. 100000."
            ),
        },
        "expected: empty. upperbound: the threshold in cases. statistic: the count, or the rate with `per`.",
    ),
    "essence": Method(
        "essence:essence",
        "ESSENCE: regression with weekdays, or smoothing where that explains little; daily counts with dates.",
        {
            "b": Key(multiple(7, 14), "28", "Days of the baseline (R: B)."),
            "g": Key(whole(0), "2", "Days between the baseline and the judged day (guard band)."),
            "w1": Key(_CHANCE, "0.4", "Weight of the newest count in the smoothing for slow events."),
            "w2": Key(_CHANCE, "0.9", "The same for sudden events."),
            "alpha": Key(
                _CHANCE, "0.01", "P-value below which a day alarms: 0.01 is ESSENCE's alert, 0.05 its warning."
            ),
            "detector": Key(choice("switch", "regression", "ewma"), "switch", "Switch, or one of the two alone."),
            "quiet_days": Key(YES_NO, "true", "Drop alarms of the regression on days below the mean of their week."),
        },
        "expected: forecast of the regression, or mean of the baseline. statistic: Student's t. upperbound: count at "
        "which the regression alarms, empty where smoothing spoke.",
    ),
}

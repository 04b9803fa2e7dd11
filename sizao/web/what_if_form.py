"""The form that asks the simulated city: numbers of today's measures, of an own policy, and of what there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sizao.errors import SizaoError
from sizao.response.reports.what_if import Asked, Settings
from sizao.response.reports.what_if_levers import REFERENCE
from sizao.terms import Lever, Variant

DAYS, RUNS = 45, 40
# The last infection is asked for so many days before the runs end, else every run would be over by then.
QUIET_DAYS = 7
# The levers that are ticked when the form is opened: what commanders ask first.
FIRST = (Lever.TODAY, Lever.RESULTS_FASTER, Lever.TRACING_FASTER, Lever.ROUNDS, Lever.CLOSE)
PERCENT = 100
# How people live, as the form says it: from half of the recent cases in villages on, as in villages.
TOWN, VILLAGE = "town", "village"
HABITS = ((TOWN, _("As in a town")), (VILLAGE, _("As in villages of the plain")))


def habits(in_villages: float | None) -> str:
    """Say how people live where the recent cases live; as in a town where no community is known."""
    return VILLAGE if in_villages is not None and in_villages >= 1 / 2 else TOWN


class NumberUnreadable(SizaoError):
    code = "what_if.number.unreadable"
    message = "“{label}” is “{given}”. Write a whole number from {least} to {most}."


class NoSuchLever(SizaoError):
    code = "what_if.lever.unreadable"
    message = "“{given}” is none of the measures that can be compared. Choose from the form."


class NoSuchDay(SizaoError):
    code = "what_if.over_by.unreadable"
    message = "“{given}” is no day from {first} to {last}. Choose one of the days that are looked at."


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the form: its key, its words, its bounds; `layers` are the companions whose share it is."""

    key: str
    label: str | Promise
    least: int
    most: int
    is_share: bool = False
    layers: tuple[int, ...] = ()


MEASURES = (
    Number("testing", _("Chance a day that somebody with symptoms is tested (%)"), 0, 100, is_share=True),
    Number("result_days", _("Days until a result"), 0, 7),
    Number("trace_days", _("Days from a result to the quarantine of contacts"), 0, 7),
    Number("traced_group", _("Contacts at school and work who are found (%)"), 0, 100, layers=(1, 2)),
    Number("traced_venue", _("Contacts at venues who are found (%)"), 0, 100, layers=(3,)),
    Number("traced_transport", _("Contacts in transport who are found (%)"), 0, 100, layers=(4,)),
    Number("quarantine_days", _("Days of quarantine of contacts"), 1, 28),
    Number("round_every", _("A round of testing every so many days (0: none)"), 0, 14),
    Number("close_at", _("Cases in a week at which a community is closed (0: never)"), 0, 50),
)
MEANS = (
    Number("rooms", _("Isolation rooms"), 0, 1_000_000),
    Number("vehicles", _("Vehicles for transfers"), 0, 100_000),
    Number("beds", _("Hospital beds"), 0, 1_000_000),
    Number("intensive", _("Beds of intensive care"), 0, 100_000),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A number of the form with what stands in its field."""

    number: Number
    name: str
    value: str


def fields(numbers: Sequence[Number], prefix: str, values: Mapping[str, Any], given: QueryDict | None) -> list[Filled]:
    """Fill the fields of a part of the form: with what was given, else with values."""
    filled = []
    for number in numbers:
        name = f"{prefix}-{number.key}"
        value = given.get(name, "") if given is not None else _written(number, values)
        filled.append(Filled(number, name, value))
    return filled


def _written(number: Number, values: Mapping[str, Any]) -> str:
    if number.layers:
        return f"{PERCENT * values['traced'][number.layers[0]]:.0f}" if "traced" in values else ""
    if number.key not in values:
        return ""
    return f"{PERCENT * values[number.key]:.0f}" if number.is_share else str(values[number.key])


def starting_values(today: Mapping[str, Any]) -> dict[str, Any]:
    """Give the measures of today with what nobody measured taken from the reference."""
    return {**REFERENCE, **today}


def values(given: QueryDict, numbers: Sequence[Number], prefix: str, base: Mapping[str, Any]) -> dict[str, Any]:
    """
    Read the numbers that were written; an empty field leaves what `base` says.

    Raise NumberUnreadable.
    """
    read: dict[str, Any] = {}
    traced = list(base.get("traced", REFERENCE["traced"]))
    for number in numbers:
        text = given.get(f"{prefix}-{number.key}", "").strip()
        if not text:
            continue
        value = _whole(text, number)
        for layer in number.layers:
            traced[layer] = value / PERCENT
        if number.layers:
            read["traced"] = traced
        else:
            read[number.key] = value / PERCENT if number.is_share else value
    return read


def _whole(text: str, number: Number) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and number.least <= int(text) <= number.most):
        raise NumberUnreadable(label=str(number.label), given=text[:20], least=number.least, most=number.most)
    return int(text)


def policies(given: QueryDict, today: Mapping[str, Any]) -> list[Asked]:
    """Read which policies are compared, today's measures first. Raise NoSuchLever or NumberUnreadable."""
    ticked = []
    for text in given.getlist("lever"):
        if text not in set(Lever) - {Lever.OWN}:
            raise NoSuchLever(given=text[:40])
        ticked.append(Lever(text))
    asked = [Asked(Lever.TODAY), *(Asked(one) for one in Lever if one in ticked and one is not Lever.TODAY)]
    own = values(given, (*MEASURES, *MEANS), "own", today)
    if own:
        asked.append(Asked(Lever.OWN, given.get("own-name", "").strip() or gettext("Own policy"), own))
    return asked


def settings(given: QueryDict, day: date) -> Settings:
    """Read how the question is worked out. Raise NoSuchLever, NumberUnreadable or NoSuchDay."""
    variant = given.get("variant", "")
    if variant not in set(Variant):
        raise NoSuchLever(given=variant[:40])
    days = _whole(given.get("days", str(DAYS)), Number("days", _("Days to look ahead"), 14, 90))
    runs = _whole(given.get("runs", str(RUNS)), Number("runs", _("Runs of each policy"), 10, 200))
    over_by = _over_by(given.get("over_by", ""), day, days)
    return Settings(Variant(variant), days, runs, over_by, villages=given.get("habits") == VILLAGE)


def _over_by(text: str, day: date, days: int) -> date:
    first, last = day + timedelta(days=1), day + timedelta(days=days - QUIET_DAYS)
    if not text:
        return last
    try:
        chosen = date.fromisoformat(text)
    except ValueError as fault:
        raise NoSuchDay(given=text[:20], first=first, last=last) from fault
    if not first <= chosen <= last:
        raise NoSuchDay(given=chosen, first=first, last=last)
    return chosen

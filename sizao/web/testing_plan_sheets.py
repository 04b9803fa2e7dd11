"""A plan as sheets of a workbook, and the sentences of what it lacks."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext

from sizao.adapters.spreadsheets import Cell, Sheet
from sizao.records.models import TestingPlan
from sizao.terms import RoundResource

NAMED = 3


def sheets(held: TestingPlan) -> list[Sheet]:
    """Give sites, who goes where, laboratories, hours, and what it rests on."""
    return [_sites(held), _sent(held), _carried(held), _hours(held), _origin(held)]


def laboratory_names(held: TestingPlan) -> dict[int | None, str]:
    """Give the names of laboratories by their row."""
    return {row: one["name"] for row, one in enumerate(held.question["laboratories"])}


def by_hour(held: TestingPlan) -> list[tuple[datetime, float, float]]:
    """Give each hour of the round with its people swabbed and tubes waiting at its end."""
    begins = timezone.localtime(datetime.fromisoformat(held.question["begins_at"]))
    swabbed, waiting = held.answer["hours"]["swabbed"], held.answer["hours"]["waiting"]
    hours = range(max(len(swabbed), len(waiting)))
    rows = [
        (begins + timedelta(hours=hour), _at(swabbed, hour), _at(waiting, hour))
        for hour in hours
    ]  # fmt: skip
    return [row for row in rows if row[1] or row[2]]


def short(held: TestingPlan, one: Mapping[str, Any]) -> str:
    """Say what is lacking, how much is needed and how much is given, and whom it concerns."""
    name = RoundResource(one["resource"]).label(get_language() or "")
    needed = gettext("more than can be said") if one["needed"] is None else f"{math.ceil(one['needed']):,}"
    said = gettext("{resource}: {needed} needed, {given} given ({unit}).").format(
        resource=name, needed=needed, given=f"{one['given'] or 0:,.0f}", unit=_unit(one["unit"])
    )
    if not one["people"]:
        return said
    rows = held.question["villages"]
    named = ", ".join(rows[row]["code"] for row in one["rows"][:NAMED])
    more = gettext("This concerns {people} people of {n} areas ({named} …).")
    return f"{said} {more.format(people=one['people'], n=one['n_rows'], named=named)}"


def _unit(unit: str) -> str:
    return {
        "hours": gettext("hours"),
        "sites": gettext("sites"),
        "sites within reach": gettext("sites within reach"),
        "samplers": gettext("samplers"),
        "tables within reach": gettext("tables within reach"),
        "tubes": gettext("tubes"),
        "tubes an hour": gettext("tubes an hour"),
        "metres": gettext("metres"),
    }.get(unit, unit)


def _at(values: list[float], hour: int) -> float:
    return values[hour] if hour < len(values) else 0.0


def _sites(held: TestingPlan) -> Sheet:
    heads = (gettext("Number"), gettext("Site"), gettext("Area"), gettext("Tables"), gettext("Samplers"),
             gettext("People"), gettext("Tubes"), gettext("Hours"), gettext("Laboratory"), gettext("Longitude"),
             gettext("Latitude"))  # fmt: skip
    named, places = laboratory_names(held), held.question["sites"]
    rows: list[tuple[Cell, ...]] = []
    for number, one in enumerate(held.answer["sites"], start=1):
        place = places[one["row"]]
        rows.append(
            (number, place["name"], place["area_code"], one["tables"], one["samplers"], one["people"], one["tubes"],
             one["busy_hours"], named.get(one["laboratory"], ""), place["longitude"], place["latitude"])
        )  # fmt: skip
    return Sheet(gettext("Sites"), heads, rows)


def _sent(held: TestingPlan) -> Sheet:
    villages, sites = held.question["villages"], held.question["sites"]
    rows: list[tuple[Cell, ...]] = [
        (villages[village]["code"], sites[site]["name"], people, metres)
        for village, site, people, metres in held.answer["sent"]
    ]
    rows += [(villages[village]["code"], "", people, None) for village, people in held.answer["unplaced"]]
    return Sheet(
        gettext("Who goes where"), (gettext("Area"), gettext("Site"), gettext("People"), gettext("Metres")), rows
    )


def _carried(held: TestingPlan) -> Sheet:
    sites, laboratories = held.question["sites"], held.question["laboratories"]
    rows: list[tuple[Cell, ...]] = [
        (sites[site]["name"], laboratories[laboratory]["name"], tubes, hours)
        for site, laboratory, tubes, hours in held.answer["carried"]
    ]
    heads = (gettext("Site"), gettext("Laboratory"), gettext("Tubes"), gettext("Hours on the road"))
    return Sheet(gettext("Laboratories"), heads, rows)


def _hours(held: TestingPlan) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (f"{clock:%Y-%m-%d %H:%M}", swabbed, waiting) for clock, swabbed, waiting in by_hour(held)
    ]
    heads = (gettext("Hour"), gettext("People swabbed"), gettext("Tubes waiting at laboratories"))
    return Sheet(gettext("Hour by hour"), heads, rows)


def _origin(held: TestingPlan) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (gettext("Round"), f"{held.round.number} {held.round.name}"),
        (gettext("Asked by"), held.asked_by),
        (gettext("Asked"), f"{timezone.localtime(held.asked_at):%Y-%m-%d %H:%M}"),
        (gettext("Accepted by"), held.accepted_by or "—"),
        *((name, value if isinstance(value, int | float | str) else "—") for name, value in _sums(held)),
        *((gettext("Lacking"), short(held, one)) for one in held.answer["shortages"]),
        *((gettext("Not confirmed, so not used"), key) for key in held.question["unused"]),
    ]
    return Sheet(gettext("Origin"), (gettext("What"), gettext("Value")), rows)


def _sums(held: TestingPlan) -> list[tuple[str, Any]]:
    sums = held.answer["sums"]
    return [
        (gettext("People"), sums["people"]),
        (gettext("People without a place"), sums["unplaced"]),
        (gettext("Hours to the last swab"), sums["swabbed_hours"]),
        (gettext("Hours to the last result"), sums["ends_hours"]),
        (gettext("Hours allowed"), sums["complete_hours"]),
        (gettext("At most dearer than the best layout"), sums["gap"]),
        (gettext("People who go elsewhere than told before"), sums["moved"]),
    ]

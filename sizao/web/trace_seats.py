"""What seats say, in sentences: why somebody in a vehicle is listed as near, apart or not known, and by which rule."""

from collections.abc import Iterable

from django.utils.translation import get_language, gettext, ngettext

from sizao.engines.presences.seats import Reach, Seat, SeatRule
from sizao.response.tracing.rides import Ride
from sizao.terms import Seating


def why(ride: Ride) -> str:
    """Say of one ride what decided it: "row 7, two rows behind the case"."""
    if ride.kind is None:
        return gettext("Nobody told what kind of vehicle this is, so no seat rule can be applied.")
    if ride.reach is None:
        return gettext("No seat rule that may decide is in force for this kind of vehicle.")
    if ride.reach is Reach.VEHICLE:
        return gettext("In such a vehicle everybody counts, wherever they sat.")
    if ride.of_other is not None and ride.of_other.is_crew and ride.seating is Seating.NEAR:
        return gettext("Served on board: crew of the case's part of the vehicle count.")
    if ride.seating is Seating.UNKNOWN:
        return _unknown(ride)
    if _carriages_differ(ride):
        return gettext("Carriage {other}; the case sat in carriage {own}.").format(
            other=ride.of_other.carriage, own=ride.of_case.carriage
        )
    if ride.reach is Reach.CARRIAGE:
        return gettext("Carriage {carriage}, as the case.").format(carriage=ride.of_other.carriage)
    return _rows(ride)


def _unknown(ride: Ride) -> str:
    if ride.of_case is None:
        return gettext("Where the case sat is not known, so nobody can be cleared.")
    if ride.of_other is None:
        return gettext("Where this person sat is not known; the case sat in {seat}.").format(seat=seat(ride.of_case))
    return gettext("{other}; the case sat in {own}. Too little is told to decide.").format(
        other=seat(ride.of_other), own=seat(ride.of_case)
    )


def _carriages_differ(ride: Ride) -> bool:
    pair = [one.carriage if one else None for one in (ride.of_case, ride.of_other)]
    return None not in pair and pair[0] != pair[1]


def _rows(ride: Ride) -> str:
    behind, row = ride.rows_behind, ride.of_other.row
    if not behind:
        return gettext("Row {row}, the row of the case.").format(row=row)
    away = abs(behind)
    told = (
        ngettext("Row {row}, {n} row behind the case.", "Row {row}, {n} rows behind the case.", away)
        if behind > 0
        else ngettext("Row {row}, {n} row before the case.", "Row {row}, {n} rows before the case.", away)
    )
    beyond = "" if ride.seating is Seating.NEAR else " " + gettext("The rule does not reach so far.")
    return told.format(row=row, n=away) + beyond


def seat(one: Seat) -> str:
    """Name a seat: carriage and row, as far as they are told."""
    parts = []
    if one.carriage:
        parts.append(gettext("carriage {carriage}").format(carriage=one.carriage))
    if one.row is not None:
        parts.append(gettext("row {row}").format(row=one.row))
    if one.is_crew:
        parts.append(gettext("crew"))
    return ("，" if (get_language() or "zh").startswith("zh") else ", ").join(parts)


def rule_said(rule: SeatRule) -> str:
    """Say who counts by a seat rule."""
    if rule.reach is Reach.VEHICLE:
        return gettext("everybody in the vehicle")
    told = gettext("the same carriage or cabin")
    if rule.reach is Reach.ROWS:
        told = gettext("the same row, {before} rows before and {behind} behind").format(
            before=rule.rows_before, behind=rule.rows_behind
        )
    return gettext("{told}, and crew there").format(told=told) if rule.crew else told


def in_short(ridden: Iterable[Ride]) -> str:
    """Say of the ride that counts, in one line of a list."""
    first = next(iter(ridden), None)
    return why(first) if first else ""

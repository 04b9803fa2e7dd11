"""Which rules are in force in a place on a day."""

from collections.abc import Mapping
from datetime import date, datetime

from sizao.errors import SizaoError
from sizao.protocol.annexes import apply
from sizao.protocol.editions import Edition
from sizao.protocol.escalation import shipped_escalation
from sizao.protocol.read_triggers import shipped_watch_at
from sizao.protocol.read_vehicles import shipped_seat_rules_at
from sizao.protocol.rules.rules import Rules
from sizao.protocol.schema import build
from sizao.protocol.shelf import Library
from sizao.protocol.shipped import shipped
from sizao.protocol.values import Confirmation


class NoProtocolInForce(SizaoError):
    """No edition covers the day."""

    code = "protocol.none_in_force"
    message = "No protocol is in force{place} on {day}. {known} Check the day, or publish the edition of that time."


def first_day(library: Library, edition: Edition, area_code: str) -> date:
    """
    Say when an edition began to hold in a place: its adoption there, or else its own first day.

    The adoption with the longest area code that the place's code starts with decides.
    """
    mine = [
        adoption
        for adoption in library.adoptions
        if adoption.edition == edition.id and area_code.startswith(adoption.area_code)
    ]
    if not mine:
        return edition.effective_from
    return max(mine, key=lambda adoption: len(adoption.area_code)).first_day


def edition_in_force(library: Library, day: date, area_code: str = "") -> Edition:
    """
    Find the edition in force: the latest that the place had begun to follow.

    An edition holds beyond its national last day where its successor was adopted later; a gap between
    two editions in the library stays a gap.
    """
    if isinstance(day, datetime):
        raise TypeError("A protocol is in force on a civil date, not at a moment: pass a date.")
    started = [edition for edition in library.editions if first_day(library, edition, area_code) <= day]
    if started and (day <= started[-1].effective_until or _awaits_successor(library, started[-1], day)):
        return started[-1]
    spans = [f"{edition.id} from {first_day(library, edition, area_code)}" for edition in library.editions]
    known = f"Known here: {', '.join(spans)}." if spans else "The library holds no edition."
    raise NoProtocolInForce(place=f" in {area_code}" if area_code else "", day=day, known=known)


def _awaits_successor(library: Library, edition: Edition, day: date) -> bool:
    """Tell whether a later edition is in force nationally on the day, but not yet adopted in the place."""
    place = library.editions.index(edition)
    return any(later.effective_from <= day <= later.effective_until for later in library.editions[place + 1 :])


def rules_at(
    day: date,
    area_code: str = "",
    *,
    drill: bool = False,
    confirmations: Mapping[str, Confirmation] | None = None,
    library: Library | None = None,
) -> Rules:
    """
    Say the rules in force on a civil date in a place, with its companion documents, local annexes, early warning,
    seats and the steps of what is late.

    `area_code` is an official division code of any length; empty asks for the national rules.
    `confirmations` maps the `id` of a value to who confirmed it. In a drill nothing needs
    confirmation, and annexes made for drills apply.
    Raise NoProtocolInForce when no edition covers the day.
    """
    shelf = shipped() if library is None else library
    edition = edition_in_force(shelf, day, area_code)
    national, companions = edition.values_on(day)
    here = [annex for annex in shelf.annexes if annex.holds(edition.id, day, area_code) and (drill or not annex.drill)]
    values = apply(here, national)
    beside = [
        *shipped_watch_at(day, area_code).values(),
        *(row.value for row in shipped_seat_rules_at(day, area_code).values()),
        *shipped_escalation().values.values(),
    ]
    return Rules(
        **build({key: value.value for key, value in values.items()}),
        edition=edition.id,
        day=day,
        area_code=area_code,
        values=values | {value.key: value for value in beside},
        companions=companions,
        annexes=tuple(annex.id for annex in here),
        drill=drill,
        confirmations=confirmations or {},
        definitions=shelf.definitions_of(edition.id),
    )

"""The people behind a figure of the four clears: who, where, under what control, and what of them is unclear."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from sizao.protocol import NoProtocolInForce
from sizao.records import access
from sizao.records.models import Account, Outbreak, Person, Place
from sizao.response import outbreaks
from sizao.response.clocks import clock
from sizao.response.reports import four_clears_sql as sql
from sizao.response.reports.four_clears import CONCERNS, question
from sizao.response.reports.lines import area_names
from sizao.terms import Clear, Concern, Control, Unclear, Whereabouts

PAGE_PEOPLE = 100
TRANSFER_HOURS = "contacts.close.transfer_hours"
_OF_CLEAR = {Clear.IDENTITY: "no_name", Clear.LOCATION: "no_place", Clear.CONTROL: sql.NO_CONTROL}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which people are meant: of a group, a place, a control, something unclear, or one of the clears that lacks."""

    concern: Concern | None = None
    place: Whereabouts | None = None
    control: Control | None = None
    unclear: Unclear | None = None
    clear: Clear | None = None


@dataclass(frozen=True, slots=True)
class OnePerson:
    """
    Somebody concerned, through the reader's mask.

    `place` is their whereabouts, `at` the site or vehicle where it has a name. `due_at` is when a close contact is to
    be in a room by the edition; None where no clock runs or no confirmed value sets one.
    """

    id: int
    number: str
    name: str | None
    masked: bool
    area_code: str
    area: str
    concern: Concern
    place: Whereabouts
    at: str | None
    control: Control
    since: datetime | None
    due_at: datetime | None
    unclear: tuple[Unclear, ...]


def people(
    outbreak: Outbreak,
    area_code: str,
    narrowed: Narrowed,
    *,
    as_of: datetime,
    by: Account,
    after: int = 0,
    size: int = PAGE_PEOPLE,
) -> list[OnePerson]:
    """Give people of a figure in the order of the register, from behind one on."""
    given = question(outbreak, area_code, as_of=as_of) | {"after": after, "size": size}
    with connection.cursor() as cursor:
        cursor.execute(sql.PEOPLE.format(narrowed=_condition(narrowed, given)), given)
        found = cursor.fetchall()
    rows = Person.objects.in_bulk([row[0] for row in found])
    names = area_names(row[2] for row in found)
    places = Place.objects.in_bulk({row[7] for row in found if row[7]})
    due = _Due(outbreak, as_of)
    return [_person(rows[row[0]], row, names, places, due, by) for row in found]


def everybody(
    outbreak: Outbreak, area_code: str, narrowed: Narrowed, *, as_of: datetime, by: Account, at_once: int = 2000
) -> Iterator[OnePerson]:
    """Give all people of a figure, some at a time, for an export."""
    after = 0
    while page := people(outbreak, area_code, narrowed, as_of=as_of, by=by, after=after, size=at_once):
        yield from page
        after = page[-1].id


def _condition(narrowed: Narrowed, given: dict[str, object]) -> str:
    """Write the condition; what was chosen is passed beside it, never written into it."""
    parts = ["true"]
    if narrowed.concern is not None:
        given["rank"] = CONCERNS.index(narrowed.concern)
        parts.append("rank = %(rank)s")
    for name in ("place", "control"):
        if (chosen := getattr(narrowed, name)) is not None:
            given[name] = str(chosen)
            parts.append(f"{name} = %({name})s")
    if narrowed.unclear is not None:
        parts.append(sql.UNCLEAR_COLUMNS[tuple(Unclear).index(narrowed.unclear)])
    if narrowed.clear is not None:
        parts.append(_OF_CLEAR.get(narrowed.clear, "false"))
    return " AND ".join(parts)


class _Due:
    """When a close contact is to be in a room, by the edition of the moment; asked once for a whole page."""

    def __init__(self, outbreak: Outbreak, as_of: datetime) -> None:
        try:
            self.rules = outbreaks.rules_at(outbreak, as_of)
        except NoProtocolInForce:
            self.rules = None

    def at(self, since: datetime | None) -> datetime | None:
        if self.rules is None or since is None:
            return None
        return clock(self.rules, TRANSFER_HOURS, since)[0]


_WAITING = (Unclear.NO_ORDER, Unclear.NOT_DECIDED, Unclear.NOT_THERE)


def _person(  # noqa: PLR0913 — what one page has fetched once
    person: Person, row: tuple, names: dict[str, str], places: dict[int, Place], due: _Due, by: Account
) -> OnePerson:
    _, rank, area_code, place, control, since, proposed_at, place_id, *flags = row
    shown = access.identity(person, to=by)
    unclear = tuple(word for word, flag in zip(Unclear, flags, strict=True) if flag)
    concern = CONCERNS[rank]
    waits = concern == Concern.CLOSE and any(one in _WAITING for one in unclear)
    # A home is named by the person's own address, which a masked reader does not see.
    at = places[place_id].name if place_id in places and place != Whereabouts.HOME else None
    return OnePerson(
        id=person.pk,
        number=person.number,
        name=shown.name,
        masked=shown.masked,
        area_code=area_code,
        area=names.get(area_code, area_code),
        concern=concern,
        place=Whereabouts(place),
        at=at,
        control=Control(control),
        since=since or proposed_at,
        due_at=due.at(since) if waits else None,
        unclear=unclear,
    )

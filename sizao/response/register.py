"""
The register: areas, places and people that everything else points to, and where people are.

Each verb takes many at once, since facts arrive in lists; entering a fact twice is harmless.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, Outbreak, Person, Place, Stay, UnmatchedPlace, Visit
from sizao.terms import LEVEL_OF_DIGITS, PlaceKind, Right, StayKind


class WrongAreaCode(SizaoError):
    code = "register.wrong_area_code"
    message = "Row {row}: {area_code} is not a division code. It has 2, 4, 6, 9 or 12 digits; correct the file."


class AreaTwice(SizaoError):
    code = "register.area_twice"
    message = "Row {row}: the code {area_code} stands in the file twice. Keep one of the two rows."


class PlaceMatched(SizaoError):
    code = "register.place_matched"
    message = "“{text}” is matched already, to {place}. Nothing was changed."


@dataclass(frozen=True, slots=True)
class AreaEntry:
    """One area of the official list."""

    code: str
    name: str
    short_name: str
    population: int | None = None
    population_source: str | None = None


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person to be registered under a number; `area_code` is the home as far as it is known."""

    number: str
    area_code: str
    is_generated: bool = False


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A place to be registered. Two entries of one `source_key` are one place."""

    source_key: str
    kind: PlaceKind
    name: str
    area_code: str


@dataclass(frozen=True, slots=True)
class Move:
    """A person goes somewhere at a moment, and stays until the next move."""

    person: Person
    kind: StayKind
    started_at: datetime
    source_key: str
    area_code: str
    place: Place | None = None
    single_room: bool = False


# --- Areas -------------------------------------------------------------------------------------


@transaction.atomic
def load_areas(entries: Iterable[AreaEntry], *, by: Account | None, now: datetime) -> int:
    """
    Take over the official list of areas; return how many are new or changed.

    Areas that the list no longer names stay, since records may point to them. Raise WrongAreaCode or
    AreaTwice with the row (the heading is row 1), and change nothing then.
    """
    rows = _checked(entries)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE new_area (LIKE records_area) ON COMMIT DROP")
        with cursor.copy(
            "COPY new_area (code, name, short_name, level, population, population_source) FROM STDIN"
        ) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO records_area AS a SELECT * FROM new_area ON CONFLICT (code) DO UPDATE SET"
            " name = EXCLUDED.name, short_name = EXCLUDED.short_name, level = EXCLUDED.level,"
            " population = EXCLUDED.population, population_source = EXCLUDED.population_source"
            " WHERE a IS DISTINCT FROM EXCLUDED"
        )
        changed = cursor.rowcount
        cursor.execute("DROP TABLE new_area")
    if changed:
        province = Area.objects.order_by("code").first()
        journal.write("areas.loaded", province, by=by, at=now, changed=changed)
    return int(changed)


def _checked(entries: Iterable[AreaEntry]) -> list[tuple[object, ...]]:
    rows: dict[str, tuple[object, ...]] = {}
    for number, one in enumerate(entries, start=2):
        if not (one.code.isascii() and one.code.isdigit() and len(one.code) in LEVEL_OF_DIGITS):
            raise WrongAreaCode(row=number, area_code=one.code or "(empty)")
        if one.code in rows:
            raise AreaTwice(row=number, area_code=one.code)
        level = str(LEVEL_OF_DIGITS[len(one.code)])
        rows[one.code] = (one.code, one.name, one.short_name, level, one.population, one.population_source)
    return list(rows.values())


# --- People ------------------------------------------------------------------------------------


@transaction.atomic
def register_people(entries: Sequence[PersonEntry], *, by: Account | None, now: datetime) -> dict[str, Person]:
    """
    Register people under their numbers; return all of them by number.

    Somebody who is registered already stays as they are, except that a finer home replaces a coarser
    one which it lies in.
    """
    known = {one.number: one for one in Person.objects.filter(number__in=[entry.number for entry in entries])}
    fresh = {
        entry.number: Person(
            number=entry.number,
            area_code=entry.area_code,
            registered_at=now,
            is_generated=entry.is_generated,
            source_key=f"person:{entry.number}",
        )
        for entry in entries
        if entry.number not in known
    }
    Person.objects.bulk_create(fresh.values())
    journal.write_many([journal.line("person.registered", one, by=by, at=now) for one in fresh.values()])
    _refine_homes(entries, known, by=by, now=now)
    return known | fresh


def _refine_homes(
    entries: Sequence[PersonEntry], known: Mapping[str, Person], *, by: Account | None, now: datetime
) -> None:
    finer = []
    for entry in entries:
        person = known.get(entry.number)
        if person and len(entry.area_code) > len(person.area_code) and entry.area_code.startswith(person.area_code):
            person.area_code = entry.area_code
            finer.append(person)
    if finer:
        Person.objects.bulk_update(finer, ["area_code"])
        journal.write_many([journal.line("person.home_refined", one, by=by, at=now) for one in finer])


# --- Places ------------------------------------------------------------------------------------


@transaction.atomic
def register_places(entries: Iterable[PlaceEntry], *, by: Account | None, now: datetime) -> dict[str, Place]:
    """Register places; return all of them by their key. A place that is registered stays as it is."""
    wanted = {entry.source_key: entry for entry in entries}
    known = {one.source_key: one for one in Place.objects.filter(source_key__in=wanted)}
    fresh = [
        Place(kind=entry.kind, name=entry.name, area_code=entry.area_code, source_key=key)
        for key, entry in wanted.items()
        if key not in known
    ]
    Place.objects.bulk_create(fresh)
    journal.write_many([journal.line("place.registered", one, by=by, at=now) for one in fresh])
    return known | {one.source_key: one for one in fresh}


@transaction.atomic
def note_unmatched(
    *, outbreak: Outbreak, mentions: Iterable[tuple[str, str, PlaceKind]], now: datetime
) -> list[UnmatchedPlace]:
    """
    Put places that no register entry answers to into the queue, for a person to match.

    `mentions` holds the text, the area in which it was said as far as known, and the kind, once for each
    time it was said. Return the entries that are new.
    """
    counted: Counter[tuple[str, str]] = Counter()
    kinds: dict[tuple[str, str], PlaceKind] = {}
    for text, area_code, kind in mentions:
        counted[text[:200], area_code] += 1
        kinds.setdefault((text[:200], area_code), kind)
    waiting = {
        (one.text, one.area_code): one
        for one in UnmatchedPlace.objects.filter(outbreak=outbreak, text__in={text for text, _ in counted})
    }
    for key, one in waiting.items():
        one.mentions += counted.get(key, 0)
    UnmatchedPlace.objects.bulk_update(waiting.values(), ["mentions"])
    fresh = [
        UnmatchedPlace(outbreak=outbreak, text=key[0], area_code=key[1], kind=kinds[key], mentions=count, noted_at=now)
        for key, count in counted.items()
        if key not in waiting
    ]
    return UnmatchedPlace.objects.bulk_create(fresh)


@transaction.atomic
def match_place(*, unmatched: UnmatchedPlace, place: Place, by: Account, now: datetime) -> UnmatchedPlace:
    """
    Say which registered place a text means; the visits that wait for it then point to that place.

    Raise PlaceMatched when somebody has said so already, or the door's refusal where the account lacks
    the right, or the area in which the text was said.
    """
    access.require(by, Right.PLACE_MATCH, area_code=unmatched.area_code or unmatched.outbreak.area_code)
    unmatched = UnmatchedPlace.objects.select_for_update().get(pk=unmatched.pk)
    if unmatched.place_id is not None:
        raise PlaceMatched(text=unmatched.text, place=Place.objects.get(pk=unmatched.place_id).name)
    unmatched.place, unmatched.matched_at, unmatched.matched_by = place, now, by
    unmatched.save(update_fields=["place", "matched_at", "matched_by"])
    visits = _waiting_visits(unmatched).update(place=place, place_kind=place.kind, area_code=place.area_code)
    journal.write("place.matched", unmatched, by=by, at=now, place=place.pk, visits=visits)
    return unmatched


def _waiting_visits(unmatched: UnmatchedPlace):
    waiting = Visit.objects.filter(outbreak=unmatched.outbreak_id, place=None, place_text=unmatched.text)
    return waiting.filter(person__area_code__startswith=unmatched.area_code)


# --- Where people are --------------------------------------------------------------------------


@transaction.atomic
def move(moves: Sequence[Move], *, by: Account | None, now: datetime) -> list[Stay]:
    """
    Enter moves into the location ledger: each ends the stay before it and opens its own.

    A move that was entered already is passed over. A move at or before the start of the stay that
    stands is entered a minute after that start, so that the order in which they became known holds.
    Return the new stays.
    """
    done = set(Stay.objects.filter(source_key__in=[m.source_key for m in moves]).values_list("source_key", flat=True))
    people = {m.person.pk: m.person for m in moves}
    open_stays = {
        one.person_id: one
        for one in Stay.objects.filter(person__in=people).filter(period__upper_inf=True).select_for_update()
    }
    ended, fresh = [], []
    for one in sorted(moves, key=lambda m: m.started_at):
        if one.source_key in done:
            continue
        started_at = one.started_at
        if standing := open_stays.get(one.person.pk):
            started_at = max(started_at, standing.period.lower + timedelta(minutes=1))
            standing.period = (standing.period.lower, started_at)
            ended.append(standing)
        open_stays[one.person.pk] = stay = _stay(one, started_at, now)
        fresh.append(stay)
        done.add(one.source_key)
    Stay.objects.bulk_update([one for one in ended if one.pk], ["period"])
    Stay.objects.bulk_create(fresh)
    journal.write_many([journal.line("person.moved", one, by=by, at=now, kind=str(one.kind)) for one in fresh])
    return fresh


@transaction.atomic
def end_stay(*, person: Person, at: datetime, by: Account | None, now: datetime) -> Stay | None:
    """
    End the stay of somebody who died: nothing follows, and the room or bed is free. Return it; None where none stands.

    Said again, or of a moment before the stay began, it changes nothing that was.
    """
    standing = Stay.objects.select_for_update().filter(person=person, period__upper_inf=True).first()
    if standing is None:
        return None
    standing.period = (standing.period.lower, max(at, standing.period.lower + timedelta(minutes=1)))
    standing.save(update_fields=["period"])
    journal.write("person.stay_ended", standing, by=by, at=now, kind=standing.kind)
    return standing


def _stay(one: Move, started_at: datetime, now: datetime) -> Stay:
    person = one.person
    return Stay(
        person=person,
        kind=one.kind,
        place=one.place,
        area_code=one.area_code,
        period=DateTimeTZRange(started_at, None, "[)"),
        party=person.household_id or -person.pk,
        single_room=one.single_room,
        recorded_at=now,
        source_key=one.source_key,
    )

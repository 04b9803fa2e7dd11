"""
Saying who people are whom a trace found: an authority that holds the identities sends them for the tokens found.

Nobody is registered whom the trace did not find: an identity that answers to no token is skipped, and not kept.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from pypinyin import Style, lazy_pinyin

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, Outbreak, Person, Trace
from sizao.records.secrecy import blind_index
from sizao.response.tracing import answers, presences, questions, tokens
from sizao.terms import Right, TraceCause

Error = dict[str, object]
LONGEST_NAME = 60
_AREA = re.compile(r"\d{6}(\d{3}(\d{3})?)?")


class IdentitiesRefused(SizaoError):
    code = "trace.identities.unreadable"
    message = "{count} of {rows} rows cannot be taken; nothing was kept. First: {first}. All are in facts.errors."


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """Who somebody is, as an authority says; an id number or a phone number is needed, what is not known is empty."""

    id_number: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """
    What became of an upload: people who are linked to the trace now, of whom some were registered by it.

    `skipped` are the rows, from 1, about nobody whom the trace found.
    """

    linked: int
    new: int
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """A row with what it is found by."""

    row: IdentityRow
    id_number_index: str | None
    phone_index: str | None


@transaction.atomic
def name_people(
    *, trace: Trace, rows: Sequence[IdentityRow], by: Account | None, now: datetime, is_generated: bool = False
) -> Named:
    """
    Say who people are whom a trace found, all rows or none; who is not registered yet is registered.

    Rows about anybody else are skipped and counted, and nothing of them is kept. Saying it again changes nothing.
    Raise IdentitiesRefused, which names row, field and reason, or the door's refusal.
    """
    if by is not None:
        access.require(by, Right.TRACE_ASK, area_code=trace.area_code)
    Outbreak.objects.select_for_update().get(pk=trace.outbreak_id)  # one number of the register after the other
    told = [_Told(row, tokens.id_number_index(row.id_number), tokens.phone_index(row.phone)) for row in rows]
    found = _found(trace, told)
    errors = list(_faults(told))
    if errors:
        raise _refused(errors, len(rows))
    skipped = tuple(number for number, borne in enumerate(found, start=1) if not borne)
    told = [one for one, borne in zip(told, found, strict=True) if borne]
    found = [borne for borne in found if borne]
    people, new = _people(trace, told, now=now, is_generated=is_generated)
    journal.write_many([journal.line("person.registered", one, by=by, at=now) for one in new])
    borne = {token: (person.pk, person.area_code) for tokens_, person in zip(found, people, strict=True)
             for token in tokens_}  # fmt: skip
    linked = answers.link(trace, borne, by=by, now=now)
    if answers.stands_twice(trace):
        _ask_again(trace, by=by, now=now)
    journal.write(
        "trace.named", trace, by=by, at=now, number=trace.number, rows=len(rows), linked=linked, new=len(new),
        skipped=len(skipped),
    )  # fmt: skip
    return Named(linked, len(new), skipped)


def _ask_again(trace: Trace, *, by: Account | None, now: datetime) -> None:
    """Answer anew, so that who turned out to bear two tokens stands once; where the presences are gone it stays."""
    try:
        store = presences.opened(trace.outbreak)
    except (presences.NoPresences, presences.PresencesDamaged):
        return
    questions.answer(trace, store, cause=TraceCause.PEOPLE, by=by, now=now)


def _found(trace: Trace, told: Sequence[_Told]) -> list[list[str]]:
    """Give the tokens of each row that the trace found."""
    there = set(trace.matches.values_list("token", flat=True))
    key = tokens.standing_key(trace.outbreak)
    if key is None:
        return [[] for _ in told]
    return [
        [token for token in tokens.of_indices(key, one.id_number_index, one.phone_index) if token in there]
        for one in told
    ]


def _faults(told: Sequence[_Told]) -> Iterator[Error]:
    areas = set(Area.objects.filter(code__in={one.row.area_code for one in told}).values_list("code", flat=True))
    seen: dict[str, int] = {}
    for number, one in enumerate(told, start=1):
        faults = list(_faults_of(one, areas))
        for index in filter(None, (one.id_number_index,)):
            if index in seen:
                faults.append(("id_number", f"stands in row {seen[index]} too"))
            seen.setdefault(index, number)
        yield from ({"row": number, "field": field, "reason": reason} for field, reason in faults)


def _faults_of(one: _Told, areas: set[str]) -> Iterator[tuple[str, str]]:
    row = one.row
    if not row.id_number.strip() and not row.phone.strip():
        yield "id_number", "is empty, and so is the phone; one of them must say who it is"
    if row.id_number.strip() and one.id_number_index is None:
        yield "id_number", "is no id number; it has 6 to 20 letters and digits"
    if row.phone.strip() and one.phone_index is None:
        yield "phone", "is no phone number"
    if not row.name.strip() or len(row.name.strip()) > LONGEST_NAME:
        yield "name", f"is empty or longer than {LONGEST_NAME} characters"
    if not _AREA.fullmatch(row.area_code) or row.area_code not in areas:
        yield "area_code", "is no county, township or village of the register; say where this person lives"


def _refused(errors: list[Error], rows: int) -> IdentitiesRefused:
    first = f"row {errors[0]['row']}, {errors[0]['field']}: {errors[0]['reason']}"
    return IdentitiesRefused(count=len({error["row"] for error in errors}), rows=rows, first=first, errors=errors)


def _people(
    trace: Trace, told: Sequence[_Told], *, now: datetime, is_generated: bool
) -> tuple[list[Person], list[Person]]:
    """Give the person of each row, and those among them who are new."""
    by_id, by_phone = _registered(told)
    before = Person.objects.filter(source_key__startswith=_key(trace, "")).count()
    people, new = [], []
    for one in told:
        person = by_id.get(one.id_number_index or "") or by_phone.get(one.phone_index or "")
        if person is None:
            person = _person(trace, one, before + len(new) + 1, now=now, is_generated=is_generated)
            person.save(force_insert=True)
            new.append(person)
        people.append(person)
    return people, new


def _registered(told: Sequence[_Told]) -> tuple[Mapping[str, Person], Mapping[str, Person]]:
    ids = {one.id_number_index for one in told if one.id_number_index}
    # By phone only those who gave no id number: a phone is shared, an id number is not.
    phones = {one.phone_index for one in told if one.phone_index and not one.id_number_index}
    rows = Person.objects.filter(Q(id_number_index__in=ids) | Q(phone_index__in=phones)).order_by("pk")
    by_id = {one.id_number_index: one for one in rows if one.id_number_index}
    by_phone: dict[str, Person] = {}
    for one in rows:
        if one.phone_index in phones:
            by_phone.setdefault(one.phone_index, one)
    return by_id, by_phone


def _key(trace: Trace, number: object) -> str:
    return f"person:{trace.outbreak.slug}:{trace.number}:{number}"


def _person(trace: Trace, one: _Told, serial: int, *, now: datetime, is_generated: bool) -> Person:
    row = one.row
    name = row.name.strip()
    return Person(
        number=f"{trace.outbreak.slug}-{trace.number}-{serial:05}"[-40:],
        name=name,
        name_index=blind_index(name, column="records_person.name"),
        initials="".join(lazy_pinyin(name, style=Style.FIRST_LETTER))[:20].lower(),
        id_number=row.id_number.strip().upper() or None,
        id_number_index=one.id_number_index,
        phone=row.phone.strip() or None,
        phone_index=one.phone_index,
        address=row.address.strip() or None,
        area_code=row.area_code,
        registered_at=now,
        is_generated=is_generated,
        source_key=_key(trace, serial),
    )

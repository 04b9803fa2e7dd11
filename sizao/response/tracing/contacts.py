"""Contacts: people who must be looked after because of an exposure, named by a person or found by rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Case, Contact, ContactChange, Outbreak, Person
from sizao.terms import CONTACT_MOVES, ContactKind, ContactState, Right


class ContactCannotMove(SizaoError):
    code = "contact.cannot_move"
    message = "{number} is {was} as a contact and cannot become {state}. From here: {allowed}."


class IsCase(SizaoError):
    code = "contact.is_case"
    message = "{number} is a case of this outbreak already and is not looked after as a contact."


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A person to be looked after because of an exposure; what is not known is None."""

    person: Person
    kind: ContactKind
    source: str
    index_case: Case | None = None
    last_exposure_date: date | None = None
    is_placed: bool = False  # isolated already, by somebody else


# --- Contacts ----------------------------------------------------------------------------------


@transaction.atomic
def add_contact(*, outbreak: Outbreak, entry: ContactEntry, by: Account | None, now: datetime) -> Contact:
    """
    Name one person a contact; who is one already is answered as they stand.

    Raise IsCase for a person who is a case of this outbreak.
    """
    if by is not None:
        access.require(by, Right.CONTACT_TRACE, area_code=entry.person.area_code)
    if Case.objects.filter(outbreak=outbreak, person=entry.person).standing().exists():
        raise IsCase(number=entry.person.number)
    add_contacts(outbreak=outbreak, entries=[entry], by=by, now=now)
    return Contact.objects.get(outbreak=outbreak, person=entry.person)


@transaction.atomic
def add_contacts(
    *, outbreak: Outbreak, entries: Sequence[ContactEntry], by: Account | None, now: datetime
) -> list[Contact]:
    """
    Name people contacts, each once; return the new ones.

    Who is a contact already keeps their row; a later exposure moves its last day of exposure forward,
    and a nearer kind replaces a farther one.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)
    wanted: dict[int, ContactEntry] = {}
    for entry in entries:
        wanted[entry.person.pk] = _nearer(wanted.get(entry.person.pk), entry)
    known = {one.person_id: one for one in Contact.objects.filter(outbreak=outbreak, person__in=wanted)}
    for person_id, contact in known.items():
        _follow(contact, wanted[person_id])
    Contact.objects.bulk_update(known.values(), ["kind", "last_exposure_date", "index_case"])
    fresh = [_contact(outbreak, entry, now) for person_id, entry in wanted.items() if person_id not in known]
    Contact.objects.bulk_create(fresh)
    placed = [one for one in fresh if one.state == ContactState.PLACED]
    changes = [_change(one, ContactState.FOUND, by, now) for one in fresh]
    ContactChange.objects.bulk_create(changes + [_change(one, ContactState.PLACED, by, now) for one in placed])
    lines = [journal.line("contact.found", one, by=by, at=now, source=one.source) for one in fresh]
    journal.write_many(lines)
    return fresh


_NEARNESS = (ContactKind.GENERAL, ContactKind.SECONDARY, ContactKind.CLOSE)


def _nearer(one: ContactEntry | None, other: ContactEntry) -> ContactEntry:
    if one is None:
        return other
    return max(one, other, key=lambda entry: (_NEARNESS.index(entry.kind), entry.last_exposure_date or date.min))


def _follow(contact: Contact, entry: ContactEntry) -> None:
    if _NEARNESS.index(entry.kind) > _NEARNESS.index(ContactKind(contact.kind)):
        contact.kind = entry.kind
    if entry.last_exposure_date and entry.last_exposure_date > (contact.last_exposure_date or date.min):
        contact.last_exposure_date = entry.last_exposure_date
        contact.index_case = entry.index_case or contact.index_case


def _contact(outbreak: Outbreak, entry: ContactEntry, now: datetime) -> Contact:
    return Contact(
        outbreak=outbreak,
        person=entry.person,
        kind=entry.kind,
        state=ContactState.PLACED if entry.is_placed else ContactState.FOUND,
        index_case=entry.index_case,
        area_code=entry.person.area_code,
        last_exposure_date=entry.last_exposure_date,
        found_at=now,
        placed_at=now if entry.is_placed else None,
        source=entry.source,
        source_key=f"contact:{outbreak.slug}:{entry.person.number}",
    )


def _change(contact: Contact, state: ContactState, by: Account | None, now: datetime) -> ContactChange:
    return ContactChange(
        contact=contact,
        state=state,
        at=now,
        by=journal.actor_name(by),
        source_key=f"{contact.source_key}:{state}:{now.isoformat()}",
    )


@transaction.atomic
def move_contact(*, contact: Contact, state: ContactState, by: Account | None, now: datetime) -> Contact:
    """Place, release or exclude a contact. Raise ContactCannotMove where the lifecycle has no such move."""
    if by is not None:
        access.require(by, Right.CONTACT_TRACE, area_code=contact.area_code)
    return move_contacts(contacts=[contact], state=state, by=by, now=now)[0]


@transaction.atomic
def move_contacts(
    *, contacts: Sequence[Contact], state: ContactState, by: Account | None, now: datetime
) -> list[Contact]:
    """Move contacts to one state, all or none. Raise ContactCannotMove at the first that cannot."""
    ids = [one.pk for one in contacts]
    waiting = Contact.objects.filter(pk__in=ids).order_by("pk")
    locked = list(waiting.select_related("person").select_for_update(of=["self"]))
    for one in locked:
        allowed = CONTACT_MOVES[ContactState(one.state)]
        if state not in allowed:
            raise ContactCannotMove(
                number=one.person.number, was=one.state, state=state, allowed=", ".join(sorted(allowed)) or "none"
            )
        one.state = state
        open_again = state in (ContactState.FOUND, ContactState.PLACED)
        one.placed_at = now if state == ContactState.PLACED else one.placed_at
        one.closed_at = None if open_again else now
    Contact.objects.bulk_update(locked, ["state", "placed_at", "closed_at"])
    ContactChange.objects.bulk_create(_change(one, state, by, now) for one in locked)
    journal.write_many([journal.line(f"contact.{state}", one, by=by, at=now) for one in locked])
    return locked


# --- By rule -----------------------------------------------------------------------------------


def that_fell_ill(outbreak: Outbreak, now: datetime) -> int:
    """Say of each contact who is a case by now that they became one; return how many."""
    standing = Case.objects.filter(outbreak=outbreak).standing()
    ill = Contact.objects.filter(outbreak=outbreak, person__in=standing.values("person"))
    ill = ill.exclude(state=ContactState.BECAME_CASE)
    return len(move_contacts(contacts=list(ill), state=ContactState.BECAME_CASE, by=None, now=now))

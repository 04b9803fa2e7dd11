"""Who is on the line list: cases, contacts or people of a jurisdiction, as they stood at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from sizao.records.models import (
    Case,
    CaseChange,
    Contact,
    ContactChange,
    IsolationOrder,
    Outbreak,
    Person,
    Stay,
)
from sizao.records.secrecy import blind_index
from sizao.terms import ContactState, Lack, LineList, StayKind

# The column by which each list is ordered: when sizao came to know of the row.
KNOWN_SINCE = {LineList.CASES: "opened_at", LineList.CONTACTS: "found_at", LineList.PEOPLE: "registered_at"}
UNDER_CONTROL_AT = (StayKind.ROOM, StayKind.BED)
LOOKED_AFTER = (ContactState.FOUND, ContactState.PLACED)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody asked of the list: an area (a prefix of the code), a status, what lacks, a search."""

    area_code: str
    status: str = ""
    kind: str = ""
    lack: str = ""
    search: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether each row must be looked up elsewhere, so that counting many is dear."""
        return bool(self.status or self.lack or self.search)


def rows(which: LineList, outbreak: Outbreak, choice: Choice, *, as_of: datetime) -> QuerySet:
    """Give the rows of a list that answer a choice, by what was known at `as_of`; unordered."""
    asked = {LineList.CASES: _cases, LineList.CONTACTS: _contacts, LineList.PEOPLE: _people}[which]
    return asked(outbreak, choice, as_of)


def _cases(outbreak: Outbreak, choice: Choice, as_of: datetime) -> QuerySet[Case]:
    found = Case.objects.filter(outbreak=outbreak, opened_at__lte=as_of, area_code__startswith=choice.area_code)
    if choice.status:
        found = found.filter(stood_at(CaseChange, "case", "status", [choice.status], as_of))
    if choice.search:
        # A case number answers alone: asked in one condition with the rest, no index would serve.
        numbered = found.filter(number__in={choice.search.strip(), choice.search.strip().upper()})
        found = numbered if numbered.exists() else found.filter(person__in=searched(choice.search))
    if choice.lack:
        found = found.filter(_case_lacks(Lack(choice.lack), as_of))
    return found.select_related("person")


def _contacts(outbreak: Outbreak, choice: Choice, as_of: datetime) -> QuerySet[Contact]:
    found = Contact.objects.filter(outbreak=outbreak, found_at__lte=as_of, area_code__startswith=choice.area_code)
    if choice.status:
        found = found.filter(stood_at(ContactChange, "contact", "state", [choice.status], as_of))
    if choice.kind:
        found = found.filter(kind=choice.kind)
    if choice.search:
        found = found.filter(person__in=searched(choice.search))
    if choice.lack:
        found = found.filter(_contact_lacks(Lack(choice.lack), as_of))
    return found.select_related("person", "index_case")


def _people(outbreak: Outbreak, choice: Choice, as_of: datetime) -> QuerySet[Person]:  # noqa: ARG001
    found = Person.objects.filter(registered_at__lte=as_of, area_code__startswith=choice.area_code)
    return found.filter(pk__in=searched(choice.search)) if choice.search else found


def searched(text: str) -> QuerySet:
    """Find people by the start of their number, their exact name, or the pinyin initials of their name."""
    text = text.strip()
    found = Q(number__startswith=text) | Q(number__startswith=text.upper())
    found |= Q(name_index=blind_index(text, column="records_person.name"))
    if text.isascii() and text.isalpha():
        found |= Q(initials__startswith=text.lower())
    return Person.objects.filter(found).values("pk")


def stood_at(changes: type[Model], owner: str, field: str, values: Iterable[str], as_of: datetime) -> Exists:
    """Match rows whose latest change by `as_of` set `field` to one of `values`."""
    # An anti-join beside the semi-join, not a sub-select per row: a rare status stays cheap to find.
    later = changes.objects.filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")),
        at__lte=as_of,
        **{owner: OuterRef(owner)},
    )
    wanted = {owner: OuterRef("pk"), f"{field}__in": list(values), "at__lte": as_of}
    return Exists(changes.objects.filter(~Exists(later), **wanted))


def _case_lacks(lack: Lack, as_of: datetime) -> Q:
    uninvestigated = Q(investigated_at__isnull=True) | Q(investigated_at__gt=as_of)
    conditions = {
        Lack.IDENTITY: Q(person__in=_nameless()),
        Lack.ONSET: uninvestigated | Q(onset_date__isnull=True),
        Lack.INVESTIGATION: uninvestigated,
        Lack.UNREAD: ~uninvestigated & Q(unread_spans__gt=0),
    }
    return conditions[lack]


def _contact_lacks(lack: Lack, as_of: datetime) -> Q:
    staying = Stay.objects.current(as_of).filter(person=OuterRef("person"), recorded_at__lte=as_of)
    controlled = staying.filter(kind__in=UNDER_CONTROL_AT)
    conditions = {
        Lack.IDENTITY: Q(person__in=_nameless()),
        Lack.LOCATION: ~Exists(staying),
        Lack.CONTROL: ~Exists(controlled) & ~Exists(_orders_in_force(as_of)),
    }
    return looked_after(as_of) & conditions[lack]


def looked_after(as_of: datetime) -> Q:
    """Match contacts that were still looked after at `as_of`."""
    # Most are told by their row; only those closed since are looked up in their history, since somebody
    # released who becomes a case is closed twice.
    stood = stood_at(ContactChange, "contact", "state", LOOKED_AFTER, as_of)
    return Q(closed_at__isnull=True, state__in=LOOKED_AFTER) | (Q(closed_at__gt=as_of) & stood)


def _nameless() -> QuerySet:
    return Person.objects.filter(name_index=None, id_number_index=None, phone_index=None).values("pk")


def _orders_in_force(as_of: datetime) -> QuerySet:
    return IsolationOrder.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=as_of),
        person=OuterRef("person"),
        outbreak=OuterRef("outbreak"),
        issued_at__lte=as_of,
    )

"""
Secondary contacts: their release depends on the first tests of the close contact whom they met, as the edition says.

The wait has an end: the day after the close contact's last test of those. Nobody is kept because somebody else was not
tested. A positive close contact makes their secondary contacts close contacts, and a proposal follows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol import Rules, basis
from sizao.protocol.days import numbered_dates
from sizao.records import access, journal
from sizao.records.models import Account, Case, Contact, Outbreak, Test
from sizao.response import outbreaks
from sizao.terms import ContactKind, ContactState, Dependency, Right, TestResult

ENABLED = "contacts.secondary.enabled"
NEEDED = "contacts.secondary.release_needs_index_negative_tests"
UPGRADE = "contacts.secondary.upgrade_when_index_positive"
TEST_DAYS = "contacts.close.central_test_days"
FOR_THE_RESULT = timedelta(days=1)  # a swab of one day has its result by the end of the next


class NotSecondary(SizaoError):
    code = "secondary.not_secondary"
    message = "{number} is no secondary contact, so there is no close contact to name. Open the contact you mean."


class NotTheirCloseContact(SizaoError):
    code = "secondary.not_a_close_contact.unreadable"
    message = "{given} is no close contact of this outbreak. Give the number of the close contact whom they met."


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What the release of one secondary contact depends on, as known at a moment.

    `tests` are the first tests of the close contact that count, with their results (None: not known yet); `missing`
    says how many of those needed were not taken. `at_most` is the last day to wait for them.
    """

    dependency: Dependency
    needed: int
    tests: tuple[tuple[date, TestResult | None], ...]
    at_most: date | None
    through: Contact | None
    basis: tuple[dict[str, object], ...] = ()

    @property
    def missing(self) -> int:
        return max(0, self.needed - len(self.tests))


@transaction.atomic
def name_close_contact(*, contact: Contact, through: str, by: Account, now: datetime) -> Contact:
    """
    Record through whom somebody became a secondary contact, by the person number of that close contact.

    Raise NotSecondary, NotTheirCloseContact, or the door's refusal.
    """
    contact = Contact.objects.select_for_update(of=["self"]).select_related("person").get(pk=contact.pk)
    access.require(by, Right.CONTACT_TRACE, area_code=contact.area_code)
    if contact.kind != ContactKind.SECONDARY:
        raise NotSecondary(number=contact.person.number)
    known = Contact.objects.filter(outbreak=contact.outbreak_id, kind=ContactKind.CLOSE, found_at__lte=now)
    met = known.filter(person__number=through.strip()).exclude(pk=contact.pk).first()
    if met is None:
        raise NotTheirCloseContact(given=through.strip()[:40] or "—")
    contact.through = met
    contact.save(update_fields=["through"])
    journal.write("contact.linked", contact, by=by, at=now, through=met.pk)
    return contact


def standing(contact: Contact, *, as_of: datetime) -> Standing | None:
    """Say what the release of a contact depends on at a moment; None for one who is no secondary contact."""
    if contact.kind != ContactKind.SECONDARY:
        return None
    rules = outbreaks.rules_at(contact.outbreak, as_of, area_code=contact.area_code)
    return standings([contact], rules, as_of=as_of)[contact.pk]


def standings(contacts: Sequence[Contact], rules: Rules, *, as_of: datetime) -> Mapping[int, Standing]:
    """Say it of many secondary contacts at once, by the ids of the contacts."""
    asked = asked_by(rules)
    met = {one.pk: one for one in Contact.objects.filter(pk__in={one.through_id for one in contacts if one.through_id})}
    tests = _tests(met.values(), as_of) if asked else {}
    return {one.pk: _standing(met.get(one.through_id or 0), asked, rules, tests, as_of) for one in contacts}


def asked_by(rules: Rules) -> int:
    """Say how many first tests of the close contact must be negative; 0 where the edition asks for none."""
    if rules.value(ENABLED).value is not True or not rules.says(NEEDED):
        return 0
    return rules.value(NEEDED).whole


def depending_on(contact: Contact, *, as_of: datetime) -> list[Contact]:
    """List the secondary contacts whose release depends on this close contact, as known at a moment."""
    found = Contact.objects.filter(through=contact, kind=ContactKind.SECONDARY, found_at__lte=as_of)
    return list(found.select_related("person").order_by("pk"))


def waits(outbreak: Outbreak, rules: Rules, now: datetime) -> Mapping[int, date]:
    """Say until which day at most the release of secondary contacts waits, of those that wait, by contact."""
    open_ones = _open(outbreak, now)
    found = standings(open_ones, rules, as_of=now) if open_ones and asked_by(rules) else {}
    return {pk: one.at_most for pk, one in found.items() if one.dependency == Dependency.WAITS and one.at_most}


@transaction.atomic
def upgrade(*, outbreak: Outbreak, rules: Rules, now: datetime) -> int:
    """
    Treat as close contacts those whose close contact is positive, where the edition says so; return how many.

    It touches nobody: their orders stand, and another is proposed.
    """
    if rules.value(UPGRADE).value is not True:
        return 0
    open_ones = _open(outbreak, now)
    found = standings(open_ones, rules, as_of=now) if open_ones else {}
    rising = [one for one in open_ones if found[one.pk].dependency == Dependency.UPGRADE]
    people = {one.through.person_id for one in rising if one.through}
    cases = {one.person_id: one for one in Case.objects.filter(outbreak=outbreak, person__in=people).standing()}
    for one in rising:
        one.kind = ContactKind.CLOSE
        one.index_case = cases.get(one.through.person_id) or one.index_case
    Contact.objects.bulk_update(rising, ["kind", "index_case"], batch_size=500)
    journal.write_many(
        [journal.line("contact.upgraded", one, by=None, at=now, through=one.through_id) for one in rising]
    )
    return len(rising)


def _open(outbreak: Outbreak, now: datetime) -> list[Contact]:
    found = Contact.objects.filter(outbreak=outbreak, kind=ContactKind.SECONDARY, through__isnull=False)
    found = found.filter(state__in=(ContactState.FOUND, ContactState.PLACED), found_at__lte=now)
    return list(found.select_related("through").order_by("pk"))


def _standing(
    met: Contact | None,
    needed: int,
    rules: Rules,
    tests: Mapping[int, list[tuple[date, TestResult | None]]],
    as_of: datetime,
) -> Standing:
    if not needed:
        return Standing(Dependency.NOT_ASKED, 0, (), None, met)
    cited = (basis.entry(rules.value(NEEDED), gives="release"),)
    if met is None:
        return Standing(Dependency.NO_LINK, needed, (), None, None, cited)
    first = tuple(tests.get(met.pk, ())[:needed])
    ill = met.state == ContactState.BECAME_CASE and met.closed_at is not None and met.closed_at <= as_of
    if ill or any(result == TestResult.POSITIVE for _, result in first):
        return Standing(Dependency.UPGRADE, needed, first, None, met, cited)
    if sum(result == TestResult.NEGATIVE for _, result in first) == needed:
        return Standing(Dependency.FREE, needed, first, None, met, cited)
    return Standing(Dependency.WAITS, needed, first, _at_most(met, needed, rules), met, cited)


def _at_most(met: Contact, needed: int, rules: Rules) -> date:
    """Give the day after the close contact's last test that counts; without test days, after as many days."""
    start = _day_zero(met)
    dates = [one.result for one in numbered_dates(start, rules.value(TEST_DAYS))] if rules.says(TEST_DAYS) else []
    last = dates[needed - 1] if len(dates) >= needed else start + timedelta(days=needed)
    return last + FOR_THE_RESULT


def _day_zero(contact: Contact) -> date:
    return contact.last_exposure_date or timezone.localtime(contact.found_at).date()


def _tests(met: Iterable[Contact], as_of: datetime) -> Mapping[int, list[tuple[date, TestResult | None]]]:
    """Give the tests of close contacts since their day zero, in order, one a day; a positive of that day counts."""
    of_person = {one.person_id: one for one in met}
    found: dict[int, dict[date, TestResult | None]] = defaultdict(dict)
    rows = Test.objects.filter(person__in=of_person, recorded_at__lte=as_of).order_by("taken_date", "pk")
    for one in rows:
        contact = of_person[one.person_id]
        if one.outbreak_id == contact.outbreak_id and one.taken_date >= _day_zero(contact):
            result = TestResult(one.result) if one.result else None
            of_day = found[contact.pk]
            if of_day.get(one.taken_date) != TestResult.POSITIVE:
                of_day[one.taken_date] = result or of_day.get(one.taken_date)
    return {pk: sorted(days.items()) for pk, days in found.items()}

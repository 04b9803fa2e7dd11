"""Meetings from visits, rings of contacts, what links cases before onset, and the verbs of an investigator."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.records import access
from sizao.records.models import Contact, ContactChange, Encounter, SharedExposure, Stay, Visit
from sizao.response import tracing
from sizao.response.tracing import ContactEntry
from sizao.response.tracing.known import Known, minute
from sizao.terms import (
    CONTACT_MOVES,
    CaseStatus,
    ContactKind,
    ContactState,
    EventKind,
    ExposureScope,
    MeetingSource,
    OutbreakKind,
    PlaceKind,
    Role,
    StayKind,
)
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW
ONSET = date(2021, 1, 8)
NOON = datetime(2021, 1, 8, 4, 0, tzinfo=UTC)


class TestMeetings:
    def test_people_at_a_small_place_on_one_day_met(self, outbreak, index, restaurant, noise):
        other = factories.case(within=outbreak)
        visit(index, restaurant)
        visit(other, restaurant)
        advance(outbreak)
        met = Encounter.objects.get(outbreak=outbreak)
        assert (met.index_person, met.other_person, met.place) == (index.person, other.person, restaurant)
        assert (met.first_date, met.last_date, met.minutes, met.source) == (ONSET, ONSET, None, "shared_day")

    def test_at_a_wide_place_a_day_is_not_enough(self, outbreak, index):
        mall = factories.place(kind=PlaceKind.MALL)
        visit(index, mall)
        visit(factories.case(within=outbreak), mall)
        advance(outbreak)
        assert not Encounter.objects.exists()

    def test_at_a_wide_place_the_overlap_counts(self, outbreak, index):
        mall = factories.place(kind=PlaceKind.MALL)
        visit(index, mall, hours=(0, 2))
        visit(factories.case(within=outbreak), mall, hours=(1.5, 3))
        advance(outbreak)
        met = Encounter.objects.get()
        assert (met.minutes, met.source) == (30.0, MeetingSource.SHARED_PLACE)

    def test_who_names_one_gathering_was_together(self, outbreak, index):
        village = factories.place(kind=PlaceKind.VILLAGE)
        for case in (index, factories.case(within=outbreak)):
            visit(case, village, kind=EventKind.GATHERING)
        advance(outbreak)
        assert Encounter.objects.get().source == MeetingSource.NAMED_EVENT

    def test_several_days_at_one_place_are_one_edge(self, outbreak, index, restaurant):
        other = factories.case(within=outbreak)
        for days in (0, 1, 3):
            visit(index, restaurant, on=ONSET - timedelta(days=days))
        visit(other, restaurant, on=ONSET - timedelta(days=3), until=ONSET)
        advance(outbreak)
        met = Encounter.objects.get()
        assert (met.first_date, met.last_date) == (ONSET - timedelta(days=3), ONSET)

    def test_an_arrival_without_a_departure_lasts_for_an_unknown_time(self, outbreak, index, restaurant):
        visit(index, restaurant, hours=(0, None))
        visit(factories.case(within=outbreak), restaurant, hours=(1, 2))
        visit(factories.case(within=outbreak), restaurant, hours=(-2, -1))
        advance(outbreak)
        assert [met.minutes for met in Encounter.objects.filter(index_person=index.person)] == [None]

    def test_what_lies_before_the_look_back_or_after_isolation_does_not_count(self, outbreak, index, restaurant):
        early, late = ONSET - timedelta(days=15), ONSET + timedelta(days=1)
        other = factories.case(within=outbreak, onset_date=early)
        isolate(index.person, NOON)
        for case in (index, other):
            visit(case, restaurant, on=early)
            visit(case, restaurant, on=late)
        advance(outbreak)
        assert not Encounter.objects.exists()

    def test_two_people_neither_of_whom_is_a_case_are_not_looked_at(self, outbreak, restaurant):
        for _ in range(2):
            visit_of(factories.person(), outbreak, restaurant)
        advance(outbreak)
        assert not Encounter.objects.exists()

    def test_what_is_learnt_later_changes_the_edge(self, outbreak, index, restaurant):
        other = factories.case(within=outbreak)
        for case in (index, other):
            visit(case, restaurant)
        advance(outbreak)
        for case in (index, other):
            visit(case, restaurant, on=ONSET - timedelta(days=1))
        assert advance(outbreak, at=NOW + timedelta(hours=1)) >= 1
        met = Encounter.objects.get()
        assert (met.first_date, met.found_at) == (ONSET - timedelta(days=1), NOW)

    def test_advancing_twice_at_one_moment_changes_nothing(self, outbreak, index, restaurant, noise):
        visit(index, restaurant)
        visit_of(factories.person(), outbreak, restaurant)
        assert advance(outbreak) > 0
        assert advance(outbreak) == 0

    @pytest.mark.django_db(transaction=True)
    def test_a_committed_run_is_not_worked_out_again_until_something_changes(self, outbreak, index, restaurant):
        visit(index, restaurant)
        advance(outbreak)
        assert advance(outbreak, at=NOW + timedelta(days=1)) == 0
        visit_of(factories.person(), outbreak, restaurant)
        assert advance(outbreak, at=NOW + timedelta(days=1)) > 0


class TestRings:
    def test_who_met_a_case_while_it_was_infectious_is_a_close_contact(self, outbreak, index, restaurant, noise):
        guest = factories.person()
        visit(index, restaurant)
        visit_of(guest, outbreak, restaurant)
        advance(outbreak)
        found = Contact.objects.get(outbreak=outbreak)
        assert (found.person, found.index_case, found.kind) == (guest, index, ContactKind.CLOSE)
        assert (found.last_exposure_date, found.state, found.found_at) == (ONSET, ContactState.FOUND, NOW)

    @pytest.mark.parametrize(("days_before", "is_contact"), [(2, True), (3, False)])
    def test_the_window_is_that_of_the_edition(self, outbreak, index, restaurant, days_before, is_contact):
        on = ONSET - timedelta(days=days_before)
        visit(index, restaurant, on=on)
        visit_of(factories.person(), outbreak, restaurant, on=on)
        advance(outbreak)
        assert Contact.objects.exists() == is_contact

    def test_the_last_meeting_counts(self, outbreak, index, restaurant):
        guest = factories.person()
        for days in (0, 1):
            visit(index, restaurant, on=ONSET + timedelta(days=days))
            visit_of(guest, outbreak, restaurant, on=ONSET + timedelta(days=days))
        advance(outbreak)
        assert Contact.objects.get().last_exposure_date == ONSET + timedelta(days=1)

    def test_in_passing_at_a_wide_place_makes_a_general_contact(self, outbreak, index):
        mall = factories.place(kind=PlaceKind.MALL)
        visit(index, mall, hours=(0, 2))
        visit_of(factories.person(), outbreak, mall, hours=(1, 2))
        advance(outbreak)
        assert Contact.objects.get().kind == ContactKind.GENERAL

    def test_an_edition_without_general_contacts_has_none(self, index_of_2022):
        outbreak, index = index_of_2022
        mall = factories.place(kind=PlaceKind.MALL)
        on = index.onset_date
        noon = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
        visit(index, mall, on=on, hours=(0, 2), noon=noon)
        visit_of(factories.person(), outbreak, mall, on=on, hours=(1, 2), noon=noon)
        advance(outbreak, at=noon + timedelta(days=1))
        assert not Contact.objects.exists()

    def test_an_edition_that_ended_contact_tracing_finds_none(self, restaurant):
        outbreak = factories.outbreak(first_date=date(2023, 1, 9))
        noon = datetime(2023, 1, 20, 4, tzinfo=UTC)
        index = factories.case(within=outbreak, onset_date=noon.date(), opened_at=noon)
        visit(index, restaurant, on=noon.date())
        visit_of(factories.person(), outbreak, restaurant, on=noon.date())
        advance(outbreak, at=noon + timedelta(hours=1))
        assert not Contact.objects.exists()

    def test_who_met_the_contact_afterwards_is_a_secondary_contact(self, outbreak, index, restaurant):
        guest, colleague = factories.person(), factories.person()
        office = factories.place(kind=PlaceKind.WORKPLACE)
        visit(index, restaurant)
        visit_of(guest, outbreak, restaurant)
        for someone in (guest, colleague):
            visit_of(someone, outbreak, office, on=ONSET + timedelta(days=1))
        advance(outbreak)
        second = Contact.objects.get(kind=ContactKind.SECONDARY)
        assert (second.person, second.index_case) == (colleague, index)
        assert second.last_exposure_date == ONSET + timedelta(days=1)
        assert advance(outbreak) == 0

    def test_who_met_the_contact_only_before_or_after_isolation_is_none(self, outbreak, index, restaurant):
        guest, colleague = factories.person(), factories.person()
        office = factories.place(kind=PlaceKind.WORKPLACE)
        visit(index, restaurant)
        visit_of(guest, outbreak, restaurant)
        isolate(guest, NOON + timedelta(hours=12))
        for days in (-1, 2):
            for someone in (guest, colleague):
                visit_of(someone, outbreak, office, on=ONSET + timedelta(days=days))
        advance(outbreak)
        assert not Contact.objects.filter(kind=ContactKind.SECONDARY).exists()

    def test_a_contact_who_becomes_a_case_is_looked_after_as_one(self, outbreak, index, noise):
        someone = factories.person()
        found = tracing.add_contact(outbreak=outbreak, entry=entry(someone), by=investigator(), now=NOW)
        factories.case(of=someone, within=outbreak)
        advance(outbreak)
        found.refresh_from_db()
        assert (found.state, found.closed_at) == (ContactState.BECAME_CASE, NOW)

    def test_a_discarded_case_makes_no_contacts(self, outbreak, index, restaurant):
        index.status = CaseStatus.DISCARDED
        index.save()
        visit(index, restaurant)
        visit_of(factories.person(), outbreak, restaurant)
        advance(outbreak)
        assert not Contact.objects.exists()


class TestExposures:
    def test_a_feast_that_links_cases_comes_first(self, outbreak, restaurant, noise):
        feast = ONSET - timedelta(days=6)
        guests = [factories.case(within=outbreak, onset_date=ONSET, investigated_at=NOW) for _ in range(8)]
        for number, case in enumerate(guests):
            visit(case, restaurant, on=feast, kind=EventKind.GATHERING)
            for days in range(3):
                own = factories.place(kind=PlaceKind.SHOP)
                visit(case, own, on=feast + timedelta(days=days - number % 3), kind=EventKind.SHOPPING)
        advance(outbreak)
        first = SharedExposure.objects.get(outbreak=outbreak, rank=1)
        assert (first.place, first.observed, first.as_of) == (restaurant, 8, date(2021, 1, 10))
        assert first.kind == EventKind.GATHERING
        assert sorted(first.people) == sorted(case.person_id for case in guests)
        assert {row.scope for row in SharedExposure.objects.all()} <= set(ExposureScope)

    def test_a_later_day_keeps_the_earlier_ranking(self, outbreak, restaurant):
        guests = [factories.case(within=outbreak, onset_date=ONSET, investigated_at=NOW) for _ in range(3)]
        for case in guests[:2]:
            visit(case, restaurant, on=ONSET - timedelta(days=3))
        advance(outbreak)
        visit(guests[2], restaurant, on=ONSET - timedelta(days=3))
        advance(outbreak, at=NOW + timedelta(days=1))
        ranked = SharedExposure.objects.filter(place=restaurant, scope=ExposureScope.EVENT).order_by("as_of")
        assert [row.observed for row in ranked] == [2, 3]

    def test_a_day_without_news_keeps_no_ranking_of_its_own(self, outbreak, restaurant):
        for case in [factories.case(within=outbreak, onset_date=ONSET, investigated_at=NOW) for _ in range(2)]:
            visit(case, restaurant, on=ONSET - timedelta(days=3))
        advance(outbreak)
        # Nothing is committed inside a test, so this process remembers no run: it works all of it out anew.
        assert advance(outbreak, at=NOW + timedelta(days=1)) == 0
        assert set(SharedExposure.objects.values_list("as_of", flat=True)) == {date(2021, 1, 10)}

    def test_living_in_a_village_is_no_exposure(self, outbreak):
        village = factories.place(kind=PlaceKind.VILLAGE)
        for _ in range(3):
            case = factories.case(within=outbreak, onset_date=ONSET, investigated_at=NOW)
            visit(case, village, on=ONSET - timedelta(days=3), kind=EventKind.HOME)
        advance(outbreak)
        assert not SharedExposure.objects.exists()


class TestVerbs:
    def test_naming_a_contact_twice_keeps_one_row(self, outbreak, noise):
        someone = factories.person()
        tracing.add_contact(outbreak=outbreak, entry=entry(someone), by=investigator(), now=NOW)
        tracing.add_contact(outbreak=outbreak, entry=entry(someone), by=investigator(), now=NOW)
        assert Contact.objects.filter(outbreak=outbreak).count() == 1

    def test_a_nearer_kind_and_a_later_exposure_replace_the_earlier(self, outbreak, index):
        someone = factories.person()
        for kind, day in ((ContactKind.GENERAL, 5), (ContactKind.CLOSE, 8), (ContactKind.SECONDARY, 7)):
            told = ContactEntry(someone, kind, "interview", index, date(2021, 1, day))
            tracing.add_contacts(outbreak=outbreak, entries=[told], by=None, now=NOW)
        found = Contact.objects.get()
        assert (found.kind, found.last_exposure_date, found.index_case) == (ContactKind.CLOSE, date(2021, 1, 8), index)

    def test_somebody_isolated_already_is_placed_at_once(self, outbreak):
        told = ContactEntry(factories.person(), ContactKind.CLOSE, "published report", is_placed=True)
        tracing.add_contacts(outbreak=outbreak, entries=[told], by=None, now=NOW)
        assert [one.state for one in ContactChange.objects.order_by("id")] == ["found", "placed"]

    def test_refuses_a_contact_who_is_a_case(self, outbreak, index):
        with pytest.raises(tracing.IsCase, match=index.person.number):
            tracing.add_contact(outbreak=outbreak, entry=entry(index.person), by=None, now=NOW)

    def test_is_refused_outside_the_jurisdiction(self, outbreak, index):
        stranger = investigator(area_code="41")
        with pytest.raises(access.NotYours):
            tracing.add_contact(outbreak=outbreak, entry=entry(factories.person()), by=stranger, now=NOW)
        found = tracing.add_contact(outbreak=outbreak, entry=entry(factories.person()), by=None, now=NOW)
        with pytest.raises(access.NotYours):
            tracing.move_contact(contact=found, state=ContactState.PLACED, by=stranger, now=NOW)
        with pytest.raises(access.NotYours):
            tell(index, factories.person(), by=stranger)

    def test_a_meeting_told_in_an_interview_makes_a_contact(self, outbreak, index):
        friend = factories.person()
        first, again = tell(index, friend), tell(index, friend)
        assert first.pk == again.pk
        advance(outbreak)
        assert Contact.objects.get().person == friend
        assert advance(outbreak) == 0

    def test_refuses_a_meeting_with_oneself_or_with_days_reversed(self, index):
        with pytest.raises(tracing.NobodyElse):
            tell(index, index.person)
        with pytest.raises(tracing.MeetingDaysReversed):
            tell(index, factories.person(), last_date=ONSET - timedelta(days=1))

    def test_a_contact_excluded_by_mistake_is_looked_after_again(self, outbreak):
        found = tracing.add_contact(outbreak=outbreak, entry=entry(factories.person()), by=None, now=NOW)
        excluded = tracing.move_contact(contact=found, state=ContactState.EXCLUDED, by=None, now=NOW)
        assert excluded.closed_at == NOW
        again = tracing.move_contact(
            contact=found, state=ContactState.FOUND, by=investigator(), now=NOW + timedelta(hours=1)
        )
        assert (again.state, again.closed_at) == (ContactState.FOUND, None)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(st.sampled_from(list(ContactState)), max_size=6))
    def test_no_path_leaves_the_lifecycle(self, steps):
        outbreak = factories.outbreak()
        found = tracing.add_contact(outbreak=outbreak, entry=entry(factories.person()), by=investigator(), now=NOW)
        for number, state in enumerate(steps):
            was = ContactState(found.state)
            at = NOW + timedelta(minutes=number + 1)
            try:
                found = tracing.move_contact(contact=found, state=state, by=investigator(), now=at)
            except tracing.ContactCannotMove:
                found.refresh_from_db()
                assert found.state == was
                assert state not in CONTACT_MOVES[was]
            else:
                assert found.state in CONTACT_MOVES[was]


class TestKnown:
    def test_rests_on_the_civil_clock_of_the_place(self):
        assert minute(datetime(2000, 1, 1, 16, 30, tzinfo=UTC)) == 24 * 60 + 30

    def test_what_is_recorded_later_is_not_known_yet(self, outbreak, index, restaurant):
        visit(index, restaurant)
        assert Known(outbreak, NOON - timedelta(days=1)).beings == []


@pytest.fixture
def outbreak(db):
    return factories.outbreak()


@pytest.fixture
def index(outbreak):
    return factories.case(within=outbreak, onset_date=ONSET)


@pytest.fixture
def index_of_2022(db):
    """A case of November 2022, when general contacts were no longer determined."""
    outbreak = factories.outbreak(first_date=date(2022, 11, 12), kind=OutbreakKind.REPLAY)
    opened_at = datetime(2022, 11, 20, 4, tzinfo=UTC)
    return outbreak, factories.case(within=outbreak, onset_date=opened_at.date(), opened_at=opened_at)


@pytest.fixture
def restaurant(db):
    return factories.place(kind=PlaceKind.RESTAURANT)


def advance(outbreak, *, at=NOW):
    return tracing.advance(outbreak=outbreak, now=at)


def investigator(**facts):
    return factories.account(role=Role.INVESTIGATOR, **facts)


def entry(person):
    return ContactEntry(person, ContactKind.CLOSE, "interview")


def tell(case, other, *, by=None, last_date=ONSET):
    by = by or investigator()
    return tracing.record_meeting(case=case, other=other, first_date=ONSET, last_date=last_date, by=by, now=NOW)


def visit(case, place, **facts):
    return visit_of(case.person, case.outbreak, place, **facts)


def visit_of(person, outbreak, place, *, on=ONSET, until=None, hours=None, noon=NOON, kind=EventKind.MEAL):
    start, end = hours or (None, None)
    serial = Visit.objects.count()
    return Visit.objects.create(
        outbreak=outbreak,
        person=person,
        kind=kind,
        place=place,
        first_date=on,
        last_date=until or on,
        started_at=None if start is None else noon + timedelta(hours=start),
        ended_at=None if end is None else noon + timedelta(hours=end),
        recorded_at=NOON if noon == NOON else noon,
        source_key=f"visit:{serial}",
    )


def isolate(person, at):
    return Stay.objects.create(
        person=person,
        kind=StayKind.ROOM,
        area_code=person.area_code,
        period=(at, None),
        party=-person.pk,
        recorded_at=at,
        source_key=f"stay:{person.pk}",
    )

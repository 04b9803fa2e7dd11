"""The release of a secondary contact depends on another person's first tests, for a time that has an end."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.records import access
from sizao.records.models import Contact, Event, IsolationOrder
from sizao.response import isolation, tracing
from sizao.response.isolation import secondary
from sizao.terms import (
    ContactKind,
    ContactState,
    Dependency,
    OrderEnd,
    OrderKind,
    OrderState,
    Role,
    TestResult,
)
from tests import factories
from tests.response import orders_world as world
from tests.response.orders_world import NOW, TODAY

pytestmark = pytest.mark.django_db
NEGATIVE, POSITIVE = TestResult.NEGATIVE, TestResult.POSITIVE


@pytest.fixture
def outbreak(db):
    return world.outbreak()


@pytest.fixture
def close(outbreak):
    return world.contact(outbreak)


@pytest.fixture
def second(outbreak, close):
    return world.contact(outbreak, kind=ContactKind.SECONDARY, index_case=close.index_case, through=close)


def days(count, **more):
    return NOW + timedelta(days=count, **more)


def said(second, as_of):
    return secondary.standing(Contact.objects.get(pk=second.pk), as_of=as_of)


def swabs_of(contact, *results):
    """Give the close contact a test on each day from day one on; None is one whose result is not known."""
    for day, result in enumerate(results):
        world.swabbed(contact.person, contact.outbreak, TODAY + timedelta(days=day), result, recorded_at=days(day))


class TestStanding:
    def test_waits_for_what_is_missing_and_says_until_when(self, second, close):
        swabs_of(close, NEGATIVE)
        found = said(second, days(1))
        assert (found.dependency, found.needed, found.missing) == (Dependency.WAITS, 2, 1)
        # Edition 9 tests on days 1 and 2 after the exposure of the 2nd; the result of the 4th is there on the 5th.
        assert found.at_most == date(2022, 8, 5)
        assert found.basis[0]["key"] == "contacts.secondary.release_needs_index_negative_tests"

    def test_waits_for_a_result_too(self, second, close):
        swabs_of(close, NEGATIVE, None)
        assert (said(second, days(2)).dependency, said(second, days(2)).missing) == (Dependency.WAITS, 0)

    def test_is_free_after_the_first_two(self, second, close):
        swabs_of(close, NEGATIVE, NEGATIVE)
        assert said(second, days(2)).dependency == Dependency.FREE

    def test_is_as_it_was_known(self, second, close):
        swabs_of(close, NEGATIVE, NEGATIVE)
        assert said(second, days(0, hours=1)).dependency == Dependency.WAITS

    def test_counts_tests_since_the_exposure_and_one_a_day(self, second, close):
        for day in (date(2022, 7, 30), date(2022, 8, 1), TODAY):
            world.swabbed(close.person, close.outbreak, day, NEGATIVE)
        assert said(second, days(2)).dependency == Dependency.WAITS

    def test_looks_at_the_first_tests_only(self, second, close):
        swabs_of(close, NEGATIVE, NEGATIVE, POSITIVE)
        assert said(second, days(3)).dependency == Dependency.FREE

    def test_rises_with_a_positive_close_contact(self, second, close):
        swabs_of(close, NEGATIVE, POSITIVE)
        assert said(second, days(2)).dependency == Dependency.UPGRADE

    def test_rises_with_one_who_became_a_case(self, second, close):
        tracing.move_contact(contact=close, state=ContactState.BECAME_CASE, by=None, now=days(1))
        assert said(second, NOW).dependency == Dependency.WAITS
        assert said(second, days(1)).dependency == Dependency.UPGRADE

    def test_says_that_nobody_was_named(self, outbreak):
        alone = world.contact(outbreak, kind=ContactKind.SECONDARY)
        assert said(alone, NOW).dependency == Dependency.NO_LINK

    def test_is_nothing_to_a_close_contact(self, close):
        assert secondary.standing(close, as_of=NOW) is None

    def test_is_not_asked_by_the_twenty_measures(self, second):
        assert said(second, NOW.replace(month=11, day=12)).dependency == Dependency.NOT_ASKED

    def test_counts_by_the_days_of_edition_8(self):
        outbreak = factories.outbreak(first_date=date(2021, 9, 1))
        found_at = datetime(2021, 9, 3, 4, 0, tzinfo=UTC)
        close = world.contact(outbreak, last_exposure_date=date(2021, 9, 2), found_at=found_at)
        second = world.contact(outbreak, kind=ContactKind.SECONDARY, through=close, found_at=found_at)
        # Tests on days 1 and 4: the second is of the 6th, its result of the 7th.
        assert said(second, found_at).at_most == date(2021, 9, 7)

    def test_is_listed_with_the_close_contact(self, second, close):
        assert secondary.depending_on(close, as_of=NOW) == [second]


class TestRelease:
    def test_comes_on_the_last_day_where_all_is_well(self, outbreak, second, close):
        order = world.issued(second)
        assert (order.kind, order.ends_date) == (OrderKind.HOME, date(2022, 8, 9))
        swabs_of(close, NEGATIVE, NEGATIVE)
        isolation.advance(outbreak=outbreak, now=days(7))
        order.refresh_from_db()
        assert order.end_reason == OrderEnd.EXPIRED

    def test_comes_on_the_last_day_though_nobody_tested_the_other(self, outbreak, second):
        order = world.issued(second)
        isolation.advance(outbreak=outbreak, now=days(7))
        order.refresh_from_db()
        assert order.end_reason == OrderEnd.EXPIRED

    def test_waits_for_tests_that_come_later_than_the_last_day_and_then_ends(self, outbreak):
        # The close contact was exposed again, so that their second test comes after the last day of the other.
        close = world.contact(outbreak, last_exposure_date=date(2022, 8, 8), found_at=days(6))
        second = world.contact(outbreak, kind=ContactKind.SECONDARY, through=close)
        order = world.issued(second)
        assert said(second, days(7)).at_most == date(2022, 8, 11)
        for day, state in ((7, OrderState.ISSUED), (8, OrderState.ISSUED), (9, OrderState.ENDED)):
            isolation.advance(outbreak=outbreak, now=days(day))
            order.refresh_from_db()
            assert order.state == state, day
        assert order.end_reason == OrderEnd.EXPIRED

    def test_is_at_once_where_the_rules_ask_no_more(self):
        outbreak = factories.outbreak(first_date=date(2022, 11, 1))
        found_at = NOW.replace(month=11, day=8)
        facts = {"found_at": found_at, "last_exposure_date": date(2022, 11, 7)}
        close = world.contact(outbreak, **facts)
        order = world.issued(world.contact(outbreak, kind=ContactKind.SECONDARY, through=close, **facts), now=found_at)
        isolation.advance(outbreak=outbreak, now=NOW.replace(month=11, day=11))
        order.refresh_from_db()
        assert (order.state, order.end_reason) == (OrderState.ENDED, OrderEnd.NOT_ASKED)


class TestRising:
    def test_proposes_the_order_of_a_close_contact_and_touches_nobody(self, outbreak, second, close):
        first = world.issued(second)
        swabs_of(close, NEGATIVE, POSITIVE)
        isolation.advance(outbreak=outbreak, now=days(2))
        second.refresh_from_db()
        first.refresh_from_db()
        assert second.kind == ContactKind.CLOSE
        assert first.state == OrderState.ISSUED
        proposal = IsolationOrder.objects.get(contact=second, state=OrderState.PROPOSED)
        assert (proposal.kind, proposal.reason["contact_kind"]) == (OrderKind.CENTRAL, "close")
        assert Event.objects.get(verb="contact.upgraded").subject_id == second.pk

    def test_lets_the_new_order_take_the_place_of_the_old(self, outbreak, second, close):
        first = world.issued(second)
        swabs_of(close, POSITIVE)
        isolation.advance(outbreak=outbreak, now=days(1))
        proposal = IsolationOrder.objects.get(contact=second, state=OrderState.PROPOSED)
        isolation.issue(order=proposal, by=world.officer(), now=days(1))
        first.refresh_from_db()
        assert (first.state, first.end_reason) == (OrderState.ENDED, OrderEnd.UPGRADED)

    def test_does_so_for_many_at_once(self, outbreak, second, close):
        first = world.issued(second)
        swabs_of(close, POSITIVE)
        isolation.advance(outbreak=outbreak, now=days(1))
        proposals = list(IsolationOrder.objects.filter(contact=second, state=OrderState.PROPOSED))
        issued, refused = isolation.issue_many(orders=proposals, by=world.officer(), now=days(1))
        first.refresh_from_db()
        assert (len(issued), refused, first.end_reason) == (1, [], OrderEnd.UPGRADED)

    def test_twice_changes_nothing(self, outbreak, second, close):
        swabs_of(close, POSITIVE)
        isolation.advance(outbreak=outbreak, now=days(1))
        before = Event.objects.count()
        isolation.advance(outbreak=outbreak, now=days(1))
        assert Event.objects.count() == before


class TestNaming:
    def named(self, contact, through, by):
        return isolation.name_close_contact(contact=contact, through=through, by=by, now=NOW)

    @pytest.fixture
    def investigator(self, db):
        return factories.account(role=Role.INVESTIGATOR, area_code="1301")

    def test_links_two_people(self, outbreak, close, investigator):
        second = world.contact(outbreak, kind=ContactKind.SECONDARY)
        assert self.named(second, f" {close.person.number} ", investigator).through == close

    def test_is_for_secondary_contacts(self, outbreak, close, investigator):
        with pytest.raises(secondary.NotSecondary):
            self.named(close, close.person.number, investigator)

    @pytest.mark.parametrize("through", ["", "P-NOBODY"])
    def test_refuses_who_is_no_close_contact(self, outbreak, through, investigator):
        second = world.contact(outbreak, kind=ContactKind.SECONDARY)
        with pytest.raises(secondary.NotTheirCloseContact):
            self.named(second, through, investigator)

    def test_is_refused_without_the_right_and_elsewhere(self, outbreak, close):
        second = world.contact(outbreak, kind=ContactKind.SECONDARY)
        with pytest.raises(access.NotAllowed):
            self.named(second, close.person.number, world.officer())
        elsewhere = factories.account(role=Role.INVESTIGATOR, area_code="1305")
        with pytest.raises(access.NotYours):
            self.named(second, close.person.number, elsewhere)

"""An order rests on a law, is served, extended for a cause, changed to something milder, and each act is remembered."""

from datetime import date, timedelta

import pytest

from sizao.records import access
from sizao.records.models import Event, IsolationOrder, OrderChange
from sizao.response import isolation
from sizao.response.isolation import extending, moving, orders, serving
from sizao.response.isolation.serving import Service
from sizao.terms import (
    FamilyTold,
    OrderAct,
    OrderCause,
    OrderEnd,
    OrderKind,
    OrderState,
    Role,
    ServedHow,
)
from tests import factories
from tests.response import orders_world as world
from tests.response.orders_world import NOW, TODAY

pytestmark = pytest.mark.django_db
IN_PERSON = Service(how=ServedHow.IN_PERSON, family=FamilyTold.TOLD)


@pytest.fixture
def outbreak(db):
    return world.outbreak()


@pytest.fixture
def officer(db):
    return world.officer()


@pytest.fixture
def order(outbreak, officer):
    return world.issued(world.contact(outbreak), by=officer)


def acts(order):
    return list(OrderChange.objects.filter(order=order).order_by("at", "pk").values_list("act", "by"))


class TestLegalBasis:
    def test_is_proposed_from_the_library(self, order):
        assert "第四十条第（一）项" in order.legal_basis

    def test_is_what_the_officer_writes(self, outbreak, officer):
        order = world.proposed(world.contact(outbreak))
        issued = isolation.issue(order=order, by=officer, now=NOW, legal_basis=" 《某条例》第三条 ")
        assert issued.legal_basis == "《某条例》第三条"

    def test_is_never_nothing(self, outbreak, officer):
        order = world.proposed(world.contact(outbreak))
        with pytest.raises(orders.LegalBasisMissing, match="2022-08-03"):
            isolation.issue(order=order, by=officer, now=NOW, legal_basis="  ")

    def test_is_proposed_for_orders_of_before_too(self, outbreak, officer):
        order = world.proposed(world.contact(outbreak))
        IsolationOrder.objects.update(legal_basis="")
        assert isolation.issue(order=order, by=officer, now=NOW).legal_basis

    def test_is_refused_where_no_law_is_known(self, outbreak, officer, monkeypatch):
        order = world.proposed(world.contact(outbreak))
        IsolationOrder.objects.update(legal_basis="")
        monkeypatch.setattr(orders, "proposed_basis", lambda kind, day: "")
        with pytest.raises(orders.LegalBasisMissing):
            isolation.issue(order=order, by=officer, now=NOW)


class TestHistory:
    def test_has_an_entry_for_each_act(self, outbreak, order, officer):
        isolation.serve(order=order, service=IN_PERSON, by=officer, now=NOW + timedelta(hours=1))
        isolation.end(order=order, reason="排除", by=officer, now=NOW + timedelta(hours=2))
        mine = officer.username
        assert acts(order) == [("proposed", "sizao"), ("issued", mine), ("served", mine), ("ended", mine)]

    def test_keeps_the_reason_of_a_refusal(self, outbreak, officer):
        order = world.proposed(world.contact(outbreak))
        isolation.decline(order=order, reason="未接触", by=officer, now=NOW)
        assert OrderChange.objects.get(act=OrderAct.DECLINED).reason == "未接触"

    def test_has_what_many_at_once_were_issued(self, outbreak, officer):
        for _ in range(3):
            world.contact(outbreak)
        isolation.advance(outbreak=outbreak, now=NOW)
        issued, _ = isolation.issue_many(orders=list(IsolationOrder.objects.all()), by=officer, now=NOW)
        assert OrderChange.objects.filter(act=OrderAct.ISSUED, by=officer.username).count() == len(issued) == 3

    def test_says_that_the_period_ended_at_midnight(self, outbreak, order):
        isolation.advance(outbreak=outbreak, now=NOW + timedelta(days=10))
        entry = OrderChange.objects.get(act=OrderAct.ENDED)
        assert (entry.reason, entry.at.isoformat()) == (OrderEnd.EXPIRED, "2022-08-09T16:00:00+00:00")

    def test_twice_at_one_moment_adds_nothing(self, outbreak, order):
        for days in (0, 10):
            now = NOW + timedelta(days=days)
            isolation.advance(outbreak=outbreak, now=now)
            before = OrderChange.objects.count()
            isolation.advance(outbreak=outbreak, now=now)
            assert OrderChange.objects.count() == before


class TestExpiry:
    """The last day is 9 August, and it ends at 24:00 where it happens: 16:00 of Greenwich."""

    @pytest.mark.parametrize(("seconds", "state"), [(-1, OrderState.ISSUED), (0, OrderState.ENDED)])
    def test_comes_at_the_second(self, outbreak, order, seconds, state):
        assert order.ends_date == date(2022, 8, 9)
        midnight = NOW.replace(day=9, hour=16)
        isolation.advance(outbreak=outbreak, now=midnight + timedelta(seconds=seconds))
        order.refresh_from_db()
        assert order.state == state


class TestServing:
    def test_says_how_by_whom_and_when(self, order):
        worker = factories.account(role=Role.GRID_WORKER, area_code=order.area_code)
        service = Service(ServedHow.LEFT, FamilyTold.NOT_REACHED, with_whom=" 李邻居 ")
        served = isolation.serve(order=order, service=service, by=worker, now=NOW)
        assert (served.served_at, served.served_by, served.served_how) == (NOW, worker.username, "left")
        assert (served.served_with, served.family_told) == ("李邻居", "not_reached")
        assert Event.objects.get(verb="order.served").person_id == order.person_id

    def test_needs_a_witness_at_a_closed_door(self, order, officer):
        with pytest.raises(serving.WitnessMissing):
            isolation.serve(order=order, service=Service(ServedHow.LEFT, FamilyTold.TOLD), by=officer, now=NOW)

    def test_is_done_once(self, order, officer):
        isolation.serve(order=order, service=IN_PERSON, by=officer, now=NOW)
        with pytest.raises(serving.ServedAlready, match=officer.username):
            isolation.serve(order=order, service=IN_PERSON, by=officer, now=NOW)

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_happens_between_the_issuing_and_now(self, order, officer, hours):
        service = Service(ServedHow.PHONE, FamilyTold.TOLD, at=NOW + timedelta(hours=hours))
        with pytest.raises(serving.ServedOutside):
            isolation.serve(order=order, service=service, by=officer, now=NOW)

    def test_is_refused_without_the_right(self, order):
        with pytest.raises(access.NotAllowed):
            isolation.serve(order=order, service=IN_PERSON, by=factories.account(role=Role.REPORTER), now=NOW)

    def test_is_refused_in_another_county(self, order):
        with pytest.raises(access.NotYours):
            isolation.serve(order=order, service=IN_PERSON, by=world.officer(area_code="1305"), now=NOW)

    def test_is_refused_after_the_last_day(self, order, officer):
        with pytest.raises(extending.OrderOver, match="2022-08-09"):
            isolation.serve(order=order, service=IN_PERSON, by=officer, now=NOW + timedelta(days=8))

    def test_is_refused_before_somebody_issued_it(self, outbreak, officer):
        order = world.proposed(world.contact(outbreak))
        with pytest.raises(orders.NotStanding):
            isolation.serve(order=order, service=IN_PERSON, by=officer, now=NOW)

    def test_of_a_whole_door_says_which_were_refused(self, outbreak, officer, order):
        other = world.issued(world.contact(outbreak), by=officer)
        isolation.serve(order=order, service=IN_PERSON, by=officer, now=NOW)
        served, refused = isolation.serve_many(chosen=[order, other], service=IN_PERSON, by=officer, now=NOW)
        assert ([one.pk for one in served], [type(one) for one in refused]) == ([other.pk], [serving.ServedAlready])

    def test_waits_for_whoever_was_not_told(self, outbreak, order, officer):
        assert [one.pk for one in serving.unserved(outbreak, "1301", as_of=NOW)] == [order.pk]
        assert not serving.unserved(outbreak, "1305", as_of=NOW).exists()
        assert not serving.late(outbreak, NOW + timedelta(hours=11)).exists()
        assert serving.late(outbreak, NOW + timedelta(hours=12)).count() == 1
        isolation.serve(order=order, service=IN_PERSON, by=officer, now=NOW + timedelta(hours=12))
        assert not serving.late(outbreak, NOW + timedelta(hours=13)).exists()


class TestExtending:
    def extended(self, order, by, **facts):
        defaults = {"because": OrderCause.NEW_EXPOSURE, "on": date(2022, 8, 5), "reason": "同室者阳性"}
        return isolation.extend(**{"order": order, "by": by, "now": NOW + timedelta(days=3)} | defaults | facts)

    def test_gives_what_the_edition_gives_from_the_new_exposure(self, order, officer):
        extended = self.extended(order, officer)
        assert extended.ends_date == date(2022, 8, 12)
        assert date(2022, 8, 12) in extended.test_dates
        entry = OrderChange.objects.get(act=OrderAct.EXTENDED)
        assert (entry.was_ends_date, entry.ends_date, entry.reason) == (
            date(2022, 8, 9), date(2022, 8, 12), "同室者阳性",
        )  # fmt: skip
        assert entry.basis[0]["sum"]["result"] == "2022-08-12"

    def test_may_be_shorter(self, order, officer):
        assert self.extended(order, officer, until=date(2022, 8, 10)).ends_date == date(2022, 8, 10)

    @pytest.mark.parametrize("day", [9, 13])
    def test_is_never_beyond_the_edition_nor_nothing(self, order, officer, day):
        with pytest.raises(extending.BeyondTheEdition, match="2022-08-12"):
            self.extended(order, officer, until=date(2022, 8, day))

    def test_is_no_local_wish_where_the_edition_forbids_it(self, order, officer):
        with pytest.raises(extending.LocalExtensionForbidden, match="edition-9"):
            self.extended(order, officer, because=OrderCause.LOCAL)

    def test_restarts_in_a_site_as_the_edition_says(self, order, officer):
        extended = self.extended(order, officer, because=OrderCause.SITE_EXPOSURE)
        assert extended.ends_date == date(2022, 8, 12)
        assert "isolation_site.exposure_restart_days" in {one["key"] for one in extended.basis}

    def test_stands_on_the_next_day_of_the_loop(self, outbreak, order, officer):
        self.extended(order, officer)
        isolation.advance(outbreak=outbreak, now=NOW + timedelta(days=4))
        order.refresh_from_db()
        assert (order.state, order.ends_date) == (OrderState.ISSUED, date(2022, 8, 12))
        isolation.advance(outbreak=outbreak, now=NOW + timedelta(days=10))
        order.refresh_from_db()
        assert order.end_reason == OrderEnd.EXPIRED

    def test_takes_the_place_of_a_proposal_for_the_same_days(self, outbreak, order, officer):
        contact = order.contact
        contact.last_exposure_date = date(2022, 8, 5)
        contact.save()
        isolation.advance(outbreak=outbreak, now=NOW + timedelta(days=3))
        self.extended(order, officer)
        isolation.advance(outbreak=outbreak, now=NOW + timedelta(days=3, hours=1))
        assert not IsolationOrder.objects.filter(kind=OrderKind.CENTRAL, state=OrderState.PROPOSED).exists()

    @pytest.mark.parametrize("day", [date(2022, 8, 1), date(2022, 8, 7)])
    def test_names_a_cause_of_its_own_time(self, order, officer, day):
        with pytest.raises(extending.CauseOutside, match="2022-08-02"):
            self.extended(order, officer, on=day)

    def test_needs_a_reason(self, order, officer):
        with pytest.raises(orders.ReasonMissing):
            self.extended(order, officer, reason=" ")

    def test_is_refused_after_the_last_day(self, order, officer):
        with pytest.raises(extending.OrderOver):
            self.extended(order, officer, now=NOW + timedelta(days=7))

    def test_is_refused_without_the_right(self, order):
        with pytest.raises(access.NotAllowed):
            self.extended(order, factories.account(role=Role.GRID_WORKER, area_code="1301"))

    def test_is_refused_in_another_area(self, order):
        with pytest.raises(access.NotYours):
            self.extended(order, world.officer(area_code="1305"))


class TestMovingHome:
    def test_gives_an_order_of_its_own_for_the_days_left(self, order, officer):
        later = NOW + timedelta(days=2)
        moved = isolation.move_home(order=order, group="pregnant", reason="孕28周", by=officer, now=later)
        order.refresh_from_db()
        assert (order.state, order.end_reason) == (OrderState.ENDED, OrderEnd.MOVED)
        assert (moved.kind, moved.state, moved.follows_id) == (OrderKind.HOME, OrderState.ISSUED, order.pk)
        assert (moved.starts_date, moved.ends_date) == (TODAY + timedelta(days=2), date(2022, 8, 9))
        assert ("moved", officer.username) in acts(order)

    def test_stands_on_the_next_day_of_the_loop(self, outbreak, order, officer):
        moved = isolation.move_home(order=order, group="pregnant", reason="孕28周", by=officer, now=NOW)
        isolation.advance(outbreak=outbreak, now=NOW + timedelta(days=1))
        moved.refresh_from_db()
        assert (moved.state, moved.ends_date) == (OrderState.ISSUED, date(2022, 8, 9))
        assert not IsolationOrder.objects.filter(state=OrderState.PROPOSED, kind=OrderKind.CENTRAL).exists()

    def test_asks_for_a_group_of_the_edition(self, order, officer):
        with pytest.raises(moving.GroupUnknown, match="pregnant"):
            isolation.move_home(order=order, group="friend", reason="x", by=officer, now=NOW)

    def test_is_not_for_who_is_at_home(self, order, officer):
        moved = isolation.move_home(order=order, group="pregnant", reason="x", by=officer, now=NOW)
        with pytest.raises(moving.NotMilder):
            isolation.move_home(order=moved, group="pregnant", reason="x", by=officer, now=NOW)

    def test_is_refused_after_the_last_day(self, order, officer):
        with pytest.raises(extending.OrderOver):
            isolation.move_home(order=order, group="pregnant", reason="x", by=officer, now=NOW + timedelta(days=7))

    def test_is_refused_without_the_right(self, order):
        grid = factories.account(role=Role.GRID_WORKER, area_code="1301")
        with pytest.raises(access.NotAllowed):
            isolation.move_home(order=order, group="pregnant", reason="x", by=grid, now=NOW)


class TestAMilderEdition:
    """On 7 December 2022 the New Ten end isolation in sites; who is in one is free, and is told who else is."""

    def test_ends_what_it_asks_no_more(self, officer):
        outbreak = factories.outbreak(first_date=date(2022, 12, 1))
        found_at = NOW.replace(month=12, day=5)
        contact = world.contact(outbreak, last_exposure_date=date(2022, 12, 4), found_at=found_at)
        order = world.issued(contact, by=officer, now=found_at)
        assert order.kind == OrderKind.CENTRAL
        isolation.advance(outbreak=outbreak, now=found_at + timedelta(days=3))
        order.refresh_from_db()
        assert (order.state, order.end_reason) == (OrderState.ENDED, OrderEnd.NOT_ASKED)
        home = IsolationOrder.objects.get(state=OrderState.PROPOSED)
        assert (home.kind, home.ends_date) == (OrderKind.HOME, date(2022, 12, 9))

"""Contacts: what of the four clears is lacking where, and orders decided one by one."""

import pytest

from sizao.records.models import IsolationOrder, Stay
from sizao.response.reports.clears import clears
from sizao.terms import OrderKind, OrderState, Role, StayKind
from sizao.web.shell import end_of
from tests import factories
from tests.web.conftest import DAY, MORNING, at
from tests.web.test_people import known_case, known_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(outbreak):
    contact = known_contact(outbreak)
    contact.index_case = known_case(outbreak)
    contact.save()
    return contact


def order_for(contact, **facts):
    defaults = {
        "outbreak": contact.outbreak, "person": contact.person, "contact": contact, "kind": OrderKind.CENTRAL,
        "state": OrderState.PROPOSED, "area_code": contact.area_code, "starts_date": DAY, "proposed_at": MORNING,
        "ends_date": DAY.replace(day=24), "source_key": f"order:{contact.pk}",
        "reason": {"contact_kind": "close", "counted_from": "last_exposure", "day_zero": str(DAY)},
    }  # fmt: skip
    return IsolationOrder.objects.create(**defaults | facts)


def stay_of(contact, kind):
    return Stay.objects.create(
        person=contact.person, kind=kind, area_code=contact.area_code, period=(MORNING, None),
        party=-contact.person.pk, recorded_at=MORNING, source_key=f"stay:{contact.pk}",
    )  # fmt: skip


def lacking(outbreak):
    (area,) = clears(outbreak, "13", as_of=end_of(DAY))
    assert area.name == "藁城区"
    return [count for *_, count in area.lacking]


class TestTheFourClears:
    def test_count_whom_each_is_lacking_for(self, outbreak, contact):
        assert lacking(outbreak) == [1, 1, 1, 1]

    def test_a_stay_at_home_gives_the_location_not_the_control(self, outbreak, contact):
        stay_of(contact, StayKind.HOME)
        assert lacking(outbreak) == [1, 1, 0, 1]

    def test_an_isolation_room_gives_both(self, outbreak, contact):
        stay_of(contact, StayKind.ROOM)
        assert lacking(outbreak) == [1, 1, 0, 0]

    def test_a_proposal_controls_nobody_an_issued_order_does(self, outbreak, contact):
        order = order_for(contact)
        assert lacking(outbreak)[3] == 1
        order.state, order.issued_at, order.issued_by = OrderState.ISSUED, MORNING, factories.account()
        order.save()
        assert lacking(outbreak)[3] == 0

    def test_lead_to_those_who_lack_it(self, outbreak, contact, client_of):
        page = client_of().get(at("/contacts/")).content.decode()
        assert "list=contacts&amp;area=130109&amp;lack=location" in page

    def test_are_not_for_every_role(self, outbreak, client_of):
        assert client_of(Role.REPORTER).get(at("/contacts/")).status_code == 403


class TestDecidingOrders:
    def test_shows_one_person_at_a_time_and_issues_in_the_officers_name(self, contact, client_of):
        order = order_for(contact)
        officer = client_of()
        page = officer.get(at("/orders/next/")).content.decode()
        assert contact.person.number in page
        officer.post(at(f"/orders/{order.pk}/decide/"), {"decision": "issue"})
        order.refresh_from_db()
        assert order.state == OrderState.ISSUED
        assert order.issued_by.username.startswith("user-")

    def test_refuses_an_order_without_a_case_behind_it(self, contact, client_of):
        contact.index_case = None
        contact.save()
        order = order_for(contact)
        answer = client_of().post(at(f"/orders/{order.pk}/decide/"), {"decision": "issue"}, follow=True)
        assert "no order can be issued" in answer.content.decode()
        order.refresh_from_db()
        assert order.state == OrderState.PROPOSED

    def test_is_not_open_to_other_areas(self, contact, client_of):
        order = order_for(contact)
        stranger = client_of(area_code="130102")
        assert stranger.post(at(f"/orders/{order.pk}/decide/"), {"decision": "issue"}).status_code == 404

"""Contacts: how many of each kind are where, and orders decided one by one."""

import pytest

from sizao.records.models import IsolationOrder, Stay
from sizao.terms import OrderKind, OrderState, Role, StayKind
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


class TestThePage:
    def test_counts_contacts_by_kind_and_place_and_leads_to_them(self, outbreak, contact, client_of):
        Stay.objects.create(
            person=contact.person, kind=StayKind.HOME, area_code=contact.area_code, period=(MORNING, None),
            party=-contact.person.pk, recorded_at=MORNING, source_key=f"stay:{contact.pk}",
        )  # fmt: skip
        answer = client_of().get(at("/contacts/"))
        assert answer.context["n_contacts"] == 1
        assert "concern=close&amp;place=home" in answer.content.decode()

    def test_is_not_for_every_role(self, outbreak, client_of):
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

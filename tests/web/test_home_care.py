"""At home, on the screen: homes are looked at, dependents are cared for, and everybody knows whom to call."""

import pytest

from sizao.records.models import CareContact, DependentCare, Event, HomeCheck, HomeVisit
from sizao.terms import HomeCheckItem, OrderKind, OrderState, Role
from tests import factories
from tests.response.home_world import VILLAGE, born, household, order_of
from tests.web.conftest import DAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(outbreak):
    return order_of(factories.person(name="王小明", phone="13800000000"), within=outbreak)


@pytest.fixture
def worker(client_of):
    return client_of(Role.GRID_WORKER, VILLAGE)


def address(order):
    return at(f"/home-care/orders/{order.pk}/")


class TestThePage:
    def test_lists_homes_nobody_has_looked_at(self, order, worker):
        assert [one for one, _ in worker.get(at("/home-care/")).context["orders"]] == [order]

    def test_lists_them_for_nobody_elsewhere(self, order, client_of):
        assert client_of(Role.GRID_WORKER, "130109110999").get(at("/home-care/")).context["n_orders"] == 0

    def test_is_not_for_every_role(self, order, client_of):
        assert client_of(Role.INVESTIGATOR).get(at("/home-care/")).status_code == 403

    def test_a_coordinator_says_whom_people_call_and_a_grid_worker_does_not(self, order, worker, client_of):
        given = {"area": VILLAGE, "office": "小果庄居委会", "phone": "0311-1"}
        assert worker.post(at("/home-care/"), given).status_code == 403
        client_of(Role.ISOLATION_COORDINATOR).post(at("/home-care/"), given)
        assert CareContact.objects.get().phone == "0311-1"
        assert "0311-1" in worker.get(at("/doors/")).content.decode()


class TestOneHome:
    def test_is_looked_at_item_by_item(self, order, worker):
        marks = {f"item-{item}": "passed" for item in HomeCheckItem}
        worker.post(address(order), {"act": "check", **marks, "item-own_room": "failed"})
        assert not HomeCheck.objects.get().passed
        assert "will not do" in worker.get(address(order)).content.decode()

    def test_is_not_half_looked_at(self, order, worker):
        answer = worker.post(address(order), {"act": "check", "item-own_room": "passed"}, follow=True)
        assert "have no answer yet" in answer.content.decode()
        assert not HomeCheck.objects.exists()

    def test_opening_it_is_a_reading_of_the_person(self, order, worker):
        worker.get(address(order))
        assert Event.objects.filter(verb="person.read", person_id=order.person_id).count() == 1

    def test_is_asked_for_something(self, order, worker):
        worker.post(address(order), {"act": "ask", "kind": "delivery", "due": str(DAY), "what": "奶粉"})
        assert HomeVisit.objects.get().what == "奶粉"

    def test_names_who_looks_after_a_child_left_alone(self, outbreak, worker):
        parent, child = factories.person(birth_date=born(35)), factories.person(birth_date=born(6))
        household(parent, child)
        order = order_of(parent, within=outbreak, kind=OrderKind.CENTRAL, state=OrderState.PROPOSED)
        assert worker.get(address(order)).context["left"] == ((child.pk, child.number),)
        given = {"act": "carer", "person": child.number, "carer": "李四", "agreed": "姑姑接走"}
        worker.post(address(order), given)
        assert DependentCare.objects.get().person == child
        assert worker.get(address(order)).context["left"] == ()

    def test_is_not_shown_elsewhere_and_unknown_acts_are_refused(self, order, worker, client_of):
        assert client_of(Role.GRID_WORKER, "130109110999").get(address(order)).status_code == 404
        assert worker.post(address(order), {"act": "burn"}).status_code == 400

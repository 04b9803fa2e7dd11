"""An order on screen: issued with its law, printed, served, extended, ended; who was not told; who is free earlier."""

from datetime import timedelta

import pytest
from django.test import Client

from sizao.records.models import Event, IsolationOrder
from sizao.response import isolation
from sizao.response.isolation import letter_codes
from sizao.terms import ContactKind, FamilyTold, OrderCause, OrderKind, OrderState, OutbreakKind, Role, ServedHow
from tests import factories
from tests.response import orders_world as world
from tests.response.orders_world import COUNTY, NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbreak(db):
    factories.area("1301", "石家庄市")
    factories.area(COUNTY, "藁城区")
    factories.area()
    return world.outbreak(slug="here", last_date=TODAY + timedelta(days=30))


@pytest.fixture
def officer(db):
    return world.officer(display_name="张医生")


@pytest.fixture
def order(outbreak, officer):
    return world.issued(world.contact(outbreak), by=officer)


@pytest.fixture
def client(officer):
    return signed_in(officer)


def signed_in(account):
    client = Client(headers={"accept-language": "en"})
    client.force_login(account)
    return client


def at(path, day=TODAY):
    return f"/{path}?outbreak=here&day={day}"


def shown(answer):
    return answer.content.decode()


class TestDeciding:
    def test_proposes_the_law_and_takes_what_the_officer_writes(self, outbreak, client):
        order = world.proposed(world.contact(outbreak))
        page = shown(client.get(at("orders/next/")))
        assert "第四十条第（一）项" in page
        client.post(at(f"orders/{order.pk}/decide/"), {"decision": "issue", "legal_basis": "《某条例》第三条"})
        order.refresh_from_db()
        assert (order.state, order.legal_basis) == (OrderState.ISSUED, "《某条例》第三条")

    def test_refuses_an_empty_law_and_says_what_to_do(self, outbreak, client):
        order = world.proposed(world.contact(outbreak))
        page = client.post(at(f"orders/{order.pk}/decide/"), {"legal_basis": " "}, follow=True)
        assert "Name the law and article" in shown(page)
        order.refresh_from_db()
        assert order.state == OrderState.PROPOSED


class TestOne:
    def test_shows_all_and_is_journalled(self, order, client):
        page = shown(client.get(at(f"orders/{order.pk}/")))
        assert letter_codes.number_of(order) in page
        assert "王小明" in page
        assert "Not served yet" in page
        for name, words in (("how", ServedHow), ("family", FamilyTold), ("because", OrderCause)):
            choice = page.partition(f'<select name="{name}">')[2].partition("</select>")[0]
            assert choice.count("<option") == len(words), name
        assert Event.objects.filter(verb="person.read").count() == 1

    def test_prints_its_letter(self, order, client):
        answer = client.get(at(f"orders/{order.pk}/letter/"))
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert client.get(at(f"orders/{order.pk}/letter/") + "&language=fr").status_code == 400

    def test_is_served_extended_and_ended(self, order, client):
        form = {"how": "left", "family": "told", "with": ""}
        assert "Name them" in shown(client.post(at(f"orders/{order.pk}/serve/"), form, follow=True))
        page = client.post(at(f"orders/{order.pk}/serve/"), form | {"with": "李邻居"}, follow=True)
        assert "李邻居" in shown(page)
        form = {"because": "new_exposure", "on": str(TODAY), "reason": "同室者阳性"}
        page = client.post(at(f"orders/{order.pk}/extend/"), form, follow=True)
        assert "until 2022-08-10" in shown(page)
        page = client.post(at(f"orders/{order.pk}/end/"), {"reason": "排除"}, follow=True)
        assert "Ended in your name" in shown(page)
        order.refresh_from_db()
        assert order.state == OrderState.ENDED

    def test_is_changed_to_home(self, order, client):
        form = {"group": "pregnant", "reason": "孕28周"}
        page = client.post(at(f"orders/{order.pk}/home/"), form, follow=True)
        assert "an earlier order" in shown(page)
        assert IsolationOrder.objects.get(state=OrderState.ISSUED).kind == OrderKind.HOME

    @pytest.mark.parametrize(
        "form", [{}, {"because": "new_exposure"}, {"because": "x", "on": str(TODAY), "reason": "x"}]
    )
    def test_says_what_a_form_lacks(self, order, client, form):
        assert client.post(at(f"orders/{order.pk}/extend/"), form, follow=True).status_code == 200
        order.refresh_from_db()
        assert order.ends_date == TODAY + timedelta(days=6)

    def test_is_of_the_outbreak_and_area_that_are_looked_at(self, order):
        elsewhere = signed_in(world.officer(area_code="1305"))
        assert elsewhere.get(at(f"orders/{order.pk}/")).status_code == 404

    def test_takes_an_objection(self, order, client):
        form = {"channel": "phone", "text": "当天在外地"}
        page = shown(client.post(at(f"orders/{order.pk}/object/"), form, follow=True))
        assert "somebody else decides by" in page

    def test_shows_a_grid_worker_no_acts_of_an_officer(self, order):
        worker = signed_in(factories.account(role=Role.GRID_WORKER, area_code=order.area_code))
        page = shown(worker.get(at(f"orders/{order.pk}/")))
        assert "Record that it was served" in page
        assert "Extend in my name" not in page


class TestToServe:
    def test_lists_and_takes_a_whole_door(self, outbreak, order, officer):
        other = world.issued(world.contact(outbreak), by=officer)
        worker = signed_in(factories.account(role=Role.GRID_WORKER, area_code=order.area_code))
        page = shown(worker.get(at("orders/to-serve/")))
        assert letter_codes.number_of(order) in page
        assert page.count("<option") == len(ServedHow) + len(FamilyTold)
        form = {"order": [order.pk, other.pk], "how": "in_person", "family": "with_them"}
        page = shown(worker.post(at("orders/to-serve/done/"), form, follow=True))
        assert "Served: 2" in page
        assert "Everybody was told" in page

    def test_says_that_nobody_was_chosen(self, order, client):
        page = client.post(at("orders/to-serve/done/"), {"how": "in_person", "family": "told"}, follow=True)
        assert "Choose whom you told" in shown(page)

    def test_prints_the_letters_of_a_day(self, order, client):
        assert client.get(at("orders/letters/")).content.startswith(b"%PDF")
        assert client.get(at("orders/letters/", day=TODAY + timedelta(days=1))).status_code == 409


class TestFreed:
    def test_lists_whom_a_change_of_rules_set_free(self, client, officer):
        factories.area()
        outbreak = factories.outbreak(slug="here", kind=OutbreakKind.REPLAY, first_date=NOW.replace(month=11).date())
        found_at = NOW.replace(month=11, day=9)
        contact = world.contact(outbreak, last_exposure_date=found_at.date() - timedelta(days=1), found_at=found_at)
        order = world.issued(contact, by=officer, now=found_at)
        isolation.advance(outbreak=outbreak, now=found_at + timedelta(days=2))
        day = found_at.date() + timedelta(days=2)
        page = shown(client.get(at("orders/freed/", day=day)))
        assert letter_codes.number_of(order) in page
        assert "1 order ends earlier than was told, 2 days together" in page
        assert client.get(at("orders/freed/export/", day=day)).status_code in (200, 403)
        assert letter_codes.number_of(order) not in shown(client.get(at("orders/freed/", day=found_at.date())))


class TestSecondary:
    def test_asks_for_the_close_contact_and_shows_both_sides(self, outbreak):
        close = world.contact(outbreak)
        second = world.contact(outbreak, kind=ContactKind.SECONDARY, index_case=close.index_case)
        investigator = signed_in(factories.account(role=Role.INVESTIGATOR, area_code="1301"))
        path = f"people/{second.person.number}/"
        assert "The close contact is not recorded" in shown(investigator.get(at(path)))
        form = {"through": close.person.number}
        page = shown(investigator.post(at(f"{path}through/"), form, follow=True))
        assert "at most until" in page
        page = shown(investigator.get(at(f"people/{close.person.number}/")))
        assert second.person.number in page

    def test_says_who_is_no_close_contact(self, outbreak):
        second = world.contact(outbreak, kind=ContactKind.SECONDARY)
        investigator = signed_in(factories.account(role=Role.INVESTIGATOR, area_code="1301"))
        page = investigator.post(at(f"people/{second.person.number}/through/"), {"through": "P-NO"}, follow=True)
        assert "P-NO is no close contact" in shown(page)

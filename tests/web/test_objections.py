"""Objections on screen: taken on the public page by the code of a letter, decided by somebody else, printed."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from sizao.records.models import Objection, Zone
from sizao.response import objections
from sizao.response.isolation import letter_codes
from sizao.terms import (
    ObjectionAbout,
    ObjectionChannel,
    ObjectionState,
    OrderState,
    Role,
    ZoneLevel,
    ZoneState,
    ZoneUnit,
)
from sizao.web import objection_public
from tests import factories
from tests.response import orders_world as world
from tests.response.orders_world import NOW, TODAY

pytestmark = pytest.mark.django_db
LONG = timedelta(days=30_000)  # the public page reads the clock: an order that stands whenever this runs


@pytest.fixture
def outbreak(db):
    factories.area("1301", "石家庄市")
    factories.area()
    cache.clear()
    return world.outbreak(slug="here")


@pytest.fixture
def order(outbreak):
    return world.issued(world.contact(outbreak), by=world.officer())


@pytest.fixture
def standing(order):
    order.ends_date += LONG
    order.save()
    return order


@pytest.fixture
def commander(db):
    return signed_in(factories.account(role=Role.COMMANDER, area_code="1301"))


@pytest.fixture
def public(db):
    return Client(headers={"accept-language": "en"})


def signed_in(account):
    client = Client(headers={"accept-language": "en"})
    client.force_login(account)
    return client


def at(path):
    return f"/{path}?outbreak=here&day={TODAY}"


def shown(answer):
    return answer.content.decode()


def letter(order):
    return {"number": letter_codes.number_of(order), "code": letter_codes.code_of(order)}


def taken(order):
    return objections.take(
        about=ObjectionAbout.ORDER, subject_id=order.pk, text="当天在外地", channel=ObjectionChannel.DOOR,
        by=world.officer(), now=NOW,
    )  # fmt: skip


class TestThePublicPage:
    def test_says_what_applies_why_and_until_when(self, standing, public):
        page = shown(public.post("/objection/", letter(standing)))
        assert "Central isolation" in page
        assert "Close contact of case" in page
        assert str(standing.ends_date) in page
        assert "王小明" not in page

    def test_takes_an_objection_once(self, standing, public):
        form = letter(standing) | {"what": "object", "text": "我没有接触过病例"}
        page = shown(public.post("/objection/", form))
        made = Objection.objects.get()
        assert (made.channel, made.received_by, made.text) == ("public", "public", "我没有接触过病例")
        assert made.number in page
        assert "waiting to be decided" in shown(public.post("/objection/", form))

    def test_answers_a_wrong_code_alike(self, standing, public):
        wrong = public.post("/objection/", letter(standing) | {"code": "ABCD EFG HJK"})
        nobody = public.post("/objection/", {"number": "GL000000101", "code": "ABCD EFG HJK"})
        assert wrong.status_code == nobody.status_code == 409
        assert "lead to no order" in shown(wrong)
        assert "lead to no order" in shown(nobody)

    def test_answers_after_its_time_as_if_there_were_none(self, order, public):
        assert "lead to no order" in shown(public.post("/objection/", letter(order)))

    def test_shows_an_empty_form_to_anybody(self, public):
        assert public.get("/objection/").status_code == 200

    def test_is_limited(self, standing, public, monkeypatch):
        monkeypatch.setattr(objection_public, "RATES", {"letter_read": "2/h/ip", "letter_object": "5/m/ip"})
        codes = [public.post("/objection/", letter(standing)).status_code for _ in range(3)]
        assert codes == [200, 200, 429]

    def test_shows_what_is_over_long_ago_as_on_its_last_day(self, outbreak, order, public):
        outbreak.last_date = TODAY + timedelta(days=2)
        outbreak.save()
        page = shown(public.post("/objection/", letter(order) | {"what": "object", "text": "我没有接触过病例"}))
        made = Objection.objects.get()
        assert made.number in page
        assert outbreak.day_of(made.received_at) == outbreak.last_date


class TestDeciding:
    def test_is_listed_opened_decided_and_printed(self, order, commander):
        made = taken(order)
        assert made.number in shown(commander.get(at("objections/")))
        page = shown(commander.get(at(f"objections/{made.pk}/")))
        assert "当天在外地" in page
        assert commander.get(at(f"objections/{made.pk}/letter/")).status_code == 409
        form = {"decision": "granted", "reason": "核实无接触"}
        page = shown(commander.post(at(f"objections/{made.pk}/decide/"), form, follow=True))
        assert "Decided in your name" in page
        order.refresh_from_db()
        assert order.state == OrderState.ENDED
        for language in ("zh", "en"):
            answer = commander.get(at(f"objections/{made.pk}/letter/") + f"&language={language}")
            assert answer.content.startswith(b"%PDF")

    @pytest.mark.parametrize("form", [{}, {"decision": "granted"}, {"decision": "not_in_time", "reason": "x"}])
    def test_says_what_a_form_lacks(self, order, commander, form):
        made = taken(order)
        assert commander.post(at(f"objections/{made.pk}/decide/"), form, follow=True).status_code == 200
        made.refresh_from_db()
        assert made.state == ObjectionState.RECEIVED

    def test_is_not_offered_to_who_had_a_part(self, outbreak):
        account = factories.account(role=Role.COMMANDER, area_code="1301")
        made = taken(world.issued(world.contact(outbreak), by=account))
        page = shown(signed_in(account).get(at(f"objections/{made.pk}/")))
        assert "You had a part in this measure" in page
        assert "Decide in my name" not in page

    def test_is_for_the_own_area(self, order):
        made = taken(order)
        elsewhere = signed_in(factories.account(role=Role.COMMANDER, area_code="1305"))
        assert elsewhere.get(at(f"objections/{made.pk}/")).status_code == 404


class TestTaking:
    def test_is_taken_against_an_area(self, outbreak):
        officer = world.officer()
        zone = Zone.objects.create(
            outbreak=outbreak, area_code=factories.VILLAGE, name="小果庄村", unit=ZoneUnit.VILLAGE,
            level=ZoneLevel.HIGH, state=ZoneState.PUBLISHED, proposed_at=NOW, since_date=TODAY, published_at=NOW,
            source_key="zone",
        )  # fmt: skip
        client = signed_in(officer)
        assert "小果庄村" in shown(client.get(at("objections/take/") + f"&about=zone&subject={zone.pk}"))
        form = {"about": "zone", "subject": zone.pk, "channel": "phone", "text": "门口被封"}
        assert "is taken" in shown(client.post(at("objections/take/"), form))
        assert Objection.objects.get().about == "zone"

    @pytest.mark.parametrize("asked", ["", "&about=zone", "&about=x&subject=1", "&about=hold&subject=²"])
    def test_refuses_what_is_no_measure(self, outbreak, asked):
        client = signed_in(world.officer())
        assert client.get(at("objections/take/") + asked).status_code in (400, 409)

"""Inside a zone on screen: who sees it, what waits there, and what becomes of what a phone sends."""

import json

import pytest
from django.urls import reverse

from sizao.records.models import Zone, ZoneGate, ZonePassage, ZonePermit, ZoneRequest
from sizao.response import zoning
from sizao.response.zoning import household_codes
from sizao.terms import NeedKind, Role, ZoneChannel, ZoneOutcome, ZoneRequestKind
from tests.response import zone_world as world
from tests.response.zone_world import HOUR, NOW, VILLAGE
from tests.web.conftest import at

pytestmark = pytest.mark.django_db
SENT_AT = NOW.isoformat()


def send(client, zone, *acts):
    body = json.dumps({"acts": acts, "sent_at": SENT_AT})
    return client.post(at(f"/inside/{zone.pk}/doors/"), body, content_type="application/json")


def act(what, key="k1", **facts):
    return {"key": key, "act": what, "happened_at": SENT_AT} | facts


def post(client, zone, **facts):
    return client.post(at(f"/inside/{zone.pk}/act/"), facts, follow=True)


class TestTheList:
    def test_leads_to_the_zone_with_what_waits(self, worker, zone, asked):
        page = worker.get(at("/inside/"))
        assert [(one.name, one.n_open, one.n_late) for one in page.context["zones"]] == [("小果庄村", 1, 1)]

    def test_is_refused_without_the_right_and_elsewhere(self, client_of, zone):
        assert client_of(Role.REPORTER, "130109").get(at("/inside/")).status_code == 403
        elsewhere = client_of(Role.GRID_WORKER, "130109110999")
        assert not elsewhere.get(at("/inside/")).context["zones"]
        assert elsewhere.get(at(f"/inside/{zone.pk}/")).status_code == 404


class TestTheZone:
    def test_says_who_is_there_and_what_is_late(self, worker, zone, asked, home):
        world.need(home[1][0], NeedKind.DIALYSIS)
        page = worker.get(at(f"/inside/{zone.pk}/"))
        assert (page.context["summary"].open, page.context["summary"].late) == (1, 1)
        text = page.content.decode()
        for words in ("米面", "Dialysis", "李某", "No gate is manned"):
            assert words in text

    def test_offers_no_refusal_of_care(self, worker, zone, home):
        zoning.ask(zone=zone, kind=ZoneRequestKind.CARE, what="", channel=ZoneChannel.PHONE, household=home[0],
                   by=world.worker(), now=NOW - HOUR)  # fmt: skip
        assert 'value="refused"' not in worker.get(at(f"/inside/{zone.pk}/")).content.decode()

    def test_takes_down_what_somebody_asks_by_telephone(self, worker, zone, home):
        post(worker, zone, act="ask", number=home[1][0].number, kind="medicine", what="降压药")
        found = ZoneRequest.objects.get()
        assert (found.person, found.kind, found.channel) == (home[1][0], ZoneRequestKind.MEDICINE, ZoneChannel.PHONE)

    def test_says_who_is_not_known(self, worker, zone):
        page = post(worker, zone, act="ask", number="NOBODY", kind="care", what="").content.decode()
        assert "NOBODY" in page
        assert not ZoneRequest.objects.exists()

    def test_notes_what_became_of_a_request(self, worker, zone, asked):
        post(worker, zone, act="serve", request=asked.pk, outcome="served")
        asked.refresh_from_db()
        assert asked.outcome == ZoneOutcome.SERVED

    def test_opens_gates_and_gives_permits_to_whoever_may(self, worker, client_of, zone):
        post(worker, zone, act="open_gate", name="东门", hours="0–24时")
        assert ZoneGate.objects.get().name == "东门"
        permit = {"act": "give_permit", "bearer": "冀A12345", "reason": "supplies", "until": "2021-01-11T20:00"}
        post(worker, zone, **permit)
        assert not ZonePermit.objects.exists()
        post(client_of(Role.AREA_OFFICER, "130109"), zone, **permit)
        assert ZonePermit.objects.get().bearer == "冀A12345"

    @pytest.mark.parametrize("given", [{"act": "no"}, {"act": "serve", "request": "x"}, {"act": "close_gate"}])
    def test_an_act_that_says_nothing_is_told(self, worker, zone, given):
        assert "message" in post(worker, zone, **given).content.decode()

    @pytest.mark.parametrize("which", ["all", "waiting", "needs", "due", "away", "unknown", "nonsense"])
    def test_narrows_the_homes(self, worker, zone, asked, which):
        assert worker.get(at(f"/inside/{zone.pk}/", homes=which, after="x")).status_code == 200


class TestThePhone:
    def test_holds_doors_requests_gates_and_permits(self, worker, zone, asked, gate):
        facts = worker.get(at(f"/inside/{zone.pk}/doors/")).context["facts"]
        (home,) = facts["homes"]
        assert [one["what"] for one in home["requests"]] == ["米面"]
        assert (home["people"][0]["name"], facts["gates"], facts["firm"]) == ("李某", [(gate.pk, "东门")], ["care"])

    def test_takes_each_thing_once(self, worker, zone, asked, gate):
        acts = (
            act("serve", "a", request=asked.pk, outcome="served", reason=""),
            act("ask", "b", home=asked.household_id, kind="waste", served=False) | {"what": ""},
            act("pass", "c", gate=gate.pk, way="out", reason="medical", outcome="passed", bearer="王某", person="",
                permit="", note=""),
            act("pass", "d", gate=gate.pk, way="out", reason="medical", outcome="refused", bearer="王某", person="",
                permit="", note=""),
        )  # fmt: skip
        for answers in (["taken", "taken", "taken", "refused"], ["known", "known", "known", "refused"]):
            told = send(worker, zone, *acts).json()["acts"]
            assert [one["answer"] for one in told] == answers
            assert "120" in told[3]["why"]
        assert (ZoneRequest.objects.count(), ZonePassage.objects.count()) == (2, 1)

    def test_keeps_what_it_cannot_read(self, worker, zone):
        assert send(worker, zone, {"key": "a"}).status_code == 400

    def test_comes_with_a_script_that_keeps_it(self, worker):
        assert "inside.js" in worker.get(reverse("inside_worker")).content.decode()


class TestTheSlip:
    def test_lets_a_household_ask_and_see_what_became_of_it(self, client, worker, zone, home):
        ((shown, number, code),) = worker.get(at(f"/inside/{zone.pk}/slips/")).context["slips"]
        assert shown.key == home[0].pk
        slip = {"number": number.lower(), "code": code.lower().replace(" ", "")}
        page = client.post("/inside/own/", slip | {"act": "ask", "kind": "infant", "what": "奶粉"})
        assert page.context["taken"].channel == ZoneChannel.CODE
        again = client.post("/inside/own/", slip)
        assert [(one.what, one.household) for one in again.context["requests"]] == [("奶粉", home[0])]

    @pytest.mark.parametrize("wrong", [{"code": "ABCD EFGH"}, {"number": "QN1-1-00"}, {"number": "x", "code": ""}])
    def test_says_alike_whatever_is_wrong(self, client, zone, home, wrong):
        slip = {"number": household_codes.number_of(zone, home[0]), "code": household_codes.code_of(zone, home[0])}
        page = client.post("/inside/own/", slip | wrong)
        assert page.status_code == 409
        assert "120" in page.context["refused"]
        assert "zone" not in page.context

    def test_works_no_more_when_the_zone_is_lifted(self, client, zone, home):
        slip = {"number": household_codes.number_of(zone, home[0]), "code": household_codes.code_of(zone, home[0])}
        assert client.post("/inside/own/", slip).status_code == 200
        Zone.objects.update(state="lifted")
        assert client.post("/inside/own/", slip).status_code == 409


@pytest.fixture
def zone(outbreak):
    return world.zone(outbreak)


@pytest.fixture
def home():
    return world.home("李某")


@pytest.fixture
def gate(zone):
    return world.gate(zone)


@pytest.fixture
def asked(zone, home):
    return zoning.ask(zone=zone, kind=ZoneRequestKind.GOODS, what="米面", channel=ZoneChannel.PHONE, household=home[0],
                      by=world.worker(), now=NOW - 25 * HOUR)  # fmt: skip


@pytest.fixture
def worker(client_of):
    return client_of(Role.GRID_WORKER, VILLAGE)

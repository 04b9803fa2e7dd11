"""The doors of a day: who sees them, what the list says, and what becomes of what a phone sends."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from sizao.records.models import DoorAct, HomeVisit, Signal
from sizao.response.isolation import home
from sizao.terms import Role, VisitKind
from tests import factories
from tests.response.home_world import NOW, VILLAGE, order_of
from tests.web.conftest import at

pytestmark = pytest.mark.django_db
SENT_AT = NOW.isoformat()


@pytest.fixture
def order(outbreak):
    person = factories.person(name="王小明", phone="13800000000", address="小果庄村3号")
    found = order_of(person, within=outbreak)
    home.advance(outbreak=outbreak, now=NOW - timedelta(hours=1), days_ahead=0)
    return found


@pytest.fixture
def worker(client_of):
    return client_of(Role.GRID_WORKER, VILLAGE)


def send(client, *acts):
    body = json.dumps({"acts": acts, "sent_at": SENT_AT})
    return client.post(at("/doors/"), body, content_type="application/json")


def act(visit, key="k1", outcome="done", **facts):
    return {"key": key, "visit": visit.pk, "happened_at": SENT_AT, "outcome": outcome} | facts


class TestTheList:
    def test_holds_doors_people_and_what_to_do(self, order, worker):
        (door,) = worker.get(at("/doors/")).context["facts"]["doors"]
        (person,) = door["people"]
        assert (door["address"], person["name"], person["phone"]) == ("小果庄村3号", "王小明", "13800000000")
        assert [one["kind"] for one in person["things"]] == ["call", "call", "visit", "waste"]

    def test_names_nobody_for_a_county_and_leads_to_its_streets(self, order, client_of):
        page = client_of(Role.ISOLATION_COORDINATOR, "130109").get(at("/doors/"))
        assert page.context["facts"]["doors"] == []
        assert [code for code, *_ in page.context["areas"]] == [VILLAGE[:9]]

    def test_is_refused_elsewhere_and_to_others(self, order, client_of):
        assert client_of(Role.GRID_WORKER, "130109110999").get(at("/doors/", area=VILLAGE)).status_code == 404
        assert client_of(Role.SAMPLER, VILLAGE).get(at("/doors/")).status_code == 403

    def test_comes_with_a_script_that_keeps_it(self, order, worker):
        script = worker.get(reverse("doors_worker")).content.decode()
        assert "doors.js" in script
        assert "sizao-doors" in script

    def test_is_empty_in_routine_times(self, worker, db):
        assert "today" in worker.get("/doors/").content.decode()

    def test_is_what_the_icon_on_a_phone_opens(self, worker, client_of):
        link = '<link rel="manifest" href="/app.webmanifest" crossorigin="use-credentials">'
        assert link in worker.get("/notices/").content.decode()
        told = worker.get(reverse("installed"))
        assert told["Content-Type"] == "application/manifest+json"
        assert (told.json()["start_url"], told.json()["display"]) == ("/doors/", "standalone")
        assert client_of(Role.COMMANDER, "13").get(reverse("installed")).json()["start_url"] != "/doors/"


class TestSending:
    def test_takes_each_thing_once_and_says_so(self, order, worker):
        visit = HomeVisit.objects.get(kind=VisitKind.VISIT)
        first = send(worker, act(visit)).json()["acts"]
        again = send(worker, act(visit)).json()["acts"]
        assert [one["answer"] for one in first + again] == ["taken", "known"]
        assert DoorAct.objects.count() == 1

    def test_hears_at_once_of_who_is_worse(self, order, worker):
        visit = HomeVisit.objects.get(kind=VisitKind.VISIT)
        send(worker, act(visit, outcome="worse", symptoms=["breathless"], temperature_c="38,2"))
        assert Signal.objects.get().facts["temperature_c"] == 38.2

    def test_says_in_words_what_it_refuses(self, order, worker):
        visit = HomeVisit.objects.get(kind=VisitKind.VISIT)
        (told,) = send(worker, act(visit, temperature_c=50)).json()["acts"]
        assert told["answer"] == "refused"
        assert "no temperature of a living person" in told["why"]

    @pytest.mark.parametrize("wrong", [{"outcome": "gone"}, {"symptoms": ["sad"]}, {"happened_at": "noon"}])
    def test_refuses_what_cannot_be_read_and_keeps_nothing(self, order, worker, wrong):
        visit = HomeVisit.objects.get(kind=VisitKind.VISIT)
        assert send(worker, act(visit) | wrong).status_code == 400
        assert not DoorAct.objects.exists()

    def test_a_phone_whose_clock_began_anew_keeps_back_that_entry_only(self, order, worker):
        visit = HomeVisit.objects.get(kind=VisitKind.VISIT)
        old = act(visit) | {"happened_at": "1970-01-01T08:00:00+08:00"}
        told = send(worker, old, act(visit, key="k2")).json()["acts"]
        assert [one["answer"] for one in told] == ["refused", "taken"]

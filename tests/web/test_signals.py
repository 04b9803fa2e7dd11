"""The signals board; hints about people and unmatched places: queues that somebody settles."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sizao.records.models import Signal, UnmatchedPlace, Visit
from sizao.terms import AlertState, EventKind, PlaceKind, Role, SignalKind, SignalState, StreamKind
from tests import factories
from tests.web import watching
from tests.web.conftest import DAY, MORNING, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def signal(outbreak):
    return Signal.objects.create(
        outbreak=outbreak, kind=SignalKind.FEVER_CLINIC, person=factories.person(number="HB-1"),
        area_code=factories.VILLAGE, occurred_at=MORNING, received_at=MORNING, source="clinic", source_key="signal:1",
    )  # fmt: skip


class TestHints:
    def test_are_listed_and_verified(self, signal, client_of):
        officer = client_of()
        assert "HB-1" in officer.get(at("/signals/hints/", state="new")).content.decode()
        officer.post(at(f"/signals/{signal.pk}/settle/"), {"decision": "verify"})
        signal.refresh_from_db()
        assert signal.state == SignalState.VERIFIED
        assert "HB-1" not in officer.get(at("/signals/hints/", state="new")).content.decode()

    def test_are_dismissed_with_a_reason_only(self, signal, client_of):
        officer = client_of()
        answer = officer.post(at(f"/signals/{signal.pk}/settle/"), {"decision": "dismiss"}, follow=True)
        assert "dismissed with a reason" in answer.content.decode()
        signal.refresh_from_db()
        assert signal.state == SignalState.NEW

    def test_are_settled_by_who_may_and_where_they_may(self, signal, client_of):
        settle = at(f"/signals/{signal.pk}/settle/")
        assert client_of(Role.DATA_OFFICER).post(settle).status_code == 403
        assert client_of(area_code="130102").post(settle).status_code == 404


class TestBoard:
    def test_ranks_alerts_with_reason_streams_and_clock(self, outbreak, client_of):
        stream = watching.stream(outbreak)
        watching.alert(outbreak, of=[stream], score=3.0)
        watching.alert(outbreak, of=[stream], serial=2, score=30.0, area_code="130109110212")
        shown = client_of().get(at("/signals/")).content.decode()
        assert shown.index("小果庄村") < shown.index(">藁城区</a>")
        assert "2</b> alerts wait" in shown
        assert "19 on 10 January" in shown
        assert "3 h late" in shown
        assert f"/streams/{stream.pk}/" in shown
        assert "藁城区发热门诊1" in shown

    def test_says_what_its_emptiness_means(self, outbreak, client_of):
        officer = client_of()
        assert "No stream counts anything here yet" in officer.get(at("/signals/")).content.decode()
        watching.quiet(watching.stream(outbreak))
        assert "This is an answer, not a gap" in officer.get(at("/signals/")).content.decode()
        assert "No alert answers to these choices" in officer.get(at("/signals/", kind="antigen")).content.decode()

    def test_shows_a_day_as_it_stood(self, outbreak, client_of):
        alert = watching.alert(outbreak, of=[watching.stream(outbreak)])
        officer = client_of()
        assert "No alert waits" in officer.get(at("/signals/", day=DAY - timedelta(days=1))).content.decode()
        officer.post(at(f"/alerts/{alert.pk}/decide/", day=DAY + timedelta(days=2)), {"decision": "confirmed"})
        shown = officer.get(at("/signals/")).content.decode()
        assert 'class="tag open"' in shown
        assert "by now: Confirmed" in shown

    def test_is_narrowed_by_area_state_and_kind(self, outbreak, client_of):
        mine = watching.stream(outbreak)
        other = watching.stream(outbreak, 2, area_code="130102", kind=StreamKind.ANTIPYRETIC_SALES, name="药店")
        watching.alert(outbreak, of=[mine])
        watching.alert(outbreak, of=[other], serial=2, state=AlertState.DISMISSED)
        officer = client_of()
        for asked, found in (
            ({}, [mine]), ({"state": "all"}, [mine, other]), ({"state": "dismissed"}, [other]),
            ({"state": "all", "area": "130102"}, [other]), ({"state": "all", "group": "goods"}, [other]),
            ({"kind": "fever_clinic"}, [mine]), ({"kind": "fever_clinic", "group": "goods"}, []),
        ):  # fmt: skip
            shown = officer.get(at("/signals/", **asked)).content.decode()
            told = [one for one in (mine, other) if f'/streams/{one.pk}/?outbreak=here&amp;day={DAY}">' in shown]
            assert told == found, asked

    def test_keeps_to_the_jurisdiction(self, outbreak, client_of):
        watching.alert(outbreak, of=[watching.stream(outbreak)])
        shown = client_of(area_code="130102").get(at("/signals/", area="130109")).content.decode()
        assert "No alert waits" in shown
        assert "藁城区发热门诊1" not in shown

    def test_counts_by_county_for_the_map(self, outbreak, client_of):
        stream = watching.stream(outbreak)
        watching.alert(outbreak, of=[stream])
        watching.alert(outbreak, of=[stream], serial=2, area_code="130109110212", state=AlertState.CONFIRMED)
        shown = client_of().get(at("/signals/")).content.decode()
        drawn = json.loads(re.search(r'id="drawing" type="application/json">(.*?)</script>', shown)[1])
        assert [(one["code"], one["alerts"], one["late"], one["confirmed"]) for one in drawn] == [("130109", 2, 1, 1)]

    def test_goes_on_behind_the_last_of_a_page(self, outbreak, client_of):
        stream = watching.stream(outbreak)
        for serial in range(25):
            watching.alert(outbreak, of=[stream], serial=serial, score=float(serial))
        first = client_of().get(at("/signals/")).content.decode()
        more = re.search(r"after=(\d+)", first)[1]
        second = client_of().get(at("/signals/", after=more)).content.decode()
        assert (first.count('class="alert-area"'), second.count('class="alert-area"')) == (20, 5)

    def test_asks_the_database_as_often_for_many_alerts_as_for_one(self, outbreak, client_of):
        asked = []
        officer = client_of()
        for serial in range(1, 31):
            stream = watching.stream(outbreak, serial)
            watching.counted(stream, {DAY: 19})
            watching.judged(stream, DAY, count=19, alarm=True)
            watching.alert(outbreak, of=[stream], serial=serial)
            if serial in (1, 30):
                with CaptureQueriesContext(connection) as captured:
                    officer.get(at("/signals/"))
                asked.append(len(captured))
        assert asked[0] == asked[1] < 30

    def test_offers_acts_to_who_may_verify_only(self, outbreak, client_of):
        watching.alert(outbreak, of=[watching.stream(outbreak)])
        assert "Take up" in client_of(Role.INVESTIGATOR).get(at("/signals/")).content.decode()
        assert "Take up" not in client_of(Role.REPORTER).get(at("/signals/")).content.decode()

    def test_marks_what_a_model_made(self, outbreak, client_of):
        watching.alert(outbreak, of=[watching.stream(outbreak, is_generated=True)])
        shown = client_of().get(at("/signals/")).content.decode()
        assert 'class="tag generated"' in shown
        assert "generated data" in shown


class TestUnmatchedPlaces:
    @pytest.fixture
    def waiting(self, outbreak):
        someone = factories.person()
        Visit.objects.create(
            outbreak=outbreak, person=someone, kind=EventKind.MEAL, place_text="好运来饭店", first_date=DAY,
            last_date=DAY, recorded_at=MORNING, source_key="visit:1",
        )  # fmt: skip
        return UnmatchedPlace.objects.create(
            outbreak=outbreak, text="好运来饭店", area_code="130109", kind=PlaceKind.RESTAURANT, mentions=1,
            noted_at=MORNING,
        )  # fmt: skip

    def test_are_matched_to_a_likely_place_and_the_visits_follow(self, outbreak, waiting, client_of):
        likely = factories.place(name="好运来大饭店", kind=PlaceKind.RESTAURANT)
        officer = client_of(Role.DATA_OFFICER)
        assert "好运来大饭店" in officer.get(at("/places/unmatched/")).content.decode()
        officer.post(at(f"/places/unmatched/{waiting.pk}/match/"), {"place": likely.pk})
        assert Visit.objects.get(outbreak=outbreak).place == likely
        assert "No place waits on this day" in officer.get(at("/places/unmatched/")).content.decode()

    def test_become_places_of_their_own(self, waiting, client_of):
        client_of(Role.DATA_OFFICER).post(at(f"/places/unmatched/{waiting.pk}/match/"), {"area": "130109"})
        waiting.refresh_from_db()
        assert waiting.place.name == "好运来饭店"

    def test_are_matched_by_who_may(self, waiting, client_of):
        match = at(f"/places/unmatched/{waiting.pk}/match/")
        assert client_of(Role.DUTY_OFFICER).post(match).status_code == 403
        assert client_of(Role.DATA_OFFICER, "130102").post(match, {"area": "130102"}).status_code == 404

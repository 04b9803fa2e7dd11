"""Signals and unmatched places: queues that somebody settles."""

import pytest

from sizao.records.models import Signal, UnmatchedPlace, Visit
from sizao.terms import EventKind, PlaceKind, Role, SignalKind, SignalState
from tests import factories
from tests.web.conftest import DAY, MORNING, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def signal(outbreak):
    return Signal.objects.create(
        outbreak=outbreak, kind=SignalKind.FEVER_CLINIC, person=factories.person(number="HB-1"),
        area_code=factories.VILLAGE, occurred_at=MORNING, received_at=MORNING, source="clinic", source_key="signal:1",
    )  # fmt: skip


class TestSignals:
    def test_are_listed_and_verified(self, signal, client_of):
        officer = client_of()
        assert "HB-1" in officer.get(at("/signals/", state="new")).content.decode()
        officer.post(at(f"/signals/{signal.pk}/settle/"), {"decision": "verify"})
        signal.refresh_from_db()
        assert signal.state == SignalState.VERIFIED
        assert "HB-1" not in officer.get(at("/signals/", state="new")).content.decode()

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

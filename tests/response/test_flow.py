"""The loop runs its stages in order; a second run at one moment changes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps

from sizao.records.models import Visit
from sizao.response import flow, outbreaks, signals
from sizao.response.signals import Hint
from sizao.terms import EventKind, PlaceKind, SignalKind
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)


def all_rows():
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in apps.get_app_config("records").get_models()
    }


class TestAdvance:
    def test_carries_a_verified_positive_to_zone_and_tasks(self, outbreak_with_facts, noise):
        changed = flow.advance(outbreak=outbreak_with_facts, now=NOW)
        assert list(changed) == [
            "signals", "cases", "tracing", "cooperation", "testing", "isolation", "zoning", "transport", "objections",
            "levels", "tasks", "daily", "bulletins", "oversight", "notices",
        ]  # fmt: skip
        assert changed["cases"] == 2
        assert changed["tracing"] > 0
        assert changed["isolation"] > 0
        assert changed["zoning"] > 0
        assert changed["tasks"] > 0

    def test_a_second_run_at_one_moment_changes_nothing(self, outbreak_with_facts, noise):
        flow.advance(outbreak=outbreak_with_facts, now=NOW)
        before = all_rows()
        assert set(flow.advance(outbreak=outbreak_with_facts, now=NOW).values()) == {0}
        assert all_rows() == before

    def test_tells_of_each_stage(self, outbreak_with_facts):
        told = []
        flow.advance(outbreak=outbreak_with_facts, now=NOW, tell=told.append)
        assert told == [stage.__name__.rpartition(".")[2] for stage in flow.STAGES]

    def test_leaves_other_outbreaks_alone(self, outbreak_with_facts, noise):
        flow.advance(outbreak=outbreak_with_facts, now=NOW)
        assert not noise.tasks.exists()
        assert not noise.zones.exists()

    def test_refuses_a_closed_outbreak(self, outbreak_with_facts):
        closed = outbreaks.close(outbreak=outbreak_with_facts, by=factories.account(), now=NOW)
        with pytest.raises(outbreaks.OutbreakClosed):
            flow.advance(outbreak=closed, now=NOW)


@pytest.fixture
def outbreak_with_facts(db):
    """Two verified positives of one village, and a guest of the same restaurant who is none."""
    for code, name in (("13", "河北省"), ("1301", "石家庄市"), ("130109", "藁城区"), ("130109110", "增村镇")):
        factories.area(code, name)
    factories.area()
    outbreak, restaurant = factories.outbreak(), factories.place(kind=PlaceKind.RESTAURANT)
    people = [factories.person() for _ in range(3)]
    for person in people:
        Visit.objects.create(
            outbreak=outbreak, person=person, kind=EventKind.MEAL, place=restaurant, place_kind=PlaceKind.RESTAURANT,
            area_code="130109", first_date=date(2021, 1, 9), last_date=date(2021, 1, 9),
            recorded_at=NOW - timedelta(hours=1), source_key=f"visit:{person.pk}",
        )  # fmt: skip
    for person in people[:2]:
        hint = Hint(SignalKind.POSITIVE_TEST, person.area_code, NOW, "laboratory", f"lab:{person.pk}", person=person)
        signals.verify(signal=signals.receive(outbreak=outbreak, hint=hint, by=None, now=NOW), by=None, now=NOW)
    return outbreak

"""The two city-wide rounds of January 2021, at a hundredth: from plan to coverage, stopped anywhere, counted again."""

from datetime import UTC, datetime

import pytest

from sizao.drill import scenario
from sizao.drill.city_rounds import run, summary, told
from sizao.records.models import LabRun, PoolHold, RosterEntry, SampleBox, Signal, Swab, Tube
from sizao.response import register
from sizao.response.testing.chain import standing
from sizao.terms import RunState, TestResult

pytestmark = pytest.mark.django_db

ONE_IN = 100
SOME_STEPS = 30
CITY = "1301"


@pytest.fixture
def january():
    shown = scenario.load("hebei-2021-01")
    areas = [one for one in shown.areas() if one.code == "13" or one.code.startswith(CITY)]
    register.load_areas(areas, by=None, now=datetime(2021, 1, 1, tzinfo=UTC))
    return shown


def test_go_from_plan_to_coverage_and_on_after_a_stop(january):
    stopped = run.carry(january, one_in=ONE_IN, until_steps=SOME_STEPS)
    assert stopped.steps == SOME_STEPS
    assert stopped.rounds[0].closed_at is None
    before = Swab.objects.filter(round=stopped.rounds[0]).count()
    done = run.carry(january, one_in=ONE_IN)
    again = run.carry(january, one_in=ONE_IN)

    assert again.steps == 0
    assert [one.number for one in done.rounds] == ["R001", "R002"]
    assert 0 < before < done.rounds[0].registered
    for one, published in zip(done.rounds, told.read(january).rounds, strict=True):
        _check_coverage(one, published)
        _check_chain(one)
        _check_positives(one)
    figures = summary.table(january, one_in=ONE_IN)
    assert "positive tubes" in figures
    assert "published" not in figures  # published figures are of the whole city


def _check_coverage(one, published):
    kept, rows = summary.counted_again(one)
    assert kept == rows
    swabbed = kept.registered + kept.others
    assert swabbed == published.tested // ONE_IN
    assert one.missed == kept.expected - kept.registered > 0
    # Everybody swabbed has a result, or stood in a positive tube and was called back.
    assert kept.resulted - kept.recalled + kept.to_recall == swabbed
    assert kept.recalled == kept.to_recall > 0
    assert 0 < one.explained < one.missed
    assert RosterEntry.objects.filter(round=one, missed_reason__isnull=False).count() == one.explained
    assert one.is_generated
    for point in published.collected:
        by_then = summary.coverage.total(one, as_of=point.at)
        share = (by_then.registered + by_then.others) / swabbed
        assert share == pytest.approx(point.people / published.tested, abs=0.005)
    for point in published.read:
        by_then = summary.coverage.total(one, as_of=point.at)
        share = (by_then.resulted + by_then.to_recall) / swabbed
        assert share == pytest.approx(point.people / published.tested, abs=0.03)


def _check_chain(one):
    tubes = Tube.objects.filter(round=one)
    assert not tubes.filter(result=None).exists()
    assert one.readings.count() == tubes.count() == one.tube_steps.filter(step="received").count()
    boxes = SampleBox.objects.filter(round=one)
    assert not boxes.filter(received_at=None).exists()
    assert not LabRun.objects.exclude(state=RunState.RELEASED).exists()
    # What the bulk door wrote of a box is what the desk works out from its hand-overs and tubes.
    # Only the moment at which it was worked out is another.
    some = list(boxes.order_by("pk").values_list("pk", flat=True)[:40]) + list(
        boxes.order_by("-pk").values_list("pk", flat=True)[:10]
    )
    before = _rows(boxes, some)
    standing.work_out(some, now=one.closed_at)
    assert _rows(boxes, some) == before


def _rows(boxes, some):
    return {row["id"]: row | {"worked_out_at": None} for row in boxes.filter(pk__in=some).values()}


def _check_positives(one):
    positive = Tube.objects.filter(round=one, result=str(TestResult.POSITIVE))
    pools = set(positive.exclude(kind="single").values_list("code", flat=True))
    assert set(PoolHold.objects.filter(round=one).values_list("tube", flat=True)) == pools
    singles = positive.filter(kind="single").count()
    assert singles == summary.coverage.total(one, as_of=one.closed_at).positive > 0
    hints = Signal.objects.filter(outbreak=one.outbreak, received_at__gte=one.opened_at, received_at__lte=one.closed_at)
    assert hints.count() == singles

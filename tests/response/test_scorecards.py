"""Scorecards: each number is that of its rows, at any moment; what has no clock is never counted as kept."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from sizao.protocol import basis, deadline
from sizao.protocol.laws import shipped_laws
from sizao.records.models import Objection, Task
from sizao.response.oversight import counting, measures, rows, scorecards
from sizao.response.oversight.scorecards import Scope
from sizao.terms import ClockState, ObjectionAbout, ObjectionChannel, ObjectionState, Role, Stage, TaskKind, TaskState
from tests import factories
from tests.factories import NOW
from tests.response.test_clock_counts import made

pytestmark = pytest.mark.django_db
FIRST = date(2021, 1, 8)
KEY = f"task.{TaskKind.FULL_REPORT}"


def task(outbreak, area_code="130109", *, due=None, done=None, kind=TaskKind.FULL_REPORT, state=None, **facts):
    """A task asked at noon whose clock ran `due` hours and that was done after `done` hours."""
    serial = Task.objects.count()
    return Task.objects.create(
        outbreak=outbreak, kind=kind, role=Role.INVESTIGATOR, area_code=area_code, subject_kind="case",
        subject_id=serial, subject_label=str(serial), asked_at=NOW,
        due_at=None if due is None else NOW + timedelta(hours=due),
        done_at=None if done is None else NOW + timedelta(hours=done),
        state=state or (TaskState.OPEN if done is None else TaskState.DONE), source_key=f"score:{serial}", **facts,
    )  # fmt: skip


def scope(area_code="13", hours=48, first=FIRST, **facts) -> Scope:
    return Scope(area_code, first, NOW + timedelta(hours=hours), **facts)


def score_of(board, key=KEY):
    return next(line.score for line in board.lines if line.measure.key == key)


@pytest.fixture
def outbreak(noise):
    return factories.outbreak()


class TestAScore:
    def test_tells_kept_from_late_and_from_unknown(self, outbreak):
        for hours in ({"due": 4, "done": 3}, {"due": 4, "done": 4}, {"due": 4, "done": 6}, {"due": 4}, {"done": 1}, {}):
            task(outbreak, **hours)
        score = score_of(scorecards.board(scope()))
        assert (score.clocks, score.kept, score.late_now, score.unknown) == (4, 2, 1, 2)
        assert score.share == 0.5
        assert score.worst == timedelta(hours=44)
        assert score.median == timedelta(hours=23)

    def test_counts_nothing_that_was_cancelled_in_time(self, outbreak):
        task(outbreak, due=4, done=3, state=TaskState.CANCELLED)
        assert scorecards.board(scope()).lines == []

    def test_cannot_be_bettered_by_cancelling_late(self, outbreak):
        task(outbreak, due=4, done=9, state=TaskState.CANCELLED)
        score = score_of(scorecards.board(scope()))
        assert (score.clocks, score.kept, score.worst) == (1, 0, timedelta(hours=5))

    def test_leaves_out_clocks_that_still_run(self, outbreak):
        task(outbreak, due=72)
        assert scorecards.board(scope(hours=48)).total.clocks == 0

    def test_without_clocks_has_no_share(self, outbreak):
        task(outbreak)
        score = scorecards.board(scope()).total
        assert (score.share, score.unknown, score.is_few) == (None, 1, True)

    def test_shows_a_past_moment_as_it_was(self, outbreak):
        task(outbreak, due=4, done=30)
        late, done = scorecards.board(scope(hours=10)).total, scorecards.board(scope(hours=40)).total
        assert (late.late_now, late.worst) == (1, timedelta(hours=6))
        assert (done.late_now, done.worst) == (0, timedelta(hours=26))


class TestABoard:
    def test_parts_areas_and_what_an_area_holds_itself(self, outbreak):
        for area in ("13", "1301", "130109", "130109110212", "1305"):
            task(outbreak, area, due=4, done=3)
        assert {code: one.clocks for code, one in scorecards.board(scope()).areas.items()} == {
            "13": 1, "1301": 3, "1305": 1,
        }  # fmt: skip
        assert {code: one.clocks for code, one in scorecards.board(scope("130109")).areas.items()} == {
            "130109": 1, "130109110": 1,
        }  # fmt: skip
        village = scorecards.board(scope("130109110"))
        assert {code: one.clocks for code, one in village.areas.items()} == {"130109110212": 1}

    def test_puts_first_who_keeps_the_fewest_and_last_who_has_too_few(self, outbreak):
        for n in range(scorecards.FEWEST):
            task(outbreak, "1301", due=4, done=3 if n else 5)
            task(outbreak, "1305", due=4, done=5)
        task(outbreak, "1309", due=4, done=5)
        areas = scorecards.board(scope()).areas
        assert list(areas) == ["1305", "1301", "1309"]
        assert areas["1309"].is_few

    def test_looks_at_one_outbreak_where_one_is_chosen(self, outbreak):
        task(outbreak, due=4, done=3)
        task(factories.outbreak(), due=4, done=3)
        assert scorecards.board(scope()).total.clocks == 2
        assert scorecards.board(scope(outbreak_id=outbreak.pk)).total.clocks == 1

    def test_names_weeks(self, outbreak):
        task(outbreak, due=4, done=3)
        task(outbreak, due=24 * 10, done=24 * 12)
        found = scorecards.weeks(scope(hours=24 * 20), count=3)
        assert [(one.score.clocks, one.score.kept) for one in found] == [(1, 1), (1, 0), (0, 0)]
        assert found[-1].last_date == timezone.localtime(NOW + timedelta(hours=24 * 20)).date()

    def test_knows_a_record_with_a_clock(self, outbreak):
        value = shipped_laws().clocks["decide_objection_hours"]
        due = deadline(timezone.localtime(NOW), value)
        Objection.objects.create(
            outbreak=outbreak, number="YY-1", about=ObjectionAbout.ORDER, subject_id=1, area_code="130109", text="…",
            state=ObjectionState.RECEIVED, channel=ObjectionChannel.DOOR, received_at=NOW, received_by="x",
            due_at=due.result, basis=[basis.entry(value, due, gives="due_at")], source_key="objection:1",
        )  # fmt: skip
        board = scorecards.board(scope(), stage=Stage.OBJECTIONS)
        assert (board.total.clocks, board.total.late_now) == (1, 1)
        shown = rows.rows(scope(), rows.called("record.objection"), ClockState.LATE_NOW)
        assert [one.label for one in shown.rows] == ["YY-1"]
        assert [one.key for one in rows.clocks_used(shown)] == ["laws.decide_objection_hours"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("gathered", [False, True])
def test_each_number_is_that_of_its_rows(seed, gathered):
    """At several moments and areas, whether or not the loop has gathered the counts."""
    dice = np.random.default_rng(seed)
    outbreak = factories.outbreak()
    Task.objects.bulk_create([made(dice, serial, outbreak) for serial in range(120)])
    if gathered:
        counting.gather(now=NOW)
    for area in ("13", "1301", "130109", "130109110"):
        for moment in (datetime(2021, 1, 12, 3, 30, tzinfo=UTC), datetime(2021, 1, 30, tzinfo=UTC)):
            asked = Scope(area, FIRST, moment)
            board = scorecards.board(asked)
            for line in board.lines:
                counted = {state: rows.count(asked, line.measure, state) for state in (None, *ClockState)}
                assert line.score.clocks == counted[None]
                assert line.score.kept == counted[ClockState.KEPT]
                assert line.score.late_now == counted[ClockState.LATE_NOW]
                assert line.score.unknown == counted[ClockState.UNKNOWN]
            assert board.total.clocks == sum(line.score.clocks for line in board.lines)
            assert board.total.clocks == sum(one.clocks for one in board.areas.values())


def test_rows_come_in_pages_without_a_gap():
    outbreak = factories.outbreak()
    for _ in range(rows.PAGE_ROWS + 20):
        task(outbreak, due=4, done=5)
    measure = rows.called(KEY)
    first = rows.rows(scope(), measure, None)
    second = rows.rows(scope(), measure, None, after=first.older)
    assert len(first.rows) == rows.PAGE_ROWS
    assert second.older is None
    assert len({one.id for one in first.rows + second.rows}) == rows.PAGE_ROWS + 20


def test_every_measure_can_be_asked():
    """The rows of each measure name their columns, whatever becomes of the tables."""
    asked = scope()
    for one in measures.measures().values():
        for state in (None, *ClockState):
            assert rows.count(asked, one, state) == 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({measures.rows_of(one)}) one LIMIT 0", asked.facts({one.key: one}))  # noqa: S608
            assert tuple(column.name for column in cursor.description) == measures.COLUMNS


def test_an_unknown_measure_is_refused():
    with pytest.raises(rows.NoSuchMeasure):
        rows.called("record.nothing")

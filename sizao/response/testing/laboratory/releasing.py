"""
The second signature: a run becomes results when another person than the one who recorded it releases it.

One transaction: the tubes of the run get their result, the counts of the round move with them, and what follows from a
positive tube is proposed. Only positive and negative are results; anything else asks for another test.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, LabOddity, LabRun, TestingRound
from sizao.response.testing import partitions, positives
from sizao.response.testing.laboratory import odd
from sizao.terms import RUN_MOVES, LabOddityKind, Right, RunState, TestResult


class OneSignature(SizaoError):
    code = "laboratory.one_signature"
    message = "You recorded run {run} yourself. Ask a second person to check and release it."


class RunSettled(SizaoError):
    code = "laboratory.run_settled"
    message = "Run {run} is {state} already. Look at it again; nothing was changed."


class ControlFailed(SizaoError):
    code = "laboratory.control_failed"
    message = (
        "Run {run} cannot be released: {controls} failed or lack on its plate. Withdraw it and read the plate again."
    )


class NotWhole(SizaoError):
    code = "laboratory.not_whole"
    message = "The file of run {run} ends in mid-row. Send it whole, or say in the queue that there is no more of it."


class RunHasGrown(SizaoError):
    code = "laboratory.run_has_grown"
    message = "Run {run} has {now} readings by now, and you saw {seen}. Look at the new ones, then release it."


class WhyWithdrawn(SizaoError):
    code = "laboratory.reason.unreadable"
    message = "Say in a few words what is wrong with the run: whoever was told of its results will ask."


@transaction.atomic
def release_run(*, run: LabRun, by: Account, now: datetime, seen: int | None = None) -> LabRun:
    """
    Release a run in one's own name: its positive and negative tubes have their result from now on.

    A tube that was released otherwise before keeps that result; the contradiction waits in the queue. `seen` is how
    many readings were shown. Raise OneSignature, RunSettled, ControlFailed, NotWhole, RunHasGrown, or what
    the door says.
    """
    held = _held(run, by, RunState.RELEASED)
    if held.recorded_by == by.username:
        raise OneSignature(run=held.pk)
    _check_whole(held, seen)
    held.state, held.released_at, held.released_by = RunState.RELEASED, now, by.username
    held.save(update_fields=["state", "released_at", "released_by"])
    journal.write(
        "run.released", held.laboratory, by=by, at=now, run=held.pk, readings=held.n_readings,
        positive=held.n_positive, again=held.n_again, recorded_by=held.recorded_by,
    )  # fmt: skip
    for testing_round in rounds_of(held):
        partitions.hold_open(testing_round)
        odd.note_contradictions(held, testing_round.pk, by=by, now=now)
        _follow(testing_round, _set(held, testing_round, now), by=by, now=now)
    return held


@transaction.atomic
def withdraw_run(*, run: LabRun, reason: str, by: Account, now: datetime) -> LabRun:
    """
    Withdraw a run that is wrong. Tubes that had their result from it have none any more, or that of another run.

    Whoever works in the laboratory may withdraw one that nobody has released. Raise WhyWithdrawn, RunSettled, or the
    door's refusal.
    """
    if not reason.strip():
        raise WhyWithdrawn
    held = _held(run, by, RunState.WITHDRAWN)
    was_released = held.released_at is not None
    held.state, held.withdrawn_at, held.withdrawn_by = RunState.WITHDRAWN, now, by.username
    held.withdraw_reason = reason.strip()[:300]
    held.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "withdraw_reason"])
    journal.write(
        "run.withdrawn", held.laboratory, by=by, at=now, run=held.pk, reason=held.withdraw_reason,
        was_released=was_released,
    )  # fmt: skip
    for testing_round in rounds_of(held) if was_released else ():
        partitions.hold_open(testing_round)
        changed = _rows(_TAKE_BACK, held, testing_round, now)
        if changed:
            codes = [code for (code,) in changed]
            positives.follow_corrected(testing_round=testing_round, tubes=codes, by=by, now=now)
    return held


def correct_tube(*, oddity: LabOddity, by: Account, now: datetime) -> None:
    """
    Let a released reading take the place of the result that it contradicts; called by the queue, in its transaction.

    Raise NotReleasedYet, OneSignature, or the door's refusal.
    """
    run = LabRun.objects.select_related("laboratory").get(pk=oddity.run_id)
    access.require(by, Right.LAB_RELEASE, area_code=run.laboratory.area_code)
    if run.state != RunState.RELEASED:
        raise NotReleasedYet(run=run.pk)
    if run.recorded_by == by.username:
        raise OneSignature(run=run.pk)
    testing_round = TestingRound.objects.select_related("outbreak").get(pk=oddity.round_id)
    partitions.hold_open(testing_round)
    if _rows(_CORRECT, run, testing_round, now, tubes=[oddity.tube]):
        journal.write("result.corrected", testing_round, by=by, at=now, tube=oddity.tube, run=run.pk)
        positives.follow_corrected(testing_round=testing_round, tubes=[oddity.tube], by=by, now=now)


class NotReleasedYet(SizaoError):
    code = "laboratory.not_released_yet"
    message = "Run {run} is not released. Release it first; then its reading can take the place of the other."


def catch_up(run: LabRun, *, by: Account, now: datetime, tubes: Sequence[str]) -> list[str]:
    """Give a released result to tubes whose swabs were registered after it; return their codes."""
    done = []
    for testing_round in rounds_of(run):
        partitions.hold_open(testing_round)
        rows = _rows(_SET_SOME, run, testing_round, now, tubes=tubes)
        _follow(testing_round, rows, by=by, now=now)
        done += [code for code, _ in rows]
    return done


def rounds_of(run: LabRun) -> list[TestingRound]:
    """Give the rounds that a run has readings of, and that are not set aside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT round_id FROM records_labreading WHERE run_id = %s", [run.pk])
        ids = [round_id for (round_id,) in cursor.fetchall()]
    return list(TestingRound.objects.select_related("outbreak").filter(pk__in=ids, archived_at=None).order_by("pk"))


def _held(run: LabRun, by: Account, to: RunState) -> LabRun:
    """Hold a run, check that it may go there, and that this account may send it there."""
    held = LabRun.objects.select_for_update(of=["self"]).select_related("laboratory").get(pk=run.pk)
    unsigned = to == RunState.WITHDRAWN and held.state == RunState.RECORDED
    right = Right.LAB_WORK if unsigned else Right.LAB_RELEASE
    access.require(by, right, area_code=held.laboratory.area_code)
    if to not in RUN_MOVES[RunState(held.state)]:
        raise RunSettled(run=held.pk, state=RunState(held.state))
    return held


def _check_whole(held: LabRun, seen: int | None) -> None:
    if seen is not None and seen != held.n_readings:
        raise RunHasGrown(run=held.pk, now=held.n_readings, seen=seen)
    failed = held.oddities.filter(kind=LabOddityKind.CONTROL_FAILED, source_key__startswith=held.source_key)
    if failed.exists():
        raise ControlFailed(run=held.pk, controls=", ".join(sorted({one.tube for one in failed})))
    if held.oddities.filter(kind=LabOddityKind.CUT_OFF, settled_at=None).exists():
        raise NotWhole(run=held.pk)


def _set(held: LabRun, testing_round: TestingRound, now: datetime) -> list[tuple[str, str]]:
    return _rows(_SET, held, testing_round, now)


def _follow(testing_round: TestingRound, rows: Sequence[tuple[str, str]], *, by: Account, now: datetime) -> None:
    positive = [code for code, found in rows if found == TestResult.POSITIVE]
    negative = [code for code, found in rows if found == TestResult.NEGATIVE]
    if positive:
        positives.follow(testing_round=testing_round, tubes=positive, by=by, now=now)
    if negative:
        positives.follow_negative(testing_round=testing_round, tubes=negative, by=by, now=now)


def _rows(question: str, run: LabRun, testing_round: TestingRound, now: datetime, *, tubes: Sequence[str] = ()) -> list:
    with connection.cursor() as cursor:
        cursor.execute(question, {"round": testing_round.pk, "run": run.pk, "now": now, "tubes": list(tubes)})
        return cursor.fetchall()


# A result that stands is left alone: what was told to somebody changes only by a named person's correction.
_SET = """
    UPDATE records_tube t SET result = r.found, resulted_at = %(now)s
    FROM records_labreading r
    WHERE r.round_id = %(round)s AND r.run_id = %(run)s AND r.found IN ('positive', 'negative')
        AND t.round_id = %(round)s AND t.code = r.tube AND t.result IS NULL
    RETURNING t.code, t.result
"""
_SET_SOME = _SET.replace("RETURNING", "AND t.code = ANY(%(tubes)s::varchar[]) RETURNING")
_CORRECT = """
    UPDATE records_tube t SET result = r.found, resulted_at = %(now)s
    FROM records_labreading r
    WHERE r.round_id = %(round)s AND r.run_id = %(run)s AND r.found IN ('positive', 'negative')
        AND t.round_id = %(round)s AND t.code = r.tube AND t.code = ANY(%(tubes)s::varchar[])
        AND t.result IS DISTINCT FROM r.found
    RETURNING t.code
"""
# The withdrawn run is no longer RELEASED, so that the latest other one that is takes its place.
_TAKE_BACK = """
    WITH mine AS (
        SELECT r.tube, r.found, (
            SELECT x.found FROM records_labreading x JOIN records_labrun u ON u.id = x.run_id
            WHERE x.round_id = r.round_id AND x.tube = r.tube AND x.run_id <> r.run_id AND u.state = 'released'
                AND x.found IN ('positive', 'negative')
            ORDER BY u.released_at DESC, u.id DESC LIMIT 1
        ) AS other
        FROM records_labreading r WHERE r.round_id = %(round)s AND r.run_id = %(run)s
    )
    UPDATE records_tube t SET result = m.other, resulted_at = CASE WHEN m.other IS NULL THEN NULL ELSE %(now)s END,
        withdrawn_at = %(now)s
    FROM mine m
    WHERE t.round_id = %(round)s AND t.code = m.tube AND t.result = m.found AND t.result IS DISTINCT FROM m.other
    RETURNING t.code
"""

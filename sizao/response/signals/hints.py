"""A hint arrives, and is verified or dismissed. Test results arrive here too: a positive one is a hint."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, Person, Signal, Test
from sizao.terms import SIGNAL_MOVES, Right, SignalKind, SignalState, TestMethod, TestResult


class SignalCannotMove(SizaoError):
    code = "signal.cannot_move"
    message = "This signal is {was} and cannot become {state}. From here it may become: {allowed}."


class ReasonMissing(SizaoError):
    code = "signal.reason_missing"
    message = "A signal is dismissed with a reason. Write one sentence that says why it is not a case."


class SourceMissing(SizaoError):
    code = "signal.source_missing"
    message = "A signal names its source: the laboratory, the clinic or the letter. Fill it in and send it again."


@dataclass(frozen=True, slots=True)
class Hint:
    """What was heard, from whom, about whom and when. Two hints of one `source_key` are one."""

    kind: SignalKind
    area_code: str
    occurred_at: datetime
    source: str
    source_key: str
    person: Person | None = None
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """One specimen of one person; `result` is None while it is not known."""

    person: Person
    taken_date: date
    source_key: str
    result: TestResult | None = None
    resulted_date: date | None = None
    taken_at: datetime | None = None
    method: TestMethod = TestMethod.NUCLEIC_ACID


@transaction.atomic
def receive(*, outbreak: Outbreak, hint: Hint, by: Account | None, now: datetime) -> Signal:
    """Take in one hint; the same hint sent again is answered with the signal it became."""
    return receive_many(outbreak=outbreak, hints=[hint], by=by, now=now)[0]


@transaction.atomic
def receive_many(*, outbreak: Outbreak, hints: Sequence[Hint], by: Account | None, now: datetime) -> list[Signal]:
    """Take in hints, each once; return their signals, new or not, in the order of the hints."""
    if any(not hint.source.strip() for hint in hints):
        raise SourceMissing
    # One sender after the other, so that a hint sent twice at once is still one signal.
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)
    known = {one.source_key: one for one in Signal.objects.filter(source_key__in=[hint.source_key for hint in hints])}
    fresh = {
        hint.source_key: Signal(
            outbreak=outbreak,
            kind=hint.kind,
            state=SignalState.NEW,
            person=hint.person,
            area_code=hint.area_code,
            occurred_at=hint.occurred_at,
            received_at=now,
            facts=hint.facts,
            source=hint.source,
            source_key=hint.source_key,
        )
        for hint in hints
        if hint.source_key not in known
    }
    Signal.objects.bulk_create(fresh.values())
    journal.write_many(
        [journal.line("signal.received", one, by=by, at=now, kind=str(one.kind)) for one in fresh.values()]
    )
    known |= fresh
    return [known[hint.source_key] for hint in hints]


@transaction.atomic
def record_tests(*, outbreak: Outbreak, results: Iterable[Result], by: Account | None, now: datetime) -> list[Test]:
    """
    Record specimens and their results, each once; return the new tests.

    A specimen that was recorded without a result gets it when it is sent again with one; a result
    that stands is never overwritten.
    """
    wanted = {one.source_key: one for one in results}
    known = {test.source_key: test for test in Test.objects.filter(source_key__in=wanted)}
    fresh = [_test(outbreak, one, now) for key, one in wanted.items() if key not in known]
    answered = []
    for key, test in known.items():
        if test.result is None and wanted[key].result is not None:
            test.result, test.resulted_date = wanted[key].result, wanted[key].resulted_date
            answered.append(test)
    Test.objects.bulk_create(fresh)
    Test.objects.bulk_update(answered, ["result", "resulted_date"])
    lines = [journal.line("test.recorded", one, by=by, at=now) for one in fresh]
    journal.write_many(lines + [journal.line("test.answered", one, by=by, at=now) for one in answered])
    return fresh


def _test(outbreak: Outbreak, one: Result, now: datetime) -> Test:
    return Test(
        outbreak=outbreak,
        person=one.person,
        method=one.method,
        taken_date=one.taken_date,
        taken_at=one.taken_at,
        result=one.result,
        resulted_date=one.resulted_date,
        area_code=one.person.area_code,
        recorded_at=now,
        source_key=one.source_key,
    )


@transaction.atomic
def verify(*, signal: Signal, by: Account | None, now: datetime) -> Signal:
    """
    Say that a hint is true; by rule it may then become a case.

    Raise SignalCannotMove, or the door's refusal where the account lacks the right or the area.
    """
    _allow(signal, by)
    return verify_many(signals=[signal], by=by, now=now)[0]


@transaction.atomic
def verify_many(*, signals: Sequence[Signal], by: Account | None, now: datetime, reason: str = "") -> list[Signal]:
    """Say that hints are true. Raise SignalCannotMove at the first that is settled otherwise."""
    return _settle(signals, SignalState.VERIFIED, by=by, now=now, reason=reason)


@transaction.atomic
def dismiss(*, signal: Signal, reason: str, by: Account, now: datetime) -> Signal:
    """Say that a hint is no case, and why. Raise ReasonMissing, SignalCannotMove or the door's refusal."""
    _allow(signal, by)
    if not reason.strip():
        raise ReasonMissing
    return _settle([signal], SignalState.DISMISSED, by=by, now=now, reason=reason.strip())[0]


def _allow(signal: Signal, by: Account | None) -> None:
    if by is not None:
        access.require(by, Right.SIGNAL_VERIFY, area_code=signal.area_code)


def _settle(
    signals: Sequence[Signal], state: SignalState, *, by: Account | None, now: datetime, reason: str
) -> list[Signal]:
    locked = list(Signal.objects.filter(pk__in=[one.pk for one in signals]).select_for_update().order_by("pk"))
    for signal in locked:
        allowed = SIGNAL_MOVES[SignalState(signal.state)]
        if state not in allowed:
            raise SignalCannotMove(was=signal.state, state=state, allowed=", ".join(sorted(allowed)) or "none")
        signal.state, signal.settled_at, signal.settled_by, signal.reason = state, now, by, reason
    Signal.objects.bulk_update(locked, ["state", "settled_at", "settled_by", "reason"])
    lines = [journal.line(f"signal.{state}", one, by=by, at=now, source=one.source, reason=reason) for one in locked]
    journal.write_many(lines)
    return locked

"""Noting what was odd about a run: each kind in a queue of its own, and nothing that was sent is lost."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sizao.records.models import Account, LabOddity, LabRun
from sizao.response.testing.laboratory import placing
from sizao.response.testing.laboratory.sent import Held
from sizao.terms import LabOddityKind

MOST_EACH = 200  # of one kind and run; beyond, one entry says how many there are


def note_held(run: LabRun, held: Iterable[Held], *, by: Account, now: datetime) -> Counter[LabOddityKind]:
    """Note what waits because it could not be read or placed, each with all that was sent of it."""
    return _write([_oddity(run, one, None, by=by, now=now) for one in held])


def note_stored(
    run: LabRun, rounds: Sequence[int], *, by: Account, now: datetime, tubes: Sequence[str] | None = None
) -> Counter[LabOddityKind]:
    """
    Note what is odd about readings that were stored: no swabs, no receipt, another laboratory, another result.

    `tubes` narrows it to those that have just been added.
    """
    noted: list[LabOddity] = []
    for round_id in rounds:
        for kind, question, facts in _QUESTIONS:
            rows = placing.rows_of(question, run=run, round_id=round_id, tubes=tubes)
            held = [Held(kind, row[0], row[0], dict(zip(facts, row[1:], strict=True))) for row in rows[:MOST_EACH]]
            if len(rows) > MOST_EACH:
                held.append(Held(kind, f"more-{round_id}", facts={"more": len(rows) - MOST_EACH}))
            noted += [_oddity(run, one, round_id, by=by, now=now) for one in held]
    return _write(noted)


def note_contradictions(run: LabRun, round_id: int, *, by: Account, now: datetime) -> list[str]:
    """Note readings of a run that are not what was released of their tube before; give those tubes."""
    rows = placing.rows_of(placing.CONTRADICTION, run=run, round_id=round_id)
    held = [Held(LabOddityKind.CONTRADICTION, row[0], row[0], {"found": row[1], "released": row[2]}) for row in rows]
    _write([_oddity(run, one, round_id, by=by, now=now) for one in held])
    return [row[0] for row in rows]


_QUESTIONS = (
    (LabOddityKind.NO_SWABS, placing.NO_SWABS, ()),
    (LabOddityKind.BEFORE_RECEIPT, placing.BEFORE_RECEIPT, ()),
    (LabOddityKind.TWO_LABORATORIES, placing.TWO_LABORATORIES, ("found", "there", "other")),
    (LabOddityKind.CONTRADICTION, placing.CONTRADICTION, ("found", "released")),
)


def _oddity(run: LabRun, one: Held, round_id: int | None, *, by: Account, now: datetime) -> LabOddity:
    return LabOddity(
        laboratory_id=run.laboratory_id,
        round_id=round_id,
        run=run,
        kind=one.kind,
        tube=one.tube[:40],
        source_key=f"{run.source_key}:{one.key}"[:200],
        area_code=run.laboratory.area_code,
        facts=dict(one.facts),
        sent=one.sent,
        recorded_at=now,
        recorded_by=by.username,
    )


def _write(noted: Sequence[LabOddity]) -> Counter[LabOddityKind]:
    LabOddity.objects.bulk_create(noted, ignore_conflicts=True, batch_size=1000)
    return Counter(LabOddityKind(one.kind) for one in noted)

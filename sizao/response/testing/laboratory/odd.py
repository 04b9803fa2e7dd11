"""Noting what was odd about a run: each kind in a queue of its own, and nothing that was sent is lost."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sizao.records.models import Account, LabOddity, LabRun
from sizao.response.testing.laboratory import placing
from sizao.response.testing.laboratory.sent import Held
from sizao.terms import LabOddityKind, Reading

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
        for kind, held in _odd_in(run, round_id, tubes):
            first = held[:MOST_EACH]
            if len(held) > MOST_EACH:
                first.append(Held(kind, f"more-{round_id}", facts={"more": len(held) - MOST_EACH}))
            noted += [_oddity(run, one, round_id, by=by, now=now) for one in first]
    return _write(noted)


def _odd_in(run: LabRun, round_id: int, tubes: Sequence[str] | None) -> Iterator[tuple[LabOddityKind, list[Held]]]:
    """Ask what is odd in one round: of all tubes at once, since there may be a million of them."""
    asked = {"run": run, "round_id": round_id, "tubes": tubes}
    rows = placing.rows_of(placing.BESIDE_THE_TUBE, **asked)
    others = placing.rows_of(placing.TWO_LABORATORIES, **asked)
    no_swabs, before = LabOddityKind.NO_SWABS, LabOddityKind.BEFORE_RECEIPT
    two, against = LabOddityKind.TWO_LABORATORIES, LabOddityKind.CONTRADICTION
    yield no_swabs, [Held(no_swabs, tube, tube) for tube, _, _, is_there, _ in rows if not is_there]
    yield before, [Held(before, tube, tube) for tube, _, _, _, is_received in rows if not is_received]
    yield (
        two,
        [
            Held(two, tube, tube, {"found": found, "there": there, "other": other})
            for tube, found, there, other in others
        ],
    )
    yield (
        against,
        [
            Held(against, tube, tube, {"found": found, "released": result})
            for tube, found, result, _, _ in rows
            if found in _RESULTS and result not in (None, found)
        ],
    )


_RESULTS = (Reading.POSITIVE, Reading.NEGATIVE)


def note_contradictions(run: LabRun, round_id: int, *, by: Account, now: datetime) -> list[str]:
    """Note readings of a run that are not what was released of their tube before; give those tubes."""
    rows = placing.rows_of(placing.CONTRADICTION, run=run, round_id=round_id)
    held = [Held(LabOddityKind.CONTRADICTION, row[0], row[0], {"found": row[1], "released": row[2]}) for row in rows]
    _write([_oddity(run, one, round_id, by=by, now=now) for one in held])
    return [row[0] for row in rows]


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

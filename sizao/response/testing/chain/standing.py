"""
Where a box stands: worked out anew from its hand-overs and the steps of its tubes, after each act that touched it.

What lacks in a box that was received, and what is too many, follows in the same way: an oddity that no longer holds
is settled by rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from sizao.records import journal
from sizao.records.models import HandOver, LabOddity, SampleBox
from sizao.response.testing.chain import clocks
from sizao.response.testing.chain.steps import BOXED, RECEIVED
from sizao.terms import HandOverKind, LabOddityKind, TubeKind

FIELDS = (
    "site", "area_code", "laboratory", "packed_at", "packed_by", "n_tubes", "first_swab_at", "transport_due_at",
    "received_at", "received_by", "n_received", "result_due_at", "basis", "worked_out_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tubes:
    """The tubes of a box: on its list, received out of it, both however they came; the first swab in them."""

    listed: frozenset[str]
    out_of_it: frozenset[str]
    received: frozenset[str]
    kinds: frozenset[TubeKind]
    first_swab_at: datetime | None


def work_out(box_ids: Iterable[int], *, now: datetime) -> None:
    """Bring boxes up to date with all that was said of them. Who calls holds the chain of their outbreak."""
    wanted = sorted(set(box_ids))
    boxes = SampleBox.objects.filter(pk__in=wanted).select_related("round__outbreak", "site", "site__laboratory")
    rows: dict[int, list[HandOver]] = {pk: [] for pk in wanted}
    for row in HandOver.objects.filter(box_id__in=wanted).select_related("site", "laboratory"):
        rows[row.box_id].append(row)
    tubes = _tubes(wanted)
    changed = list(boxes.order_by("pk"))
    rules = clocks.Standing(now)
    for box in changed:
        _work_out(box, rows[box.pk], tubes[box.pk], rules)
        box.worked_out_at = now
    SampleBox.objects.bulk_update(changed, FIELDS, batch_size=500)
    _settle(changed, tubes, now)


def _work_out(box: SampleBox, rows: Sequence[HandOver], tubes: Tubes, standing: clocks.Standing) -> None:
    closed = max((one for one in rows if one.kind == HandOverKind.CLOSED), key=_order, default=None)
    received = min((one for one in rows if one.kind == HandOverKind.RECEIVED), key=_order, default=None)
    if closed is not None and closed.site_id is not None:
        box.site = closed.site
    box.area_code = box.site.area_code if box.site else box.round.area_code
    box.laboratory = _destination(box, closed, received)
    box.packed_at = min(closed.happened_at, received.happened_at) if closed and received else _moment(closed)
    box.packed_by = closed.recorded_by if closed else ""
    box.n_tubes = len(tubes.listed) if closed else None
    box.received_at, box.received_by = _moment(received), received.recorded_by if received else ""
    box.n_received = len(tubes.out_of_it) if received else None
    box.first_swab_at = tubes.first_swab_at
    rules = standing.rules(box.round.outbreak, box.area_code)
    box.transport_due_at, carried = clocks.transport(rules, box.first_swab_at)
    box.result_due_at, read = clocks.results(rules, box.received_at, tubes.kinds)
    box.basis = [*carried, *read]


def _order(row: HandOver) -> tuple[datetime, str]:
    return row.happened_at, row.source_key


def _moment(row: HandOver | None) -> datetime | None:
    return row.happened_at if row else None


def _destination(box: SampleBox, closed: HandOver | None, received: HandOver | None) -> object:
    """Say where the box is; before it was received, where it is to go."""
    if received is not None:
        return received.laboratory
    if closed is not None and closed.laboratory is not None:
        return closed.laboratory
    return box.site.laboratory if box.site else None


def _tubes(box_ids: Sequence[int]) -> dict[int, Tubes]:
    listed: dict[int, set[str]] = {pk: set() for pk in box_ids}
    out_of_it: dict[int, set[str]] = {pk: set() for pk in box_ids}
    received: dict[int, set[str]] = {pk: set() for pk in box_ids}
    kinds: dict[int, set[TubeKind]] = {pk: set() for pk in box_ids}
    first: dict[int, list[datetime]] = {pk: [] for pk in box_ids}
    with connection.cursor() as cursor:
        cursor.execute(_TUBES, {"boxes": list(box_ids), "boxed": BOXED, "received": RECEIVED})
        for box_id, tube, step, is_received, kind, taken_at in cursor.fetchall():
            (listed if step == BOXED else out_of_it)[box_id].add(tube)
            if is_received:
                received[box_id].add(tube)
            if kind is not None:
                kinds[box_id].add(TubeKind(kind))
            if taken_at is not None:
                first[box_id].append(taken_at)
    return {
        pk: Tubes(
            frozenset(listed[pk]), frozenset(out_of_it[pk]), frozenset(received[pk]), frozenset(kinds[pk]),
            min(first[pk], default=None),
        )
        for pk in box_ids
    }  # fmt: skip


_TUBES = """
    SELECT s.box_id, s.tube, s.step,
        EXISTS (SELECT FROM records_tubestep r
                WHERE r.round_id = s.round_id AND r.tube = s.tube AND r.step = %(received)s),
        t.kind,
        (SELECT min(w.taken_at) FROM records_swab w WHERE w.round_id = s.round_id AND w.tube = s.tube)
    FROM records_tubestep s
    LEFT JOIN records_tube t ON t.round_id = s.round_id AND t.code = s.tube
    WHERE s.box_id = ANY(%(boxes)s::bigint[])
"""


# --- What lacks, and what is too many ----------------------------------------------------------


def _settle(boxes: Sequence[SampleBox], tubes: dict[int, Tubes], now: datetime) -> None:
    """Tell what is wrong in each box that was received; settle by rule what is not wrong any more."""
    wrong = {key: one for box in boxes if box.received_at is not None for key, one in _wrong(box, tubes[box.pk], now)}
    pairs = Q(kind__in=[LabOddityKind.LACKING, LabOddityKind.NOT_IN_BOX], box__in=[box.pk for box in boxes])
    noted = {one.source_key: one for one in LabOddity.objects.filter(pairs)}
    LabOddity.objects.bulk_create([one for key, one in wrong.items() if key not in noted])
    over = [one.pk for key, one in noted.items() if key not in wrong and one.settled_at is None]
    LabOddity.objects.filter(pk__in=over).update(settled_at=now, settled_by=journal.SYSTEM)
    # What a person settled stays settled; what was settled by rule and is wrong again waits again.
    again = [one.pk for key, one in noted.items() if key in wrong and one.settled_by == journal.SYSTEM]
    LabOddity.objects.filter(pk__in=again).update(settled_at=None, settled_by="")


def _wrong(box: SampleBox, tubes: Tubes, now: datetime) -> Iterable[tuple[str, LabOddity]]:
    sides = (
        (LabOddityKind.LACKING, tubes.listed - tubes.received),
        (LabOddityKind.NOT_IN_BOX, tubes.out_of_it - tubes.listed),
    )
    for kind, codes in sides:
        for tube in sorted(codes):
            key = f"{kind}:{box.code}:{tube}"
            yield (
                key,
                LabOddity(
                    laboratory=box.laboratory,
                    round=box.round,
                    box=box,
                    kind=kind,
                    tube=tube,
                    source_key=key,
                    area_code=box.laboratory.area_code if box.laboratory else box.area_code,
                    facts={"box": box.code},
                    recorded_at=now,
                    recorded_by=box.received_by,
                ),
            )

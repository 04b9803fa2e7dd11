"""Reading boxes: those of a round with where they stand, one with its history, the list of tubes in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import Account, HandOver, LabOddity, Outbreak, SampleBox, TestingRound
from sizao.response.testing import rounds
from sizao.response.testing.chain.acts import HOLDS_BACK, box_code
from sizao.response.testing.chain.steps import BOXED, RECEIVED
from sizao.terms import BoxState, HandOverKind, LabOddityKind, Right

OF_BOXES = (*HOLDS_BACK, LabOddityKind.TWO_BOXES, LabOddityKind.NOT_IN_BOX, LabOddityKind.LACKING, LabOddityKind.CLOCK)
_CARRIED = {
    HandOverKind.PICKED_UP: BoxState.CARRIED,
    HandOverKind.PASSED_ON: BoxState.CARRIED,
    HandOverKind.DELIVERED: BoxState.DELIVERED,
    HandOverKind.RETURNED: BoxState.PACKED,
}

_PLACES = {str(kind): place for place, kind in enumerate(HandOverKind)}


class NoSuchBox(SizaoError):
    code = "testing.box.not_found"
    message = (
        "No box bears the code {code} here. Scan its label again; a mistyped code is known by its check digits. "
        "Tubes can be received without a box."
    )


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A box on a list: where it stood, what it held, who had it last, whether it was late."""

    box: SampleBox
    state: BoxState
    n_tubes: int
    last: HandOver | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class TubeInBox:
    """A tube of a box: on its list since, received since; None where it was not."""

    tube: str
    boxed_at: datetime | None
    received_at: datetime | None


def boxes(account: Account) -> QuerySet[SampleBox]:
    """Give the boxes that concern an account: of a round in its jurisdiction, or bound for a laboratory there."""
    mine = rounds.rounds(account).values("pk")
    return SampleBox.objects.filter(Q(round__in=mine) | Q(laboratory__area_code__startswith=account.area_code))


def fetch(code: str, *, to: Right, by: Account, outbreak: Outbreak | None = None) -> SampleBox:
    """Find a box by the code on its label and decide in one step. Raise NoSuchBox, or the door's refusal."""
    access.require(by, to)
    mine = boxes(by).filter(code=box_code(code) or "").select_related("round__outbreak", "site__place", "laboratory")
    found = (mine.filter(round__outbreak=outbreak) if outbreak else mine).first()
    if found is None:
        raise NoSuchBox(code=code[:20])
    return found


def fetch_row(number: int, *, to: Right, by: Account) -> SampleBox:
    """Find a box by the number of its row and decide in one step. Raise the door's refusal."""
    access.require(by, to)
    mine = boxes(by).select_related("round__outbreak", "site__place", "laboratory")
    found = mine.filter(pk=number).first()
    if found is None:
        raise NotYours(what="box", area=by.area_code)
    return found


def of_round(testing_round: TestingRound, as_of: datetime) -> QuerySet[SampleBox]:
    """Give the boxes of a round: those still out and late first, then by the moment their first swab was taken."""
    printed = SampleBox.objects.filter(round=testing_round, printed_at__lte=as_of)
    return printed.select_related("site__place", "laboratory")


def lines(found: Iterable[SampleBox], as_of: datetime) -> list[BoxLine]:
    """Say where boxes stood at a moment, by what was done with them until then."""
    listed = list(found)
    last: dict[int, HandOver] = {}
    acts = HandOver.objects.filter(box__in=[box.pk for box in listed], happened_at__lte=as_of)
    # A box that is on its way is not put back by a closing whose moment, of another device, lies a little later.
    for row in sorted(acts, key=lambda row: (row.kind != HandOverKind.CLOSED, _in_order(row))):
        last[row.box_id] = row
    held = _counted([box.pk for box in listed], as_of)
    return [_line(box, held.get(box.pk, 0), last.get(box.pk), as_of) for box in listed]


def _line(box: SampleBox, n_tubes: int, last: HandOver | None, as_of: datetime) -> BoxLine:
    state = _state(box, n_tubes, last, as_of)
    out = n_tubes > 0 and state != BoxState.RECEIVED
    return BoxLine(box, state, n_tubes, last, out and box.transport_due_at is not None and box.transport_due_at < as_of)


def _state(box: SampleBox, n_tubes: int, last: HandOver | None, as_of: datetime) -> BoxState:
    if box.received_at is not None and box.received_at <= as_of:
        return BoxState.RECEIVED
    if last is not None and last.kind in _CARRIED:
        return _CARRIED[HandOverKind(last.kind)]
    if box.packed_at is not None and box.packed_at <= as_of:
        return BoxState.PACKED
    return BoxState.PACKING if n_tubes else BoxState.EMPTY


def _counted(box_ids: list[int], as_of: datetime) -> Mapping[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [box_ids, as_of])
        return dict(cursor.fetchall())


def history(box: SampleBox, as_of: datetime) -> list[HandOver]:
    """Give all that was done with a box until a moment, in the order in which it was done."""
    rows = HandOver.objects.filter(box=box, happened_at__lte=as_of).select_related("site__place", "laboratory")
    return sorted(rows, key=_in_order)


def _in_order(row: HandOver) -> tuple[datetime, int, str]:
    # What is told of one moment, as all acts of a rehearsal's day are, goes in the order in which boxes go.
    return row.happened_at, _PLACES[row.kind], row.source_key


def tubes(box: SampleBox, as_of: datetime) -> list[TubeInBox]:
    """Give the tubes of a box: on its list, or received out of it without being listed."""
    with connection.cursor() as cursor:
        cursor.execute(_TUBES, {"box": box.pk, "boxed": BOXED, "received": RECEIVED, "as_of": as_of})
        return [TubeInBox(*row) for row in cursor.fetchall()]


def waiting(testing_round: TestingRound, as_of: datetime) -> QuerySet[LabOddity]:
    """Give what was odd about boxes of a round and nobody has settled, the oldest first."""
    found = LabOddity.objects.filter(round=testing_round, kind__in=OF_BOXES, run=None, recorded_at__lte=as_of)
    return found.filter(settled_at=None).select_related("box").order_by("recorded_at", "pk")


_COUNTED = """
    SELECT box_id, count(DISTINCT (round_id, tube))::integer FROM records_tubestep
    WHERE box_id = ANY(%s::bigint[]) AND happened_at <= %s GROUP BY box_id
"""
_TUBES = """
    SELECT tube, max(boxed_at), max(received_at) FROM (
        SELECT s.tube, s.happened_at AS boxed_at, r.happened_at AS received_at
        FROM records_tubestep s
        LEFT JOIN records_tubestep r ON r.round_id = s.round_id AND r.tube = s.tube AND r.step = %(received)s
            AND r.happened_at <= %(as_of)s
        WHERE s.box_id = %(box)s AND s.step = %(boxed)s AND s.happened_at <= %(as_of)s
        UNION ALL
        SELECT r.tube, NULL, r.happened_at FROM records_tubestep r
        WHERE r.box_id = %(box)s AND r.step = %(received)s AND r.happened_at <= %(as_of)s
    ) known GROUP BY tube ORDER BY max(boxed_at) NULLS LAST, tube
"""

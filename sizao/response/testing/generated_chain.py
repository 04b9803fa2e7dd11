"""
The bulk door of the chain: boxes, receipts and readings of generated tubes, by the hour and by the thousand.

The same rows that packing, carrying, receiving and reading leave one by one, so that boards and clocks read on; each
hour whole or not at all, and sending it again changes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from sizao.records import access, journal
from sizao.records.models import Account, Laboratory, SampleBox, TestingRound, TestingSite
from sizao.response import outbreaks
from sizao.response.testing.chain import clocks, labels, steps
from sizao.response.testing.generated import BulkRefused, require_generated
from sizao.terms import HandOverKind, Phrase, Right, TubeKind, TubeStepKind


@dataclass(frozen=True, slots=True)
class GeneratedBox:
    """A box that a site closed: a key of its own, the tubes in it, and what its laboratory is."""

    key: str
    site: TestingSite
    laboratory: Laboratory
    tubes: Sequence[str]


@transaction.atomic
def pack_generated(
    *, testing_round: TestingRound, boxes: Sequence[GeneratedBox], coordinator: Account, by: Account, now: datetime
) -> int:
    """
    Label, pack, close and pick up boxes at one moment; return how many are new.

    Raise OnlyGenerated, BulkRefused where a tube holds nobody, or the door's refusal.
    """
    require_generated(testing_round)
    access.require(by, Right.SAMPLE_CARRY)
    steps.hold(testing_round.outbreak_id)
    fresh = _unknown(boxes, by)
    if not fresh:
        return 0
    labelled: list[SampleBox] = []
    for start in range(0, len(fresh), labels.MOST_BOXES):
        count = min(labels.MOST_BOXES, len(fresh) - start)
        labelled += labels.print_boxes(testing_round=testing_round, count=count, by=coordinator, now=now)
    facts = {"round": testing_round.pk, "now": now, "by": by.username}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE coming_tubes (tube varchar(12), box bigint) ON COMMIT DROP")
        with cursor.copy("COPY coming_tubes FROM STDIN") as copy:
            for box, one in zip(labelled, fresh, strict=True):
                for tube in one.tubes:
                    copy.write_row((tube, box.pk))
        cursor.execute("ANALYZE coming_tubes")
        cursor.execute(_STEP_PUT, facts | {"step": str(TubeStepKind.BOXED)})
        first = _first_swabs(cursor, facts)
        cursor.execute("DROP TABLE coming_tubes")
        empty = [one for box, one in zip(labelled, fresh, strict=True) if box.pk not in first]
        if empty:
            reason = Phrase("nobody is registered in a tube of the box", "箱内有采样管未登记人员")
            raise BulkRefused(number=testing_round.number, count=len(empty), reason=reason)
        rules = outbreaks.rules_at(testing_round.outbreak, now, area_code=testing_round.area_code)
        carried = {pk: clocks.transport(rules, at) for pk, at in first.items()}
        cursor.execute(
            _PACKED,
            facts | {
                "boxes": [box.pk for box in labelled],
                "sites": [one.site.pk for one in fresh],
                "areas": [one.site.area_code for one in fresh],
                "laboratories": [one.laboratory.pk for one in fresh],
                "tubes": [len(one.tubes) for one in fresh],
                "first": [first[box.pk] for box in labelled],
                "due": [carried[box.pk][0] for box in labelled],
                "basis": [json.dumps(carried[box.pk][1], ensure_ascii=False) for box in labelled],
            },
        )  # fmt: skip
        keys = [_key(by, one.key) for one in fresh]
        ids = [box.pk for box in labelled]
        _hand_over(cursor, HandOverKind.CLOSED, ids, keys, by=by, now=now, site=[one.site.pk for one in fresh])
        _hand_over(cursor, HandOverKind.PICKED_UP, ids, [f"{key}:picked" for key in keys], by=by, now=now)
    journal.write(
        "boxes.generated", testing_round, by=by, at=now, number=testing_round.number, boxes=len(fresh),
        tubes=sum(len(one.tubes) for one in fresh),
    )  # fmt: skip
    return len(fresh)


@transaction.atomic
def receive_generated(
    *, testing_round: TestingRound, keys: Sequence[str], packed_by: Account, by: Account, now: datetime
) -> int:
    """
    Receive boxes whole at their laboratories, by the keys they were packed under; return how many are new.

    Raise OnlyGenerated, or the door's refusal.
    """
    require_generated(testing_round)
    access.require(by, Right.LAB_WORK)
    steps.hold(testing_round.outbreak_id)
    wanted = [_key(packed_by, key) for key in keys]
    facts: dict[str, Any] = {"round": testing_round.pk, "now": now, "by": by.username}
    with connection.cursor() as cursor:
        cursor.execute(_TO_RECEIVE, facts | {"keys": wanted})
        waiting = cursor.fetchall()
        ids, codes, kinds = [row[0] for row in waiting], [row[1] for row in waiting], [row[2] for row in waiting]
        if not ids:
            return 0
        cursor.execute(
            _STEP_GET, facts | {"boxes": ids, "boxed": str(TubeStepKind.BOXED), "step": str(TubeStepKind.RECEIVED)}
        )
        rules = outbreaks.rules_at(testing_round.outbreak, now, area_code=testing_round.area_code)
        by_kinds = {found: clocks.results(rules, now, map(TubeKind, found.split(","))) for found in set(kinds)}
        cursor.execute(
            _RECEIVED,
            facts | {
                "boxes": ids,
                "due": [by_kinds[found][0] for found in kinds],
                "basis": [json.dumps(by_kinds[found][1], ensure_ascii=False) for found in kinds],
            },
        )  # fmt: skip
        _hand_over(cursor, HandOverKind.RECEIVED, ids, [f"received:{code}" for code in codes], by=by, now=now)
    journal.write(
        "boxes.received", testing_round, by=by, at=now, number=testing_round.number, boxes=len(ids)
    )  # fmt: skip
    return len(ids)


def _unknown(boxes: Sequence[GeneratedBox], by: Account) -> list[GeneratedBox]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source_key FROM records_handover WHERE source_key = ANY(%s::varchar[])",
            [[_key(by, one.key) for one in boxes]],
        )
        known = {key for (key,) in cursor.fetchall()}
    return [one for one in boxes if _key(by, one.key) not in known]


def _key(by: Account, key: str) -> str:
    return f"{by.username[:35]}:{key}"


def _first_swabs(cursor: Any, facts: Mapping[str, object]) -> dict[int, datetime]:
    cursor.execute(_FIRST, facts)
    return dict(cursor.fetchall())


def _hand_over(
    cursor: Any, kind: HandOverKind, boxes: Sequence[int], keys: Sequence[str], *, by: Account, now: datetime,
    site: Sequence[int] | None = None,
) -> None:  # fmt: skip
    cursor.execute(
        _HAND_OVER,
        {"kind": str(kind), "boxes": list(boxes), "keys": list(keys), "by": by.username, "now": now,
         "sites": list(site) if site else [None] * len(boxes)},
    )  # fmt: skip


_STEP_PUT = """
    INSERT INTO records_tubestep (round_id, tube, step, box_id, happened_at, recorded_at, recorded_by)
    SELECT %(round)s, tube, %(step)s, box, %(now)s, %(now)s, %(by)s FROM coming_tubes
"""
_FIRST = """
    SELECT c.box, min(s.taken_at) FROM coming_tubes c
    JOIN records_swab s ON s.round_id = %(round)s AND s.tube = c.tube GROUP BY c.box
"""
_PACKED = """
    UPDATE records_samplebox b SET site_id = told.site, area_code = told.area, laboratory_id = told.laboratory,
        packed_at = %(now)s, packed_by = %(by)s, n_tubes = told.tubes, first_swab_at = told.first,
        transport_due_at = told.due, basis = told.basis, worked_out_at = %(now)s
    FROM unnest(%(boxes)s::bigint[], %(sites)s::bigint[], %(areas)s::varchar[], %(laboratories)s::bigint[],
        %(tubes)s::smallint[], %(first)s::timestamptz[], %(due)s::timestamptz[], %(basis)s::jsonb[])
        AS told (box, site, area, laboratory, tubes, first, due, basis)
    WHERE b.id = told.box
"""
_HAND_OVER = """
    INSERT INTO records_handover (box_id, kind, happened_at, recorded_at, recorded_by, giver, vehicle, source_key, note,
        site_id, laboratory_id)
    SELECT told.box, %(kind)s, %(now)s, %(now)s, %(by)s, '', '', told.key, '', told.site,
        CASE WHEN %(kind)s IN ('closed', 'received') THEN b.laboratory_id END
    FROM unnest(%(boxes)s::bigint[], %(keys)s::varchar[], %(sites)s::bigint[]) AS told (box, key, site)
    JOIN records_samplebox b ON b.id = told.box
"""
_TO_RECEIVE = """
    SELECT b.id, b.code, (SELECT string_agg(DISTINCT t.kind, ',' ORDER BY t.kind) FROM records_tubestep s
        JOIN records_tube t ON t.round_id = s.round_id AND t.code = s.tube WHERE s.box_id = b.id)
    FROM records_handover h JOIN records_samplebox b ON b.id = h.box_id
    WHERE h.source_key = ANY(%(keys)s::varchar[]) AND b.round_id = %(round)s AND b.received_at IS NULL
    ORDER BY b.id
"""
_STEP_GET = """
    INSERT INTO records_tubestep (round_id, tube, step, box_id, laboratory_id, happened_at, recorded_at, recorded_by)
    SELECT s.round_id, s.tube, %(step)s, s.box_id, b.laboratory_id, %(now)s, %(now)s, %(by)s
    FROM records_tubestep s JOIN records_samplebox b ON b.id = s.box_id
    WHERE s.round_id = %(round)s AND s.box_id = ANY(%(boxes)s::bigint[]) AND s.step = %(boxed)s
"""
_RECEIVED = """
    UPDATE records_samplebox b SET received_at = %(now)s, received_by = %(by)s, n_received = b.n_tubes,
        result_due_at = told.due, basis = b.basis || told.basis, worked_out_at = %(now)s
    FROM unnest(%(boxes)s::bigint[], %(due)s::timestamptz[], %(basis)s::jsonb[]) AS told (box, due, basis)
    WHERE b.id = told.box
"""

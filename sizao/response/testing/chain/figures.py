"""
What is on its way and what waits in laboratories: figures for boards, never a person.

Read from boxes, from the tubes of boxes that nobody has closed yet, and from tubes received and read. A past moment
is answered by the moments at which things were done.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from sizao.records.models import Event, Laboratory, TestingRound
from sizao.terms import HandOverKind, TubeStepKind

CAPACITY_CHANGED = "laboratory.capacity_changed"
LAST_HOURS = 6  # of the pace that is shown


@dataclass(frozen=True, slots=True)
class InTransit:
    """
    What one site has on its way to one laboratory; None where no site, or no laboratory, was said.

    `at_site` of the boxes nobody has fetched yet. `late` are those past the moment by which the edition wants them
    received; boxes whose clock waits for confirmation, or whose tubes have no swab on record, are never late.
    """

    laboratory_id: int | None
    site_id: int | None
    boxes: int
    tubes: int
    at_site: int
    late: int
    oldest_swab_at: datetime | None


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """What an area has on its way: tubes, late boxes, and when the oldest swab among them was taken."""

    tubes: int
    late: int
    oldest_swab_at: datetime | None


@dataclass(frozen=True, slots=True)
class LaboratoryLoad:
    """
    What a laboratory has to do, against what it can.

    `waiting` tubes were received and no standing run settles them; one that was read twice counts twice as read.
    `read_by_hour` are the tubes that were read in each of the last hours, the oldest first, the last one ending at the
    moment asked for. `hours_to_empty` is how long the waiting tubes take at its capacity, `hours_with_arrivals` with
    those on the way besides.
    """

    laboratory_id: int
    code: str
    name: str
    on_the_way: int
    waiting: int
    read_by_hour: tuple[int, ...]
    tubes_per_hour: int
    hours_to_empty: float | None
    hours_with_arrivals: float | None


def in_transit(testing_round: TestingRound, as_of: datetime) -> list[InTransit]:
    """Say what a round has on its way, by laboratory and site: boxes that hold tubes and were not received."""
    asked = {"round": testing_round.pk, "as_of": as_of, "picked": str(HandOverKind.PICKED_UP)}
    with connection.cursor() as cursor:
        cursor.execute(_ON_THE_WAY + _BY_SITE, asked | _KINDS)
        return [InTransit(*row) for row in cursor.fetchall()]


def on_the_way(testing_round: TestingRound, as_of: datetime, *, within: str) -> OnTheWay:
    """Sum up what sites of an area have on their way; of the round's own area, also what no site was said of."""
    asked = {"round": testing_round.pk, "as_of": as_of, "inside": f"{within}%"} | _KINDS
    text = _ALTOGETHER + (_OF_SITES if within != testing_round.area_code else "")
    with connection.cursor() as cursor:
        cursor.execute(_ON_THE_WAY + text, asked)
        return OnTheWay(*cursor.fetchone())


def laboratory_load(testing_round: TestingRound | None, as_of: datetime) -> list[LaboratoryLoad]:
    """
    Say what each laboratory has on the way to it, waiting and read: of one round, or of all that are not set aside.

    A laboratory that was closed by then is left out unless tubes still wait there.
    """
    asked = {"round": testing_round.pk if testing_round else None, "as_of": as_of} | _KINDS
    coming, waiting, read = _coming(asked), _waiting(asked), _read(asked)
    known = list(Laboratory.objects.filter(opened_at__lte=as_of).order_by("code"))
    paces = capacities(known, as_of)
    return [
        _load(one, paces[one.pk], coming.get(one.pk, 0), waiting.get(one.pk, 0), read.get(one.pk, {}))
        for one in known
        if one.closed_at is None or one.closed_at > as_of or waiting.get(one.pk)
    ]


def capacities(known: Sequence[Laboratory], as_of: datetime) -> dict[int, int]:
    """Say how many tubes each laboratory read in an hour at a moment: as the first change after it found it."""
    kind = Laboratory._meta.model_name
    later = Event.objects.filter(subject_kind=kind, subject_id__in=[one.pk for one in known], at__gt=as_of)
    lines = later.filter(verb=CAPACITY_CHANGED).order_by("-at", "-id").values_list("subject_id", "facts")
    return {one.pk: one.tubes_per_hour for one in known} | {pk: facts["was"] for pk, facts in lines}


def _load(one: Laboratory, capacity: int, coming: int, waiting: int, read: Mapping[int, int]) -> LaboratoryLoad:
    return LaboratoryLoad(
        laboratory_id=one.pk,
        code=one.code,
        name=one.name,
        on_the_way=coming,
        waiting=waiting,
        read_by_hour=tuple(read.get(hours_ago, 0) for hours_ago in reversed(range(LAST_HOURS))),
        tubes_per_hour=capacity,
        hours_to_empty=waiting / capacity if capacity else None,
        hours_with_arrivals=(waiting + coming) / capacity if capacity else None,
    )


def _coming(asked: Mapping[str, object]) -> dict[int, int]:
    with connection.cursor() as cursor:
        text = "SELECT laboratory_id, sum(tubes) FROM boxes WHERE laboratory_id IS NOT NULL AND tubes > 0 GROUP BY 1"
        cursor.execute(_ON_THE_WAY + text, dict(asked))
        return {laboratory: int(tubes) for laboratory, tubes in cursor.fetchall()}


def _waiting(asked: Mapping[str, object]) -> dict[int, int]:
    received, settled = _sums(_RECEIVED, asked), _sums(_SETTLED, asked)
    # What was read before its receipt was registered may leave fewer than none.
    return {laboratory: max(0, tubes - settled.get(laboratory, 0)) for laboratory, tubes in received.items()}


def _sums(text: str, asked: Mapping[str, object]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(text, dict(asked))
        return dict(cursor.fetchall())


def _read(asked: Mapping[str, object]) -> dict[int, dict[int, int]]:
    since = asked["as_of"] - timedelta(hours=LAST_HOURS)  # type: ignore[operator]
    found: dict[int, dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_READ, dict(asked) | {"since": since})
        for laboratory, hours_ago, tubes in cursor.fetchall():
            found[laboratory][int(hours_ago)] = tubes
    return found


_KINDS: Mapping[str, object] = {
    "boxed": str(TubeStepKind.BOXED),
    "received": str(TubeStepKind.RECEIVED),
}
# A box says how many tubes it holds from its closing on; those of the few that stand open are counted.
_ON_THE_WAY = """
    WITH boxes AS (
        SELECT box.id, box.laboratory_id, box.site_id, box.first_swab_at, box.transport_due_at,
            coalesce(box.n_tubes, (
                SELECT count(*) FROM records_tubestep s
                WHERE s.box_id = box.id AND s.step = %(boxed)s AND s.happened_at <= %(as_of)s
            )) AS tubes
        FROM records_samplebox box
        WHERE (%(round)s::bigint IS NULL OR box.round_id = %(round)s)
            AND (box.received_at IS NULL OR box.received_at > %(as_of)s)
            AND (box.packed_at IS NULL OR box.packed_at <= %(as_of)s)
    )
"""
_BY_SITE = """
    SELECT laboratory_id, site_id, count(*), sum(tubes)::integer,
        count(*) FILTER (WHERE NOT EXISTS (
            SELECT FROM records_handover h
            WHERE h.box_id = boxes.id AND h.kind = %(picked)s AND h.happened_at <= %(as_of)s
        )),
        count(*) FILTER (WHERE transport_due_at < %(as_of)s), min(first_swab_at)
    FROM boxes WHERE tubes > 0
    GROUP BY 1, 2 ORDER BY 1, 2
"""
_ALTOGETHER = """
    SELECT coalesce(sum(tubes), 0)::integer, count(*) FILTER (WHERE transport_due_at < %(as_of)s), min(first_swab_at)
    FROM boxes WHERE tubes > 0
"""
_OF_SITES = (
    "AND site_id IN (SELECT id FROM records_testingsite WHERE round_id = %(round)s AND area_code LIKE %(inside)s)"
)
# Sums of boxes, because setting 1.2 million receipts against as many readings takes seconds.
_RECEIVED = """
    SELECT laboratory_id, sum(tubes)::integer FROM (
        SELECT box.laboratory_id, sum(box.n_received) AS tubes
        FROM records_samplebox box JOIN records_testinground tr ON tr.id = box.round_id
        WHERE box.received_at <= %(as_of)s AND tr.archived_at IS NULL
            AND (%(round)s::bigint IS NULL OR box.round_id = %(round)s)
        GROUP BY 1
        UNION ALL
        SELECT s.laboratory_id, count(*) FROM records_tubestep s
        WHERE s.box_id IS NULL AND s.step = %(received)s AND s.happened_at <= %(as_of)s
            AND (%(round)s::bigint IS NULL OR s.round_id = %(round)s)
        GROUP BY 1
    ) received WHERE laboratory_id IS NOT NULL GROUP BY 1
"""
# A run says itself how many readings of each round it holds: counting 1.2 million of them takes a second.
_SETTLED = """
    SELECT run.laboratory_id, sum((told.counts ->> 1)::integer)::integer
    FROM records_labrun run CROSS JOIN LATERAL jsonb_each(run.by_round) told (round_id, counts)
    JOIN records_testinground tr ON tr.id = told.round_id::bigint AND tr.archived_at IS NULL
    WHERE run.recorded_at <= %(as_of)s AND (run.withdrawn_at IS NULL OR run.withdrawn_at > %(as_of)s)
        AND (%(round)s::bigint IS NULL OR tr.id = %(round)s)
    GROUP BY 1
"""
_READ = """
    SELECT run.laboratory_id, floor(extract(epoch FROM %(as_of)s - run.recorded_at) / 3600)::integer,
        sum((told.counts ->> 0)::integer)::integer
    FROM records_labrun run CROSS JOIN LATERAL jsonb_each(run.by_round) told (round_id, counts)
    JOIN records_testinground tr ON tr.id = told.round_id::bigint AND tr.archived_at IS NULL
    WHERE run.recorded_at > %(since)s AND run.recorded_at <= %(as_of)s
        AND (run.withdrawn_at IS NULL OR run.withdrawn_at > %(as_of)s)
        AND (%(round)s::bigint IS NULL OR tr.id = %(round)s)
    GROUP BY 1, 2
"""

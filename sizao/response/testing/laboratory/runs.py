"""A run is recorded once, whoever sends it again: its readings in their rounds, and what is odd in the queue."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction
from django.db.models import Case, Q, QuerySet, Value, When

from sizao.engines.readings import INCONCLUSIVE
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, Laboratory, LabReading, LabRun
from sizao.response.testing.laboratory import judging, laboratories, odd, placing
from sizao.response.testing.laboratory.placing import Placed
from sizao.response.testing.laboratory.sent import Columns, Held, ReadingSent, RunSent, RunTold
from sizao.terms import LabOddityKind, Reading, Right, RunState

MOST_AT_ONCE = 5_000  # readings of one request; a file holds more
CLOCK_SLACK = timedelta(minutes=10)


class RunEmpty(SizaoError):
    code = "laboratory.run_empty.unreadable"
    message = "{name} holds no reading at all. Check that it is the export of results; nothing was kept."


@transaction.atomic
def record_run(*, laboratory: Laboratory, sent: RunSent, by: Account, now: datetime) -> RunTold:
    """
    Record a run: what it says of each tube, judged by the kit, and what of it must wait for somebody.

    It is nobody's result until a second person releases it. The same run again changes nothing and says so. Raise
    RunEmpty, KitMissing, CutoffImpossible, LaboratoryClosed, or the door's refusal.
    """
    access.require(by, Right.LAB_WORK, area_code=laboratory.area_code)
    laboratories.check_open(laboratory, now)
    if not sent.readings and not sent.held:
        raise RunEmpty(name=sent.name)
    columns, held = judging.judged(sent)
    run, is_new = LabRun.objects.get_or_create(
        source_key=sent.source_key,
        defaults={
            "laboratory": laboratory,
            "plate": sent.plate,
            "feed": sent.feed,
            "name": sent.name[:200],
            "instrument": sent.instrument[:100],
            "genes": list(sent.kit.genes) if sent.kit else [],
            "cutoff_ct": _cutoff(sent),
            "ran_at": sent.ran_at,
            "recorded_at": now,
            "recorded_by": by.username,
        },
    )
    if not is_new:
        return RunTold(run, is_new=False)
    told = fill(run, columns, [*held, *_clock(sent, now)], by=by, now=now)
    journal.write(
        "run.recorded", laboratory, by=by, at=now, run=run.pk, name=run.name, readings=run.n_readings,
        positive=run.n_positive, again=run.n_again, kit=sent.kit.id if sent.kit else None, odd=sum(told.values()),
    )  # fmt: skip
    return RunTold(run, is_new=True, oddities=told)


def fill(
    run: LabRun, columns: Columns, held: Sequence[Held], *, by: Account, now: datetime, adds: str = ""
) -> Counter[LabOddityKind]:
    """
    Store readings of a run and note what is odd; the run's row must be held.

    `adds` marks what is added to a run that has others already, none of them of the same tubes. The core of every way
    in.
    """
    placed = placing.store(run, columns)
    counted = {code: int(n) for code, n in zip(*np.unique(placed.found, return_counts=True), strict=True)}
    run.n_readings += len(placed.found)
    run.n_positive += counted.get(1, 0)
    run.n_again += counted.get(2, 0) + counted.get(3, 0)
    for round_id, found in placed.found_in.items():
        readings, settling = run.by_round.get(str(round_id), (0, 0))
        run.by_round[str(round_id)] = [readings + len(found), settling + int((found < INCONCLUSIVE).sum())]
    run.save(update_fields=["n_readings", "n_positive", "n_again", "by_round"])
    told = odd.note_held(run, [*held, *_unplaced(columns, placed, adds)], by=by, now=now)
    tubes = columns.tubes.tolist() if adds else None
    return told + odd.note_stored(run, placed.rounds, by=by, now=now, tubes=tubes)


def _unplaced(columns: Columns, placed: Placed, mark: str) -> list[Held]:
    kinds = ((LabOddityKind.UNREADABLE_TUBE, placed.mistyped), (LabOddityKind.UNKNOWN_TUBE, placed.never_printed))
    held = [
        Held(
            kind,
            f"{mark}tube{place}-{columns.tubes[place]}",
            str(columns.tubes[place]),
            {},
            _as_sent(columns, int(place)),
        )
        for kind, places in kinds
        for place in places
    ]
    return held + [Held(LabOddityKind.TWICE_IN_RUN, f"twice-{tube}", tube) for _, tube in placed.unlike]


def _as_sent(columns: Columns, place: int) -> str:
    """Write down a judged reading, so that it can be placed once its right code is known."""
    well = columns.wells[place] if columns.wells is not None else None
    found = judging.FOUND[int(columns.found[place])]
    return judging.packed(ReadingSent(str(columns.tubes[place]), found=found, well=well))


def _cutoff(sent: RunSent) -> float | None:
    return sent.kit.rule(sent.cutoff_ct).cutoff_ct if sent.kit else None


def _clock(sent: RunSent, now: datetime) -> list[Held]:
    if sent.ran_at is None or sent.ran_at <= now + CLOCK_SLACK:
        return []
    return [Held(LabOddityKind.CLOCK, "clock", facts={"ran_at": sent.ran_at.isoformat()})]


def empty_again(run: LabRun) -> None:
    """Take the readings out of a run that nobody has released, so that the whole file takes their place."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_labreading WHERE run_id = %s", [run.pk])
    run.n_readings = run.n_positive = run.n_again = 0
    run.by_round = {}


_FIRST = (Reading.POSITIVE, Reading.INCONCLUSIVE, Reading.INVALID)


# --- Reading -----------------------------------------------------------------------------------


def runs_of(laboratory: Laboratory, as_of: datetime) -> QuerySet[LabRun]:
    """Give the runs of a laboratory that were recorded by a moment, the latest first."""
    return LabRun.objects.filter(laboratory=laboratory, recorded_at__lte=as_of).order_by("-recorded_at", "-pk")


def waiting_of(laboratory: Laboratory, as_of: datetime) -> QuerySet[LabRun]:
    """Give the runs of a laboratory that waited for a second person at a moment."""
    signed = Q(released_at__lte=as_of) | Q(withdrawn_at__lte=as_of)
    return runs_of(laboratory, as_of).exclude(signed)


def fetch(number: int, *, to: Right, by: Account) -> LabRun:
    """Fetch a run of a laboratory of the account's area, for one purpose. Raise the door's refusal."""
    access.require(by, to)
    found = LabRun.objects.select_related("laboratory", "plate").filter(pk=number).first()
    if found is None or not access.covers(by, found.laboratory.area_code):
        raise NotYours(what="run", area=by.area_code)
    return found


def readings_of(run: LabRun) -> QuerySet[LabReading]:
    """Give the readings of a run: what asks for somebody first, positives before the rest."""
    urgency = Case(
        *(When(found=one, then=Value(place)) for place, one in enumerate(_FIRST)), default=Value(len(_FIRST))
    )
    return LabReading.objects.filter(run=run).order_by(urgency, "tube")


def waiting_tubes(laboratory: Laboratory, as_of: datetime, *, most: int) -> list[tuple[str, datetime]]:
    """Give tubes that a laboratory received and has not read, the longest there first: code and receipt."""
    asked = {"laboratory": laboratory.pk, "as_of": as_of, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, asked)
        return cursor.fetchall()


_WAITING = """
    SELECT s.tube, s.happened_at FROM records_tubestep s
    WHERE s.laboratory_id = %(laboratory)s AND s.step = 'received' AND s.recorded_at <= %(as_of)s
        AND NOT EXISTS (
            SELECT FROM records_labreading r JOIN records_labrun u ON u.id = r.run_id AND u.recorded_at <= %(as_of)s
                AND (u.withdrawn_at IS NULL OR u.withdrawn_at > %(as_of)s)
            WHERE r.round_id = s.round_id AND r.tube = s.tube
        )
    ORDER BY s.happened_at, s.tube LIMIT %(most)s
"""


def state_at(run: LabRun, as_of: datetime) -> RunState:
    """Say where a run stood at a moment."""
    if run.withdrawn_at is not None and run.withdrawn_at <= as_of:
        return RunState.WITHDRAWN
    return RunState.RELEASED if run.released_at is not None and run.released_at <= as_of else RunState.RECORDED

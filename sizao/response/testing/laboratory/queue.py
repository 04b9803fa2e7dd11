"""The queue of a laboratory: what could not be read or placed, and what two runs do not agree on."""

import json
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, LabOddity, Laboratory, LabRun, Outbreak
from sizao.response.testing.laboratory import releasing, runs
from sizao.response.testing.laboratory.sent import ReadingSent, RunSent
from sizao.terms import LabFeed, LabOddityKind, Reading, Right, RunState

# With the right code these become a reading, which a second person releases.
PLACED_BY_CODE = frozenset({LabOddityKind.UNREADABLE_TUBE, LabOddityKind.UNKNOWN_TUBE})


class SettledBefore(SizaoError):
    code = "laboratory.oddity_settled"
    message = "{by} settled this on {at:%Y-%m-%d %H:%M}. Nothing was changed."


class WhatBecameOfIt(SizaoError):
    code = "laboratory.outcome.unreadable"
    message = "Say in a few words what was found out, or give the right code of the tube."


class StillNotPlaced(SizaoError):
    code = "laboratory.still_not_placed"
    message = "No tube was printed under {given} either. Check the label and give its twelve digits."


def waiting(laboratory: Laboratory, as_of: datetime) -> QuerySet[LabOddity]:
    """Give what nobody has settled of the runs of a laboratory, the oldest first."""
    found = LabOddity.objects.filter(laboratory=laboratory, run__isnull=False, settled_at=None)
    return found.filter(recorded_at__lte=as_of).select_related("run").order_by("recorded_at", "pk")


@transaction.atomic
def settle_lab_oddity(
    *, number: int, by: Account, now: datetime, outcome: str = "", tube: str = "", takes: bool = False
) -> LabOddity:
    """
    Say what became of something odd about a reading.

    With the right code, a reading that was held back is recorded by whoever settles it, and waits for a second person.
    `takes`: the reading of a released run takes the place of the result that it contradicts. Raise SettledBefore,
    WhatBecameOfIt, StillNotPlaced, what `correct_tube` raises, or the door's refusal.
    """
    access.require(by, Right.LAB_WORK)
    found = (
        LabOddity.objects.select_for_update(of=["self"])
        .select_related("laboratory", "run")
        .filter(pk=number, run__isnull=False)
        .first()
    )
    if found is None or not access.covers(by, found.area_code):
        raise NotYours(what="oddity", area=by.area_code)
    if found.settled_at is not None:
        raise SettledBefore(by=found.settled_by, at=found.settled_at)
    _act(found, outcome, tube, takes=takes, by=by, now=now)
    found.settled_at, found.settled_by, found.outcome = now, by.username, outcome.strip()[:300]
    found.sent = None
    found.save(update_fields=["settled_at", "settled_by", "outcome", "sent"])
    journal.write(
        "reading.settled", found.laboratory, by=by, at=now, oddity=found.pk, kind=found.kind, tube=found.tube,
        taken=takes,
    )  # fmt: skip
    return found


def _act(found: LabOddity, outcome: str, tube: str, *, takes: bool, by: Account, now: datetime) -> None:
    if LabOddityKind(found.kind) in PLACED_BY_CODE and tube.strip():
        _place(found, tube, by=by, now=now)
    elif found.kind == LabOddityKind.CONTRADICTION and takes:
        releasing.correct_tube(oddity=found, by=by, now=now)
    elif not outcome.strip():
        raise WhatBecameOfIt


def _place(found: LabOddity, tube: str, *, by: Account, now: datetime) -> None:
    """Record the reading under the right code, as a run of its own: who settles it is not who signs it."""
    kept = json.loads(found.sent)
    reading = ReadingSent(tube.replace(" ", ""), found=Reading(kept["found"]), well=kept["well"])
    sent = RunSent(LabFeed.BY_HAND, f"settled:{found.pk}", f"{found.run.name} · {found.tube}"[:200], [reading])
    told = runs.record_run(laboratory=found.laboratory, sent=sent, by=by, now=now)
    if told.run.n_readings == 0:
        raise StillNotPlaced(given=tube.strip()[:20])


# --- By rule -----------------------------------------------------------------------------------


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Settle what time has settled: swabs that came after the result of their tube, and tubes received since.

    Return how many. Swabs of a device that was offline find the released result of their tube waiting.
    """
    open_ones = LabOddity.objects.filter(
        round__outbreak=outbreak, settled_at=None, run__isnull=False, recorded_at__lte=now
    )
    late = open_ones.filter(kind=LabOddityKind.NO_SWABS, run__state=RunState.RELEASED).exclude(tube="")
    by_run: dict[int, list[LabOddity]] = {}
    for one in late.select_for_update(of=["self"]).order_by("pk"):
        by_run.setdefault(one.run_id, []).append(one)
    done: list[int] = []
    for run_id, several in by_run.items():
        run = LabRun.objects.select_related("laboratory").get(pk=run_id)
        signed = Account.objects.get(username=run.released_by)
        given = releasing.catch_up(run, by=signed, now=now, tubes=[one.tube for one in several])
        done += [one.pk for one in several if one.tube in given]
    received = LabOddity.objects.raw(_RECEIVED_SINCE, {"now": now, "outbreak": outbreak.pk})
    done += [one.pk for one in received]
    return LabOddity.objects.filter(pk__in=done).update(settled_at=now, settled_by=journal.SYSTEM, outcome="came later")


_RECEIVED_SINCE = """
    SELECT o.id FROM records_laboddity o
    JOIN records_testinground d ON d.id = o.round_id AND d.outbreak_id = %(outbreak)s
    JOIN records_tubestep s ON s.round_id = o.round_id AND s.tube = o.tube AND s.step = 'received'
        AND s.recorded_at <= %(now)s AND (s.laboratory_id = o.laboratory_id OR EXISTS (
            SELECT FROM records_laboddity t WHERE t.source_key = 'receipt:' || o.tube || ':' || o.laboratory_id
                AND t.kind = 'two_laboratories' AND t.recorded_at <= %(now)s
        ))
    WHERE o.kind = 'before_receipt' AND o.settled_at IS NULL AND o.run_id IS NOT NULL
    FOR UPDATE OF o
"""

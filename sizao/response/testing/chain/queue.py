"""What devices said of boxes and could not be recorded: set right by a person, or settled with a word."""

from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, LabOddity, TestingRound
from sizao.response.testing.chain import desk, finding
from sizao.response.testing.chain.acts import unpacked
from sizao.response.testing.oddities import OddityMissing, SettledAlready, WhatCameOfIt
from sizao.terms import BoxAnswer, Right, Words


class ActStillWaits(SizaoError):
    code = "testing.box_act_still_waits"
    message = "It still cannot be recorded: {oddities}. Check the codes on the box and on the tube."


@transaction.atomic
def settle_box_oddity(
    *,
    testing_round: TestingRound,
    number: int,
    by: Account,
    now: datetime,
    box: str = "",
    tube: str = "",
    outcome: str = "",
) -> LabOddity:
    """
    Say what became of something odd about a box; with the right code the act that waited is recorded now.

    Raise OddityMissing, SettledAlready, WhatCameOfIt, ActStillWaits, or the door's refusal.
    """
    access.require(by, Right.SAMPLE_CARRY)
    mine = LabOddity.objects.select_for_update(of=["self"]).filter(round=testing_round, run=None)
    found = mine.filter(pk=number, kind__in=finding.OF_BOXES).first()
    if found is None:
        raise OddityMissing(number=testing_round.number)
    if found.settled_at is not None:
        raise SettledAlready(by=found.settled_by, at=found.settled_at)
    if found.sent is not None and (box.strip() or tube.strip()):
        _record(testing_round, found, box.strip(), tube.strip(), by=by, now=now)
    elif not outcome.strip():
        raise WhatCameOfIt
    LabOddity.objects.filter(source_key=found.source_key, run=None, settled_at=None).exclude(pk=found.pk).update(
        settled_at=now, settled_by=by.username, sent=None
    )
    found.settled_at, found.settled_by, found.outcome = now, by.username, outcome.strip()[:300]
    found.sent = None
    found.save(update_fields=["settled_at", "settled_by", "outcome", "sent"])
    journal.write("box.settled", testing_round, by=by, at=now, oddity=found.pk, kind=found.kind)
    return found


def _record(testing_round: TestingRound, found: LabOddity, box: str, tube: str, *, by: Account, now: datetime) -> None:
    sent = unpacked(found.sent, key=f"settled:{found.pk}", box=box, tube=tube)
    told = desk.record_acts(testing_round=testing_round, acts=[sent], by=by, now=now)[0]
    if told.answer == BoxAnswer.QUEUED:
        raise ActStillWaits(oddities=Words(told.oddities))

"""The queue of what was odd: somebody looks at it, and sets right what held a swab back."""

import json
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, TestingOddity, TestingRound
from sizao.response.testing import swabs
from sizao.response.testing.incoming import SwabSent
from sizao.terms import HOLDS_BACK, OddityKind, Right, SwabAnswer, TubeKind, Words


class OddityMissing(SizaoError):
    code = "testing.oddity.not_found"
    message = "There is nothing under this number in the queue of round {number}. Open the queue from its beginning."


class SettledAlready(SizaoError):
    code = "testing.oddity_settled"
    message = "{by} settled this on {at:%Y-%m-%d %H:%M}. Nothing was changed."


class WhatCameOfIt(SizaoError):
    code = "testing.outcome.unreadable"
    message = "Say in a few words what was found out, or give the code of the tube or the number on the roster."


class StillHeldBack(SizaoError):
    code = "testing.still_held_back"
    message = "The swab still cannot be registered: {oddities}. Check the code on the tube and who it was."


def waiting(testing_round: TestingRound, account: Account, as_of: datetime) -> QuerySet[TestingOddity]:
    """Give what nobody has settled of a round's queue, of the account's area, the oldest first."""
    mine = TestingOddity.objects.filter(round=testing_round, recorded_at__lte=as_of, settled_at=None)
    return mine.filter(area_code__startswith=account.area_code).order_by("recorded_at", "pk")


@transaction.atomic
def settle_oddity(
    *,
    testing_round: TestingRound,
    number: int,
    by: Account,
    now: datetime,
    tube: str = "",
    entry: int | None = None,
    outcome: str = "",
) -> TestingOddity:
    """
    Say what became of something odd; with the right code, or the number on the roster, the swab is registered now.

    Raise OddityMissing, SettledAlready, WhatCameOfIt, StillHeldBack, or the door's refusal.
    """
    access.require(by, Right.TESTING_REGISTER)
    found = TestingOddity.objects.select_for_update(of=["self"]).filter(round=testing_round, pk=number).first()
    if found is None or not found.area_code.startswith(by.area_code):
        raise OddityMissing(number=testing_round.number)
    if found.settled_at is not None:
        raise SettledAlready(by=found.settled_by, at=found.settled_at)
    if OddityKind(found.kind) in HOLDS_BACK and (tube.strip() or entry is not None):
        _register(testing_round, found, tube, entry, by=by, now=now)
    elif not outcome.strip():
        raise WhatCameOfIt
    others = TestingOddity.objects.filter(round=testing_round, source_key=found.source_key, kind__in=HOLDS_BACK)
    others.filter(settled_at=None).exclude(pk=found.pk).update(settled_at=now, settled_by=by.username, sent=None)
    found.settled_at, found.settled_by, found.outcome = now, by.username, outcome.strip()[:300]
    found.sent = None
    found.save(update_fields=["settled_at", "settled_by", "outcome", "sent"])
    journal.write("swab.settled", testing_round, by=by, at=now, oddity=found.pk, kind=found.kind)
    return found


def _register(
    testing_round: TestingRound, found: TestingOddity, tube: str, entry: int | None, *, by: Account, now: datetime
) -> None:
    kept = json.loads(found.sent)
    sent = SwabSent(
        source_key=f"settled:{found.pk}",
        tube=tube.strip() or kept["tube"],
        taken_at=_taken_at(testing_round, found),
        kind=TubeKind(kept["kind"]),
        entry=entry if entry is not None else kept["entry"],
        id_number=kept["id_number"],
        name=kept["name"],
        phone=kept["phone"],
        site=kept["site"],
        table=kept["table"],
    )
    told = swabs.register_swabs(testing_round=testing_round, swabs=[sent], by=by, now=now)[0]
    if told.answer == SwabAnswer.QUEUED:
        raise StillHeldBack(oddities=Words(told.oddities))


def _taken_at(testing_round: TestingRound, found: TestingOddity) -> datetime:
    """Say when the swab was taken; who settles one from outside the round says that it was inside."""
    if found.kind != OddityKind.NOT_OPEN or testing_round.opened_at is None:
        return found.taken_at
    return min(max(found.taken_at, testing_round.opened_at), testing_round.closed_at or found.taken_at)

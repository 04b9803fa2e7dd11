"""Rewards for leads: a rule proposes, a named person decides. Who gave the lead is not shown here."""

from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, QuerySet, When

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Reward
from sizao.terms import REWARD_MOVES, RewardState, Right, Words


class RewardCannotMove(SizaoError):
    code = "reward.cannot_move"
    message = "This reward is {was}, so it cannot become {state}. From here it may become: {allowed}."


class RewardWithoutReason(SizaoError):
    code = "reward.reason.unreadable"
    message = "Say why this lead is rewarded, or is not: it is read when somebody asks."


class RewardWithoutAmount(SizaoError):
    code = "reward.amount.unreadable"
    message = "Say how many yuan are granted: a whole number from 1 to {most}."


MOST_YUAN = 1_000_000


@transaction.atomic
def decide(
    *, reward: Reward, state: RewardState, yuan: int | None, reason: str, by: Account, now: datetime
) -> Reward:  # fmt: skip
    """
    Grant a reward, or decline it, in one's own name.

    Raise the door's refusal, RewardCannotMove, RewardWithoutReason, RewardWithoutAmount.
    """
    found = Reward.objects.select_for_update().get(pk=reward.pk)
    access.require(by, Right.FINDING_MAKE, area_code=found.area_code)
    was = RewardState(found.state)
    if state not in REWARD_MOVES[was]:
        raise RewardCannotMove(was=was, state=state, allowed=Words(sorted(REWARD_MOVES[was])))
    if not reason.strip():
        raise RewardWithoutReason
    if state == RewardState.GRANTED and (yuan is None or not 0 < yuan <= MOST_YUAN):
        raise RewardWithoutAmount(most=MOST_YUAN)
    found.state, found.decided_at, found.decided_by = state, now, by
    found.reason, found.yuan = reason.strip()[:300], yuan if state == RewardState.GRANTED else None
    found.save()
    journal.write(f"reward.{state}", found, by=by, at=now, yuan=found.yuan)
    return found


def known_at(area_code: str, as_of: datetime) -> QuerySet[Reward]:
    """Give the rewards of an area proposed by a moment: those that were to be decided then first, the latest on top."""
    found = Reward.objects.filter(area_code__startswith=area_code, proposed_at__lte=as_of)
    decided = Case(When(decided_at__lte=as_of, then=F("decided_at")))
    return found.select_related("decided_by").order_by(decided.desc(nulls_first=True), "-pk")

"""
Back to routine: close what nobody decided on, list what is left and who decides on it, and have the list signed.

Nothing that holds a person ends here: an order, a room or a zone in force is listed, and its own officer decides.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, LevelDecision, LevelLeftItem
from sizao.response import isolation, testing, zoning
from sizao.response.tasks import teams
from sizao.response.tasks.levels import left_over
from sizao.response.tasks.working import cancel
from sizao.terms import LeftKind, ResponseLevel, Right, TaskKind, Words

LONGEST_NOTE = 300
# What these ask for is over with the return itself; every other task is listed for its own role.
_TASKS_OVER = (TaskKind.SIGN_ORDER, TaskKind.DECIDE_ZONE)


class NoReturn(SizaoError):
    code = "level.no_return.not_found"
    message = "This decision is no return to routine, so it has no checklist. Choose a return on the area's page."


class ChecklistSigned(SizaoError):
    code = "level.checklist_signed"
    message = (
        "{username} signed this checklist on {at:%Y-%m-%d %H:%M}. What changed since is decided by its own officer."
    )


class ChecklistIncomplete(SizaoError):
    code = "level.checklist_incomplete"
    message = "Something is left of: {kinds}. Say for each who follows it up, then sign."


def close(*, decision: LevelDecision, by: Account, now: datetime) -> list[LevelLeftItem]:
    """
    Close what emergency opened and nobody decided on, in the name of whoever decided the return; list the rest.

    Proposed orders and zones are declined, open rounds of residents closed, their tasks cancelled, and so are coming
    shifts of teams that routine does not keep ready. Called by `decide`, inside its transaction.
    """
    reason = f"{ResponseLevel.ROUTINE.zh}：{decision.document_no or decision.text}"[:LONGEST_NOTE]
    span = left_over.span_of(decision, now)
    closed: Counter[LeftKind] = Counter()
    for order in left_over.orders_proposed(span):
        isolation.decline(order=order, reason=reason, by=by, now=now)
        closed[LeftKind.ORDERS_PROPOSED] += 1
    for zone in left_over.zones_proposed(span):
        zoning.decline(zone=zone, reason=reason, by=by, now=now)
        closed[LeftKind.ZONES_PROPOSED] += 1
    # Rounds of a key group are part of routine.
    for one in left_over.rounds_open(span).filter(key_group__isnull=True):
        testing.close_round(testing_round=one, by=by, now=now)
        closed[LeftKind.ROUNDS_OPEN] += 1
    for task in left_over.tasks_open(span).filter(kind__in=_TASKS_OVER):
        cancel(task=task, reason=reason, by=by, now=now)
        closed[LeftKind.TASKS] += 1
    for shift in left_over.shifts_to_cancel(span):
        teams.cancel_shift(shift=shift, by=by, now=now)
        closed[LeftKind.TEAM_SHIFTS] += 1
    return _listed(decision, span, closed)


def _listed(decision: LevelDecision, span: left_over.Span, closed: Mapping[LeftKind, int]) -> list[LevelLeftItem]:
    left = left_over.counted(span)
    items = [
        LevelLeftItem(
            decision=decision, kind=one.kind, role=one.role, n_closed=closed.get(one.kind, 0),
            n_left=left[one.kind][0], earliest=left[one.kind][1],
        )
        for one in left_over.LEFT
        if left[one.kind][0] or closed.get(one.kind)
    ]  # fmt: skip
    return LevelLeftItem.objects.bulk_create(items)


@transaction.atomic
def sign(*, decision: LevelDecision, notes: Mapping[str, str], by: Account, now: datetime) -> LevelDecision:
    """
    Sign the checklist of a return: for each kind that something is left of, `notes` says who follows it up.

    Raise the door's refusal, NoReturn, ChecklistSigned or ChecklistIncomplete.
    """
    access.require(by, Right.LEVEL_DECIDE, area_code=decision.area_code)
    found = LevelDecision.objects.select_for_update().get(pk=decision.pk)
    if found.level != ResponseLevel.ROUTINE:
        raise NoReturn
    if found.signed_at is not None:
        raise ChecklistSigned(username=found.signed_by, at=found.signed_at)
    items = list(found.items.order_by("pk"))
    left = {kind: count for kind, (count, _) in left_over.counted(left_over.span_of(found, now)).items()}
    said = {one.kind: notes.get(one.kind, "").strip()[:LONGEST_NOTE] for one in items}
    lacking = [LeftKind(one.kind) for one in items if left[LeftKind(one.kind)] and not said[one.kind]]  # type: ignore[call-arg]
    if lacking:
        raise ChecklistIncomplete(kinds=Words(lacking))
    for one in items:
        one.note, one.noted_at, one.noted_by = said[one.kind], now, by.username
    LevelLeftItem.objects.bulk_update(items, ["note", "noted_at", "noted_by"])
    found.signed_at, found.signed_by = now, by.username
    found.save(update_fields=["signed_at", "signed_by"])
    journal.write("level.checklist_signed", found, by=by, at=now, items=len(items))
    return found

"""A directive is changed, with what it said before kept word for word, or withdrawn with a reason."""

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, Least

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Directive, DirectivePart, DirectiveVersion
from sizao.response.tasks.directives.issuing import REASON_LENGTH, DirectiveOver, Order, check
from sizao.terms import PartState, Right

SAID = ("title", "text", "reason", "basis", "urgency", "due_at", "items", "counts")


class ChangeReasonMissing(SizaoError):
    code = "directive.change_reason_missing.unreadable"
    message = "Say why directive {number} is changed or withdrawn. Whoever worked on it will read the reason."


class ItemsMayNotGo(SizaoError):
    code = "directive.items_may_not_go.unreadable"
    message = (
        "What areas have ticked stands by its place on the list of directive {number}: add items at its end, drop and "
        "move none. Issue a new directive for another list."
    )


@transaction.atomic
def change(*, directive: Directive, order: Order, reason: str, by: Account, now: datetime) -> Directive:
    """
    Change what a directive says; each area signs for the new version. The same text again changes nothing.

    Raise ChangeReasonMissing, ItemsMayNotGo, DirectiveOver, DirectiveIncomplete, DueInThePast, or the door's refusal.
    """
    directive = _held(directive, reason, by=by)
    said = order.fields()
    if all(getattr(directive, name) == said[name] for name in SAID):
        return directive
    if order.due_at != directive.due_at or directive.due_at > now:
        check(order, now=now)
    if said["items"][: len(directive.items)] != directive.items:  # type: ignore[index]
        raise ItemsMayNotGo(number=directive.number)
    DirectiveVersion.objects.create(
        directive=directive, version=directive.version, until=now, changed_by=by.username,
        change_reason=reason.strip()[:REASON_LENGTH], **{name: getattr(directive, name) for name in SAID},
    )  # fmt: skip
    for name in SAID:
        setattr(directive, name, said[name])
    directive.version += 1
    directive.changed_at = now
    directive.save()
    DirectivePart.objects.filter(directive=directive).update(
        due_at=Least(Coalesce("own_due_at", Value(order.due_at)), Value(order.due_at))
    )
    journal.write("directive.changed", directive, by=by, at=now, version=directive.version)
    return directive


@transaction.atomic
def withdraw(*, directive: Directive, reason: str, by: Account, now: datetime) -> Directive:
    """
    Withdraw a directive everywhere, with the reason; what was accepted stays so. Withdrawing twice changes nothing.

    Raise ChangeReasonMissing, or the door's refusal.
    """
    access.require(by, Right.DIRECTIVE_ISSUE, area_code=directive.area_code)
    if Directive.objects.filter(pk=directive.pk, withdrawn_at__isnull=False).exists():
        return Directive.objects.get(pk=directive.pk)
    directive = _held(directive, reason, by=by)
    directive.withdrawn_at, directive.withdrawn_by = now, by.username
    directive.withdraw_reason = reason.strip()[:REASON_LENGTH]
    directive.save()
    open_parts = DirectivePart.objects.filter(directive=directive).exclude(state=PartState.ACCEPTED)
    ended = open_parts.update(state=PartState.WITHDRAWN)
    journal.write("directive.withdrawn", directive, by=by, at=now, parts=ended)
    return directive


def _held(directive: Directive, reason: str, *, by: Account) -> Directive:
    access.require(by, Right.DIRECTIVE_ISSUE, area_code=directive.area_code)
    directive = Directive.objects.select_for_update().get(pk=directive.pk)
    if directive.withdrawn_at is not None:
        raise DirectiveOver(number=directive.number, state=PartState.WITHDRAWN)
    if not reason.strip():
        raise ChangeReasonMissing(number=directive.number)
    return directive

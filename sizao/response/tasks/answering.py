"""
Who answers for what: named accounts by area and role, and whom an overdue task goes up to from there.

Where nobody was named, the commander or the duty officer of the area answers, then those of the area above.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Answerable, Task
from sizao.terms import LEVEL_OF_DIGITS, Right, Role

# Who leads an area where nobody else was named, first who is there first.
LEADS = (Role.DUTY_OFFICER, Role.COMMANDER)


class CannotAnswer(SizaoError):
    code = "task.cannot_answer"
    message = (
        "{username} ({area}) cannot answer for {role} in {task_area}: the account is closed, may not work on tasks, or "
        "lies outside. Choose another."
    )


@transaction.atomic
def name_answerable(*, area_code: str, role: Role, account: Account, by: Account, now: datetime) -> Answerable:
    """
    Name who answers for what a role is asked in an area; whoever did before ends. The same again changes nothing.

    Raise CannotAnswer, or the door's refusal.
    """
    access.require(by, Right.TEAM_MANAGE, area_code=area_code)
    fits = access.may(account, Right.TASK_WORK) and access.covers(account, area_code)
    if not fits or not access.covers(by, account.area_code):
        raise CannotAnswer(username=account.username, area=account.area_code, role=role, task_area=area_code)
    standing = Answerable.objects.select_for_update().filter(area_code=area_code, role=role, until__isnull=True).first()
    if standing is not None and standing.account_id == account.pk:
        return standing
    if standing is not None:
        standing.until = now
        standing.save(update_fields=["until"])
    named = Answerable.objects.create(area_code=area_code, role=role, account=account, since=now, named_by=by.username)
    journal.write("task.answerable", named, by=by, at=now, role=str(role), account=account.username)
    return named


@transaction.atomic
def end_answerable(*, answerable: Answerable, by: Account, now: datetime) -> Answerable:
    """End somebody's answering for a role in an area; then who leads the area answers. Ending twice changes nothing."""
    access.require(by, Right.TEAM_MANAGE, area_code=answerable.area_code)
    answerable = Answerable.objects.select_for_update().get(pk=answerable.pk)
    if answerable.until is None:
        answerable.until = now
        answerable.save(update_fields=["until"])
        journal.write("task.answerable_ended", answerable, by=by, at=now, role=answerable.role)
    return answerable


def named_below(area_code: str) -> list[Answerable]:
    """List who was named in an area and below it and still answers."""
    rows = Answerable.objects.filter(area_code__startswith=area_code, until__isnull=True).select_related("account")
    return list(rows.order_by("area_code", "role"))


def areas_upwards(area_code: str) -> list[str]:
    """List the codes of an area and of those above it, the smallest first."""
    own = [area_code[:digits] for digits in sorted(LEVEL_OF_DIGITS, reverse=True) if digits <= len(area_code)]
    return own or [area_code]


class Ladder:
    """Who answers where, read once for many tasks."""

    def __init__(self, areas: Sequence[str]) -> None:
        """Read the named accounts, and the leads, of some areas and all above them."""
        codes = {above for code in set(areas) for above in areas_upwards(code)}
        named = Answerable.objects.filter(area_code__in=codes, until__isnull=True, account__is_active=True)
        self._named = {(one.area_code, one.role): one.account for one in named.select_related("account")}
        leads = Account.objects.filter(area_code__in=codes, role__in=LEADS, is_active=True).order_by("pk")
        self._leads: dict[tuple[str, str], Account] = {}
        for account in leads:
            self._leads.setdefault((account.area_code, account.role), account)

    def above(self, task: Task) -> list[Account]:
        """List whom a task goes up to, one after the other; nobody twice, and not whom it was given to."""
        found: list[Account] = []
        for area_code in areas_upwards(task.area_code):
            there = [self._named.get((area_code, task.role)), *(self._leads.get((area_code, role)) for role in LEADS)]
            found += [one for one in there if one is not None]
        once = {one.pk: one for one in found if one.pk != task.assigned_to_id}
        return list(once.values())

    def name(self, area_code: str, role: str) -> str:
        """Name who answers for a role in an area itself; empty where nobody is known there."""
        there = [self._named.get((area_code, role)), *(self._leads.get((area_code, one)) for one in LEADS)]
        return next((one.display_name for one in there if one is not None), "")

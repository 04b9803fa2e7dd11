"""
What the pages of teams share: the moment they look at, how an act is answered, and what stands on each.

Teams exist without an outbreak. Where one is chosen, its day decides what is shown; where there is none, now does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Outbreak
from sizao.terms import Right
from sizao.web import refusals, shell

LONGEST_NUMBER = 18  # digits of a bigint


class NothingAsked(SizaoError):
    code = "teams.act.unreadable"
    message = "Nothing was chosen, or something is missing. Open the page again and choose what is to be done."


class TeamTimeUnreadable(SizaoError):
    code = "teams.time.unreadable"
    message = "“{given}” is no time. Write a day and an hour, such as 2022-07-10T08:00."


@dataclass(frozen=True, slots=True)
class When:
    """The moment looked at, the moment an act bears, and the outbreak that was chosen, if any."""

    as_of: datetime
    moment: datetime
    outbreak: Outbreak | None


def when(request: HttpRequest) -> When:
    """Say which moment a page shows; without an outbreak it is now."""
    try:
        chosen = shell.chosen(request)
    except shell.NoOutbreak:
        return When(request.now, request.now, None)
    return When(chosen.as_of, chosen.moment, chosen.outbreak)


def common(request: HttpRequest, here: str) -> dict[str, object]:
    """Give what stands on every page of teams."""
    return {"here": here, "as_of": when(request).as_of, "may_manage": access.may(request.user, Right.TEAM_MANAGE)}


def address(request: HttpRequest, name: str, *parts: object) -> str:
    """Give an address that keeps the chosen outbreak and day, where there is one."""
    try:
        return f"{reverse(name, args=parts)}?{shell.chosen(request).query}"
    except shell.NoOutbreak:
        return reverse(name, args=parts)


def done(request: HttpRequest, acts: Mapping[str, Callable[[], object]], said: str, back: str) -> HttpResponse:
    """Do the act that a form names and go back: with a word of what was done, or with the refusal."""
    try:
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            raise NothingAsked
        act()
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)
    return redirect(back)


def number(text: str | None) -> int:
    """Read a number of a form. Raise NothingAsked for what is none."""
    if not text or not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise NothingAsked
    return int(text)


def moment_of(text: str) -> datetime:
    """Read a moment as a form gives it, in the time of the place. Raise TeamTimeUnreadable."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as fault:
        raise TeamTimeUnreadable(given=text[:40]) from fault
    return timezone.make_aware(read) if read.tzinfo is None else read

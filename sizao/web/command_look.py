"""What a request to the command centre looks at: which outbreak or none, which area, which moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from sizao.errors import SizaoError
from sizao.records import access, changes
from sizao.records.models import Outbreak
from sizao.response.reports.command import OF_PEOPLE, STAGES, Watch
from sizao.terms import AREA_DIGITS, CommandFigure, CommandPart, OutbreakKind, Right
from sizao.web import shell

ROUTINE = "none"  # as an outbreak's name in an address: look at no outbreak
LEVELS = frozenset(AREA_DIGITS.values())
DAY, YEAR = timedelta(days=1), timedelta(days=366)


class NotAMoment(SizaoError):
    code = "command.moment.unreadable"
    message = "“{text}” is not a moment. Write it as in 2021-01-08T14:30."


class MomentOutside(SizaoError):
    code = "command.moment_outside.unreadable"
    message = "{moment} lies outside what is known here, {first} to {last}. Choose a moment between them."


class NoSuchArea(SizaoError):
    code = "command.area.not_found"
    message = "There is no area {area} in your jurisdiction. Choose one of its parts."


@dataclass(frozen=True, slots=True)
class Look:
    """
    What a screen shows: `watch` is what is read. `is_live` follows the present; any other look is at a fixed moment.

    `first_at` and `last_at` bound the moments that can be chosen.
    """

    watch: Watch
    is_live: bool
    first_at: datetime
    last_at: datetime
    may_list: bool

    def query(self, **more: object) -> str:
        """Give the part of an address that keeps this look, its moment only where it is fixed."""
        known: dict[str, object] = {"outbreak": self.watch.outbreak.slug if self.watch.outbreak else ROUTINE}
        known["area"] = self.watch.area_code
        if not self.is_live:
            known["at"] = written(self.watch.as_of)
        return urlencode(known | more)

    def versions(self, found: Mapping[str, int]) -> dict[CommandPart, str]:
        """
        Give the version of each part: another one after each change that may concern it, and with every minute.

        When it may be over is told by the day.
        """
        now = timezone.localtime(self.watch.as_of)
        day, minute = f"{now:%Y%m%d}", f"{now:%Y%m%d%H%M}"
        return {
            part: f"{changes.together(found, stages)}-{day if part is CommandPart.OVER else minute}"
            for part, stages in STAGES.items()
        }

    def key(self, part: CommandPart) -> tuple[object, ...]:
        """Say under what a part is kept: nothing in it depends on who looks beyond this."""
        watch = self.watch
        fixed = None if self.is_live else watch.as_of
        outbreak = watch.outbreak.pk if watch.outbreak else None
        return part, outbreak, watch.area_code, fixed, get_language(), self.may_list

    def opens(self, figure: CommandFigure) -> bool:
        """Tell whether this reader may see the rows of a figure."""
        return self.may_list or figure not in OF_PEOPLE


def look(request: HttpRequest) -> Look:
    """Say what a request looks at; refuse an area, an outbreak or a moment that is not there."""
    access.require(request.user, Right.SITUATION_READ)
    outbreak = _outbreak(request)
    area = _area(request, outbreak)
    text = request.GET.get("at", "")
    first, last = _span(request, outbreak)
    as_of = _moment(text, first, last) if text else _present(request, outbreak, last)
    is_replayed = outbreak is not None and outbreak.kind == OutbreakKind.REPLAY
    return Look(
        Watch(outbreak, area, as_of),
        is_live=not text and (not is_replayed and "day" not in request.GET),
        first_at=first,
        last_at=last,
        may_list=access.may(request.user, Right.PERSON_LIST),
    )


def written(moment: datetime) -> str:
    """Write a moment for an address, in the time of the place and to the microsecond."""
    return timezone.localtime(moment).replace(tzinfo=None).isoformat()


def _outbreak(request: HttpRequest) -> Outbreak | None:
    if request.GET.get("outbreak") == ROUTINE:
        return None
    try:
        found = shell.chosen(request).outbreak
    except shell.NoOutbreak:
        if request.GET.get("outbreak"):
            raise
        return None
    is_over = found.closed_at is not None and found.closed_at <= request.now
    # What is over is looked back at by its name; by itself the screen shows the present.
    return None if is_over and not request.GET.get("outbreak") and found.acts_on_people else found


def _area(request: HttpRequest, outbreak: Outbreak | None) -> str:
    own = request.user.area_code
    area = request.GET.get("area", "")
    if not area:
        return max(outbreak.area_code, own, key=len) if outbreak else own
    if not (area.isascii() and area.isdigit() and len(area) in LEVELS and area.startswith(own)):
        raise NoSuchArea(area=area[:20])
    return area


def _span(request: HttpRequest, outbreak: Outbreak | None) -> tuple[datetime, datetime]:
    """Give the first and the last moment that can be looked at."""
    if outbreak is None:
        return request.now - YEAR, request.now
    chosen = shell.chosen(request)
    last = shell.end_of(chosen.last_date)
    is_replayed = outbreak.kind == OutbreakKind.REPLAY
    return shell.end_of(chosen.first_date) - DAY, last if is_replayed else min(last, request.now)


def _present(request: HttpRequest, outbreak: Outbreak | None, last: datetime) -> datetime:
    """Without a moment look at the present, or at the end of the day chosen on other pages."""
    return last if outbreak is None else min(shell.chosen(request).as_of, last)


def _moment(text: str, first: datetime, last: datetime) -> datetime:
    try:
        read = datetime.fromisoformat(text)
        moment = timezone.make_aware(read) if read.tzinfo is None else read
        is_known = first <= moment <= last
    except (ValueError, OverflowError) as fault:
        raise NotAMoment(text=text[:40]) from fault
    if not is_known:
        raise MomentOutside(moment=written(moment), first=written(first), last=written(last))
    return moment

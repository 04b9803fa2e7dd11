"""From when and where directives and tasks are looked at: with the chosen outbreak, or in routine work without one."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Outbreak
from sizao.terms import OutbreakKind
from sizao.web import shell


class NotAMoment(SizaoError):
    code = "web.moment.unreadable"
    message = "“{given}” is no time. Write it as year-month-day hour:minute, for example 2021-01-08 18:00."


@dataclass(frozen=True, slots=True)
class Looking:
    """
    What somebody sees and acts on: the chosen outbreak, if any, and all that belong to their queue with it.

    `as_of` is what is seen, `moment` the time that an act bears.
    """

    outbreak: Outbreak | None
    outbreaks: tuple[Outbreak, ...]
    as_of: datetime
    moment: datetime

    @property
    def is_rehearsed(self) -> bool:
        """Tell whether all that is done here belongs to a replay or a drill."""
        return self.outbreak is not None and self.outbreak.kind != OutbreakKind.REAL


def looking(request: HttpRequest) -> Looking:
    """Say from when and where somebody looks; without an outbreak, from now."""
    try:
        chosen = shell.chosen(request)
    except shell.NoOutbreak:
        return Looking(None, (), request.now, request.now)
    others = ()
    if chosen.outbreak.kind == OutbreakKind.REAL:
        # One queue for a person: all that is going on, not only what is looked at.
        real = access.outbreaks(request.user).filter(kind=OutbreakKind.REAL, closed_at__isnull=True)
        others = tuple(real.exclude(pk=chosen.outbreak.pk))
    return Looking(chosen.outbreak, (chosen.outbreak, *others), chosen.as_of, chosen.moment)


def address(request: HttpRequest, path: str, **more: object) -> str:
    """Give an address with the choice of outbreak and day kept, and what more it is asked."""
    kept = {name: request.GET[name] for name in ("outbreak", "day") if request.GET.get(name)}
    asked = "&".join(f"{name}={value}" for name, value in (kept | more).items() if value != "")
    return f"{path}?{asked}" if asked else path


def moment_of(given: str, *, otherwise: datetime | None = None) -> datetime:
    """Read the moment of a form, in the time of the place. Raise NotAMoment."""
    if not given.strip() and otherwise is not None:
        return otherwise
    try:
        read = datetime.fromisoformat(given.strip())
        return read if read.tzinfo else timezone.make_aware(read)
    except (ValueError, OverflowError) as fault:
        raise NotAMoment(given=given[:40]) from fault


def new_key() -> str:
    """Give a key for one form, so that sending it twice is once."""
    return get_random_string(20)

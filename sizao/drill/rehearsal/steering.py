"""
How a drill is steered while people look at it: how far it goes, how fast, and whose work people do.

What was steered last is a line of the journal, so that every page sees it and who steered is known. The process that
carries the days (`driving`) reads it before each step. No page waits for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.records import access, clock, journal
from sizao.records.models import Account, Event, Outbreak
from sizao.terms import Right, Role

BEGUN = "drill.begun"
DAY_DONE, MORNING_DONE, STEERED = "drill.day_done", "drill.morning_done", "drill.steered"
# The roles that officers.DUTIES plays; the pages name them without building a city.
PLAYED = (
    Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.DATA_OFFICER, Role.ISOLATION_COORDINATOR, Role.AREA_OFFICER,
    Role.REPORTER, Role.COMMANDER,
)  # fmt: skip
# Days a minute that a drill can be told to keep to; None: as fast as they can be worked out.
PACES = (0.2, 0.5, 1.0, 2.0, 6.0, None)


class NoDrillHere(SizaoError):
    code = "drill.none_here"
    message = "No drill is rehearsed in this installation. Start one with `sizao drill serve`."


class NoSuchPace(SizaoError):
    code = "drill.no_such_pace"
    message = "A drill does not go at {pace} days a minute. Choose one of the speeds of the list."


class NotPlayed(SizaoError):
    code = "drill.role_not_played"
    message = "No script plays the role “{role}”, so that nothing can be left to people. Choose one of the list."


@dataclass(frozen=True, slots=True)
class Steering:
    """Go on while fewer than `until` days are over, `pace` days a minute; `by_people`: roles that no script plays."""

    until: int
    pace: float | None
    by_people: frozenset[Role]


def here() -> Outbreak:
    """Give the drill of this installation. Raise NoDrillHere."""
    found = clock.drill_here()
    if found is None:
        raise NoDrillHere
    return found


def days_done(outbreak: Outbreak) -> int:
    """Say how many days of a drill are over."""
    return lines(outbreak, DAY_DONE).count()


def is_awake(outbreak: Outbreak) -> bool:
    """Tell whether the morning of the next day has come."""
    return lines(outbreak, MORNING_DONE).count() > days_done(outbreak)


def n_days(outbreak: Outbreak) -> int:
    """Say how many days a drill has."""
    return (outbreak.last_date - outbreak.first_date).days + 1


def lines(outbreak: Outbreak, verb: str) -> QuerySet[Event]:
    """Give the lines of the journal about a drill as a whole; all lines of an outbreak are far more."""
    return journal.history(outbreak).filter(verb=verb)


def standing(outbreak: Outbreak) -> Steering:
    """Say how a drill is steered; until somebody does, it waits."""
    last = lines(outbreak, STEERED).order_by("-pk").first()
    if last is None:
        return Steering(0, PACES[2], frozenset())
    told = last.facts
    return Steering(told["until"], told["pace"], frozenset(Role(one) for one in told["by_people"]))


def go(*, outbreak: Outbreak, by: Account, now: datetime) -> Steering:
    """Let a drill go on to its last day."""
    return _steer(outbreak, by, now, until=n_days(outbreak))


def pause(*, outbreak: Outbreak, by: Account, now: datetime) -> Steering:
    """Have a drill wait, after the day that is being lived."""
    return _steer(outbreak, by, now, until=0)


def step(*, outbreak: Outbreak, by: Account, now: datetime) -> Steering:
    """Have a drill live one more day, and wait then."""
    return _steer(outbreak, by, now, until=min(days_done(outbreak) + 1, n_days(outbreak)))


def keep_pace(*, outbreak: Outbreak, pace: float | None, by: Account, now: datetime) -> Steering:
    """Have a drill go at so many days a minute; None: as fast as it can. Raise NoSuchPace."""
    if pace not in PACES:
        raise NoSuchPace(pace=pace)
    return _steer(outbreak, by, now, pace=pace)


def leave_to_people(*, outbreak: Outbreak, roles: Iterable[Role], by: Account, now: datetime) -> Steering:
    """
    Leave the work of these roles to people at the screens from now on, and that of all others to the script.

    Raise NotPlayed for a role that no script plays.
    """
    roles = frozenset(roles)
    for role in roles - set(PLAYED):
        raise NotPlayed(role=role)
    return _steer(outbreak, by, now, by_people=roles)


@transaction.atomic
def _steer(outbreak: Outbreak, by: Account, now: datetime, **changed: object) -> Steering:
    access.require(by, Right.DRILL_STEER, area_code=None)
    # Held, so that of two who steer at once the second starts from what the first left.
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)
    was = standing(outbreak)
    new = Steering(**{name: changed.get(name, getattr(was, name)) for name in Steering.__slots__})  # type: ignore[arg-type]
    journal.write(
        STEERED, outbreak, by=by, at=now, until=new.until, pace=new.pace, by_people=sorted(map(str, new.by_people))
    )
    return new

"""
Acts of many people at many levels, each at a moment of its own, in the order of these moments.

Officers of a drill work at set hours, and a receipt that is due within the hour cannot wait for these. So everything
that somebody of the command does bears its own moment, between the hour at which the drill looked last and this one:
its cause, and a delay that is drawn once for it. Who is asked in the night answers in the morning.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sizao.drill.rehearsal.office import SCRIPTED, Office
from sizao.engines.simulation import rng
from sizao.errors import SizaoError
from sizao.records.models import Account
from sizao.response import accounts
from sizao.terms import AREA_DIGITS, AreaLevel, Role

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
LONGEST = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    Something that an officer of a role does at a moment.

    `key` names it for ever, so that it is done once and draws its own luck; `what` is under what it is counted.
    """

    key: str
    what: str
    role: Role
    at: datetime
    act: Callable[[datetime], object]


Source = Callable[[Office, datetime], Iterator[Waiting]]


def carry_out(office: Office, sources: list[Source], now: datetime) -> dict[str, int]:
    """
    Do all that is due by now, the earliest first, and what follows from it; say how much of each kind.

    What the platform refuses is noted and tried again the next time. Roles played by people are left to them.
    """
    done: Counter[str] = Counter()
    life, seen = office.asking.life, set[str]()
    morning = life.moment(life.day_of(now), time(office.rehearsal.habits.morning_hour))
    while due := [one for one in _waiting(office, sources, now) if one.at <= now and one.key not in seen]:
        for one in sorted(due, key=lambda one: (one.at, one.key)):
            seen.add(one.key)
            try:
                one.act(min(max(one.at, morning), now))
            except SizaoError as refusal:
                office.asking.note(refusal)
            else:
                done[one.what] += 1
    return dict(done)


def _waiting(office: Office, sources: list[Source], now: datetime) -> Iterator[Waiting]:
    for source in sources:
        yield from (one for one in source(office, now) if one.role not in office.by_people)


def drawn(office: Office, key: str) -> float:
    """Draw a number from 0 to below 1 for a thing with a name: always the same one."""
    word = rng.words(rng.stream(office.rehearsal.seed, f"command: {key}"), 0, 0)
    return int(rng.below(word, rng.ALWAYS - 1)[0]) / rng.ALWAYS


def delay(office: Office, key: str, mean_hours: float) -> timedelta:
    """Draw how long somebody takes for a thing: in whole minutes, at least one; many short times and few long ones."""
    hours = -mean_hours * math.log1p(-drawn(office, f"{key}: delay"))
    return min(timedelta(minutes=max(round(hours * 60), 1)), LONGEST)


def happens(office: Office, key: str, share: float) -> bool:
    """Draw whether a thing of a share happens."""
    return drawn(office, key) < share


def officer(office: Office, role: Role, area_code: str, now: datetime) -> Account:
    """Give the made-up officer of a role in an area, who is given an account when first needed."""
    held = office.cast.get((role, area_code))
    if held is None:
        name = f"{SCRIPTED}_{role}_{area_code}"
        held = Account.objects.filter(username=name).first()
        if held is None:
            held, _ = accounts.give(
                username=name, role=role, area_code=area_code, display_name=f"演练脚本·{role.zh}", by=None, now=now
            )
        office.cast[role, area_code] = held
    return held


def counties(office: Office) -> list[str]:
    """List the counties in which people of the drill live."""
    return sorted({code[:COUNTY] for code in office.asking.life.codes})

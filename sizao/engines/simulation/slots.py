"""
What people do with a day, as data: slots with a window of time each, and how many go out in them.

Windows never overlap for one person, so nobody is at two places at once; `slot_table` refuses others. The
shares and lengths of stay are our own choice, and give some 0.9 visits to venues and buses a person and day.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sizao.engines.simulation import rng
from sizao.engines.simulation.areas import COMMUNITY, COUNTY, TOWN
from sizao.engines.simulation.disease import TRANSPORT, VENUE
from sizao.engines.simulation.people import AIRPORT, AT_HOME, OCCUPATIONS, PUPIL, RETIRED, SMALL_CHILD, WORKER
from sizao.engines.simulation.rng import ALWAYS, Ints
from sizao.errors import SizaoError

HOUR = 3600
DAY_SECONDS = 24 * HOUR
# At home at night; in class or at work before and after noon, on working days.
NIGHT_ENDS, NIGHT_BEGINS = 6 * HOUR, 22 * HOUR
FORENOON = (8 * HOUR + 1800, 11 * HOUR + 2400)
AFTERNOON = (13 * HOUR + 1800, 17 * HOUR)


class SlotsOverlap(SizaoError):
    """Slots that would have one person at two places at once, or that hold nobody."""

    code = "simulation.slots_overlap"
    message = "The slot {name} cannot be: {reason}"


@dataclass(frozen=True)
class Slot:
    """
    One occasion of a day to be somewhere.

    `opens` and `closes` bound the stay, which lasts from `shortest` to `longest` seconds. People of one zone of `level`
    mix. `weekly`: who goes where stays the same for a week. `together`: households go as one. `sizes`: the most
    people that the venues of a zone hold, one venue after the other, again and again. `working_day` and `weekend`:
    share of each occupation that goes (who is not named does not). `welcomes`: people from elsewhere come too.
    `near`: not a place that people of the zone choose, but the next doors: who lives side by side meets, always the
    same people. No order shuts it, and people of a closed area still go, so many times as often (`when_closed`).
    """

    name: str
    level: int
    opens: int
    closes: int
    shortest: int
    longest: int
    sizes: tuple[int, ...]
    working_day: dict[int, float]
    weekend: dict[int, float]
    weekly: bool = False
    together: bool = False
    welcomes: bool = False
    layer: int = VENUE
    near: bool = False
    when_closed: float = 0.0


def _everybody(share: float) -> dict[int, float]:
    return dict.fromkeys(range(len(OCCUPATIONS)), share)


def _at_work(share: float) -> dict[int, float]:
    return dict.fromkeys(range(WORKER, AIRPORT + 1), share)


_COMMUTE = {**_at_work(0.3), PUPIL: 0.1}
SLOTS = (
    Slot("morning market", COMMUNITY, 22200, 26400, 600, 1800, (20, 20, 40, 60),
         {RETIRED: 0.3, AT_HOME: 0.25, **_at_work(0.03)}, {RETIRED: 0.3, AT_HOME: 0.25, **_at_work(0.06)}, weekly=True),
    Slot("way out", COUNTY, 26400, 30600, 900, 2400, (30, 40, 50), _COMMUTE, _everybody(0.03),
         weekly=True, layer=TRANSPORT),
    Slot("forenoon leisure", COMMUNITY, 31200, 42000, 2700, 8400, (4, 4, 8, 8, 40),
         {RETIRED: 0.25, AT_HOME: 0.15, SMALL_CHILD: 0.1}, _everybody(0.15), weekly=True),
    Slot("meal at noon", COUNTY, 42000, 48600, 1200, 3000, (10, 20, 30, 80),
         {**_at_work(0.25), PUPIL: 0.03, AT_HOME: 0.05, RETIRED: 0.04}, _everybody(0.06), welcomes=True),
    Slot("shop", TOWN, 48600, 61200, 900, 4800, (15, 30, 80), {RETIRED: 0.15, AT_HOME: 0.2}, _everybody(0.2)),
    Slot("way home", COUNTY, 61200, 64800, 900, 2400, (30, 40, 50), _COMMUTE, _everybody(0.03),
         weekly=True, layer=TRANSPORT),
    Slot("meal with the household", TOWN, 64800, 71400, 2400, 5400, (12, 20, 30, 60), _everybody(0.05),
         _everybody(0.12), together=True),
    Slot("evening with neighbours", COMMUNITY, 71400, 79200, 1800, 6000, (40,), _everybody(0.25), _everybody(0.3),
         near=True, when_closed=0.25),
)  # fmt: skip
# In villages of the plain one shops and sits together in the village; feasts bring villages of a town together, and few
# go beyond it on a day.
_VILLAGE = {
    "way out": {"working_day": {**_at_work(0.1), PUPIL: 0.05}, "weekend": _everybody(0.01)},
    "way home": {"working_day": {**_at_work(0.1), PUPIL: 0.05}, "weekend": _everybody(0.01)},
    "meal at noon": {"working_day": {**_at_work(0.06), PUPIL: 0.01}, "weekend": _everybody(0.02)},
    "shop": {"level": COMMUNITY},
    "evening with neighbours": {"working_day": _everybody(0.4), "weekend": _everybody(0.4)},
}
VILLAGE_SLOTS = tuple(replace(slot, **_VILLAGE.get(slot.name, {})) for slot in SLOTS)  # type: ignore[arg-type]


class SlotTable(NamedTuple):
    """
    Slots as engines read them, an entry a slot.

    `most`: share of a zone that has a seat, as a threshold; `joins[slot, weekend, occupation]`: chance of going of one
    who has a seat. Venue v of a zone begins at seat `v // venues * seats + begin[first_venue + v % venues]`; `venue_of`
    leads back from `first_seat + seat % seats`.
    """

    level: Ints
    opens: Ints
    closes: Ints
    shortest: Ints
    longest: Ints
    weekly: Ints
    together: Ints
    welcomes: Ints
    layer: Ints
    near: Ints
    when_closed: Ints
    most: Ints
    joins: Ints
    venues: Ints
    seats: Ints
    first_venue: Ints
    first_seat: Ints
    begin: Ints
    width: Ints
    venue_of: Ints


def slot_table(slots: tuple[Slot, ...] = SLOTS) -> SlotTable:
    """Turn slots into whole numbers, in the order of their windows. Raise SlotsOverlap."""
    ordered = sorted(slots, key=lambda slot: slot.opens)
    for slot in ordered:
        _check(slot)
    for one, following in zip(ordered, ordered[1:], strict=False):
        if following.opens < one.closes:
            raise SlotsOverlap(name=following.name, reason=f"it opens before {one.name} closes.")
    shares = np.array([[_shares(slot.working_day), _shares(slot.weekend)] for slot in ordered])
    near = np.array([slot.near for slot in ordered], np.bool_)
    # Next door everybody has a seat: the own one.
    most = np.where(near, 1.0, shares.max(axis=(1, 2), initial=0))
    sizes = [np.array(slot.sizes, np.int64) for slot in ordered]
    columns = ("level", "opens", "closes", "shortest", "longest", "weekly", "together", "welcomes", "layer", "near")
    return SlotTable(
        **{name: np.array([getattr(slot, name) for slot in ordered], np.int64) for name in columns},
        when_closed=rng.thresholds([slot.when_closed for slot in ordered]),
        most=rng.thresholds(most),
        joins=np.minimum(np.rint(shares / most[:, None, None] * ALWAYS), ALWAYS).astype(np.int64),
        venues=np.array([len(one) for one in sizes]),
        seats=np.array([one.sum() for one in sizes]),
        first_venue=_offsets([len(one) for one in sizes]),
        first_seat=_offsets([int(one.sum()) for one in sizes]),
        begin=np.concatenate([np.cumsum(one) - one for one in sizes]),
        width=np.concatenate(sizes),
        venue_of=np.concatenate([np.repeat(np.arange(len(one)), one) for one in sizes]),
    )


def _check(slot: Slot) -> None:
    shares = [*slot.working_day.values(), *slot.weekend.values()]
    if not slot.sizes or min(slot.sizes) < 1 or max(shares, default=0) <= 0:
        raise SlotsOverlap(name=slot.name, reason="it holds nobody.")
    if not 0 < slot.shortest <= slot.longest <= slot.closes - slot.opens:
        raise SlotsOverlap(name=slot.name, reason="the longest stay does not fit between opening and closing.")
    if slot.opens < NIGHT_ENDS or slot.closes > NIGHT_BEGINS:
        raise SlotsOverlap(name=slot.name, reason="it reaches into the night, when people are at home.")
    if slot.near and (slot.welcomes or slot.together or slot.weekly):
        raise SlotsOverlap(name=slot.name, reason="neighbours meet each on their own, day by day, and without guests.")
    if not 0 <= slot.when_closed <= 1 or (slot.when_closed and not slot.near):
        raise SlotsOverlap(name=slot.name, reason="only neighbours meet in a closed area, at most as often as else.")
    if slot.welcomes and slot.level != COUNTY:
        raise SlotsOverlap(
            name=slot.name, reason="people from elsewhere come to a county, and the slot is of another level."
        )
    busy = any(slot.working_day.get(occupation, 0) > 0 for occupation in range(PUPIL, AIRPORT + 1))
    if busy and any(slot.opens < end and begin < slot.closes for begin, end in (FORENOON, AFTERNOON)):
        raise SlotsOverlap(name=slot.name, reason="pupils or workers would be in class or at work at that time.")


def _shares(named: dict[int, float]) -> list[float]:
    return [named.get(occupation, 0.0) for occupation in range(len(OCCUPATIONS))]


def _offsets(counts: list[int]) -> Ints:
    return np.cumsum([0, *counts[:-1]])

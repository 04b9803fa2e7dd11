"""
Who waits for what there is too little of: tubes at a laboratory, beds, rooms, vehicles.

Two kinds. A *counter* handles so many at a time and is done with them (`serve`). *Places* keep whom they take until
they leave (`admit`). Both take the most urgent first, then whoever waits longest, then the lower number: no dice, and
nobody is lost or taken twice. Moments are whole numbers of one unit (days, hours), the same in one queue.
"""

from typing import NamedTuple

import numpy as np

from sizao.engines.simulation.rng import Ints
from sizao.errors import SizaoError

NEVER = -(1 << 30)  # the day of what does not happen


class AlreadyInQueue(SizaoError):
    """Somebody who waits, or has a place, is brought again."""

    code = "simulation.already_in_queue"
    message = "Number {who} waits or has a place already. Bring everybody once."


class Waiting(NamedTuple):
    """Who waits, since when, how urgently (0 first), and for how long they will need a place (0: a counter)."""

    who: Ints
    since: Ints
    urgency: Ints
    stay: Ints

    def __len__(self) -> int:
        return len(self.who)


class Held(NamedTuple):
    """Who has a place, and the moment from which on it is free again."""

    who: Ints
    until: Ints

    def __len__(self) -> int:
        return len(self.who)


class Occupied(NamedTuple):
    """When each got a place (NEVER: not at all), and by day how many places were taken and how many waited."""

    since: Ints
    taken: Ints
    waiting: Ints


def nobody() -> Waiting:
    """Give an empty queue."""
    return Waiting(*(np.zeros(0, np.int64) for _ in Waiting._fields))


def no_places() -> Held:
    """Give places that nobody has."""
    return Held(np.zeros(0, np.int64), np.zeros(0, np.int64))


def arriving(who: Ints, now: int, *, urgency: Ints | int = 0, stay: Ints | int = 0) -> Waiting:
    """Bring people (or tubes) who arrive now; urgency and stay are one for all, or one each."""
    who = np.asarray(who, np.int64)
    same = np.ones(len(who), np.int64)
    return Waiting(who, same * now, same * urgency, same * stay)


def serve(queue: Waiting, more: Waiting, capacity: int) -> tuple[Waiting, Waiting]:
    """Let those who arrive join a queue and serve up to `capacity`; give the served, and who still waits."""
    return _split(_joined(queue, more, no_places()), capacity)


def admit(queue: Waiting, more: Waiting, held: Held, *, places: int, now: int) -> tuple[Waiting, Waiting, Held]:
    """
    Free the places that end now or before and fill them from the queue.

    Give the admitted, who still waits, and who has a place then.

    Where there are fewer `places` than are held (some were closed), nobody is put out and nobody admitted.
    """
    held = Held(*(column[held.until > now] for column in held))
    taken, left = _split(_joined(queue, more, held), max(places - len(held), 0))
    if (taken.stay <= 0).any():
        raise ValueError("whoever takes a place stays for a while")
    return taken, left, Held(np.append(held.who, taken.who), np.append(held.until, now + taken.stay))


def occupied(first: Ints, until: Ints, *, places: int, days: range, urgency: Ints | int = 0) -> Occupied:
    """
    Let people need a place from a day to before another, and give it to them as places fall free.

    Who gets one late keeps it until the same day, and who has none by then needs none. Whoever's need begins
    before the first of `days` arrives on it; whoever needs it for no day never asks.
    """
    since = np.full(len(first), NEVER, np.int64)
    urgency = np.ones(len(first), np.int64) * urgency
    arrives = np.where(until > first, np.maximum(first, days.start), days.stop)
    queue, held = nobody(), no_places()
    taken, waiting = np.zeros(len(days), np.int64), np.zeros(len(days), np.int64)
    for at, day in enumerate(days):
        come = np.flatnonzero((arrives == day) & (until > day))
        queue = without(queue, queue.who[until[queue.who] <= day])
        queue = Waiting(queue.who, queue.since, queue.urgency, until[queue.who] - day)
        more = arriving(come, day, urgency=urgency[come], stay=until[come] - day)
        got, queue, held = admit(queue, more, held, places=places, now=day)
        since[got.who] = day
        taken[at], waiting[at] = len(held), len(queue)
    return Occupied(since, taken, waiting)


def released(held: Held, who: Ints) -> Held:
    """Free the places of people who leave early."""
    stays = ~np.isin(held.who, who)
    return Held(held.who[stays], held.until[stays])


def without(queue: Waiting, who: Ints) -> Waiting:
    """Take people out of a queue who need it no more."""
    stays = ~np.isin(queue.who, who)
    return Waiting(*(column[stays] for column in queue))


def _joined(queue: Waiting, more: Waiting, held: Held) -> Waiting:
    joined = Waiting(*(np.append(one, other) for one, other in zip(queue, more, strict=True)))
    numbers, times = np.unique(np.append(joined.who, held.who), return_counts=True)
    if (times > 1).any():
        raise AlreadyInQueue(who=int(numbers[times > 1][0]))
    return joined


def _split(joined: Waiting, capacity: int) -> tuple[Waiting, Waiting]:
    order = np.lexsort((joined.who, joined.since, joined.urgency))
    ordered = Waiting(*(column[order] for column in joined))
    return Waiting(*(column[:capacity] for column in ordered)), Waiting(*(column[capacity:] for column in ordered))

"""
What screens show is worked out one after the other, within a share of a process, and kept.

Each process keeps of every part what it worked out last. A part that something concerned since then waits to be worked
out again; whoever asks works out what has waited longest, be it for somebody else, while the share is not used up. So
what costs little comes at once, what costs much comes later, and watching cannot take the place of work. Meanwhile
the text kept is shown with the moment from which it is.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore, Lock
from typing import Any

NO_LONGER_ASKED_SECONDS = 15.0
FOR_OTHERS_SECONDS = 0.2  # how long one who asks may be kept with what others wait for, before it has to ask again
FEW_WAIT = 20
MOST_WHO_WAIT = 2  # for a turn, in one process: the others are needed for everybody else

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """
    A text, and `tag`, which is another one where it says something else.

    `version` is the one up to which it is right, `at` the moment from which its figures are; `made_of` is what it was
    written from, `written_at` when. `told_at` is when it was found right, by the clock of this process.
    """

    version: str
    tag: str
    text: str
    at: datetime
    written_at: datetime
    told_at: float
    made_of: Any = None


Work = Callable[[Any, Told | None], Told]


class Share:
    """So much of a process's time may be used; what is left is saved up to so many seconds."""

    def __init__(self, part: float, saved_seconds: float) -> None:
        self._part, self._most = part, saved_seconds
        self.refill()

    def refill(self) -> None:
        """Begin with all that can be saved."""
        self._saved, self._counted_at = self._most, time.monotonic()

    def is_left(self) -> bool:
        """Tell whether anything is left; what was overdrawn is made up for first."""
        now = time.monotonic()
        self._saved = min(self._most, self._saved + self._part * (now - self._counted_at))
        self._counted_at = now
        return self._saved > 0

    def use(self, seconds: float) -> None:
        """Take from what is left."""
        self._saved -= seconds


@dataclass(slots=True)
class _Waiting:
    work: Work
    asked_at: float


class Kept:
    """Texts by key, the latest so many; those that have to be worked out again are, the longest waiting first."""

    def __init__(self, most: int, share: Share) -> None:
        self._most, self._share = most, share
        self._lock, self._turn = Lock(), Lock()
        self._may_wait = BoundedSemaphore(MOST_WHO_WAIT)
        self._held: OrderedDict[Hashable, Told] = OrderedDict()
        self._waiting: OrderedDict[Hashable, _Waiting] = OrderedDict()

    def latest(self, key: Hashable) -> Told | None:
        """Give what was worked out last."""
        with self._lock:
            return self._held.get(key)

    def want(self, works: Mapping[Hashable, Work]) -> None:
        """Let parts wait to be worked out; those that wait already keep their place."""
        now = time.monotonic()
        with self._lock:
            for key, work in works.items():
                self._waiting.setdefault(key, _Waiting(work, now))
                self._waiting[key].work, self._waiting[key].asked_at = work, now

    def is_near(self) -> bool:
        """Tell whether the turn of all that waits is near: where many wait, asking sooner would only cost."""
        with self._lock:
            return self._share.is_left() and len(self._waiting) <= FEW_WAIT

    def is_free(self) -> bool:
        """Tell whether something could be worked out now."""
        return self._share.is_left() and not self._turn.locked()

    def bring(self, keys: Collection[Hashable], seen: Any, *, wait_seconds: float) -> None:
        """
        Work out what waits, by what was `seen` now, until these keys wait no more or the share is used up.

        One works at a time. A few who find another at work wait for a moment, since it may be theirs.
        """
        if not self._share.is_left() or not self._taken(wait_seconds):
            return
        began, failed = time.monotonic(), None
        try:
            while failed is None and self._is_due(keys, since=began):
                failed = self._next(keys, seen)
        finally:
            self._turn.release()
        if failed is not None:
            raise failed

    def forget(self) -> None:
        """Throw all away, and begin with a full share."""
        with self._lock:
            self._held.clear()
            self._waiting.clear()
        self._share.refill()

    def _taken(self, wait_seconds: float) -> bool:
        if self._turn.acquire(blocking=False):
            return True
        if not wait_seconds or not self._may_wait.acquire(blocking=False):
            return False
        try:
            return self._turn.acquire(timeout=wait_seconds)
        finally:
            self._may_wait.release()

    def _is_due(self, keys: Collection[Hashable], *, since: float) -> bool:
        """Tell whether one who works since a moment goes on: for own parts, and for a while for those before them."""
        with self._lock:
            if not self._share.is_left() or not any(key in self._waiting for key in keys):
                return False
            return next(iter(self._waiting)) in keys or time.monotonic() - since < FOR_OTHERS_SECONDS

    def _next(self, own: Collection[Hashable], seen: Any) -> Exception | None:
        """Work out what has waited longest; give what went wrong with what was asked for here."""
        with self._lock:
            key, one = self._waiting.popitem(last=False)
            latest = self._held.get(key)
        began, used = time.monotonic(), time.thread_time()
        if key not in own and began - one.asked_at > NO_LONGER_ASKED_SECONDS:
            return None
        try:
            told = one.work(seen, latest)
        except Exception as fault:
            if key in own:
                return fault
            log.exception("a part of the command centre could not be worked out")
            return None
        finally:
            # What it waited for was mostly the database, which runs on the same processors.
            used = time.thread_time() - used
            self._share.use(used + max(0.0, time.monotonic() - began - used) / 2)
        with self._lock:
            self._held[key] = told
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return None

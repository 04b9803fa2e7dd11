"""
What many screens of one area show is worked out once.

Each process keeps what it worked out under its version. Whoever asks while it is being worked out waits for it a
moment, and then asks again later: hundreds of screens that see one change cost one computation.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Event, Lock


class StillWorking(Exception):
    """Somebody else works it out at this moment; ask again."""


@dataclass(slots=True)
class _One:
    done: Event = field(default_factory=Event)
    told: str | None = None


class Kept:
    """Texts by key, the latest so many; each is worked out by whoever asks for it first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._held: OrderedDict[Hashable, _One] = OrderedDict()

    def once(self, key: Hashable, work: Callable[[], str], *, wait_seconds: float) -> str:
        """Give what is kept, or work it out. Raise StillWorking where another does and is not done in time."""
        with self._lock:
            one = self._held.get(key)
            is_first = one is None
            if one is None:
                one = self._held[key] = _One()
                while len(self._held) > self._most:
                    self._held.popitem(last=False)
            self._held.move_to_end(key)
        if is_first:
            return self._worked_out(key, one, work)
        if not one.done.wait(wait_seconds) or one.told is None:
            raise StillWorking
        return one.told

    def has(self, key: Hashable) -> bool:
        """Tell whether it is worked out already."""
        with self._lock:
            one = self._held.get(key)
            return one is not None and one.done.is_set()

    def forget(self) -> None:
        """Throw all away."""
        with self._lock:
            self._held.clear()

    def _worked_out(self, key: Hashable, one: _One, work: Callable[[], str]) -> str:
        try:
            one.told = work()
        except BaseException:
            # Not kept: whoever asks next tries again.
            with self._lock:
                if self._held.get(key) is one:
                    del self._held[key]
            raise
        finally:
            one.done.set()
        return one.told

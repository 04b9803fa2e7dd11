"""
What many screens of one area show is worked out once.

Each process keeps what it worked out under its version. Whoever asks while it is being worked out waits for it a
moment, and then asks again later: hundreds of screens that see one change cost one computation. Whoever opens a screen
is shown what was worked out some seconds ago, and asks for what changed at once.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Event, Lock


class StillWorking(Exception):
    """Somebody else works it out at this moment; ask again."""


@dataclass(slots=True)
class _One:
    version: str
    done: Event = field(default_factory=Event)
    told: str | None = None
    told_at: float = 0.0


class Kept:
    """Texts by key and version, the latest so many; each is worked out by whoever asks for it first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._held: OrderedDict[Hashable, _One] = OrderedDict()
        self._latest: OrderedDict[Hashable, _One] = OrderedDict()

    def once(self, key: Hashable, version: str, work: Callable[[], str], *, wait_seconds: float) -> str:
        """Give what is kept, or work it out. Raise StillWorking where another does and is not done in time."""
        with self._lock:
            one = self._held.get((key, version))
            is_first = one is None
            if one is None:
                one = self._held[key, version] = _One(version)
                _shorten(self._held, self._most)
            self._held.move_to_end((key, version))
        if is_first:
            return self._worked_out(key, one, work)
        if not one.done.wait(wait_seconds) or one.told is None:
            raise StillWorking
        return one.told

    def has(self, key: Hashable, version: str) -> bool:
        """Tell whether it is worked out already."""
        with self._lock:
            one = self._held.get((key, version))
            return one is not None and one.done.is_set()

    def latest(self, key: Hashable, version: str, *, within_seconds: float) -> tuple[str, str] | None:
        """Give this version and its text; else the one worked out last, if that was so many seconds ago at most."""
        with self._lock:
            wanted, latest = self._held.get((key, version)), self._latest.get(key)
        if wanted is not None and wanted.told is not None:
            return version, wanted.told
        if latest is None or latest.told is None or time.monotonic() - latest.told_at > within_seconds:
            return None
        return latest.version, latest.told

    def forget(self) -> None:
        """Throw all away."""
        with self._lock:
            self._held.clear()
            self._latest.clear()

    def _worked_out(self, key: Hashable, one: _One, work: Callable[[], str]) -> str:
        try:
            one.told, one.told_at = work(), time.monotonic()
            with self._lock:
                self._latest[key] = one
                self._latest.move_to_end(key)
                _shorten(self._latest, self._most)
        except BaseException:
            # Not kept: whoever asks next tries again.
            with self._lock:
                if self._held.get((key, one.version)) is one:
                    del self._held[key, one.version]
            raise
        finally:
            one.done.set()
        return one.told


def _shorten(held: OrderedDict[Hashable, _One], most: int) -> None:
    while len(held) > most:
        held.popitem(last=False)

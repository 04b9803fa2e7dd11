"""Sharing work out to threads, each of which keeps room of its own."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")
Room = TypeVar("Room")


class Threads:
    """Some threads, which start when there is work for more than one, and stay."""

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(n_threads)

    def share(self, work: Callable[[Job], Done], jobs: Iterable[Job], *, alone: bool = False) -> list[Done]:
        """
        Do all jobs and give what came out, in their order; whoever is done takes the next, so that work is balanced.

        `alone` does them in the thread that asks.
        """
        listed = list(jobs)
        if alone or len(listed) < 2:
            return [work(job) for job in listed]
        done: list[Any] = [None] * len(listed)
        turns = iter(range(len(listed)))

        def take_turns() -> None:
            for one in turns:
                done[one] = work(listed[one])

        for running in [self._pool.submit(take_turns) for _ in range(min(self.n_threads, len(listed)))]:
            running.result()
        return done

    def own(self, make: Callable[[], Room]) -> Room:
        """Give the room of this thread, made the first time."""
        if not hasattr(self._local, "room"):
            self._local.room = make()
        room: Room = self._local.room
        return room

"""
One works for all who wait: what threads of a process want at one moment is asked, or written, in one go.

Going to the database costs the same for one as for ten, and with hundreds of requests a second it is most of what a
request costs. There is no clock to wait for: whoever finds nobody at work is served at once, and what comes meanwhile
goes next. What is asked is asked after whoever waits for it came, so that no answer is older than its question.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Generic, TypeVar

from django.db import connection

Wanted = TypeVar("Wanted")
Given = TypeVar("Given")


def _everybody(together: Sequence[object], one: object) -> bool:  # noqa: ARG001 — whoever waits may go along
    return True


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Wanted, Given]):
    wanted: Wanted
    is_told: bool = False
    answer: Given | Exception | None = None
    by_itself: bool = False


class Together(Generic[Wanted, Given]):
    """
    Those of one process who want the same kind of thing.

    `work` gives an answer for each of what it is handed, in that order; a refusal may stand in the place of one.
    `goes_along` says whether one more may go with those who go already.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Wanted]], Sequence[Given | Exception]],
        goes_along: Callable[[Sequence[Wanted], Wanted], bool] = _everybody,
    ) -> None:
        self.work, self.goes_along = work, goes_along
        self.line: list[_Waiting[Wanted, Given]] = []
        self._changed, self._at_work = threading.Condition(), False

    def served(self, wanted: Wanted) -> Given:
        """
        Give the answer to what is wanted, worked out perhaps with that of others. Raise what stands in its place.

        If what is wanted together fails, each is worked out by itself, so that one's fault is not the others'. Inside a
        transaction of the caller's own nobody else's is worked out: the transaction may come to nothing.
        """
        if connection.in_atomic_block:
            answer: Given | Exception | None = self.work([wanted])[0]
        else:
            mine = self._told(_Waiting(wanted))
            answer = self.work([wanted])[0] if mine.by_itself else mine.answer
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    def _told(self, mine: _Waiting[Wanted, Given]) -> _Waiting[Wanted, Given]:
        """Wait until somebody has worked for this one; where nobody is at work, work for all who wait."""
        with self._changed:
            self.line.append(mine)
            while self._at_work and not mine.is_told:
                self._changed.wait()
            if mine.is_told:
                return mine
            self._at_work = True
            together = self._next(mine)
        answers: Sequence[Given | Exception] = ()
        try:
            answers = self.work([one.wanted for one in together])
        except Exception as fault:
            connection.close_if_unusable_or_obsolete()
            if len(together) == 1:
                answers = [fault]
        finally:
            # Also when whoever works is being ended: then the others go on by themselves.
            with self._changed:
                for one, answer in zip_longest(together, answers):
                    one.is_told, one.answer, one.by_itself = True, answer, not answers
                self._at_work = False
                self._changed.notify_all()
        return mine

    def _next(self, mine: _Waiting[Wanted, Given]) -> list[_Waiting[Wanted, Given]]:
        """Take who works and those who go along out of the line, in its order."""
        together, wanted = [mine], [mine.wanted]
        for one in self.line:
            if one is not mine and self.goes_along(wanted, one.wanted):
                together.append(one)
                wanted.append(one.wanted)
        taken = set(map(id, together))
        self.line[:] = [one for one in self.line if id(one) not in taken]
        return together

"""
The desk at which devices wait: what comes while swabs are being written is written next, all in one transaction.

A transaction costs the same for one swab as for ten, and most of it is not the swab. So the more devices send at a
time, the less each swab costs, and nobody waits for a clock: whoever finds the desk free is served at once.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from sizao.records.models import Account, TestingRound
from sizao.response.testing import swabs as writing
from sizao.response.testing.incoming import Outbox, SwabSent, SwabTold

MOST_TOGETHER = 2 * writing.MOST_AT_ONCE  # so that nobody waits long for what others sent

Answer = list[SwabTold] | Exception


@dataclass(slots=True, eq=False)
class _Waiting:
    testing_round: TestingRound
    outbox: Outbox
    answer: Answer | None = None


@dataclass(slots=True)
class _Desk:
    """Who waits in this process. One of those who wait writes for all; the others sleep until they are answered."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    line: list[_Waiting] = field(default_factory=list)
    is_writing: bool = False

    def served(self, mine: _Waiting) -> Answer:
        with self.changed:
            self.line.append(mine)
            while self.is_writing and mine.answer is None:
                self.changed.wait()
            if mine.answer is not None:
                return mine.answer
            self.is_writing = True
            together = self._next(mine)
        try:
            answers = _written(together)
        except BaseException as fault:
            # Whoever writes is being ended; the others are told that nothing was kept, so that they send again.
            answers = [RuntimeError(f"ended while writing: {type(fault).__name__}")] * len(together)
            raise
        finally:
            with self.changed:
                for one, answer in zip(together, answers, strict=True):
                    one.answer = answer
                self.is_writing = False
                self.changed.notify_all()
        return answers[0]

    def _next(self, mine: _Waiting) -> list[_Waiting]:
        """Take who writes and others of the same round out of the line, in its order, as many as go together."""
        together, room = [mine], MOST_TOGETHER - len(mine.outbox.swabs)
        for one in self.line:
            if one is not mine and one.testing_round.pk == mine.testing_round.pk and len(one.outbox.swabs) <= room:
                together.append(one)
                room -= len(one.outbox.swabs)
        taken = set(map(id, together))
        self.line[:] = [one for one in self.line if id(one) not in taken]
        return together


_desk = _Desk()


def register_at_desk(
    *,
    testing_round: TestingRound,
    swabs: Sequence[SwabSent],
    by: Account,
    now: datetime,
    sent_at: datetime | None = None,
) -> list[SwabTold]:
    """
    Register swabs as `register_swabs` does, perhaps in one transaction with what other devices send at this moment.

    Inside a transaction of the caller's own nobody else's swabs are written. Raise TooManySwabs, or the door's refusal.
    """
    if connection.in_atomic_block or not swabs:
        return writing.register_swabs(testing_round=testing_round, swabs=swabs, by=by, now=now, sent_at=sent_at)
    outbox = writing.checked(Outbox(swabs, by, now, sent_at))
    answer = _desk.served(_Waiting(testing_round, outbox))
    if isinstance(answer, Exception):
        raise answer
    return answer


def _written(together: Sequence[_Waiting]) -> list[Answer]:
    """Write all in one transaction; if that fails, each in one of its own, so that one's fault is not the others'."""
    if len(together) > 1:
        try:
            return list(writing.register_together(together[0].testing_round, [one.outbox for one in together]))
        except Exception:  # noqa: BLE001 — whose fault it is, is found out below
            connection.close_if_unusable_or_obsolete()
    return [_alone(one) for one in together]


def _alone(one: _Waiting) -> Answer:
    try:
        return writing.register_together(one.testing_round, [one.outbox])[0]
    except Exception as fault:  # noqa: BLE001 — raised again where it was asked
        return fault

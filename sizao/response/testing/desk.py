"""
The desk at which devices wait: what comes while swabs are being written is written next, all in one transaction.

A transaction costs the same for one swab as for ten, and most of it is not the swab. So the more devices send at a
time, the less each swab costs, and nobody waits for a clock: whoever finds the desk free is served at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from sizao.errors import SizaoError
from sizao.records.models import Account, TestingRound
from sizao.records.together import Together
from sizao.response.testing import swabs as writing
from sizao.response.testing.incoming import Outbox, SwabSent, SwabTold

MOST_TOGETHER = 2 * writing.MOST_AT_ONCE  # so that nobody waits long for what others sent


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """What one device brings to the desk, for one round."""

    testing_round: TestingRound
    outbox: Outbox


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
    return desk.served(Brought(testing_round, outbox))


def _written(together: Sequence[Brought]) -> list[list[SwabTold] | SizaoError]:
    return writing.register_together(together[0].testing_round, [one.outbox for one in together])


def _go_together(together: Sequence[Brought], one: Brought) -> bool:
    """Let those of one round go together, as many as make no transaction too long."""
    of_one_round = one.testing_round.pk == together[0].testing_round.pk
    return of_one_round and sum(len(each.outbox.swabs) for each in (*together, one)) <= MOST_TOGETHER


desk = Together(_written, _go_together)

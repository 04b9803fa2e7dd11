"""How long the tubes of a round wait for a laboratory that runs so many a day, the urgent ones first."""

from sizao.engines.simulation import rng
from sizao.engines.simulation.rng import Ints, Words64

NO_LIMIT = -1


class TubeQueue:
    """
    Tubes of rounds that wait, counted and not named: a tube waits as long as those before it take.

    `capacity` tubes a day (NO_LIMIT: all). Tubes of the ill and of those kept apart are run on the day they come and
    leave the rest of the day to rounds. Where they alone are too many, rounds wait; they themselves do not.
    """

    def __init__(self, capacity: int) -> None:
        """Begin with nothing waiting."""
        self._capacity, self.backlog = capacity, 0

    def step(self, urgent: int, tubes: int, drawn: Words64) -> Ints:
        """
        Let a day pass on which so many `urgent` tubes and `tubes` of a round come.

        Give the days that some tubes of the round wait: each stands at a place in the day's line told by its word.
        """
        if self._capacity == NO_LIMIT:
            return rng.below(drawn, 1)
        spare = max(self._capacity - urgent, 0)
        before = self.backlog + rng.below(drawn, max(tubes, 1))
        self.backlog = max(self.backlog + tubes - spare, 0)
        # Nothing is left today: tomorrow the whole laboratory may be there again.
        days: Ints = before // spare if spare else 1 + before // max(self._capacity, 1)
        return days

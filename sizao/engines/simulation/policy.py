"""What a reference responder does, as data: the measures that `whatif` compares."""

from dataclasses import dataclass

from sizao.engines.simulation.disease import LAYERS
from sizao.errors import SizaoError

# The least that makes sense of each number of days or cases.
_LEAST = dict.fromkeys(("testing_days", "result_days", "trace_days", "look_back_days", "round_every", "close_at"), 0)
_LEAST |= dict.fromkeys(("isolation_days", "quarantine_days", "close_days"), 1)


class PolicyImpossible(SizaoError):
    """Measures that contradict themselves."""

    code = "simulation.policy_impossible"
    message = "The policy {name} cannot be: {reason} Correct it in the file of policies."


@dataclass(frozen=True)
class Policy:
    """
    Measures of one response. Days count whole days; shares and chances are from 0 to 1.

    `testing`: chance on each day that one with symptoms is tested, from onset for `testing_days`. `result_days`: until
    the result. `traced[layer]`: share of companions that tracing finds, `trace_days` after the result, for meetings
    from `look_back_days` before onset (before the result, for those without symptoms); at most `cases_traced` cases a
    day (-1: all). `isolation_days` for the found, `quarantine_days` for companions, in rooms, or at home with
    `quarantine_at_home`; tested on the `test_days` of quarantine, counted from 1.
    From the day after the first case is found, `round_coverage` of all are tested every `round_every` days (0: never).
    A community with `close_at` cases found in seven days (0: never) is closed for `close_days`.
    """

    name: str
    testing: float = 0.4
    testing_days: int = 14
    result_days: int = 1
    traced: tuple[float, ...] = (1.0, 0.8, 0.8, 0.5, 0.3)
    trace_days: int = 1
    look_back_days: int = 2
    cases_traced: int = -1
    isolation_days: int = 14
    quarantine_days: int = 14
    quarantine_at_home: bool = False
    test_days: tuple[int, ...] = (1, 4, 7, 14)
    round_every: int = 0
    round_coverage: float = 0.95
    close_at: int = 0
    close_days: int = 14

    def __post_init__(self) -> None:
        """Raise PolicyImpossible where a number cannot be."""
        if len(self.traced) != len(LAYERS):
            raise self._no(f"`traced` gives {len(self.traced)} shares; there are {len(LAYERS)}: {', '.join(LAYERS)}.")
        for share in (self.testing, self.round_coverage, *self.traced):
            if not 0 <= share <= 1:
                raise self._no(f"{share} is no share from 0 to 1.")
        for word, least in _LEAST.items():
            if getattr(self, word) < least:
                raise self._no(f"`{word}` is {getattr(self, word)} and below {least}.")

    def _no(self, reason: str) -> PolicyImpossible:
        return PolicyImpossible(name=self.name, reason=reason)


NOTHING = Policy("nothing", testing=0.0)

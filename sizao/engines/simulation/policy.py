"""What a reference responder does, as data: the measures that `whatif` compares."""

from dataclasses import dataclass
from typing import Any

from sizao.engines.simulation.areas import LEVELS
from sizao.engines.simulation.disease import LAYERS
from sizao.errors import SizaoError

# The least that makes sense of each whole number; -1 stands for as many as are needed.
_LEAST: dict[str, int] = {
    **dict.fromkeys(("isolation_days", "quarantine_days", "secondary_days", "round_pool", "round_days"), 1),
    **dict.fromkeys(("close_days", "shut_days", "rides", "seats"), 1),
    **dict.fromkeys(("cases_traced", "rooms", "vehicles", "beds", "intensive", "antiviral_stock", "laboratory"), -1),
}
_SHARES = ("seeking", "testing", "unalarmed", "round_coverage", "vaccinated", "antivirals")


class PolicyImpossible(SizaoError):
    """Measures that contradict themselves."""

    code = "simulation.policy_impossible"
    message = "The policy {name} cannot be: {reason} Correct it in the file of policies."


@dataclass(frozen=True)
class Policy:
    """
    Measures of one response. Days count whole days; shares and chances are from 0 to 1; -1 is as many as needed.

    `seeking`: share of those with symptoms who come at all; `testing`: chance on each day that one of them is tested,
    from onset for `testing_days`, `unalarmed` times that until `alarm_days` after the first case is found, when doctors
    are told to look for more. `result_days`: until the result. `traced[layer]`: share of companions that tracing
    finds, `trace_days` after the result, for meetings from `look_back_days` before onset (before the result, for those
    without symptoms); at most `cases_traced` cases a day. `isolation_days` in a room for the found; whoever goes to a
    room waits `move_days` at home for it. Companions are `quarantine_days` in a room, or at home with
    `quarantine_at_home`, then `home_days` at home, tested on the `test_days` of the first and the `home_test_days` of
    the second, both counted from 1.

    `secondary[layer]`: share of the companions of companions that are found as well, `secondary_trace_days` later, for
    meetings from `secondary_look_back_days` before; they are kept for `secondary_days`, at home with
    `secondary_at_home`, and tested on `secondary_test_days`.

    From `round_from` days after the first case is found, `round_coverage` of all are tested every `round_every` days
    (0: never) in pools of `round_pool`; a round takes `round_days`. The `laboratory` runs so many tubes a day, those of
    the ill and the kept first, those of rounds as they come.

    A zone of `close_level` with `close_at` cases found in seven days (0: never) is closed, its people at home, until
    `close_days` after its last case; its venues shut by `shut_at`, `shut_days`, `shut_level`.

    `rooms` and `vehicles` (each making so many `rides` a day with so many `seats`): who finds none waits at home.
    `beds` for the severe, `intensive` care for the critical. `vaccinated`: share of those from `vaccine_from_age` on
    without three doses who get them, over `vaccine_days` from day 0 (0: long before). `antivirals`: share of the found
    from `antiviral_from_age` on who get a course, with symptoms, within `antiviral_within_days` of onset, as long as
    there is any of `antiviral_stock`.
    """

    name: str
    seeking: float = 1.0
    testing: float = 0.4
    testing_days: int = 14
    unalarmed: float = 1.0
    alarm_days: int = 0
    result_days: int = 1
    traced: tuple[float, ...] = (1.0, 0.8, 0.8, 0.5, 0.3)
    trace_days: int = 1
    look_back_days: int = 2
    cases_traced: int = -1
    isolation_days: int = 14
    move_days: int = 0
    quarantine_days: int = 14
    quarantine_at_home: bool = False
    test_days: tuple[int, ...] = (1, 4, 7, 14)
    home_days: int = 0
    home_test_days: tuple[int, ...] = ()
    secondary: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)
    secondary_trace_days: int = 1
    secondary_look_back_days: int = 2
    secondary_days: int = 7
    secondary_at_home: bool = False
    secondary_test_days: tuple[int, ...] = (1, 4, 7)
    round_every: int = 0
    round_from: int = 1
    round_days: int = 1
    round_coverage: float = 0.95
    round_pool: int = 1
    laboratory: int = -1
    close_at: int = 0
    close_days: int = 14
    close_level: str = "community"
    shut_at: int = 0
    shut_days: int = 14
    shut_level: str = "town"
    rooms: int = -1
    vehicles: int = -1
    rides: int = 4
    seats: int = 2
    beds: int = -1
    intensive: int = -1
    vaccinated: float = 0.0
    vaccine_from_age: int = 60
    vaccine_days: int = 0
    antivirals: float = 0.0
    antiviral_from_age: int = 60
    antiviral_within_days: int = 5
    antiviral_stock: int = -1

    def __post_init__(self) -> None:
        """Raise PolicyImpossible where a number cannot be."""
        for word in ("traced", "secondary"):
            given = getattr(self, word)
            if len(given) != len(LAYERS):
                reason = f"`{word}` gives {len(given)} shares; there are {len(LAYERS)}: {', '.join(LAYERS)}."
                raise PolicyImpossible(name=self.name, reason=reason)
        for word in ("close_level", "shut_level"):
            if getattr(self, word) not in LEVELS:
                reason = f"`{word}` is {getattr(self, word)}; there are {', '.join(LEVELS)}."
                raise PolicyImpossible(name=self.name, reason=reason)
        self._check_shares()
        self._check_numbers()

    def _check_shares(self) -> None:
        for share in (*(getattr(self, word) for word in _SHARES), *self.traced, *self.secondary):
            if not 0 <= share <= 1:
                raise PolicyImpossible(name=self.name, reason=f"{share} is no share from 0 to 1.")

    def _check_numbers(self) -> None:
        if 0 < self.round_every < self.round_days:
            reason = (
                f"a round takes {self.round_days} days (`round_days`) and the next begins after {self.round_every}."
            )
            raise PolicyImpossible(name=self.name, reason=reason)
        whole: dict[str, Any] = {word: value for word, value in vars(self).items() if type(value) is int}
        for word, value in whole.items():
            if value < _LEAST.get(word, 0):
                raise PolicyImpossible(name=self.name, reason=f"`{word}` is {value} and below {_LEAST.get(word, 0)}.")

    @property
    def tested_on(self) -> tuple[int, ...]:
        """Give the days of quarantine, counted from 1, on which companions are tested, in a room and after it."""
        return (*self.test_days, *(self.quarantine_days + day for day in self.home_test_days if day <= self.home_days))

    @property
    def moved_a_day(self) -> int:
        """Say how many people vehicles bring to rooms on a day; -1 for all."""
        return self.vehicles * self.rides * self.seats if self.vehicles >= 0 else -1


NOTHING = Policy("nothing", testing=0.0)

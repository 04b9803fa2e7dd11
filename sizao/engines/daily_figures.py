"""
Daily figures from moves: what came and went on each day, and what stands at its end.

A move says that so many cases (or contacts) of one area went from one state to another on one day. A flow counts the
moves of a day; a stock is all that came into its states less all that left them, so that a stock is always yesterday's
plus what came less what went. A case that is counted in another area from some day on leaves the states of the one
and enters those of the other; areas above both see nothing of it.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sizao.terms import CaseFactKind, CaseStatus, ContactState, Figure

NOWHERE = ""  # before the first state
ELSEWHERE = "elsewhere"  # counted in another area
BEFORE = -1  # the day of whatever moved before the first day asked for

Going = Callable[[str, str], bool]  # tells from (was, now) whether a move counts


@dataclass(frozen=True, slots=True)
class Moves:
    """
    `n` rows went from `was` to `now` in an area on a day (counted from the first day asked for, or BEFORE).

    `above` is how many digits the codes of the two areas share when a row goes between areas, else 0: areas with at
    most so many digits see nothing of the move.
    """

    area_code: str
    day: int
    was: str
    now: str
    n: int = 1
    above: int = 0


@dataclass(frozen=True, slots=True)
class Scheme:
    """Which figures follow from moves between states: flows by a rule on (was, now), stocks by their states."""

    flows: Mapping[Figure, Going]
    stocks: Mapping[Figure, frozenset[str]]

    @property
    def figures(self) -> tuple[Figure, ...]:
        return (*self.flows, *self.stocks)

    def effects(self, was: str, now: str) -> dict[Figure, int]:
        """Say by how much one move changes each figure of its day; figures that it leaves alone are left out."""
        found = {figure: 1 for figure, counts in self.flows.items() if counts(was, now)}
        for figure, states in self.stocks.items():
            if change := (now in states) - (was in states):
                found[figure] = change
        return found


CONFIRMED_EVER = frozenset({str(CaseStatus.CONFIRMED), str(CaseFactKind.DISCHARGED), str(CaseFactKind.DIED)})


def _into(state: str, *, not_from: Iterable[str] = ()) -> Going:
    barred = {state, ELSEWHERE, *not_from}
    return lambda was, now: now == state and was not in barred


CASES = Scheme(
    flows={
        Figure.NEW_CONFIRMED: _into(CaseStatus.CONFIRMED, not_from=CONFIRMED_EVER),
        Figure.CONVERTED: lambda was, now: (was, now) == (CaseStatus.ASYMPTOMATIC, CaseStatus.CONFIRMED),
        Figure.NEW_ASYMPTOMATIC: _into(CaseStatus.ASYMPTOMATIC),
        Figure.NEW_POSITIVE: _into(CaseStatus.POSITIVE),
        Figure.NEW_SUSPECTED: _into(CaseStatus.SUSPECTED),
        Figure.CONFIRMED_DISCARDED: lambda was, now: was in CONFIRMED_EVER and now == CaseStatus.DISCARDED,
        Figure.ASYMPTOMATIC_DISCARDED: lambda was, now: (was, now) == (CaseStatus.ASYMPTOMATIC, CaseStatus.DISCARDED),
        Figure.DISCHARGED: _into(CaseFactKind.DISCHARGED),
        Figure.DIED: _into(CaseFactKind.DIED),
        Figure.RELEASED: _into(CaseFactKind.RELEASED),
        Figure.MOVED_IN: lambda was, now: was == ELSEWHERE and now in CONFIRMED_EVER,
        Figure.MOVED_OUT: lambda was, now: now == ELSEWHERE and was in CONFIRMED_EVER,
    },
    stocks={
        Figure.CONFIRMED: CONFIRMED_EVER,
        Figure.ASYMPTOMATIC: frozenset({CaseStatus.ASYMPTOMATIC}),
        Figure.SUSPECTED: frozenset({CaseStatus.SUSPECTED}),
        Figure.POSITIVE_WAITING: frozenset({CaseStatus.POSITIVE, CaseStatus.SUSPECTED}),
        Figure.PRESENT: frozenset({CaseStatus.CONFIRMED}),
        Figure.DISCHARGED_TOTAL: frozenset({CaseFactKind.DISCHARGED}),
        Figure.DIED_TOTAL: frozenset({CaseFactKind.DIED}),
    },
)

CONTACTS = Scheme(
    flows={
        # Found again after an exclusion is not found for the first time.
        Figure.CONTACTS_NEW: lambda was, now: was == NOWHERE and now != NOWHERE,
        Figure.CONTACTS_PLACED: _into(ContactState.PLACED, not_from=[NOWHERE]),
        Figure.CONTACTS_RELEASED: _into(ContactState.RELEASED, not_from=[NOWHERE]),
        Figure.CONTACTS_POSITIVE: _into(ContactState.BECAME_CASE, not_from=[NOWHERE]),
        Figure.CONTACTS_EXCLUDED: _into(ContactState.EXCLUDED, not_from=[NOWHERE]),
    },
    stocks={
        Figure.CONTACTS: frozenset(map(str, ContactState)),
        Figure.CONTACTS_WAITING: frozenset({ContactState.FOUND}),
        Figure.CONTACTS_OBSERVED: frozenset({ContactState.PLACED}),
    },
)

# Cases whose onset is known while they count as confirmed; those severe while in hospital; those without a county.
KNOWN, SEVERE, UNPLACED = "known", "severe", "unplaced"
ONSET = Scheme(flows={}, stocks={Figure.ONSET_UNKNOWN: frozenset({KNOWN})})
SEVERITY = Scheme(flows={}, stocks={Figure.SEVERE: frozenset({SEVERE})})
WITHOUT_COUNTY = Scheme(flows={}, stocks={Figure.WITHOUT_COUNTY: frozenset({UNPLACED})})


def tally(
    scheme: Scheme, moves: Sequence[Moves], *, n_days: int, digits: Sequence[int]
) -> tuple[list[str], np.ndarray]:
    """
    Count the figures of a scheme for each area and day: codes, and an array of shape (days, areas, figures).

    An area is counted at each of the `digits` that its code reaches, so that every level is made of the same rows.
    Figures stand in the order of `scheme.figures`; an area without moves is left out and has nothing.
    """
    spread = [
        (move.area_code[:size], move) for move in moves for size in digits if move.above < size <= len(move.area_code)
    ]
    codes = sorted({code for code, _ in spread})
    place = {code: at for at, code in enumerate(codes)}
    weights: dict[tuple[str, str], np.ndarray] = {}
    counted = np.zeros((n_days + 1, len(codes), len(scheme.figures)), dtype=np.int64)
    for code, move in spread:
        if (weight := weights.get((move.was, move.now))) is None:
            effects = scheme.effects(move.was, move.now)
            weight = np.array([effects.get(figure, 0) for figure in scheme.figures], dtype=np.int64)
            weights[move.was, move.now] = weight
        counted[move.day + 1, place[code]] += move.n * weight
    stocks = slice(len(scheme.flows), None)
    counted[:, :, stocks] = np.cumsum(counted[:, :, stocks], axis=0)
    return codes, counted[1:]


def over(days: Sequence[Mapping[str, int | None]], flows: Container[str]) -> dict[str, int | None]:
    """
    Sum up the figures of consecutive days: of a flow those of all days, of a stock that at the end of the last.

    A flow is unknown where that of one of the days is.
    """
    return {
        figure: _sum(one.get(figure) for one in days) if figure in flows else at_end
        for figure, at_end in days[-1].items()
    }


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)

"""The clock of an area: from the days on which its cases were found to its level and its last day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sizao.engines.zone_scheme import Part, Reason, RiskTie, Scheme, strictest
from sizao.terms import ZoneLevel, ZoneReason


@dataclass(frozen=True, slots=True)
class Clock:
    """
    An area with the ties of its present episode.

    An episode begins with the first case after the area could have been lifted. `steps_down` and `ends`
    are the first days of a milder level and of none.
    """

    area_code: str
    ties: Sequence[RiskTie]
    level: ZoneLevel
    steps_down: date | None
    ends: date

    @property
    def since(self) -> date:
        return self.ties[0].found_date

    @property
    def last_date(self) -> date:
        return self.ties[-1].found_date


def tie_level(tie: RiskTie, scheme: Scheme) -> ZoneLevel | None:
    """Say what level the tie alone calls for when it is new; None when the scheme zones no such tie."""
    return scheme.home_level if tie.lives_there else scheme.place_level


def clock(area_code: str, ties: Sequence[RiskTie], as_of: date, scheme: Scheme) -> Clock | None:
    """Run one clock over all ties of an area, in order of the day found; None when it is over."""
    episode = present_episode(ties, scheme)
    running = [state for tie in episode if (state := _state(tie, as_of, scheme)) is not None]
    level = strictest(state[0] for state in running)
    if level is None:
        return None
    steps = [state[1] for state in running if state[0] == level and state[1] is not None]
    return Clock(area_code, episode, level, max(steps, default=None), max(state[2] for state in running))


def present_episode(ties: Sequence[RiskTie], scheme: Scheme) -> list[RiskTie]:
    """Keep the ties since the area last could have been lifted."""
    episode: list[RiskTie] = []
    ends = date.min
    for tie in ties:
        if tie.found_date >= ends:
            episode = []
        episode.append(tie)
        ends = max(ends, _ends(tie, scheme))
    return episode


def _state(tie: RiskTie, as_of: date, scheme: Scheme) -> tuple[ZoneLevel, date | None, date] | None:
    """Where one tie alone would put its area: level now, day of the step down, day of lifting."""
    level, ends = tie_level(tie, scheme), _ends(tie, scheme)
    if level is None or as_of >= ends:
        return None
    if not _steps_down(level, scheme):
        return level, None, ends
    step = tie.found_date + timedelta(days=scheme.lift_days[level] + 1)
    return (level, step, ends) if as_of < step else (ZoneLevel.MEDIUM, None, ends)


def _ends(tie: RiskTie, scheme: Scheme) -> date:
    level = tie_level(tie, scheme)
    extra = scheme.step_down_days or 0 if _steps_down(level, scheme) else 0
    # A tie that the scheme does not zone is over as it begins.
    days = scheme.lift_days[level] + extra + 1 if level is not None else 0
    return tie.found_date + timedelta(days=days)


def _steps_down(level: ZoneLevel | None, scheme: Scheme) -> bool:
    return level == ZoneLevel.HIGH and bool(scheme.step_down_days)


def reasons(area_code: str, ties: Sequence[RiskTie]) -> tuple[Reason, ...]:
    """State the ties as facts: how many live there, how many were there, from when to when."""
    kinds = (
        (ZoneReason.CASES_AT_HOME, [tie for tie in ties if tie.lives_there]),
        (ZoneReason.CASES_VISITED, [tie for tie in ties if not tie.lives_there]),
    )
    return tuple(
        Reason(kind, n_cases(mine), mine[0].found_date, mine[-1].found_date, area_code) for kind, mine in kinds if mine
    )


def parts(ties: Sequence[RiskTie], scheme: Scheme, zone_ends: date) -> tuple[Part, ...]:
    """
    List the smallest units of a zone, each with the first day on which it may be lifted.

    Where a new case restarts the whole zone that is the zone's day; otherwise each keeps its own.
    """
    by_unit: dict[str, list[RiskTie]] = defaultdict(list)
    for tie in ties:
        if len(tie.area_code) >= scheme.unit_digits:
            by_unit[tie.area_code[: scheme.unit_digits]].append(tie)
    return tuple(
        Part(
            code, n_cases(mine), mine[0].found_date, mine[-1].found_date,
            zone_ends if scheme.restarts else max(_ends(tie, scheme) for tie in mine),
        )
        for code, mine in sorted(by_unit.items())
    )  # fmt: skip


def n_cases(ties: Sequence[RiskTie]) -> int:
    """Count cases, each once, however many ties it has."""
    return len({tie.case for tie in ties})

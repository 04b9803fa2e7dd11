"""
Who shared time with the case of a trace, by layer and tier: asked of the presences, each person once.

Sources know people by different things, so that one person may stand in the presences under several tokens. Where
the register knows that, what they tell is one person's: a stretch that a phone and an id card tell is told once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from sizao.adapters.visits import VisitStore, Window
from sizao.adapters.visits.meetings import LAYERS, TIERS, Manner, Met, met, people
from sizao.adapters.visits.places import known_places
from sizao.adapters.visits.space_time import SpaceTime
from sizao.engines.presences import same_person
from sizao.engines.presences.dilution import Weights, scores
from sizao.engines.presences.stays import Stays
from sizao.engines.presences.summing import Ints
from sizao.engines.presences.totals import Runs, totals
from sizao.records.models import PresenceBatch, Trace
from sizao.response.tracing import bearers, rides, tokens
from sizao.response.tracing.rides import Ride
from sizao.terms import DwellOf, Layer, Seating, Tier, TraceQuestion

WEIGHTS = Weights()
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A person, by token, with whom the case shared time in one layer and tier; `rides` are those in vehicles."""

    token: str
    layer: str
    tier: str
    minutes: float
    meetings: int
    days: int
    score: float | None
    first_at: datetime
    last_at: datetime
    rides: tuple[Ride, ...] = ()

    @property
    def key(self) -> Key:
        return self.token, self.layer, self.tier

    @property
    def seating(self) -> Seating | None:
        """What the seat rule says of the nearest ride; None outside vehicles."""
        return rides.nearest(self.rides)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of the store: the windows of the case's tokens, and for how long a meeting must last."""

    trace: Trace
    store: VisitStore
    windows: Sequence[Window]
    manner: Manner
    now: datetime


def windows(trace: Trace) -> list[Window]:
    """Give what is asked of the store: each token of the case, in its window."""
    begins, ends = int(trace.begins_at.timestamp()), int(trace.ends_at.timestamp())
    return [Window(token, begins, ends) for token in tokens.tokens_of(trace.outbreak, trace.case.person)]


def least_seconds(trace: Trace) -> int:
    """Give the shortest meeting that counts for a trace."""
    return round(trace.least_minutes * 60)


def manner_of(store: VisitStore) -> Manner:
    """Say how the presences are looked at: with what is known of their places."""
    return Manner(places=known_places(store.path))


def asks_cells(trace: Trace) -> bool:
    """Tell whether a trace asks for space-time companions: only where a local annex turned that rule on."""
    return Layer.CELL in trace.settings["layers"]


def companions(trace: Trace, store: VisitStore, now: datetime) -> dict[Key, Found]:
    """Find who shared time with the case of a trace, once for each layer and tier; the case itself is left out."""
    asked = _Asked(trace, store, windows(trace), manner_of(store), now)
    if trace.question == TraceQuestion.SEATS:
        aboard = rides.aboard(trace, store, asked.windows, asked.manner)
        asked = replace(asked, windows=rides.during(asked.windows, aboard))
    own = {one.person for one in asked.windows}
    found = [row for row in _met(asked) if row.token not in own]
    if asks_cells(trace):
        found += [row for row in _space_time(asked) if row.token not in own]
    return _with_rides(asked, {row.key: row for row in _each_once(asked, found)})


# --- At venues and in vehicles -----------------------------------------------------------------


def _met(asked: _Asked) -> Iterator[Found]:
    wanted = {Layer.VEHICLE} if asked.trace.question == TraceQuestion.SEATS else {Layer.VENUE, Layer.VEHICLE}
    several = _may_be_several(asked)
    least = least_seconds(asked.trace)
    parts = list(met(asked.store, asked.windows, asked.manner, least_seconds=1 if several else least))
    if several and parts:
        parts = [_as_one(asked, parts)]
    for one in parts:
        yield from (row for row in _rows(asked, one) if row.layer in wanted)


def _may_be_several(asked: _Asked) -> bool:
    """Tell whether anybody may stand under two tokens: where sources know people by one thing alone, nobody does."""
    told = PresenceBatch.objects.filter(outbreak=asked.trace.outbreak).values_list("told__kinds", flat=True).distinct()
    kinds = {kind for some in told for kind in (some or ["unsaid"])}
    # What came as tokens may be of any kind.
    return len(kinds) > 1 or not kinds <= {"id_number", "phone", "number"}


def _as_one(asked: _Asked, parts: Sequence[Met]) -> Met:
    """Make what several tokens of a person tell that of one person, of the case and of everybody else."""
    person = _numbers_alike(asked, parts)
    others = np.concatenate([_stretches(one, person) for one in parts])
    own = np.concatenate([_own(one) for one in parts])
    stays, found = same_person.as_one(own, others, least_seconds=least_seconds(asked.trace))
    places = asked.store.place_tokens.take(pa.array(stays[:, same_person.PLACE]))
    tiers = [Tier.SAME] * len(stays)
    return Met(parts[0].case, _stays(stays), found, places, asked.manner.places.layers(places), tiers)


def _numbers_alike(asked: _Asked, parts: Sequence[Met]) -> tuple[Ints, Ints]:
    """Give the numbers of everybody who was met, and of each the number that stands for that person."""
    numbers = np.unique(np.concatenate([one.found.person for one in parts]))
    names = people(asked.store, numbers).to_pylist()
    at = dict(zip(names, numbers.tolist(), strict=True))
    chosen = _alike(asked, names)
    stands_for = np.array([at[chosen.get(token, token)] for token in names], np.int64)
    return numbers, stands_for


def _alike(asked: _Asked, names: Sequence[str]) -> dict[str, str]:
    standing = asked.trace.matches.filter(gone_at=None).values_list("token", flat=True)
    return bearers.alike(asked.trace.outbreak, names, known_as=set(standing), now=asked.now)


def _stretches(one: Met, alike: tuple[Ints, Ints]) -> Ints:
    numbers, stands_for = alike
    person = stands_for[np.searchsorted(numbers, one.found.person)]
    rows: Ints = np.column_stack((one.own.run_place[one.found.run], person, one.found.start, one.found.end))
    return rows


def _own(one: Met) -> Ints:
    rows: Ints = np.column_stack((one.own.place, np.zeros(len(one.own), np.int64), one.own.start, one.own.end))
    return rows


def _stays(rows: Ints) -> Stays:
    place, _, start, end = rows.T.copy()
    run = np.arange(len(rows))
    return Stays(place, start, end, run, np.zeros_like(run), place, np.zeros(len(rows), np.bool_))


def _rows(asked: _Asked, one: Met) -> Iterator[Found]:
    airs = asked.manner.places.ventilations(one.places)
    weights = np.array([WEIGHTS.of(air, tier) for air, tier in zip(airs, one.tiers, strict=True)], np.float64)
    sums = totals(one.found, Runs(one.group, weights), utc_offset_seconds=asked.manner.utc_offset_seconds)
    columns = (sums.group, sums.seconds / 60, sums.meetings, sums.days, scores(sums, WEIGHTS), sums.first, sums.last)
    names = people(asked.store, sums.person).to_pylist()
    for token, group, minutes, meetings, days, score, first, last in zip(
        names, *(column.tolist() for column in columns), strict=True
    ):
        layer, tier = LAYERS[group // len(TIERS)], TIERS[group % len(TIERS)]
        yield Found(
            token, str(layer), str(tier), round(minutes, 3), meetings, days, round(score, 6), _at(first), _at(last)
        )


# --- In cells of the network -------------------------------------------------------------------


def _space_time(asked: _Asked) -> Iterator[Found]:
    """
    Give the space-time companions by the rule of the annex; they have no score, and are at most asked to be tested.

    The hours of the other person count, not those of the case: where the case lives, its own would make everybody
    pass. A case that is not set apart yet looks back from now.
    """
    until = int(asked.now.timestamp())
    known = [Window(one.person, one.start, min(one.end, until)) for one in asked.windows if one.start < until]
    rule = SpaceTime(**asked.trace.settings["space_time"], dwell_of=DwellOf.CONTACT)
    day_of = asked.trace.outbreak.day_of
    for row in asked.store.space_time_companions(known, rule=rule, manner=asked.manner).to_pylist():
        first, last = _at(row["first"]), _at(row["last"])
        days = (day_of(last) - day_of(first)).days + 1
        yield Found(
            row["person"], str(Layer.CELL), row["tier"], round(row["minutes"], 3), row["meetings"],
            min(days, row["meetings"]), None, first, last,
        )  # fmt: skip


def _each_once(asked: _Asked, found: Sequence[Found]) -> Iterator[Found]:
    """
    Keep one row of each person, layer and tier: under several tokens in a cell, the one of most minutes.

    Two networks may tell the same hour, so that their minutes are not added up.
    """
    twice = _alike(asked, [row.token for row in found if row.layer == Layer.CELL])
    rows: dict[Key, Found] = {}
    for row in found:
        one = replace(row, token=twice[row.token]) if row.layer == Layer.CELL and row.token in twice else row
        if one.key not in rows or rows[one.key].minutes < one.minutes:
            rows[one.key] = one
    yield from rows.values()


# --- In vehicles -------------------------------------------------------------------------------


def _with_rides(asked: _Asked, rows: Mapping[Key, Found]) -> dict[Key, Found]:
    """Say of everybody who was met in a vehicle where they sat, and what the seat rule makes of it."""
    aboard = {row.token for row in rows.values() if row.layer == Layer.VEHICLE}
    ridden = rides.rides(asked.trace, asked.store, asked.windows, asked.manner, aboard, now=asked.now) if aboard else {}
    return {
        key: replace(row, rides=ridden.get(row.token, ())) if row.layer == Layer.VEHICLE else row
        for key, row in rows.items()
    }


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)

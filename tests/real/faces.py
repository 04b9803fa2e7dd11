"""
Face-to-face records (a hospital ward, a workplace) as presences.

The badges told who faced whom, not where. Two kinds of place are made of them, every 20 seconds:

- *circles*: each largest set of people who all face each other. Nothing is lost and nothing added, so the
  store must give back each pair to the second: this proves the plumbing (times, sums, windows, first and
  last) and nothing about tracing.
- *spots*: people linked by any chain of faces stand at one spot, which lasts while anybody of it stays. This
  is what a record of places can know: who stood there, not who faced whom. It shows what tracing by place
  adds and misses.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.real import rows_of

STEP = 20
SETS = {
    "ward": ("lyon_hospital_2010_contacts.csv", 1_291_636_800),  # Monday 6 December 2010, 13:00 in Lyon
    "workplace": ("invs13_workplace_contacts.csv", 1_372_024_800),  # Monday 24 June 2013, 00:00 in Paris
}

Pair = tuple[str, str]
Presence = tuple[str, str, int, int]


@dataclass(frozen=True)
class Faces:
    """Who faced whom: for each pair (either order) the starts of their 20-second steps."""

    steps: dict[int, list[Pair]]

    @cached_property
    def starts(self) -> dict[Pair, list[int]]:
        found: dict[Pair, list[int]] = defaultdict(list)
        for start, pairs in sorted(self.steps.items()):
            for one, other in pairs:
                found[one, other].append(start)
                found[other, one].append(start)
        return found

    @property
    def span(self) -> tuple[int, int]:
        return min(self.steps), max(self.steps) + STEP


def faces(name: str) -> Faces:
    """Read a set; times become seconds from 1970."""
    file, began = SETS[name]
    steps: dict[int, list[Pair]] = defaultdict(list)
    for row in rows_of("copresence", file):
        steps[began + int(row["t_end_s"]) - STEP].append((row["i"], row["j"]))
    return Faces(dict(steps))


def longest_run(starts: list[int]) -> int:
    """Give the longest stretch of steps without a gap, in seconds."""
    longest = run = STEP
    for before, start in zip(starts, starts[1:], strict=False):
        run = run + STEP if start == before + STEP else STEP
        longest = max(longest, run)
    return longest


def circles(seen: Faces) -> Iterator[Presence]:
    """Give the presences of everybody in each circle; the same circle without a break is one stay."""
    began: dict[frozenset[str], int] = {}
    last = None
    for start in [*sorted(seen.steps), None]:
        now = _cliques(seen.steps[start]) if start is not None else set()
        kept = now & began.keys() if start is not None and last == start - STEP else set()
        for gone in began.keys() - kept:
            yield from ((one, "-".join(sorted(gone)), began[gone], last + STEP) for one in gone)
        began = {circle: began[circle] if circle in kept else start for circle in now}
        last = start


def _cliques(pairs: list[Pair]) -> set[frozenset[str]]:
    """Find all largest sets of people who all face each other (Bron and Kerbosch 1973); a step has few."""
    near: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)

    def grow(chosen: set[str], possible: set[str], done: set[str]) -> Iterator[frozenset[str]]:
        if not possible and not done:
            yield frozenset(chosen)
        for one in sorted(possible):
            yield from grow(chosen | {one}, possible & near[one], done & near[one])
            possible = possible - {one}
            done = done | {one}

    return set(grow(set(), set(near), set()))


def spots(seen: Faces) -> Iterator[Presence]:
    """Give the presences of everybody at each spot; a spot goes on where most of its people went on to."""
    where: dict[str, int] = {}
    since: dict[str, int] = {}
    last, count = 0, 0
    for start in [*sorted(seen.steps), None]:
        unbroken = start == last + STEP
        now: dict[str, int] = {}
        for group in sorted(_components(seen.steps.get(start, [])), key=lambda one: (-len(one), min(one))):
            # The larger group keeps the spot; who leaves it opens another.
            staying = [where[one] for one in group if unbroken and one in where and where[one] not in now.values()]
            count += not staying
            now |= dict.fromkeys(group, max(sorted(set(staying)), key=staying.count) if staying else count)
        for one, spot in where.items():
            if not unbroken or now.get(one) != spot:
                yield one, f"spot {spot}", since.pop(one), last + STEP
        for one in now:
            since.setdefault(one, start)
        where, last = now, start


def _components(pairs: list[Pair]) -> list[set[str]]:
    groups: list[set[str]] = []
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touched] + [set(pair).union(*touched)]
    return groups


def haslemere() -> tuple[list[tuple[str, str, str, int]], dict[Pair, int]]:
    """Give (day, one, other, 5-minute points) of the day layers, and the layer All: on how many days they met."""
    days, met = [], {}
    for row in rows_of("copresence", "haslemere_2017_edges.csv"):
        one, other = sorted((row["i"], row["j"]))
        if row["layer"] == "All":
            met[one, other] = int(float(row["weight"]))
        else:
            days.append((row["layer"], one, other, int(float(row["weight"]))))
    return days, met


def phones(days: list[tuple[str, str, str, int]]) -> Iterator[Presence]:
    """Put each pair of a day at a place of its own for its 5-minute points, one after another from 07:00 on."""
    for layer, one, other, points in days:
        start = 1_507_766_400 + 86_400 * ("Thurs", "Fri", "Sat").index(layer) + 7 * 3600  # 12 October 2017
        for person in (one, other):
            yield person, f"{layer} {one}-{other}", start, start + 300 * points

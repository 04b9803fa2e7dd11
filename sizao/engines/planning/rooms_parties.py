"""Who is put into one room together: each person alone, whoever cannot be alone with a carer of their household."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.planning.rooms_inputs import Rooms, Waiting
from sizao.engines.sampling.pooled_test import Floats, Ints

ACCESSIBLE, FAMILY, CARER_BED = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Groups:
    """
    People who get one room together, a group each: the rows of its people, how many, and what the room must have.

    `needs` is the sum of ACCESSIBLE, FAMILY and CARER_BED. Deadline, place, cluster and the rest are those of the
    person of the group who is due first.
    """

    rows: tuple[tuple[int, ...], ...]
    size: Ints
    needs: Ints
    due_hours: Floats
    at: Floats
    area: Ints
    cluster: Ints
    party: Ints
    staff: Bools

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Beds:
    """How many beds the largest room has, and how many family rooms have usually and at the most; 0 without any."""

    most: int
    family_usual: int
    family_most: int

    @classmethod
    def of(cls, rooms: Rooms) -> "Beds":
        """Look at the rooms that are free."""
        free = rooms.people == 0
        family = np.sort(rooms.beds[free & rooms.family])
        usual = int(family[len(family) // 2]) if len(family) else 0
        return cls(int(rooms.beds[free].max(initial=0)), usual, int(family.max(initial=0)))


def attributes(accessible: Bools, family: Bools, carer_bed: Bools) -> Ints:
    """Add up what rooms have, or people need."""
    bits: Ints = ACCESSIBLE * accessible.astype(np.int64) + FAMILY * family + CARER_BED * carer_bed
    return bits


def in_order(waiting: Waiting) -> Ints:
    """Give the rows in an order that depends on what is said of each person alone, not on where the row stands."""
    needs = attributes(waiting.accessible, waiting.family, waiting.carer_bed)
    keys = (needs, waiting.carer, waiting.cared_for, waiting.cluster, waiting.area, waiting.at[:, 1], waiting.at[:, 0],
            waiting.staff, waiting.party, waiting.due_hours)  # fmt: skip
    return np.lexsort(keys)


def join_their_household(waiting: Waiting, rooms: Rooms) -> dict[int, int]:
    """
    Give whoever cannot be alone and has no carer among those waiting a free bed in a room of their household.

    The answer is the row of the room by row of the person. People are taken in `in_order`.
    """
    with_carer = set(waiting.party[waiting.carer & ~waiting.cared_for].tolist())
    has = attributes(rooms.accessible, rooms.family, rooms.carer_bed)
    needs = attributes(waiting.accessible, waiting.family, waiting.carer_bed)
    theirs: dict[int, list[int]] = {}
    for room in np.flatnonzero((rooms.people > 0) & (rooms.beds > rooms.people)).tolist():
        theirs.setdefault(int(rooms.party[room]), []).append(room)
    beds = (rooms.beds - rooms.people).copy()
    joined: dict[int, int] = {}
    for row in in_order(waiting).tolist():
        party = int(waiting.party[row])
        if not waiting.cared_for[row] or party in with_carer:
            continue
        for room in theirs.get(party, ()):
            if beds[room] > 0 and not needs[row] & ~has[room]:
                joined[row] = room
                beds[room] -= 1
                break
    return joined


def group(waiting: Waiting, rows: Sequence[int], *, beds: Beds, sharing: frozenset[int]) -> tuple[Groups, list[int]]:
    """
    Put people into groups of one room; also list those who cannot be alone and have nobody to be with.

    Households of `sharing` share rooms as far as beds go.
    """
    parties: dict[int, list[int]] = {}
    for row in rows:
        parties.setdefault(int(waiting.party[row]), []).append(row)
    found: list[tuple[int, ...]] = []
    alone: list[int] = []
    for party, people in parties.items():
        for one in _of_party(waiting, people, beds):
            if not one:
                continue
            if all(waiting.cared_for[row] for row in one):
                alone.extend(one)
            else:
                found.append(one)
        if party in sharing:
            found = _shared(found, waiting, party, beds.most)
    return _described(waiting, found), alone


def _of_party(waiting: Waiting, people: list[int], beds: Beds) -> Iterator[tuple[int, ...]]:
    """Give carers those who cannot be alone, as evenly as they come; others have a room of their own."""
    cared = [row for row in people if waiting.cared_for[row]]
    carers = [row for row in people if waiting.carer[row] and not waiting.cared_for[row]]
    yield from ((row,) for row in people if not waiting.cared_for[row] and not waiting.carer[row])
    needed = min(len(carers), -(-len(cared) // max(1, beds.family_usual - 1)))
    held = min(len(cared), needed * max(0, beds.family_most - 1))
    for rank in range(needed):
        yield (carers[rank], *cared[rank:held:needed])
    yield from ((row,) for row in carers[needed:])
    yield tuple(cared[held:])


def _shared(found: list[tuple[int, ...]], waiting: Waiting, party: int, most: int) -> list[tuple[int, ...]]:
    """Fill rooms with people of one household and one kind of closed loop, the largest groups first."""
    theirs = sorted((one for one in found if waiting.party[one[0]] == party), key=lambda one: -len(one))
    rest = [one for one in found if waiting.party[one[0]] != party]
    filled: list[list[int]] = []
    for one in theirs:
        for room in filled:
            if len(room) + len(one) <= most and waiting.staff[room[0]] == waiting.staff[one[0]]:
                room.extend(one)
                break
        else:
            filled.append(list(one))
    return rest + [tuple(room) for room in filled]


def _described(waiting: Waiting, found: list[tuple[int, ...]]) -> Groups:
    own = attributes(waiting.accessible, waiting.family, waiting.carer_bed)
    needs = np.zeros(len(found), np.int64)
    first = np.zeros(len(found), np.int64)
    due = np.where(np.isnan(waiting.due_hours), np.inf, waiting.due_hours)
    for rank, people in enumerate(found):
        rows = list(people)
        needs[rank] = np.bitwise_or.reduce(own[rows]) | (FAMILY if waiting.cared_for[rows].any() else 0)
        first[rank] = rows[int(np.argmin(due[rows]))]
    size = np.array([len(people) for people in found], np.int64)
    return Groups(
        tuple(found), size, needs, due[first], waiting.at[first], waiting.area[first], waiting.cluster[first],
        waiting.party[first], waiting.staff[first],
    )  # fmt: skip

"""Who waits for a room, which sites and rooms there are, what counts how much, and what an allocation says."""

from dataclasses import dataclass

from sizao.engines.planning.reach import Bools
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.terms import RoomNeed, RoomReason

NO_CLUSTER = -1
NO_ROOM = -1


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    People who wait for a room, a row each.

    `party` is the household: only people of one party ever share a room. `due_hours` is how long from now until they
    have to be there, below 0 when they are late already, NaN without a deadline. `at` has the shape (rows, 2):
    longitude and latitude of where they are, NaN where unknown; then `area` counts, the code of their county.
    `cluster` is the chain of transmission (or the index case) they belong to, -1 for none known. `cared_for` are
    children, and others who cannot be alone: they go into a family room with a `carer` of their party. `accessible`,
    `family` and `carer_bed` are what the room must have. `staff` never get a room at a site of isolated people, nor
    the other way round.
    """

    party: Ints
    due_hours: Floats
    at: Floats
    area: Ints
    cluster: Ints
    cared_for: Bools
    carer: Bools
    accessible: Bools
    family: Bools
    carer_bed: Bools
    staff: Bools

    def __len__(self) -> int:
        return len(self.party)


@dataclass(frozen=True, slots=True)
class RoomSites:
    """Sites, a row each: longitude and latitude of shape (rows, 2), the code of the county, whether for staff only."""

    at: Floats
    area: Ints
    staff: Bools

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Rooms:
    """
    Rooms that can be used, a row each: the row of their site, codes of building and floor, beds, what they have.

    `people` are in it or have it kept already, 0 for a free room; `party` and `cluster` are theirs. A room with people
    is offered to nobody but their own household; it counts for which clusters are on its floor.
    """

    site: Ints
    building: Ints
    floor: Ints
    beds: Ints
    accessible: Bools
    family: Bools
    carer_bed: Bools
    people: Ints
    party: Ints
    cluster: Ints

    def __len__(self) -> int:
        return len(self.site)


@dataclass(frozen=True, slots=True)
class RoomCosts:
    """
    What counts how much, in hours of one person's travel, which count 1.

    `late` is what an hour past the deadline counts beside it: a person who is still waiting may infect others, a drive
    only takes time. `wasted` is what giving away a room with something nobody in it needs counts, each thing: whoever
    needs it next would travel about as long to another site. `split` is what each further site counts over which a
    household is spread. `mixed` is what a person counts on a floor that is another cluster's: as each has a room of
    their own, it only tells like from like; with 0.05 or more (another strain) people travel for it. `left` is what a
    person without a room counts, and as much again the sooner they are due: more than any other sum, so nobody is left
    for the sake of the rest.
    """

    late: float = 4.0
    wasted: float = 1.0
    split: float = 1.0
    mixed: float = 0.002
    left: float = 1000.0


@dataclass(frozen=True, slots=True)
class RoomTravel:
    """
    How long the way is: straight line times `detour` at `kmh`, and how long where home is known by county only.

    `own_county_hours` and `other_county_hours` stand in for a way that cannot be measured.
    """

    kmh: float = 40.0
    detour: float = 1.3
    own_county_hours: float = 0.5
    other_county_hours: float = 2.0


@dataclass(frozen=True, slots=True)
class RoomShortage:
    """
    Rooms that are short: for those who have all of `needs` (empty: any room will do) and sleep `beds` to a room.

    `needed` rooms are asked for by all who need as much or more, `given` free rooms have it, `lacking` more would be
    needed for the `people` left for lack of them.
    """

    needs: tuple[RoomNeed, ...]
    beds: int
    staff: bool
    needed: int
    given: int
    lacking: int
    people: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """
    Who is proposed which room.

    By person waiting: the row of the room (-1: none), why (or why none), hours of the way (NaN without a room). `value`
    and `bound` are in weighted hours (see RoomCosts), both of those whom some room could fit: no allocation that keeps
    the rules costs less than `bound`.
    """

    room: Ints
    reasons: tuple[tuple[RoomReason, ...], ...]
    hours: Floats
    value: float
    bound: float
    shortages: tuple[RoomShortage, ...]

    @property
    def gap(self) -> float:
        """
        Give the share by which the allocation may cost more than the best; 0 where nobody could be placed.

        NaN: not known, as all that is proven is that nothing costs less than nothing.
        """
        return max(0.0, self.value / self.bound - 1) if self.bound > 0 else (float("nan") if self.value > 0 else 0.0)

"""Who has to be carried from where to where by when, in what; which vehicles there are; what a plan says."""

from dataclasses import dataclass, replace

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.planning.routes import straight_minutes as straight_minutes
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.terms import NotCarried, TransferKind

NO_STRAIN = -1
NO_PLACE = -1


@dataclass(frozen=True, slots=True)
class Requests:
    """
    People to be carried, a row each.

    `party` is the household. `pick_up` and `drop` are rows of the places whose ways `Roads` knows, -1 where unknown.
    `earliest` and `due` are minutes from the start of the plan: not picked up before, handed over by (NaN: no
    deadline; below 0: late already). `kind` is why they are carried, `strain` the code of a case's strain (-1: not
    known). `weight` is what a minute of their being late counts beside another's.
    """

    party: Ints
    pick_up: Ints
    drop: Ints
    earliest: Floats
    due: Floats
    kind: tuple[TransferKind, ...]
    strain: Ints
    stretcher: Bools
    wheelchair: Bools
    negative_pressure: Bools
    weight: Floats

    def __len__(self) -> int:
        return len(self.party)


@dataclass(frozen=True, slots=True)
class Vehicles:
    """
    Vehicles with their crews, a row each.

    `at` is the place where it stands at the minute `begins` (its base at the start of the shift, or where a trip under
    way ends) and `base` where it has to be back, disinfected, at the minute `ends`. `kind` is a code that says which
    vehicles are alike. `dirty` ones are disinfected before they take anybody.
    """

    at: Ints
    base: Ints
    begins: Floats
    ends: Floats
    kind: Ints
    seats: Ints
    stretchers: Ints
    wheelchairs: Ints
    negative_pressure: Bools
    bus: Bools
    dirty: Bools

    def __len__(self) -> int:
        return len(self.at)

    def after(self, under_way: "UnderWay") -> "Vehicles":
        """Give the vehicles as they will be when their trips under way are over: what is under way stays as it is."""
        at, begins, dirty = self.at.copy(), self.begins.copy(), self.dirty.copy()
        at[under_way.vehicle] = under_way.ends_at
        begins[under_way.vehicle] = np.maximum(begins[under_way.vehicle], under_way.ends)
        dirty[under_way.vehicle] = under_way.dirty
        return replace(self, at=at, begins=begins, dirty=dirty)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Trips that have set out, at most one a vehicle: where and when each ends, and whether disinfection is to come."""

    vehicle: Ints
    ends_at: Ints
    ends: Floats
    dirty: Bools


@dataclass(frozen=True, slots=True)
class Service:
    """Minutes at each door, at each hand-over, and of final disinfection after a trip (before a dirty vehicle's)."""

    door: float = 10.0
    arrival: float = 10.0
    disinfection: float = 30.0


@dataclass(frozen=True, slots=True)
class Sharing:
    """
    Who may ride together though of different households; nobody, unless the authority in charge says so.

    `cases_of_one_strain`: cases known to have the same. `contacts_in_buses`: contacts, in a vehicle that is a bus.
    `released`: people going home. A feverish contact is carried as a case and shares with nobody: no strain is known.
    """

    cases_of_one_strain: bool = False
    contacts_in_buses: bool = False
    released: bool = True


@dataclass(frozen=True, slots=True)
class TransferCosts:
    """
    What counts how much, in minutes of one person being late, which count their weight.

    `left` is what a person left unserved counts besides being late until the last shift ends: more than any lateness
    that carrying them could cause others. `driven` is what a minute on the road counts: only between plans as late.
    """

    left: float = 1440.0
    driven: float = 0.001


@dataclass(frozen=True, slots=True)
class TransferQuestion:
    """All that a plan of a shift depends on; `minutes` on the road have the shape (places, places)."""

    requests: Requests
    vehicles: Vehicles
    minutes: Floats
    service: Service = Service()
    sharing: Sharing = Sharing()
    costs: TransferCosts = TransferCosts()


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a trip: where, when the vehicle comes and goes, which requests board or leave there."""

    place: int
    comes: float
    goes: float
    boards: tuple[int, ...] = ()
    leaves: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """One trip of a vehicle: it sets out, stops, and is disinfected at the minute `ends`."""

    vehicle: int
    sets_out: float
    stops: tuple[Stop, ...]
    ends: float


@dataclass(frozen=True, slots=True)
class MoreVehicles:
    """What one more vehicle like these (the row of one of them) would save: weighted minutes late, people carried."""

    like: int
    late: float
    carried: int


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """
    The trips of a shift.

    By request: the minute of hand-over (NaN: on no trip), minutes late (until the last shift ends, where on no trip;
    0 without a deadline), and why on no trip. `late` is weighted minutes in all. `value` adds what those left count and
    leaves out those whom no vehicle could take; `bound` is what no plan's value could be below. `driven` is minutes on
    the road.
    """

    trips: tuple[Trip, ...]
    arrives: Floats
    lateness: Floats
    unserved: dict[int, NotCarried]
    late: float
    value: float
    bound: float
    driven: float

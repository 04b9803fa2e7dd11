"""
What a round is planned from: who lives where, where sites could be, laboratories, the edition's terms, means, costs.
"""

from dataclasses import dataclass

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.errors import SizaoError

HOURS_OF_DAY = 24
# A degree of latitude in metres, on the sphere of the mean radius.
METRES_OF_DEGREE = 111_194.9


class NothingToPlan(SizaoError):
    code = "planning.nothing_to_plan"
    message = "There are no {what} to plan with. Give one or more."


class WrongAmount(SizaoError):
    code = "planning.wrong_amount"
    message = "{what} of row {row} is {value}; it must be {wanted}. Correct it."


class WrongTerm(SizaoError):
    code = "planning.wrong_term"
    message = "{what} is {value}; it must be {wanted}. Correct it."


@dataclass(frozen=True, slots=True)
class Villages:
    """People by village (whole numbers from 0), and where each lies, in metres: shape (villages, 2)."""

    people: Ints
    at: Floats

    def __post_init__(self) -> None:
        _rows("villages", self.people, self.at)
        _each("People", self.people, self.people >= 0, "0 or more")


@dataclass(frozen=True, slots=True)
class Sites:
    """Candidate sites: the most tables each has room for (0 closes it), and where it lies, in metres."""

    tables: Ints
    at: Floats

    def __post_init__(self) -> None:
        _rows("sites", self.tables, self.at)
        _each("Tables", self.tables, self.tables >= 0, "0 or more")


@dataclass(frozen=True, slots=True)
class Laboratories:
    """Laboratories: tubes an hour (0 when down), hours of a run, and where each lies, in metres."""

    tubes_per_hour: Floats
    result_hours: Floats
    at: Floats

    def __post_init__(self) -> None:
        _rows("laboratories", self.tubes_per_hour, self.at)
        _each("Tubes an hour", self.tubes_per_hour, self.tubes_per_hour >= 0, "0 or more")
        _each("Result hours", self.result_hours, self.result_hours >= 0, "0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    What the edition asks and how fast things go; None where the edition sets nothing.

    Hours are counted from the order (hour 0, at `starts_at` o'clock). `complete_hours` is when the last result must
    be there, `ready_hours` when the first swab can be taken; tables swab from `opens` to `closes` o'clock.
    `table_people` and `site_people` are the most of one table and one site in a round, `people_per_sampler` those of a
    sampler, `walk_metres` the longest walk (along roads), `carry_hours` the longest trip of a tube to a laboratory,
    `push_hours` from result to platform. Roads are `detour` times as long as the straight line.
    """

    complete_hours: float
    pool_size: int
    people_per_table_hour: float
    table_people: int | None = None
    site_people: int | None = None
    people_per_sampler: int | None = None
    walk_metres: float | None = None
    carry_hours: float | None = None
    ready_hours: float = 0.0
    push_hours: float = 0.0
    starts_at: int = 6
    opens: int = 6
    closes: int = 22
    walking_kmh: float = 4.0
    driving_kmh: float = 40.0
    detour: float = 1.3

    def __post_init__(self) -> None:
        above = ("complete_hours", "pool_size", "people_per_table_hour", "table_people", "site_people",
                 "people_per_sampler", "walk_metres", "carry_hours", "walking_kmh", "driving_kmh",
                 "detour")  # fmt: skip
        for name in above:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise WrongTerm(what=name, value=value, wanted="more than 0")
        for name in ("ready_hours", "push_hours"):
            if not getattr(self, name) >= 0:
                raise WrongTerm(what=name, value=getattr(self, name), wanted="0 or more")
        if not 0 <= self.opens < self.closes <= HOURS_OF_DAY:
            told = f"{self.opens} to {self.closes}"
            raise WrongTerm(
                what="The time of opening", value=told, wanted="hours of one day, the first before the last"
            )

    def open_hours(self, upto: float) -> Ints:
        """List the hours (numbered from the order) in which tables swab, that end by `upto`."""
        first = int(np.ceil(self.ready_hours))
        hours = np.arange(first, int(np.floor(max(upto + 1e-9, first))))
        clock = (hours + self.starts_at) % HOURS_OF_DAY
        return hours[(clock >= self.opens) & (clock < self.closes)]

    def walk_limit(self) -> float | None:
        """Give the longest walk as a straight line, in metres."""
        return None if self.walk_metres is None else self.walk_metres / self.detour

    def trip_hours(self, metres: Floats) -> Floats:
        """Give the hours of a trip by car over so many metres of straight line."""
        return metres * self.detour / 1000 / self.driving_kmh


@dataclass(frozen=True, slots=True)
class Means:
    """What is there for the round besides sites and laboratories; None where nobody counted."""

    samplers: int | None = None
    tubes: int | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """
    What the layout weighs against each other, all in hours of people: a choice, not a fact.

    A site takes `site_staff` people besides those at its tables (order, guidance, disinfection), a table `table_staff`
    (who swabs, who records). An hour that a resident walks, there and back, counts `walking` of an hour of staff.
    """

    site_staff: float = 6.0
    table_staff: float = 2.0
    walking: float = 0.2

    def __post_init__(self) -> None:
        for name in ("site_staff", "table_staff", "walking"):
            if not getattr(self, name) >= 0:
                raise WrongTerm(what=name, value=getattr(self, name), wanted="0 or more")


@dataclass(frozen=True, slots=True, eq=False)
class RoundQuestion:
    """All that a round is planned from."""

    villages: Villages
    sites: Sites
    laboratories: Laboratories
    terms: Terms
    means: Means
    costs: Costs


def in_metres(longitude: Floats, latitude: Floats, *, around: tuple[float, float] | None = None) -> Floats:
    """
    Lay degrees (WGS-84) out flat, in metres around a middle: shape (rows, 2).

    Over a prefecture of 200 km a distance errs by less than half a percent. `around` is (longitude, latitude); the
    mean of the points without it.
    """
    middle = around or (float(np.mean(longitude)), float(np.mean(latitude)))
    east = (longitude - middle[0]) * METRES_OF_DEGREE * np.cos(np.radians(middle[1]))
    north = (latitude - middle[1]) * METRES_OF_DEGREE
    return np.stack((east, north), axis=1)


def _rows(what: str, amounts: Ints | Floats, at: Floats) -> None:
    if not len(amounts):
        raise NothingToPlan(what=what)
    _each("The position", at[:, 0], np.asarray(np.isfinite(at).all(axis=1)), "two finite numbers")


def _each(what: str, values: Ints | Floats, good: Bools, wanted: str) -> None:
    bad = np.flatnonzero(~good)
    if len(bad):
        raise WrongAmount(what=what, row=int(bad[0]) + 1, value=values[bad[0]], wanted=wanted)

"""
What a drill rehearses, as a file: the place and its people, how the outbreak begins, how life and officers are.

A scenario is a TOML file; `shipped()` lists those that come with the package. Every number that is not a
published fact is a choice of the drill, and is marked so by standing here.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from sizao.errors import SizaoError


class NoSuchRehearsal(SizaoError):
    code = "drill.scenario_not_found"
    message = "There is no drill called {slug}, and no file of that name. Shipped: {known}."


class RehearsalUnreadable(SizaoError):
    code = "drill.scenario_unreadable"
    message = "{file}: {reason} Correct the file; nothing was started."


@dataclass(frozen=True, slots=True)
class Residents:
    """How many people live in an area, and where the number is from; the villages below share them out evenly."""

    code: str
    population: int
    basis: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """People who are infected in an area on a day, counted from the first day of the drill."""

    area: str
    day: int
    people: int


@dataclass(frozen=True, slots=True)
class Life:
    """
    How faulty what the city tells is, as shares from 0 to 1.

    `scanned`: of the stays at venues, leave a scan. `late`: of the scans, come a day later. `doubled`: come twice.
    `remembered`: of the places of the last two weeks, and of those in class or at work, a case tells an investigator.
    `seeks_care`: of those with symptoms, see a doctor; `tested_at_clinic`: of these, are swabbed.
    """

    scanned: float = 0.6
    late: float = 0.1
    doubled: float = 0.01
    remembered: float = 0.7
    seeks_care: float = 0.7
    tested_at_clinic: float = 0.3


@dataclass(frozen=True, slots=True)
class Means:
    """What the response has: members of a pool of swabs, and rooms to isolate people in."""

    pool_size: int = 10
    rooms: int = 500


@dataclass(frozen=True, slots=True)
class Habits:
    """
    How the scripted officers work: by these rules and no others.

    `verifies_after_hours`: a hint. `signs_orders`, `publishes_zones`: whether proposals are decided at all.
    `traces`: whether the data officer asks the presences. `closest`: of a trace's companions, how many are made
    contacts (those with the most minutes). `round_every_days`: a testing round of the area (0: none), `round_days`: for
    so long after the first case. `closes_area_at_cases`: so many cases close the area (0: never).
    """

    verifies_after_hours: int = 2
    signs_orders: bool = True
    publishes_zones: bool = True
    traces: bool = True
    closest: int = 50
    round_every_days: int = 0
    round_days: int = 21
    closes_area_at_cases: int = 0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A drill as it is written; see the shipped files for the meaning of each key."""

    slug: str
    name: str
    name_en: str
    disease: str
    variant: str
    area_code: str
    first_date: date
    last_date: date
    seed: int
    sources: tuple[str, ...]
    residents: tuple[Residents, ...]
    beginnings: tuple[Beginning, ...]
    life: Life = field(default_factory=Life)
    means: Means = field(default_factory=Means)
    habits: Habits = field(default_factory=Habits)
    history_days: int = 70  # before the first day, of which the streams tell, so that detectors know what is usual

    @property
    def population(self) -> int:
        return sum(one.population for one in self.residents)

    @property
    def n_days(self) -> int:
        return (self.last_date - self.first_date).days + 1

    @property
    def earliest_day(self) -> int:
        """The day on which the first people are infected, counted from the first day."""
        return min(0, *(one.day for one in self.beginnings))

    def date_of(self, day: int) -> date:
        return self.first_date + timedelta(days=day)


def load(name: str | Path) -> Rehearsal:
    """Read a drill from a file, or a shipped one by its name. Raise NoSuchRehearsal or RehearsalUnreadable."""
    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise NoSuchRehearsal(slug=name, known=", ".join(shipped()))
        return read(path.read_bytes(), str(path))
    if str(name) not in shipped():
        raise NoSuchRehearsal(slug=name, known=", ".join(shipped()))
    return read(_folder().joinpath(f"{name}.toml").read_bytes(), f"{name}.toml")


def shipped() -> list[str]:
    """List the drills that come with the package."""
    return sorted(one.name.removesuffix(".toml") for one in _folder().iterdir() if one.name.endswith(".toml"))


def read(data: bytes, file: str) -> Rehearsal:
    """Read a drill from the bytes of a TOML file. Raise RehearsalUnreadable with the key."""
    try:
        told = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise RehearsalUnreadable(file=file, reason=f"it is no TOML ({fault}).") from fault
    nested = {
        "residents": tuple(_built(Residents, one, file, "residents") for one in told.pop("residents", [])),
        "beginnings": tuple(_built(Beginning, one, file, "beginnings") for one in told.pop("beginnings", [])),
        "life": _built(Life, told.pop("life", {}), file, "life"),
        "means": _built(Means, told.pop("means", {}), file, "means"),
        "habits": _built(Habits, told.pop("habits", {}), file, "habits"),
        "sources": tuple(told.pop("sources", [])),
    }
    rehearsal: Rehearsal = _built(Rehearsal, told | nested, file, "")
    _check(rehearsal, file)
    return rehearsal


def _built(kind: Any, told: Mapping[str, Any], file: str, section: str) -> Any:
    where = f"[{section}] " if section else ""
    known = {one.name: one for one in dataclasses.fields(kind)}
    for key in told:
        if key not in known:
            reason = f"{where}has no key called {key}. It may hold: {', '.join(known)}."
            raise RehearsalUnreadable(file=file, reason=reason)
    missing = [
        name
        for name, one in known.items()
        if name not in told and one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise RehearsalUnreadable(file=file, reason=f"{where}lacks the key {missing[0]}.")
    for key, value in told.items():
        _fits(value, known[key].type, file, f"{where}{key}")
    return kind(**told)


def _fits(value: Any, kind: Any, file: str, where: str) -> None:
    wanted = {str: "a text", int: "a whole number", float: "a share from 0 to 1", bool: "true or false", date: "a day"}
    if kind not in wanted:
        return
    fits = isinstance(value, (int, float) if kind is float else kind) and isinstance(value, bool) == (kind is bool)
    if not fits or (kind is float and not 0 <= value <= 1):
        raise RehearsalUnreadable(file=file, reason=f"{where} is {value!r} and must be {wanted[kind]}.")


def _check(rehearsal: Rehearsal, file: str) -> None:
    reason = next((told for is_wrong, told in _faults(rehearsal) if is_wrong), None)
    if reason:
        raise RehearsalUnreadable(file=file, reason=reason)


def _faults(rehearsal: Rehearsal) -> Iterator[tuple[bool, str]]:
    yield rehearsal.last_date < rehearsal.first_date, "last_date lies before first_date."
    yield not rehearsal.residents, "it needs [[residents]], at least one."
    yield not rehearsal.beginnings, "it needs [[beginnings]], at least one."
    yield any(one.people < 1 for one in rehearsal.beginnings), "[[beginnings]] infects fewer than 1."
    means = rehearsal.means
    yield min(means.pool_size, means.rooms) < 1, "[means] holds a number below 1."
    for one in rehearsal.residents:
        inside = one.code.startswith(rehearsal.area_code)
        yield not inside, f"[[residents]] {one.code} lies outside the area of the drill, {rehearsal.area_code}."
        yield one.population < 1, f"[[residents]] {one.code} has {one.population} people."


def _folder() -> Any:
    return files("sizao.drill").joinpath("rehearsals")

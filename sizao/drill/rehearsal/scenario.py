"""
What a drill rehearses, as a file: the place and its people, how the outbreak begins, how life and officers are.

A scenario is a TOML file; `shipped()` lists those that come with the package. `parts` says what the keys of its
sections mean.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from sizao.drill.rehearsal import parts
from sizao.drill.rehearsal.parts import (
    Beginning,
    Care,
    Command,
    Directive,
    Habits,
    Life,
    Means,
    Measure,
    Occasion,
    Published,
    Residents,
    Seat,
)
from sizao.engines.simulation.disease import N_BANDS, N_DOSES
from sizao.errors import SizaoError
from sizao.terms import PlaceKind, Role

LISTS = {
    "residents": Residents, "beginnings": Beginning, "occasions": Occasion, "measures": Measure,
    "published": Published, "seats": Seat, "directives": Directive,
}  # fmt: skip
SECTIONS = {"life": Life, "care": Care, "means": Means, "habits": Habits, "command": Command}
HOURS = 24
_NEAR = 1e-6  # shares sum to 1 as nearly


class NoSuchRehearsal(SizaoError):
    code = "drill.scenario_not_found"
    message = "There is no drill called {slug}, and no file of that name. Shipped: {known}."


class RehearsalUnreadable(SizaoError):
    code = "drill.scenario_unreadable"
    message = "{file}: {reason} Correct the file; nothing was started."


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
    life: Life
    occasions: tuple[Occasion, ...] = ()
    measures: tuple[Measure, ...] = ()
    published: tuple[Published, ...] = ()
    seats: tuple[Seat, ...] = ()
    care: Care = field(default_factory=Care)
    means: Means = field(default_factory=Means)
    habits: Habits = field(default_factory=Habits)
    # Left out of what sums a scenario up where it tells nothing of it (see `marks`): older drills go on as they were.
    directives: tuple[Directive, ...] = field(default=(), repr=False)
    command: Command = field(default_factory=Command, repr=False)
    history_days: int = 70  # before the first day, of which the streams tell, so that detectors know what is usual

    @property
    def population(self) -> int:
        outermost = [one for one in self.residents if self._holder(one) is None]
        return sum(one.population for one in outermost)

    @property
    def seat(self) -> Seat | None:
        """Where the authorities of the drill sit: those of its own county, else of the first one told within it."""
        near = (one for one in self.seats if self.area_code.startswith(one.code) or one.code.startswith(self.area_code))
        return next(near, None)

    @property
    def n_days(self) -> int:
        return (self.last_date - self.first_date).days + 1

    @property
    def earliest_day(self) -> int:
        """The day on which the first people are infected, counted from the first day."""
        return min(0, *(one.day for one in self.beginnings))

    def parts_of(self, whole: Residents) -> list[Residents]:
        """Give the parts of an area whose people are told too, and that lie within no other such part."""
        return [one for one in self.residents if self._holder(one) is whole]

    def _holder(self, part: Residents) -> Residents | None:
        holders = [one for one in self.residents if part.code.startswith(one.code) and one.code != part.code]
        return max(holders, key=lambda one: len(one.code), default=None)

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
    nested: dict[str, Any] = {"sources": tuple(told.pop("sources", []))}
    for name, kind in LISTS.items():
        nested[name] = tuple(_built(kind, one, file, name) for one in told.pop(name, []))
    for name, kind in SECTIONS.items():
        nested[name] = _built(kind, told.pop(name, {}), file, name)
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
    values = {key: _tuples(value) for key, value in told.items()}
    for key, value in values.items():
        _fits(value, known[key].type, file, f"{where}{key}")
    return kind(**values)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list | tuple) else value


_WANTED: dict[Any, str] = {
    str: "a text", int: "a whole number", float: "a share from 0 to 1", float | int: "a number of 0 or more",
    bool: "true or false", date: "a day",
}  # fmt: skip


def _fits(value: Any, kind: Any, file: str, where: str) -> None:
    """Raise RehearsalUnreadable where a value is not of the kind that a key is declared as."""
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            choices = " or ".join(get_args(kind))
            raise RehearsalUnreadable(file=file, reason=f"{where} is {value!r} and must be {choices}.")
        return
    if get_origin(kind) is tuple and not dataclasses.is_dataclass(get_args(kind)[0]):
        if not isinstance(value, tuple):
            raise RehearsalUnreadable(file=file, reason=f"{where} is {value!r} and must be a row of values.")
        for one in value:
            _fits(one, get_args(kind)[0], file, where)
        return
    if kind in _WANTED and not _is(value, kind):
        raise RehearsalUnreadable(file=file, reason=f"{where} is {value!r} and must be {_WANTED[kind]}.")


def _is(value: Any, kind: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is float:
        return is_number and 0 <= value <= 1
    if kind == float | int:
        return is_number and value >= 0
    return isinstance(value, kind) and isinstance(value, bool) == (kind is bool)


def _check(rehearsal: Rehearsal, file: str) -> None:
    faults = (_faults, _faults_of_areas, _faults_of_occasions, _faults_of_measures, _faults_of_care, _faults_of_command)
    for told in faults:
        reason = next((reason for is_wrong, reason in told(rehearsal) if is_wrong), None)
        if reason:
            raise RehearsalUnreadable(file=file, reason=reason)


def _faults(rehearsal: Rehearsal) -> Iterator[tuple[bool, str]]:
    yield rehearsal.last_date < rehearsal.first_date, "last_date lies before first_date."
    yield not rehearsal.residents, "it needs [[residents]], at least one."
    yield not rehearsal.beginnings, "it needs [[beginnings]], at least one."
    yield any(one.people < 1 for one in rehearsal.beginnings), "[[beginnings]] infects fewer than 1."
    means, habits = rehearsal.means, rehearsal.habits
    smallest = min(means.pool_size, means.rooms, means.tubes_per_day, means.run_hours, means.beds)
    yield smallest < 1, "[means] holds a number below 1."
    hours = (habits.morning_hour, *habits.hours, means.swabs_arrive_hour)
    yield any(not 0 <= hour < HOURS for hour in hours), "an hour of the day lies from 0 to 23."
    in_order = sorted({habits.morning_hour, *habits.office_hours}) == [habits.morning_hour, *habits.office_hours]
    yield not in_order, "[habits] office_hours follow morning_hour and each other."
    apart = not set(habits.duty_hours) & set(habits.office_hours)
    fits = apart and all(hour > habits.morning_hour for hour in habits.duty_hours)
    yield not fits, "[habits] duty_hours follow morning_hour, and are none of office_hours."
    strange = next((one for one in habits.duty_roles if one not in set(Role)), None)
    yield strange is not None, f"[habits] duty_roles: {strange} is none of {', '.join(Role)}."
    for one in rehearsal.published:
        known = ", ".join(parts.FACTS)
        yield one.what not in parts.FACTS, f"[[published]] {one.what} is not known; there are {known}."
        yield not one.source, f"[[published]] {one.what} names no source."


def _faults_of_areas(rehearsal: Rehearsal) -> Iterator[tuple[bool, str]]:
    for one in rehearsal.residents:
        inside = one.code.startswith(rehearsal.area_code)
        yield not inside, f"[[residents]] {one.code} lies outside the area of the drill, {rehearsal.area_code}."
        yield one.population < 1, f"[[residents]] {one.code} has {one.population} people."
        yield not (one.source or one.basis == "generated"), f"[[residents]] {one.code} names no source."
    codes = [one.code for one in rehearsal.residents]
    yield len(set(codes)) < len(codes), "[[residents]] tells the people of one area twice."
    for one in rehearsal.residents:
        inside = sum(part.population for part in rehearsal.parts_of(one))
        yield (
            inside > one.population,
            f"[[residents]] {inside} people are told of parts of {one.code}: more than of it.",
        )
    seats = [one.code for one in rehearsal.seats]
    yield len(set(seats)) < len(seats), "[[seats]] tells where one county sits twice."
    for beginning in rehearsal.beginnings:
        lived_in = any(code.startswith(beginning.area) or beginning.area.startswith(code) for code in codes)
        yield not lived_in, f"[[beginnings]] nobody lives in {beginning.area}."


def _faults_of_occasions(rehearsal: Rehearsal) -> Iterator[tuple[bool, str]]:
    for one in rehearsal.occasions:
        where = f"[[occasions]] {one.name}:"
        yield one.kind not in set(PlaceKind), f"{where} {one.kind} is no kind of place."
        yield bool(one.days) == (0 <= one.weekday <= 6), f"{where} tell either its days or its weekday (0 to 6)."
        yield one.people < 2, f"{where} fewer than two people come."
        yield not (one.from_hour >= 0 and 0 < one.hours <= HOURS - one.from_hour), f"{where} it goes beyond midnight."


def _faults_of_measures(rehearsal: Rehearsal) -> Iterator[tuple[bool, str]]:
    for one in rehearsal.measures:
        where = f"[[measures]] {one.kind}"
        yield one.kind not in parts.MEASURES, f"{where} is not known; there are {', '.join(parts.MEASURES)}."
        numbers = (one.for_days, one.every_days, one.times, one.from_cases, one.where_cases)
        yield min(numbers) < 0, f"{where} holds a number below 0."
        yield one.after_days < 1, f"{where} begins a day after the first case at the soonest."
        yield 0 < one.every_days <= one.for_days, f"{where} begins again before it is over."
        yield one.every_days > 0 and one.for_days == 0, f"{where} is repeated and has no end."
        yield one.times > 0 and one.every_days == 0, f"{where} has times, and every_days does not say when again."
        yield one.kind == parts.TESTING_ROUND and one.for_days == 0, f"{where} has no end."


def _faults_of_care(rehearsal: Rehearsal) -> Iterator[tuple[bool, str]]:
    care = rehearsal.care
    for name in ("rural", "urban"):
        row = getattr(care, name)
        fits = len(row) == 4 and abs(sum(row) - 1) < _NEAR
        yield not fits, f"[care] {name} is a row of four shares that sum to 1."
    yield len(care.background) != 3 or len(care.tested) != 3, "[care] background and tested have a value for each door."
    unknown = set(care.reports) - {parts.FEVER_CLINIC, parts.VILLAGE_DOCTOR, parts.PHARMACY}
    yield bool(unknown), f"[care] reports: there is no door called {', '.join(sorted(unknown))}."
    rows = rehearsal.life.doses
    fits = len(rows) in (1, N_BANDS) and all(len(row) == N_DOSES and abs(sum(row) - 1) < _NEAR for row in rows)
    yield not fits, f"[life] doses is one row, or {N_BANDS}, of {N_DOSES} shares that sum to 1."


def _faults_of_command(rehearsal: Rehearsal) -> Iterator[tuple[bool, str]]:
    command = rehearsal.command
    yield (
        bool(rehearsal.directives) and parts.DIRECTIVES not in command.plays,
        "[[directives]] are told, and [command] does not play them.",
    )
    yield command.team_members < 1, "[command] team_members is below 1."
    for one in rehearsal.directives:
        where = f"[[directives]] {one.title}:"
        yield not (one.areas and one.levels and one.items), f"{where} areas, levels and items hold at least one each."
        outside = [code for code in (one.by, *one.areas) if not code.startswith(rehearsal.area_code)]
        yield bool(outside), f"{where} {', '.join(outside)} lies outside the area of the drill."
        above = [code for code in one.areas if not code.startswith(one.by)]
        yield bool(above), f"{where} {', '.join(above)} does not lie in {one.by}, whose commander issues it."
        yield one.after_days < 0 or one.due_hours < 1, f"{where} it is issued and due after the first case."
        yield not 0 <= one.hour < HOURS, f"{where} an hour of the day lies from 0 to 23."


def _folder() -> Any:
    return files("sizao.drill").joinpath("rehearsals")

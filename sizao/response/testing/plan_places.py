"""
What a round is planned from: villages with their people, candidate sites, laboratories; each from a file or from what
is known.

Rows of a file are checked cell by cell; what the register or the round before knows needs no file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from django.db.models import Avg, Func, IntegerField, Q, QuerySet
from django.db.models.fields.json import KT

from sizao.errors import SizaoError
from sizao.records.models import Area, Laboratory, Place, TestingPlan, TestingRound, TestingSite
from sizao.response.testing import coverage
from sizao.response.testing.sites import MOST_TABLES
from sizao.terms import AREA_DIGITS, AreaLevel, PlaceKind

MOST_FAULTS = 200
DEFAULT_TABLES = 4  # of a place of the register: what a school's yard has room for
VILLAGE = AREA_DIGITS[AreaLevel.VILLAGE]
GATHERING = (PlaceKind.SCHOOL, PlaceKind.PUBLIC_PLACE)
TUBES_OF_A_DAY = 10_000_000

Row = Mapping[str, str]
Faults = list[dict[str, object]]


class PlacesRefused(SizaoError):
    code = "testing.places.unreadable"
    message = "{count} cells of {rows} rows cannot be taken; nothing was kept. First: {first}. All are in facts.errors."


class NoPlaces(SizaoError):
    code = "testing.places.missing"
    message = "No {what} are known for round {number}. Upload a list of them."


class PositionsMissing(SizaoError):
    code = "testing.positions.missing"
    message = (
        "{people:,} people live in {count:,} areas of which no position is known ({codes}). Upload a list of villages "
        "with longitude and latitude."
    )


@dataclass(frozen=True, slots=True)
class Village:
    """An area with the people expected of it; None leaves their number to the roster."""

    code: str
    people: int | None
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where a site could be, and how many tables it has room for; 0 keeps it closed."""

    name: str
    area_code: str
    tables: int
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class LaboratoryRow:
    """A laboratory; `result_hours` None leaves the hours of a run to the edition."""

    code: str
    name: str
    area_code: str
    tubes_per_hour: int
    longitude: float
    latitude: float
    result_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """All of them, as they stand in a question."""

    villages: tuple[Village, ...]
    sites: tuple[Candidate, ...]
    laboratories: tuple[LaboratoryRow, ...]

    def plain(self) -> dict[str, list[dict[str, Any]]]:
        """Write them down as data."""
        return {name: [asdict(one) for one in getattr(self, name)] for name in ("villages", "sites", "laboratories")}


# --- From a file -------------------------------------------------------------------------------


def villages_of(rows: Sequence[Row], found: TestingRound) -> tuple[Village, ...]:
    """Read an uploaded list of villages. Raise PlacesRefused."""
    return _read(rows, found, _village, key="code")


def sites_of(rows: Sequence[Row], found: TestingRound) -> tuple[Candidate, ...]:
    """Read an uploaded list of candidate places. Raise PlacesRefused."""
    return _read(rows, found, _candidate, key="name")


def laboratories_of(rows: Sequence[Row], found: TestingRound) -> tuple[LaboratoryRow, ...]:
    """Read an uploaded list of laboratories. Raise PlacesRefused."""
    return _read(rows, found, _laboratory, key="code")


class _Cells:
    """The cells of a row, read one by one; what is wrong is kept."""

    def __init__(self, row: Row) -> None:
        self.row, self.wrong = row, []

    def refuse(self, field: str, reason: str) -> None:
        self.wrong.append((field, reason))

    def text(self, field: str, most: int) -> str:
        found = self.row.get(field, "").strip()
        if not found or len(found) > most:
            self.refuse(field, f"is empty or longer than {most} characters")
        return found

    def amount(self, field: str, most: float, *, least: float = 0, whole: bool = True) -> Any:
        text = self.row.get(field, "").strip()
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not (isfinite(value) and least <= value <= most) or (whole and value != int(value)):
            self.refuse(field, f"is no {'whole number' if whole else 'number'} from {least:g} to {most:g}")
            return 0
        return int(value) if whole else value

    def maybe(self, field: str, most: float, *, whole: bool = True) -> Any:
        return self.amount(field, most, whole=whole) if self.row.get(field, "").strip() else None

    def position(self) -> tuple[float, float]:
        return (
            self.amount("longitude", 180, least=-180, whole=False),
            self.amount("latitude", 90, least=-90, whole=False),
        )

    def area(self, field: str, inside: Sequence[str]) -> str:
        code = self.row.get(field, "").strip()
        if not (code.isascii() and code.isdigit() and code.startswith(tuple(inside))):
            self.refuse(field, "is not inside the areas of the round")
        return code


def _village(cells: _Cells, found: TestingRound) -> Village:
    code = cells.area("code", found.areas)
    return Village(code, cells.maybe("people", 50_000_000), *cells.position())


def _candidate(cells: _Cells, found: TestingRound) -> Candidate:
    name, code = cells.text("name", 100), cells.area("area_code", [found.area_code])
    return Candidate(name, code, cells.amount("tables", MOST_TABLES), *cells.position())


def _laboratory(cells: _Cells, found: TestingRound) -> LaboratoryRow:
    code, name = cells.text("code", 20), cells.row.get("name", "").strip()[:100]
    # Tubes may go to a laboratory outside the round, so its area is only looked at as a code.
    area = cells.area("area_code", [found.area_code[:2]]) if cells.row.get("area_code", "").strip() else ""
    pace, (longitude, latitude) = cells.amount("tubes_per_hour", TUBES_OF_A_DAY), cells.position()
    hours = cells.maybe("result_hours", 240, whole=False)
    return LaboratoryRow(code, name or code, area or found.area_code, pace, longitude, latitude, hours)


def _read(
    rows: Sequence[Row], found: TestingRound, reader: Callable[["_Cells", TestingRound], Any], *, key: str
) -> tuple[Any, ...]:
    read, faults = [], Faults()
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, start=1):
        cells = _Cells(row)
        read.append(reader(cells, found))
        faults += [{"row": number, "field": field, "reason": reason} for field, reason in cells.wrong]
        name = row.get(key, "").strip(), row.get("area_code", "").strip() if key == "name" else ""
        if name in seen:
            faults.append({"row": number, "field": key, "reason": f"stands in row {seen[name]} too"})
        seen.setdefault(name, number)
    faults += _unknown_areas(rows, "code" if reader is _village else "area_code")
    if faults:
        faults.sort(key=lambda one: one["row"])
        first = f"row {faults[0]['row']}, {faults[0]['field']}: {faults[0]['reason']}"
        raise PlacesRefused(count=len(faults), rows=len(rows), first=first, errors=faults[:MOST_FAULTS])
    return tuple(read)


def _unknown_areas(rows: Sequence[Row], field: str) -> Faults:
    """Find the areas that no register knows; a laboratory's may be empty."""
    told = [(number, row.get(field, "").strip()) for number, row in enumerate(rows, start=1)]
    codes = {code for _, code in told if code}
    unknown = codes - set(Area.objects.filter(code__in=codes).values_list("code", flat=True))
    return [{"row": row, "field": field, "reason": "is no area of the register"}
            for row, code in told if code in unknown]  # fmt: skip


def check(places: Places, found: TestingRound) -> None:
    """Refuse places told by a machine that lie outside the round, or of which there are none. Raise PlacesRefused."""
    tables = (
        (places.villages, "code", tuple(found.areas)),
        (places.sites, "area_code", (found.area_code,)),
    )
    faults = [
        {"row": row, "field": field, "reason": "is not inside the areas of the round"}
        for rows, field, inside in tables
        for row, one in enumerate(rows, start=1)
        if not getattr(one, field).startswith(inside)
    ]
    faults += [fault for rows, field, _ in tables for fault in _unknown_areas([asdict(one) for one in rows], field)]
    if faults:
        first = f"row {faults[0]['row']}, {faults[0]['field']}: {faults[0]['reason']}"
        raise PlacesRefused(count=len(faults), rows=len(places.sites), first=first, errors=faults[:MOST_FAULTS])
    for what, rows in (("sites", places.sites), ("laboratories", places.laboratories)):
        if not rows:
            raise NoPlaces(what=what, number=found.number)


# --- From what is known ------------------------------------------------------------------------


def before(found: TestingRound) -> TestingPlan | None:
    """Give the latest plan of the outbreak that was worked out: of this round, or of an earlier one."""
    made = TestingPlan.objects.filter(round__outbreak=found.outbreak, made_at__isnull=False)
    # A plan of some other city knows nothing of these areas.
    return made.filter(round__area_code=found.area_code).defer("question", "answer").order_by("-made_at", "-pk").first()


def known_villages(found: TestingRound) -> tuple[Village, ...]:
    """Place villages where the plan before did, else amid the places of the register that lie in them."""
    former = before(found)
    if former is not None:
        return tuple(Village(**{**one, "people": None}) for one in former.question["villages"])
    rows = _located(found).values("area_code").annotate(x=Avg("longitude"), y=Avg("latitude")).order_by("area_code")
    return tuple(Village(row["area_code"], None, row["x"], row["y"]) for row in rows)


def known_sites(found: TestingRound) -> tuple[Candidate, ...]:
    """Give the candidates of the plan before, else the sites of the round before, else schools and public places."""
    if former := before(found):
        return tuple(Candidate(**one) for one in former.question["sites"])
    held = {site.place_id: site for site in _sited(found).select_related("place").order_by("pk")}
    if held:
        return tuple(_candidate_at(site.place, site.n_tables) for site in held.values())
    named = {(place.area_code, place.name): place for place in _gathering(found).order_by("area_code", "name", "pk")}
    return tuple(_candidate_at(place, DEFAULT_TABLES) for place in named.values())


def count_known(found: TestingRound) -> dict[str, int]:
    """Count the villages, sites and laboratories that need no file, without reading them: a city has 14,000 sites."""
    laboratories = len(known_laboratories(found))
    if former := before(found):
        held = TestingPlan.objects.filter(pk=former.pk).values_list(
            *(Func(KT(f"question__{name}"), template="jsonb_array_length((%(expressions)s)::jsonb)",
                   output_field=IntegerField()) for name in ("villages", "sites"))
        )  # fmt: skip
        villages, sites = held[0]
    else:
        villages = _located(found).values("area_code").distinct().count()
        sites = _sited(found).values("place").distinct().count()
        sites = sites or _gathering(found).values("area_code", "name").distinct().count()
    return {"villages": villages, "sites": sites, "laboratories": laboratories}


def _located(found: TestingRound) -> QuerySet[Place]:
    inside = Q()
    for code in found.areas:
        inside |= Q(area_code__startswith=code)
    return Place.objects.filter(inside, latitude__isnull=False, area_code__regex=rf"^[0-9]{{{VILLAGE}}}$")


def _sited(found: TestingRound) -> QuerySet[TestingSite]:
    return TestingSite.objects.filter(
        round__outbreak=found.outbreak, area_code__startswith=found.area_code, place__latitude__isnull=False
    )


def _gathering(found: TestingRound) -> QuerySet[Place]:
    return Place.objects.filter(kind__in=GATHERING, area_code__startswith=found.area_code, latitude__isnull=False)


def known_laboratories(found: TestingRound) -> tuple[LaboratoryRow, ...]:
    """Give the open laboratories of the register that have a place, else those of the plan before."""
    held = Laboratory.objects.filter(
        closed_at__isnull=True, place__latitude__isnull=False, area_code__startswith=found.area_code[:2]
    ).select_related("place")
    rows = tuple(
        LaboratoryRow(one.code, one.name, one.area_code, one.tubes_per_hour, one.place.longitude, one.place.latitude)
        for one in held.order_by("code")
    )
    former = before(found)
    if rows or former is None:
        return rows
    return tuple(LaboratoryRow(**one) for one in former.question["laboratories"])


def _candidate_at(place: Place, tables: int) -> Candidate:
    return Candidate(place.name[:100], place.area_code, tables, place.longitude, place.latitude)


# --- Who is expected where ---------------------------------------------------------------------


def peopled(found: TestingRound, villages: Sequence[Village], *, now: Any) -> tuple[Village, ...]:
    """
    Give each village its people: those told, else those that the roster expects.

    People of the roster whose village is not told stand in the middle of the villages of their area that are known.
    Raise PositionsMissing, NoPlaces.
    """
    told = {one.code: one for one in villages}
    if all(one.people is not None for one in villages) and villages:
        return tuple(villages)
    expected = {
        code: one.expected
        for code, one in coverage.by_area(found, as_of=now, digits=VILLAGE).items()
        if one.expected and not (code in told and told[code].people is not None)
    }
    fresh = list(_placed(expected, told))
    lacking = {code: n for code, n in expected.items() if code not in {one.code for one in fresh}}
    if lacking:
        named = ", ".join(sorted(lacking)[:5])
        raise PositionsMissing(people=sum(lacking.values()), count=len(lacking), codes=named)
    made = [*(one for one in villages if one.people), *fresh]
    if not made:
        raise NoPlaces(what="people", number=found.number)
    return tuple(sorted(made, key=lambda one: one.code))


def _placed(expected: Mapping[str, int], told: Mapping[str, Village]) -> Iterator[Village]:
    for code, people in expected.items():
        inside = [told[code]] if code in told else [one for one in told.values() if one.code.startswith(code)]
        if inside:
            yield Village(
                code,
                people,
                sum(one.longitude for one in inside) / len(inside),
                sum(one.latitude for one in inside) / len(inside),
            )

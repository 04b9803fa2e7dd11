"""What is full: rooms, beds, vehicles and laboratories by county, and in how many hours nothing is left."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from sizao.records.models import IsolationRoom, IsolationSite, Laboratory, Place, Stay, TransferTrip, TransferVehicle
from sizao.response.isolation import occupancy, sites
from sizao.response.reports.command.watch import COUNTY, Row, Watch
from sizao.response.testing.chain import LaboratoryLoad, laboratory_load
from sizao.terms import CommandFigure, PlaceKind, RoomStatus, StayKind, TransferVehicleKind

TREND_HOURS = 24  # how far back the pace is taken from at which something fills
# Hours of work that wait, in tenths, beyond which a laboratory falls behind; as on the board of a round.
FULL_TENTHS = 60
TAKEN = (RoomStatus.OCCUPIED, RoomStatus.KEPT, RoomStatus.PROPOSED)

# People who came to places of a kind in the last hours, less those who left, by area.
_PACE = """
SELECT left(s.area_code, %(digits)s), count(*) FILTER (WHERE lower(s.period) > %(since)s)
    - count(*) FILTER (WHERE upper(s.period) > %(since)s AND upper(s.period) <= %(at)s)
FROM records_stay s
WHERE s.kind = %(kind)s AND s.area_code LIKE %(area)s AND lower(s.period) <= %(at)s AND s.recorded_at <= %(at)s
    AND (lower(s.period) > %(since)s OR (upper(s.period) > %(since)s AND upper(s.period) <= %(at)s))
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """
    What one county has of something: `taken` of `all`; `hours` until none is left at the pace of the last day.

    `hours` is None where it does not fill, or nothing is left already. A laboratory's `taken` are the hours of work
    that wait, in tenths, against six hours. `is_generated`: some of it was made up, no published capacity.
    """

    figure: CommandFigure
    area_code: str
    taken: int
    all: int
    hours: float | None = None
    name: str = ""
    key: int | None = None
    is_generated: bool = False

    @property
    def percent(self) -> float:
        """Say how full it is; more than 100 where more is asked than there is."""
        return 100 * self.taken / self.all if self.all else 0.0


def filled(watch: Watch) -> list[Filled]:
    """Say of each county what it has, the fullest first."""
    found = [*rooms(watch), *beds(watch), *vehicles(watch), *laboratories(watch)]
    return sorted(found, key=lambda one: (-one.percent, one.hours is None, one.hours or 0.0, one.area_code))


# --- Rooms -------------------------------------------------------------------------------------


def rooms(watch: Watch) -> list[Filled]:
    """Count the rooms taken, kept and proposed of the rooms that are not out of service, by county."""
    taken, every, made_up = Counter[str](), Counter[str](), set[str]()
    for code, of_site in watch.told("rooms by site", _by_site):
        county = code[:COUNTY]
        made_up |= {county} if of_site.generated else set()
        taken[county] += sum(of_site.by_status[status] for status in TAKEN)
        every[county] += of_site.rooms - of_site.by_status[RoomStatus.OUT_OF_SERVICE]
    return _lines(CommandFigure.ROOMS_TAKEN, taken, every, _pace(watch, StayKind.ROOM), made_up)


def rooms_taken(watch: Watch) -> list[tuple[int, RoomStatus]]:
    """List the rooms that somebody is in, or that are kept or proposed for somebody."""
    return watch.once("rooms", lambda: occupancy.standing_as(TAKEN, _sites(watch), as_of=watch.as_of))


def room_rows(found: Sequence[tuple[int, RoomStatus]]) -> list[Row]:
    """Show rooms by their names."""
    known = IsolationRoom.objects.select_related("place", "site").in_bulk([key for key, _ in found])
    return [
        Row(known[key].place.name, known[key].site.area_code, "site", known[key].site_id, status)
        for key, status in found
    ]


def _sites(watch: Watch) -> dict[int, str]:
    """Give the sites that may take people, each with its area."""
    usable = IsolationSite.objects.filter(
        area_code__startswith=watch.area_code, registered_at__lte=watch.as_of, state__in=sites.USABLE
    )
    return dict(usable.values_list("pk", "area_code"))


def _by_site(watch: Watch) -> list[tuple[str, occupancy.Occupancy]]:
    found = _sites(watch)
    by_site = occupancy.by_site(found, as_of=watch.as_of)
    return [(area_code, by_site[key]) for key, area_code in found.items()]


# --- Beds --------------------------------------------------------------------------------------


def beds(watch: Watch) -> list[Filled]:
    """Count the people in beds of hospitals that say how many they have, by county."""
    every = Counter[str]()
    for area_code, capacity in watch.told("hospitals", _capacities):
        every[area_code[:COUNTY]] += capacity
    if not every:
        return []
    inside = watch.told("in beds", lambda whole: _in_beds(whole).values_list("place__area_code"))
    taken = Counter(area_code[:COUNTY] for (area_code,) in inside)
    return _lines(CommandFigure.BEDS_TAKEN, taken, every, _pace(watch, StayKind.BED))


def beds_taken(watch: Watch) -> QuerySet[Stay]:
    """Give the stays in such beds."""
    return _in_beds(watch).select_related("place", "person").order_by("place__area_code", "place", "pk")


def bed_row(one: Stay) -> Row:
    """Show a taken bed by the number of who is in it."""
    return Row(
        one.person.number, one.place.area_code, "person", one.person_id, one.place.name, since=one.period.lower
    )  # fmt: skip


def _hospitals(watch: Watch) -> QuerySet[Place]:
    return Place.objects.filter(
        kind=PlaceKind.HOSPITAL, area_code__startswith=watch.area_code, capacity__isnull=False
    )  # fmt: skip


def _capacities(watch: Watch) -> QuerySet:
    return _hospitals(watch).values_list("area_code", "capacity")


def _in_beds(watch: Watch) -> QuerySet[Stay]:
    inside = Stay.objects.current(watch.as_of).filter(kind=StayKind.BED, recorded_at__lte=watch.as_of)
    return inside.filter(place__in=_hospitals(watch))


# --- Vehicles ----------------------------------------------------------------------------------


def vehicles(watch: Watch) -> list[Filled]:
    """Count the vehicles that are out, or wait for disinfection, of those in service, by county."""
    every, taken, made_up = Counter[str](), Counter[str](), set[str]()
    for code, is_out, reason, is_generated in watch.told("vehicles", _vehicles):
        # Whatever is out is in service, whatever was noted of it since.
        every[code[:COUNTY]] += is_out or not reason
        taken[code[:COUNTY]] += is_out
        made_up |= {code[:COUNTY]} if is_generated else set()
    return _lines(CommandFigure.VEHICLES_OUT, taken, every, {}, made_up)


def _vehicles(watch: Watch) -> QuerySet:
    fleet = TransferVehicle.objects.filter(area_code__startswith=watch.area_code, registered_at__lte=watch.as_of)
    told = fleet.annotate(is_out=Exists(_out(watch).filter(vehicle=OuterRef("pk"))))
    return told.values_list("area_code", "is_out", "out_of_service_reason", "is_generated")


def vehicles_out(watch: Watch) -> QuerySet[TransferVehicle]:
    """Give the vehicles of an area that had set out and were not back and clean."""
    fleet = TransferVehicle.objects.filter(area_code__startswith=watch.area_code, registered_at__lte=watch.as_of)
    return fleet.filter(pk__in=_out(watch).values("vehicle")).order_by("area_code", "plate")


def vehicle_row(one: TransferVehicle) -> Row:
    """Show a vehicle by its plate."""
    return Row(one.plate, one.area_code, "vehicle", one.pk, TransferVehicleKind(one.kind))


def _out(watch: Watch) -> QuerySet[TransferTrip]:
    gone = TransferTrip.objects.filter(set_out_at__lte=watch.as_of)
    for over in ("returned_at", "disinfected_at", "cancelled_at"):
        gone = gone.filter(Q(**{f"{over}__isnull": True}) | Q(**{f"{over}__gt": watch.as_of}))
    return gone


# --- Laboratories ------------------------------------------------------------------------------


def laboratories(watch: Watch) -> list[Filled]:
    """Say of each laboratory that has work how many hours of it wait, in tenths, against six."""
    return [
        Filled(
            CommandFigure.LABORATORIES_FULL,
            area_code,
            taken=_tenths(one),
            all=FULL_TENTHS,
            name=one.name,
            key=one.laboratory_id,
        )
        for area_code, one in watch.told("laboratories", _loads)
        if one.hours_with_arrivals
    ]


def laboratories_full(watch: Watch) -> list[Row]:
    """List the laboratories with more than six hours of work before them, the fullest first."""
    behind = [
        (_tenths(one), one, code) for code, one in watch.told("laboratories", _loads) if _tenths(one) > FULL_TENTHS
    ]
    behind.sort(key=lambda row: (-row[0], row[1].code))
    return [Row(one.name, code, "laboratory", one.laboratory_id, f"{tenths / 10} h") for tenths, one, code in behind]


def _tenths(one: LaboratoryLoad) -> int:
    return round(10 * (one.hours_with_arrivals or 0.0))


def _loads(watch: Watch) -> list[tuple[str, LaboratoryLoad]]:
    own = dict(
        Laboratory.objects.filter(area_code__startswith=watch.area_code, opened_at__lte=watch.as_of).values_list(
            "pk", "area_code"
        )
    )
    if not own:
        return []
    return [
        (own[one.laboratory_id], one) for one in laboratory_load(None, watch.as_of) if one.laboratory_id in own
    ]  # fmt: skip


# --- What they share ---------------------------------------------------------------------------


def _pace(watch: Watch, kind: StayKind) -> dict[str, int]:
    """Count by county who came in the last hours, less who left."""

    def ask(whole: Watch) -> list[tuple[str, int]]:
        asked = {
            "kind": str(kind), "area": f"{whole.area_code}%", "at": whole.as_of, "digits": whole.digits,
            "since": whole.as_of - timedelta(hours=TREND_HOURS),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_PACE, asked)
            return cursor.fetchall()

    counted = Counter[str]()
    for code, n in watch.told(("pace", kind), ask):
        counted[code[:COUNTY]] += n
    return counted


def _lines(
    figure: CommandFigure,
    taken: Mapping[str, int],
    every: Mapping[str, int],
    pace: Mapping[str, int],
    made_up: Collection[str] = (),
) -> list[Filled]:
    lines = []
    for county in sorted(county for county, n in every.items() if n):
        used, whole = taken.get(county, 0), every[county]
        hours = _hours(whole - used, pace.get(county, 0))
        lines.append(Filled(figure, county, used, whole, hours, is_generated=county in made_up))
    return lines


def _hours(left: int, came: int) -> float | None:
    """Say in how many hours what is left is gone; None where it does not fill or is gone already."""
    return left * TREND_HOURS / came if left > 0 and came > 0 else None

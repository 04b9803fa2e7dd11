"""
The sections of a drill's scenario, and what their keys mean; `scenario` reads them from a file.

Every number that is not a published fact is a choice of the drill: `basis` and `source` say which is which.
"""

from dataclasses import dataclass
from typing import Literal

from sizao.terms import PlaceKind

EVERYWHERE: Literal["everywhere"] = "everywhere"
ASKED: Literal["asked"] = "asked"
PERSONS: Literal["persons"] = "persons"
COUNTS: Literal["counts"] = "counts"
COUNTED: Literal["counted"] = "counted"
STAGE: Literal["stage"] = "stage"
FEVER_CLINIC, VILLAGE_DOCTOR, PHARMACY = "fever_clinic", "village_doctor", "pharmacy"
TESTING_ROUND, AREA_CLOSED, VENUES_CLOSED, TRAVEL_BANNED, MOVED_TO_ROOMS = (
    "testing_round", "area_closed", "venues_closed", "travel_banned", "moved_to_rooms",
)  # fmt: skip
MEASURES = (TESTING_ROUND, AREA_CLOSED, VENUES_CLOSED, TRAVEL_BANNED, MOVED_TO_ROOMS)
# The stages of command that a drill may play; `Command.plays`.
DIRECTIVES, REPORTS, COOPERATION, LEVELS, TEAMS, OUTCOMES = (
    "directives", "reports", "cooperation", "levels", "teams", "outcomes",
)  # fmt: skip
# What the real outbreak came to, as far as it was published; `Published.what`.
FACTS = ("infected", "confirmed", "asymptomatic", "days", "attack_rate", "household_share", "contacts")


@dataclass(frozen=True, slots=True)
class Residents:
    """
    How many people live in an area, and where the number is from; the villages below share them out.

    A part of an area may be told beside it: its people are among those of the area, and the other parts share the rest.
    """

    code: str
    population: int
    basis: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """People who are infected in an area on a day, counted from the first day of the drill."""

    area: str
    day: int
    people: int


@dataclass(frozen=True, slots=True)
class Occasion:
    """
    A gathering of people of one area: on given days, or on a weekday (0: Monday) from the first day to the last.

    `people` come, of `youngest` to `oldest` years; `together`: with their households; `regular`: the same people each
    time, else others. They are there from `from_hour` on for so many `hours`, and at home for the rest of that day. It
    is held no more from the day after the first case on, nor where the area or its venues are closed.
    """

    name: str
    kind: str
    area: str
    people: int
    from_hour: int
    hours: int
    days: tuple[int, ...] = ()
    weekday: int = -1
    youngest: int = 0
    oldest: int = 120
    together: bool = False
    regular: bool = False

    @property
    def place_kind(self) -> PlaceKind:
        """Say of what kind the place is."""
        return PlaceKind(self.kind)


@dataclass(frozen=True, slots=True)
class Seat:
    """About where the authorities of a county sit, in degrees east and north: maps are sketched around it."""

    code: str
    longitude: float | int
    latitude: float | int


@dataclass(frozen=True, slots=True)
class Published:
    """
    One number that was published of the real outbreak, with its source; see FACTS for what it may be.

    A rate or share is from 0 to 1. `area` where it is of a part of the drill's area.
    """

    what: str
    value: float | int
    source: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """
    What is ordered in areas at once, from so many days after the first case on, by rule and not by a proposal.

    `kind` is one of MEASURES. It stands `for_days` (0: to the end), and where `every_days` is not 0 begins again as
    often, `times` in all (0: to the end). `from_cases`:
    only once so many cases stand. `where_cases`: only in the villages of the area in which so many stand. A testing
    round of several days takes the villages in turn. `source`: what is known of it; empty where it is made up.
    """

    kind: str
    area: str
    after_days: int = 1
    for_days: int = 0
    every_days: int = 0
    times: int = 0
    from_cases: int = 0
    where_cases: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """
    How people live, and how faulty what the city tells of it is, as shares from 0 to 1.

    `travelling`: of each county, go to another county of the drill on a day. `scans`: venues send them `everywhere`,
    or only of the places and days of cases, when `asked`. `scanned`: of the stays at venues, leave a scan. `late`: of
    the scans, come a day later. `doubled`: come twice. `remembered`: of the places of the last two weeks, and of those
    in class, at work and at occasions, a case tells an investigator. `doses`: shares of people with none, one, two
    and three doses: a row for all, or one for each band of ten years from 0-9 to 80 and more. `villages`: people shop
    and spend their evenings in their own village.
    """

    doses: tuple[tuple[float, ...], ...]
    travelling: float = 0.0
    scans: Literal["everywhere", "asked"] = EVERYWHERE
    scanned: float = 0.6
    late: float = 0.1
    doubled: float = 0.01
    remembered: float = 0.7
    villages: bool = False


@dataclass(frozen=True, slots=True)
class Care:
    """
    Where people with symptoms go, who reports them, and what is seen beside.

    `rural`, `urban`: shares of those with symptoms who first go nowhere, to the village doctor or a private clinic, a
    pharmacy, a fever clinic (townships and streets). `reports`: which of these doors count for the platform.
    `background`: visits a day of 100,000 people without the outbreak, by door in that order. `tested`: of those who
    come with the disease, are swabbed there, by door; `tested_in_hospital`: of the severely ill. `alerted_days`: for so
    long after a confirmed alert, fever clinics of its area swab everybody with symptoms. `names`: whether the platform
    hears of every positive `persons`, or of `counts` only and of persons when they are severely ill.
    """

    rural: tuple[float, ...] = (0.25, 0.33, 0.17, 0.25)
    urban: tuple[float, ...] = (0.25, 0.05, 0.30, 0.40)
    reports: tuple[str, ...] = (FEVER_CLINIC,)
    background: tuple[float | int, ...] = (40, 40, 40)
    tested: tuple[float, ...] = (0.0, 0.0, 0.3)
    tested_in_hospital: float = 1.0
    alerted_days: int = 7
    names: Literal["persons", "counts"] = PERSONS


@dataclass(frozen=True, slots=True)
class Means:
    """
    What the response has: members of a pool, tubes a laboratory takes a day and hours of its run, rooms, beds.

    Swabs of a day reach the laboratory at `swabs_arrive_hour`. `rounds`: testing rounds are `counted`, so that a
    negative pool is never made, or go through the `stage`, with rosters, tubes and readings; then `stay_away` is the
    share of those called who do not come. `isolation`: rooms and beds are `counted`, or go through the `stage`, with
    sites, orders served, rounds of looks and `vehicles` that carry people.
    """

    pool_size: int = 10
    tubes_per_day: int = 10_000
    run_hours: int = 6
    swabs_arrive_hour: int = 18
    rooms: int = 500
    beds: int = 1_000
    rounds: Literal["counted", "stage"] = COUNTED
    stay_away: float = 0.0
    isolation: Literal["counted", "stage"] = COUNTED
    vehicles: int = 10


@dataclass(frozen=True, slots=True)
class Habits:
    """
    How the scripted officers work: by these rules and no others.

    `morning_hour`: when sources tell. `office_hours`: when all officers work. `duty_hours`: when those on duty do, who
    verify hints, answer alerts, sign orders and find rooms, and the officers of `duty_roles`. The loop runs after each
    of these hours.
    `verifies_after_hours`: a hint. `investigates_per_day`: cases at most (-1: all). `signs_orders`, `publishes_zones`:
    whether proposals are decided at all. `traces`: whether the data officer asks the presences. `closest`: of a
    trace's companions, how many are made contacts (those with the most minutes). `patients_tested_from_day`: of their
    stay, every second day, until the edition lets them go.
    """

    morning_hour: int = 8
    office_hours: tuple[int, ...] = (11, 18)
    duty_hours: tuple[int, ...] = ()
    duty_roles: tuple[str, ...] = ()
    verifies_after_hours: int = 2
    investigates_per_day: int = -1
    signs_orders: bool = True
    publishes_zones: bool = True
    traces: bool = True
    closest: int = 50
    patients_tested_from_day: int = 10

    @property
    def hours(self) -> tuple[int, ...]:
        """All hours at which somebody works, in order."""
        return tuple(sorted({*self.office_hours, *self.duty_hours}))


@dataclass(frozen=True, slots=True)
class Directive:
    """
    What the commander of an area orders, so many days after the first case: to whom, by when, what counts as done.

    It goes to every area of the `levels` (county, street, village) in and below `areas`. `items` is the list of what
    is to be done there.
    """

    by: str
    areas: tuple[str, ...]
    levels: tuple[Literal["city", "county", "street", "village"], ...]
    title: str
    text: str
    items: tuple[str, ...]
    after_days: int = 0
    hour: int = 10
    due_hours: int = 24
    urgency: Literal["routine", "urgent", "immediate"] = "urgent"


@dataclass(frozen=True, slots=True)
class Command:
    """
    Which stages of command a drill plays, and how fast and how well its people work in them. None unless told.

    Hours are means: each act takes its own, drawn once, many short and few long. `receipt_hours`, `doing_hours`,
    `accepting_hours`: until a directive is received, then done, then accepted above; `sent_back`: of what is done, is
    returned once. `reporting_hours`: from the draft of a daily report to its submission; `approving_hours`: from there
    to the approval above; `unreported`: are never submitted; `returned`: are returned once. `deciding_hours`: from a
    proposed response level to the decision. `asking_hours`: from a contact who lives elsewhere to the request;
    `reply_hours`: to the answer; `unanswered`: get none. `ready_hours`: from the call of a team until it is ready;
    `team_members`: of each made-up team.
    """

    plays: tuple[Literal["directives", "reports", "cooperation", "levels", "teams", "outcomes"], ...] = ()
    receipt_hours: float | int = 1
    doing_hours: float | int = 5
    accepting_hours: float | int = 3
    sent_back: float = 0.1
    reporting_hours: float | int = 3
    approving_hours: float | int = 3
    unreported: float = 0.02
    returned: float = 0.03
    deciding_hours: float | int = 1
    asking_hours: float | int = 4
    reply_hours: float | int = 10
    unanswered: float = 0.05
    ready_hours: float | int = 1
    team_members: int = 4

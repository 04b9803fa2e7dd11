"""What questions to the presences look like to a machine: sent, answered, listed, and told to a resident."""

from datetime import date, datetime

from ninja import Field, Schema

from sizao.api.shapes import Who
from sizao.engines.presences.seats import Reach
from sizao.terms import (
    Layer,
    Role,
    Seating,
    Tier,
    TraceCause,
    TracePurpose,
    TraceQuestion,
    TraceState,
    VehicleKind,
)

MOST_CASES = 200
ROWS_AT_ONCE = 1000


class TraceIn(Schema):
    """A question about one case, or with several about what they shared before they fell ill."""

    cases: list[str] = Field(min_length=1, max_length=MOST_CASES, description="Numbers of confirmed cases.")
    purpose: TracePurpose
    reason: str = Field(min_length=1, max_length=500, description="What is looked for, and what it rests on.")
    least_minutes: float | None = Field(None, ge=1, le=1440, description="A meeting counts from so many minutes on.")
    question: TraceQuestion | None = Field(
        None, description="Without one: companions of one case, or the common source of several."
    )
    vehicle: str | None = Field(None, max_length=200, description="Of seats: one vehicle, by its code; else all.")
    since: datetime | None = Field(None, description="Of places of infectious time: what passed there from then on.")


class Answer(Schema):
    """What a question returned at one moment, and why it was asked then."""

    at: datetime
    cause: TraceCause
    found: int
    new: int
    gone: int


class SourceOut(Schema):
    """A place, or a span of time there, that links cases before they fell ill."""

    scope: str
    place: str
    start: datetime
    end: datetime
    cases: int
    expected: float
    visitors: int
    p_value: float
    q_value: float


class HotspotOut(Schema):
    """A place and the infectious minutes of cases that passed there; `expected` cases were they like everybody."""

    place: str
    minutes: float
    cases: int
    expected: float
    visitors: int
    first: datetime
    last: datetime


class SeatCountOut(Schema):
    """How many people sat so, of those found in vehicles."""

    seating: Seating
    people: int


class TraceOut(Schema):
    """
    One question and how it stood at the moment asked for.

    `sources` where it asks for a common source, `hotspots` where it asks for places of infectious time.
    """

    id: int
    number: str
    question: TraceQuestion
    purpose: TracePurpose
    reason: str
    case: str | None
    state: TraceState
    begins_at: datetime
    ends_at: datetime
    least_minutes: float
    asked_at: datetime
    asked_by: str
    last_date: date
    found: int
    known: int
    is_generated: bool
    answers: list[Answer]
    sources: list[SourceOut]
    hotspots: list[HotspotOut]
    vehicle: str | None
    seatings: list[SeatCountOut]


class TraceLineOut(Schema):
    """One question in a list."""

    id: int
    number: str
    question: TraceQuestion
    purpose: TracePurpose
    case: str | None
    state: TraceState
    asked_at: datetime
    last_date: date
    found: int
    known: int


class TraceLines(Schema):
    """Some questions, latest first; `next` asks for those after them and is null at the end."""

    rows: list[TraceLineOut]
    next: int | None


class SeatOut(Schema):
    """Where somebody sat: a carriage or cabin, a row counted from the front; null where it is not told."""

    carriage: str | None
    row: int | None
    is_crew: bool


class RideOut(Schema):
    """
    Time with the case in one vehicle, and what the seat rule in force makes of it.

    `reach` is that of the rule (vehicle, carriage, rows), null where none may decide. The two seats are those that
    decided; `rows_behind` counts rows behind the case, below 0 before it, null where a row is not told.
    """

    vehicle: str
    kind: VehicleKind | None
    reach: Reach | None
    seating: Seating
    case_seat: SeatOut | None
    seat: SeatOut | None
    rows_behind: int | None
    minutes: float


class Match(Schema):
    """
    Somebody who was found, by the rank of the layer asked for; `who` is null where the register does not know.

    In vehicles `seating` says what their nearest seat means, and `rides` each vehicle; else null and empty.
    """

    id: int
    rank: int
    tier: Tier
    minutes: float
    meetings: int
    days: int
    score: float | None
    first_at: datetime
    last_at: datetime
    area_code: str
    is_case: bool
    is_contact: bool
    is_generated: bool
    seating: Seating | None
    rides: list[RideOut]
    who: Who | None


class Matches(Schema):
    """Some of those found in one layer, the closest first; `next` is empty at the end."""

    layer: Layer
    rows: list[Match]
    next: str


class IdentityIn(Schema):
    """Who somebody is, as an authority says."""

    id_number: str = Field("", max_length=40)
    phone: str = Field("", max_length=40)
    name: str = Field(max_length=60)
    address: str = Field("", max_length=300)
    area_code: str = Field(pattern=r"^\d{6}(\d{3}(\d{3})?)?$")


class IdentitiesIn(Schema):
    """Identities for people whom a trace found."""

    people: list[IdentityIn] = Field(min_length=1, max_length=ROWS_AT_ONCE)


class NamedOut(Schema):
    """
    How many people are linked to the trace now, and how many were registered by it.

    `skipped` are the rows, from 1, about nobody whom the trace found; nothing of them was kept.
    """

    linked: int
    new: int
    skipped: list[int]


class Why(Schema):
    """Why a question is asked no more."""

    reason: str = Field("", max_length=300)


class LookedOut(Schema):
    """One time that somebody looked at a person's record: the desk and its area, never the officer's name."""

    at: datetime
    desk: Role | None
    area_code: str
    right: str
    purpose: TracePurpose | None
    trace: str | None


class ReturnedOut(Schema):
    """A question that returned this person; minutes and days are null once the matches are destroyed."""

    trace: str
    outbreak: str
    purpose: TracePurpose
    desk: Role | None
    asked_at: datetime
    found_at: datetime
    minutes: float | None
    days: int | None
    last_date: date
    closed_at: datetime | None
    became_contact: bool
    is_generated: bool


class AccessReportOut(Schema):
    """Who looked at one person's data; the number of a case is never told."""

    person: str
    at: datetime
    returned: list[ReturnedOut]
    looked: list[LookedOut]

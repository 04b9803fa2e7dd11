"""Laboratories: which there are, their plates and runs, the second signature, and the queue of what was odd."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.adapters.laboratories import Layout
from sizao.api.door import Asked, AskedList, Moment, account, now
from sizao.api.shapes import PageOf, answers, page
from sizao.protocol.kits import kit_called
from sizao.records import keyset
from sizao.records.access import NotYours
from sizao.records.models import Account, LabOddity, Laboratory, LabReading, LabRun, Plate
from sizao.response.testing import laboratory as laboratory_stage
from sizao.response.testing.laboratory import ReadingSent, RunSent, RunTold, laboratories, queue, runs
from sizao.response.testing.laboratory.runs import MOST_AT_ONCE
from sizao.terms import LabFeed, LabOddityKind, Reading, Right, RunState

router = Router(tags=["laboratories"])
WELL = r"^[A-H]([1-9]|1[0-2])$"
MOST_READINGS = 10_000  # of one answer; larger runs come as files, and are read on the page


class LaboratoryOut(Schema):
    """A laboratory, and how many of its runs wait for a second person."""

    code: str
    name: str
    area_code: str
    tubes_per_hour: int
    runs_waiting: int


class LaboratoryIn(Schema):
    """A laboratory to be registered, under a code of its own."""

    code: str = Field(min_length=2, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    area_code: str = Field(pattern=r"^\d{2,12}$")
    tubes_per_hour: int = Field(ge=1, le=100_000)


class PlateShape(Schema):
    """A plate: its code, and what stands in which well; PC and NC are controls."""

    code: str = Field(min_length=1, max_length=40)
    wells: dict[str, str]


class PlateOut(PlateShape):
    """A plate as it is kept."""

    made_at: datetime
    made_by: str


class ReadingIn(Schema):
    """What was read of a tube, or of a control PC or NC: a result, or the Ct of each gene (null: not amplified)."""

    tube: str = Field(min_length=1, max_length=40)
    found: Reading | None = None
    ct: dict[str, float | None] = Field({}, max_length=12)
    well: str | None = Field(None, pattern=WELL)


class RunIn(Schema):
    """
    A run of up to 5,000 readings, under a key of the sender's own: the same key is the same run.

    `kit` is needed where cycles are sent; `cutoff_ct` is that of its leaflet, where it is another.
    """

    source_key: str = Field(min_length=1, max_length=100)
    name: str = Field("", max_length=200)
    kit: str | None = Field(None, max_length=40)
    cutoff_ct: float | None = Field(None, gt=0, le=60)
    plate: str | None = Field(None, max_length=40)
    instrument: str = Field("", max_length=100)
    ran_at: Moment | None = None
    readings: list[ReadingIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class RunOut(Schema):
    """A run, and where it stands; `n_again` are inconclusive or invalid, and ask for another test."""

    number: int
    laboratory: str
    name: str
    feed: LabFeed
    state: RunState
    plate: str | None
    instrument: str
    genes: list[str]
    cutoff_ct: float | None
    n_readings: int
    n_positive: int
    n_again: int
    recorded_at: datetime
    recorded_by: str
    released_at: datetime | None
    released_by: str
    withdrawn_at: datetime | None
    withdraw_reason: str


class RunTaken(Schema):
    """What became of a run: new, known already, or completed by the whole file; what waits in the queue, by kind."""

    is_new: bool
    completed: bool
    run: RunOut
    odd: dict[str, int]


class ReadingOut(Schema):
    """What a run says of a tube; cycles in the order of the run's genes."""

    round: str
    tube: str
    found: Reading
    well: str | None
    ct: list[float | None] | None


class RunWhole(Schema):
    """A run with its readings, positives first; `more` says how many are left out."""

    run: RunOut
    readings: list[ReadingOut]
    more: int


class OddityOut(Schema):
    """Something odd about a reading, that nobody has settled yet."""

    number: int
    kind: LabOddityKind
    run: int
    tube: str
    facts: dict[str, Any]
    recorded_at: datetime


class ReleaseIn(Schema):
    """How many readings were seen: a run that has grown since is not released."""

    seen: int | None = Field(None, ge=0, le=2**31)


class WithdrawIn(Schema):
    """Why a run is withdrawn."""

    reason: str = Field(min_length=1, max_length=300)


class SettleIn(Schema):
    """What came of it; the right code of a tube; or that a released reading takes the place of the other."""

    outcome: str = Field("", max_length=300)
    tube: str = Field("", max_length=40)
    takes: bool = False


class SentFile(Schema):
    """About a file that cannot say so itself."""

    name: str = Field(min_length=1, max_length=200)
    layout: Layout | None = Field(None, description="Left out: it is found out.")
    kit: str | None = Field(None, max_length=40)
    cutoff_ct: float | None = Field(None, gt=0, le=60)
    plate: str | None = Field(None, max_length=40)


@router.get("/laboratories", response=answers(list[LaboratoryOut]))
def list_laboratories(request: HttpRequest, asked: Query[Asked]) -> Any:
    """List the laboratories of the jurisdiction that were open at the moment asked for."""
    as_of = asked.moment(request)
    by = account(request)
    laboratories.require_reader(by)
    return [_laboratory(one, as_of) for one in laboratories.laboratories_at(by, as_of)]


@router.post("/laboratories", response=answers(LaboratoryOut))
def add_laboratory(request: HttpRequest, given: LaboratoryIn) -> Any:
    """Register a laboratory."""
    made = laboratory_stage.add_laboratory(
        laboratory_code=given.code, name=given.name, area_code=given.area_code, tubes_per_hour=given.tubes_per_hour,
        by=account(request), now=now(request),
    )  # fmt: skip
    return _laboratory(made, now(request))


@router.get("/laboratories/{code}/plates", response=answers(PageOf[PlateOut]))
def list_plates(request: HttpRequest, code: str, asked: Query[AskedList]) -> Any:
    """List the plates of a laboratory, the latest first."""
    found = _fetch(request, code)
    plates = found.plates.filter(made_at__lte=asked.moment(request))
    return page(keyset.page(plates, moment="made_at", older_than=asked.key(), size=asked.size), _plate)


@router.post("/laboratories/{code}/plates", response=answers(PlateOut))
def send_plate(request: HttpRequest, code: str, given: PlateShape) -> Any:
    """Keep a plate; the same plate again changes nothing."""
    made = laboratory_stage.make_plate(
        laboratory=_fetch(request, code), plate_code=given.code, wells=given.wells, by=account(request),
        now=now(request),
    )  # fmt: skip
    return _plate(made)


@router.get("/laboratories/{code}/runs", response=answers(PageOf[RunOut]))
def list_runs(request: HttpRequest, code: str, asked: Query[AskedList]) -> Any:
    """List the runs of a laboratory, the latest first."""
    as_of = asked.moment(request)
    found = runs.runs_of(_fetch(request, code), as_of).select_related("laboratory", "plate")
    listed = keyset.page(found, moment="recorded_at", older_than=asked.key(), size=asked.size)
    return page(listed, lambda row: _run(row, as_of))


@router.post("/laboratories/{code}/runs", response=answers(RunTaken))
def send_run(request: HttpRequest, code: str, sent: RunIn) -> Any:
    """Record up to 5,000 readings as one run; it is nobody's result until a second person releases it."""
    by, found = account(request), _fetch(request, code)
    told = laboratory_stage.record_run(
        laboratory=found,
        sent=RunSent(
            feed=LabFeed.INSTRUMENT if sent.plate else LabFeed.SPREADSHEET,
            # Two senders do not take each other's keys.
            source_key=f"api:{found.code}:{by.username[:50]}:{sent.source_key}",
            name=sent.name or sent.source_key,
            readings=[
                ReadingSent(one.tube, one.found, one.ct, one.well, row, _role(one.tube))
                for row, one in enumerate(sent.readings, start=1)
            ],
            kit=kit_called(sent.kit) if sent.kit else None,
            cutoff_ct=sent.cutoff_ct,
            plate=_plate_called(found, sent.plate, by),
            instrument=sent.instrument,
            ran_at=sent.ran_at,
        ),
        by=by,
        now=now(request),
    )
    return _taken(request, told)


@router.post(
    "/laboratories/{code}/runs/file",
    response=answers(RunTaken),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def send_file(request: HttpRequest, code: str, about: Query[SentFile]) -> Any:
    """
    Record the file of an instrument, or a table, as it is: the same file twice is one run.

    A file that ends in mid-row is taken as far as it goes; sent whole it completes its run.
    """
    by, found = account(request), _fetch(request, code)
    told = laboratory_stage.take_file(
        laboratory=found, content=request.body, name=about.name, layout=about.layout,
        kit=kit_called(about.kit) if about.kit else None, cutoff_ct=about.cutoff_ct,
        plate=_plate_called(found, about.plate, by), by=by, now=now(request),
    )  # fmt: skip
    return _taken(request, told)


@router.get("/laboratories/{code}/oddities", response=answers(list[OddityOut]))
def list_oddities(request: HttpRequest, code: str, asked: Query[Asked], size: int = Query(100, ge=1, le=500)) -> Any:
    """List what waits for somebody, the oldest first."""
    return [_oddity(one) for one in queue.waiting(_fetch(request, code), asked.moment(request))[:size]]


@router.get("/lab-runs/{number}", response=answers(RunWhole))
def read_run(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Read a run with its readings: codes of tubes, and never who is in them."""
    found = _fetch_run(request, number, Right.LAB_WORK)
    as_of = asked.moment(request)
    if found.recorded_at > as_of:
        raise NotYours(what="run", area=account(request).area_code)
    readings = list(runs.readings_of(found).select_related("round")[:MOST_READINGS])
    return {
        "run": _run(found, as_of),
        "readings": [_reading(one) for one in readings],
        "more": found.n_readings - len(readings),
    }


@router.post("/lab-runs/{number}/release", response=answers(RunOut))
def release_run(request: HttpRequest, number: int, given: ReleaseIn) -> Any:
    """Release a run as the second person: its tubes have their results from now on."""
    found = _fetch_run(request, number, Right.LAB_RELEASE)
    done = laboratory_stage.release_run(run=found, seen=given.seen, by=account(request), now=now(request))
    return _run(done, now(request))


@router.post("/lab-runs/{number}/withdraw", response=answers(RunOut))
def withdraw_run(request: HttpRequest, number: int, given: WithdrawIn) -> Any:
    """Withdraw a run that is wrong; one that was released takes the right to release."""
    found = _fetch_run(request, number, Right.LAB_WORK)
    done = laboratory_stage.withdraw_run(run=found, reason=given.reason, by=account(request), now=now(request))
    return _run(done, now(request))


@router.post("/lab-oddities/{number}/settle", response=answers(OddityOut))
def settle_oddity(request: HttpRequest, number: int, given: SettleIn) -> Any:
    """Say what became of something odd; with the right code a reading is recorded, for a second person."""
    done = laboratory_stage.settle_lab_oddity(
        number=_known(number), by=account(request), now=now(request), **given.dict()
    )
    return _oddity(done)


# --- Parts -------------------------------------------------------------------------------------


def _fetch(request: HttpRequest, code: str) -> Laboratory:
    return laboratories.fetch(code[:40], to=Right.LAB_WORK, by=account(request))


def _fetch_run(request: HttpRequest, number: int, right: Right) -> LabRun:
    return runs.fetch(_known(number), to=right, by=account(request))


def _known(number: int) -> int:
    return number if abs(number) < 2**63 else 0  # beyond it no row has a number


def _plate_called(laboratory: Laboratory, code: str | None, by: Account) -> Plate | None:
    if not code:
        return None
    found = Plate.objects.filter(laboratory=laboratory, code=code).first()
    if found is None:
        raise NotYours(what="plate", area=by.area_code)
    return found


def _role(tube: str) -> Any:
    return laboratory_stage.role_of(tube)


def _laboratory(one: Laboratory, as_of: datetime) -> LaboratoryOut:
    waiting = runs.waiting_of(one, as_of).count()
    same = ("code", "name", "area_code", "tubes_per_hour")
    return LaboratoryOut(runs_waiting=waiting, **{name: getattr(one, name) for name in same})


def _plate(one: Plate) -> PlateOut:
    wells = {well: text for well, text in zip(laboratory_stage.WELLS, one.wells, strict=True) if text}
    return PlateOut(code=one.code, wells=wells, made_at=one.made_at, made_by=one.made_by)


def _run(one: LabRun, as_of: datetime) -> RunOut:
    released = one.released_at is not None and one.released_at <= as_of
    withdrawn = one.withdrawn_at is not None and one.withdrawn_at <= as_of
    same = ("name", "feed", "instrument", "genes", "cutoff_ct", "n_readings", "n_positive", "n_again", "recorded_at",
            "recorded_by")  # fmt: skip
    return RunOut(
        number=one.pk,
        laboratory=one.laboratory.code,
        state=runs.state_at(one, as_of),  # type: ignore[call-arg]
        plate=one.plate.code if one.plate else None,
        released_at=one.released_at if released else None,
        released_by=one.released_by if released else "",
        withdrawn_at=one.withdrawn_at if withdrawn else None,
        withdraw_reason=one.withdraw_reason if withdrawn else "",
        **{name: getattr(one, name) for name in same},
    )


def _taken(request: HttpRequest, told: RunTold) -> RunTaken:
    return RunTaken(
        is_new=told.is_new,
        completed=told.completed,
        run=_run(told.run, now(request)),
        odd={str(kind): count for kind, count in told.oddities.items()},
    )


def _reading(one: LabReading) -> ReadingOut:
    return ReadingOut(round=one.round.number, tube=one.tube, found=one.found, well=one.well, ct=one.ct)


def _oddity(one: LabOddity) -> OddityOut:
    same = ("kind", "tube", "facts", "recorded_at")
    return OddityOut(number=one.pk, run=one.run_id, **{name: getattr(one, name) for name in same})

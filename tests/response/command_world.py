"""A county in an outbreak at which the command centre looks: something of every figure, at known moments."""

from datetime import UTC, date, datetime, timedelta

from sizao.records.models import (
    Alert,
    AlertChange,
    CaseChange,
    Contact,
    ContactChange,
    Finding,
    IsolationOrder,
    IsolationRoom,
    IsolationSite,
    Laboratory,
    LevelDecision,
    OfficialArea,
    RoomPlacement,
    Signal,
    Stay,
    Task,
    TestingRound,
    TransferRequest,
    TransferTrip,
    TransferVehicle,
    Zone,
    ZoneChange,
)
from sizao.response.zoning import history
from sizao.terms import (
    AlertState,
    CaseStatus,
    ContactKind,
    ContactState,
    FindingSource,
    FindingState,
    Gravity,
    OrderKind,
    OrderState,
    OutbreakKind,
    PlaceKind,
    ResponseLevel,
    Role,
    SignalKind,
    SiteState,
    Stage,
    StayKind,
    TaskKind,
    TaskState,
    TransferKind,
    TransferVehicleKind,
    ZoneAct,
    ZoneLevel,
    ZoneState,
)
from tests import factories

COUNTY, VILLAGE, ELSEWHERE = "130109", "130109001001", "130581"
HOUR = timedelta(hours=1)
NOON = datetime(2021, 1, 8, 4, tzinfo=UTC)  # noon in China


class World:
    """The county at noon: what was known an hour before and what came since are apart."""

    def __init__(self, kind=OutbreakKind.DRILL):
        for code, name in (("13", "河北"), (COUNTY, "藁城区"), (ELSEWHERE, "南宫市"), (VILLAGE, "小果庄村")):
            factories.area(code, name)
        self.n = 0
        self.outbreak = factories.outbreak(slug="command", kind=kind, area_code="13")
        self.officer = factories.account(role=Role.COMMANDER, area_code="13")

    def key(self):
        self.n += 1
        return f"command:{self.n}"

    def case(self, *moves, area_code=VILLAGE):
        case = factories.case(of=factories.person(), within=self.outbreak, area_code=area_code, opened_at=moves[0][1])
        for status, at in moves:
            CaseChange.objects.create(case=case, status=status, at=at, by="sizao", source_key=self.key())
        return case

    def contact(self, case, *moves):
        contact = Contact.objects.create(
            outbreak=self.outbreak, person=factories.person(), kind=ContactKind.CLOSE, state=moves[-1][0],
            index_case=case, area_code=VILLAGE, found_at=moves[0][1], source="named", source_key=self.key(),
        )  # fmt: skip
        for state, at in moves:
            ContactChange.objects.create(contact=contact, state=state, at=at, by="sizao", source_key=self.key())
        return contact

    def task(self, *, kind=TaskKind.CORE_INFORMATION, asked_at, due_at, done_at=None, area_code=COUNTY, outbreak=...):
        return Task.objects.create(
            outbreak=self.outbreak if outbreak is ... else outbreak, kind=kind, role=Role.INVESTIGATOR,
            state=TaskState.DONE if done_at else TaskState.OPEN, area_code=area_code, subject_kind="case",
            subject_id=1, subject_label=f"№ {self.n}", asked_at=asked_at, due_at=due_at, done_at=done_at,
            source_key=self.key(),
        )  # fmt: skip

    def alert(self, *, opened_at, due_at, answered_at=None, outbreak=...):
        alert = Alert.objects.create(
            outbreak=self.outbreak if outbreak is ... else outbreak, area_code=COUNTY, rule="multi_point",
            state=AlertState.OPEN, first_date=opened_at.date(), last_date=opened_at.date(), score=1.0,
            basis=[{"key": "triggers.multi_point", "origin": "x", "value": "2", "gives": "alert"}],
            opened_at=opened_at, due_at=due_at, answered_at=answered_at, source_key=self.key(),
        )  # fmt: skip
        moves = [(AlertState.OPEN, opened_at)] + [(AlertState.VERIFYING, answered_at)] * (answered_at is not None)
        for state, at in moves:
            AlertChange.objects.create(
                alert=alert, state=state, last_date=at.date(), score=1.0, at=at, by="sizao", source_key=self.key()
            )
        return alert

    def signal(self, *, received_at, settled_at=None):
        return Signal.objects.create(
            outbreak=self.outbreak, kind=SignalKind.POSITIVE_TEST, area_code=VILLAGE, occurred_at=received_at,
            received_at=received_at, settled_at=settled_at, source="laboratory", source_key=self.key(),
        )  # fmt: skip

    def areas(self):
        OfficialArea.objects.create(
            outbreak=self.outbreak, name="小果庄村", area_code=VILLAGE, unit="village", level=ZoneLevel.HIGH,
            first_date=date(2021, 1, 7), last_date=date(2021, 1, 30), source="list", source_key=self.key(),
        )  # fmt: skip

    def zone(self, *, published_at, may_lift, area_code=VILLAGE):
        zone = Zone.objects.create(
            outbreak=self.outbreak, area_code=area_code, name="刘家佐村", unit="village", level=ZoneLevel.MEDIUM,
            state=ZoneState.PUBLISHED, proposed_at=published_at - HOUR, since_date=published_at.date(),
            may_lift_date=may_lift, expected_until=may_lift - timedelta(days=1), source_key=self.key(),
        )  # fmt: skip
        for act, at in ((ZoneAct.PROPOSED, published_at - HOUR), (ZoneAct.PUBLISHED, published_at)):
            ZoneChange.objects.create(
                zone=zone, act=act, level=zone.level, may_lift_date=may_lift, at=at, by="x", source_key=self.key(),
                content=history.content(zone),
            )  # fmt: skip
        return zone

    def order(self, *, ends, issued_at):
        return IsolationOrder.objects.create(
            outbreak=self.outbreak, person=factories.person(), kind=OrderKind.CENTRAL, state=OrderState.ISSUED,
            area_code=VILLAGE, starts_date=date(2020, 12, 30), ends_date=ends, proposed_at=issued_at,
            issued_at=issued_at, issued_by=self.officer, source_key=self.key(),
        )  # fmt: skip

    def site(self, *, rooms, area_code=COUNTY):
        site = IsolationSite.objects.create(
            place=factories.place(name=self.key(), area_code=area_code), area_code=area_code, state=SiteState.IN_USE,
            registered_at=NOON - 100 * HOUR, registered_by="x", source_key=self.key(),
        )  # fmt: skip
        return site, [
            IsolationRoom.objects.create(
                site=site, place=factories.place(name=f"{site.pk}-{n}", area_code=area_code), number=f"{n}",
                source_key=self.key(),
            )
            for n in range(rooms)
        ]  # fmt: skip

    def stay(self, place, *, since, until=None, kind=StayKind.ROOM):
        person = factories.person()
        return Stay.objects.create(
            person=person, kind=kind, place=place, area_code=place.area_code, period=(since, until), party=-person.pk,
            recorded_at=since, source_key=self.key(),
        )  # fmt: skip

    def placement(self, room, *, due_at, decided_at):
        order = self.order(ends=date(2021, 2, 1), issued_at=decided_at)
        person = order.person
        return RoomPlacement.objects.create(
            outbreak=self.outbreak, order=order, person=person, room=room, site=room.site, state="accepted",
            party=-person.pk, proposed_at=decided_at, decided_at=decided_at, decided_by=self.officer, due_at=due_at,
            source_key=self.key(),
        )  # fmt: skip

    def hospital(self, *, beds):
        return factories.place(name=self.key(), area_code=COUNTY, kind=PlaceKind.HOSPITAL, capacity=beds)

    def vehicle(self, *, out_at=None, back_at=None):
        vehicle = TransferVehicle.objects.create(
            place=factories.place(kind=PlaceKind.VEHICLE, area_code=COUNTY), plate=self.key(),
            kind=TransferVehicleKind.CAR, area_code=COUNTY, seats=4, registered_at=NOON - 100 * HOUR,
            source_key=self.key(),
        )  # fmt: skip
        if out_at:
            TransferTrip.objects.create(
                outbreak=self.outbreak, area_code=COUNTY, made_at=out_at, made_by=self.officer, vehicle=vehicle,
                planned_start_at=out_at, planned_end_at=out_at + HOUR, set_out_at=out_at, returned_at=back_at,
                source_key=self.key(),
            )  # fmt: skip
        return vehicle

    def transfer(self, *, asked_at, due_at, ended_at=None):
        person = factories.person()
        return TransferRequest.objects.create(
            outbreak=self.outbreak, number=self.key(), person=person, party=-person.pk, kind=TransferKind.CARE,
            area_code=COUNTY, from_area_code=VILLAGE, to_area_code=VILLAGE, asked_at=asked_at, asked_by="x",
            due_at=due_at, ended_at=ended_at, source_key=self.key(),
        )  # fmt: skip

    def round(self, *, opened_at, due_at):
        return TestingRound.objects.create(
            outbreak=self.outbreak, number=self.key(), name="第一轮", area_code=COUNTY, areas=[COUNTY], pool_size=5,
            begins_at=opened_at, due_at=due_at, protocol="edition-7", planned_at=opened_at, planned_by="x",
            roster_made_at=opened_at, opened_at=opened_at, opened_by="x",
        )  # fmt: skip

    def laboratory(self):
        return Laboratory.objects.create(
            code="L1",
            name="区疾控中心",
            area_code=COUNTY,
            tubes_per_hour=100,
            opened_at=NOON - 100 * HOUR,
            added_by="x",
        )

    def finding(self, *, due_at, mended_at=None):
        return Finding.objects.create(
            number=self.key()[:30], outbreak=self.outbreak, area_code=COUNTY, stage=Stage.TESTING, what="x",
            severity=Gravity.MAJOR, source=FindingSource.DESK, state=FindingState.NOTIFIED, found_at=NOON - 2 * HOUR,
            notified_at=NOON - 2 * HOUR, notified_by=self.officer, due_at=due_at, mended_at=mended_at,
            source_key=self.key(),
        )  # fmt: skip

    def level(self, *, level=ResponseLevel.EMERGENCY, starts_at, until, area_code="13"):
        return LevelDecision.objects.create(
            outbreak=self.outbreak, area_code=area_code, level=level, was=ResponseLevel.ROUTINE, reach="below",
            ordered_by=area_code, decided_at=starts_at, decided_by=self.officer, starts_at=starts_at,
            expected_until=until, legal_basis="x", text="x", source_key=self.key(),
        )  # fmt: skip


def filled(kind=OutbreakKind.DRILL):
    """Give a world with something of every figure, most of it twice: an hour before noon and since."""
    world = World(kind=kind)
    before, since = NOON - 2 * HOUR, NOON + HOUR
    case = world.case((CaseStatus.POSITIVE, before), (CaseStatus.CONFIRMED, since))
    world.case((CaseStatus.CONFIRMED, before))
    world.case((CaseStatus.ASYMPTOMATIC, NOON - 30 * HOUR), (CaseStatus.DISCARDED, since))
    world.contact(case, (ContactState.FOUND, before), (ContactState.PLACED, since))
    world.contact(case, (ContactState.FOUND, since))
    world.task(asked_at=before, due_at=NOON - HOUR)
    world.task(asked_at=before, due_at=NOON + 5 * HOUR)
    world.task(asked_at=before, due_at=NOON - HOUR, done_at=since, area_code="130581")
    world.task(asked_at=since, due_at=None)
    world.alert(opened_at=before, due_at=NOON - HOUR / 2)
    world.alert(opened_at=before, due_at=NOON + HOUR, answered_at=since)
    world.signal(received_at=before, settled_at=since)
    world.signal(received_at=since)
    world.areas()
    world.zone(published_at=before, may_lift=date(2021, 1, 8))
    world.order(ends=date(2021, 1, 8), issued_at=before)
    world.order(ends=date(2021, 1, 9), issued_at=before)
    _, rooms = world.site(rooms=4)
    world.stay(rooms[0].place, since=NOON - 30 * HOUR)
    world.stay(rooms[1].place, since=before, until=since)
    world.placement(rooms[2], due_at=NOON - HOUR, decided_at=before)
    hospital = world.hospital(beds=10)
    world.stay(hospital, since=before, kind=StayKind.BED)
    world.vehicle(out_at=before, back_at=since)
    world.vehicle()
    world.transfer(asked_at=before, due_at=NOON - HOUR, ended_at=since)
    world.transfer(asked_at=before, due_at=NOON + HOUR)
    world.round(opened_at=before, due_at=NOON + 3 * HOUR)
    world.laboratory()
    world.finding(due_at=NOON - HOUR)
    world.finding(due_at=NOON - HOUR, mended_at=since)
    world.finding(due_at=NOON + 30 * HOUR)
    world.level(starts_at=before, until=date(2021, 1, 8))
    return world

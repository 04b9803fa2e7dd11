"""One of everything in one county, for the walk of every role to every address."""

from datetime import UTC, date, datetime, timedelta

from sizao.records.models import (
    Alert,
    AlertChange,
    Authority,
    Bulletin,
    CallAnswer,
    Card,
    CaseChange,
    Complaint,
    Contact,
    ContactChange,
    CooperationRequest,
    DailyReport,
    Directive,
    DirectiveAct,
    DirectivePart,
    DirectivePhoto,
    Finding,
    FindingAct,
    FindingPhoto,
    IsolationOrder,
    IsolationRoom,
    IsolationSite,
    LabOddity,
    Laboratory,
    LabRun,
    LevelDecision,
    LevelProposal,
    Objection,
    Plate,
    PoolHold,
    PushEntry,
    PushList,
    ReportingUnit,
    Reward,
    RoomPlacement,
    SampleBox,
    Signal,
    SiteCheck,
    SiteExposure,
    SitePhoto,
    Stream,
    Task,
    Team,
    TeamCall,
    TeamLoan,
    TestingPlan,
    TestingRound,
    Trace,
    TraceAnswer,
    TraceMatch,
    TransferPlan,
    TransferRequest,
    TransferTrip,
    TransferVehicle,
    TubeLot,
    UnmatchedPlace,
    WhatIf,
    Zone,
    ZoneChange,
)
from sizao.terms import (
    AlertState,
    AreaLevel,
    CallKind,
    CaseStatus,
    ComplaintChannel,
    ComplaintKind,
    ContactKind,
    ContactState,
    ExchangeWay,
    FindingSource,
    FindingState,
    Gravity,
    LabFeed,
    LabOddityKind,
    Layer,
    ObjectionAbout,
    ObjectionChannel,
    ObjectionState,
    OrderKind,
    OrderState,
    PlaceKind,
    RequestState,
    ResponseLevel,
    Role,
    SignalKind,
    Stage,
    StreamKind,
    StreamStep,
    TaskKind,
    Tier,
    TraceCause,
    TracePurpose,
    TraceQuestion,
    TransferKind,
    TransferVehicleKind,
    UnitKind,
    ZoneAct,
    ZoneLevel,
    ZoneState,
)
from tests import factories
from tests.factories import NOW, VILLAGE

INSIDE, OUTSIDE = "130109", "130581"
NAME, NUMBER = "欧阳无双", "P-WALK-1"
FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Everything:
    """One of everything in one county, and callers who ask for it."""

    def __init__(self):
        for code, name in (("13", "河北"), (INSIDE, "藁城区"), (OUTSIDE, "南宫市"), (VILLAGE, "小果庄村")):
            factories.area(code, name)
        self.outbreak = factories.outbreak(slug="hebei-2021-01", last_date=date(2021, 2, 14))
        self.person = factories.person(name=NAME, number=NUMBER)
        self.case = factories.case(of=self.person, within=self.outbreak, number=NUMBER)
        CaseChange.objects.create(case=self.case, status=CaseStatus.CONFIRMED, at=NOW, by="sizao", source_key="walk:c")
        self.rows = {
            "people": NUMBER,
            "cases": NUMBER,
            "orders": self._order().pk,
            "objections": self._objection().pk,
            "zones": self._zone().pk,
            "tasks": self._task().pk,
            "signals": self._signal().pk,
            "reports": self._report().pk,
            "unmatched": self._unmatched().pk,
            "streams": self._stream().pk,
        }
        self.rows["alerts"] = self._alert().pk
        self.rows["inside"] = self.rows["zones"]
        trace, match = self._trace()
        self.rows |= {"traces": trace.pk, "matches": match.pk}
        self.rows |= self._testing()
        self.rows |= self._laboratory()
        self.rows |= self._rooms()
        self.rows |= {"site": self.rows["sites"], "near": self._near().pk}
        self.rows["what-ifs"] = self._what_if().pk
        self.rows |= self._transport()
        self.rows["daily-reports"] = self.rows["reports"]
        self.rows |= {"areas": INSIDE, "units": self._reporting_unit().pk}
        self.rows["cooperation"] = self._cooperation().pk
        self.rows |= self._oversight()
        self.rows["push-lists"], self.rows["entries"] = self._push_list().pk, 1
        self.rows["bulletins"] = self._bulletin().pk
        self.rows["cards"] = self._card().pk
        self.rows |= self._directive()
        self.rows |= self._teams()
        self.rows |= self._levels()
        self.rows |= {"part": "where", "rows": "tasks_open"}

    def path(self, address, *, missing=False):
        """Fill in an address: the row of this world, or one that is nowhere."""
        parts = address.split("/")
        for place, part in enumerate(parts):
            if part in ("<slug>", "<slug:slug>"):
                parts[place] = "hebei-2021-01"
            elif part == "<path:rest>":
                parts[place] = "no/such"
            elif part.startswith("<"):
                known = self.rows[parts[place - 1]]
                nowhere = "P-NOWHERE" if isinstance(known, str) else "987654"
                parts[place] = nowhere if missing else str(known)
        return "/" + "/".join(parts)

    def _levels(self):
        proposal = LevelProposal.objects.create(
            outbreak=self.outbreak, area_code=INSIDE, level=ResponseLevel.ALERT, standing=ResponseLevel.ROUTINE,
            proposed_at=NOW, source_key="walk:level",
        )  # fmt: skip
        decision = LevelDecision.objects.create(
            outbreak=self.outbreak, area_code=INSIDE, level=ResponseLevel.ROUTINE, was=ResponseLevel.ALERT,
            ordered_by=INSIDE, decided_at=NOW, starts_at=NOW, legal_basis="预案", text="转为常态",
            decided_by=factories.account(role=Role.COMMANDER, area_code=INSIDE), source_key="walk:level-decision",
        )  # fmt: skip
        return {"level": INSIDE, "proposals": proposal.pk, "returns": decision.pk}

    def _order(self):
        other = factories.person(number="P-WALK-2")
        contact = Contact.objects.create(
            outbreak=self.outbreak, person=other, kind=ContactKind.CLOSE, state=ContactState.FOUND,
            index_case=self.case, area_code=VILLAGE, found_at=NOW, source="named", source_key="walk:contact",
        )  # fmt: skip
        ContactChange.objects.create(contact=contact, state=ContactState.FOUND, at=NOW, by="sizao", source_key="walk:f")
        return IsolationOrder.objects.create(
            outbreak=self.outbreak, person=other, contact=contact, kind=OrderKind.CENTRAL, state=OrderState.PROPOSED,
            area_code=VILLAGE, starts_date=date(2021, 1, 10), ends_date=date(2021, 3, 1), proposed_at=NOW,
            reason={"contact_kind": "close", "day_zero": "2021-01-09", "counted_from": "last_exposure"},
            source_key="walk:order",
        )  # fmt: skip

    def _objection(self):
        return Objection.objects.create(
            outbreak=self.outbreak, number="YY-WALK", about=ObjectionAbout.ORDER, subject_id=0, area_code=VILLAGE,
            person=self.person, text="…", state=ObjectionState.RECEIVED, channel=ObjectionChannel.DOOR,
            received_at=NOW, received_by="sizao", due_at=FAR, source_key="walk:objection",
        )  # fmt: skip

    def _zone(self):
        zone = Zone.objects.create(
            outbreak=self.outbreak, area_code=VILLAGE, name="小果庄村", unit=AreaLevel.VILLAGE,
            level=ZoneLevel.MEDIUM, state=ZoneState.PROPOSED, proposed_at=NOW, since_date=NOW.date(),
            source_key="walk:zone",
        )  # fmt: skip
        ZoneChange.objects.create(
            zone=zone, act=ZoneAct.PROPOSED, level=zone.level, at=NOW, by="sizao", source_key="walk:zone:1"
        )
        return zone

    def _task(self):
        return Task.objects.create(
            outbreak=self.outbreak, kind=TaskKind.FULL_REPORT, role=Role.INVESTIGATOR, area_code=INSIDE,
            subject_kind="case", subject_id=self.case.pk, subject_label=NUMBER, asked_at=NOW, source_key="walk:task",
        )  # fmt: skip

    def _signal(self):
        return Signal.objects.create(
            outbreak=self.outbreak, kind=SignalKind.POSITIVE_TEST, person=self.person, area_code=VILLAGE,
            occurred_at=NOW, received_at=NOW, source="laboratory", source_key="walk:signal",
        )  # fmt: skip

    def _report(self):
        return DailyReport.objects.create(
            outbreak=self.outbreak, area_code=INSIDE, first_date=date(2021, 1, 9), date=date(2021, 1, 9), figures={},
            is_zero=True, drafted_at=NOW, source_key="walk:report",
        )  # fmt: skip

    def _reporting_unit(self):
        return ReportingUnit.objects.create(
            area_code=INSIDE, name="藁城区人民医院发热门诊", kind=UnitKind.FEVER_CLINIC, due_hour=10, basis="walk",
            first_date=date(2021, 1, 2), added_at=NOW, added_by="walk", source_key="walk:reporting-unit",
        )  # fmt: skip

    def _unmatched(self):
        return UnmatchedPlace.objects.create(
            outbreak=self.outbreak, text="村口小卖部", area_code=INSIDE, kind=PlaceKind.SHOP, noted_at=NOW
        )

    def _stream(self):
        return Stream.objects.create(
            outbreak=self.outbreak, kind=StreamKind.FEVER_CLINIC, area_code=INSIDE, name="藁城区发热门诊",
            step=StreamStep.DAY, source="walk", source_key="walk:stream", first_date=date(2021, 1, 2), opened_at=NOW,
        )  # fmt: skip

    def _trace(self):
        trace = Trace.objects.create(
            outbreak=self.outbreak, number="T0001", question=TraceQuestion.COMPANIONS, reason="walk",
            purpose=TracePurpose.FIND_CONTACTS, case=self.case, begins_at=NOW, ends_at=FAR, least_minutes=10,
            settings={"layers": ["venue"]}, protocol="edition-7", asked_at=NOW, asked_by="walk", area_code=VILLAGE,
            last_date=FAR.date(),
        )  # fmt: skip
        TraceAnswer.objects.create(
            trace=trace, answered_at=NOW, cause=TraceCause.ASKED, n_found=1, n_new=1, n_gone=0, n_known=1
        )
        match = TraceMatch.objects.create(
            trace=trace, token="walk", person=self.person, area_code=VILLAGE, layer=Layer.VENUE, tier=Tier.SAME,
            minutes=15, meetings=1, days=1, score=15, first_at=NOW, last_at=NOW, found_at=NOW,
        )  # fmt: skip
        return trace, match

    def _laboratory(self):
        laboratory = Laboratory.objects.create(
            code="WALK-1", name="walk", area_code=INSIDE, tubes_per_hour=100, opened_at=NOW, added_by="walk"
        )
        plate = Plate.objects.create(
            laboratory=laboratory, code="walk", wells=["PC", "NC"] + [None] * 94, made_at=NOW, made_by="walk"
        )
        run = LabRun.objects.create(
            laboratory=laboratory, plate=plate, feed=LabFeed.BY_HAND, source_key="walk", name="walk", recorded_at=NOW,
            recorded_by="walk",
        )  # fmt: skip
        oddity = LabOddity.objects.create(
            laboratory=laboratory, run=run, kind=LabOddityKind.UNREADABLE_ROW, source_key="walk", area_code=INSIDE,
            recorded_at=NOW, recorded_by="walk",
        )  # fmt: skip
        return {"laboratories": laboratory.code, "lab-plates": plate.pk, "lab-runs": run.pk, "lab-oddities": oddity.pk}

    def _testing(self):
        planned = TestingRound.objects.create(
            outbreak=self.outbreak, number="R001", name="walk", area_code=INSIDE, areas=[INSIDE], pool_size=5,
            begins_at=NOW, protocol="edition-7", planned_at=NOW, planned_by="walk",
        )  # fmt: skip
        lot = TubeLot.objects.create(round=planned, first_serial=1, size=3, printed_at=NOW, printed_by="walk")
        box = SampleBox.objects.create(
            round=planned, code="B000000000195", printed_at=NOW, printed_by="walk", area_code=INSIDE
        )
        hold = PoolHold.objects.create(round=planned, tube="000000000198", area_code=VILLAGE, proposed_at=NOW)
        known = {"testing": planned.pk, "rounds": planned.number, "labels": lot.pk, "pools": hold.pk}
        asked = {"villages": [], "sites": [], "laboratories": [], "unused": [], "basis": []}
        plan = TestingPlan.objects.create(round=planned, asked_at=NOW, asked_by="walk", question=asked)
        return known | {"box": box.pk, "boxes": box.code, "plan": plan.pk, "plans": plan.pk}

    def _rooms(self):
        known = {"registered_at": NOW, "registered_by": "walk", "area_code": INSIDE}
        site = IsolationSite.objects.create(
            place=factories.place(name="walk", area_code=INSIDE), source_key="walk:site", **known
        )
        room = IsolationRoom.objects.create(
            site=site, place=factories.place(name="walk 101", area_code=INSIDE), number="101", source_key="walk:room"
        )
        check = SiteCheck.objects.create(
            site=site, checked_at=NOW, recorded_at=NOW, checked_by=factories.account(), signed_as="walk", items={},
            passed=True, source_key="walk:check",
        )  # fmt: skip
        photo = SitePhoto.objects.create(
            check_made=check, image=b"walk", media_type="image/png", sha256="walk", added_at=NOW
        )
        order = IsolationOrder.objects.get(pk=self.rows["orders"])
        placement = RoomPlacement.objects.create(
            outbreak=self.outbreak, person=order.person, order=order, room=room, site=site, party=-order.person_id,
            proposed_at=NOW, source_key="walk:placement",
        )  # fmt: skip
        return {
            "sites": site.pk, "isolation-sites": site.pk, "room-acts": room.pk, "photos": photo.pk,
            "rooms": placement.pk, "placements": placement.pk, "by-hand": order.pk,
        }  # fmt: skip

    def _near(self):
        return SiteExposure.objects.create(
            outbreak=self.outbreak, site_id=self.rows["sites"], room_id=self.rows["room-acts"], person=self.person,
            found_at=NOW, first_risk_at=NOW, source_key="exposure:0",
        )  # fmt: skip

    def _what_if(self):
        known = {"counties": [], "left_out": 0, "assumed": [], "reproduction": [1, 1, 1], "kept": 0,
                 "edition": "edition-7"}  # fmt: skip
        return WhatIf.objects.create(
            outbreak=self.outbreak, area_code=VILLAGE, date=NOW.date(), as_of=NOW, asked_at=NOW, asked_by="walk",
            situation=known, policies=[], runs=0,
            settings={"variant": "ancestral", "days": 30, "runs": 10, "over_by": "2021-02-01", "today": {}},
        )  # fmt: skip

    def _transport(self):
        place = factories.place(kind=PlaceKind.VEHICLE, area_code=INSIDE)
        vehicle = TransferVehicle.objects.create(
            place=place, plate="冀A00001", kind=TransferVehicleKind.CAR, area_code=INSIDE, seats=4, registered_at=NOW,
            source_key="walk:vehicle",
        )  # fmt: skip
        made = {"outbreak": self.outbreak, "area_code": INSIDE, "made_at": NOW, "made_by": self.maker()}
        trip = TransferTrip.objects.create(
            vehicle=vehicle, planned_start_at=NOW, planned_end_at=FAR, source_key="walk:trip", **made
        )
        request = TransferRequest.objects.create(
            outbreak=self.outbreak, number="T1-00001", person=self.person, party=-self.person.pk,
            kind=TransferKind.CARE, area_code=INSIDE, from_area_code=VILLAGE, to_area_code=VILLAGE, asked_at=NOW,
            asked_by="walk", source_key="walk:transfer",
        )  # fmt: skip
        result = {
            "trips": [], "late": [], "unserved": [], "minutes_late": 0, "value": 0, "bound": 0, "minutes_driven": 0,
            "more": [], "estimated": 0, "replaces": [],
        }  # fmt: skip
        plan = TransferPlan.objects.create(
            starts_at=NOW, ends_at=FAR, n_requests=0, n_vehicles=0, result=result, **made
        )
        return {"vehicles": vehicle.pk, "trips": trip.pk, "plans": plan.pk, "transfers": request.number} | {
            "transfer-requests": request.pk
        }

    def _directive(self):
        made = Directive.objects.create(
            number="ZL-WALK", area_code=INSIDE, title="walk", text="walk", reason="walk", due_at=FAR, counts="walk",
            issued_at=NOW, issued_by="walk", issued_name="walk", source_key="walk:directive",
        )  # fmt: skip
        part = DirectivePart.objects.create(
            directive=made, area_code=INSIDE, level=6, role=Role.DUTY_OFFICER, above=INSIDE, due_at=FAR, issued_at=NOW,
            issued_by="walk", issued_name="walk",
        )  # fmt: skip
        act = DirectiveAct.objects.create(
            part=part, kind="received", happened_at=NOW, recorded_at=NOW, made_by="walk", made_name="walk", version=1,
            source_key="walk:directive",
        )  # fmt: skip
        photo = DirectivePhoto.objects.create(act=act, image=b"x", media_type="image/png", sha256="x", added_at=NOW)
        return {"directives": made.pk, "parts": part.pk, "evidence": photo.pk}

    def _push_list(self):
        made = PushList.objects.create(
            number="TS-WALK", outbreak=self.outbreak, trace_id=self.rows["traces"], from_area_code=INSIDE,
            area_code=INSIDE, n_people=1, pushed_at=NOW, pushed_by="walk", receipt_due_at=NOW,
        )  # fmt: skip
        PushEntry.objects.create(push_list=made, ref=1, token="T-1", layer="venue", tier="same", minutes=9)
        return made

    def _bulletin(self):
        nothing = {"cells": {"new_confirmed": {}, "new_asymptomatic": {}}, "stocks": {}, "state": {}, "quiet_days": 1}
        nothing["least"] = 5
        return Bulletin.objects.create(
            outbreak=self.outbreak, area_code=INSIDE, date=NOW.date(), figures=nothing,
            text_zh="{confirmed}{asymptomatic}", text_en="{confirmed}{asymptomatic}", drafted_at=NOW,
            source_key="walk:bulletin",
        )  # fmt: skip

    def _card(self):
        return Card.objects.create(
            number="BK-WALK", form="disease-card", form_version="2019", outbreak=self.outbreak, person=self.person,
            area_code=INSIDE, content="{}", drafted_at=NOW, drafted_by="walk", source_key="walk:card",
        )  # fmt: skip

    def _cooperation(self):
        authority = Authority.objects.create(
            name="walk", area_code="4101", way=ExchangeWay.LETTER, added_at=NOW, added_by="walk"
        )
        return CooperationRequest.objects.create(
            number="XC-WALK", is_incoming=True, authority=authority, outbreak=self.outbreak, area_code=INSIDE,
            state=RequestState.RECEIVED, asked=["find"], made_at=NOW, made_by="walk", told_at=NOW, received_at=NOW,
        )  # fmt: skip

    def _teams(self):
        team = Team.objects.create(
            name="walk", kind="sampling", area_code=INSIDE, registered_at=NOW, registered_by="walk"
        )
        loan = TeamLoan.objects.create(
            team=team, from_area_code=INSIDE, to_area_code="130108", starts_at=FAR, ends_at=FAR + timedelta(days=1),
            agreed_from="walk", agreed_to="walk", lent_at=NOW, lent_by=self.maker(),
        )  # fmt: skip
        call = TeamCall.objects.create(
            area_code=INSIDE, kind=CallKind.DRILL, reason="walk", called_at=NOW, called_by=self.maker()
        )
        answer = CallAnswer.objects.create(call=call, team=team, area_code=INSIDE, called_at=NOW)
        return {"teams": team.pk, "team-loans": loan.pk, "team-calls": answer.pk}

    def _oversight(self):
        found = Finding.objects.create(
            number="DC-WALK", area_code=INSIDE, stage=Stage.ISOLATION, what="walk", severity=Gravity.MINOR,
            source=FindingSource.DESK, state=FindingState.RECORDED, found_at=NOW, source_key="walk:finding",
        )  # fmt: skip
        act = FindingAct.objects.create(
            finding=found, state=FindingState.RECORDED, at=NOW, by="walk", source_key="walk:finding:1"
        )
        photo = FindingPhoto.objects.create(act=act, image=b"walk", media_type="image/png", sha256="walk", added_at=NOW)
        complaint = Complaint.objects.create(
            number="JB-WALK", area_code=INSIDE, kind=ComplaintKind.CARE, channel=ComplaintChannel.PHONE, text="walk",
            received_at=NOW, received_by="walk", due_at=FAR, source_key="walk:complaint",
        )  # fmt: skip
        reward = Reward.objects.create(number="XS-WALK", area_code=INSIDE, proposed_at=NOW, source_key="walk:reward")
        return {
            "findings": found.pk, "finding-photos": photo.pk, "complaints": complaint.pk, "rewards": reward.pk,
            "measures": "record.objection",
        }  # fmt: skip

    def maker(self):
        return factories.account(role=Role.DISPATCHER, area_code=INSIDE)

    def _alert(self):
        basis = [{"key": "triggers.multi_point", "origin": "early-warning-2020", "value": "2", "gives": "alert"}]
        alert = Alert.objects.create(
            outbreak=self.outbreak, area_code=INSIDE, rule="multi_point", state=AlertState.OPEN, first_date=NOW.date(),
            last_date=NOW.date(), score=1.0, basis=basis, opened_at=NOW, source_key="walk:alert",
        )  # fmt: skip
        AlertChange.objects.create(
            alert=alert, state=alert.state, last_date=alert.last_date, score=1.0, at=NOW, by="sizao",
            source_key="walk:alert:1",
        )  # fmt: skip
        return alert

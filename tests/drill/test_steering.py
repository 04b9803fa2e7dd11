"""Steering a drill from its pages: how far, how fast, who plays whom, and at what time people act."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import translation

from sizao.drill.rehearsal import (
    answering,
    driving,
    officers,
    report_file,
    scenario,
    sketch,
    steering,
    told_file,
    wheel,
)
from sizao.drill.rehearsal.parts import Command
from sizao.drill.screens import control
from sizao.records import access, clock, journal
from sizao.records.models import DailyReport, Event
from sizao.response import outbreaks
from sizao.terms import OutbreakKind, Right, Role, TaskKind
from tests import factories

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2021, 1, 6, 8, tzinfo=SHANGHAI)
DAYS = 5
NOTHING_PLAYED = SimpleNamespace(command=Command())


@pytest.fixture
def drill():
    for code, name in (("13", "河北"), ("1301", "石家庄"), ("130109", "藁城")):
        factories.area(code, name)
    return factories.outbreak(
        slug="town", name="演练：小镇", name_en="Drill: a town", kind=OutbreakKind.DRILL, area_code="130109",
        first_date=date(2021, 1, 4), last_date=date(2021, 1, 4) + timedelta(days=DAYS - 1),
    )  # fmt: skip


@pytest.fixture
def commander():
    return factories.account(role=Role.COMMANDER, area_code="1301")


def lived(drill, days, *, awake=True):
    """Put on record that so many days are over, and the next morning has come."""
    for day in range(days + awake):
        at = datetime(2021, 1, 4 + day, 8, tzinfo=SHANGHAI)
        journal.write(steering.MORNING_DONE, drill, by=None, at=at, day=day)
        clock.set_to(outbreak=drill, at=at, before=at + timedelta(hours=3))
        if day < days:
            at = at.replace(hour=23, minute=59)
            journal.write(steering.DAY_DONE, drill, by=None, at=at, day=day)
            clock.set_to(outbreak=drill, at=at, before=at + timedelta(minutes=1))


def signed_in(account):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account)
    return client


class TestSteering:
    def test_waits_until_somebody_steers(self, drill):
        assert steering.standing(drill).until == 0

    def test_is_what_was_said_last_of_each_thing(self, drill, commander):
        lived(drill, 2)
        told = {"outbreak": drill, "by": commander, "now": MORNING}
        steering.leave_to_people(roles=[Role.INVESTIGATOR], **told)
        steering.keep_pace(pace=None, **told)
        steering.step(**told)
        assert steering.standing(drill) == steering.Steering(3, None, frozenset({Role.INVESTIGATOR}))
        steering.go(**told)
        assert steering.standing(drill).until == DAYS
        steering.pause(**told)
        assert steering.standing(drill) == steering.Steering(0, None, frozenset({Role.INVESTIGATOR}))
        assert journal.history(drill).filter(verb=steering.STEERED, actor=commander.username).count() == 5

    def test_one_day_never_leads_beyond_the_last(self, drill, commander):
        lived(drill, DAYS, awake=False)
        assert steering.step(outbreak=drill, by=commander, now=MORNING).until == DAYS

    @pytest.mark.parametrize("role", [role for role in Role if Right.DRILL_STEER not in access.ROLE_RIGHTS[role]])
    def test_is_for_who_may(self, drill, role):
        with pytest.raises(access.NotAllowed):
            steering.go(outbreak=drill, by=factories.account(role=role, area_code="13"), now=MORNING)

    def test_refuses_paces_and_roles_that_there_are_not(self, drill, commander):
        with pytest.raises(steering.NoSuchPace):
            steering.keep_pace(outbreak=drill, pace=77.0, by=commander, now=MORNING)
        with pytest.raises(steering.NotPlayed):
            steering.leave_to_people(outbreak=drill, roles=[Role.SUPERVISOR], by=commander, now=MORNING)
        assert not steering.lines(drill, steering.STEERED).exists()

    def test_every_duty_is_of_a_role_that_people_can_play_or_always_the_script_s(self):
        assert set(officers.DUTY_OF) == set(officers.DUTIES)
        assert not set(officers.ALWAYS_SCRIPTED) & set(steering.PLAYED)
        assert (
            set(officers.DUTY_OF.values()) - set(officers.ALWAYS_SCRIPTED) == set(steering.PLAYED) == set(control.PLAYS)
        )
        assert set(control.PACES) == set(steering.PACES)

    def test_what_people_play_the_script_leaves(self, monkeypatch):
        done = []
        duties = {name: lambda _office, _now, name=name: done.append(name) or 1 for name in officers.DUTIES}
        monkeypatch.setattr(officers, "DUTIES", duties)
        office = officers.Office(NOTHING_PLAYED, None, {}, None, by_people={Role.INVESTIGATOR, Role.COMMANDER})
        assert set(officers.work(office, MORNING)) == set(done)
        left = {name for name, role in officers.DUTY_OF.items() if role in office.by_people}
        assert set(duties) - set(done) == left
        assert left >= {"investigate", "diagnose", "approve_areas"}

    def test_between_office_hours_only_those_on_duty_work(self, monkeypatch):
        duties = dict.fromkeys(officers.DUTIES, lambda _office, _now: 1)
        monkeypatch.setattr(officers, "DUTIES", duties)
        office = officers.Office(NOTHING_PLAYED, None, {}, None, by_people={Role.ISOLATION_COORDINATOR})
        field = {
            "serve_orders", "clean_rooms", "look_after_rooms", "look_at_homes", "receive_at_home", "man_vehicles",
            "tell_of_trips", "send_vehicles", "call_back",
        }  # fmt: skip
        done = set(officers.work(office, MORNING, officers.ON_DUTY))
        assert done == {"verify_hints", "answer_alerts", "hold_pools"} | field


class TestTheClock:
    def test_goes_on_from_the_morning_and_waits_before_the_office_hours(self, drill):
        lived(drill, 2)
        written = Event.objects.filter(verb=clock.SET).latest("pk").written_at
        assert clock.present(drill, written) == MORNING
        assert clock.present(drill, written + timedelta(minutes=7)) == MORNING + timedelta(minutes=7)
        assert clock.present(drill, written + timedelta(days=1)) == MORNING.replace(hour=10, minute=59, second=59)
        assert clock.present(drill, written - timedelta(seconds=5)) == MORNING  # two machines' clocks differ a little

    def test_is_the_machine_s_where_nothing_is_rehearsed(self):
        factories.outbreak(kind=OutbreakKind.REPLAY)
        assert clock.drill_here() is None
        assert clock.present(None, MORNING) == MORNING

    def test_what_people_do_bears_the_time_of_the_drill(self, drill, commander):
        """Also when they look at an earlier day: its city has been lived, and cannot be changed any more."""
        lived(drill, 2)
        task = drill.tasks.create(
            kind=TaskKind.FULL_REPORT, role=Role.COMMANDER, area_code="130109", subject_kind="case", subject_id=1,
            subject_label="x", asked_at=MORNING, source_key="t",
        )  # fmt: skip
        client = signed_in(commander)
        client.post(f"/tasks/{task.pk}/receive/?day=2021-01-05")
        task.refresh_from_db()
        assert MORNING <= task.received_at < MORNING + timedelta(hours=3)

    def test_days_to_come_cannot_be_looked_at(self, drill, commander):
        lived(drill, 2)
        assert signed_in(commander).get("/tasks/?day=2021-01-06").status_code == 200
        assert signed_in(commander).get("/tasks/?day=2021-01-07").status_code == 400

    def test_does_not_pass_midnight_while_somebody_acts(self, drill):
        """Held by two connections: the second waits for the first, and says so."""
        other = connections.create_connection("default")
        try:
            with clock.held(drill), other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [clock.ACTS, drill.pk])
                assert cursor.fetchone() == (False,)
                cursor.execute("SELECT pg_try_advisory_lock_shared(%s, %s)", [clock.ACTS, drill.pk])
                assert cursor.fetchone() == (True,)
                cursor.execute("SELECT pg_advisory_unlock_all()")
            with clock.passing_midnight(drill), other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock_shared(%s, %s)", [clock.ACTS, drill.pk])
                assert cursor.fetchone() == (False,)
        finally:
            _let_go(other)


class TestTheWheel:
    def test_is_held_by_one(self, drill):
        assert not wheel.is_taken(drill)
        other = connections.create_connection("default")
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s, %s)", [wheel.CARRIES, drill.pk])
            assert wheel.is_taken(drill)
            with pytest.raises(wheel.CarriedElsewhere, match="town"):
                wheel.take(drill)
        finally:
            _let_go(other)
        wheel.take(drill)
        assert wheel.is_taken(drill)
        _let_go(connection, stays_open=True)


def _let_go(one, *, stays_open=False):
    """Let go of all locks: a connection that goes back to its pool keeps them."""
    with one.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")
    if not stays_open:
        one.close()


class Played:
    """A drill whose days do nothing but pass; what carries it is looked at, not its city."""

    def __init__(self, drill):
        self.outbreak, self.office, self.done = drill, officers.Office(None, drill, {}, None), []

    @property
    def next_day(self):
        return steering.days_done(self.outbreak)

    @property
    def is_over(self):
        return self.next_day >= DAYS

    @property
    def is_awake(self):
        return steering.is_awake(self.outbreak)

    def wake(self):
        self.done.append(f"morning {self.next_day}")
        journal.write(steering.MORNING_DONE, self.outbreak, by=None, at=MORNING, day=self.next_day)

    def carry(self):
        self.done.append(f"day {self.next_day}")
        journal.write(steering.DAY_DONE, self.outbreak, by=None, at=MORNING, day=self.next_day)

    def advance(self, now):
        self.done.append("loop")


class TestDriving:
    @pytest.fixture
    def played(self, drill):
        return Played(drill)

    @pytest.fixture
    def drive(self, played, settings, tmp_path, monkeypatch):
        settings.DRILL_REPORT = tmp_path / "told.json"
        self.seconds = 0.0
        monkeypatch.setattr(answering, "answer", lambda *_: 0)  # its office has nobody to ask
        return driving.Driving(played, facts=lambda one: {"days": one.next_day}, seconds=lambda: self.seconds)

    def turns(self, drive, n):
        return [drive.turn(MORNING) for _ in range(n)]

    def test_comes_to_its_first_morning_and_waits_there(self, drive, played):
        assert self.turns(drive, 3) == [0.0, driving.LOOKS_EVERY, driving.LOOKS_EVERY]
        assert played.done == ["morning 0"]

    def test_lives_one_day_when_told_so_and_waits_in_the_next_morning(self, drive, played, drill, commander):
        self.turns(drive, 1)
        steering.keep_pace(outbreak=drill, pace=None, by=commander, now=MORNING)
        steering.step(outbreak=drill, by=commander, now=MORNING)
        self.turns(drive, 4)
        assert [one for one in played.done if one != "loop"] == ["morning 0", "day 0", "morning 1"]

    def test_keeps_the_pace(self, drive, played, drill, commander):
        self.turns(drive, 1)
        steering.keep_pace(outbreak=drill, pace=2.0, by=commander, now=MORNING)
        steering.go(outbreak=drill, by=commander, now=MORNING)
        self.seconds = 29.9
        self.turns(drive, 2)
        assert "day 0" not in played.done
        self.seconds = 30.0
        self.turns(drive, 3)
        assert [one for one in played.done if one != "loop"] == ["morning 0", "day 0", "morning 1"]

    def test_goes_to_the_end_and_tells_of_it(self, drive, played, drill, commander):
        steering.keep_pace(outbreak=drill, pace=None, by=commander, now=MORNING)
        steering.go(outbreak=drill, by=commander, now=MORNING)
        self.turns(drive, 2 * DAYS + 2)
        assert played.is_over
        assert report_file.read(drill)["facts"] == {"days": DAYS}
        assert not report_file.is_wanted(drill)

    def test_follows_up_what_people_did_and_not_what_the_loop_did(self, drive, played, drill, commander):
        self.turns(drive, 2)
        self.seconds = driving.LOOPS_EVERY
        self.turns(drive, 1)
        loops = played.done.count("loop")
        self.seconds *= 2
        self.turns(drive, 1)
        assert played.done.count("loop") == loops  # nobody did anything
        journal.write("case.seen", drill, by=commander, at=MORNING)
        self.seconds *= 2
        self.turns(drive, 1)
        assert played.done.count("loop") == loops + 1

    def test_leaves_to_people_what_is_left_to_people(self, drive, played, drill, commander):
        steering.leave_to_people(outbreak=drill, roles=[Role.REPORTER], by=commander, now=MORNING)
        self.turns(drive, 1)
        assert played.office.by_people == {Role.REPORTER}

    def test_works_out_the_report_when_asked(self, drive, drill, commander):
        lived(drill, 1)
        assert not report_file.is_wanted(drill)
        report_file.ask(outbreak=drill, by=commander, now=MORNING)
        assert report_file.is_wanted(drill)
        self.turns(drive, 1)
        assert report_file.read(drill)["facts"] == {"days": 1}
        assert not report_file.is_wanted(drill)


class TestPages:
    def test_are_there_where_a_drill_is(self, commander):
        factories.area("1301", "石家庄")
        factories.outbreak(area_code="1301")
        client = signed_in(commander)
        assert client.get("/drill/").status_code == 409
        assert b'href="/drill/' not in client.get("/").content
        assert b"drill-band" not in client.get("/").content

    @pytest.mark.parametrize("page", ["/", "/tasks/", "/people/", "/protocol/", "/drill/", "/nowhere/"])
    def test_say_drill_all_of_them(self, drill, commander, page):
        lived(drill, 1)
        said = signed_in(commander).get(page).content.decode()
        assert "演练" in said
        assert "DRILL" in said
        assert 'href="/drill/' in said

    def test_the_page_to_sign_in_says_so_too(self, drill):
        assert "DRILL" in Client().get("/accounts/login/").content.decode()

    def test_buttons_steer(self, drill, commander):
        lived(drill, 1)
        client = signed_in(commander)
        for told in (
            {"act": "pace", "pace": "6.0"},
            {"act": "roles", "role": ["reporter", "commander"]},
            {"act": "go"},
        ):
            assert client.post("/drill/steer/", told).status_code == 302
        assert steering.standing(drill) == steering.Steering(DAYS, 6.0, frozenset({Role.REPORTER, Role.COMMANDER}))
        assert client.post("/drill/steer/", {"act": "pause"}).status_code == 302
        assert steering.standing(drill).until == 0
        assert client.post("/drill/steer/", {"act": "fly"}).status_code == 409
        assert client.post("/drill/steer/", {"act": "pace", "pace": "1e9"}).status_code == 409

    def test_tell_how_far_it_is_and_who_signed_in(self, drill, commander):
        lived(drill, 2)
        commander.last_login = MORNING
        commander.save()
        factories.account(role=Role.REPORTER, area_code="1301", username="reporter_1301")
        said = signed_in(commander).get("/drill/").content.decode()
        assert "2 of 5 days" in said
        assert commander.display_name in said
        assert "reporter_1301" in said

    def test_tell_what_the_command_came_to_so_far(self, drill, commander):
        lived(drill, 2)
        DailyReport.objects.create(
            outbreak=drill, area_code="130109", first_date=date(2021, 1, 4), date=date(2021, 1, 4), figures={},
            is_zero=True, drafted_at=MORNING - timedelta(days=1), source_key="report",
        )  # fmt: skip
        said = signed_in(commander).get("/drill/").content.decode()
        assert '<td>Reports missing</td><td class="number">1</td>' in said
        assert "Share of receipts" not in said  # nobody was ordered anything

    def test_who_plays_in_it_cannot_look_at_the_truth(self, drill, commander, settings, tmp_path):
        settings.DRILL_REPORT = tmp_path / "told.json"
        lived(drill, 2)
        duty = factories.account(role=Role.DUTY_OFFICER, area_code="1301")
        assert signed_in(duty).get("/drill/report/").status_code == 409
        assert signed_in(duty).get("/drill/report/pdf/").status_code == 409
        assert signed_in(duty).post("/drill/report/ask/").status_code == 403
        assert signed_in(commander).get("/drill/report/").status_code == 200
        assert signed_in(commander).get("/drill/report/pdf/").status_code == 409  # not worked out yet
        assert signed_in(commander).post("/drill/report/ask/").status_code == 302
        assert report_file.is_wanted(drill)

    def test_tell_investigators_what_cases_say(self, drill, commander, settings, tmp_path):
        settings.DRILL_REPORT = tmp_path / "report.json"
        lived(drill, 1)
        case = factories.case(
            within=drill, of=factories.person(number="town-1"), area_code="130109", number="town-case-1"
        )
        said = {
            "person": "town-1", "asked_at": "2021-01-05 08:00", "onset": "2021-01-03",
            "visits": [["2021-01-02 09:00", "2021-01-02 10:00", "演练超市", "supermarket", "130109"]],
            "contacts": [["town-2", "2021-01-04"]],
        }  # fmt: skip
        told_file.path().write_text(json.dumps({"drill": "town", "told": {case.number: said}}))
        investigator = factories.account(role=Role.INVESTIGATOR, area_code="1301")
        page = signed_in(investigator).get("/drill/told/").content.decode()
        for text in ("town-case-1", "Fell ill on 2021-01-03", "演练超市", "Supermarket", "town-2"):
            assert text in page
        assert signed_in(commander).get("/drill/told/").status_code == 403
        elsewhere = factories.account(role=Role.INVESTIGATOR, area_code="130109110")
        assert "town-case-1" not in signed_in(elsewhere).get("/drill/told/").content.decode()

    def test_speak_chinese(self, drill, commander):
        lived(drill, 1)
        client = signed_in(commander)
        client.cookies["django_language"] = "zh-hans"
        assert "岗位扮演" in client.get("/drill/").content.decode()
        with translation.override("zh-hans"):
            assert str(control.PLAYS[Role.REPORTER]) == "报送日报"


class TestTheMap:
    def test_of_a_drill_shows_the_counties_of_its_city(self, drill, commander):
        drawn = signed_in(commander).get("/situation/boundaries/town/").json()
        codes = {str(one["properties"]["adcode"]) for one in drawn["features"]}
        assert "130109" in codes
        assert {code[:4] for code in codes} == {"1301"}

    @pytest.fixture
    def elsewhere(self, settings, tmp_path):
        settings.DRILL_MAP = tmp_path / "map.geojson"
        factories.area("44", "广东")
        factories.area("4401", "广州")
        return outbreaks.open(
            slug="guangzhou-2021", name="远", name_en="far", disease="COVID-19", kind=OutbreakKind.DRILL,
            area_code="4401", first_date=date(2021, 5, 21), last_date=date(2021, 6, 24), by=None, now=MORNING,
        )  # fmt: skip

    @pytest.fixture
    def duty(self, elsewhere):
        return signed_in(factories.account(role=Role.DUTY_OFFICER, area_code="4401"))

    def test_is_left_out_where_nothing_is_drawn(self, elsewhere, duty):
        assert duty.get(f"/situation/boundaries/{elsewhere.slug}/").status_code == 404
        assert "data-map-remark" not in duty.get("/").content.decode()

    def test_of_a_drill_elsewhere_is_a_sketch_and_says_so(self, elsewhere, duty):
        told = scenario.load("guangzhou-2021")
        sketch.write(told, {one.code: f"区{one.code}" for one in told.seats})
        drawn = duty.get(f"/situation/boundaries/{elsewhere.slug}/").json()
        assert {one["properties"]["adcode"] for one in drawn["features"]} == {one.code for one in told.seats}
        assert "A sketch: cells around the seats" in duty.get("/").content.decode()
        assert "A sketch: cells around the seats" in duty.get("/signals/").content.decode()

    def test_of_another_drill_is_none(self, elsewhere, duty):
        sketch.write(scenario.load("xian-2021"), {"610113": "雁塔"})
        assert duty.get(f"/situation/boundaries/{elsewhere.slug}/").status_code == 404

    def test_cells_hold_their_seats_and_fill_the_frame(self):
        """The areas of all cells are that of the frame, so that they neither overlap nor leave a hole."""
        told = scenario.load("guangzhou-2021")
        shapes = sketch.sketch(told, {one.code: one.code for one in told.seats})["features"]
        rings = [np.array(one["geometry"]["coordinates"][0]) for one in shapes]
        every = np.concatenate(rings)
        width, height = np.ptp(every, axis=0)
        assert sum(abs(area(ring)) for ring in rings) == pytest.approx(width * height, rel=1e-3)
        for one, ring in zip(told.seats, rings, strict=True):
            turns = [cross(ring[n], ring[n + 1], (one.longitude, one.latitude)) for n in range(len(ring) - 1)]
            assert all(turn > 0 for turn in turns), one.code

    def test_is_of_squares_where_no_seats_are_told(self):
        told = replace(scenario.load("guangzhou-2021"), seats=())
        names = {"44": "广东", "4401": "广州", "440103": "荔湾", "440104": "越秀", "440103007": "街道", "4402": "韶关"}
        drawn = sketch.sketch(told, names)
        assert drawn["drawn"] == "squares"
        assert [one["properties"]["name"] for one in drawn["features"]] == ["荔湾", "越秀"]
        first, second = (one["geometry"]["coordinates"][0] for one in drawn["features"])
        assert first[1] == second[0]  # side by side


def cross(one, other, third):
    """Twice the area of a triangle, above 0 where it turns to the left."""
    return (other[0] - one[0]) * (third[1] - one[1]) - (other[1] - one[1]) * (third[0] - one[0])


def area(ring):
    return sum(cross((0, 0), ring[n], ring[n + 1]) for n in range(len(ring) - 1)) / 2

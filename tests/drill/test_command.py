"""The command in a drill: directives, daily reports, requests, levels, teams and outcomes, each at its own moment."""

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import numpy as np
import pytest
from django.test import override_settings
from django.utils import translation

from sizao.drill.rehearsal import effects, lodging, marks, officers, report_words, run, scores
from sizao.drill.rehearsal.command import acts
from sizao.drill.rehearsal.command import work as command
from sizao.drill.rehearsal.command.acts import Waiting
from sizao.drill.rehearsal.command.outcomes import _turn
from sizao.drill.rehearsal.command.shares import in_time
from sizao.drill.rehearsal.illness import Course
from sizao.drill.rehearsal.looking import Looking
from sizao.drill.rehearsal.scenario import RehearsalUnreadable
from sizao.records.models import (
    CallAnswer,
    CaseChange,
    CaseFact,
    CooperationRequest,
    DailyReport,
    Directive,
    DirectiveAct,
    DirectivePart,
    Event,
    LevelDecision,
    LevelProposal,
    Stay,
)
from sizao.terms import CaseFactKind, LevelProposalState, PartState, Role, StayKind
from tests.drill import test_rehearsal
from tests.drill.test_rehearsal import TOWN, begun, read

TWO_COUNTIES = (
    TOWN.replace('area_code = "130109"', 'area_code = "13"', 1)
    .replace("hamlet", "command")
    .replace("[life]", "[life]\ntravelling = 0.3")
    .replace(
        "[[beginnings]]", '[[residents]]\ncode = "130123100"\npopulation = 900\nbasis = "generated"\n[[beginnings]]'
    )
)
PLAYED = f"""{TWO_COUNTIES}
[command]
plays = ["directives", "reports", "cooperation", "levels", "teams", "outcomes"]
unreported = 0.0
[[directives]]
by = "1301"
areas = ["130109"]
levels = ["county", "street", "village"]
title = "排查"
text = "逐户排查"
items = ["排查", "上报"]
"""
MORE_NAMES = {"130123": "正定", "130123100": "正定镇", "130123100200": "丙村"}
UNTIL = 4
NIGHT = datetime(2021, 1, 5, 23, tzinfo=timezone(timedelta(hours=8)))


class TestScenario:
    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ('plays = ["directives", ', "plays = [", "directives.. are told, and .command. does not play them"),
            ('plays = ["directives"', 'plays = ["prayers"', "plays is 'prayers' and must be directives or reports"),
            ('by = "1301"', 'by = "130109110"', "130109 does not lie in 130109110, whose commander issues it"),
            ('areas = ["130109"]', 'areas = ["41"]', "41 lies outside the area of the drill"),
            ('items = ["排查", "上报"]', "items = []", "areas, levels and items hold at least one each"),
            ("unreported = 0.0", "unreported = 1.5", "must be a share from 0 to 1"),
            ("unreported = 0.0", "team_members = 0", "team_members is below 1"),
        ],
    )
    def test_a_wrong_one_is_refused_with_its_key(self, was, becomes, told):
        with pytest.raises(RehearsalUnreadable, match=told):
            read(PLAYED.replace(was, becomes))

    def test_a_drill_without_command_is_summed_up_as_before(self):
        """So that one which was begun before there was a command goes on."""
        plain = read(TOWN)
        assert "command" not in repr(plain)
        assert marks.of_scenario(plain) != marks.of_scenario(read(f'{TOWN}\n[command]\nplays = ["levels"]'))


class TestActs:
    def test_each_comes_at_its_moment_and_those_of_the_night_in_the_morning(self):
        done = []
        hours = {"b": 10, "a": 9, "early": -5, "late": 13, "people": 9}

        def waiting(office, now):
            for name, hour in hours.items():
                role = Role.COMMANDER if name == "people" else Role.REPORTER
                if name not in [one for one, _ in done]:
                    yield Waiting(
                        name, "act", role, NIGHT + timedelta(hours=1 + hour),
                        lambda at, name=name: done.append((name, (at - NIGHT) / timedelta(hours=1) - 1)),
                    )  # fmt: skip

        assert acts.carry_out(_office({Role.COMMANDER}), [waiting], NIGHT + timedelta(hours=13)) == {"act": 3}
        assert done == [("early", 8), ("a", 9), ("b", 10)]

    def test_a_delay_is_the_same_each_time_and_of_the_mean_that_was_told(self):
        office = _office()
        delays = [acts.delay(office, f"thing {n}", 5) / timedelta(hours=1) for n in range(2000)]
        assert delays == [acts.delay(office, f"thing {n}", 5) / timedelta(hours=1) for n in range(2000)]
        assert np.mean(delays) == pytest.approx(5, rel=0.1)
        assert np.median(delays) < 4  # many short ones
        assert min(delays) > 0

    def test_a_share_happens_to_as_many(self):
        found = sum(acts.happens(_office(), f"thing {n}", 0.2) for n in range(2000))
        assert found == pytest.approx(400, rel=0.15)


def _office(by_people=()):
    midnight = NIGHT + timedelta(hours=1)
    life = SimpleNamespace(day_of=lambda at: 0, moment=lambda day, clock: midnight + timedelta(hours=clock.hour))
    rehearsal = SimpleNamespace(seed=5, habits=SimpleNamespace(morning_hour=8))
    return SimpleNamespace(rehearsal=rehearsal, asking=SimpleNamespace(life=life), by_people=set(by_people))


class TestOutcomes:
    @pytest.mark.parametrize(
        ("today", "dies", "entered", "expected"),
        [
            (4, False, set(), None),
            (5, False, set(), CaseFactKind.SEVERE),
            (6, False, {CaseFactKind.SEVERE}, None),
            (9, False, {CaseFactKind.SEVERE}, CaseFactKind.EASED),
            (9, False, {CaseFactKind.SEVERE, CaseFactKind.EASED}, None),
            (9, False, set(), None),
            (8, True, {CaseFactKind.SEVERE}, None),
            (9, True, {CaseFactKind.SEVERE}, CaseFactKind.DIED),
            (10, True, {CaseFactKind.SEVERE, CaseFactKind.DIED}, None),
        ],
    )
    def test_what_an_illness_has_come_to_is_entered_once(self, today, dies, entered, expected):
        assert _turn(Course(severe=5, ends=9, dies=dies), entered, today) == expected


def test_in_time_is_what_was_done_by_its_moment_of_all_whose_moment_is_over():
    at = [NIGHT + timedelta(hours=n) for n in range(6)]
    rows = [
        (at[2], at[1]), (at[2], at[2]),  # in time
        (at[1], at[2]), (at[1], None), (at[1], at[5]),  # late; not done; not done yet
        (at[4], None), (None, at[1]),  # not due yet; no time
    ]  # fmt: skip
    assert in_time(rows, at[3]) == 2 / 5
    assert in_time([], at[3]) is None


@pytest.fixture
def two_counties(monkeypatch, tmp_path):
    monkeypatch.setattr(test_rehearsal, "NAMES", test_rehearsal.NAMES | MORE_NAMES)
    with override_settings(PRESENCES_DIR=tmp_path):
        yield


@pytest.mark.django_db
def test_every_level_does_its_part_in_its_own_time(two_counties, monkeypatch):
    # Somebody dies on the third day, so that a death is among what happened.
    monkeypatch.setattr("sizao.drill.rehearsal.illness.Illness.courses", _the_first_case_dies([]))
    running = begun(PLAYED)
    # For two days nobody reports: the script leaves it to people, and there are none.
    running.office.by_people.add(Role.REPORTER)
    run.run(running, until=2, tell=lambda *_: None)
    _reports_that_nobody_submits_are_missing(running)
    running.office.by_people.clear()
    run.run(running, until=UNTIL, tell=lambda *_: None)
    until = running.life.moment(UNTIL)
    _directives_are_received_done_and_accepted_level_by_level()
    _reports_go_up_and_are_decided_above(running)
    _levels_are_decided_as_proposed_and_teams_are_called(running)
    _contacts_who_live_elsewhere_are_asked_about(until)
    _who_died_lies_nowhere_and_meets_nobody(running)
    _scores_are_those_of_the_records(running)
    _stopping_and_going_on_is_as_going_on(running)
    now = running.life.moment(UNTIL - 1, run.EVENING)
    officers.work(running.office, now)
    assert {name: done for name, done in officers.work(running.office, now).items() if done} == {}
    _who_goes_home_is_entered_as_discharged_or_released(running)


def _the_first_case_dies(chosen):
    """Let the case that is confirmed first be severely ill from the second day on and die on the third."""

    def courses(self, people):
        chosen.extend(people[:1] if not chosen else ())
        return {int(one): Course(severe=1, ends=2, dies=True) for one in chosen}

    return courses


def _reports_that_nobody_submits_are_missing(running):
    assert not DailyReport.objects.filter(submitted_at__isnull=False).exists()
    grouped = {"command": scores.command(Looking(running))}
    found = {one.key: one.value for one in grouped["command"]}
    # Two days are over, and the time of the first one's reports: of a province, a city and two counties.
    assert found["reports_missing"] == found["reports_owed"] == 4
    assert found["reports_in_time"] == 0
    scored = [[one.key, one.zh, one.en, one.value, one.unit] for told in grouped.values() for one in told]
    groups = {name: [one.key for one in told] for name, told in grouped.items()}
    facts = {"groups": groups, "first_date": "2021-01-04", "name": "", "name_en": "", "scored": scored}
    with translation.override("zh-hans"):
        shown = [row for one in report_words.stages(report_words._Told(facts)) for row in one.table.rows]
    assert ("漏报", "4") in shown


def _directives_are_received_done_and_accepted_level_by_level():
    parts = DirectivePart.objects.order_by("level", "area_code")
    assert [(one.area_code, one.state) for one in parts] == [
        (code, PartState.ACCEPTED) for code in ("130109", "130109110", "130109110200", "130109110201")
    ]
    for one in parts:
        assert one.issued_at < one.received_at < one.told_at <= one.closed_at < one.decided_at
        assert one.checks == [0, 1]
        # Who asked is who decides, and the level above is done when all below it is.
        assert all(below.decided_at < one.closed_at for below in one.below.all())
    by_level = {act.part.level: act.made_by for act in DirectiveAct.objects.filter(kind="received")}
    assert by_level[6] == "scripted_duty_officer_130109"
    assert by_level[12].startswith("scripted_grid_worker_1301091102")
    # Moments are those of the acts: not all fall on the hours at which officers work.
    assert {one.received_at.minute for one in parts} != {0}
    assert Directive.objects.get().issued_by == "scripted_commander_1301"


def _reports_go_up_and_are_decided_above(running):
    over = running.outbreak.first_date, running.rehearsal.date_of(UNTIL - 2)
    rows = DailyReport.objects.filter(outbreak=running.outbreak, date__range=over).of_areas().standing()
    assert set(rows.values_list("area_code", flat=True)) == {"13", "1301", "130109", "130123"}
    submitted = rows.filter(submitted_at__isnull=False).select_related("submitted_by")
    assert submitted.count() == 4 * (UNTIL - 1)
    assert all(one.submitted_by.area_code == one.area_code for one in submitted)
    decided = submitted.filter(approved_at__isnull=False)
    assert decided.exists()
    assert {(one.area_code, one.approved_by.rpartition("_")[2]) for one in decided} <= {
        ("13", "13"), ("1301", "13"), ("130109", "1301"), ("130123", "1301"),
    }  # fmt: skip


def _levels_are_decided_as_proposed_and_teams_are_called(running):
    made = LevelDecision.objects.filter(outbreak=running.outbreak)
    assert {"130109", "1301"} <= set(made.values_list("area_code", flat=True))
    settled = LevelProposal.objects.filter(outbreak=running.outbreak, state=LevelProposalState.DECIDED)
    assert settled.exists()
    assert all(one.settled_by == f"scripted_commander_{one.area_code}" for one in settled)
    answers = CallAnswer.objects.filter(area_code="130109")
    assert answers.filter(ready_at__isnull=False, people=4).exists()
    for one in answers.filter(ready_at__isnull=False):
        assert one.called_at < one.answered_at < one.ready_at


def _contacts_who_live_elsewhere_are_asked_about(until):
    sent = list(CooperationRequest.objects.filter(is_incoming=False))
    assert sent
    for one in sent:
        assert {one.area_code, one.authority.area_code} == {"130109", "130123"}
        assert all(person.area_code.startswith(one.authority.area_code) for person in one.people.all())
    answered = [one for one in sent if one.answered_at is not None]
    assert answered
    assert all(one.sent_at < one.answered_at < until for one in answered)


def _who_died_lies_nowhere_and_meets_nobody(running):
    fact = CaseFact.objects.get(kind=CaseFactKind.DIED)
    person = fact.case.person
    assert running.life.day_of(fact.happened_at) >= 2
    assert not Stay.objects.filter(person=person, period__contains=running.life.moment(UNTIL)).exists()
    assert not Stay.objects.filter(person=person, kind=StayKind.BED, period__upper_inf=True).exists()
    day = running.life.day_of(fact.recorded_at) + 1
    effects.keep_the_dead(running.life, running.outbreak, day, running.life.moment(day))
    number = np.array([running.life.person(person.number)])
    assert running.life.kept(number, np.array([day + running.life.lead])).all()
    died_on = running.outbreak.day_of(fact.happened_at)
    report = DailyReport.objects.filter(area_code=fact.case.area_code[:6], date=died_on).standing().get()
    assert report.figures["died"] == 1


def _scores_are_those_of_the_records(running):
    grouped = scores.grouped(Looking(running))
    found = {one.key: one.value for one in grouped["command"]}
    assert found["directive_parts"] == 4
    assert found["directives_accepted"] == 4
    assert 0 < found["hours_to_receipt"] < 24
    # Those of the first two days came on the third, when the time of both was over: an emergency wants them in the
    # morning. The other days were in time.
    assert found["reports_missing"] == 0
    assert found["reports_late"] == 4 * 2
    assert found["reports_owed"] == 4 * (UNTIL - 1)
    assert found["reports_in_time"] == pytest.approx(1 - 2 / (UNTIL - 1))
    assert found["requests_sent"] == CooperationRequest.objects.count()
    assert found["outcome_died"] == 1
    assert found["teams_called"] == CallAnswer.objects.count()
    clocks = {one.key: one.value for one in grouped["clocks_by_stage"]}
    assert found["requests_sent_in_time"] == 1
    assert {"clocks_tasks", "clocks_reports", "clocks_cases"} <= set(clocks)
    assert all(0 <= value <= 1 for value in clocks.values())


def _who_goes_home_is_entered_as_discharged_or_released(running):
    now = running.life.moment(UNTIL - 1, run.EVENING)
    lying = Stay.objects.filter(kind=StayKind.BED, period__contains=now, person__cases__status="confirmed")
    one, other = lying.order_by("pk")[:2]
    other.person.cases.update(status="asymptomatic")
    CaseChange.objects.filter(case__person=other.person).update(status="asymptomatic")
    by = running.office.staff[Role.ISOLATION_COORDINATOR]
    lodging.send_home([one, other], discharged=True, by=by, now=now - timedelta(minutes=9))
    assert command.work(running.office, now)["enter_outcomes"] == 2
    entered = CaseFact.objects.filter(case__person__in=[one.person, other.person]).order_by("case")
    assert {fact.case.person_id: fact.kind for fact in entered} == {
        one.person_id: CaseFactKind.DISCHARGED, other.person_id: CaseFactKind.RELEASED,
    }  # fmt: skip


def _stopping_and_going_on_is_as_going_on(running):
    lines = Event.objects.count()
    again = begun(PLAYED)
    assert again.next_day == UNTIL
    assert (again.life.outbreak.infected == running.life.outbreak.infected).all()
    assert Event.objects.count() == lines

"""The command centre: every number is the number of its rows, at every moment as it was known then."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from sizao.records.models import (
    Alert,
    Contact,
    Finding,
    IsolationOrder,
    Signal,
    Team,
    TeamLoan,
    TestingRound,
    TransferRequest,
    TransferVehicle,
)
from sizao.response.reports import command, situation
from sizao.response.reports.command import Watch, full
from sizao.terms import CaseStatus, CommandFigure, CommandPart, ContactState, OutbreakKind, ResponseLevel, TaskKind
from tests import factories
from tests.response.command_world import COUNTY, HOUR, NOON, VILLAGE, World, filled

pytestmark = pytest.mark.django_db
BEFORE, NOW, SINCE, NEXT_DAY = NOON - 3 * HOUR, NOON, NOON + 2 * HOUR, NOON + 24 * HOUR
F = CommandFigure

# By figure: an hour before anything was known, at noon, two hours later.
EXPECTED = {
    F.CONFIRMED: (0, 1, 2),
    F.ASYMPTOMATIC: (1, 1, 0),
    F.PRELIMINARY: (0, 1, 0),
    F.CONTACTS_PLACED: (0, 0, 1),
    F.CONTACTS_FOUND: (0, 1, 1),
    F.AREAS_HIGH: (1, 1, 1),
    F.AREAS_MEDIUM: (0, 1, 1),
    F.ALERTS_WAITING: (0, 2, 2),
    F.SIGNALS_WAITING: (0, 1, 1),
    F.TASKS_OPEN: (0, 3, 3),
    F.TASKS_LATE: (0, 2, 1),
    F.ALERTS_LATE: (0, 1, 1),
    F.TRANSFERS_LATE: (0, 1, 1),
    F.ARRIVALS_LATE: (0, 1, 1),
    F.FINDINGS_LATE: (0, 2, 1),
    F.ROOMS_TAKEN: (1, 3, 2),
    F.BEDS_TAKEN: (0, 1, 1),
    F.VEHICLES_OUT: (0, 1, 0),
    F.LABORATORIES_FULL: (0, 0, 0),
    F.AHEAD_TASKS: (0, 1, 1),
    F.AHEAD_ALERTS: (0, 1, 0),
    F.AHEAD_TRANSFERS: (0, 1, 0),
    F.AHEAD_ROUNDS: (0, 1, 1),
    F.AHEAD_RELEASES: (0, 1, 1),
    F.AHEAD_ZONES: (0, 1, 1),
    F.AHEAD_LEVELS: (0, 1, 1),
    F.AHEAD_LOANS: (0, 0, 0),  # teams belong to real life
}


@pytest.fixture
def world(noise):
    return filled()


def at(world, moment, area_code="13"):
    return Watch(world.outbreak, area_code, moment)


@pytest.mark.parametrize("moment", [BEFORE, NOW, SINCE])
def test_the_situation_counts_the_same_risk_areas(world, moment):
    day = world.outbreak.day_of(moment)
    found = situation.read(world.outbreak, "13", day=day, last_date=day, as_of=moment).figures
    counted = [command.count(figure, at(world, moment)) for figure in (F.AREAS_HIGH, F.AREAS_MEDIUM)]
    assert [found.areas_high, found.areas_medium] == counted


def test_every_figure_is_expected_here():
    assert set(EXPECTED) == set(CommandFigure) == set(command.FIGURES)


@pytest.mark.parametrize("figure", CommandFigure)
class TestAFigure:
    def test_is_as_it_was_known(self, world, figure):
        assert tuple(command.count(figure, at(world, moment)) for moment in (BEFORE, NOW, SINCE)) == EXPECTED[figure]

    def test_is_the_number_of_its_rows(self, world, figure):
        for moment in (BEFORE, NOW, SINCE, NEXT_DAY):
            for area in ("13", COUNTY, VILLAGE, "130581"):
                watch = at(world, moment, area)
                assert len(command.rows(figure, watch)) == command.count(figure, watch)

    def test_pages_through_its_rows(self, world, figure):
        watch = at(world, NOW)
        whole = command.rows(figure, watch)
        assert [row for n in range(len(whole)) for row in command.rows(figure, watch, start=n, most=1)] == whole

    def test_lies_in_the_area_asked_for(self, world, figure):
        assert all(row.area_code.startswith("1301") for row in command.rows(figure, at(world, NOW, "1301")))
        assert command.count(figure, at(world, NOW, "1302")) == 0

    def test_has_no_outbreak_in_routine(self, world, figure):
        # All here belongs to a drill; only what no outbreak owns is left: rooms, beds and vehicles.
        found = command.count(figure, Watch(None, "13", NOW))
        of_no_outbreak = {F.ROOMS_TAKEN, F.BEDS_TAKEN, F.VEHICLES_OUT, F.LABORATORIES_FULL}
        assert found == (EXPECTED[figure][1] if figure in of_no_outbreak else 0)


def test_the_end_of_a_loan_is_ahead_on_both_sides(world):
    team = Team.objects.create(
        name="流调一队", kind="investigation", area_code=COUNTY, registered_at=BEFORE, registered_by="x"
    )
    TeamLoan.objects.create(
        team=team, from_area_code=COUNTY, to_area_code="130581", starts_at=BEFORE, ends_at=NOW + 5 * HOUR,
        agreed_from="x", agreed_to="x", lent_at=BEFORE, lent_by=world.officer,
    )  # fmt: skip
    for area in ("13", COUNTY, "130581"):
        (row,) = command.rows(F.AHEAD_LOANS, Watch(None, area, NOW))
        assert (row.area_code, row.due_at) == ("130581", NOW + 5 * HOUR)
    assert command.count(F.AHEAD_LOANS, Watch(None, "1302", NOW)) == 0
    assert command.count(F.AHEAD_LOANS, Watch(None, "13", NOW, hours=2)) == 0


class TestWhere:
    def test_says_what_changed_since_yesterday(self, world):
        told = command.where(at(world, SINCE)).figures
        assert (told[F.CONFIRMED].now, told[F.CONFIRMED].change) == (2, 2)
        assert (told[F.ASYMPTOMATIC].now, told[F.ASYMPTOMATIC].change) == (0, -1)

    def test_counts_cases_by_county(self, world):
        world.case((CaseStatus.CONFIRMED, NOW), area_code="130581")
        assert command.where(at(world, SINCE)).counties == {COUNTY: 2, "130581": 1}

    def test_tells_the_level_that_holds_for_an_area_within(self, world):
        assert command.where(at(world, NOW, COUNTY)).level is ResponseLevel.EMERGENCY
        assert command.where(at(world, BEFORE, COUNTY)).level is None

    def test_works_without_an_outbreak(self, world):
        world.task(asked_at=BEFORE, due_at=NOW + HOUR, outbreak=None)
        told = command.where(Watch(None, "13", NOW))
        assert set(told.figures) == {F.ALERTS_WAITING, F.SIGNALS_WAITING, F.TASKS_OPEN}
        assert told.figures[F.TASKS_OPEN].now == 1
        assert command.is_over(Watch(None, "13", NOW)) is None


class TestLate:
    def test_groups_tasks_by_kind_and_county_longest_first(self, world):
        world.task(asked_at=BEFORE, due_at=NOW - 3 * HOUR, kind=TaskKind.FULL_REPORT)
        groups = command.is_late(at(world, NOW)).groups
        assert [(one.kind, one.area_code, one.count) for one in groups] == [
            (TaskKind.FULL_REPORT, COUNTY, 1),
            (TaskKind.CORE_INFORMATION, COUNTY, 1),
            (TaskKind.CORE_INFORMATION, "130581", 1),
        ]

    def test_opens_a_group_to_its_rows(self, world):
        for group in command.is_late(at(world, NOW)).groups:
            watch = replace(at(world, NOW, group.area_code), kind=str(group.kind))
            assert len(command.rows(F.TASKS_LATE, watch)) == group.count

    def test_lists_alerts_by_their_clock(self, world):
        told = command.is_late(at(world, NOW)).alerts
        assert [one.due_at for one in told] == [NOON - HOUR / 2, NOON + HOUR]

    def test_leaves_out_of_a_replay_what_only_people_can_do(self, noise):
        world = World(kind=OutbreakKind.REPLAY)
        world.task(asked_at=BEFORE, due_at=NOW - HOUR, kind=TaskKind.SIGN_ORDER)
        assert command.count(F.TASKS_LATE, at(world, NOW)) == 0
        world.task(asked_at=BEFORE, due_at=NOW - HOUR, kind=TaskKind.DAILY_REPORT)  # a replay plays reports
        assert command.count(F.TASKS_LATE, at(world, NOW)) == 1


class TestFull:
    def test_says_how_full_each_county_is(self, world):
        found = {one.figure: one for one in command.is_full(at(world, NOW)).lines}
        rooms = found[F.ROOMS_TAKEN]
        assert (rooms.area_code, rooms.taken, rooms.all, rooms.percent) == (COUNTY, 3, 4, 75.0)
        assert (found[F.VEHICLES_OUT].taken, found[F.VEHICLES_OUT].all) == (1, 2)
        assert (found[F.BEDS_TAKEN].taken, found[F.BEDS_TAKEN].all) == (1, 10)

    def test_says_when_nothing_is_left_at_the_pace_of_the_last_day(self, world):
        [rooms] = full.rooms(at(world, NOW))
        # One came in the last 24 hours, none left, one room is left: 24 hours.
        assert rooms.hours == 24
        [later] = full.rooms(at(world, SINCE))
        assert later.hours is None  # who came has left again

    def test_sums_to_its_figures(self, world):
        told = command.is_full(at(world, NOW))
        for figure in (F.ROOMS_TAKEN, F.BEDS_TAKEN, F.VEHICLES_OUT, F.LABORATORIES_FULL):
            assert told.figures[figure] == command.count(figure, at(world, NOW))

    def test_opens_a_county_to_its_rows(self, world):
        for line in command.is_full(at(world, NOW)).lines:
            assert command.count(line.figure, at(world, NOW, line.area_code)) == line.taken

    def test_tells_a_laboratory_with_too_much_work(self, world, monkeypatch):
        behind = full.laboratory_load(None, NOW)[0]
        monkeypatch.setattr(full, "laboratory_load", lambda *_: [replace(behind, hours_with_arrivals=6.1)])
        [line] = full.laboratories(at(world, NOW))
        assert (line.taken, line.all, round(line.percent)) == (61, 60, 102)
        assert [row.label for row in command.rows(F.LABORATORIES_FULL, at(world, NOW))] == ["区疾控中心"]
        monkeypatch.setattr(full, "laboratory_load", lambda *_: [replace(behind, hours_with_arrivals=6.04)])
        assert command.count(F.LABORATORIES_FULL, at(world, NOW)) == 0


class TestAhead:
    def test_counts_by_hours_and_says_when_the_first_is(self, world):
        told = command.is_ahead(at(world, NOW))
        assert (told[F.AHEAD_TASKS].within, told[F.AHEAD_TASKS].first_at) == ((0, 1, 1), NOON + 5 * HOUR)
        assert told[F.AHEAD_ROUNDS].within == (0, 1, 1)
        assert told[F.AHEAD_TRANSFERS].within == (1, 1, 1)

    def test_lets_a_last_day_end_at_its_midnight(self, world):
        midnight = NOON + 12 * HOUR
        assert command.is_ahead(at(world, NOW))[F.AHEAD_RELEASES].first_at == midnight
        for before, n in ((timedelta(hours=6), 1), (timedelta(hours=6, seconds=1), 0)):
            assert command.count(F.AHEAD_RELEASES, replace(at(world, midnight - before), hours=6)) == n
        # The first has ended at that midnight, and the second ends at the next.
        assert command.count(F.AHEAD_RELEASES, at(world, midnight)) == 1

    def test_tells_zones_until_the_day_on_which_they_are_lifted_is_over(self, world):
        begins = NOON + 60 * HOUR  # midnight, days after what else is here
        world.zone(published_at=BEFORE, may_lift=timezone.localtime(begins).date(), area_code=COUNTY)
        told = [command.is_ahead(at(world, begins + n * HOUR))[F.AHEAD_ZONES] for n in (-1, 0, 23, 25)]
        assert [one.within for one in told] == [(0, 0, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0)]
        assert told[1].first_at == begins + 24 * HOUR


AREAS = ("", "13", "1301", COUNTY, COUNTY + "001", VILLAGE, "1305", "130581", "130581002", "1302")


class Scattered:
    """A world with more things of every kind, in places and at moments drawn by chance."""

    def __init__(self, world, seed):
        self.world, self.draw = world, random.Random(seed)
        for code in ("130581002", "130581002003", "1301", "1302"):
            factories.area(code, code)
        for _ in range(12):
            self.task()
        for _ in range(4):
            self.cases()
            self.routine()
            self.site()
            self.loan()
        for area_code in (COUNTY + "001", "130581002", "1301"):
            world.zone(published_at=self.when(), may_lift=self.day(), area_code=area_code)
        for model in (Alert, Signal, IsolationOrder, Contact, Finding, TransferRequest, TestingRound, TransferVehicle):
            for one in model.objects.order_by("pk"):
                model.objects.filter(pk=one.pk).update(area_code=self.where())

    def when(self, least=-40, most=2):
        return NOON + self.draw.uniform(least, most) * HOUR

    def day(self):
        return date(2021, 1, self.draw.randint(7, 10))

    def where(self):
        return self.draw.choice(
            [COUNTY, COUNTY + "001", VILLAGE, "130581", "130581002", "130581002003", "1301", "13"]
        )  # fmt: skip

    def task(self):
        kind = self.draw.choice([TaskKind.CORE_INFORMATION, TaskKind.SERVE_ORDER])
        due_at, done_at = self.draw.choice([None, self.when(-30, 30)]), self.draw.choice([None, None, self.when()])
        outbreak = self.draw.choice([self.world.outbreak, None])
        self.world.task(
            asked_at=self.when(), due_at=due_at, done_at=done_at, area_code=self.where(), kind=kind, outbreak=outbreak
        )  # fmt: skip

    def cases(self):
        status, state = self.draw.choice(list(CaseStatus)), self.draw.choice(list(ContactState))
        case = self.world.case(
            (CaseStatus.POSITIVE, self.when(-40, -5)), (status, self.when(-5)), area_code=self.where()
        )  # fmt: skip
        self.world.contact(case, (ContactState.FOUND, self.when(-40, -5)), (state, self.when(-5)))

    def routine(self):
        self.world.alert(opened_at=self.when(), due_at=self.when(-9, 30))
        self.world.signal(received_at=self.when(), settled_at=self.draw.choice([None, NOON + HOUR]))
        self.world.level(starts_at=self.when(), until=self.day(), area_code=self.where())
        self.world.order(ends=self.day(), issued_at=self.when())

    def site(self):
        _, rooms = self.world.site(rooms=3, area_code=self.where())
        self.world.stay(rooms[0].place, since=self.when(), until=self.draw.choice([None, NOON + 3 * HOUR]))
        self.world.placement(rooms[1], due_at=self.when(-20, 20), decided_at=self.when(-9, 0))

    def loan(self):
        team = Team.objects.create(
            name=self.world.key(), kind="investigation", area_code=COUNTY, registered_at=BEFORE, registered_by="x"
        )
        lender, borrower = self.draw.sample([COUNTY, COUNTY + "001", "130581", "130581002", "1301"], 2)
        TeamLoan.objects.create(
            team=team, from_area_code=lender, to_area_code=borrower, starts_at=BEFORE,
            ends_at=self.when(1, 20), agreed_from="x", agreed_to="x", lent_at=BEFORE, lent_by=self.world.officer,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("is_routine", [False, True], ids=["outbreak", "routine"])
def test_areas_looked_at_together_show_what_each_would_show_alone(noise, seed, is_routine):
    """Beside the figure's own count, which is asked of the area and of nothing else."""
    world = filled(kind=OutbreakKind.REAL)
    Scattered(world, seed)
    outbreak = None if is_routine else world.outbreak
    for moment in (NOW, SINCE):
        together = Watch(outbreak, "13", moment, around="", grain=12)
        for area in AREAS:
            shared, alone = replace(together, area_code=area), Watch(outbreak, area, moment)
            for read in (command.where, command.is_late, command.is_full, command.is_ahead):
                assert read(shared) == read(alone), (area, read)
            told, late = command.where(shared).figures, command.is_late(shared).figures
            ahead = {one: found.within for one, found in command.is_ahead(shared).items()}
            for one in F:
                if one in told:
                    was = alone.yesterday()
                    assert (told[one].now, told[one].before) == (command.count(one, alone), command.count(one, was))
                if one in late:
                    assert late[one] == command.count(one, alone)
                if one in ahead:
                    hours = [replace(alone, hours=hours) for hours in command.HORIZONS]
                    assert ahead[one] == tuple(command.count(one, look) for look in hours)
                    first = command.rows(one, alone, most=1)
                    assert command.is_ahead(shared)[one].first_at == (first[0].due_at if first else None)
            totals = command.is_full(shared).figures
            assert totals == {one: command.count(one, alone) for one in totals}
        assert any(command.where(replace(together, area_code=area)).figures for area in AREAS)


def test_each_part_depends_on_stages():
    assert set(command.STAGES) == set(CommandPart)


def test_what_is_counted_where_it_is_listed_is_the_figure(world):
    """At several moments, in a part and in the whole: late tasks and alerts, and tasks within each horizon."""
    seen = set()
    for moment in (NOW, NOW + timedelta(hours=5), NOW + timedelta(days=2)):
        watch = at(world, moment)
        told = command.is_late(watch).figures
        assert {one: told[one] for one in told} == {one: command.count(one, watch) for one in told}
        within = command.is_ahead(watch)[F.AHEAD_TASKS]
        hours = [replace(watch, hours=one) for one in command.HORIZONS]
        assert within.within == tuple(command.count(F.AHEAD_TASKS, one) for one in hours)
        first = command.rows(F.AHEAD_TASKS, watch, most=1)
        assert within.first_at == (first[0].due_at if first else None)
        seen |= {bool(told[F.TASKS_LATE]), within.within[-1] > 0}
    assert True in seen

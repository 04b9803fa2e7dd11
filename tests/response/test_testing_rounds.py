"""Rounds: planned by the edition, opened with a roster, closed with the number missed on the record."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records import access
from sizao.records.models import Event, RosterEntry, Stay, Swab, Task, TestingRound
from sizao.response import flow, testing
from sizao.response.outbreaks import OutbreakClosed
from sizao.response.testing import coverage, missed, rounds
from sizao.terms import KeyGroup, MissedReason, OutbreakKind, Role, RosterKind, RoundState, StayKind, SwabAnswer
from tests import factories
from tests.response.testing_world import BEGIN, COUNTY, ELSEWHERE, NOW, OTHER_VILLAGE, VILLAGE, World, id_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return World()


class TestPlan:
    def test_has_its_time_from_the_edition_with_the_sum(self, noise):
        planned = World(opened=False).round
        assert planned.number == "R001"
        assert planned.area_code == COUNTY
        # Edition 7: five days for a city of more than five million.
        assert planned.due_at == BEGIN + timedelta(hours=120)
        due = next(one for one in planned.basis if one.get("sum"))
        assert due["key"] == "testing.region.large_city_complete_hours"
        assert due["sum"]["amount"] == 120
        assert planned.protocol == "edition-7"

    def test_has_two_days_in_a_small_city(self, noise):
        world = World(opened=False)
        factories.area("1305", "邢台市", population=4_000_000)
        somebody = factories.account(role=Role.TESTING_COORDINATOR, area_code="13")
        planned = testing.plan_round(
            outbreak=world.outbreak, name="一轮", areas=[ELSEWHERE], pool_size=10, begins_at=BEGIN, by=somebody,
            now=BEGIN - timedelta(hours=1),
        )  # fmt: skip
        assert planned.due_at == BEGIN + timedelta(hours=48)

    def test_has_no_time_where_nobody_knows_how_large_the_city_is(self, noise):
        world = World(opened=False)
        somebody = factories.account(role=Role.TESTING_COORDINATOR, area_code="13")
        planned = testing.plan_round(
            outbreak=world.outbreak, name="一轮", areas=[ELSEWHERE], pool_size=10, begins_at=BEGIN, by=somebody,
            now=BEGIN - timedelta(hours=1),
        )  # fmt: skip
        assert planned.due_at is None
        assert [one["gives"] for one in planned.basis][-1] == "population_unknown"

    @pytest.mark.parametrize(
        ("asked", "refusal"),
        [
            ({"pool_size": 20}, rounds.PoolSizeNotAllowed),
            ({"areas": ["999999"]}, rounds.NoAreas),
            ({"areas": []}, rounds.NoAreas),
            ({"name": " "}, rounds.NameMissing),
            ({"household_tubes": True}, rounds.NoHouseholdTubes),
            ({"begins_at": BEGIN - timedelta(days=1)}, rounds.BeginsTooEarly),
        ],
    )
    def test_is_refused(self, world, asked, refusal):
        with pytest.raises(refusal):
            world.plan(**asked)
        assert TestingRound.objects.count() == 1

    def test_is_for_who_holds_the_right_there(self, world):
        world.coordinator = world.sampler
        with pytest.raises(access.NotAllowed):
            world.plan()
        world.coordinator = factories.account(role=Role.TESTING_COORDINATOR, area_code=ELSEWHERE)
        with pytest.raises(access.NotYours):
            world.plan()


class TestRoster:
    def test_of_the_register_holds_who_is_here_and_nobody_else(self, noise):
        world = World(opened=False)
        home = factories.person(area_code=VILLAGE, id_number_index="a" * 32)
        ill = factories.person(area_code=VILLAGE)
        away = factories.person(area_code=VILLAGE)
        guest = factories.person(area_code=ELSEWHERE)
        other_bed = factories.person(area_code=ELSEWHERE)
        factories.person(area_code=ELSEWHERE)
        factories.person(area_code=VILLAGE, is_generated=True)
        stay(ill, StayKind.BED, ELSEWHERE)
        stay(away, StayKind.OUTSIDE, ELSEWHERE)
        stay(guest, StayKind.HOME, OTHER_VILLAGE)
        stay(other_bed, StayKind.BED, VILLAGE)
        made = testing.make_from_register(testing_round=world.round, by=world.coordinator, now=BEGIN)
        assert (made.expected, made.kept_elsewhere) == (2, 1)
        kinds = dict(RosterEntry.objects.filter(round=world.round).values_list("person_id", "kind"))
        assert kinds == {
            home.pk: RosterKind.RESIDENT, guest.pk: RosterKind.VISITOR, ill.pk: RosterKind.ELSEWHERE,
        }  # fmt: skip
        assert RosterEntry.objects.get(person=guest).area_code == OTHER_VILLAGE
        assert coverage.by_area(world.round, as_of=NOW, digits=12) == coverage.recount(world.round)

    def test_of_a_file_is_sealed_and_found_again(self, world):
        entry = RosterEntry.objects.get(round=world.round, number=1)
        assert entry.name == "王1"
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, id_index FROM records_rosterentry WHERE number = 1")
            name, index = cursor.fetchone()
        assert "王" not in name
        assert id_number(1) not in index

    def test_of_a_file_names_each_wrong_cell_and_keeps_nothing(self, noise):
        world = World(opened=False)
        rows = [
            world.row(1),
            world.row(2, area_code="130109999999"),
            world.row(1, name="李"),
            world.row(4, id_number="", name=""),
            world.row(5, single_only="perhaps"),
            world.row(6, area_code=ELSEWHERE, grid="x" * 41),
        ]
        with pytest.raises(testing.RosterRefused) as refused:
            testing.upload_roster(testing_round=world.round, rows=rows, source="f", by=world.coordinator, now=BEGIN)
        found = {(one["row"], one["field"]) for one in refused.value.facts["errors"]}
        assert found == {
            (2, "area_code"), (3, "id_number"), (4, "id_number"), (5, "single_only"), (6, "area_code"), (6, "grid"),
        }  # fmt: skip
        assert RosterEntry.objects.filter(round=world.round).count() == 12  # that of before stands

    def test_of_a_file_names_who_stands_there_twice(self, noise):
        world = World(opened=False)
        with pytest.raises(testing.RosterRefused) as refused:
            testing.upload_roster(
                testing_round=world.round, rows=[world.row(1), world.row(2), world.row(1)], source="f",
                by=world.coordinator, now=BEGIN,
            )  # fmt: skip
        assert refused.value.facts["errors"] == [
            {"row": 3, "field": "id_number", "reason": "stands in row 1 too", "first": 1}
        ]

    def test_rehearsed_keeps_nothing(self, noise):
        world = World(opened=False)
        made = testing.upload_roster(
            testing_round=world.round, rows=[world.row(1)], source="f", by=world.coordinator, now=BEGIN, dry_run=True
        )
        assert made.expected == 1
        assert RosterEntry.objects.filter(round=world.round).count() == 12
        assert coverage.total(world.round, as_of=NOW).expected == 12
        assert world.round.roster_source == "villages.csv"

    def test_stands_once_the_round_is_open(self, world):
        with pytest.raises(testing.RosterStands):
            world.roster(3)

    def test_may_not_be_empty(self, noise):
        world = World(opened=False)
        with pytest.raises(testing.NobodyExpected):
            testing.upload_roster(testing_round=world.round, rows=[], source="f", by=world.coordinator, now=BEGIN)


class TestOpen:
    def test_needs_a_roster(self, world):
        planned = world.plan()
        with pytest.raises(rounds.RosterMissing):
            testing.open_round(testing_round=planned, by=world.coordinator, now=BEGIN)

    def test_starts_the_clock_anew(self, noise):
        world = World(opened=False)
        world.open(BEGIN + timedelta(hours=1))
        assert world.round.due_at == BEGIN + timedelta(hours=121)
        assert world.round.opened_by == world.coordinator.username

    def test_happens_once(self, world):
        with pytest.raises(rounds.RoundCannotMove):
            world.open()

    def test_is_refused_in_a_closed_outbreak(self, noise):
        world = World(opened=False)
        world.outbreak.closed_at = BEGIN
        world.outbreak.save()
        with pytest.raises(OutbreakClosed):
            world.open()


class TestClose:
    def test_puts_the_number_missed_on_the_record(self, world):
        code = next(world.codes)
        world.register(*(world.swab(f"s{n}", code, n) for n in (1, 2, 3)))
        testing.explain_missed(
            testing_round=world.round, entries=[4], reason=MissedReason.AWAY, by=world.grid_worker, now=NOW
        )
        world.close()
        told = (world.round.expected, world.round.registered, world.round.missed, world.round.explained)
        assert told == (12, 3, 9, 1)
        assert world.round.closed_by == world.coordinator.username
        line = Event.objects.get(verb="round.closed")
        assert line.facts["missed"] == 9

    def test_leaves_the_door_open_for_devices_that_were_offline(self, world):
        code = next(world.codes)
        world.close()
        later = NOW + timedelta(hours=3)
        late = world.swab("late", code, 1, at=NOW - timedelta(minutes=30))
        after = world.swab("after", code, 2, at=NOW + timedelta(hours=1))
        told = world.register(late, after, now=later)
        assert [one.answer for one in told] == [SwabAnswer.TAKEN, SwabAnswer.QUEUED]
        assert Swab.objects.get(round=world.round).is_late
        now = coverage.total(world.round, as_of=later)
        assert (now.registered, now.late) == (1, 1)
        assert TestingRound.objects.get(pk=world.round.pk).registered == 0  # as it was on the record

    def test_is_for_a_named_person_with_the_right(self, world):
        with pytest.raises(access.NotAllowed):
            testing.close_round(testing_round=world.round, by=world.sampler, now=NOW)

    def test_states_of_past_moments_stay(self, world):
        world.close()
        assert world.round.state_at(BEGIN - timedelta(minutes=1)) == RoundState.PLANNED
        assert world.round.state_at(BEGIN) == RoundState.OPEN
        assert world.round.state_at(NOW) == RoundState.CLOSED


class TestArchive:
    def test_sets_the_rows_aside_and_keeps_the_figures(self, world):
        code = next(world.codes)
        world.register(world.swab("s1", code, 1))
        world.close()
        before = coverage.total(world.round, as_of=NOW)
        testing.archive_round(testing_round=world.round, by=world.coordinator, now=NOW)
        assert not Swab.objects.filter(round=world.round).exists()
        assert coverage.total(world.round, as_of=NOW) == before
        with connection.cursor() as cursor:
            cursor.execute(f"TABLE records_swab_r{world.round.pk}")
            assert len(cursor.fetchall()) == 1
        with pytest.raises(testing.RoundSetAside):
            missed.listed(TestingRound.objects.get(pk=world.round.pk), within=VILLAGE, by=world.grid_worker, now=NOW)

    def test_is_for_closed_rounds(self, world):
        with pytest.raises(rounds.RoundCannotMove):
            testing.archive_round(testing_round=world.round, by=world.coordinator, now=NOW)


class TestMissed:
    def test_are_listed_for_the_village_and_journalled(self, world):
        world.register(world.swab("s1", next(world.codes), 1))
        people = missed.listed(world.round, within=VILLAGE, by=world.grid_worker, now=NOW)
        assert [one.number for one in people] == [2, 4, 5, 7, 8, 10, 11]
        assert people[0].name == "王2"
        line = Event.objects.get(verb="roster.read")
        assert (line.actor, line.facts["people"]) == (world.grid_worker.username, 7)

    def test_are_not_shown_to_a_neighbour(self, world):
        with pytest.raises(access.NotYours):
            missed.listed(world.round, within=OTHER_VILLAGE, by=world.grid_worker, now=NOW)
        with pytest.raises(access.NotYours):
            testing.explain_missed(
                testing_round=world.round, entries=[3], reason=MissedReason.AWAY, by=world.grid_worker, now=NOW
            )

    def test_have_a_reason_until_they_come(self, world):
        testing.explain_missed(
            testing_round=world.round, entries=[1, 2], reason=MissedReason.AWAY, by=world.grid_worker, now=NOW
        )
        assert coverage.total(world.round, as_of=NOW).explained == 2
        world.register(world.swab("s1", next(world.codes), 1))
        now = coverage.total(world.round, as_of=NOW)
        assert (now.missed, now.explained, now.unexplained) == (11, 1, 10)
        assert coverage.by_area(world.round, as_of=NOW, digits=12) == coverage.recount(world.round)

    def test_are_not_explained_once_registered(self, world):
        world.register(world.swab("s1", next(world.codes), 1))
        with pytest.raises(testing.NotMissed):
            testing.explain_missed(
                testing_round=world.round, entries=[1], reason=MissedReason.AWAY, by=world.grid_worker, now=NOW
            )


class TestCoverage:
    def test_of_a_past_hour_is_what_was_known_then(self, world):
        code = next(world.codes)
        world.register(world.swab("s1", code, 1), now=NOW)
        world.register(world.swab("s2", code, 2), now=NOW + timedelta(hours=2))
        assert coverage.total(world.round, as_of=NOW + timedelta(hours=1)).registered == 1
        assert coverage.total(world.round, as_of=NOW + timedelta(hours=2)).registered == 2
        assert coverage.total(world.round, as_of=BEGIN - timedelta(days=1)).expected == 0
        assert list(coverage.by_hour(world.round, as_of=NOW + timedelta(days=1)).values())[-1].registered == 1

    def test_by_street_and_village(self, world):
        streets = coverage.by_area(world.round, as_of=NOW, digits=9)
        assert {code: one.expected for code, one in streets.items()} == {"130109110": 12}
        villages = coverage.by_area(world.round, as_of=NOW, digits=12)
        assert {code: one.expected for code, one in villages.items()} == {VILLAGE: 8, OTHER_VILLAGE: 4}


class TestRolling:
    @pytest.fixture
    def group(self, noise):
        return World(key_group=KeyGroup.HIGH_RISK, kind=OutbreakKind.REPLAY)

    def test_prepares_the_next_round_and_opens_none(self, group):
        assert testing.advance(outbreak=group.outbreak, now=BEGIN + timedelta(days=5)) == 0
        near = BEGIN + timedelta(days=6, hours=1)
        assert testing.advance(outbreak=group.outbreak, now=near) == 1
        fresh = TestingRound.objects.get(number="R002")
        assert (fresh.opened_at, fresh.planned_by) == (None, "sizao")
        assert fresh.begins_at == BEGIN + timedelta(days=7)
        assert fresh.basis[0]["key"] == "testing.occupational.high_risk_interval_days"
        assert RosterEntry.objects.filter(round=fresh).count() == 12
        assert coverage.total(fresh, as_of=near).expected == 12

    def test_twice_at_one_moment_changes_nothing(self, group):
        near = BEGIN + timedelta(days=6, hours=1)
        testing.advance(outbreak=group.outbreak, now=near)
        assert testing.advance(outbreak=group.outbreak, now=near) == 0

    def test_goes_with_the_loop_and_asks_a_coordinator(self, group):
        near = BEGIN + timedelta(days=6, hours=1)
        flow.advance(outbreak=group.outbreak, now=near)
        assert Task.objects.filter(kind="open_round", role=Role.TESTING_COORDINATOR).count() == 1
        assert set(flow.advance(outbreak=group.outbreak, now=near).values()) == {0}


def stay(person, kind, area_code):
    return Stay.objects.create(
        person=person, kind=kind, area_code=area_code, party=-person.pk, recorded_at=BEGIN - timedelta(days=1),
        period=DateTimeTZRange(BEGIN - timedelta(days=2), None), source_key=f"stay:{person.pk}",
    )  # fmt: skip

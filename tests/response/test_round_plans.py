"""A plan of a round: asked from places and means, worked out, changed, accepted; what is refused names its cell."""

from datetime import timedelta

import pytest

from sizao.records.models import Event, Laboratory, Place, TestingPlan, TestingRound
from sizao.response import testing
from sizao.response.testing import plan_places, planning
from sizao.response.testing.plan_places import Candidate, LaboratoryRow, Places, Village
from sizao.response.testing.planning import Means
from sizao.terms import OutbreakKind, PlanState, Role, RoundResource
from tests import factories
from tests.response.testing_world import BEGIN, COUNTY, ELSEWHERE, OTHER_VILLAGE, VILLAGE, World

pytestmark = pytest.mark.django_db
BEFORE = BEGIN - timedelta(hours=3)
PLACES = Places(
    (Village(VILLAGE, None, 114.90, 38.00), Village(OTHER_VILLAGE, None, 114.92, 38.01)),
    (Candidate("村委会", VILLAGE, 2, 114.90, 38.00), Candidate("小学", OTHER_VILLAGE, 2, 114.92, 38.01)),
    (LaboratoryRow("L1", "县疾控中心", COUNTY, 50, 114.95, 38.0, 6.0),),
)


@pytest.fixture
def world(noise):
    return World(kind=OutbreakKind.REPLAY, people=60, opened=False)


def asked(world, *, places=PLACES, now=BEFORE, **means):
    return testing.ask_plan(
        testing_round=world.round, places=places, means=Means(**means), by=world.coordinator, now=now
    )


def made(world, **asking):
    return testing.work_out_plan(plan=asked(world, **asking), by=None, now=BEFORE)


class TestAPlan:
    def test_places_everybody_whom_the_roster_expects(self, world):
        plan = made(world)
        assert planning.state_of(plan) is PlanState.MADE
        assert sum(people for _, _, people, _ in plan.answer["sent"]) == 60
        assert sum(site["people"] for site in plan.answer["sites"]) == 60
        assert plan.answer["sums"]["in_time"]
        assert sum(plan.answer["hours"]["swabbed"]) == pytest.approx(60, abs=0.5)

    def test_says_what_is_short_and_by_how_much(self, world):
        slow = Places(PLACES.villages, PLACES.sites, (LaboratoryRow("L1", "x", COUNTY, 1, 114.95, 38.0, 6.0),))
        plan = made(world, places=slow, complete_hours=10, people_per_table_hour=1)
        assert not plan.answer["sums"]["in_time"]
        [time] = [one for one in plan.answer["shortages"] if one["resource"] == RoundResource.TIME]
        assert time["given"] == 10
        assert time["needed"] == plan.answer["sums"]["ends_hours"] > 10

    def test_does_not_use_what_nobody_has_confirmed(self, noise):
        real = World(kind=OutbreakKind.REAL, people=3, opened=False)
        plan = asked(real)
        assert "testing.region.transport_hours" in plan.question["unused"]
        assert plan.question["terms"]["carry_hours"] is None
        without = Places(PLACES.villages, PLACES.sites, (LaboratoryRow("L1", "x", COUNTY, 9, 114.9, 38.0),))
        assert [one["result_hours"] for one in asked(real, places=without).question["laboratories"]] == [12]

    def test_that_no_engine_can_make_is_given_up_with_its_reason(self, world):
        plan = asked(world)
        TestingPlan.objects.filter(pk=plan.pk).update(question={**plan.question, "sites": []})
        plan.refresh_from_db()
        failed = testing.work_out_plan(plan=plan, by=None, now=BEFORE)
        assert planning.state_of(failed) is PlanState.FAILED
        assert "no sites to plan with" in failed.fault

    def test_is_taken_by_one_worker_until_that_falls_silent(self, world):
        plan = asked(world)
        assert testing.take_plan(by=None, now=BEFORE) == plan
        assert testing.take_plan(by=None, now=BEFORE + timedelta(minutes=14)) is None
        assert testing.take_plan(by=None, now=BEFORE + timedelta(minutes=16)) == plan

    def test_needs_positions_for_those_expected(self, world):
        far = Places((), PLACES.sites, PLACES.laboratories)
        with pytest.raises(plan_places.PositionsMissing, match="60 people live in 2 areas"):
            asked(world, places=far)

    def test_places_people_known_only_by_county_amid_its_villages(self, world):
        world.round = world.plan()
        world.roster(4, area_code=COUNTY)
        [one] = asked(world).question["villages"]
        assert one["code"] == COUNTY
        assert one["people"] == 4
        assert one["longitude"] == pytest.approx(114.91)


class TestAChange:
    def test_closes_a_site_and_moves_only_its_people(self, world):
        first = made(world)
        row = first.answer["sites"][0]["row"]
        changed = testing.change_plan(plan=first, tables={row: 0}, tubes_per_hour={}, by=world.coordinator, now=BEFORE)
        second = testing.work_out_plan(plan=changed, by=None, now=BEFORE)
        assert row not in {one["row"] for one in second.answer["sites"]}
        assert second.answer["sums"]["moved"] == first.answer["sites"][0]["people"]
        assert sum(site["people"] for site in second.answer["sites"]) == 60

    def test_names_rows_of_the_plan(self, world):
        with pytest.raises(planning.PlanUnknownRow):
            testing.change_plan(plan=made(world), tables={9: 1}, tubes_per_hour={}, by=world.coordinator, now=BEFORE)

    def test_waits_until_there_is_something_to_change(self, world):
        with pytest.raises(planning.PlanUnfinished):
            testing.change_plan(plan=asked(world), tables={}, tubes_per_hour={}, by=world.coordinator, now=BEFORE)


class TestAccepting:
    def test_makes_the_sites_of_the_round(self, world):
        Laboratory.objects.create(
            code="L1", name="县疾控中心", area_code=COUNTY, tubes_per_hour=50, opened_at=BEFORE, added_by="x"
        )
        plan = made(world)
        testing.accept_plan(plan=plan, by=world.coordinator, now=BEFORE)
        found = TestingRound.objects.get(pk=world.round.pk)
        sites = list(found.sites.select_related("place", "laboratory"))
        assert sum(one.people for one in sites) == 60
        assert {code for one in sites for code in one.serves} == {VILLAGE, OTHER_VILLAGE}
        assert all(one.laboratory.code == "L1" and one.n_tables >= 1 and one.n_samplers >= 1 for one in sites)
        assert all(one.opens_at < one.closes_at for one in sites)
        assert found.plan["people"] == 60
        assert Place.objects.get(pk=sites[0].place_id).latitude is not None
        assert Event.objects.filter(verb="round.plan_accepted", actor=world.coordinator.username).count() == 1

    def test_of_another_plan_takes_the_place_of_the_first(self, world):
        first, second = made(world), made(world)
        testing.accept_plan(plan=first, by=world.coordinator, now=BEFORE)
        testing.accept_plan(plan=second, by=world.coordinator, now=BEFORE)
        first.refresh_from_db()
        assert planning.state_of(first) is PlanState.MADE
        assert TestingRound.objects.get(pk=world.round.pk).plan["plan"] == second.pk
        assert world.round.sites.count() == second.answer["sums"]["sites"]

    def test_is_over_once_the_round_is_open(self, world):
        plan = made(world)
        world.open()
        with pytest.raises(planning.RoundBegun):
            testing.accept_plan(plan=plan, by=world.coordinator, now=BEGIN)
        with pytest.raises(planning.RoundBegun):
            asked(world)

    def test_is_for_who_plans_there(self, world):
        plan = made(world)
        stranger = factories.account(role=Role.TESTING_COORDINATOR, area_code=ELSEWHERE)
        with pytest.raises(Exception, match="not"):
            testing.accept_plan(plan=plan, by=stranger, now=BEFORE)
        assert not world.round.sites.exists()


class TestPlacesOfTheRoundBefore:
    def test_are_known_to_the_next(self, world):
        assert plan_places.known_sites(world.round) == ()
        assert plan_places.count_known(world.round)["sites"] == 0
        made(world)
        following = world.plan()
        assert {one.name for one in plan_places.known_sites(following)} == {"村委会", "小学"}
        assert [one.people for one in plan_places.known_villages(following)] == [None, None]
        told = plan_places.count_known(following)
        assert (told["sites"], told["villages"]) == (2, 2)
        assert told["laboratories"] == len(plan_places.known_laboratories(following))
        assert [one.code for one in plan_places.known_laboratories(following)] == ["L1"]


class TestAFile:
    @pytest.mark.parametrize(
        ("change", "field", "reason"),
        [
            ({"tables": "2.5"}, "tables", "is no whole number from 0 to 200"),
            ({"tables": "many"}, "tables", "is no whole number"),
            ({"longitude": "nan"}, "longitude", "is no number from -180 to 180"),
            ({"latitude": "138"}, "latitude", "is no number from -90 to 90"),
            ({"area_code": ELSEWHERE}, "area_code", "is not inside the areas of the round"),
            ({"area_code": "130109999"}, "area_code", "is no area of the register"),
            ({"name": ""}, "name", "is empty"),
        ],
    )
    def test_is_refused_cell_by_cell(self, world, change, field, reason):
        good = {"name": "村委会", "area_code": VILLAGE, "tables": "2", "longitude": "114.9", "latitude": "38"}
        assert plan_places.sites_of([good], world.round)[0].tables == 2
        with pytest.raises(plan_places.PlacesRefused) as refusal:
            plan_places.sites_of([{**good, "name": "先"}, good | change], world.round)
        [fault] = refusal.value.facts["errors"]
        assert (fault["row"], fault["field"]) == (2, field)
        assert reason in fault["reason"]

    def test_names_what_stands_in_it_twice(self, world):
        row = {"code": VILLAGE, "people": "", "longitude": "114.9", "latitude": "38"}
        with pytest.raises(plan_places.PlacesRefused) as refusal:
            plan_places.villages_of([row, row], world.round)
        assert refusal.value.facts["errors"] == [{"row": 2, "field": "code", "reason": "stands in row 1 too"}]

"""The live board of a round: queues against the plan, coverage, a forecast, and an answer when nothing is new."""

from datetime import date, timedelta

import pytest

from sizao.records.models import TestingRound
from sizao.response import testing
from sizao.response.testing import board
from sizao.response.testing.plan_places import Candidate, LaboratoryRow, Places, Village
from sizao.response.testing.planning import Means
from sizao.terms import OutbreakKind, Role
from sizao.web import testing_board
from tests.response.testing_world import BEGIN, COUNTY, ELSEWHERE, OTHER_VILLAGE, VILLAGE, World

pytestmark = pytest.mark.django_db
DAY = date(2021, 2, 20)
BEFORE = BEGIN - timedelta(hours=3)
HOUR = timedelta(hours=1)
PLACES = Places(
    (Village(VILLAGE, None, 114.90, 38.00), Village(OTHER_VILLAGE, None, 114.92, 38.01)),
    (Candidate("村委会", VILLAGE, 1, 114.90, 38.00),),
    (LaboratoryRow("L1", "县疾控中心", COUNTY, 50, 114.95, 38.0, 6.0),),
)


@pytest.fixture
def world(noise):
    """Give a round of 60 people at one table that swabs 10 an hour, open since nine."""
    made = World(kind=OutbreakKind.REPLAY, people=60, opened=False)
    plan = testing.ask_plan(
        testing_round=made.round, places=PLACES, means=Means(people_per_table_hour=10, opens=0, closes=24),
        by=made.coordinator, now=BEFORE,
    )  # fmt: skip
    plan = testing.work_out_plan(plan=plan, by=None, now=BEFORE)
    testing.accept_plan(plan=plan, by=made.coordinator, now=BEFORE)
    made.round = TestingRound.objects.get(pk=made.round.pk)
    made.open()
    return made


def swab(world, number, *, at):
    site = world.round.sites.get()
    code = world.tube = world.__dict__.get("tube") or next(world.codes)
    if number % 5 == 1:
        code = world.tube = next(world.codes)
    world.register(world.swab(f"s{number}", code, number, at=at, site=site.pk), now=at)


def come(world, *hours):
    """Let so many people come in each hour from the opening on."""
    number = 0
    for hour, people in enumerate(hours):
        for n in range(people):
            number += 1
            swab(world, number, at=BEGIN + hour * HOUR + (n + 0.5) * HOUR / people)


def read(world, at):
    return board.read(TestingRound.objects.get(pk=world.round.pk), as_of=at, within=COUNTY)


def site(number, area_code, at, **facts):
    told = {"people": 20, "by_now": 20.0, "registered": 14, "last_hour": 4, "tables": 1} | facts
    return board.SiteNow(number=number, name=f"第{number}点", at=at, area_code=area_code, **told)


class TestManySites:
    """Of a city with thousands of sites the map draws those of an area as one dot, with the same sums."""

    SITES = (
        site(1, VILLAGE, (114.0, 38.0)), site(2, VILLAGE, (114.2, 38.2)), site(3, OTHER_VILLAGE, (114.4, 38.4)),
        site(4, ELSEWHERE, (115.0, 37.0), by_now=None), site(5, ELSEWHERE, None),
    )  # fmt: skip

    def test_are_drawn_by_the_smallest_areas_that_are_few_enough(self):
        by_village, by_town = (board.spots(self.SITES, most=most) for most in (3, 2))
        assert [one.area_code for one in by_village] == sorted({VILLAGE, OTHER_VILLAGE, ELSEWHERE})
        assert [one.area_code for one in by_town] == [VILLAGE[:9], ELSEWHERE]

    def test_keep_their_sums_and_stand_amid_them(self):
        first, last = board.spots(self.SITES, most=2)
        assert (first.n_sites, first.at, first.tables) == (3, (114.2, 38.2), 3)
        assert (first.queue, first.registered, first.last_hour) == (18, 42, 12)
        assert (last.n_sites, last.queue) == (1, None)

    def test_are_said_on_the_page(self, world, client_of, monkeypatch):
        come(world, 10, 4)
        monkeypatch.setattr(testing_board, "MOST_DRAWN", 0)
        address = f"/testing/{world.round.pk}/board/?outbreak={world.outbreak.slug}&day={DAY}"
        page = client_of(Role.REPORTER, COUNTY).get(address).content.decode()
        assert "too many sites to draw each" in page
        assert ', 1 site", "size": 0.25' in page


class TestASite:
    def test_has_those_of_the_plan_who_did_not_come_in_its_queue(self, world):
        come(world, 10, 4)
        [site] = read(world, BEGIN + 2 * HOUR).sites
        # The plan begins at the opening: 10 an hour for two hours.
        assert (site.by_now, site.registered, site.last_hour, site.queue) == (20, 14, 4, 6)

    def test_is_shown_as_it_was(self, world):
        come(world, 10, 4)
        [site] = read(world, BEGIN + HOUR).sites
        assert (site.by_now, site.registered, site.queue) == (10, 10, 0)

    def test_has_no_queue_where_the_plan_tells_no_pace(self, world):
        come(world, 10, 4)
        del world.round.plan["people_per_table_hour"]
        world.round.save(update_fields=["plan"])
        [one] = read(world, BEGIN + 2 * HOUR).sites
        assert (one.by_now, one.queue) == (None, None)

    def test_is_counted_by_tubes_where_swabs_are_too_many(self, world, monkeypatch):
        come(world, 10, 4)
        monkeypatch.setattr(board, "COUNTED_SWABS", 5)
        told = read(world, BEGIN + 2 * HOUR)
        assert told.is_counted_by_tubes
        assert told.sites[0].registered == 14


class TestAForecast:
    def test_rests_on_the_pace_of_whole_hours(self, world):
        come(world, 10, 10, 10)
        told = read(world, BEGIN + 3.3 * HOUR).forecast
        assert told.pace == 10
        # 58.8 of 60 are wanted, 30 are there: 2.9 hours to go.
        assert told.low < BEGIN + (3.3 + 2.9) * HOUR < told.high
        assert told.high - told.low < 6 * HOUR

    def test_says_nothing_before_the_first_hour_and_after_the_end(self, world):
        assert read(world, BEGIN + HOUR / 2).forecast is None
        come(world, 10)
        assert read(world, BEGIN + 1.5 * HOUR).forecast is not None
        world.close(now=BEGIN + 2 * HOUR)
        assert read(world, BEGIN + 3 * HOUR).forecast is None

    def test_of_one_knowledge_is_one_forecast(self, world):
        come(world, 6, 9)
        assert read(world, BEGIN + 2 * HOUR).forecast == read(world, BEGIN + 2 * HOUR).forecast


class TestThePage:
    def address(self, world, path="board/"):
        return f"/testing/{world.round.pk}/{path}?outbreak={world.outbreak.slug}&day={DAY}"

    def test_shows_figures_and_no_names(self, world, client_of):
        come(world, 10, 4)
        page = client_of(Role.REPORTER, COUNTY).get(self.address(world)).content.decode()
        assert "of 60 registered" in page
        assert "村委会" in page
        assert "王1" not in page

    def test_is_not_sent_again_while_nothing_changed(self, world, client_of):
        reader = client_of(Role.REPORTER, COUNTY)
        first = reader.get(self.address(world, "board/state/"))
        again = reader.get(self.address(world, "board/state/"), headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        swab(world, 1, at=BEGIN + HOUR)
        fresh = reader.get(self.address(world, "board/state/"), headers={"if-none-match": first["ETag"]})
        assert fresh.status_code == 200
        assert fresh["ETag"] != first["ETag"]

    def test_lists_the_sites_that_are_behind(self, world, client_of):
        come(world, 10, 4)
        reader = client_of(Role.REPORTER, COUNTY)
        page = reader.get(self.address(world)).content.decode()
        assert "No site is behind the plan." not in page
        TestingRound.objects.filter(pk=world.round.pk).update(plan=world.round.plan | {"people_per_table_hour": 0.5})
        page = reader.get(self.address(world)).content.decode()
        assert "No site is behind the plan." in page

    def test_is_of_one_s_own_area(self, world, client_of):
        assert client_of(Role.REPORTER, ELSEWHERE).get(self.address(world)).status_code == 404
        page = client_of(Role.GRID_WORKER, VILLAGE).get(self.address(world, "board/state/")).content.decode()
        assert "of 40 registered" in page

    def test_of_a_round_without_a_plan_says_so(self, noise, client_of):
        bare = World(kind=OutbreakKind.REPLAY)
        page = client_of(Role.REPORTER, COUNTY).get(self.address(bare)).content.decode()
        assert "No plan was accepted" in page

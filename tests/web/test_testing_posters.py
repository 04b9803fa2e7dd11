"""Posters and queue signs of a round's sites: on paper, in both languages, for who plans rounds there."""

import re

import pytest

from sizao.adapters import site_posters
from sizao.response import testing
from sizao.terms import OutbreakKind, Role
from sizao.web import testing_posters
from tests import factories
from tests.response.testing_world import BEGIN, COUNTY, VILLAGE, World
from tests.web.test_testing import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    made = World(kind=OutbreakKind.REPLAY)
    for number in range(3):
        testing.add_site(
            testing_round=made.round, name=f"村委会{number}", area_code=VILLAGE, n_tables=2, by=made.coordinator,
            now=BEGIN, serves=[VILLAGE],
        )  # fmt: skip
    return made


def pages(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    return len(re.findall(rb"/Type\s*/Page\b", answer.content))


class TestPosters:
    def test_are_one_sheet_for_each_site(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "13")
        assert pages(officer.get(at(world, f"{world.round.pk}/posters/"))) == 3
        assert pages(officer.get(at(world, f"{world.round.pk}/posters/", site=2))) == 1

    def test_come_part_by_part(self, world, client_of, monkeypatch):
        monkeypatch.setitem(testing_posters.MOST_SITES, "posters", 2)
        officer = client_of(Role.TESTING_COORDINATOR, "13")
        path = f"{world.round.pk}/posters/"
        assert [pages(officer.get(at(world, path, part=part))) for part in (1, 2)] == [2, 1]
        assert officer.get(at(world, path, part=3)).status_code == 404

    def test_say_where_when_and_for_whom(self, world):
        site = world.round.sites.select_related("place").get(number=1)
        world.round.plan = {"open_hours": [7, 21]}
        [told] = testing_posters._told(world.round, [site])
        assert (told.name, told.area, told.serves, told.tables) == ("村委会0", "小果庄村", ("小果庄村",), 2)
        assert (told.number, told.hours, told.begins) == ("R001-00001", "07:00 – 21:00", "2021-02-20")
        world.round.plan = None
        assert testing_posters._told(world.round, [site])[0].hours == ""

    def test_of_no_such_site_are_refused(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "13")
        for asked in ("9", "x", "-1"):
            assert officer.get(at(world, f"{world.round.pk}/posters/", site=asked)).status_code == 404

    def test_are_linked_from_the_sites(self, world, client_of):
        page = client_of(Role.TESTING_COORDINATOR, "13").get(at(world, f"{world.round.pk}/labels/")).content.decode()
        assert f"/testing/{world.round.pk}/posters/?" in page
        assert f"/testing/{world.round.pk}/signs/?" in page


class TestSigns:
    def test_are_a_sheet_for_each_table_beside_the_standing_ones(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "13")
        one = pages(officer.get(at(world, f"{world.round.pk}/signs/", site=1)))
        assert one == 2 + 6
        assert pages(officer.get(at(world, f"{world.round.pk}/signs/"))) == 3 * one


def test_a_rehearsal_says_so_and_a_real_round_does_not():
    site = site_posters.PosterSite("R001-00001", "村委会", "村", "R001", "2021-02-20", "", 1, (), household=True)
    rehearsed = site_posters.pdf([site], kind="posters", title="R001", drill=factories.__name__)
    assert rehearsed != site_posters.pdf([site], kind="posters", title="R001")


def test_is_for_who_plans_rounds_in_the_area(world, client_of):
    assert client_of(Role.SAMPLER, COUNTY).get(at(world, f"{world.round.pk}/posters/")).status_code == 403

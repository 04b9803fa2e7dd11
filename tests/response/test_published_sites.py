"""Published lists bring sites, never capacities; rooms that are made up are marked so and the same each time."""

import pytest

from sizao.records import access
from sizao.records.models import IsolationRoom, IsolationSite, Place
from sizao.response.isolation import occupancy, published_sites
from tests import factories
from tests.response import isolation_world as world

pytestmark = pytest.mark.django_db
NOW = world.NOW


def row(name, city="石家庄市", district="藁城区", province="河北", **more):
    return {"province": province, "city": city, "district": district, "name": name} | more


@pytest.fixture
def by(db):
    for code, name in (("13", "河北省"), ("1301", "石家庄市"), ("130109", "藁城区"), ("1305", "邢台市")):
        factories.area(code, name)
    return world.coordinator()


def take(rows, by, **how):
    return published_sites.take_published(rows=rows, source="清单", by=by, now=NOW, **how)


class TestTake:
    def test_finds_the_smallest_area_that_is_named(self, by):
        found = take(
            [row("甲"), row("乙", district=""), row("丙", district="某某区"), row("丁", "石家庄-藁城", "")], by
        )
        assert (found.made, found.known, found.elsewhere) == (4, 0, ())
        areas = dict(IsolationSite.objects.values_list("place__name", "area_code"))
        assert areas == {"甲": "130109", "乙": "1301", "丙": "1301", "丁": "130109"}

    def test_tells_what_lies_elsewhere_and_takes_nothing_twice(self, by):
        rows = [row("甲"), row("乙", city="邢台市"), row("丙", province="湖北"), row("甲")]
        found = take(rows, by)
        assert (found.made, found.known) == (1, 1)
        assert found.elsewhere == ((2, "乙"), (3, "丙"))
        again = take(rows, by)
        assert (again.made, again.known) == (0, 2)

    def test_keeps_what_was_published_as_a_note_and_makes_no_rooms(self, by):
        take([row("甲", max_rooms="56", max_guests="0", address="中山路1号")], by)
        assert IsolationSite.objects.get().note == "中山路1号; max_rooms=56"
        assert not IsolationRoom.objects.exists()

    def test_rehearses(self, by):
        assert take([row("甲")], by, dry_run=True).made == 1
        assert not IsolationSite.objects.exists()


class TestGenerate:
    def make(self, by, **facts):
        given = {"area_code": "1301", "fewest": 10, "most": 90, "seed": 4, "by": by, "now": NOW} | facts
        return published_sites.generate_rooms(**given)

    def test_marks_site_and_rooms_and_leaves_sites_with_rooms_alone(self, by):
        own = world.site(by, n_rooms=2)
        take([row("甲"), row("乙")], by)
        n_sites, n_rooms = self.make(by)
        assert n_sites == 2
        assert IsolationRoom.objects.filter(is_generated=True).count() == n_rooms
        assert own.rooms.filter(is_generated=True).count() == 0
        assert IsolationSite.objects.filter(is_generated=True).count() == 2
        assert occupancy.by_site([own.pk], as_of=NOW)[own.pk].generated == 0
        assert self.make(by) == (0, 0)

    def test_makes_the_same_rooms_for_a_site_whatever_else_there_is(self, by):
        take([row("乙")], by)
        self.make(by)
        alone = list(IsolationRoom.objects.order_by("number").values_list("number", "beds"))
        IsolationRoom.objects.all().delete()
        Place.objects.filter(parent__isnull=False).delete()
        take([row("甲")], by)
        self.make(by)
        beside = IsolationRoom.objects.filter(site__place__name="乙").order_by("number")
        assert list(beside.values_list("number", "beds")) == alone

    @pytest.mark.parametrize(("fewest", "most"), [(0, 5), (9, 3), (1, 10_000)])
    def test_refuses_absurd_numbers(self, by, fewest, most):
        with pytest.raises(published_sites.RoomsOutOfBounds):
            self.make(by, fewest=fewest, most=most)

    def test_refuses_another_area(self, by):
        with pytest.raises(access.NotYours):
            self.make(by, area_code="1305")

"""A site is registered, checked, used and closed; what may not be is refused with the next step."""

from datetime import timedelta

import pytest

from sizao.adapters.photographs import Photograph
from sizao.records import access
from sizao.records.models import IsolationRoom, IsolationSite, Place, SiteCheck, SitePhoto
from sizao.response import isolation, outbreaks
from sizao.response.isolation import needs, occupancy, reserve, rooms, site_checks, site_lists, sites
from sizao.terms import AreaLevel, CheckMark, NeedKind, Role, RoomStatus, SiteCheckItem, SiteState, StayKind
from tests import factories
from tests.response import isolation_world as world

pytestmark = pytest.mark.django_db
NOW = world.NOW
ALL_PASSED = dict.fromkeys(SiteCheckItem, site_checks.Finding(CheckMark.PASSED))


@pytest.fixture
def by(db):
    return world.coordinator()


@pytest.fixture
def outbreak(db):
    return factories.outbreak(area_code="1301")


@pytest.fixture
def raw(by):
    return world.site(by, state=SiteState.RESERVE)


def check(site, outbreak, by, findings=ALL_PASSED, **facts):
    given = {"checked_at": NOW, "signed_as": "王明", "now": NOW} | facts
    return site_checks.check_site(site=site, outbreak=outbreak, findings=findings, by=by, **given)


class TestRegister:
    def test_makes_a_site_in_reserve_with_a_place(self, by):
        made = world.site(by, state=SiteState.RESERVE, n_rooms=0, latitude=38.0, longitude=114.6)
        assert (made.state, made.place.latitude, made.registered_by) == (SiteState.RESERVE, 38.0, by.username)

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"name": " "}, "name is empty"),
            ({"latitude": 38.0}, "longitude stands alone"),
            ({"latitude": 91.0, "longitude": 114.0}, "latitude is no degree"),
            ({"phone": "1" * 41}, "phone is too long"),
        ],
    )
    def test_refuses_what_cannot_be(self, by, facts, why):
        factories.area(code="130109", name="藁城区")
        with pytest.raises(sites.IsolationSiteUnreadable, match=why):
            sites.register_site(entry=sites.SiteEntry(**{"name": "甲", "area_code": "130109"} | facts), by=by, now=NOW)
        assert not IsolationSite.objects.exists()

    def test_refuses_one_twice(self, by):
        world.site(by, name="甲宾馆")
        with pytest.raises(sites.SiteKnown):
            world.site(by, name="甲宾馆")

    def test_refuses_the_wrong_right_and_area(self, by):
        with pytest.raises(access.NotAllowed):
            world.site(factories.account(role=Role.SITE_WORKER, area_code="13"))
        with pytest.raises(access.NotYours):
            world.site(world.coordinator("1305"))


class TestList:
    def test_takes_sites_with_their_rooms_and_leaves_known_ones(self, by):
        factories.area(code="130109", name="藁城区")
        rows = [
            {"name": "甲宾馆", "area_code": "130109", "floors": "2", "rooms_per_floor": "10", "first_floor": "3"},
            {"name": "乙宾馆", "area_code": "130109", "latitude": "38.02", "longitude": "114.84"},
        ]
        taken = site_lists.take_sites(rows=rows, source="清单.xlsx", by=by, now=NOW)
        assert (taken.sites, taken.rooms, taken.known) == (2, 20, 0)
        assert IsolationRoom.objects.order_by("number").first().number == "301"
        again = site_lists.take_sites(rows=rows, source="清单.xlsx", by=by, now=NOW)
        assert (again.sites, again.rooms, again.known) == (0, 0, 2)

    def test_rehearses_without_keeping_anything(self, by):
        factories.area(code="130109", name="藁城区")
        rows = [{"name": "甲宾馆", "area_code": "130109", "floors": "1", "rooms_per_floor": "5"}]
        taken = site_lists.take_sites(rows=rows, source="清单.xlsx", by=by, now=NOW, dry_run=True)
        assert (taken.sites, taken.rooms) == (1, 5)
        assert not IsolationSite.objects.exists()

    def test_names_each_faulty_cell_and_keeps_nothing(self, by):
        factories.area(code="130109", name="藁城区")
        factories.area(code="130502", name="襄都区")
        rows = [
            {"name": "甲", "area_code": "130109", "latitude": "三十八"},
            {"name": "甲", "area_code": "130109"},
            {"name": "", "area_code": "999999", "floors": "3"},
            {"name": "丙", "area_code": "130502", "in_closed_loop": "也许"},
        ]
        with pytest.raises(site_lists.SitesRefused) as refused:
            site_lists.take_sites(rows=rows, source="x", by=by, now=NOW)
        told = {(one["row"], one["field"]) for one in refused.value.facts["errors"]}
        assert told == {
            (1, "latitude"), (2, "name"), (3, "name"), (3, "area_code"), (3, "rooms_per_floor"),
            (4, "area_code"), (4, "in_closed_loop"),
        }  # fmt: skip
        assert not IsolationSite.objects.exists()


class TestRooms:
    def test_of_a_range_are_numbered_floor_by_floor(self):
        made = rooms.RoomRange(first_floor=3, n_floors=3, per_floor=20).entries()
        assert len(made) == 60
        assert [made[0].number, made[19].number, made[59].number] == ["301", "320", "520"]
        assert (made[0].position, made[0].opposite, made[1].position, made[1].opposite) == (1, False, 1, True)

    def test_are_places_that_hold_one_household_and_their_beds(self, by):
        site = world.site(by, n_rooms=1, beds=2)
        place = site.rooms.get().place
        assert (place.parent, place.single_household, place.capacity) == (site.place, True, 2)

    def test_are_refused_twice_and_in_absurd_numbers(self, raw, by):
        with pytest.raises(rooms.RoomTwice, match="101"):
            rooms.add_rooms(site=raw, entries=[rooms.RoomEntry(number="101")], by=by, now=NOW)
        with pytest.raises(rooms.TooManyRooms):
            rooms.RoomRange(first_floor=1, n_floors=100, per_floor=1000).entries()
        with pytest.raises(rooms.RoomUnreadable):
            rooms.add_rooms(site=raw, entries=[rooms.RoomEntry(number="9", beds=0)], by=by, now=NOW)

    def test_from_a_list_are_refused_cell_by_cell(self, raw, by):
        rows = [{"number": "101"}, {"number": "201", "beds": "两"}, {"number": "202", "floor": "500"}]
        with pytest.raises(site_lists.RoomsRefused) as refused:
            site_lists.take_rooms(site=raw, rows=rows, by=by, now=NOW)
        told = {(one["row"], one["field"]) for one in refused.value.facts["errors"]}
        assert told == {(1, "number"), (2, "beds"), (3, "number")}
        good = [{"number": "201", "building": "东", "is_family": "是", "beds": "3"}]
        site_lists.take_rooms(site=raw, rows=good, by=by, now=NOW)
        made = IsolationRoom.objects.get(building="东")
        assert (made.is_family, made.beds, made.place.capacity) == (True, 3, 3)

    def test_are_taken_out_of_service_with_a_reason_and_put_back(self, raw, by):
        room = raw.rooms.first()
        with pytest.raises(rooms.RoomReasonMissing):
            rooms.take_out(room=room, reason=" ", by=by, now=NOW)
        rooms.take_out(room=room, reason="漏水", by=by, now=NOW)
        assert occupancy.by_site([raw.pk], as_of=NOW)[raw.pk].by_status[RoomStatus.OUT_OF_SERVICE] == 1
        rooms.put_back(room=room, by=by, now=NOW)
        with pytest.raises(rooms.NotOutOfService):
            rooms.put_back(room=room, by=by, now=NOW)

    def test_with_people_inside_are_neither_taken_out_nor_disinfected_nor_shrunk(self, by):
        room = world.site(by, beds=2).rooms.first()
        for one in world.household(2):
            isolation.arrive(person=one, kind=StayKind.ROOM, place=room.place, at=NOW, by=by, now=NOW)
        with pytest.raises(rooms.RoomNotEmpty):
            rooms.take_out(room=room, reason="漏水", by=by, now=NOW)
        with pytest.raises(rooms.RoomInUse):
            rooms.disinfected(room=room, at=NOW + timedelta(minutes=1), by=by, now=NOW + timedelta(minutes=1))
        with pytest.raises(rooms.RoomNotEmpty):
            rooms.refurnish(room=room, beds=1, attributes={}, by=by, now=NOW)
        assert rooms.refurnish(room=room, beds=3, attributes={"is_family": True}, by=by, now=NOW).is_family
        assert Place.objects.get(pk=room.place_id).capacity == 3

    def test_are_free_again_once_disinfected(self, by):
        site = world.site(by, n_rooms=1)
        room, someone = site.rooms.get(), factories.person()
        isolation.arrive(person=someone, kind=StayKind.ROOM, place=room.place, at=NOW, by=by, now=NOW)
        out = NOW + timedelta(hours=1)
        isolation.depart(person=someone, at=out, by=by, now=out)
        assert occupancy.by_site([site.pk], as_of=out)[site.pk].by_status[RoomStatus.TO_DISINFECT] == 1
        rooms.disinfected(room=room, at=out, by=by, now=out)
        assert occupancy.by_site([site.pk], as_of=out)[site.pk].free == 1

    def test_are_refused_to_other_authorities(self, raw):
        with pytest.raises(access.NotYours):
            rooms.take_out(room=raw.rooms.first(), reason="漏水", by=world.coordinator("1305"), now=NOW)


class TestCheck:
    def test_passed_lets_the_site_become_ready(self, raw, outbreak, by):
        with pytest.raises(sites.SiteNotChecked):
            sites.move_site(site=raw, state=SiteState.READY, by=by, now=NOW)
        made = check(raw, outbreak, by)
        assert (made.passed, made.signed_as, made.checked_by) == (True, "王明", by)
        assert made.basis
        assert sites.move_site(site=raw, state=SiteState.READY, by=by, now=NOW).state == SiteState.READY

    def test_failed_puts_a_ready_site_back(self, outbreak, by):
        ready = world.site(by)
        bad = ALL_PASSED | {SiteCheckItem.FIRE: site_checks.Finding(CheckMark.FAILED, "通道堵塞")}
        made = check(ready, outbreak, by, bad)
        ready.refresh_from_db()
        assert (made.passed, ready.state) == (False, SiteState.RESERVE)
        with pytest.raises(sites.SiteNotChecked):
            sites.move_site(site=ready, state=SiteState.READY, by=by, now=NOW)

    @pytest.mark.parametrize(
        ("findings", "facts", "refusal"),
        [
            ({}, {}, site_checks.ItemsMissing),
            ({SiteCheckItem.WASTE: site_checks.Finding(CheckMark.NOT_ASKED)}, {}, site_checks.ItemMustBeAsked),
            ({SiteCheckItem.WASTE: site_checks.Finding(CheckMark.FAILED)}, {}, site_checks.ItemWithoutReason),
            (None, {"signed_as": " "}, site_checks.SignatureMissing),
            (None, {"checked_at": NOW + timedelta(hours=1)}, site_checks.CheckInTheFuture),
            (None, {"photos": [site_checks.Taken(Photograph(b"x", "image/png"))] * 21}, site_checks.TooManyPhotos),
        ],
    )
    def test_refuses_what_is_not_whole(self, raw, outbreak, by, findings, facts, refusal):
        given = findings if findings == {} else ALL_PASSED | (findings or {})
        with pytest.raises(refusal):
            check(raw, outbreak, by, given, **facts)
        assert not SiteCheck.objects.exists()

    def test_keeps_photographs_for_those_of_the_area(self, raw, outbreak, by):
        shown = site_checks.Taken(Photograph(b"picture", "image/png"), SiteCheckItem.ZONES)
        check(raw, outbreak, by, photos=[shown])
        held = SitePhoto.objects.get()
        assert bytes(site_checks.photo(held.pk, by=by).image) == b"picture"
        with pytest.raises(access.NotYours):
            site_checks.photo(held.pk, by=world.coordinator("1305"))

    def test_asks_what_the_edition_asks_and_says_what_is_unconfirmed(self, by):
        real = factories.outbreak(area_code="1301", kind="real")
        asked = {one.item: one for one in site_checks.asked(outbreaks.rules_at(real, NOW))}
        assert all(asked[item].is_asked for item in (SiteCheckItem.WASTE, SiteCheckItem.FIRE))
        for one in asked.values():
            if one.entry:
                assert one.awaits == (one.entry["gives"] == "awaits_confirmation")

    def test_before_closing_does_not_count_afterwards(self, outbreak, by):
        site = world.site(by)
        sites.move_site(site=site, state=SiteState.CLOSED, reason="恢复营业", by=by, now=NOW)
        sites.move_site(site=site, state=SiteState.RESERVE, by=by, now=NOW)
        with pytest.raises(sites.SiteNotChecked):
            sites.move_site(site=site, state=SiteState.READY, by=by, now=NOW)


class TestMove:
    def test_is_refused_where_no_arrow_leads_and_without_rooms_or_reason(self, raw, by):
        with pytest.raises(sites.SiteCannotMove):
            sites.move_site(site=raw, state=SiteState.IN_USE, by=by, now=NOW)
        bare = world.site(by, state=SiteState.RESERVE, n_rooms=0)
        world.passed(bare, by)
        with pytest.raises(sites.SiteHasNoRooms):
            sites.move_site(site=bare, state=SiteState.READY, by=by, now=NOW)
        with pytest.raises(sites.SiteReasonMissing):
            sites.move_site(site=raw, state=SiteState.CLOSED, by=by, now=NOW)

    def test_is_refused_while_people_are_inside(self, by):
        used = world.site(by, state=SiteState.IN_USE)
        person = factories.person()
        isolation.arrive(person=person, kind=StayKind.ROOM, place=used.rooms.first().place, at=NOW, by=by, now=NOW)
        with pytest.raises(sites.PeopleInside, match="1 people"):
            sites.move_site(site=used, state=SiteState.CLOSED, reason="停用", by=by, now=NOW)
        isolation.depart(person=person, at=NOW + timedelta(hours=1), by=by, now=NOW + timedelta(hours=1))
        assert sites.move_site(site=used, state=SiteState.CLOSED, reason="停用", by=by, now=NOW).closed_at == NOW

    def test_is_refused_without_the_right_and_outside_the_area(self, raw):
        for stranger, refusal in (
            (factories.account(role=Role.DUTY_OFFICER, area_code="1301"), access.NotAllowed),
            (world.coordinator("1305"), access.NotYours),
        ):
            with pytest.raises(refusal):
                sites.move_site(site=raw, state=SiteState.CLOSED, reason="停用", by=stranger, now=NOW)


class TestReserve:
    def test_says_how_many_rooms_lack_where_a_level_is_set(self, by):
        eighth = factories.outbreak(area_code="1301")
        factories.area(code="130109", name="藁城区", level=AreaLevel.COUNTY, population=100_000)
        factories.area(code="130110", name="鹿泉区", level=AreaLevel.COUNTY)
        site = world.site(by, n_rooms=50)
        rooms.add_rooms(
            site=site, entries=[rooms.RoomEntry(number="901")], by=by, now=NOW, is_generated=True
        )  # fmt: skip
        later = NOW.replace(year=2021, month=11)
        found = reserve.reserve(eighth, "1301", as_of=later)
        one, unknown = found.counties
        assert (one.rooms, one.generated, one.per_10k) == (50, 1, 5.0)
        assert found.level == 20
        assert (one.wanted, one.short) == (200, 150)
        assert (unknown.population, unknown.wanted, unknown.short) == (None, None, None)

    def test_gives_no_verdict_where_the_edition_sets_none(self, by):
        outbreak = factories.outbreak(area_code="1301")
        factories.area(code="130109", name="藁城区", level=AreaLevel.COUNTY, population=100_000)
        found = reserve.reserve(outbreak, "1301", as_of=NOW.replace(year=2022, month=8))
        assert (found.level, found.counties[0].short, found.short) == (None, None, ())


class TestNeeds:
    def test_hold_until_they_end_and_are_known_from_when_they_were_told(self, by):
        person = factories.person()
        need = needs.record_need(person=person, kind=NeedKind.DIALYSIS, by=by, now=NOW)
        later = NOW + timedelta(hours=1)
        day = NOW.date()
        assert needs.of_people([person.pk], as_of=NOW - timedelta(hours=1), day=day) == {}
        assert needs.of_people([person.pk], as_of=NOW, day=day) == {person.pk: (NeedKind.DIALYSIS,)}
        with pytest.raises(needs.NeedKnown):
            needs.record_need(person=person, kind=NeedKind.DIALYSIS, by=by, now=later)
        needs.end_need(need=need, by=by, now=later)
        assert needs.of_people([person.pk], as_of=later, day=day) == {}
        with pytest.raises(needs.NeedOver):
            needs.end_need(need=need, by=by, now=later)

    def test_refuse_twisted_days_the_wrong_right_and_strangers(self, by):
        person = factories.person()
        with pytest.raises(needs.NeedDaysTwisted):
            needs.record_need(
                person=person, kind=NeedKind.DIET, by=by, now=NOW, since_date=NOW.date(),
                until_date=NOW.date() - timedelta(days=1),
            )  # fmt: skip
        for stranger, refusal in (
            (factories.account(role=Role.SAMPLER), access.NotAllowed),
            (world.coordinator("1305"), access.NotYours),
        ):
            with pytest.raises(refusal):
                needs.record_need(person=person, kind=NeedKind.DIET, by=stranger, now=NOW)

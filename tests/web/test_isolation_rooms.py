"""Isolation sites and rooms on screen: registered, checked, filled with rooms; the coordinator's morning."""

import struct
import zlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sizao.records.models import IsolationSite, RoomPlacement, SitePhoto
from sizao.response import isolation
from sizao.response.isolation import allocation, placements
from sizao.terms import PlacementState, Role, SiteCheckItem, SiteState, StayKind
from tests import factories
from tests.response import isolation_world as world

pytestmark = pytest.mark.django_db
NOW = world.NOW


@pytest.fixture
def outbreak(noise):
    return factories.outbreak(slug="rooms", area_code="1301")


@pytest.fixture
def by(db):
    return world.coordinator()


@pytest.fixture
def officer(client_of):
    return client_of(Role.ISOLATION_COORDINATOR, "1301")


def at(path="", **asked):
    more = "".join(f"&{key}={value}" for key, value in asked.items())
    return f"/isolation/{path}?outbreak=rooms&day=2021-01-10{more}"


def shown(answer, status=200):
    assert answer.status_code == status
    return answer.content.decode()


def png():
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 6)) + chunk(b"IEND", b"")


class TestSites:
    def test_are_registered_furnished_checked_and_made_ready(self, outbreak, officer):
        factories.area("130109", "藁城区")
        form = {"name": "康宁宾馆", "area_code": "130109", "latitude": "38.03", "longitude": "114.84"}
        assert "Registered: 康宁宾馆" in shown(officer.post(at("register/"), form, follow=True))
        site = IsolationSite.objects.get()
        plan = {"way": "range", "first_floor": "3", "floors": "3", "per_floor": "20", "first_number": "1", "beds": "1"}
        assert "60 rooms were added" in shown(officer.post(at(f"sites/{site.pk}/rooms/"), plan, follow=True))
        page = shown(officer.post(at(f"sites/{site.pk}/move/"), {"state": "ready"}, follow=True))
        assert "has not passed a check" in page
        marks = {f"mark-{item}": "passed" for item in SiteCheckItem}
        signed = marks | {"signed_as": "王明", "photos": SimpleUploadedFile("门.png", png(), "image/png")}
        assert "Passed and signed." in shown(officer.post(at(f"sites/{site.pk}/check/sign/"), signed, follow=True))
        assert "is now “Ready”" in shown(officer.post(at(f"sites/{site.pk}/move/"), {"state": "ready"}, follow=True))
        photo = officer.get(at(f"photos/{SitePhoto.objects.get().pk}/"))
        assert (photo["Content-Type"], photo.content) == ("image/png", png())

    def test_come_back_with_the_marks_given_when_a_check_is_not_whole(self, outbreak, officer, by):
        site = world.site(by, state=SiteState.RESERVE)
        page = shown(officer.post(at(f"sites/{site.pk}/check/sign/"), {"mark-fire": "failed", "note-fire": "通道堵塞"}))
        assert "have no mark" in page
        assert "通道堵塞" in page

    def test_of_a_list_are_refused_by_cell_or_rehearsed(self, outbreak, officer):
        factories.area("130109", "藁城区")
        bad = SimpleUploadedFile("sites.csv", "名称,区划代码,纬度\n甲,130109,北\n".encode())
        page = shown(officer.post(at("register/"), {"site_file": bad, "from": "file"}))
        assert "To be corrected" in page
        assert "degrees north" in page
        good = SimpleUploadedFile("sites.csv", "名称,区划代码,楼层数,每层房间数\n甲,130109,2,5\n".encode())
        page = shown(officer.post(at("register/"), {"site_file": good, "from": "file", "dry_run": "1"}, follow=True))
        assert "1 new sites with 10 rooms" in page
        assert not IsolationSite.objects.exists()

    def test_show_who_is_inside_to_those_who_may_see_people(self, outbreak, officer, client_of, by):
        site = world.site(by)
        guest = factories.person(name="王小明")
        room = site.rooms.order_by("number").first()
        isolation.arrive(person=guest, kind=StayKind.ROOM, place=room.place, at=NOW, by=by, now=NOW)
        assert "王小明" in shown(officer.get(at(f"sites/{site.pk}/", status="occupied")))
        assert "王小明" not in shown(client_of(Role.SITE_WORKER, "1301").get(at(f"sites/{site.pk}/")))
        assert "1 person is inside" in shown(officer.get(at()))

    def test_generated_rooms_are_named_so_on_each_page(self, outbreak, officer, by):
        site = world.site(by)
        site.rooms.update(is_generated=True)
        for path in ("", f"sites/{site.pk}/"):
            assert "3 of these rooms are generated" in shown(officer.get(at(path)))

    def test_of_another_authority_are_not_found(self, outbreak, client_of, by):
        site = world.site(by)
        stranger = client_of(Role.ISOLATION_COORDINATOR, "130502")
        for path in (f"sites/{site.pk}/", f"sites/{site.pk}/check/"):
            shown(stranger.get(f"/isolation/{path}"), 404)

    def test_stand_on_the_map_and_in_the_workbook(self, outbreak, officer, by):
        world.site(by, name="康宁宾馆", latitude=38.0, longitude=114.8)
        told = officer.get(at("points/")).json()["sites"]
        assert [(one["name"], one["at"], one["busy"]) for one in told] == [("康宁宾馆", [114.8, 38.0], False)]
        assert officer.get(at("export/"))["Content-Type"].endswith("sheet")

    def test_reserve_tells_that_no_level_is_set(self, outbreak, officer):
        assert "names no reserve level" in shown(officer.get(at("reserve/")))


class TestMorning:
    def test_goes_from_waiting_to_kept_rooms(self, outbreak, officer, by):
        world.site(by, name="康宁宾馆", n_rooms=3)
        found = [world.order(outbreak).person for _ in range(3)]
        page = shown(officer.get(at("rooms/")))
        assert "<b>3</b> people wait" in page
        page = shown(officer.post(at("rooms/act/"), {"act": "propose"}, follow=True))
        assert "3 of 3 people have a room proposed" in page
        assert "One person, one room" in page
        page = shown(officer.post(at("rooms/act/"), {"act": "accept"}, follow=True))
        assert "3 rooms are kept" in page
        kept = RoomPlacement.objects.filter(state=PlacementState.ACCEPTED)
        assert {one.person for one in kept} == set(found)

    def test_changes_one_with_a_reason_and_refuses_without(self, outbreak, officer, by):
        world.site(by, n_rooms=2)
        world.order(outbreak)
        allocation.propose(outbreak=outbreak, area_code="1301", by=by, now=NOW)
        held = RoomPlacement.objects.get()
        page = shown(officer.get(at(f"rooms/{held.pk}/")))
        other = held.site.rooms.exclude(pk=held.room_id).get()
        assert f'name="room" value="{other.pk}"' in page
        assert f'name="room" value="{held.room_id}"' not in page
        bare = {"act": "change", "room": other.pk, "reason": " "}
        assert "Give the reason" in shown(officer.post(at(f"rooms/{held.pk}/decide/"), bare, follow=True))
        change = bare | {"reason": "与母亲相邻"}
        page = shown(officer.post(at(f"rooms/{held.pk}/decide/"), change, follow=True))
        assert f"Kept for {held.person.number}" in page
        assert "与母亲相邻" in shown(officer.get(at("rooms/", shown="kept")))

    def test_names_what_lacks(self, outbreak, officer, by):
        world.site(by, n_rooms=1)
        world.order(outbreak), world.order(outbreak)
        page = shown(officer.post(at("rooms/act/"), {"act": "propose"}, follow=True))
        assert "1 more rooms are needed for 1 people" in page

    def test_gives_a_room_by_hand(self, outbreak, officer, by):
        room = world.site(by).rooms.first()
        order = world.order(outbreak)
        assert "No room is proposed" in shown(officer.get(at(f"by-hand/{order.pk}/", site=room.site_id)))
        form = {"room": room.pk, "reason": "已到门口"}
        assert "Kept for" in shown(officer.post(at(f"by-hand/{order.pk}/keep/"), form, follow=True))

    def test_tells_who_comes_second_in_one_sentence(self, outbreak, officer, by):
        room = world.site(by, n_rooms=1).rooms.get()
        first, second = world.order(outbreak), world.order(outbreak)
        placements.keep(order=first, room=room, reason="先到", by=by, now=NOW)
        form = {"room": room.pk, "reason": "后到"}
        page = shown(officer.post(at(f"by-hand/{second.pk}/keep/"), form, follow=True))
        assert "was given to somebody else a moment ago" in page

    def test_lists_late_arrivals_and_opens_the_number(self, outbreak, officer, by):
        site = world.site(by)
        made = placements.keep(
            order=world.order(outbreak), room=site.rooms.first(), reason="测试", by=by, now=NOW,
            due_at=NOW + timedelta(minutes=5),
        )  # fmt: skip
        assert "should have arrived" in shown(officer.get(at()))
        page = shown(officer.get(at("rooms/", shown="late", site=site.pk)))
        assert made.person.number in page

    def test_is_closed_to_those_without_the_right(self, outbreak, client_of):
        shown(client_of(Role.DUTY_OFFICER, "1301").get(at("rooms/")), 403)
        shown(client_of(Role.DUTY_OFFICER, "1301").post(at("rooms/act/"), {"act": "propose"}), 403)

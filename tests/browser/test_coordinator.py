"""The coordinator's morning: 300 people get rooms, one is changed with a reason, all are accepted, some arrive."""

import pytest

from tests.browser.coordinator_world import N_PEOPLE
from tests.browser.walking import CHINESE, DESK, ENGLISH, PHONE
from tests.serving import ROOT

pytestmark = pytest.mark.browser
CHOICE = "outbreak=coordinator"
HERE = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
FILL = HERE + "from tests.browser import coordinator_world; coordinator_world.fill()"
ARRIVE = """
from sizao.records.models import Account, RoomPlacement
from sizao.response import isolation
from sizao.terms import PlacementState, StayKind
from tests.browser.coordinator_world import FOUND_AT
from datetime import timedelta
by, at = Account.objects.get(username="isolation_coordinator"), FOUND_AT + timedelta(hours=10)
kept = RoomPlacement.objects.filter(outbreak__slug="coordinator", state=PlacementState.ACCEPTED)
for one in kept.select_related("person", "room__place").order_by("person__number")[:7]:
    isolation.arrive(person=one.person, kind=StayKind.ROOM, place=one.room.place, at=at, by=by, now=at)
"""


class TestTheMorning:
    def test_goes_from_300_waiting_to_rooms_that_are_reached(self, enter, served):
        served.tell("manage", "shell", "-c", FILL)
        walker = enter("isolation_coordinator", language=ENGLISH)
        walker.go(f"/isolation/rooms/?{CHOICE}")
        walker.see(f"{N_PEOPLE} people wait without a room")
        walker.press("Propose rooms for all who wait")
        walker.see(f"{N_PEOPLE} of {N_PEOPLE} people have a room proposed")
        walker.snap("en-desk-rooms-proposed")
        self.changes_one(walker)
        walker.go(f"/isolation/rooms/?{CHOICE}&shown=proposed")
        walker.press(f"Accept all {N_PEOPLE - 1} proposed")
        walker.see(f"{N_PEOPLE - 1} rooms are kept, in your name.", f"{N_PEOPLE} have one kept")
        served.tell("manage", "shell", "-c", HERE + ARRIVE)
        walker.go(f"/isolation/?{CHOICE}")
        walker.see("7 people are inside")
        walker.snap("en-desk-board", whole=True)
        self.opens_a_number(walker)
        self.is_seen_in_chinese_and_on_a_phone(enter)

    def changes_one(self, walker):
        walker.page.get_by_role("link", name="Decide or change").first.click()
        walker.page.wait_for_load_state("networkidle")
        walker.page.locator(".room-choice input[type=radio]").first.check()
        choice = walker.page.locator("form", has=walker.page.locator(".room-choice"))
        choice.locator("input[name=reason]").fill("beside her mother")
        walker.snap("en-desk-room-choice")
        walker.press("Keep this room, in my name")
        walker.see("Kept for ")
        walker.go(f"/isolation/rooms/?{CHOICE}&shown=kept")
        walker.see("beside her mother")

    def opens_a_number(self, walker):
        row = walker.page.locator("tbody tr", has_text="In use").first
        occupied = row.locator("td").nth(4).locator("a")
        n_rooms = int(occupied.inner_text())
        with walker.page.expect_navigation():
            occupied.click()
        assert walker.page.locator(".room-list > li").count() == n_rooms

    def is_seen_in_chinese_and_on_a_phone(self, enter):
        for size, name in ((DESK, "desk"), (PHONE, "phone")):
            walker = enter("isolation_coordinator", language=CHINESE, size=size)
            for path, sight in (
                ("", "已入住"),
                ("rooms/?shown=kept", "人员与房间"),
                ("reserve/", "隔离房间储备"),
                ("register/", "登记隔离点"),
            ):  # fmt: skip
                page, _, more = path.partition("?")
                walker.go(f"/isolation/{page}?{CHOICE}&{more}")
                walker.see(sight)
                walker.snap(f"zh-{name}-isolation-{page.strip('/') or 'board'}", whole=name == "phone")

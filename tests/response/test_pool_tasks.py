"""What is asked about a positive pool, what its members are told, and who was near them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sizao.records import access
from sizao.records.models import Contact, Event, Household, IsolationOrder, PoolMember, RosterEntry, Task
from sizao.response import testing
from sizao.response.tasks import about_pools
from sizao.response.testing import holds, holds_near, holds_notice, recalls
from sizao.response.tracing import tokens
from sizao.terms import HoldEnd, OutbreakKind, Role, TaskKind, TaskState
from tests import factories
from tests.response.pools_world import LATER, LAW, NEGATIVE, Pools
from tests.response.testing_world import BEGIN, COUNTY, NOW, OTHER_VILLAGE, VILLAGE, id_number

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world(noise):
    return Pools(kind=OutbreakKind.REPLAY)


def asked(world, now):
    """Run the part of the loop that asks and closes; give the open tasks."""
    Task.objects.bulk_create(about_pools.lacking(world.outbreak, None, now))
    for task in about_pools.settled(world.outbreak, now):
        task.save()
    found = Task.objects.filter(outbreak=world.outbreak, state=TaskState.OPEN)
    return {(one.kind, one.role, one.area_code, one.due_at) for one in found}


class TestTasks:
    def test_go_from_the_decision_to_each_village_s_doors(self, world):
        _, hold = world.positive_pool(1, 2, 3)
        assert asked(world, LATER) == {(TaskKind.DECIDE_HOLD, Role.DUTY_OFFICER, "130109110", None)}
        due = world.order(hold, expires_at=LATER + 24 * HOUR).recall_due_at
        assert LATER < due < LATER + 24 * HOUR
        assert asked(world, LATER) == {
            (TaskKind.RECALL_POOL, Role.GRID_WORKER, VILLAGE, due),
            (TaskKind.RECALL_POOL, Role.GRID_WORKER, OTHER_VILLAGE, due),
        }
        assert asked(world, LATER) == asked(world, LATER)
        world.single(3)  # of the other village
        assert {one[2] for one in asked(world, LATER)} == {VILLAGE}
        holds.advance(outbreak=world.outbreak, now=LATER + 25 * HOUR)
        assert asked(world, LATER + 25 * HOUR) == set()

    def test_are_asked_by_the_loop(self, world):
        from sizao.response import tasks

        world.positive_pool(1, 2)
        tasks.advance(outbreak=world.outbreak, now=LATER)
        assert Task.objects.get(kind=TaskKind.DECIDE_HOLD).subject_kind == "hold"
        tasks.advance(outbreak=world.outbreak, now=LATER)
        assert Task.objects.filter(kind=TaskKind.DECIDE_HOLD).count() == 1

    def test_of_a_hold_proposed_anew_are_asked_anew(self, world):
        code, hold = world.positive_pool(1, 2)
        asked(world, LATER)
        holds.decline(hold=hold, reason="x", by=world.officer, now=LATER)
        assert asked(world, LATER) == set()
        code, hold = world.positive_pool(4, 5)
        asked(world, LATER)
        world.release(NEGATIVE, code, again=True)
        assert asked(world, LATER) == set()
        world.release("positive", code, now=LATER + HOUR, again=True)
        assert {one[0] for one in asked(world, LATER + HOUR)} == {TaskKind.DECIDE_HOLD}


class TestNotice:
    def test_says_why_what_until_when_by_whom_and_how_to_object(self, world):
        code, hold = world.positive_pool(1, 2)
        hold = world.order(hold)
        until = timezone.localtime(hold.expires_at)
        for language, wholes in (
            ("zh", ("不是您本人的结果", "异议", "60日")),
            ("en", ("not yours", "object", "60 days")),
        ):
            notice = holds_notice.notices(hold, language)[1]
            text = " ".join((notice.reason, *notice.asked, *notice.remedies))
            assert code in notice.reason
            assert notice.legal_basis == LAW
            assert (notice.ordered_by, notice.expires_at) == (world.officer.display_name, hold.expires_at)
            assert f"{until:%H:%M}" in notice.remedies[0]
            assert all(whole in text for whole in wholes)
            assert "{" not in text
            assert len(notice.sums) == 3

    def test_is_for_those_who_are_held_still(self, world):
        _, hold = world.positive_pool(1, 2)
        hold = world.order(hold)
        holds.uphold_objection(member=PoolMember.objects.get(entry=1), reason="x", by=None, now=LATER)
        assert set(holds_notice.notices(hold, "zh")) == {2}


class TestDoors:
    def test_are_shown_to_who_follows_up_in_the_area(self, world):
        _, hold = world.positive_pool(1, 3)
        seen = {one.entry: one for one in recalls.doors(hold, by=world.grid_worker, now=LATER, as_of=LATER)}
        assert (seen[1].name, seen[1].hidden) == ("王1", False)
        assert (seen[3].name, seen[3].hidden) == (None, True)
        assert Event.objects.get(verb="pool.read").facts["people"] == 1

    def test_are_hidden_from_who_may_only_count(self, world):
        _, hold = world.positive_pool(1, 3)
        reporter = factories.account(role=Role.REPORTER, area_code=COUNTY)
        assert all(one.hidden for one in recalls.doors(hold, by=reporter, now=LATER, as_of=LATER))
        assert not Event.objects.filter(verb="pool.read").exists()

    def test_say_how_far_each_has_come(self, world):
        _, hold = world.positive_pool(1, 2)
        code, _ = world.single(1)
        world.release(NEGATIVE, code, now=LATER + HOUR)
        by, at = world.officer, LATER + 2 * HOUR
        assert [(one.swabbed_at, one.end_reason) for one in recalls.doors(hold, by=by, now=at, as_of=at)] == [
            (LATER, HoldEnd.NEGATIVE), (None, None),
        ]  # fmt: skip
        before = recalls.doors(hold, by=by, now=at, as_of=LATER)
        assert [(one.swabbed_at, one.end_reason) for one in before] == [(LATER, None), (None, None)]


class TestNear:
    @pytest.fixture
    def investigator(self, world):
        return factories.account(role=Role.INVESTIGATOR, area_code=COUNTY)

    def test_are_households_of_the_register_and_of_the_roster(self, world, investigator):
        home = Household.objects.create(area_code=VILLAGE, source_key="pool:home")
        factories.person(id_number_index=tokens.id_number_index(id_number(1)), household=home)
        wife = factories.person(name="李四", household=home)
        RosterEntry.objects.filter(round=world.round, number__in=(2, 4)).update(household="7")
        RosterEntry.objects.filter(round=world.round, number=3).update(household="7")  # of another village
        _, hold = world.positive_pool(1, 2)
        found = holds_near.prepared(hold, by=investigator, now=LATER)
        assert [(one.number, one.entry, one.name) for one in found.households] == [
            (wife.number, None, "李四"), (None, 4, "王4"),
        ]  # fmt: skip

    def test_are_those_at_the_same_table_within_half_an_hour(self, world, investigator):
        site = testing.add_site(
            testing_round=world.round, name="村委会", area_code=VILLAGE, n_tables=2, by=world.coordinator, now=BEGIN
        )
        pool, near, far, other = (next(world.codes) for _ in range(4))
        for code, number, minutes, table in (
            (pool, 1, 0, 1), (pool, 2, 4, 1), (near, 4, 10, 1), (near, 5, -20, 1), (far, 7, 45, 1), (other, 8, 1, 2),
        ):  # fmt: skip
            at = NOW - HOUR + timedelta(minutes=minutes)
            world.register(world.swab(f"{number}", code, number, at=at, site=site.pk, table=table))
        world.release("positive", pool)
        hold = holds.PoolHold.objects.get()
        found = holds_near.prepared(hold, by=investigator, now=LATER)
        assert [(one.entry, one.minutes_apart) for one in found.queue] == [(4, 6), (5, 20)]
        assert (found.site.number, found.around) == (site.number, timedelta(minutes=30))

    def test_order_nobody_and_make_nobody_a_contact(self, world, investigator):
        _, hold = world.positive_pool(1, 2)
        holds_near.prepared(hold, by=investigator, now=LATER)
        assert not Contact.objects.filter(outbreak=world.outbreak).exists()
        assert not IsolationOrder.objects.filter(outbreak=world.outbreak).exists()
        assert Event.objects.filter(verb="pool.near_read", actor=investigator.username).count() == 1

    def test_are_for_investigators(self, world):
        _, hold = world.positive_pool(1, 2)
        with pytest.raises(access.NotAllowed):
            holds_near.prepared(hold, by=world.grid_worker, now=LATER)

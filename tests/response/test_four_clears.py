"""The four clears: everybody concerned is in one cell, every figure is reconciled and opens to its people."""

from collections import Counter
from datetime import timedelta

import pytest

from sizao.records.models import CaseFact, Contact, PoolMember, Stay
from sizao.response.reports.four_clears import four_clears
from sizao.response.reports.four_clears_people import Narrowed, everybody, people
from sizao.terms import (
    CaseFactKind,
    CaseStatus,
    Clear,
    Concern,
    ContactKind,
    ContactState,
    Control,
    NotCounted,
    OrderKind,
    OrderState,
    Role,
    StayKind,
    Unclear,
    Whereabouts,
)
from tests import factories
from tests.response.clears_world import VILLAGES, World, plain
from tests.response.home_world import NOW, order_of

pytestmark = pytest.mark.django_db
MOMENTS = (NOW - timedelta(hours=40), NOW, NOW + timedelta(hours=30))
AREAS = ("13", "130109", "130109110", "130109110212")


@pytest.fixture(params=range(3))
def world(request, noise):
    return World(request.param)


@pytest.fixture
def outbreak(noise):
    factories.area("130109", "藁城区")
    factories.area()
    return factories.outbreak()


def contact_of(outbreak, person=None, kind=ContactKind.CLOSE, **facts):
    person = person or factories.person(name="王小明")
    defaults = {"state": ContactState.FOUND, "area_code": person.area_code, "found_at": NOW - timedelta(hours=5)}
    return Contact.objects.create(
        outbreak=outbreak, person=person, kind=kind, source="test", source_key=f"contact:{person.pk}",
        **defaults | facts,
    )  # fmt: skip


def stay_of(person, kind=StayKind.HOME, **facts):
    defaults = {"period": (NOW - timedelta(hours=8), None), "recorded_at": NOW - timedelta(hours=8)}
    return Stay.objects.create(
        person=person, kind=kind, area_code=person.area_code, party=-person.pk,
        **{"source_key": f"stay:{person.pk}"} | defaults | facts,
    )  # fmt: skip


def unclear(outbreak, area_code="13"):
    return {word for word, count in four_clears(outbreak, area_code, as_of=NOW).unclear if count}


class TestAnyRecords:
    """Records thrown at random, some of them contradicting each other."""

    def test_put_everybody_concerned_in_exactly_one_cell_as_the_plain_twin_does(self, world):
        for as_of in MOMENTS:
            known = plain(world, as_of)
            for area_code in AREAS:
                found = four_clears(world.outbreak, area_code, as_of=as_of)
                told = Counter({tuple(map(str, cell)): count for cell, count in found.cells.items()})
                assert told == Counter(cell for area, cell in known if area.startswith(area_code))

    def test_leave_nobody_unexplained(self, world):
        for as_of in MOMENTS:
            for area_code in AREAS:
                found = four_clears(world.outbreak, area_code, as_of=as_of)
                assert found.unexplained == 0
                for group in found.groups:
                    assert group.rows == group.people + sum(count for _, count in group.not_counted)

    def test_add_up_from_the_areas_below(self, world):
        whole = four_clears(world.outbreak, "13", as_of=NOW)
        assert sum(area.people for area in whole.areas) == whole.people
        parts = [four_clears(world.outbreak, one.area_code, as_of=NOW) for one in whole.areas if one.is_known_below]
        assert sum((Counter(dict(one.cells)) for one in parts), Counter()) == Counter(dict(whole.cells))

    def test_open_every_figure_to_its_people(self, world):
        reader = factories.account(role=Role.COMMANDER)
        found = four_clears(world.outbreak, "130109", as_of=NOW)
        seen: set[int] = set()
        for (concern, place, control), count in found.cells.items():
            cell = Narrowed(concern=concern, place=place, control=control)
            listed = list(everybody(world.outbreak, "130109", cell, as_of=NOW, by=reader, at_once=7))
            assert len(listed) == count
            assert not seen & {one.id for one in listed}
            seen |= {one.id for one in listed}
        assert len(seen) == found.people
        for word, count in found.unclear:
            listed = list(everybody(world.outbreak, "130109", Narrowed(unclear=word), as_of=NOW, by=reader))
            assert len(listed) == count
            assert all(word in one.unclear for one in listed)

    def test_count_for_each_clear_whom_the_list_of_it_names(self, world):
        reader = factories.account(role=Role.COMMANDER)
        for area in four_clears(world.outbreak, "13", as_of=NOW).areas:
            for clear, count in area.lacking:
                if clear != Clear.NUMBER and area.is_known_below:
                    asked = Narrowed(clear=clear)
                    listed = list(everybody(world.outbreak, area.area_code, asked, as_of=NOW, by=reader))
                    assert len(listed) == count


class TestWhatIsUnclear:
    def test_a_contact_of_whom_nothing_is_known(self, outbreak):
        contact_of(outbreak, factories.person())
        assert unclear(outbreak) == {Unclear.NO_NAME, Unclear.NO_PLACE, Unclear.NO_ORDER}

    def test_a_contact_at_home_whose_order_waits(self, outbreak):
        contact = contact_of(outbreak)
        stay_of(contact.person)
        order_of(contact.person, within=outbreak, state=OrderState.PROPOSED)
        assert unclear(outbreak) == {Unclear.NOT_DECIDED}

    def test_a_contact_ordered_to_a_site_and_still_at_home(self, outbreak):
        contact = contact_of(outbreak)
        stay_of(contact.person)
        order_of(contact.person, within=outbreak, kind=OrderKind.CENTRAL)
        assert unclear(outbreak) == {Unclear.NOT_THERE}

    def test_a_contact_in_the_room_of_their_order_is_clear(self, outbreak):
        contact = contact_of(outbreak)
        stay_of(contact.person, StayKind.ROOM)
        order_of(contact.person, within=outbreak, kind=OrderKind.CENTRAL)
        found = four_clears(outbreak, "13", as_of=NOW)
        assert unclear(outbreak) == set()
        assert found.n_clear == len(found.areas) == 1
        assert found.cells == {(Concern.CLOSE, Whereabouts.ROOM, Control.CENTRAL): 1}

    def test_somebody_in_a_room_without_an_order(self, outbreak):
        contact = contact_of(outbreak, kind=ContactKind.GENERAL)
        stay_of(contact.person, StayKind.ROOM)
        assert unclear(outbreak) == {Unclear.NO_BASIS}

    def test_somebody_out_who_is_to_be_at_home(self, outbreak):
        contact = contact_of(outbreak)
        stay_of(contact.person, StayKind.OUTSIDE)
        order_of(contact.person, within=outbreak)
        assert unclear(outbreak) == {Unclear.OUTSIDE}

    def test_a_case_that_died_lacks_nothing(self, outbreak):
        case = factories.case(of=factories.person(name="李四"), within=outbreak, opened_at=NOW - timedelta(hours=30))
        assert Unclear.NO_PLACE in unclear(outbreak)
        died = {"kind": CaseFactKind.DIED, "area_code": case.area_code, "happened_at": NOW - timedelta(hours=2)}
        CaseFact.objects.create(case=case, recorded_at=NOW - timedelta(hours=1), by="officer", **died)
        assert unclear(outbreak) == set()
        found = four_clears(outbreak, "13", as_of=NOW)
        assert dict(found.cells) == {(Concern.CASE, Whereabouts.DIED, Control.NONE): 1}

    def test_of_whom_death_is_not_known_yet_is_where_the_ledger_has_them(self, outbreak):
        case = factories.case(of=factories.person(name="李四"), within=outbreak, opened_at=NOW - timedelta(hours=30))
        stay_of(case.person, StayKind.BED, period=(NOW - timedelta(hours=20), None))
        died = {"kind": CaseFactKind.DIED, "area_code": case.area_code, "happened_at": NOW - timedelta(hours=2)}
        CaseFact.objects.create(case=case, recorded_at=NOW - timedelta(hours=1), by="officer", **died)
        for hours, place, control in ((1.5, Whereabouts.BED, Control.HOSPITAL), (0.5, Whereabouts.DIED, Control.NONE)):
            found = four_clears(outbreak, "13", as_of=NOW - timedelta(hours=hours))
            assert dict(found.cells) == {(Concern.CASE, place, control): 1}

    def test_a_case_at_home_until_treated(self, outbreak):
        case = factories.case(of=factories.person(name="李四"), within=outbreak, opened_at=NOW - timedelta(days=2))
        ill = stay_of(case.person)
        assert unclear(outbreak) == {Unclear.NO_HOSPITAL}
        ill.delete()
        stay_of(case.person, StayKind.BED, period=(NOW - timedelta(days=1), NOW - timedelta(hours=1)))
        stay_of(case.person, period=(NOW - timedelta(hours=1), None), source_key="home")
        assert unclear(outbreak) == set()

    def test_a_general_contact_at_home_needs_no_order(self, outbreak):
        stay_of(contact_of(outbreak, kind=ContactKind.GENERAL).person)
        assert unclear(outbreak) == set()

    def test_somebody_known_only_to_the_county(self, outbreak):
        contact = contact_of(outbreak, kind=ContactKind.GENERAL, area_code="130109")
        stay_of(contact.person)
        assert unclear(outbreak, "130109") == {Unclear.WIDE_AREA}
        (area,) = four_clears(outbreak, "130109", as_of=NOW).areas
        assert not area.is_known_below


class TestReconciling:
    def test_a_case_that_is_a_contact_too_is_counted_once_and_told(self, outbreak):
        contact = contact_of(outbreak)
        factories.case(of=contact.person, within=outbreak, opened_at=NOW)
        found = four_clears(outbreak, "13", as_of=NOW)
        assert found.people == 1
        close = next(one for one in found.groups if one.concern == Concern.CLOSE)
        assert (close.rows, close.people, close.not_counted) == (1, 0, ((NotCounted.OTHER_GROUP, 1),))
        assert Unclear.TWO_CONCERNS in unclear(outbreak)

    def test_a_pool_member_of_no_register_is_told(self, outbreak):
        world = World(1, n_people=0)
        PoolMember.objects.create(hold=world.hold, round=world.hold.round, entry=1, area_code=VILLAGES[0], added_at=NOW)
        pool = next(one for one in four_clears(world.outbreak, "13", as_of=NOW).groups if one.concern == Concern.POOL)
        assert (pool.rows, pool.people, pool.not_counted) == (1, 0, ((NotCounted.NOT_REGISTERED, 1),))

    def test_a_zone_whose_people_nobody_can_tell_is_named(self, noise):
        world = World(3, n_people=0)
        assert four_clears(world.outbreak, "13", as_of=NOW - timedelta(hours=24)).zones_unread == ("compound",)

    def test_cases_not_investigated_are_told_by_area(self, outbreak):
        factories.case(within=outbreak, opened_at=NOW, status=CaseStatus.CONFIRMED)
        found = four_clears(outbreak, "13", as_of=NOW)
        assert found.uncounted_cases == 1
        assert dict(found.areas[0].lacking)[Clear.NUMBER] == 1


class TestTheMoment:
    def test_says_what_was_known_then(self, outbreak):
        contact = contact_of(outbreak, found_at=NOW - timedelta(hours=5))
        stay_of(contact.person, recorded_at=NOW)
        before = four_clears(outbreak, "13", as_of=NOW - timedelta(hours=6))
        between = four_clears(outbreak, "13", as_of=NOW - timedelta(hours=1))
        assert before.people == 0
        assert between.cells == {(Concern.CLOSE, Whereabouts.UNKNOWN, Control.NONE): 1}
        assert (Concern.CLOSE, Whereabouts.HOME, Control.NONE) in four_clears(outbreak, "13", as_of=NOW).cells


class TestThePeople:
    def test_are_masked_for_who_may_not_read_them(self, outbreak):
        contact_of(outbreak)
        commander = factories.account(role=Role.COMMANDER)
        stranger = factories.account(role=Role.COMMANDER, area_code="130102")
        (seen,) = people(outbreak, "13", Narrowed(), as_of=NOW, by=commander)
        (masked,) = people(outbreak, "13", Narrowed(), as_of=NOW, by=stranger)
        assert (seen.name, seen.masked) == ("王小明", False)
        assert (masked.name, masked.masked) == ("王**", True)

    def test_a_close_contact_who_waits_bears_the_clock_of_the_edition(self, outbreak):
        contact = contact_of(outbreak)
        (one,) = people(outbreak, "13", Narrowed(), as_of=NOW, by=factories.account(role=Role.COMMANDER))
        assert one.since == contact.found_at
        assert one.due_at is None or one.due_at > contact.found_at

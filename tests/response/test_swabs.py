"""Swabs at the tables: each registered once, whatever is odd about it told, and none lost."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from sizao.engines.tube_codes import box_code_of, code_of
from sizao.records import access
from sizao.records.models import Event, RosterEntry, Swab, TestingCount, TestingOddity, Tube
from sizao.response import testing
from sizao.response.testing import coverage, oddities, tubes
from sizao.terms import MissedReason, OddityKind, OutbreakKind, Role, RosterKind, SwabAnswer, TestResult, TubeKind
from tests import factories
from tests.response.testing_world import BEGIN, COUNTY, ELSEWHERE, NOW, VILLAGE, World, id_number

pytestmark = pytest.mark.django_db
TAKEN, REPEATED, QUEUED = SwabAnswer.TAKEN, SwabAnswer.REPEATED, SwabAnswer.QUEUED


@pytest.fixture
def world(noise):
    return World()


@pytest.fixture
def code(world):
    return next(world.codes)


def right(world):
    """Check that the kept counts say what the rows do."""
    kept = coverage.by_area(world.round, as_of=NOW + timedelta(days=9), digits=12)
    rows = coverage.recount(world.round)
    return {area: one for area, one in kept.items() if one != coverage.Coverage()} == rows


class TestRegister:
    def test_finds_who_it_is_by_the_id_number_or_the_roster(self, world, code):
        told = world.register(world.swab("a", code, 1), world.swab("b", code, entry=2))
        assert [(one.answer, one.in_tube, one.tube_size) for one in told] == [(TAKEN, 1, 5), (TAKEN, 2, 5)]
        assert set(Swab.objects.filter(round=world.round).values_list("entry", "is_expected")) == {(1, True), (2, True)}
        assert right(world)

    def test_takes_one_key_once(self, world, code):
        world.register(world.swab("a", code, 1))
        assert world.tell(world.swab("a", code, 1)) == [(REPEATED, ())]
        assert world.tell(world.swab("b", code, 2), world.swab("b", code, 2)) == [(TAKEN, ()), (REPEATED, ())]
        assert Swab.objects.filter(round=world.round).count() == 2
        assert right(world)

    def test_takes_one_person_in_one_tube_once(self, world, code):
        world.register(world.swab("a", code, 1))
        assert world.tell(world.swab("scanned again", code, 1)) == [(REPEATED, ())]
        assert Swab.objects.filter(round=world.round).count() == 1

    def test_does_not_mix_up_the_keys_of_two_senders(self, world, code):
        world.register(world.swab("1", code, 1))
        other = factories.account(role=Role.SAMPLER, area_code=COUNTY)
        assert world.tell(world.swab("1", code, 2), by=other) == [(TAKEN, ())]

    def test_puts_who_is_not_on_the_roster_there_as_having_come(self, world, code):
        person = factories.person(id_number_index=None)
        told = world.tell(
            world.swab("a", code, id_number="X1234567", name="外来的人"), world.swab("b", code, name="无证")
        )
        assert [one for one, _ in told] == [TAKEN, TAKEN]
        guests = RosterEntry.objects.filter(round=world.round, kind=RosterKind.WALK_IN).order_by("number")
        assert [one.name for one in guests] == ["外来的人", "无证"]
        now = coverage.total(world.round, as_of=NOW)
        assert (now.expected, now.registered, now.others, now.missed) == (12, 0, 2, 12)
        assert world.tell(world.swab("c", next(world.codes), id_number="X1234567")) == [
            (TAKEN, (OddityKind.TWO_TUBES,))
        ]  # the same guest, found again
        assert person.roster_entries.count() == 0
        assert right(world)

    def test_tells_the_register_s_person_who_came(self, world, code):
        from sizao.response.tracing import tokens

        known = factories.person(id_number_index=tokens.id_number_index("X7654321"))
        world.register(world.swab("a", code, id_number="x 7654321"))
        assert RosterEntry.objects.get(round=world.round, kind=RosterKind.WALK_IN).person == known

    def test_counts_somebody_tested_elsewhere_apart(self, world, code):
        RosterEntry.objects.filter(round=world.round, number=1).update(kind=RosterKind.ELSEWHERE)
        world.register(world.swab("a", code, 1))
        assert coverage.total(world.round, as_of=NOW).others == 1

    def test_leaves_a_line_in_the_journal_without_names(self, world, code):
        world.register(world.swab("a", code, 1), world.swab("b", code, 2))
        line = Event.objects.get(verb="swabs.registered")
        assert (line.actor, line.facts["swabs"]) == (world.sampler.username, 2)
        assert id_number(1) not in str(line.facts)

    def test_is_refused_without_the_right_or_for_a_site_elsewhere(self, world, code):
        with pytest.raises(access.NotAllowed):
            world.register(world.swab("a", code, 1), by=factories.account(role=Role.REPORTER))
        site = testing.add_site(
            testing_round=world.round, name="村委会", area_code=VILLAGE, n_tables=2, by=world.coordinator, now=BEGIN
        )
        world.register(world.swab("a", code, 1, site=site.pk, table=2))
        assert Tube.objects.get(round=world.round, code=code).site == site
        with pytest.raises(access.NotYours):
            world.register(
                world.swab("b", code, 2, site=site.pk), by=factories.account(role=Role.SAMPLER, area_code=ELSEWHERE)
            )

    def test_takes_no_more_than_so_many_at_once(self, world, code):
        with pytest.raises(testing.TooManySwabs):
            world.register(*(world.swab(f"{n}", code, n) for n in range(501)))


class TestOdd:
    def test_a_mistyped_tube_waits(self, world, code):
        wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
        self.waits(world, wrong, OddityKind.UNREADABLE_TUBE)

    def test_a_tube_never_printed_waits(self, world, code):
        self.waits(world, code_of(4_000_000_000), OddityKind.UNKNOWN_TUBE)

    def test_a_tube_of_another_round_waits(self, world, code):
        other = world.plan()
        self.waits(world, tubes.codes_of(world.print(3, of=other))[0], OddityKind.OTHER_ROUND)

    def test_a_swab_of_nobody_waits(self, world, code):
        assert world.tell(world.swab("a", code)) == [(QUEUED, (OddityKind.NOBODY,))]
        assert world.tell(world.swab("b", code, entry=999)) == [(QUEUED, (OddityKind.NOBODY,))]
        assert right(world)

    def test_a_box_that_was_scanned_for_a_person(self, world):
        box = world.swab("a", next(world.codes), id_number=box_code_of(1))
        assert world.tell(box) == [(QUEUED, (OddityKind.NOBODY,))]

    def test_nobody_who_typed_their_number_in_full_width(self, world):
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in id_number(1))
        assert world.tell(world.swab("a", next(world.codes), id_number=wide)) == [(TAKEN, ())]
        assert world.tell(world.swab("b", next(world.codes), 1)) == [(TAKEN, (OddityKind.TWO_TUBES,))]

    def test_a_swab_before_the_round_waits(self, world, code):
        told = world.tell(world.swab("a", code, 1, at=BEGIN - timedelta(hours=3)))
        assert told == [(QUEUED, (OddityKind.NOT_OPEN,))]

    def test_more_people_than_a_tube_holds_are_told(self, world, code):
        told = world.tell(*(world.swab(f"s{n}", code, n) for n in range(1, 8)))
        assert told == [(TAKEN, ())] * 5 + [(TAKEN, (OddityKind.OVERFULL,))] * 2
        assert coverage.total(world.round, as_of=NOW).registered == 7
        assert TestingOddity.objects.filter(kind=OddityKind.OVERFULL).count() == 2

    def test_one_person_in_two_tubes_counts_once(self, world, code):
        world.register(world.swab("a", code, 1))
        told = world.tell(world.swab("b", next(world.codes), 1))
        assert told == [(TAKEN, (OddityKind.TWO_TUBES,))]
        now = coverage.total(world.round, as_of=NOW)
        assert (now.registered, now.doubled) == (1, 1)
        assert right(world)

    def test_who_is_tested_singly_stands_in_no_pool(self, noise):
        world = World(people=3)
        RosterEntry.objects.filter(round=world.round, number=1).update(single_only=True)
        told = world.tell(
            world.swab("a", next(world.codes), 1), world.swab("b", next(world.codes), 2, kind=TubeKind.SINGLE)
        )
        assert told == [(TAKEN, (OddityKind.SINGLE_ONLY,)), (TAKEN, ())]
        assert sorted(Tube.objects.filter(round=world.round).values_list("size", flat=True)) == [1, 5]

    def test_a_clock_a_day_off_is_set_right_and_told(self, world, code):
        wrong = NOW - timedelta(days=1)
        told = world.tell(world.swab("a", code, 1, at=wrong - timedelta(minutes=5)), sent_at=wrong)
        assert told == [(TAKEN, (OddityKind.CLOCK,))]
        swab = Swab.objects.get(round=world.round)
        assert (swab.taken_at, swab.clock_off_seconds) == (NOW - timedelta(minutes=5), -86_400)

    def test_a_moment_to_come_is_told_where_no_clock_was(self, world, code):
        told = world.tell(world.swab("a", code, 1, at=NOW + timedelta(days=1)))
        assert told == [(TAKEN, (OddityKind.CLOCK,))]
        assert Swab.objects.get(round=world.round).taken_at == NOW

    def test_a_rehearsal_has_a_clock_of_its_own(self, noise):
        world = World(kind=OutbreakKind.REPLAY)
        years_on = NOW + timedelta(days=2000)
        told = world.tell(world.swab("a", next(world.codes), 1, at=years_on - timedelta(minutes=2)), sent_at=years_on)
        assert told == [(TAKEN, ())]

    def waits(self, world, code, kind):
        """Check that a swab waits, sealed and once, and that the right code lets it in."""
        world.tell(world.swab("a", code, 1))
        assert world.tell(world.swab("a", code, 1)) == [(QUEUED, (kind,))]
        waiting = oddities.waiting(world.round, world.sampler, NOW).get()
        assert waiting.kind == kind
        with connection.cursor() as cursor:
            cursor.execute("SELECT sent FROM records_testingoddity")
            assert id_number(1) not in cursor.fetchone()[0]
        assert coverage.total(world.round, as_of=NOW).registered == 0
        with pytest.raises(oddities.StillHeldBack), transaction.atomic():
            settle(world, waiting, tube=code)
        settle(world, waiting, tube=next(world.codes))
        assert coverage.total(world.round, as_of=NOW).registered == 1
        assert TestingOddity.objects.get().sent is None
        with pytest.raises(oddities.SettledAlready):
            settle(world, waiting, outcome="again")
        assert right(world)


class TestSettle:
    def test_needs_a_word_about_what_came_of_it(self, world, code):
        world.register(*(world.swab(f"s{n}", code, n) for n in range(1, 7)))
        waiting = oddities.waiting(world.round, world.sampler, NOW).get()
        with pytest.raises(oddities.WhatCameOfIt):
            settle(world, waiting)
        settle(world, waiting, outcome="the tube held six")
        assert not oddities.waiting(world.round, world.sampler, NOW).exists()

    def test_says_who_it_was(self, world, code):
        world.register(world.swab("a", code))
        settle(world, oddities.waiting(world.round, world.sampler, NOW).get(), entry=7)
        assert Swab.objects.get(round=world.round).entry == 7

    def test_is_for_the_area(self, world, code):
        world.register(world.swab("a", code))
        stranger = factories.account(role=Role.SAMPLER, area_code=ELSEWHERE)
        with pytest.raises(oddities.OddityMissing):
            settle(world, TestingOddity.objects.get(), by=stranger, entry=7)


class TestResults:
    """The laboratory's stage writes the result of a tube; the counts of people follow from it."""

    def test_of_a_pool_settle_its_members_when_negative_and_call_them_back_when_not(self, world):
        clean, dirty, single = (next(world.codes) for _ in range(3))
        world.register(
            *(world.swab(f"c{n}", clean, n) for n in (1, 2)),
            *(world.swab(f"d{n}", dirty, n) for n in (3, 4, 5)),
            world.swab("e", single, 6, kind=TubeKind.SINGLE),
        )
        for code, result in ((clean, "negative"), (dirty, "positive"), (single, "positive")):
            Tube.objects.filter(round=world.round, code=code).update(result=result, resulted_at=NOW)
        now = coverage.total(world.round, as_of=NOW)
        assert (now.resulted, now.positive, now.to_recall) == (3, 1, 3)
        world.register(world.swab("late", clean, 7))  # a device that was offline
        assert coverage.total(world.round, as_of=NOW).resulted == 4
        Tube.objects.filter(round=world.round, code=dirty).update(result=TestResult.NEGATIVE)  # corrected
        assert coverage.total(world.round, as_of=NOW).to_recall == 0
        assert right(world)

    def test_change_nothing_where_nothing_changed(self, world, code):
        world.register(world.swab("a", code, 1))
        before = list(TestingCount.objects.values_list("area_code", "hour", "registered", "resulted"))
        Tube.objects.filter(round=world.round).update(table=3)
        assert list(TestingCount.objects.values_list("area_code", "hour", "registered", "resulted")) == before


class TestLots:
    def test_have_serial_numbers_of_their_own(self, world):
        lots = [world.print(100), world.print(7, of=world.plan())]
        spans = sorted((one.first_serial, one.first_serial + one.size) for one in lots)
        assert spans[0][1] <= spans[1][0]

    @pytest.mark.parametrize("size", [0, -1, 3_000_000])
    def test_of_no_size_are_refused(self, world, size):
        with pytest.raises(tubes.LotSizeOutside):
            world.print(size)

    def test_are_not_printed_for_a_round_that_is_over(self, world):
        world.close()
        with pytest.raises(tubes.RoundOver):
            world.print(1)


class TestReasonsAndSwabs:
    def test_come_in_either_order(self, world, code):
        testing.explain_missed(
            testing_round=world.round, entries=[1], reason=MissedReason.NOT_FOUND, by=world.grid_worker, now=NOW
        )
        world.register(world.swab("a", code, 1))
        assert coverage.total(world.round, as_of=NOW).explained == 0
        assert right(world)


def settle(world, waiting, by=None, **how):
    return testing.settle_oddity(testing_round=world.round, number=waiting.pk, by=by or world.sampler, now=NOW, **how)

"""Boxes of tubes: packed, closed, handed over and received, in whatever order it is told; their clocks and figures."""

import json
from datetime import timedelta

import pytest

from sizao.engines.tube_codes import box_code_of, box_serial_of, code_of
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import Event, HandOver, LabOddity, LabRun, SampleBox, TubeStep
from sizao.response import testing
from sizao.response.testing import chain
from sizao.response.testing.chain import finding
from sizao.response.testing.tubes import RoundOver
from sizao.terms import (
    BoxAnswer,
    BoxState,
    HandOverKind,
    LabOddityKind,
    OutbreakKind,
    Reading,
    Right,
    Role,
    RunState,
    TubeKind,
    TubeStepKind,
)
from tests import factories
from tests.response.chain_world import ChainWorld
from tests.response.testing_world import BEGIN, ELSEWHERE, NOW

pytestmark = pytest.mark.django_db
TAKEN, REPEATED, QUEUED = BoxAnswer.TAKEN, BoxAnswer.REPEATED, BoxAnswer.QUEUED
HOUR = timedelta(hours=1)


@pytest.fixture
def world(noise):
    return ChainWorld()


def fresh(box):
    return SampleBox.objects.get(pk=box.pk)


class TestPrintBoxes:
    def test_gives_codes_that_a_scan_tells_from_tubes(self, world):
        codes = [one.code for one in world.boxes]
        assert codes == [box_code_of(serial) for serial in (1, 2, 3)]
        assert [box_serial_of(code) for code in codes] == [1, 2, 3]
        assert box_serial_of(codes[0][:-1] + "0") is None
        assert box_serial_of(code_of(1)) is None

    def test_never_gives_one_twice(self, world):
        more = chain.print_boxes(testing_round=world.round, count=2, by=world.coordinator, now=NOW)
        assert [box_serial_of(one.code) for one in more] == [4, 5]

    def test_is_for_rounds_that_go_on(self, world):
        with pytest.raises(chain.BoxesOutside):
            chain.print_boxes(testing_round=world.round, count=0, by=world.coordinator, now=NOW)
        with pytest.raises(NotAllowed):
            chain.print_boxes(testing_round=world.round, count=1, by=world.courier, now=NOW)
        world.close()
        with pytest.raises(RoundOver):
            chain.print_boxes(testing_round=world.round, count=1, by=world.coordinator, now=NOW)


class TestPack:
    def test_puts_tubes_into_a_box_and_closes_it(self, world):
        codes = world.filled(3)
        box = world.pack(world.boxes[0], codes)
        assert (box.n_tubes, box.site, box.laboratory) == (3, world.site, world.laboratory)
        assert (box.packed_at, box.packed_by) == (NOW + HOUR, world.sampler.username)
        assert box.first_swab_at == NOW
        assert [one.tube for one in finding.tubes(box, NOW + 9 * HOUR)] == codes

    def test_answers_each_act_once(self, world):
        box, [code] = world.boxes[0], world.filled(1)
        acts = [world.put("a", box, code), world.closed("b", box), world.handed("c", box)]
        assert world.tell(*acts) == [(TAKEN, ())] * 3
        assert world.tell(*acts) == [(REPEATED, ())] * 3
        assert HandOver.objects.filter(box=box).count() == 2
        assert world.tell(world.closed("d", box, at=NOW - HOUR), world.closed("d", box)) == [
            (TAKEN, ()),
            (REPEATED, ()),
        ]

    def test_says_how_many_tubes_lie_in_the_box(self, world):
        codes = world.filled(2)
        told = world.act(*[world.put(code, world.boxes[0], code) for code in codes])
        assert [one.n_tubes for one in told] == [2, 2]

    def test_two_senders_do_not_take_each_other_s_keys(self, world):
        world.act(world.closed("1", world.boxes[0]))
        assert world.tell(world.handed("1", world.boxes[0]), by=world.courier) == [(TAKEN, ())]

    def test_a_tube_lies_where_it_was_put_last(self, world):
        first, second, _ = world.boxes
        [code] = world.filled(1)
        world.act(world.put("a", first, code), world.closed("b", first))
        assert world.tell(world.put("c", second, code, at=NOW + HOUR)) == [(TAKEN, (LabOddityKind.TWO_BOXES,))]
        world.act(world.put("d", first, code, at=NOW + timedelta(minutes=5)))
        assert TubeStep.objects.get(tube=code, step=TubeStepKind.BOXED).box == second
        assert fresh(first).n_tubes == 0
        [odd] = LabOddity.objects.all()
        assert (odd.kind, odd.facts) == (LabOddityKind.TWO_BOXES, {"boxes": sorted([first.code, second.code])})

    def test_takes_tubes_whose_swabs_come_later(self, world):
        box, code = world.boxes[0], next(world.codes)
        world.act(world.put("a", box, code), world.closed("b", box))
        assert (fresh(box).n_tubes, fresh(box).first_swab_at, fresh(box).transport_due_at) == (1, None, None)
        world.register(world.swab("late phone", code, 1, at=BEGIN + HOUR))
        assert chain.advance(outbreak=world.outbreak, now=NOW + 4 * HOUR) == 1
        assert fresh(box).first_swab_at == BEGIN + HOUR
        assert chain.advance(outbreak=world.outbreak, now=NOW + 4 * HOUR) == 0

    def test_reads_codes_as_people_type_them(self, world):
        box, [code] = world.boxes[0], world.filled(1)
        typed = f"b{box.code[1:5]} {box.code[5:9]} {box.code[9:]}"
        assert world.tell(world.put("a", typed, f"{code[:4]} {code[4:]}")) == [(TAKEN, ())]


class TestClockOfTheDevice:
    def test_is_set_right_by_what_it_is_off(self, world):
        box = world.boxes[0]
        now = NOW + 3 * HOUR
        world.act(world.closed("a", box, at=NOW + 24 * HOUR), now=now, sent_at=now + 24 * HOUR)
        assert fresh(box).packed_at == NOW

    def test_a_day_off_is_told(self, noise):
        world = ChainWorld(kind=OutbreakKind.REAL)
        told = world.tell(world.closed("a", world.boxes[0]), sent_at=NOW + 40 * HOUR)
        assert told == [(TAKEN, (LabOddityKind.CLOCK,))]
        assert world.waiting() == {("clock", "", world.boxes[0].code)}

    def test_never_says_what_is_to_come(self, world):
        world.act(world.closed("a", world.boxes[0], at=NOW + 90 * HOUR), now=NOW)
        assert fresh(world.boxes[0]).packed_at == NOW


class TestWaiting:
    def test_what_cannot_be_recorded_waits_with_all_that_was_sent(self, world):
        box, code = world.boxes[0], next(world.codes)
        other = world.plan()
        [foreign] = testing.tubes.codes_of(world.print(1, of=other))
        mistyped = code[:-1] + str((int(code[-1]) + 1) % 10)
        told = world.tell(
            world.put("a", "B000000000000", code),
            world.put("b", box, mistyped),
            world.put("c", box, code_of(999_999)),
            world.put("d", box, foreign),
            world.handed("e", box.code[:-1], vehicle="冀A12345"),
        )
        assert [(answer, odd) for answer, (odd,) in told] == [
            (QUEUED, LabOddityKind.UNKNOWN_BOX),
            (QUEUED, LabOddityKind.UNREADABLE_TUBE),
            (QUEUED, LabOddityKind.UNKNOWN_TUBE),
            (QUEUED, LabOddityKind.NOT_OPEN),
            (QUEUED, LabOddityKind.UNKNOWN_BOX),
        ]
        assert finding.waiting(world.round, NOW + 9 * HOUR).count() == 5
        kept = json.loads(LabOddity.objects.get(source_key=f"{world.sampler.username}:e").sent)
        assert (kept["vehicle"], kept["kind"]) == ("冀A12345", "picked_up")
        assert not TubeStep.objects.filter(round=world.round).exists()

    def test_sending_it_again_adds_nothing(self, world):
        for _ in range(2):
            assert world.tell(world.closed("a", "B1")) == [(QUEUED, (LabOddityKind.UNKNOWN_BOX,))]
        assert LabOddity.objects.count() == 1

    def test_is_recorded_with_the_right_code(self, world):
        box, [code] = world.boxes[0], world.filled(1)
        world.act(world.put("a", "B1", code, at=NOW + HOUR))
        odd = LabOddity.objects.get()
        facts = {"testing_round": world.round, "number": odd.pk, "by": world.coordinator, "now": NOW + 5 * HOUR}
        with pytest.raises(chain.ActStillWaits):
            chain.settle_box_oddity(**facts, box="B2")
        with pytest.raises(testing.oddities.WhatCameOfIt):
            chain.settle_box_oddity(**facts)
        chain.settle_box_oddity(**facts, box=box.code)
        step = TubeStep.objects.get(tube=code)
        assert (step.box, step.happened_at) == (box, NOW + HOUR)
        with pytest.raises(testing.oddities.SettledAlready):
            chain.settle_box_oddity(**facts, box=box.code)
        assert LabOddity.objects.get().sent is None

    def test_of_another_round_is_not_there(self, world):
        world.act(world.closed("a", "B1"))
        with pytest.raises(testing.oddities.OddityMissing):
            chain.settle_box_oddity(
                testing_round=world.plan(),
                number=LabOddity.objects.get().pk,
                by=world.coordinator,
                now=NOW,
                outcome="?",
            )


class TestWho:
    def test_needs_the_right(self, world):
        with pytest.raises(NotAllowed):
            world.act(world.closed("a", world.boxes[0]), by=world.grid_worker)
        with pytest.raises(NotAllowed):
            chain.receive_box(
                box=world.boxes[0], laboratory=world.laboratory, by=world.courier, now=NOW, source_key="a"
            )

    def test_a_box_of_elsewhere_is_told_from_none_by_nothing(self, world):
        stranger = factories.account(role=Role.COURIER, area_code=ELSEWHERE)
        acts = [world.handed("a", world.boxes[0]), world.handed("b", "B1")]
        assert world.tell(*acts, by=stranger) == [(QUEUED, (LabOddityKind.UNKNOWN_BOX,))] * 2
        with pytest.raises(chain.NoSuchBox):
            finding.fetch(world.boxes[0].code, to=Right.SAMPLE_CARRY, by=stranger)

    def test_a_site_or_laboratory_must_be_one(self, world):
        with pytest.raises(NotYours):
            world.act(world.closed("a", world.boxes[0], site=987))
        with pytest.raises(NotYours):
            world.act(world.closed("a", world.boxes[0], laboratory=987))
        assert not HandOver.objects.exists()

    def test_says_what_no_act_is(self, world):
        with pytest.raises(chain.ActUnreadable):
            world.act(world.handed("a", world.boxes[0], HandOverKind.RECEIVED))
        with pytest.raises(chain.ActUnreadable):
            world.act(world.put("a", world.boxes[0], " "))
        with pytest.raises(chain.TooManyActs):
            world.act(*[world.closed(str(n), world.boxes[0]) for n in range(501)])

    def test_leaves_a_line_in_the_journal(self, world):
        world.pack(world.boxes[0], world.filled(2))
        world.receive(world.boxes[0], all_there=True)
        lines = {one.verb: one.facts for one in Event.objects.filter(verb__in=["boxes.acted", "box.received"])}
        assert lines["boxes.acted"]["acts"] == 3
        assert lines["box.received"]["tubes"] == 2


class TestReceive:
    def test_all_that_stand_on_the_list(self, world):
        codes = world.filled(3)
        box = world.pack(world.boxes[0], codes)
        told = world.receive(box, all_there=True)
        assert (set(told.received), told.lacking, told.not_in_box) == (set(codes), (), ())
        box = fresh(box)
        assert (box.n_received, box.received_at, box.received_by) == (3, NOW + 4 * HOUR, world.technician.username)
        steps = TubeStep.objects.filter(round=world.round, step=TubeStepKind.RECEIVED)
        assert set(steps.values_list("tube", "laboratory")) == {(code, world.laboratory.pk) for code in codes}
        assert world.waiting() == set()

    def test_tells_what_lacks_and_what_is_too_many(self, world):
        here, lost, stray = world.filled(3)
        box = world.pack(world.boxes[0], [here, lost])
        told = world.receive(box, [here, stray])
        assert (told.received, told.lacking, told.not_in_box) == ((here, stray), (lost,), (stray,))
        assert world.waiting() == {("lacking", lost, box.code), ("not_in_box", stray, box.code)}
        assert {one.laboratory for one in LabOddity.objects.all()} == {world.laboratory}

    def test_what_is_found_later_lacks_no_more(self, world):
        here, lost = world.filled(2)
        box = world.pack(world.boxes[0], [here, lost])
        world.receive(box, [here])
        world.receive(box, [lost], key="found", now=NOW + 6 * HOUR)
        assert world.waiting() == set()
        assert LabOddity.objects.get().settled_by == "sizao"
        assert (fresh(box).n_received, fresh(box).received_at) == (2, NOW + 4 * HOUR)

    def test_a_list_that_comes_later_is_compared_too(self, world):
        here, lost = world.filled(2)
        box = world.boxes[0]
        assert world.receive(box, [here]).not_in_box == (here,)
        world.pack(box, [here, lost])
        assert world.waiting() == {("lacking", lost, box.code)}

    def test_all_there_needs_a_list(self, world):
        [code] = world.filled(1)
        world.act(world.put("a", world.boxes[0], code))
        with pytest.raises(chain.ListUnknown):
            world.receive(world.boxes[0], all_there=True)
        with pytest.raises(chain.NothingReceived):
            world.receive(world.boxes[0], [" "])
        assert not HandOver.objects.exists()

    def test_twice_changes_nothing(self, world):
        box = world.pack(world.boxes[0], world.filled(2))
        world.receive(box, all_there=True)
        before = world.state()
        told = world.receive(box, all_there=True, now=NOW + 9 * HOUR)
        assert (told.again, told.received, len(told.before)) == (True, (), 2)
        assert world.state() == before

    def test_tubes_without_a_box(self, world):
        codes = world.filled(2)
        told = chain.receive_tubes(
            laboratory=world.laboratory, tubes=[*codes, codes[0], "123"], by=world.technician, now=NOW
        )
        assert told.received == tuple(codes)
        assert told.odd == (("123", LabOddityKind.UNREADABLE_TUBE),)
        assert world.waiting() == {("unreadable_tube", "123", "")}
        again = chain.receive_tubes(laboratory=world.laboratory, tubes=codes, by=world.technician, now=NOW + HOUR)
        assert (again.received, again.before) == ((), tuple(codes))

    def test_a_tube_that_came_without_its_box_does_not_lack_in_it(self, world):
        loose, boxed = world.filled(2)
        box = world.pack(world.boxes[0], [loose, boxed])
        chain.receive_tubes(laboratory=world.laboratory, tubes=[loose], by=world.technician, now=NOW + 2 * HOUR)
        assert world.receive(box, [boxed]).lacking == ()
        assert world.waiting() == set()

    def test_in_two_laboratories_is_told(self, world):
        [code] = world.filled(1)
        chain.receive_tubes(laboratory=world.laboratory, tubes=[code], by=world.technician, now=NOW)
        chain.receive_tubes(laboratory=world.other_laboratory, tubes=[code], by=world.technician, now=NOW + HOUR)
        assert TubeStep.objects.get(tube=code).laboratory == world.laboratory
        [odd] = LabOddity.objects.all()
        assert (odd.kind, odd.facts) == (LabOddityKind.TWO_LABORATORIES, {"other_laboratory": "L1"})

    def test_takes_a_laboratory_that_is_open(self, world):
        world.laboratory.closed_at = NOW
        world.laboratory.save()
        with pytest.raises(chain.LaboratoryNotOpen):
            world.receive(world.boxes[0], ["1"])
        stranger = factories.account(role=Role.LAB_TECHNICIAN, area_code=ELSEWHERE)
        with pytest.raises(NotYours):
            chain.receive_tubes(laboratory=world.laboratory, tubes=["1"], by=stranger, now=NOW)

    def test_before_it_was_closed_is_not_refused(self, world):
        codes = world.filled(1)
        world.receive(world.boxes[0], codes, now=NOW + HOUR)
        world.act(world.put("a", world.boxes[0], codes[0]), world.closed("b", world.boxes[0], at=NOW + 2 * HOUR))
        box = fresh(world.boxes[0])
        assert box.packed_at == box.received_at == NOW + HOUR


class TestClocks:
    def test_run_by_the_edition_with_their_sums(self, world):
        codes = world.filled(2)
        box = world.pack(world.boxes[0], codes)
        assert box.transport_due_at == NOW + 4 * HOUR  # 4 hours from the first swab, edition 7
        world.receive(box, all_there=True)
        box = fresh(box)
        assert box.result_due_at == NOW + 4 * HOUR + 24 * HOUR  # pools
        sums = {one["gives"]: (one["key"], one["sum"]["amount"]) for one in box.basis}
        assert sums == {
            "transport_due_at": ("testing.region.transport_hours", 4),
            "result_due_at": ("testing.region.pooled_result_hours", 24),
        }

    def test_tubes_of_one_person_go_first(self, world):
        code = next(world.codes)
        world.register(world.swab("a", code, 1, kind=TubeKind.SINGLE))
        world.pack(world.boxes[0], [code])
        world.receive(world.boxes[0], all_there=True)
        box = fresh(world.boxes[0])
        assert box.result_due_at == NOW + 4 * HOUR + 12 * HOUR
        assert [one["key"] for one in box.basis][1:] == ["testing.region.lab_result_hours"]

    def test_stay_empty_while_a_value_waits_for_confirmation(self, noise):
        world = ChainWorld(kind=OutbreakKind.REAL)
        box = world.pack(world.boxes[0], world.filled(2))
        world.receive(box, all_there=True)
        box = fresh(box)
        assert (box.transport_due_at, box.result_due_at) == (None, None)
        assert [(one["key"], one["gives"]) for one in box.basis] == [
            ("testing.region.transport_hours", "awaits_confirmation"),
            ("testing.region.pooled_result_hours", "awaits_confirmation"),
        ]


class TestStates:
    def test_follow_what_was_done(self, world):
        box, later = world.boxes[0], NOW + 9 * HOUR

        def state(as_of=later):
            return finding.lines([fresh(box)], as_of)[0].state

        assert state() == BoxState.EMPTY
        [code] = world.filled(1)
        world.act(world.put("a", box, code))
        assert state() == BoxState.PACKING
        world.act(world.closed("b", box, at=NOW + timedelta(minutes=10)))
        assert state() == BoxState.PACKED
        world.act(world.handed("c", box, at=NOW + timedelta(minutes=20)), by=world.courier)
        assert state() == BoxState.CARRIED
        world.act(world.handed("d", box, HandOverKind.DELIVERED, at=NOW + timedelta(minutes=30)), by=world.courier)
        assert state() == BoxState.DELIVERED
        world.receive(box, all_there=True)
        assert state() == BoxState.RECEIVED
        assert state(NOW + timedelta(minutes=15)) == BoxState.PACKED
        kinds = [one.kind for one in finding.history(box, later)]
        assert kinds == ["closed", "picked_up", "delivered", "received"]

    def test_of_one_moment_follow_the_way_of_a_box(self, world):
        box = world.boxes[0]
        [code] = world.filled(1)
        world.act(world.put("a", box, code), world.handed("b", box), world.closed("c", box))
        assert finding.lines([fresh(box)], NOW)[0].state == BoxState.CARRIED
        assert [one.kind for one in finding.history(box, NOW)] == ["closed", "picked_up"]

    def test_a_closing_a_moment_later_does_not_put_a_carried_box_back(self, world):
        box = world.boxes[0]
        [code] = world.filled(1)
        second = NOW + timedelta(seconds=1)
        world.act(world.put("a", box, code), world.handed("b", box), world.closed("c", box, at=second))
        assert finding.lines([fresh(box)], second)[0].state == BoxState.CARRIED


class TestFigures:
    def test_of_what_is_on_its_way(self, world):
        first, second, third = world.boxes
        world.pack(first, world.filled(3))
        world.act(world.handed("c", first, at=NOW + 2 * HOUR), by=world.courier)
        world.act(world.put("open", second, world.filled(1)[0]))
        del third  # printed and empty: on no way
        [row] = chain.in_transit(world.round, NOW + 3 * HOUR)
        assert (row.site_id, row.boxes, row.tubes, row.at_site, row.late) == (world.site.pk, 2, 4, 1, 0)
        assert (row.laboratory_id, row.oldest_swab_at) == (world.laboratory.pk, NOW)
        assert chain.in_transit(world.round, NOW + 5 * HOUR)[0].late == 2
        told = {
            within: chain.on_the_way(world.round, NOW + 5 * HOUR, within=within)
            for within in (world.round.area_code, world.site.area_code, ELSEWHERE)
        }
        assert [(one.tubes, one.late, one.oldest_swab_at) for one in told.values()] == [
            (4, 2, NOW), (4, 2, NOW), (0, 0, None)
        ]  # fmt: skip
        world.receive(first, all_there=True)
        [row] = chain.in_transit(world.round, NOW + 5 * HOUR)
        assert (row.boxes, row.tubes) == (1, 1)
        [before] = chain.in_transit(world.round, NOW + 3 * HOUR)
        assert (before.boxes, before.tubes) == (2, 4)

    def test_of_what_laboratories_have_to_do(self, world):
        codes = world.filled(4)
        world.pack(world.boxes[0], codes[:3])
        now = NOW + 5 * HOUR
        mine = {one.code: one for one in chain.laboratory_load(world.round, now)}["L1"]
        assert (mine.on_the_way, mine.waiting, mine.hours_with_arrivals) == (3, 0, 0.03)
        world.receive(world.boxes[0], all_there=True)
        world.read(codes[0], at=NOW + timedelta(hours=4, minutes=30))
        for asked in (world.round, None):
            mine, idle = chain.laboratory_load(asked, now)
            assert (mine.on_the_way, mine.waiting, mine.read_by_hour) == (0, 2, (0, 0, 0, 0, 0, 1))
            assert (mine.tubes_per_hour, mine.hours_to_empty) == (100, 0.02)
            assert (idle.code, idle.waiting) == ("L2", 0)

    def test_count_what_must_be_read_again_as_waiting(self, world):
        loose, boxed = world.filled(2)
        chain.receive_tubes(laboratory=world.laboratory, tubes=[loose], by=world.technician, now=NOW)
        world.pack(world.boxes[0], [boxed])
        world.receive(world.boxes[0], all_there=True, now=NOW + 2 * HOUR)
        now = NOW + 3 * HOUR
        world.read(loose, at=now, found=Reading.INCONCLUSIVE)
        assert chain.laboratory_load(world.round, now)[0].waiting == 2
        world.read(boxed, at=now)
        assert chain.laboratory_load(world.round, now)[0].waiting == 1
        LabRun.objects.filter(source_key=f"run {boxed}").update(
            withdrawn_at=now + HOUR, withdrawn_by="somebody", state=RunState.WITHDRAWN
        )
        assert chain.laboratory_load(world.round, now)[0].waiting == 1
        assert chain.laboratory_load(world.round, now + HOUR)[0].waiting == 2

    def test_leave_out_laboratories_that_closed_and_have_nothing(self, world):
        world.other_laboratory.closed_at = NOW
        world.other_laboratory.save()
        assert [one.code for one in chain.laboratory_load(None, NOW)] == ["L1"]

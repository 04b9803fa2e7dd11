"""Runs of a laboratory: recorded once, odd things in a queue, and nobody's result before a second person signs."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from sizao.engines.tube_codes import code_of
from sizao.records import access
from sizao.records.models import Event, LabOddity, LabReading, LabRun
from sizao.response.testing import chain, coverage, laboratory
from sizao.response.testing.laboratory import judging, laboratories, queue, releasing, runs
from sizao.terms import LabOddityKind, Reading, Role, RunState, TestResult, TubeKind, phrase_of
from tests import factories
from tests.response.laboratory_world import BOTH, KIT, LATER, NONE, Laboratory, cycles, told
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW

pytestmark = pytest.mark.django_db
POSITIVE, NEGATIVE = TestResult.POSITIVE, TestResult.NEGATIVE


@pytest.fixture
def world(noise):
    return Laboratory()


def odd(run):
    return sorted(run.oddities.values_list("kind", "tube"))


class TestCapacity:
    def test_of_a_past_moment_is_what_it_was_then(self, world):
        for hours, n in ((1, 3000), (2, 500)):
            now = NOW + timedelta(hours=hours)
            laboratory.change_capacity(laboratory=world.laboratory, tubes_per_hour=n, by=world.coordinator, now=now)
        at = [chain.laboratory_load(None, NOW + timedelta(minutes=minutes))[0] for minutes in (30, 60, 90, 180)]
        assert [one.tubes_per_hour for one in at] == [2000, 3000, 3000, 500]
        line = Event.objects.filter(verb="laboratory.capacity_changed").latest("at")
        assert (line.facts["was"], line.facts["tubes_per_hour"], line.actor) == (3000, 500, world.coordinator.username)

    def test_is_changed_by_who_plans_in_its_area_to_a_number_that_is_new(self, world):
        change = partial(laboratory.change_capacity, laboratory=world.laboratory, now=NOW)
        with pytest.raises(access.NotAllowed):
            change(tubes_per_hour=1, by=world.technician)
        with pytest.raises(access.NotYours):
            change(tubes_per_hour=1, by=factories.account(role=Role.TESTING_COORDINATOR, area_code=ELSEWHERE))
        with pytest.raises(laboratories.LaboratoryUnreadable):
            change(tubes_per_hour=0, by=world.coordinator)
        with pytest.raises(laboratories.CapacityTheSame):
            change(tubes_per_hour=2000, by=world.coordinator)
        assert not Event.objects.filter(verb="laboratory.capacity_changed").exists()


class TestLaboratory:
    def test_is_registered_once_by_who_plans_in_its_area(self, world):
        assert world.laboratory.place.name == "GC-1检验所"
        assert list(laboratory.laboratories_at(world.technician, LATER)) == [world.laboratory]
        with pytest.raises(laboratories.LaboratoryExists):
            world.add("gc-1")
        with pytest.raises(laboratories.LaboratoryUnreadable) as refused:
            world.add("#")
        assert refused.value.told("{field}", "zh-hans") == "编号"
        with pytest.raises(access.NotAllowed):
            laboratory.add_laboratory(
                laboratory_code="X1", name="x", area_code=COUNTY, tubes_per_hour=1, by=world.technician, now=LATER
            )

    def test_of_another_area_is_not_there(self, world):
        elsewhere = factories.account(role=Role.LAB_TECHNICIAN, area_code=ELSEWHERE)
        assert not laboratory.laboratories_at(elsewhere, LATER)
        with pytest.raises(access.NotYours):
            world.send(told(world.tubes[0]), by=elsewhere)


class TestRecord:
    def test_judges_cycles_by_the_kit(self, world):
        one, two, three, four = world.tubes
        run = world.send(
            cycles(one), cycles(two, BOTH), cycles(three, BOTH | {"N": None}), cycles(four, NONE | {"IC": None})
        ).run
        found = dict(LabReading.objects.filter(run=run).values_list("tube", "found"))
        assert found == {
            one: Reading.NEGATIVE, two: Reading.POSITIVE, three: Reading.INCONCLUSIVE, four: Reading.INVALID,
        }  # fmt: skip
        assert LabReading.objects.get(run=run, tube=three).ct == [28.1, None, 29.0]
        assert (run.n_readings, run.n_positive, run.n_again, run.genes, run.cutoff_ct) == (4, 1, 2, list(KIT.genes), 40)
        assert not run.oddities.exists()

    def test_is_nobody_s_result(self, world):
        world.send(told(world.tubes[0], Reading.POSITIVE))
        assert world.results() == {}
        assert coverage.total(world.fresh(), as_of=LATER).resulted == 0

    def test_records_a_run_once(self, world):
        first = world.send(told(world.tubes[0]))
        again = world.send(told(world.tubes[0]))
        assert (first.is_new, again.is_new, again.run) == (True, False, first.run)
        assert LabReading.objects.count() == 1
        assert Event.objects.filter(verb="run.recorded").count() == 1

    def test_takes_the_cutoff_of_the_leaflet(self, world):
        run = world.send(cycles(world.tubes[0], BOTH | {"N": 36.5, "ORF1ab": 36.0}), cutoff_ct=35.0).run
        assert (run.cutoff_ct, run.n_positive, run.readings.get().found) == (35.0, 0, Reading.NEGATIVE)

    def test_refuses_cycles_without_a_kit_and_runs_of_nothing(self, world):
        with pytest.raises(judging.KitMissing):
            world.send(cycles(world.tubes[0]), kit=None)
        with pytest.raises(runs.RunEmpty):
            world.send()

    def test_leaves_a_line_in_the_journal(self, world):
        world.send(told(world.tubes[0], Reading.POSITIVE))
        line = Event.objects.get(verb="run.recorded")
        assert (line.actor, line.facts["readings"], line.facts["positive"]) == (world.technician.username, 1, 1)


class TestOdd:
    def test_a_code_mistyped_or_never_printed_waits(self, world):
        one = world.tubes[0]
        wrong = one[:-1] + str((int(one[-1]) + 1) % 10)
        never = code_of(4_000_000_000)
        run = world.send(told(wrong, Reading.POSITIVE), told(never), told(one)).run
        assert odd(run) == [(LabOddityKind.UNKNOWN_TUBE, never), (LabOddityKind.UNREADABLE_TUBE, wrong)]
        assert run.n_readings == 1
        kept = LabOddity.objects.get(kind=LabOddityKind.UNREADABLE_TUBE)
        assert '"positive"' in kept.sent

    def test_a_tube_without_swabs_is_kept(self, world):
        empty = next(world.codes)
        world.receive(empty)
        run = world.send(told(empty, Reading.POSITIVE)).run
        assert odd(run) == [(LabOddityKind.NO_SWABS, empty)]
        assert run.n_readings == 1

    def test_a_result_before_the_receipt_is_kept(self, world):
        code = next(world.codes)
        world.register(world.swab("early", code, 9))
        run = world.send(told(code)).run
        assert odd(run) == [(LabOddityKind.BEFORE_RECEIPT, code)]
        world.release(run)
        assert world.results() == {code: NEGATIVE}

    def test_a_tube_that_a_second_laboratory_received_was_received_there(self, world):
        other, sent_on = world.add("GC-2"), world.tubes[0]
        chain.receive_tubes(laboratory=other, tubes=[sent_on], by=world.technician, now=NOW)
        run = world.send(told(sent_on), key="sent on", at=other).run
        assert odd(run) == []
        elsewhere = world.send(told(world.tubes[1]), key="never came", at=other).run
        assert odd(elsewhere) == [(LabOddityKind.BEFORE_RECEIPT, world.tubes[1])]
        chain.receive_tubes(laboratory=other, tubes=[world.tubes[1]], by=world.technician, now=LATER)
        laboratory.advance(outbreak=world.outbreak, now=LATER)
        assert not elsewhere.oddities.filter(settled_at=None).exists()

    def test_two_laboratories_of_one_tube_are_told(self, world):
        other = world.add("GC-2")
        world.send(told(world.tubes[0]))
        run = world.send(told(world.tubes[0], Reading.POSITIVE), key="other", at=other).run
        found = run.oddities.get(kind=LabOddityKind.TWO_LABORATORIES)
        assert (found.tube, found.facts) == (
            world.tubes[0], {"found": "positive", "there": "negative", "other": "GC-1"},
        )  # fmt: skip

    def test_one_tube_twice_and_unlike_asks_for_another_test(self, world):
        one, two = world.tubes[:2]
        run = world.send(told(one), told(one, Reading.POSITIVE), told(two), told(two)).run
        assert odd(run) == [(LabOddityKind.TWICE_IN_RUN, one)]
        assert dict(run.readings.values_list("tube", "found")) == {one: Reading.INCONCLUSIVE, two: Reading.NEGATIVE}

    def test_words_against_cycles_are_asked_about(self, world):
        run = world.send(cycles(world.tubes[0], BOTH, found=Reading.NEGATIVE), told(world.tubes[1])).run
        assert run.n_readings == 1
        why = phrase_of(run.oddities.get(kind=LabOddityKind.UNREADABLE_ROW).facts["reason"])
        assert "Positive" in why
        assert "阳性" in why.zh

    def test_a_gene_that_is_not_told_is_not_one_that_was_not_found(self, world):
        run = world.send(cycles(world.tubes[0], {"ORF1ab": None, "IC": 27.0}), told(world.tubes[1])).run
        assert run.n_readings == 1
        why = phrase_of(run.oddities.get().facts["reason"])
        assert "N of the kit" in why
        assert "试剂盒的基因N" in why.zh

    def test_a_reading_that_says_nothing_is_held_and_says_so_in_either_language(self, world):
        run = world.send(told(world.tubes[0], None, row=1), told("", row=2)).run
        reasons = [phrase_of(one.facts["reason"]) for one in run.oddities.order_by("source_key")]
        assert [(str(one), one.zh) for one in reasons] == [
            ("it says neither a result nor a Ct", "既没有结果也没有Ct值"), ("no tube is named", "没有管码"),
        ]  # fmt: skip

    def test_many_of_one_kind_are_not_many_entries(self, world, monkeypatch):
        from sizao.response.testing.laboratory import odd as noting

        monkeypatch.setattr(noting, "MOST_EACH", 2)
        empty = [next(world.codes) for _ in range(5)]
        world.receive(*empty)
        run = world.send(*(told(code) for code in empty)).run
        assert odd(run) == [(LabOddityKind.NO_SWABS, ""), *((LabOddityKind.NO_SWABS, code) for code in empty[:2])]
        assert run.oddities.get(tube="").facts == {"more": 3}


class TestRelease:
    def test_sets_results_in_a_second_person_s_name(self, world):
        one, two, three, _ = world.tubes
        run = world.send(told(one), told(two, Reading.POSITIVE), told(three, Reading.INCONCLUSIVE)).run
        done = world.release(run)
        assert (done.state, done.released_by) == (RunState.RELEASED, world.reviewer.username)
        assert world.results() == {one: NEGATIVE, two: POSITIVE}
        now = coverage.total(world.fresh(), as_of=LATER)
        assert (now.resulted, now.to_recall, now.positive) == (2, 2, 0)
        line = Event.objects.get(verb="run.released")
        assert (line.actor, line.facts["recorded_by"]) == (world.reviewer.username, world.technician.username)

    def test_is_not_for_who_recorded_it(self, world):
        run = world.send(told(world.tubes[0]), by=world.reviewer).run
        with pytest.raises(releasing.OneSignature):
            world.release(run)
        with pytest.raises(access.NotAllowed):
            world.release(run, by=world.technician)
        # The database refuses too.
        with pytest.raises(IntegrityError), transaction.atomic():
            LabRun.objects.filter(pk=run.pk).update(
                state=RunState.RELEASED, released_at=LATER, released_by=run.recorded_by
            )
        assert world.results() == {}

    def test_happens_once(self, world):
        run = world.send(told(world.tubes[0])).run
        world.release(run)
        with pytest.raises(releasing.RunSettled):
            world.release(run)

    def test_is_of_what_was_seen(self, world):
        run = world.send(told(world.tubes[0])).run
        with pytest.raises(releasing.RunHasGrown):
            laboratory.release_run(run=run, by=world.reviewer, now=LATER, seen=2)
        assert laboratory.release_run(run=run, by=world.reviewer, now=LATER, seen=1).state == RunState.RELEASED

    def test_follows_positives_and_negatives_in_their_transaction(self, world, monkeypatch):
        seen = {}
        for name in ("follow", "follow_negative", "follow_corrected"):
            monkeypatch.setattr(releasing.positives, name, lambda name=name, **facts: seen.update({name: facts}))
        one, two, *_ = world.tubes
        run = world.send(told(one), told(two, Reading.POSITIVE)).run
        world.release(run)
        assert {name: facts["tubes"] for name, facts in seen.items()} == {"follow": [two], "follow_negative": [one]}
        assert seen["follow"]["testing_round"] == world.round
        laboratory.withdraw_run(run=run, reason="wrong plate", by=world.reviewer, now=LATER)
        assert sorted(seen["follow_corrected"]["tubes"]) == sorted([one, two])

    def test_fails_whole_when_what_follows_fails(self, world, monkeypatch):
        def fail(**facts):
            raise RuntimeError

        monkeypatch.setattr(releasing.positives, "follow", fail)
        run = world.send(told(world.tubes[0], Reading.POSITIVE)).run
        with pytest.raises(RuntimeError), transaction.atomic():
            world.release(run)
        assert world.results() == {}
        assert LabRun.objects.get(pk=run.pk).state == RunState.RECORDED

    def test_never_overwrites_what_was_told(self, world):
        one = world.tubes[0]
        world.release(world.send(told(one)).run)
        other = world.send(told(one, Reading.POSITIVE), key="again").run
        assert odd(other) == [(LabOddityKind.CONTRADICTION, one)]
        world.release(other)
        assert world.results() == {one: NEGATIVE}

    def test_notes_a_contradiction_that_came_up_meanwhile(self, world):
        one = world.tubes[0]
        first, other = world.send(told(one)).run, world.send(told(one, Reading.POSITIVE), key="again").run
        assert odd(other) == []
        world.release(first)
        world.release(other)
        assert odd(other) == [(LabOddityKind.CONTRADICTION, one)]

    def test_of_a_single_tube_is_a_person_s(self, noise):
        world = Laboratory(tube_kind=TubeKind.SINGLE)
        world.release(world.send(told(world.tubes[0], Reading.POSITIVE)).run)
        now = coverage.total(world.fresh(), as_of=LATER)
        assert (now.resulted, now.positive, now.to_recall) == (1, 1, 0)


class TestWithdraw:
    def test_takes_results_back(self, world):
        run = world.send(told(world.tubes[0], Reading.POSITIVE)).run
        world.release(run)
        with pytest.raises(releasing.WhyWithdrawn):
            laboratory.withdraw_run(run=run, reason=" ", by=world.reviewer, now=LATER)
        with pytest.raises(access.NotAllowed):
            laboratory.withdraw_run(run=run, reason="mixed up", by=world.technician, now=LATER)
        laboratory.withdraw_run(run=run, reason="mixed up", by=world.reviewer, now=LATER)
        assert world.results() == {}
        assert coverage.total(world.fresh(), as_of=LATER).to_recall == 0

    def test_leaves_the_result_of_another_run(self, world):
        one = world.tubes[0]
        first, second = world.send(told(one)).run, world.send(told(one), key="second").run
        world.release(first)
        world.release(second)
        laboratory.withdraw_run(run=first, reason="mixed up", by=world.reviewer, now=LATER)
        assert world.results() == {one: NEGATIVE}

    def test_before_release_is_for_the_technician(self, world):
        run = world.send(told(world.tubes[0])).run
        laboratory.withdraw_run(run=run, reason="wrong kit", by=world.technician, now=LATER)
        with pytest.raises(releasing.RunSettled):
            world.release(run)


class TestSettle:
    def settle(self, world, kind, *, by=None, **how):
        one = LabOddity.objects.get(kind=kind)
        return laboratory.settle_lab_oddity(number=one.pk, by=by or world.technician, now=LATER, **how)

    def test_with_the_right_code_records_the_reading_for_a_second_person(self, world):
        one = world.tubes[0]
        wrong = one[:-1] + str((int(one[-1]) + 1) % 10)
        world.send(told(wrong, Reading.POSITIVE))
        with pytest.raises(queue.WhatBecameOfIt):
            self.settle(world, LabOddityKind.UNREADABLE_TUBE)
        with pytest.raises(queue.StillNotPlaced):
            self.settle(world, LabOddityKind.UNREADABLE_TUBE, tube=code_of(4_000_000_000))
        settled = self.settle(world, LabOddityKind.UNREADABLE_TUBE, tube=one)
        assert (settled.sent, settled.settled_by) == (None, world.technician.username)
        run = LabRun.objects.latest("pk")
        assert (run.recorded_by, run.n_positive) == (world.technician.username, 1)
        world.release(run)
        assert world.results() == {one: POSITIVE}
        with pytest.raises(queue.SettledBefore):
            laboratory.settle_lab_oddity(number=settled.pk, by=world.technician, now=LATER, outcome="x")

    def test_a_correction_is_a_second_person_s(self, world):
        one = world.tubes[0]
        world.release(world.send(told(one)).run)
        other = world.send(told(one, Reading.POSITIVE), key="again").run
        with pytest.raises(releasing.NotReleasedYet):
            self.settle(world, LabOddityKind.CONTRADICTION, by=world.reviewer, takes=True)
        world.release(other)
        with pytest.raises(access.NotAllowed):
            self.settle(world, LabOddityKind.CONTRADICTION, takes=True)
        self.settle(world, LabOddityKind.CONTRADICTION, by=world.reviewer, takes=True)
        assert world.results() == {one: POSITIVE}
        assert Event.objects.get(verb="result.corrected").facts["tube"] == one
        now = coverage.total(world.fresh(), as_of=LATER)
        assert (now.resulted, now.to_recall) == (0, 2)

    def test_is_refused_from_elsewhere(self, world):
        world.send(told(code_of(4_000_000_000)))
        elsewhere = factories.account(role=Role.LAB_TECHNICIAN, area_code=ELSEWHERE)
        with pytest.raises(access.NotYours):
            self.settle(world, LabOddityKind.UNKNOWN_TUBE, by=elsewhere, outcome="x")

    def test_swabs_that_come_late_find_their_result(self, noise):
        world = Laboratory()
        late = next(world.codes)
        world.receive(late)
        world.release(world.send(told(late)).run)
        assert laboratory.advance(outbreak=world.outbreak, now=LATER) == 0
        world.register(world.swab("late", late, 9))
        assert laboratory.advance(outbreak=world.outbreak, now=LATER) == 1
        assert world.results() == {late: NEGATIVE}
        assert coverage.total(world.fresh(), as_of=LATER).resulted == 1
        assert laboratory.advance(outbreak=world.outbreak, now=LATER) == 0

    def test_a_receipt_that_comes_late_settles_itself(self, world):
        code = next(world.codes)
        world.register(world.swab("early", code, 9))
        world.send(told(code))
        world.receive(code)
        assert laboratory.advance(outbreak=world.outbreak, now=LATER) == 1
        assert not laboratory.waiting(world.laboratory, LATER).exists()


class TestRounds:
    def test_that_are_closed_still_get_results(self, noise):
        world = Laboratory(tube_kind=TubeKind.POOL)
        world.close()
        world.release(world.send(told(world.tubes[0])).run)
        assert world.results() == {world.tubes[0]: NEGATIVE}

    def test_that_are_set_aside_take_none(self, noise):
        from sizao.response import testing

        world = Laboratory()
        world.close()
        testing.archive_round(testing_round=world.round, by=world.coordinator, now=LATER)
        run = world.send(told(world.tubes[0])).run
        assert odd(run) == [(LabOddityKind.UNKNOWN_TUBE, world.tubes[0])]

    def test_one_run_may_hold_tubes_of_several(self, world):
        from sizao.records.models import TestingRound
        from sizao.response.testing import tubes

        other = world.plan()
        world.roster(3, of=other)
        code = tubes.codes_of(world.print(2, of=other))[0]
        first, world.round = world.round, other
        world.open()
        world.register(world.swab("o", code, 1))
        run = world.send(told(world.tubes[0]), told(code)).run
        assert set(run.readings.values_list("round_id", flat=True)) == {first.pk, other.pk}
        world.release(run)
        assert world.results() == {code: NEGATIVE}
        world.round = TestingRound.objects.get(pk=first.pk)
        assert world.results() == {world.tubes[0]: NEGATIVE}

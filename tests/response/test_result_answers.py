"""What people and other systems are told of a test: their own, no more, and never a pool's as theirs."""

from datetime import timedelta

import pytest

from sizao.records import access
from sizao.records.models import Event, ResultCode, RosterEntry, Tube
from sizao.response import testing
from sizao.response.testing import answers, answers_feed, result_codes
from sizao.terms import OutbreakKind, ResultTold, Role, TubeKind
from tests import factories
from tests.response.pools_world import LATER, NEGATIVE, POSITIVE, Pools
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW, OTHER_VILLAGE, id_number

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TOLD_AT = LATER + timedelta(days=1)


@pytest.fixture
def world(noise):
    made = Pools(kind=OutbreakKind.REPLAY)
    RosterEntry.objects.filter(round=made.round).update(phone="13800006789")
    return made


@pytest.fixture
def hospital(world):
    return factories.account(role=Role.DUTY_OFFICER, area_code=COUNTY)


def told(world, by, *numbers, purpose="就诊"):
    ids = [id_number(one) if isinstance(one, int) else one for one in numbers]
    return answers.tell(outbreak=world.outbreak, id_numbers=ids, purpose=purpose, by=by, now=TOLD_AT)


def says(world, number):
    return answers.of_entries(world.round, [number], now=TOLD_AT)[number].told


class TestAnswer:
    def test_is_the_tube_s_when_it_is_negative(self, world):
        code = world.pool(1, 2)
        assert says(world, 1) == ResultTold.WAITING
        world.release(NEGATIVE, code)
        assert says(world, 1) == ResultTold.NEGATIVE
        assert says(world, 3) == ResultTold.NOT_SWABBED

    def test_of_a_positive_pool_is_to_come_again(self, world):
        world.positive_pool(1, 2)
        assert says(world, 1) == ResultTold.COME_BACK
        code, _ = world.single(1)
        assert (says(world, 1), says(world, 2)) == (ResultTold.WAITING, ResultTold.COME_BACK)
        world.release(NEGATIVE, code)
        assert (says(world, 1), says(world, 2)) == (ResultTold.NEGATIVE, ResultTold.COME_BACK)

    def test_is_positive_by_a_swab_of_one_s_own_alone(self, world):
        code = world.pool(1, kind=TubeKind.SINGLE)
        both = world.pool(2, 3, kind=TubeKind.SINGLE)
        world.release(POSITIVE, code, both)
        assert [says(world, n) for n in (1, 2, 3)] == [
            ResultTold.POSITIVE, ResultTold.COME_BACK, ResultTold.COME_BACK,
        ]  # fmt: skip

    def test_of_a_single_swab_taken_with_a_positive_pool_settles_nothing(self, world):
        pool = world.pool(1, 2)
        single, _ = world.single(1, at=NOW)
        world.release(NEGATIVE, single)
        world.release(POSITIVE, pool)
        assert says(world, 1) == ResultTold.COME_BACK

    def test_says_until_when_somebody_is_held(self, world):
        _, hold = world.positive_pool(1, 2)
        world.order(hold)
        held = answers.of_entries(world.round, [1], now=LATER)[1]
        assert held.held_until == LATER + 12 * HOUR


class TestTell:
    def test_answers_in_the_order_asked(self, world, hospital):
        world.release(NEGATIVE, world.pool(1, 2))
        world.positive_pool(4, 5)
        found = told(world, hospital, 4, "nobody's", 1, 7, "130109199901019999")
        assert [one and one.told for one in found] == [
            ResultTold.COME_BACK, None, ResultTold.NEGATIVE, ResultTold.NOT_SWABBED, None,
        ]  # fmt: skip
        assert (found[2].taken_at, found[2].resulted_at, found[2].single) == (NOW, LATER, False)

    def test_knows_nobody_outside_the_area(self, world):
        officer = factories.account(role=Role.DUTY_OFFICER, area_code=OTHER_VILLAGE)
        world.release(NEGATIVE, world.pool(1, 3))
        assert [one and one.told for one in told(world, officer, 1, 3)] == [None, ResultTold.NEGATIVE]

    def test_gives_the_latest_round_and_what_still_waits(self, world, hospital):
        world.release(NEGATIVE, world.pool(1, 2))
        later = world.plan(now=LATER, begins_at=LATER)
        testing.take_over_roster(testing_round=later, former=world.round, by=world.coordinator, now=LATER)
        world.round = testing.open_round(testing_round=later, by=world.coordinator, now=LATER)
        world.codes = iter(testing.tubes.codes_of(world.print(3)))
        code = world.pool(1, at=LATER + HOUR)
        assert [(one.told, one.number, one.later_swab_at) for one in told(world, hospital, 1)] == [
            (ResultTold.NEGATIVE, "R001", LATER + HOUR)
        ]
        world.release(NEGATIVE, code, now=LATER + 2 * HOUR)
        assert [(one.told, one.number, one.later_swab_at) for one in told(world, hospital, 1)] == [
            (ResultTold.NEGATIVE, "R002", None)
        ]

    def test_writes_who_asked_what_for_without_id_numbers(self, world, hospital):
        world.release(NEGATIVE, world.pool(1))
        told(world, hospital, 1, "130109199901019999", purpose="入院筛查")
        line = Event.objects.get(verb="results.told")
        assert (line.actor, line.facts["purpose"], line.facts["asked"]) == (hospital.username, "入院筛查", 2)
        assert line.facts["people"] == ["R001:1"]
        assert id_number(1) not in str(line.facts)

    def test_is_refused_without_right_purpose_or_measure(self, world, hospital):
        with pytest.raises(access.NotAllowed):
            told(world, world.sampler, 1)
        with pytest.raises(answers.PurposeMissing):
            told(world, hospital, 1, purpose=" ")
        with pytest.raises(answers.TooManyPeople):
            told(world, hospital, *range(501))


class TestFeed:
    def page(self, world, by, after="", **how):
        return answers_feed.released(outbreak=world.outbreak, by=by, now=TOLD_AT, after=after, **how)

    def test_goes_on_where_it_ended(self, world, hospital):
        first, second, third = world.pool(1, 2), world.pool(4), world.pool(5, kind=TubeKind.SINGLE)
        world.release(NEGATIVE, first, second)
        world.release(POSITIVE, third, now=LATER + HOUR)
        begun = self.page(world, hospital, size=2)
        assert [(one.tube, one.result, one.entries) for one in begun.tubes] == [
            (first, NEGATIVE, (1, 2)), (second, NEGATIVE, (4,)),
        ]  # fmt: skip
        rest = self.page(world, hospital, after=begun.next)
        assert [(one.tube, one.kind, one.result) for one in rest.tubes] == [(third, "single", POSITIVE)]
        ended = self.page(world, hospital, after=rest.next)
        assert (ended.tubes, ended.next) == ((), rest.next)

    def test_tells_a_correction_again(self, world, hospital):
        code = world.pool(1, 2)
        world.release(NEGATIVE, code)
        place = self.page(world, hospital).next
        world.release(POSITIVE, code, now=LATER + HOUR, again=True)
        assert [one.result for one in self.page(world, hospital, after=place).tubes] == [POSITIVE]

    def test_waits_a_little_so_that_nothing_is_passed_over(self, world, hospital):
        world.release(NEGATIVE, world.pool(1), now=TOLD_AT - timedelta(seconds=30))
        assert self.page(world, hospital).tubes == ()

    def test_is_of_one_s_own_area(self, world):
        code = world.pool(1, 3)  # of two villages
        world.release(NEGATIVE, code)
        officer = factories.account(role=Role.DUTY_OFFICER, area_code=OTHER_VILLAGE)
        assert [one.entries for one in self.page(world, officer).tubes] == [(3,)]
        stranger = factories.account(role=Role.DUTY_OFFICER, area_code=ELSEWHERE)
        assert self.page(world, stranger).tubes == ()

    @pytest.mark.parametrize("cursor", ["x", "1-2", "1-2-x", "-1-2-3", "9" * 30 + "-1-2", "１-1-"])
    def test_knows_no_other_place(self, world, hospital, cursor):
        with pytest.raises(answers_feed.CursorUnreadable):
            self.page(world, hospital, after=cursor)

    def test_is_refused_without_the_right(self, world):
        with pytest.raises(access.NotAllowed):
            self.page(world, world.grid_worker)


class TestCode:
    def made(self, world, **how):
        return result_codes.make(testing_round=world.round, by=world.sampler, now=LATER, **how)

    def test_leads_to_one_s_own_result_and_is_not_kept(self, world):
        world.pool(1, 2)
        code, until = self.made(world, entry=1)
        plain = code.replace(" ", "")
        assert until == LATER + result_codes.LASTS
        assert plain not in ResultCode.objects.get().digest
        found = result_codes.read(code=f" {plain.lower()} ", by=None, now=LATER)
        assert (found.answer.told, found.answer.taken_at, found.expires_at) == (ResultTold.WAITING, NOW, until)
        assert found.tube_is is None
        assert ResultCode.objects.get().n_used == 1

    def test_is_made_by_the_id_number(self, world):
        world.pool(1, 2)
        code, _ = self.made(world, id_number=id_number(2))
        assert result_codes.read(code=code, by=None, now=LATER).answer.told == ResultTold.WAITING
        assert ResultCode.objects.get().entry == 2

    def test_ends(self, world):
        world.pool(1)
        code, until = self.made(world, entry=1)
        with pytest.raises(result_codes.CodeUnknown):
            result_codes.read(code=code, by=None, now=until)
        with pytest.raises(result_codes.CodeUnknown):
            result_codes.read(code="ABCDEFGHJK", by=None, now=LATER)

    def test_is_made_for_people_of_one_s_own_area(self, world):
        world.pool(1, 3)
        with pytest.raises(access.NotYours):
            result_codes.make(testing_round=world.round, by=world.grid_worker, now=LATER, entry=3)
        with pytest.raises(access.NotYours):
            self.made(world, id_number="")
        with pytest.raises(access.NotAllowed):
            result_codes.make(
                testing_round=world.round, by=factories.account(role=Role.REPORTER, area_code="13"), now=LATER, entry=1
            )

    def test_is_asked_for_with_the_end_of_the_phone(self, world):
        world.positive_pool(1, 2)
        code, _ = result_codes.ask(id_number=id_number(1), phone_ending="6789", by=None, now=LATER)
        assert result_codes.read(code=code, by=None, now=LATER).answer.told == ResultTold.COME_BACK

    @pytest.mark.parametrize(
        ("number", "ending"), [(1, "0000"), (1, ""), (1, "67890"), (1, "６７８９"), (9, "6789"), (99, "6789")]
    )
    def test_is_refused_alike_whatever_is_wrong(self, world, number, ending):
        world.pool(1, 2)  # 9 was not swabbed, 99 is on no roster
        with pytest.raises(result_codes.NobodyFound):
            result_codes.ask(id_number=id_number(number), phone_ending=ending, by=None, now=LATER)

    def test_is_not_found_by_an_id_number_that_is_none(self, world):
        world.pool(1)
        RosterEntry.objects.filter(round=world.round, number=1).update(id_index=None)
        with pytest.raises(result_codes.NobodyFound):
            result_codes.ask(id_number="x", phone_ending="6789", by=None, now=LATER)

    def test_is_not_asked_for_again_and_again(self, world):
        world.pool(1)
        for _ in range(result_codes.MOST_ASKED):
            result_codes.ask(id_number=id_number(1), phone_ending="6789", by=None, now=LATER)
        with pytest.raises(result_codes.TooManyCodes):
            result_codes.ask(id_number=id_number(1), phone_ending="6789", by=None, now=LATER)
        later = LATER + result_codes.LASTS + HOUR
        assert result_codes.ask(id_number=id_number(1), phone_ending="6789", by=None, now=later)

    def test_of_a_round_set_aside_leads_nowhere(self, world):
        world.pool(1)
        code, _ = self.made(world, entry=1)
        world.close(now=LATER)
        testing.archive_round(testing_round=world.round, by=world.coordinator, now=LATER)
        with pytest.raises(result_codes.CodeUnknown):
            result_codes.read(code=code, by=None, now=LATER)
        assert not Tube.objects.filter(round=world.round).exists()

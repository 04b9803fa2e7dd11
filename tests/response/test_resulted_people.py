"""Who counts as resulted: people and not swabs, at the moment it became known, and never by a tube of several."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.records.models import Tube
from sizao.response import testing
from sizao.response.testing import coverage
from sizao.terms import OddityKind, OutbreakKind, SwabAnswer, TubeKind
from tests.response.pools_world import LATER, NEGATIVE, POSITIVE, Pools
from tests.response.testing_world import NOW

pytestmark = pytest.mark.django_db
NEXT_DAY = LATER + timedelta(days=1)


@pytest.fixture
def world(noise):
    made = Pools(kind=OutbreakKind.REPLAY)
    made.round.refresh_from_db()
    return made


class TestCalledBack:
    def test_is_resulted_once_when_the_pool_is_corrected_after_the_single_result(self, world):
        pool, _ = world.positive_pool(1, 2, 3)
        single, _ = world.single(1)
        world.release(NEGATIVE, single)
        assert world.total().resulted == 1
        world.release(NEGATIVE, pool, again=True)
        assert world.total().resulted == 3
        assert world.right()

    def test_is_resulted_once_when_the_single_result_comes_after_the_correction(self, world):
        pool, _ = world.positive_pool(1, 2)
        single, _ = world.single(1)
        world.release(NEGATIVE, pool, again=True)
        world.release(NEGATIVE, single)
        assert world.total().resulted == 2
        world.release(None, single, again=True)
        assert world.total().resulted == 2
        assert world.right()

    def test_is_resulted_once_when_both_tubes_change_in_one_statement(self, world):
        pool, _ = world.positive_pool(1, 2)
        single, _ = world.single(1)
        both = Tube.objects.filter(round=world.round, code__in=(pool, single))
        for result, resulted in ((NEGATIVE, 2), (POSITIVE, 1), (NEGATIVE, 2)):
            both.update(result=result, resulted_at=LATER)
            assert world.total().resulted == resulted
            assert world.right()

    def test_swabbed_singly_into_a_tube_that_is_read_already_is_resulted_once(self, world):
        pool, _ = world.positive_pool(1, 2)
        world.release(NEGATIVE, pool, again=True)
        world.release(POSITIVE, pool, again=True)
        single, _ = world.single(1, at=LATER)
        world.release(NEGATIVE, single, now=LATER + timedelta(hours=1))
        assert world.total().resulted == 1
        assert world.right()


class TestSingleTubeOfSeveral:
    def test_is_nobody_s_positive(self, world):
        code = world.pool(1, 2, kind=TubeKind.SINGLE)
        world.release(POSITIVE, code)
        now = world.total()
        assert (now.positive, now.to_recall, now.resulted) == (0, 2, 0)
        assert world.right()

    def test_that_gains_its_second_swab_late_takes_the_first_one_s_result_back(self, world):
        code = world.pool(1, kind=TubeKind.SINGLE)
        world.release(POSITIVE, code)
        assert (world.total().positive, world.total().resulted) == (1, 1)
        world.register(world.swab("offline", code, 2, kind=TubeKind.SINGLE), now=NEXT_DAY)
        now = world.total()
        assert (now.positive, now.to_recall, now.resulted) == (0, 2, 0)
        assert coverage.total(world.round, as_of=LATER).positive == 1  # as it was known then
        assert world.right()

    def test_is_negative_for_all_in_it(self, world):
        code = world.pool(1, 2, kind=TubeKind.SINGLE)
        world.release(NEGATIVE, code)
        assert (world.total().resulted, world.total().to_recall) == (2, 0)
        assert world.right()


class TestWithdrawn:
    def test_is_counted_when_it_became_known(self, world):
        code = world.pool(1, 2)
        world.release(NEGATIVE, code)
        world.release(None, code, again=True, now=NEXT_DAY)
        assert coverage.total(world.round, as_of=LATER).resulted == 2
        assert coverage.total(world.round, as_of=NEXT_DAY).resulted == 0
        assert world.right()

    def test_and_released_again_is_counted_again(self, world):
        code = world.pool(1, 2)
        for result, hours in ((NEGATIVE, 0), (None, 2), (NEGATIVE, 4)):
            world.release(result, code, again=result is None, now=LATER + timedelta(hours=hours))
        told = [coverage.total(world.round, as_of=LATER + timedelta(hours=hours)).resulted for hours in (1, 3, 5)]
        assert told == [2, 0, 2]


class TestTubeThatWasRead:
    def test_takes_no_swab_of_later(self, world):
        code = world.pool(1, 2)
        world.release(NEGATIVE, code)
        after = LATER + timedelta(hours=1)
        late = world.swab("late", code, 4, at=after)
        assert world.tell(late, now=after) == [(SwabAnswer.QUEUED, (OddityKind.AFTER_RESULT,))]
        assert world.tell(late, now=after) == [(SwabAnswer.QUEUED, (OddityKind.AFTER_RESULT,))]
        assert (world.total().registered, world.total().resulted) == (2, 2)

    def test_takes_a_swab_of_before_that_comes_late(self, world):
        code = world.pool(1, 2)
        world.release(NEGATIVE, code)
        assert world.tell(world.swab("offline", code, 4), now=NEXT_DAY) == [(SwabAnswer.TAKEN, ())]

    def test_still_knows_the_swabs_that_it_holds(self, world):
        code = world.pool(1, 2)
        world.release(NEGATIVE, code)
        assert world.tell(world.swab(f"{code}:1", code, 1), now=NEXT_DAY) == [(SwabAnswer.REPEATED, ())]

    def test_gives_its_swab_to_the_right_tube(self, world):
        code = world.pool(1, 2)
        world.release(NEGATIVE, code)
        after = LATER + timedelta(hours=1)
        world.tell(world.swab("late", code, 4, at=after), now=after)
        waiting = world.round.oddities.get(kind=OddityKind.AFTER_RESULT)
        testing.settle_oddity(
            testing_round=world.round, number=waiting.pk, tube=next(world.codes), by=world.sampler, now=after
        )
        assert (world.total().registered, world.total().resulted) == (3, 2)
        assert world.right()


# What may happen to two pools, the single tubes of their people, and a single tube that gains a second person.
ACTS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["read", "swab"]), st.sampled_from([POSITIVE, NEGATIVE, None])),
    min_size=4, max_size=14,
)  # fmt: skip


class TestAnyOrder:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(acts=ACTS, together=st.booleans())
    def test_the_kept_counts_say_what_the_rows_do(self, world, acts, together):
        with transaction.atomic():
            world.codes = iter(testing.tubes.codes_of(world.print(20)))
            pools = [world.positive_pool(*of)[0] for of in ((1, 2, 3), (4, 5))]
            lone = world.pool(6, kind=TubeKind.SINGLE)
            codes = [*pools, lone, *(world.single(one)[0] for one in (1, 4, 5))]
            for place, (which, act, result) in enumerate(acts):
                at = LATER + timedelta(minutes=place)
                if act == "swab":
                    kind = TubeKind.SINGLE if which > 1 else TubeKind.POOL
                    world.register(world.swab(f"more{place}", codes[which], 7 + place % 5, kind=kind, at=NOW), now=at)
                    continue
                changed = codes[which : which + 4] if together else [codes[which]]
                Tube.objects.filter(round=world.round, code__in=changed).update(
                    result=result, resulted_at=at if result else None, withdrawn_at=None if result else at
                )
            assert world.right()
            transaction.set_rollback(True)

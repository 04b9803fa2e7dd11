"""Care: shares and delays recovered, severity by age and doses, the background, and what no measure changes."""

import numpy as np
import pytest

from sizao.drill import variants
from sizao.engines.simulation import care, rng
from sizao.engines.simulation.variants import whole_days

PEOPLE = np.arange(60_000)
DELTA = variants.read("delta")


def settings_of(people):
    return people % 2


class TestSought:
    def test_goes_to_each_door_in_the_shares_told_and_when(self):
        habit = care.Seeking()
        door, day = care.sought(1, habit, PEOPLE, np.full(len(PEOPLE), 30), settings_of(PEOPLE))
        for setting, shares in enumerate(habit.shares):
            mine = settings_of(PEOPLE) == setting
            assert np.bincount(door[mine], minlength=4) / mine.sum() == pytest.approx(shares, abs=0.01)
        for one, times in habit.delays.items():
            waited = day[door == one] - 30
            chances = whole_days(*times)
            assert waited.min() >= 0
            assert waited.mean() == pytest.approx(chances @ np.arange(len(chances)), abs=0.05)
        assert (day[door == care.NOWHERE] == care.NEVER).all()

    def test_by_loops_is_the_same(self):
        habit, onset = care.Seeking(), np.arange(200) % 17 - 8
        door, day = care.sought(4, habit, PEOPLE[:200], onset, settings_of(PEOPLE[:200]))
        for person in range(200):
            word = int(rng.words(rng.stream(4, "care: door"), person, 0)[0]) >> 32
            shares = np.cumsum(habit.shares[person % 2]) * 2**32
            assert door[person] == next(one for one in range(4) if word < shares[one] or one == 3)
            if door[person]:
                pace = int(rng.words(rng.stream(4, "care: delay"), person, 0)[0]) >> 32
                chances = np.cumsum(whole_days(*habit.delays[int(door[person])])) * 2**32
                assert day[person] == onset[person] + int(np.searchsorted(np.rint(chances), pace, side="right"))

    def test_of_some_is_not_changed_by_asking_for_others(self):
        habit, onset = care.Seeking(), PEOPLE % 20
        door, day = care.sought(1, habit, PEOPLE, onset, settings_of(PEOPLE))
        few = PEOPLE[5::7]
        again = care.sought(1, habit, few, onset[5::7], settings_of(few))
        assert again[0].tolist() == door[5::7].tolist()
        assert again[1].tolist() == day[5::7].tolist()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"shares": np.array([[0.5, 0.5, 0.5, 0.5]])},
            {"shares": np.array([[1.2, -0.2, 0.0, 0.0]])},
            {"shares": np.array([[1.0, 0.0]])},
            {"delays": {care.PHARMACY: (1.0, 1.0)}},
        ],
    )
    def test_habits_that_cannot_be_are_refused(self, wrong):
        with pytest.raises(care.NotAHabit):
            care.Seeking(**wrong)


class TestFates:
    @pytest.mark.parametrize(("band", "doses"), [(8, 0), (8, 3), (6, 1), (3, 0)])
    def test_recover_the_chances_of_the_variant(self, band, doses):
        onset = np.full(len(PEOPLE), 10)
        fates = care.fates(2, DELTA, PEOPLE, onset, onset * 0 + band, onset * 0 + doses)
        tables = (DELTA.severe, DELTA.critical, DELTA.death)
        for days, table in zip((fates.severe, fates.critical, fates.death), tables, strict=True):
            share = table[band, doses]
            spread = np.sqrt(share * (1 - share) / len(PEOPLE))
            assert (days != care.NEVER).mean() == pytest.approx(share, abs=4.5 * spread + 1e-5)

    def test_turn_in_order_and_end(self):
        onset, old = PEOPLE % 50, np.full(len(PEOPLE), 8)
        fates = care.fates(2, DELTA, PEOPLE, onset, old, old * 0)
        severe, critical, dies = (days != care.NEVER for days in (fates.severe, fates.critical, fates.death))
        assert (severe | ~critical).all()
        assert (severe | ~dies).all()
        assert (fates.severe[severe] >= onset[severe]).all()
        assert (fates.critical[critical] >= fates.severe[critical]).all()
        assert (fates.leaves[severe] > fates.severe[severe]).all()
        assert (
            fates.leaves[dies & (fates.death > fates.severe)] == fates.death[dies & (fates.death > fates.severe)]
        ).all()
        assert (fates.leaves[~severe] == care.NEVER).all()
        assert (fates.severe[severe] - onset[severe]).mean() == pytest.approx(6.6, abs=0.2)

    def test_of_one_person_are_no_worse_with_more_doses(self):
        onset, old = PEOPLE * 0, np.full(len(PEOPLE), 8)
        some, more = (care.fates(2, DELTA, PEOPLE, onset, old, onset + doses) for doses in (1, 3))
        for one, other in ((some.severe, more.severe), (some.death, more.death)):
            assert ((one != care.NEVER) | (other == care.NEVER)).all()

    def test_fill_beds_and_intensive_care_no_further_than_there_are(self):
        few = PEOPLE[:3000]
        fates = care.fates(2, DELTA, few, few % 20, few * 0 + 7, few * 0)
        days = range(0, 120)
        room, care_room = care.wards(fates, beds=9000, intensive=9000, days=days)
        severe, critical = fates.severe != care.NEVER, fates.critical != care.NEVER
        assert (room.waiting.sum(), care_room.waiting.sum()) == (0, 0)
        # Who is critical on the day of being severe goes to intensive care at once.
        bedded = severe & (fates.critical != fates.severe)
        assert (room.since[bedded] == fates.severe[bedded]).all()
        assert (care_room.since[critical] == fates.critical[critical]).all()
        tight, tight_care = care.wards(fates, beds=200, intensive=20, days=days)
        assert tight.taken.max() == 200
        assert tight_care.taken.max() == 20
        assert tight.waiting.max() > room.waiting.max()
        assert (tight_care.since != care.NEVER).sum() < (care_room.since != care.NEVER).sum()
        assert (tight.since[~severe] == care.NEVER).all()

    def test_without_a_bed_a_share_dies_of_it_and_more_of_a_greater_share(self):
        few, many = (care.without_bed(3, PEOPLE, share) for share in (0.3, 0.6))
        assert few.mean() == pytest.approx(0.3, abs=0.01)
        assert (many | ~few).all()


class TestBackground:
    TABLE = rng.poisson_table()
    FIRST = np.array([0, 40_000, 40_000, 55_000])
    COUNT = np.array([40_000, 0, 15_000, 5_000])

    def days(self, per_100_000, n_days=600, seed=7):
        return [care.background(seed, self.TABLE, self.FIRST, self.COUNT, per_100_000, day) for day in range(n_days)]

    def test_is_poisson_by_area(self):
        seen = self.days(40)
        for first, count in zip(self.FIRST, self.COUNT, strict=True):
            told = np.array([((one >= first) & (one < first + count)).sum() for one in seen])
            mean = count * 40 / 100_000
            assert told.mean() == pytest.approx(mean, abs=4.5 * np.sqrt(mean / len(seen)) + 0.02)
            if mean:
                assert told.var() / told.mean() == pytest.approx(1, abs=0.25)

    def test_is_of_anybody_alike_and_each_once_a_day(self):
        seen = self.days(200)
        assert all(len(np.unique(one)) == len(one) for one in seen)
        everyone = np.concatenate(seen)
        parts = np.histogram(everyone, bins=12, range=(0, 60_000))[0]
        assert parts == pytest.approx(np.full(12, parts.mean()), rel=0.1)

    def test_of_an_area_is_not_changed_by_another(self):
        alone = care.background(7, self.TABLE, self.FIRST[:1], self.COUNT[:1], 40, 5)
        all_of_them = care.background(7, self.TABLE, self.FIRST, self.COUNT, 40, 5)
        assert alone.tolist() == all_of_them[all_of_them < 40_000].tolist()

    def test_of_too_many_at_once_is_refused(self):
        with pytest.raises(care.NotAHabit):
            care.background(7, self.TABLE, self.FIRST, self.COUNT, 90_000, 5)

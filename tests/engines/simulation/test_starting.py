"""Starting from a situation: as many infected as are known and estimated, and as fast as it spreads today."""

import numpy as np
import pytest

from sizao.engines.simulation import city, comparing, matching, starting
from sizao.engines.simulation.areas import made_up_areas
from sizao.engines.simulation.comparing import Question, compare
from sizao.engines.simulation.policy import NOTHING, Policy
from sizao.engines.simulation.starting import Known, NobodyToStartWith, Start
from tests.engines.simulation.made_up import disease

N = 4000


@pytest.fixture(scope="module")
def town():
    return city.build(made_up_areas(40_000, community=1000, towns=4, counties=2), seed=1)


@pytest.fixture(scope="module")
def known():
    shape = np.array([0.1, 0.2, 0.3, 0.4])
    return Known(
        onsets=np.array([1.0, 2, 2, 3, 5, 4, 6, 5, 3, 1]),
        missing=np.append(np.zeros(6), shape),
        levels=np.array([0.025, 0.5, 0.975]),
        not_found=np.array([4.0, 10, 25]),
        reproduction=np.array([0.6, 1.0, 1.5]),
        interval=np.array([0.0, 0.1, 0.3, 0.3, 0.2, 0.1]),
    )


def start_of(town, **changes):
    values = {
        "unseen": np.array([[2, 3, 4], [1, 1, 8]]),
        "first_day": -2,
        "kept": 0.5,
        "found_onsets": np.array([-9, -7, -6, -5]),
        "zones": starting.zones_of_counties(town, [1, 2]),
        "weights": np.array([0.0, 1.0]),
        "mixing": np.ones(2),
        "rooms": np.zeros(20, np.int64),
    }
    return Start(**{**values, **changes})


class TestDraws:
    def test_fit_what_is_known(self, known):
        unseen, first, reproduction = starting.draws(known, disease(), n=N, seed=3)
        ill = unseen[:, :10].sum(axis=1)
        assert first == -10
        assert unseen[:, :6].sum() == 0
        assert np.quantile(ill, [0.025, 0.5, 0.975]) == pytest.approx([4, 10, 25], abs=1.6)
        assert unseen[:, 6:10].mean(axis=0) / ill.mean() == pytest.approx(known.missing[6:], abs=0.01)
        assert np.median(reproduction) == pytest.approx(1.0, abs=0.01)

    def test_add_those_who_will_fall_ill_as_the_renewal_equation_says(self, known):
        fixed = Known(known.onsets, known.missing, known.levels, np.full(3, 10.0), np.full(3, 1.2), known.interval)
        unseen, *_ = starting.draws(fixed, disease(), n=N, seed=3)
        curve = [*(fixed.onsets + 10 * fixed.missing)]
        for _ in range(3):
            recent = curve[::-1]
            curve.append(1.2 * sum(w * recent[k - 1] for k, w in enumerate(fixed.interval) if k))
        # Incubation is 2, 3, 4 or 5 days with chances .3 .4 .2 .1.
        longer = [1.0, 1.0, 0.7]
        expected = [one * share for one, share in zip(curve[10:], longer, strict=True)]
        assert unseen[:, 10:13].mean(axis=0) == pytest.approx(expected, rel=0.03)
        assert unseen[:, 15:].sum() == 0


class TestStart:
    def test_puts_as_many_people_where_the_infected_live(self, town):
        question = Question(town, disease(rates=np.zeros(5)), days=12, start=start_of(town))
        answer = compare(question, [NOTHING], seeds=range(20))[0]
        assert set(answer.size.tolist()) == {9, 10}

    def test_infects_before_day_0_and_in_the_right_county_only(self, town):
        question = Question(town, disease(rates=np.zeros(5)), days=12, start=start_of(town))
        place, ready = comparing.ready_city(question)
        outbreak = comparing.begun(question, place, ready, 4, mixing=1.0, engine="numba")
        responder = comparing.Responder(outbreak, NOTHING, days=12)
        known = starting.begin(outbreak, responder, question.start)
        ledger = outbreak.ledger
        assert known == 4
        assert (ledger.day < 0).all()
        assert (np.diff(ledger.day) >= 0).all()
        assert (town.zones.of[2][town.community[ledger.person]] == question.start.zones[1]).all()
        waiting = ledger.scale > 0
        assert sorted(ledger.onset[~waiting].tolist()) == [-9, -7, -6, -5]
        draw = question.start.unseen[question.start.draw_of(4)]
        assert sorted(ledger.onset[waiting].tolist()) == np.repeat([-2, -1, 0], draw).tolist()
        assert (outbreak.infected[ledger.person] == 1).all()

    def test_finds_those_kept_by_the_tests_of_quarantine(self, town):
        silent = {"rates": np.zeros(5), "pcr": np.ones(40)}
        found = [
            compare(
                Question(town, disease(**silent), days=16, start=start_of(town, kept=share)),
                [Policy("kept", testing=0.0)],
                seeds=range(4),
            )[0].found.sum()
            for share in (0.0, 1.0)
        ]
        assert found[0] == 0
        assert found[1] > 35

    def test_counts_the_rooms_of_those_there_today(self, town):
        there = np.arange(20)[::-1] * 10
        question = Question(town, disease(rates=np.zeros(5)), days=20, start=start_of(town, rooms=there))
        answer = compare(question, [Policy("none", testing=0.0, test_days=())], seeds=range(2))[0]
        assert (answer.rooms == 190).all()

    def test_refuses_more_infected_than_people(self, town):
        start = start_of(town, unseen=np.full((2, 3), 20_000))
        with pytest.raises(NobodyToStartWith, match="more than half"):
            compare(Question(town, disease(), days=5, start=start), [NOTHING], seeds=[1])

    def test_stops_a_run_that_grows_too_great(self, town):
        fast = disease(rates=np.array([2.0, 1.0, 1.0, 0.5, 0.5]))
        question = Question(town, fast, imported=50, days=40, stop_at=500)
        answer = compare(question, [NOTHING], seeds=range(2))[0]
        assert (answer.stopped == 1).all()
        assert (answer.size > 500).all()
        assert (answer.size < 5000).all()
        assert (answer.zero == 0).all()


class TestCountyAreas:
    def test_divides_counties_and_keeps_their_people(self):
        found = starting.county_areas([130109, 130129, 130183], [9_100, 2_000, 300_000])
        assert found.population.sum() == 311_100
        built = city.build(found, seed=1)
        zones = starting.zones_of_counties(built, [130183, 130109])
        assert built.zones.size[zones].tolist() == [300_000, 9_100]
        assert found.population.max() < 3_200


class TestFactors:
    def test_are_such_that_the_outbreak_spreads_as_wanted(self, town):
        """The factor for 0.8 spreads less than that for 1.6, and a fresh trial comes near both."""
        question = Question(town, disease(), days=30)
        policy = Policy("today")
        wanted = np.array([0.8, 1.6])
        factors, (low, high) = matching.factors(question, policy, wanted)
        assert low < 0.8 < 1.6 < high
        assert factors[0] < factors[1]
        reached = matching.reproduction(question, policy, at=factors, seeds=range(10, 16))
        assert reached == pytest.approx(wanted, rel=0.25)

"""Spread: the events of both engines are those of the plain twin, and their law is that of asking every pair."""

import numpy as np
import pytest

from sizao.engines.simulation import areas, city, presence, spread
from sizao.engines.simulation.disease import CLASS, HOUSEHOLD, TRANSPORT, VENUE, WORK, NotADisease, course
from sizao.engines.simulation.ledger import IMPORTED, Ledger
from sizao.engines.simulation.orders import AREA_CLOSED, HOME_ISOLATION, ISOLATION, VENUES_CLOSED, OrderLog
from sizao.engines.simulation.slots import SLOTS
from sizao.engines.simulation.spread import DayOutOfOrder, Outbreak
from sizao.engines.simulation.world import FIRST_SLOT
from tests.engines.simulation.made_up import disease, log_of, small_city, world_of
from tests.reference.simulation_city import Twin
from tests.reference.simulation_spread import TwinOutbreak, pairwise

FIRST = np.arange(10, 6000, 300)


@pytest.fixture(scope="module")
def town():
    return small_city()


def run(town, *, engine="numba", seed=5, days=40, first=FIRST, held=(), closed=(), travel=None, **changes):
    log = log_of(town)
    for people, begin, end, kind in held:
        log.hold(np.asarray(people), begin, end, kind)
    for zone, begin, end, kind in closed:
        log.order_area(zone, begin, end, kind)
    outbreak = Outbreak(world_of(town, log, travel=travel), log, disease(**changes), seed=seed, engine=engine)
    outbreak.infect(first)
    for day in range(days):
        outbreak.step(day)
    return outbreak


def same(one: Ledger, other: Ledger):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Ledger._fields)


def away_from(outbreak):
    """The names of the occasions at which infections happened."""
    ordered = sorted(SLOTS, key=lambda slot: slot.opens)
    kind = outbreak.ledger.place[outbreak.ledger.layer >= VENUE] >> 44
    return [ordered[one - FIRST_SLOT].name for one in kind.tolist()]


class TestStep:
    def test_gives_the_same_events_compiled_and_by_numpy(self, town):
        base = town.zones.base
        orders = {
            "held": [(np.arange(0, 6000, 9), 3, 9, ISOLATION), (np.arange(0, 6000, 13), 5, 12, HOME_ISOLATION)],
            "closed": [(int(base[1]), 8, 12, AREA_CLOSED), (int(base[2]) + 1, 9, 14, VENUES_CLOSED)],
        }
        for seed in (1, 2):
            compiled, by_numpy = (
                run(town, engine=engine, seed=seed, days=25, **orders) for engine in ("numba", "numpy")
            )
            assert len(compiled.ledger) > 200
            assert same(compiled.ledger, by_numpy.ledger)

    def test_gives_the_events_of_the_plain_twin(self):
        small = small_city(700, community=60, towns=3, counties=2)
        held, closed = [(4, 2, 6, ISOLATION), (60, 1, 9, HOME_ISOLATION)], [(1, 5, 7, AREA_CLOSED)]
        journeys = {(0, 1): 60, (1, 0): 80}
        orders = {"held": [([person], *rest) for person, *rest in held], "closed": closed}
        first = np.arange(5, 700, 20)
        outbreak = run(small, seed=3, days=11, first=first, travel=journeys, variation=np.nan, **orders)
        assert len(outbreak.ledger) > 60
        assert set(outbreak.ledger.layer.tolist()) == {IMPORTED, HOUSEHOLD, CLASS, WORK, VENUE, TRANSPORT}
        twin = TwinOutbreak(Twin(outbreak.world, held, closed), course(outbreak.disease), seed=3)
        twin.infect(first.tolist(), 0)
        for day in range(11):
            twin.step(day)
        ledger = outbreak.ledger
        told = zip(ledger.infector, ledger.layer, ledger.place, ledger.day, ledger.second, strict=True)
        assert dict(zip(ledger.person.tolist(), (tuple(map(int, row)) for row in told), strict=True)) == twin.truth

    def test_infects_only_those_who_were_there(self, town):
        """Every infection of the ledger away from home is a meeting that presence tells of, at that second."""
        ledger = run(town).ledger
        rows = np.flatnonzero(ledger.layer > HOUSEHOLD)[::7]
        moving = world_of(town)
        assert len(rows) > 100
        for row in rows.tolist():
            case, day = int(ledger.infector[row]), int(ledger.day[row])
            met = presence.look_back(moving, np.array([case]), np.array([day]))
            moment = day * 86_400 + ledger.second[row]
            there = (met.person == ledger.person[row]) & (met.place == ledger.place[row])
            assert (there & (met.start <= moment) & (moment < met.end)).any()

    def test_infects_in_order_and_each_person_once(self, town):
        ledger = run(town).ledger
        assert len(set(ledger.person.tolist())) == len(ledger)
        moments = ledger.day * 86_400 + ledger.second
        assert (np.diff(moments[len(FIRST) :]) >= 0).all()
        of = dict(zip(ledger.person.tolist(), range(len(ledger)), strict=True))
        for row in range(len(FIRST), len(ledger)):
            source = of[int(ledger.infector[row])]
            assert ledger.first[source] <= ledger.day[row] <= ledger.last[source]
            assert ledger.day[row] > ledger.day[source]

    def test_passes_by_the_isolated_and_closed(self, town):
        everybody = np.arange(6000)
        assert len(run(town, held=[(everybody, 0, 90, ISOLATION)]).ledger) == len(FIRST)
        at_home = run(town, held=[(everybody, 0, 90, HOME_ISOLATION)]).ledger
        assert set(at_home.layer.tolist()) == {IMPORTED, HOUSEHOLD}
        province = len(town.zones.start) - 1
        shut = run(town, closed=[(province, 0, 90, VENUES_CLOSED)])
        assert {WORK, CLASS} & set(shut.ledger.layer.tolist())
        assert set(away_from(shut)) == {"evening with neighbours"}

    def test_goes_from_door_to_door_in_a_closed_area(self, town):
        province = len(town.zones.start) - 1
        rates = {"rates": np.array([0.9, 0.2, 0.3, 8.0, 8.0])}
        closed = run(town, closed=[(province, 0, 90, AREA_CLOSED)], **rates)
        assert set(closed.ledger.layer.tolist()) == {IMPORTED, HOUSEHOLD, VENUE}
        assert set(away_from(closed)) == {"evening with neighbours"}
        free = run(town, **rates)
        assert 20 < len(away_from(closed)) < 0.5 * away_from(free).count("evening with neighbours")
        row = np.flatnonzero(closed.ledger.layer == VENUE)
        assert (abs(closed.ledger.person[row] - closed.ledger.infector[row]) < 40).all()

    def test_refuses_a_day_out_of_order(self, town):
        outbreak = run(town, days=3)
        with pytest.raises(DayOutOfOrder, match="Day 5 cannot be simulated"):
            outbreak.step(5)

    def test_infects_those_less_who_had_their_doses(self, town):
        table = np.ones((9, 4)) * [1.0, 0.0, 0.0, 0.0]
        ledger = run(town, susceptibility=table).ledger
        assert (town.doses[ledger.person[len(FIRST) :]] == 0).all()
        assert len(ledger) > len(FIRST)


class TestNamedStreams:
    def test_a_person_more_far_away_changes_nothing_here(self):
        """The same outbreak, person by person, in a county that gained nobody."""
        layout = areas.made_up_areas(6000, community=400, towns=3, counties=2)
        more = areas.Areas(layout.codes, layout.population + np.eye(15, dtype=np.int64)[14])
        ledgers = []
        for land in (layout, more):
            built = city.build(land, seed=1)
            ledgers.append(run(built, travel={}, first=np.arange(10, 2400, 200)).ledger)
        assert ledgers[0].person.max() < 2400
        assert len(ledgers[0]) > 300
        assert same(*ledgers)

    def test_a_measure_in_one_county_changes_nothing_in_another(self, town):
        zone = int(town.zones.base[2]) + 1
        free, measured = (run(town, travel={}, closed=rows).ledger for rows in ([], [(zone, 4, 30, AREA_CLOSED)]))
        outside = [
            np.isin(town.zones.of[2][town.community[one.person]], [zone], invert=True) for one in (free, measured)
        ]
        assert len(free) > len(measured)
        for name in Ledger._fields:
            assert np.array_equal(getattr(free, name)[outside[0]], getattr(measured, name)[outside[1]])

    def test_a_person_has_the_same_course_in_both_of_a_pair(self, town):
        zone = int(town.zones.base[2])
        one, other = (run(town, closed=rows).ledger for rows in ([], [(zone, 4, 30, AREA_CLOSED)]))
        both, here, there = np.intersect1d(one.person, other.person, return_indices=True)
        assert len(both) > 200
        assert ((one.onset - one.day)[here] == (other.onset - other.day)[there]).all()
        assert (one.scale[here] == other.scale[there]).all()


class TestLaw:
    def test_thinned_events_have_the_law_of_asking_every_pair(self, town):
        thinned, paired = [], []
        rates = {"rates": np.array([0.6, 0.06, 0.12, 0.03, 0.05])}
        log = log_of(town)
        moving = world_of(town, log)
        for seed in range(30):
            thinned.append(len(run(town, seed=seed, days=16, **rates).ledger))
            outbreak = Outbreak(moving, log, disease(**rates), seed=1000 + seed)
            outbreak.infect(FIRST)
            paired.append(pairwise(outbreak, 16, np.random.default_rng(seed)))
        one, other = np.log(thinned), np.log(paired)
        spread_of = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 30)
        assert np.mean(thinned) > 40
        assert abs(one.mean() - other.mean()) < 3 * spread_of, (np.mean(thinned), np.mean(paired))


class TestDisease:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"symptomatic": np.ones(3)}, "shape"),
            ({"pcr": np.array([0.0, 1.2])}, "not from 0 to 1"),
            ({"latent": np.array([0.5, 0.1])}, "sum to 1"),
            ({"rates": np.array([0.1, 0.1, 0.1, -0.1, 0.1])}, "below 0"),
        ],
    )
    def test_refuses_tables_that_cannot_be(self, changes, reason):
        with pytest.raises(NotADisease, match=reason):
            disease(**changes)


def test_the_log_and_the_world_share_their_orders(town):
    """An order that comes while the outbreak runs is heeded from the next day on."""
    log = OrderLog(town.zones, town.people, first_day=-10, n_days=100)
    outbreak = Outbreak(world_of(town, log), log, disease(), seed=5)
    outbreak.infect(FIRST)
    for day in range(8):
        outbreak.step(day)
    known = len(outbreak.ledger)
    assert known > len(FIRST)
    log.hold(np.arange(town.people), 8, spread.LATEST_DAY, ISOLATION)
    assert [outbreak.step(day) for day in range(8, 12)] == [0, 0, 0, 0]

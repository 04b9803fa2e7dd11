"""Layers, neighbours, ranking and seats through a store, each as the plain twin says."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.adapters.visits import VisitStore, VisitWriter, Window
from sizao.adapters.visits.layers import cuts
from sizao.adapters.visits.meetings import Manner, NegativePadding
from sizao.adapters.visits.neighbours import BY_NAME, Neighbours
from sizao.adapters.visits.places import UNTOLD, Places, describe, known_places
from sizao.adapters.visits.seats import Seats
from sizao.engines.presences.cells import neighbours_of, square_at
from sizao.engines.presences.dilution import Weights
from sizao.engines.presences.seats import Seat
from sizao.protocol.read_vehicles import shipped_seat_rules_at
from tests.adapters.visits.conftest import DAYS, MIDNIGHT, as_rows, made
from tests.reference import presence_questions as questions
from tests.reference import presences as plain
from tests.specs.test_companions import presence_rows

CASES = (5, 22, 39)
LEAST = 600
END = MIDNIGHT + DAYS * 86_400
WINDOWS = [Window(case, MIDNIGHT, END) for case in CASES]
BESIDE = {place: [place + 1] for place in range(900, 907)} | {904: [904, 900]}


def places_of(rows):
    """Say of places what they are: (place, layer, ventilation, vehicle kind)."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return Places(pa.table(dict(zip(("place", "layer", "ventilation", "vehicle_kind"),
                                    [pa.array(columns[0]), *(pa.array(one, pa.string()) for one in columns[1:])],
                                    strict=True))))  # fmt: skip


@pytest.fixture
def store(presences, tmp_path):
    with VisitWriter(tmp_path / "store") as writer:
        writer.ingest(presences)
    return VisitStore(tmp_path / "store")


def put(folder, rows):
    names = ["person", "place", "start", "end"]
    with VisitWriter(folder) as writer:
        writer.append(pa.record_batch([pa.array(list(one)) for one in zip(*rows, strict=True)], names), key="one")
    return VisitStore(folder)


class TestNeighbours:
    def test_are_a_tier_of_their_own_beside_the_plain_answer(self, store):
        found = store.companions_near(WINDOWS, least_seconds=LEAST, neighbours=Neighbours(BESIDE)).to_pylist()
        same = [
            {name: value for name, value in row.items() if name != "tier"} for row in found if row["tier"] == "same"
        ]
        by_pair = sorted(same, key=lambda row: (row["case"], row["person"]))
        told = store.companions(WINDOWS, least_seconds=LEAST).to_pylist()
        assert by_pair == sorted(told, key=lambda row: (row["case"], row["person"]))
        beside = {
            (row["case"], row["person"]): (round(row["minutes"] * 60), row["meetings"], row["first"], row["last"])
            for row in found
            if row["tier"] == "neighbour"
        }
        rows = as_rows(made(1))
        neighbours = {place: BESIDE.get(place, []) for place in range(900, 908)}
        assert beside == {
            (case, person): row
            for case in CASES
            for person, row in questions.pairs_beside(rows, case, [(MIDNIGHT, END)], LEAST, neighbours).items()
        }

    def test_of_cells_are_known_by_their_names(self, tmp_path):
        here = str(square_at(38.04, 114.51, side_m=800))
        beside = neighbours_of(here)[0]
        away = str(square_at(39.04, 114.51, side_m=800))
        rows = [("case", here, 0, 3600), ("near", beside, 0, 3600), ("far", away, 0, 3600), ("cafe", "cafe", 0, 3600)]
        found = put(tmp_path, rows).companions_near([Window("case", 0, 3600)], least_seconds=60).to_pylist()
        assert [(row["person"], row["tier"], row["minutes"]) for row in found] == [("near", "neighbour", 60.0)]

    def test_of_a_stranger_are_none(self, store):
        assert store.companions_near([Window(1, 0, END)], least_seconds=LEAST).num_rows == 0

    @settings(max_examples=40, deadline=None)
    @given(presence_rows, st.integers(1, 8))
    def test_agree_with_a_plain_join(self, tmp_path_factory, rows, least):
        rows = [(who, place, start, max(end, start + 1)) for who, place, start, end in rows]
        beside = {0: [1], 1: [0, 2], 2: [1], 3: []}
        store = put(tmp_path_factory.mktemp("store"), rows)
        found = store.companions_near([Window(0, 0, 99)], least_seconds=least, neighbours=Neighbours(beside))
        told = {
            row["person"]: (round(row["minutes"] * 60), row["meetings"], row["first"], row["last"])
            for row in found.to_pylist()
            if row["tier"] == "neighbour"
        }
        assert told == questions.pairs_beside(rows, 0, [(0, 99)], least, beside)


class TestByLayer:
    def test_agrees_with_the_twin(self, store):
        """Every other place is a cell; times in minutes, so that the twin can look at each."""
        minutes = [(who, place, start // 60, -(-end // 60)) for who, place, start, end in as_rows(made(1))]
        cells = places_of([(place, "cell", None, None) for place in range(900, 908, 2)])
        within = (MIDNIGHT // 60 + 100, MIDNIGHT // 60 + 3_000)
        layers = {place: "venue" if place % 2 else "cell" for place in range(900, 908)}
        beside = {place: BESIDE.get(place, []) for place in range(900, 908)}
        near = [row for row in minutes if row[3] > within[0] and row[2] < within[1]]
        wanted = questions.totals(near, 5, [within], 10, layers, neighbours=beside, day=1_440)
        stretched = put(store.path.parent / "minutes", [(*row[:2], row[2] * 60, row[3] * 60) for row in set(minutes)])
        manner = Manner(places=cells, neighbours=Neighbours(BESIDE), utc_offset_seconds=0)
        found = stretched.by_layer([Window(5, within[0] * 60, within[1] * 60)], least_seconds=600, manner=manner)
        told = {
            (row["person"], row["layer"], row["tier"]): (
                row["minutes"], row["meetings"], row["first"] / 60, row["last"] / 60, row["imputed_minutes"],
                row["padded_minutes"], row["days"], row["occupancy"],
            )
            for row in found.to_pylist()
        }  # fmt: skip
        assert told == {key: pytest.approx(value) for key, value in wanted.items()}
        assert {key[1] for key in told} == {"cell", "venue"}
        assert {key[2] for key in told} == {"same", "neighbour"}

    def test_of_nobody_known_has_its_columns(self, store):
        found = store.by_layer([Window(1, 0, END)], least_seconds=LEAST)
        assert found.num_rows == 0
        assert found.column_names[:6] == ["case", "person", "layer", "tier", "minutes", "meetings"]

    def test_days_begin_at_midnight_of_the_clock_asked_for(self, tmp_path):
        """Eleven at night in UTC is seven in the morning in China."""
        late = MIDNIGHT + 23 * 3600
        rows = [("case", "home", late, late + 7200), ("near", "home", late, late + 7200)]
        store, window = put(tmp_path, rows), [Window("case", MIDNIGHT, END)]
        (china,) = store.by_layer(window, least_seconds=60).to_pylist()
        (utc,) = store.by_layer(window, least_seconds=60, manner=Manner(utc_offset_seconds=0)).to_pylist()
        assert (china["days"], utc["days"]) == (1, 2)

    def test_clocks_that_differ_by_less_than_nothing_are_refused(self):
        with pytest.raises(NegativePadding, match="0 or more"):
            Manner(pad_seconds=-60)


pieces = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(5, 20), st.integers(1, 3)).map(
        lambda row: (*row[:3], row[2] + row[3])
    ),
    min_size=1, max_size=20, unique=True,
)  # fmt: skip


class TestTouched:
    MANNER = Manner(
        places=places_of([(place, "cell", None, None) for place in range(3)]),
        neighbours=Neighbours({0: [1], 1: [0, 2], 2: [1]}), pad_seconds=2,
    )  # fmt: skip
    ASKED = (Window(0, 0, 60), Window(1, 5, 20), Window(2, 10, 15), Window(2, 30, 50))

    def answers(self, store, cases):
        asked = [one for one in self.ASKED if one.person in cases]
        found = store.by_layer(asked, least_seconds=3, manner=self.MANNER).to_pylist()
        return {case: sorted(map(repr, (row for row in found if row["case"] == case))) for case in cases}

    @settings(max_examples=25, deadline=None)
    @given(pieces, st.randoms(use_true_random=False), st.integers(2, 5))
    def test_asking_again_for_those_alone_gives_what_asking_for_all_would(self, tmp_path_factory, rows, dice, parts):
        """Pieces too short by themselves, and people at neighbours, arrive in any order."""
        dice.shuffle(rows)
        folder, standing, mark = tmp_path_factory.mktemp("store"), {}, -1
        for number in range(parts):
            if not (batch := rows[number::parts]):
                continue
            names = ["person", "place", "start", "end"]
            with VisitWriter(folder) as writer:
                columns = [pa.array(list(one)) for one in zip(*batch, strict=True)]
                writer.append(pa.record_batch(columns, names), key=str(number))
            store = VisitStore(folder)
            standing |= self.answers(store, store.touched(self.ASKED, since=mark, manner=self.MANNER))
            mark = store.mark
        everything = self.answers(store, (0, 1, 2))
        assert {case: told for case, told in standing.items() if told} == {
            case: told for case, told in everything.items() if told
        }  # fmt: skip

    def test_news_elsewhere_touch_nobody(self, tmp_path):
        store = put(tmp_path, [(0, 0, 0, 60), (1, 0, 0, 60)])
        mark = store.mark
        with VisitWriter(tmp_path) as writer:
            columns = [pa.array([one]) for one in (5, 2, 0, 60)]
            writer.append(pa.record_batch(columns, ["person", "place", "start", "end"]), key="two")
        asked = [Window(0, 0, 60), Window(1, 70, 90)]
        assert VisitStore(tmp_path).touched(asked, since=mark, manner=self.MANNER) == []
        assert VisitStore(tmp_path).touched(asked, since=-1, manner=self.MANNER) == [0, 1]


class TestRanked:
    def test_each_person_once_with_the_layer_that_scores_most(self, store):
        manner = Manner(places=places_of([(900, "cell", "outdoor", None), (901, "venue", "closed", None)]))
        found = store.ranked(WINDOWS, least_seconds=LEAST, manner=manner).to_pylist()
        layered = store.by_layer(WINDOWS, least_seconds=LEAST, manner=manner).to_pylist()
        assert {(row["case"], row["person"]) for row in layered} == {(row["case"], row["person"]) for row in found}
        assert len({(row["case"], row["person"]) for row in found}) == len(found)
        assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)
        for row in found:
            assert {name: row[name] for name in layered[0]} in layered

    def test_weights_are_the_askers(self, tmp_path):
        rows = [("case", "hall", 0, 3600), ("near", "hall", 0, 3600)]
        store, window = put(tmp_path, rows), [Window("case", 0, 3600)]
        halved = store.ranked(window, least_seconds=60, weights=Weights(unknown=0.5))
        assert (store.ranked(window, least_seconds=60)["score"][0].as_py(), halved["score"][0].as_py()) == (60, 30)

    def test_a_cut_tells_what_it_leaves_out(self, store):
        found = store.ranked(WINDOWS, least_seconds=LEAST)
        told = {row["keep"]: row for row in cuts(found, at=(10, 10_000)).to_pylist()}
        assert told[10]["left_out"] == found.num_rows - 10
        assert 0 < told[10]["share_left_out"] < 1
        assert told[10]["longest_minutes"] == max(found["minutes"].to_pylist()[10:])
        assert told[10_000] == {
            "keep": 10_000, "left_out": 0, "share_left_out": 0.0, "longest_minutes": None, "smallest_occupancy": None,
            "most_days": None,
        }  # fmt: skip


class TestSeated:
    ROWS = (
        ("case", "CA1", 0, 7200), ("near", "CA1", 0, 7200), ("far", "CA1", 0, 7200), ("open", "CA1", 0, 7200),
        ("case", "bus", 9000, 9900), ("rider", "bus", 9000, 9900), ("brief", "bus", 9000, 9030),
        ("case", "cafe", 10_000, 12_000), ("guest", "cafe", 10_000, 12_000),
    )  # fmt: skip
    PLACES = (("CA1", "vehicle", "closed", "aircraft"), ("bus", "vehicle", None, None), ("cafe", "venue", None, None))

    def test_everybody_in_the_vehicle_is_listed_who_sat_near_first(self, tmp_path):
        rules = {kind: row.rule for kind, row in shipped_seat_rules_at(date(2021, 1, 2), "").items()}
        seats = Seats(
            {("case", "CA1"): (Seat(row=10),), ("near", "CA1"): (Seat(row=13),), ("far", "CA1"): (Seat(row=1),)}
        )
        found = put(tmp_path, self.ROWS).seated(
            [Window("case", 0, 99_999)], least_seconds=600, rules=rules, seats=seats,
            manner=Manner(places=places_of(self.PLACES)),
        )  # fmt: skip
        assert [(row["person"], row["place"], row["seating"], row["seat"]) for row in found.to_pylist()] == [
            ("near", "CA1", "near", "?/13"),
            ("open", "CA1", "unknown", None),
            ("rider", "bus", "unknown", None),
            ("far", "CA1", "apart", "?/1"),
        ]
        assert found["minutes"].to_pylist() == [120, 120, 15, 120]

    def test_where_nothing_is_a_vehicle_nobody_is(self, tmp_path):
        found = put(tmp_path, self.ROWS).seated([Window("case", 0, 99_999)], least_seconds=600, rules={})
        assert found.num_rows == 0


class TestPlaces:
    def test_what_is_kept_beside_a_store_stays(self, tmp_path):
        put(tmp_path, [("case", "cafe", 0, 60)])
        assert describe(tmp_path, places_of([("cafe", "venue", None, None)])) == 1
        assert describe(tmp_path, places_of([("cafe", None, "closed", None), ("bus", "vehicle", None, None)])) == 2
        known = known_places(tmp_path)
        tokens = pa.array(["bus", "cafe", "bank"])
        assert [str(one) for one in known.layers(tokens)] == ["vehicle", "venue", "venue"]
        assert [str(one) for one in known.ventilations(tokens)] == ["unknown", "closed", "unknown"]

    def test_a_cell_is_known_by_its_name_and_a_vehicle_by_its_kind(self):
        tokens = pa.array(["800m:17797:32237", "cafe", "CA1"])
        told = places_of([("CA1", None, None, "aircraft")])
        assert [str(one) for one in told.layers(tokens)] == ["cell", "venue", "vehicle"]
        assert [str(one) for one in UNTOLD.layers(pa.array([613362325602172927, 7]))] == ["cell", "venue"]

    def test_a_store_without_words_of_its_places_knows_none(self, tmp_path):
        put(tmp_path, [("case", "cafe", 0, 60)])
        assert known_places(tmp_path) is UNTOLD


def test_the_expectation_of_hotspots_rests_on_people_not_visits(tmp_path):
    """A hundred visits of one person to a hub make it no likelier that a case was there."""
    rows = [("case", "hub", 0, 600)] + [("regular", "hub", at, at + 60) for at in range(0, 6_000, 60)]
    rows += [(f"p{number}", "park", 0, 600) for number in range(8)]
    (hub,) = put(tmp_path, rows).hotspots([Window("case", 0, 99_999)]).to_pylist()
    assert (hub["visitors"], hub["expected_cases"]) == (2, pytest.approx(1 * 2 / 10))
    assert plain.hotspots(
        [(one, place == "hub", *span) for one, place, *span in rows], {"case": [(0, 99_999)]}, 0, 99_999
    )[True][4:] == (2, pytest.approx(0.2))


def test_nothing_beside_is_nothing_more(store):
    assert store.companions_near(WINDOWS, least_seconds=LEAST, neighbours=BY_NAME)["tier"].unique().to_pylist() == [
        "same"
    ]

"""Examples of layers, neighbours, missing ends and clocks: on the plain twin and on the kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.presences import meetings, totals
from sizao.engines.presences.stays import own_rows, stays, stays_beside, together
from tests.reference import presence_questions as plain
from tests.reference.presences import closed
from tests.specs.test_companions import LONGEST, MINUTE, presence_rows, segment_of
from tests.specs.test_companions import windows as some_windows

title = "Layers, neighbour cells, missing ends and clocks"

TIERS = ("same", "neighbour")
LAYERS = ("venue", "vehicle", "cell")


def test_a_venue_lies_in_a_cell_and_is_not_added_to_it(layers):
    """An hour in a cafe is an hour in its cell too: two rows of one hour, never one of two."""
    layers(
        presences="""
            person | place  | from  | to
            case   | cafe   | 10:00 | 11:00
            case   | cell A | 10:00 | 11:00
            near   | cafe   | 10:00 | 11:00
            near   | cell A | 10:00 | 11:00
        """,
        expect={("near", "venue", "same"): (60, 1), ("near", "cell", "same"): (60, 1)},
    )


def test_signalling_that_repeats_itself_is_one_stay(layers):
    """Pieces that overlap or touch are one stretch; six and six minutes without a gap are twelve."""
    layers(
        presences="""
            person | place  | from  | to
            case   | cell A | 10:00 | 10:30
            case   | cell A | 10:10 | 11:00
            near   | cell A | 10:20 | 10:26
            near   | cell A | 10:26 | 10:32
            near   | cell A | 10:24 | 10:30
            short  | cell A | 10:20 | 10:26
            short  | cell A | 10:27 | 10:33
        """,
        expect={("near", "cell", "same"): (12, 1)},
    )


def test_who_was_in_the_next_cell_is_in_a_weaker_tier(layers):
    """Cells A and B touch, C touches B only; time in the cell where the case itself was is told as such."""
    layers(
        presences="""
            person | place  | from  | to
            case   | cell A | 10:00 | 11:00
            case   | cell B | 11:00 | 12:00
            next   | cell B | 10:00 | 12:00
            far    | cell C | 10:00 | 11:00
            later  | cell C | 11:30 | 12:30
        """,
        neighbours={"cell A": ["cell B"], "cell B": ["cell A", "cell C"], "cell C": ["cell B"]},
        expect={
            ("next", "cell", "same"): (60, 1),
            ("next", "cell", "neighbour"): (60, 1),
            ("later", "cell", "neighbour"): (30, 1),
        },
    )


def test_a_border_is_no_gap_in_what_is_known(layers):
    """Exactly ten minutes in the next cell count, nine do not; a place that is no cell has no neighbours."""
    layers(
        presences="""
            person | place  | from  | to
            case   | cell A | 10:00 | 11:00
            case   | cafe   | 10:00 | 11:00
            ten    | cell B | 10:50 | 11:30
            nine   | cell B | 10:51 | 11:30
        """,
        neighbours={"cell A": ["cell B"], "cell B": ["cell A"]},
        expect={("ten", "cell", "neighbour"): (10, 1)},
    )


def test_minutes_that_rest_on_a_missing_end_are_told_apart(layers):
    """The end of ann is missing, and closed at her next presence. Of ben's hour half an hour is surely known."""
    layers(
        presences="""
            person | place | from  | to
            case   | cafe  | 10:00 | 11:00
            ann    | cafe  | 10:20 |
            ann    | bank  | 10:50 | 11:00
            ben    | cafe  | 10:00 | 10:30
            ben    | cafe  | 10:10 |
        """,
        expect={("ann", "venue", "same"): (30, 1), ("ben", "venue", "same"): (60, 1)},
        expect_imputed={"ann": 30, "ben": 30},
    )


def test_clocks_may_differ(layers):
    """With five minutes to allow for, who came as the case left was perhaps there; what rests on it is told apart."""
    layers(
        presences="""
            person | place | from  | to
            case   | cafe  | 10:00 | 11:00
            late   | cafe  | 10:55 | 12:00
            later  | cafe  | 11:05 | 12:00
        """,
        pad=5,
        expect={("late", "venue", "same"): (10, 1)},
        expect_padded={"late": 5},
    )


def test_nothing_beyond_the_window_counts_however_clocks_differ(layers):
    """The window is the hard border: five minutes together within it, padded or not, are five."""
    layers(
        presences="""
            person | place | from  | to
            case   | cafe  | 10:00 | 11:00
            late   | cafe  | 10:55 | 12:00
        """,
        pad=5,
        window=("08:00", "11:00"),
        expect={},
    )


def test_days_are_counted_by_the_calendar(layers):
    """One meeting across midnight is on two days; two on one day are on one."""
    layers(
        presences="""
            person | place | from  | to
            case   | home  | 22:00 | 26:00
            case   | cafe  | 09:00 | 12:00
            night  | home  | 23:00 | 25:00
            twice  | cafe  | 09:00 | 09:30
            twice  | cafe  | 10:00 | 10:30
        """,
        window=("00:00", "48:00"),
        expect={("night", "venue", "same"): (120, 1), ("twice", "venue", "same"): (60, 2)},
        expect_days={"night": 2, "twice": 1},
    )


def _layer(place):
    return "cell" if place.startswith("cell") else "venue"


def _second(clock):
    hours, minutes = clock.split(":")
    return 60 * MINUTE * int(hours) + MINUTE * int(minutes)


@pytest.fixture(params=["plain", "kernel"])
def layers(request):
    """Ask one engine for companions of `case` of ten minutes by layer and tier, and what their minutes rest on."""

    def run(presences, expect, neighbours=None, pad=0, window=("00:00", "24:00"), expect_imputed=None,
            expect_padded=None, expect_days=None):  # fmt: skip
        _, *lines = [[cell.strip() for cell in line.split("|")] for line in presences.strip().splitlines()]
        people = list(dict.fromkeys(line[0] for line in lines))
        beside = neighbours or {}
        places = list(dict.fromkeys([line[1] for line in lines] + list(beside)))
        rows = [(people.index(who), places.index(where), _second(low), _second(high) if high else None)
                for who, where, low, high in lines]  # fmt: skip
        engine = {"plain": by_twin, "kernel": by_kernel}[request.param]
        found = engine(
            rows, people.index("case"), [tuple(map(_second, window))], 10 * MINUTE, [_layer(one) for one in places],
            neighbours={places.index(one): [places.index(other) for other in others]
                        for one, others in beside.items()},
            pad=pad * MINUTE, longest=12 * 60 * MINUTE,
        )  # fmt: skip
        named = {(people[who], layer, tier): told for (who, layer, tier), told in found.items()}
        assert {key: (told[0] / MINUTE, told[1]) for key, told in named.items()} == expect
        for wanted, at in ((expect_imputed, 4), (expect_padded, 5)):
            if wanted is not None:
                assert {key[0]: told[at] / MINUTE for key, told in named.items()} == wanted
        if expect_days is not None:
            assert {key[0]: told[6] for key, told in named.items()} == expect_days

    return run


def by_twin(rows, case, windows, least, layer_of, *, neighbours, pad, longest=LONGEST):
    told = [(*row, given[3] is None) for row, given in zip(closed(rows, longest), rows, strict=True)]
    return plain.totals(told, case, windows, least, layer_of, neighbours=neighbours, pad=pad)


def by_kernel(rows, case, windows, least, layer_of, *, neighbours, pad, longest=LONGEST, parts=1):
    segments = [segment_of(rows[part::parts], longest=longest)[0] for part in range(parts) if rows[part::parts]]
    own, within = own_rows(segments, case), np.array(windows, np.int64).reshape(-1, 2)
    both = together(
        stays(own, within, pad_seconds=pad), stays_beside(own, neighbours, within, pad_seconds=pad)
    )  # fmt: skip
    found = meetings.meetings(segments, both, case, least_seconds=least)
    pairs = zip(both.run_place.tolist(), both.run_near.tolist(), strict=True)
    group = np.array([LAYERS.index(layer_of[place]) * 2 + near for place, near in pairs], np.int64)
    runs = totals.Runs(group, np.ones(len(group)))
    sums = totals.totals(found, runs, utc_offset_seconds=0)
    columns = (sums.person, sums.group, sums.seconds, sums.meetings, sums.first, sums.last, sums.imputed, sums.padded,
               sums.days, sums.occupancy)  # fmt: skip
    rows = zip(*(one.tolist() for one in columns), strict=True)
    return {(who, LAYERS[group // 2], TIERS[group % 2]): tuple(told) for who, group, *told in rows}


BESIDE = {0: [1], 1: [0, 2], 2: [1], 3: []}
LAYER_OF = ["cell", "cell", "cell", "venue"]
open_rows = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 40), st.none() | st.integers(1, 15)).map(
        lambda row: (*row[:3], None if row[3] is None else row[2] + row[3])
    ),
    min_size=1, max_size=20, unique_by=lambda row: (row[0], row[2]),
)  # fmt: skip


class TestGenerated:
    @settings(max_examples=150, deadline=None)
    @given(presence_rows, some_windows, st.integers(0, 8), st.integers(0, 4), st.integers(1, 3))
    def test_the_kernel_agrees_with_its_twin(self, rows, windows, least, pad, parts):
        asked = (rows, 0, windows, least, LAYER_OF)
        assert by_kernel(*asked, neighbours=BESIDE, pad=pad, parts=parts) == by_twin(*asked, neighbours=BESIDE, pad=pad)

    @settings(max_examples=150, deadline=None)
    @given(open_rows, some_windows, st.integers(0, 8), st.integers(0, 4))
    def test_missing_ends_rest_on_the_same_seconds(self, rows, windows, least, pad):
        asked = (rows, 0, windows, least, LAYER_OF)
        assert by_kernel(*asked, neighbours=BESIDE, pad=pad) == by_twin(*asked, neighbours=BESIDE, pad=pad)

    @settings(deadline=None)
    @given(presence_rows, st.integers(0, 8), st.randoms(use_true_random=False))
    def test_the_order_of_rows_changes_nothing(self, rows, least, random):
        asked = (0, [(0, 99)], least, LAYER_OF)
        shuffled = by_kernel(random.sample(rows, len(rows)), *asked, neighbours=BESIDE, pad=0)
        assert shuffled == by_kernel(rows, *asked, neighbours=BESIDE, pad=0)

    @settings(deadline=None)
    @given(presence_rows, presence_rows)
    def test_visits_elsewhere_change_nothing(self, rows, others):
        """People at a place that is neither the case's nor beside one add no row and change none."""
        asked = (0, [(0, 99)], 1, [*LAYER_OF, "venue"])
        away = [(who or 1, 4, start, end) for who, _, start, end in others]
        found = by_kernel([*rows, *away], *asked, neighbours=BESIDE, pad=0)
        assert found == by_kernel(rows, *asked, neighbours=BESIDE, pad=0)

    @settings(deadline=None)
    @given(presence_rows, some_windows, st.integers(0, 8))
    def test_neighbours_only_add(self, rows, windows, least):
        asked = (rows, 0, windows, least, LAYER_OF)
        narrow = by_kernel(*asked, neighbours={}, pad=0)
        wide = by_kernel(*asked, neighbours=BESIDE, pad=0)
        assert {key: told for key, told in wide.items() if key[2] == "same"} == narrow

    @settings(deadline=None)
    @given(presence_rows, st.integers(0, 8), st.integers(0, 5))
    def test_padding_only_adds_and_says_how_much(self, rows, least, pad):
        asked = (rows, 0, [(0, 99)], least, LAYER_OF)
        exact = by_kernel(*asked, neighbours={}, pad=0)
        padded = by_kernel(*asked, neighbours={}, pad=pad)
        assert all(padded[key][0] - padded[key][5] >= told[0] for key, told in exact.items())

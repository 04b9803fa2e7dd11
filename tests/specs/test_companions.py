"""Examples of who was there, in bulk: on the plain twin, the kernel over sorted records, and tables of presences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.presences import companions, layout, sorting, summing
from tests import presence_tables as tables
from tests.reference import presences as plain

title = "Who was there with a case, and for how long"

LONGEST = 12
HOUR, MINUTE = 3600, 60


def test_an_overlap_of_exactly_the_least_length_counts(trace):
    """Ten minutes are asked for: ten minutes count, nine do not."""
    trace(
        presences="""
            person | place | from  | to
            case   | cafe  | 10:00 | 11:00
            ten    | cafe  | 10:50 | 12:00
            nine   | cafe  | 10:51 | 12:00
            away   | bank  | 10:00 | 11:00
        """,
        expect={"ten": (10, 1)},
    )


def test_each_meeting_counts_by_itself(trace):
    """Two short meetings do not make a long one; two long ones add up."""
    trace(
        presences="""
            person | place | from  | to
            case   | cafe  | 10:00 | 12:00
            case   | bank  | 14:00 | 14:30
            twice  | cafe  | 10:00 | 10:20
            twice  | bank  | 14:10 | 15:00
            short  | cafe  | 10:00 | 10:06
            short  | cafe  | 11:00 | 11:06
        """,
        expect={"twice": (40, 2)},
    )


def test_what_lies_outside_the_window_of_the_case_does_not_count(trace):
    """The window is cut first: twenty minutes together, of which five lie within it, are five."""
    trace(
        presences="""
            person | place | from  | to
            case   | cafe  | 08:00 | 11:00
            early  | cafe  | 08:00 | 09:05
            inside | cafe  | 08:30 | 09:30
        """,
        window=("09:00", "12:00"),
        expect={"inside": (30, 1)},
    )


def test_a_long_stay_that_began_early_is_found(trace):
    """Who came hours before and is still there was there."""
    trace(
        presences="""
            person | place | from  | to
            case   | cafe  | 15:00 | 16:00
            guard  | cafe  | 02:00 | 23:00
        """,
        expect={"guard": (60, 1)},
    )


def test_a_stay_across_midnight_is_found_on_the_next_day(trace):
    """A presence lies with the day on which it began, however long it lasts."""
    trace(
        presences="""
            person | place | from  | to
            case   | ward  | 25:00 | 26:00
            night  | ward  | 20:00 | 30:00
            week   | ward  | 00:00 | 99:00
            ended  | ward  | 20:00 | 25:09
        """,
        window=("24:00", "48:00"),
        expect={"night": (60, 1), "week": (60, 1)},
    )


def test_two_presences_of_the_case_that_its_window_makes_alike_are_two(trace):
    """Each presence of the case is cut by itself: what it told twice of one time is met twice."""
    trace(
        presences="""
            person | place | from  | to
            case   | cafe  | 08:00 | 10:00
            case   | cafe  | 08:30 | 10:00
            near   | cafe  | 09:00 | 10:00
        """,
        window=("09:00", "12:00"),
        expect={"near": (120, 2)},
    )


def test_a_presence_told_twice_counts_once(trace):
    """The same line again is the same stay."""
    trace(
        presences="""
            person | place | from  | to
            case   | cafe  | 10:00 | 11:00
            case   | cafe  | 10:00 | 11:00
            near   | cafe  | 10:00 | 12:00
            near   | cafe  | 10:00 | 12:00
        """,
        expect={"near": (60, 1)},
    )


def _seconds(clock):
    hours, minutes = clock.split(":")
    return HOUR * int(hours) + MINUTE * int(minutes)


@pytest.fixture(params=["plain", "kernel", *tables.ENGINES])
def trace(request, tmp_path):
    """Ask one engine for the companions of `case` of at least ten minutes; compare minutes and meetings."""

    def run(presences, expect, window=("00:00", "24:00")):
        _, *lines = [[cell.strip() for cell in line.split("|")] for line in presences.strip().splitlines()]
        people = {name: number for number, name in enumerate(dict.fromkeys(line[0] for line in lines))}
        places = {name: number for number, name in enumerate(dict.fromkeys(line[1] for line in lines))}
        rows = [(people[who], places[where], _seconds(low), _seconds(high)) for who, where, low, high in lines]
        engines = {"plain": plain.companions, "kernel": kernel}
        engine = engines.get(request.param) or tables.companions_by(request.param, request, tmp_path)
        found = engine(rows, people["case"], [tuple(map(_seconds, window))], 10 * MINUTE)
        names = {number: name for name, number in people.items()}
        assert {names[who]: (seconds / MINUTE, meetings) for who, (seconds, meetings, *_) in found.items()} == expect

    return run


def segment_of(rows, *, coalesce=False, longest=LONGEST):
    person, place, start, end = (np.array(column) for column in zip(*rows, strict=True))
    length = np.array(
        [layout.MISSING if until is None else until - begin for begin, until in zip(start, end, strict=True)]
    )
    columns = [one.astype(np.uint32) for one in (person, place, start, length)]
    return sorting.lay_out(layout.Presences(*columns), n_persons=int(person.max()) + 1, n_places=int(place.max()) + 1,
                           longest_seconds=longest, coalesce=coalesce)  # fmt: skip


def kernel(rows, case, windows, least, parts=1):
    """Lay the rows out in some segments and ask the kernel."""
    segments = [segment_of(rows[part::parts])[0] for part in range(parts) if rows[part::parts]]
    tally = summing.Tally(max(row[0] for row in rows) + 1)
    own = companions.own_presences(segments, case, np.array(windows, np.int64).reshape(-1, 2))
    found = companions.companions(segments, own, case, least_seconds=least, tally=tally)
    assert not tally.sums.any()
    columns = (found.person, found.seconds, found.meetings, found.first, found.last)
    return {row[0]: tuple(row[1:]) for row in zip(*(one.tolist() for one in columns), strict=True)}


spans = st.tuples(st.integers(0, 40), st.integers(0, 15)).map(lambda span: (span[0], span[0] + span[1]))
presence_rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), spans).map(lambda row: (row[0], row[1], *row[2])),
    min_size=1, max_size=40,
)  # fmt: skip
windows = st.lists(st.integers(0, 60), min_size=2, max_size=4, unique=True).map(
    lambda cuts: list(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
)


class TestGenerated:
    @settings(max_examples=300, deadline=None)
    @given(presence_rows, windows, st.integers(0, 8))
    def test_the_kernel_agrees_with_its_twin(self, rows, windows, least):
        assert kernel(rows, 0, windows, least) == plain.companions(rows, 0, windows, least)

    @settings(deadline=None)
    @given(presence_rows, st.integers(0, 8), st.integers(2, 4))
    def test_segments_change_nothing_where_nothing_is_told_twice(self, rows, least, parts):
        rows = sorted(set(rows))
        assert kernel(rows, 0, [(0, 99)], least, parts) == kernel(rows, 0, [(0, 99)], least)

    @settings(deadline=None)
    @given(presence_rows)
    def test_a_source_that_repeats_itself_is_made_one(self, rows):
        rows = [row if row[2] < row[3] else (*row[:3], row[2] + 1) for row in rows]
        segment, _ = segment_of(rows, coalesce=True)
        found = sorting.unsorted(segment)
        columns = (found.person, found.place, found.start, found.start + found.length)
        assert sorted(zip(*(one.tolist() for one in columns), strict=True)) == sorted(plain.coalesced(rows))

    @settings(deadline=None)
    @given(presence_rows, st.randoms(use_true_random=False))
    def test_the_order_of_rows_changes_nothing(self, rows, random):
        shuffled = random.sample(rows, len(rows))
        assert kernel(shuffled, 0, [(0, 99)], 1) == kernel(rows, 0, [(0, 99)], 1)

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 60), st.none()), min_size=1,
                    max_size=12, unique_by=lambda row: (row[0], row[2])))  # fmt: skip
    def test_a_missing_end_is_closed_as_the_twin_closes_it(self, rows):
        segment, told = segment_of(rows)
        assert told.imputed == len(rows)
        found = sorting.unsorted(segment)
        seconds = found.length & layout.LENGTH_MASK
        assert (found.length & layout.IMPUTED).all()
        columns = (found.person, found.place, found.start, found.start + seconds)
        assert sorted(zip(*(one.tolist() for one in columns), strict=True)) == sorted(plain.closed(rows, LONGEST))


class TestManyRecords:
    """Enough records that directories are dense, blocks are skipped and the counting sort is taken."""

    @pytest.mark.parametrize("seed", range(3))
    def test_agrees_with_a_join_of_all_rows(self, seed):
        rng = np.random.default_rng(seed)
        n = 40_000
        start = rng.integers(0, 86_400, n)
        end = start + np.where(rng.random(n) < 0.02, 40_000, rng.integers(1, 4_000, n))
        rows = list(zip(rng.integers(0, 3_000, n).tolist(), rng.integers(0, 40, n).tolist(),
                        start.tolist(), end.tolist(), strict=True))  # fmt: skip
        near = set(rows)
        own = [row for row in near if row[0] == 7]
        places = {row[1] for row in own}
        near = [row for row in near if row[1] in places]
        expected = plain.companions(near, 7, [(10_000, 70_000)], 600)
        assert expected
        assert kernel(rows, 7, [(10_000, 70_000)], 600) == expected

    def test_the_ranges_told_beforehand_hold_every_match(self):
        rng = np.random.default_rng(5)
        n = 30_000
        start = rng.integers(0, 86_400, n)
        rows = list(zip(rng.integers(0, 2_000, n).tolist(), rng.integers(0, 20, n).tolist(),
                        start.tolist(), (start + rng.integers(1, 9_000, n)).tolist(), strict=True))  # fmt: skip
        segment, _ = segment_of(rows)
        own = companions.own_presences([segment], 3, np.array([[0, 90_000]]))
        found = companions.ranges(segment, own, least_seconds=600)
        read = np.zeros(len(segment), bool)
        for low, high, _ in found:
            read[low:high] = True
        records = segment.by_place.records.astype(np.int64)
        owner = np.repeat(np.arange(20), np.diff(segment.by_place.offsets))
        for place, low, high in own.tolist():
            begin, until = records[:, 0], records[:, 0] + records[:, 1]
            matches = (owner == place) & (np.minimum(until, high) - np.maximum(begin, low) >= 600)
            assert read[matches].all()

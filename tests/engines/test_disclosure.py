"""What may be told of a table of counts: whatever is told, nobody can narrow anything down to a few people."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.disclosure import Release, hidden_cells, release

K = 5


class TestTables:
    @pytest.mark.parametrize(
        ("counties", "hidden"),
        [
            ([0, 0, 0], set()),
            ([7, 9, 0], set()),
            ([7, 9, 2], {"c", "a"}),  # 2 would follow from the total: the smallest other goes too
            ([7, 2, 4], {"b", "c"}),  # 6 over two cells: either may be 5
            ([7, 2, 3], {"a", "b", "c"}),  # 5 over two cells: neither may be, so a third goes
            ([2, 0, 0], {"a", "all"}),  # nobody else has any: then the total cannot be told either
            ([40, 3, 4], {"b", "c"}),
        ],
    )
    def test_hide_what_is_small_and_what_gives_it_away(self, counties, hidden):
        counts = {"all": sum(counties)} | dict(zip("abc", counties, strict=True))
        found = hidden_cells(counts, dict.fromkeys("abc", "all"), least=K)
        assert found == hidden

    def test_a_rest_that_is_in_no_county_counts_as_a_cell(self):
        counts = {"all": 22, "a": 10, "b": 9}
        assert hidden_cells(counts, {"a": "all", "b": "all"}, least=K) == {"b"}

    def test_cities_are_no_way_around(self):
        counts = {"all": 30, "x": 22, "x1": 20, "x2": 2, "y": 8, "y1": 8}
        within = {"x": "all", "y": "all", "x1": "x", "x2": "x", "y1": "y"}
        assert hidden_cells(counts, within, least=K) == {"x1", "x2"}

    @settings(max_examples=300, deadline=None)
    @given(st.data())
    def test_each_hidden_cell_could_be_large_as_far_as_anybody_can_tell(self, data):
        counts, within = _drawn(data)
        hidden = hidden_cells(counts, within, least=K)
        told = {code: count for code, count in counts.items() if code not in hidden}
        assert not [count for count in told.values() if 0 < count < K]
        for area in set(within.values()) & set(told):
            rest = told[area] - _told_within(area, told, within)
            assert rest == 0 or rest >= K
        for cell in hidden:
            assert _most(cell, hidden, told, within) >= K

    def test_what_is_always_told_stays_and_the_others_are_protected_beside_it(self):
        counts = {"all": 10, "x": 8, "x1": 6, "x2": 2, "y": 2, "y1": 2}
        within = {"x": "all", "y": "all", "x1": "x", "x2": "x", "y1": "y"}
        assert hidden_cells(counts, within, least=K, always={"all", "x", "y"}) == {"x1", "x2", "y1"}

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_beside_totals_that_are_always_told_no_told_cell_narrows_the_others(self, data):
        counts, within = _drawn(data)
        always = {code for code in counts if code in within.values() or within.get(code) == "all"}
        hidden = hidden_cells(counts, within, least=K, always=always)
        assert not hidden & always
        for area in set(within.values()) - {"all"}:
            told = [counts[one] for one, above in within.items() if above == area and one not in hidden and counts[one]]
            assert not [count for count in told if count < K]
            rest = counts[area] - sum(told)
            assert not told or rest == 0 or rest >= K

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.integers(0, 6), min_size=2, max_size=4))
    def test_one_who_tries_all_tables_finds_one_in_which_it_is_large(self, counties):
        codes = [str(n) for n in range(len(counties))]
        counts = {"all": sum(counties)} | dict(zip(codes, counties, strict=True))
        hidden = hidden_cells(counts, dict.fromkeys(codes, "all"), least=K)
        if "all" in hidden:
            return  # nothing bounds them
        unknown = [code for code in codes if code in hidden]
        rest = counts["all"] - sum(counts[code] for code in codes if code not in hidden)
        fits = [one for one in product(range(1, rest + 1), repeat=len(unknown)) if sum(one) == rest]
        assert all(max(one[n] for one in fits) >= K for n in range(len(unknown)))

    def test_nothing_is_hidden_that_need_not_be(self):
        counts = {"all": 60, "a": 20, "b": 30, "c": 10}
        assert hidden_cells(counts, dict.fromkeys("abc", "all"), least=K) == frozenset()


class TestStocks:
    @pytest.mark.parametrize(
        ("days", "told"),
        [
            ([(6, False), (7, False)], [6, 13]),
            ([(6, False), (2, True), (0, False)], [6, None, None]),
            ([(6, False), (2, True), (8, False)], [6, None, None]),  # 16 - 6 - 8 would be the 2
            ([(6, False), (3, True), (4, True)], [6, None, 13]),  # 7 over two days may be 6 and 1
            ([(3, True)], [None]),
            ([(0, False), (0, False)], [0, 0]),
        ],
    )
    def test_are_told_when_no_difference_is_a_few_people(self, days, told):
        state, stock, found = Release(None), 0, []
        for flow, is_hidden in days:
            stock += flow
            state, may = release(state, stock, [(flow, is_hidden)], least=K)
            found.append(stock if may else None)
        assert found == told

    @settings(max_examples=300, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
    def test_no_two_told_values_and_told_flows_leave_a_few(self, days):
        state, stock, last, told_flows, n_hidden = Release(None), 0, 0, 0, 0
        for flow_in, flow_out in days:
            stock += flow_in - flow_out
            if stock < 0:
                return
            flows = [(flow_in, 0 < flow_in < K), (-flow_out, 0 < flow_out < K)]
            told_flows += sum(flow for flow, is_hidden in flows if not is_hidden)
            n_hidden += sum(is_hidden for _, is_hidden in flows)
            state, may = release(state, stock, flows, least=K)
            if may:
                assert stock == 0 or stock >= K
                assert abs(stock - last) not in range(1, K)
                assert abs(stock - last - told_flows) not in range(1, K + max(0, n_hidden - 1))
                last, told_flows, n_hidden = stock, 0, 0


def _drawn(data):
    counts, within = {"all": data.draw(st.sampled_from([0, 0, 1, 3, 6]), label="in no city")}, {}
    for city in data.draw(st.lists(st.sampled_from("xyz"), unique=True, min_size=1)):
        within[city] = "all"
        counts[city] = data.draw(st.sampled_from([0, 0, 2, 7]), label="in no county")
        for n in range(data.draw(st.integers(0, 4))):
            within[f"{city}{n}"] = city
            counts[f"{city}{n}"] = data.draw(st.one_of(st.integers(0, 7), st.integers(0, 60)))
            counts[city] += counts[f"{city}{n}"]
        counts["all"] += counts[city]
    return counts, within


def _told_within(area, told, within):
    """Add up the first told cells below an area."""
    total = 0
    for one, parent in within.items():
        if parent == area:
            total += told[one] if one in told else _told_within(one, told, within)
    return total


def _most(cell, hidden, told, within):
    """Say how large a hidden cell may be, by the nearest told area above; each other hidden leaf is 1 at least."""
    above = within.get(cell)
    while above is not None and above not in told:
        above = within.get(above)
    if above is None:
        return float("inf")
    rest = told[above] - _told_within(above, told, within)
    inner = set(within.values())
    others = [one for one in hidden if one not in inner and one != cell and _nearest(one, told, within) == above]
    return rest - len([one for one in others if within.get(one) != cell])


def _nearest(cell, told, within):
    above = within.get(cell)
    while above is not None and above not in told:
        above = within.get(above)
    return above

"""
Cells of a table of areas within areas that have to be hidden, first for themselves and then for what they would give
away of others (primary and complementary suppression).

The rule, for a least count k: no cell of 1 to k - 1 is told; and whatever is left of a told area after all that is told
within it was taken away is nothing, or at least k + n - 1, where n is the number of hidden cells that it is spread
over. Then each of these cells may be k or more, as far as anybody can tell who knows that none of them is nothing.

Some cells are told whatever their size, because the authority publishes them: the others are protected beside them as
far as they can be. Where nothing is left to hide beside a small cell, it follows from what the authority tells; so a
hidden cell within an area that is always told is left out without a mark, as is one of nothing.

Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapter 4: sensitivity, secondary suppression, and the
feasible interval of a suppressed cell.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

_REST = "/rest"  # counted for an area, but for none of the areas within it


def hidden_cells(
    counts: Mapping[str, int], within: Mapping[str, str], *, least: int, always: Collection[str] = ()
) -> frozenset[str]:
    """
    Say which cells are hidden.

    `counts` gives each area its count, not below 0 and not below what the areas within it have together; `within` the
    next larger area of each but the largest; `least` is k; `always` the cells that are told whatever their size.
    What is counted for an area and for none within it is a cell of its own, which nobody is told. Cells of 0 are
    always told.
    """
    cells, children = _with_rests(counts, within)
    hidden = {code for code, count in cells.items() if 0 < count < least and code not in always}
    parents, settled = _deepest_first(children, within), set[str]()
    while True:
        found = next((code for code in parents if code not in hidden | settled
                      and _gives_away(code, cells, children, hidden, least)), None)  # fmt: skip
        if found is None:
            return frozenset(code for code in hidden if code in counts)
        beside = _next_to_hide(found, cells, children, hidden, always)
        if beside in always:
            settled.add(beside)
        else:
            hidden.add(beside)


def _with_rests(
    counts: Mapping[str, int], within: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, list[str]]]:  # fmt: skip
    cells, children = dict(counts), {code: [] for code in counts}  # type: tuple[dict[str, int], dict[str, list[str]]]
    for code, parent in within.items():
        children[parent].append(code)
    for code in counts:
        rest = counts[code] - sum(counts[one] for one in children[code])
        if children[code] and rest > 0:
            cells[code + _REST] = rest
            children[code].append(code + _REST)
    return cells, children


def _deepest_first(children: Mapping[str, Sequence[str]], within: Mapping[str, str]) -> list[str]:
    def depth(code: str) -> int:
        return 1 + depth(within[code]) if code in within else 0

    return sorted((code for code, inner in children.items() if inner), key=lambda code: (-depth(code), code))


def _gives_away(
    code: str, cells: Mapping[str, int], children: Mapping[str, Sequence[str]], hidden: set[str], least: int
) -> bool:
    """Tell whether what is told of an area and within it narrows its hidden cells down to a few people."""
    spread = [cells[one] for one in _leaves(code, children, hidden) if one in hidden]
    return bool(spread) and sum(spread) < least + len(spread) - 1


def _leaves(code: str, children: Mapping[str, Sequence[str]], hidden: set[str]) -> Iterator[str]:
    """Go down from an area to the first told cells, and to the hidden ones that nothing lies within."""
    for one in children.get(code, ()):
        if one in hidden and children.get(one):
            yield from _leaves(one, children, hidden)
        else:
            yield one


def _next_to_hide(
    code: str, cells: Mapping[str, int], children: Mapping[str, Sequence[str]], hidden: set[str],
    always: Collection[str],
) -> str:  # fmt: skip
    """Choose what is hidden beside: the smallest cell that nothing lies within, else the smallest, else the area."""
    told = [one for one in _leaves(code, children, hidden) if one not in hidden and one not in always and cells[one]]
    return min(told, key=lambda one: (bool(children.get(one)), cells[one], one), default=code)

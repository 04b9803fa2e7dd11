"""The plain twin of `zone_cover`: every set of allowed units, none inside another, looked at one by one."""

from itertools import combinations


def fewest_people(parent, people, points, allowed, wanted):
    """Give the fewest people of any such set that holds at least the wanted points; None where none does."""
    inside = [_above(parent, row) for row in range(len(parent))]
    whole_people = [_whole(inside, people, row) for row in range(len(parent))]
    whole_points = [_whole(inside, points, row) for row in range(len(parent))]
    best = None
    rows = [row for row in range(len(parent)) if allowed[row]]
    for size in range(len(rows) + 1):
        for chosen in combinations(rows, size):
            if any(set(chosen) & inside[row] for row in chosen):
                continue
            if sum(whole_points[row] for row in chosen) >= wanted:
                touched = sum(whole_people[row] for row in chosen)
                best = touched if best is None else min(best, touched)
    return best


def _above(parent, row):
    found = set()
    while parent[row] >= 0:
        row = parent[row]
        found.add(row)
    return found


def _whole(inside, values, row):
    return values[row] + sum(value for other, value in enumerate(values) if row in inside[other])

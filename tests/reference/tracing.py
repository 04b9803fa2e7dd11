"""The plain twin of the tracing engine: every visit beside every other."""

from collections import defaultdict
from itertools import combinations


def united(visits):
    """One person's visits to one place, joined where they touch; exact and vague ones apart."""
    groups = defaultdict(list)
    for person, place, start, end, exact in visits:
        if start < end:
            groups[person, place, exact].append((start, end))
    joined = []
    for (person, place, exact), spans in groups.items():
        current = None
        for start, end in sorted(spans):
            if current and start <= current[1]:
                current[1] = max(current[1], end)
            else:
                current = [start, end]
                joined.append((person, place, current, exact))
    return [(person, place, span[0], span[1], exact) for person, place, span, exact in joined]


def shared(visits, index=None):
    """Map each pair to (minutes or None, meetings, unknown meetings, first, last)."""
    pairs = {}
    for one, other in combinations(united(visits), 2):
        start, end = max(one[2], other[2]), min(one[3], other[3])
        if one[1] != other[1] or one[0] == other[0] or start >= end:
            continue
        if index is not None and one[0] not in index and other[0] not in index:
            continue
        pair = tuple(sorted((one[0], other[0])))
        minutes, meetings, unknown, first, last = pairs.get(pair, (None, 0, 0, start, end))
        if one[4] and other[4]:
            minutes = (minutes or 0) + end - start
        else:
            unknown += 1
        pairs[pair] = (minutes, meetings + 1, unknown, min(first, start), max(last, end))
    return pairs


def second_ring(visits, exposed_from, until, known):
    """The same over the visits that contacts made between exposure and isolation."""
    clipped = []
    for person, place, start, end, exact in visits:
        if person in exposed_from:
            start = max(start, exposed_from[person])
            end = min(end, until[person]) if until[person] is not None else end
        elif person in known:
            continue
        clipped.append((person, place, start, end, exact))
    inner = set(known) | set(exposed_from)
    return {
        pair: row
        for pair, row in shared(clipped, set(exposed_from)).items()
        if pair[0] not in inner or pair[1] not in inner
    }

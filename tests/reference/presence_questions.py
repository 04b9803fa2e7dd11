"""
The plain twin of what an edition asks of presences: second by second, set by set.

A presence is (person, place, start, end) and, where its end was missing and closed by rule, a fifth that is true.
"""

from collections import Counter, defaultdict


def covered(presences, person, place, *, known=False, pad=0):
    """Give the seconds that a person was at a place; with `known`, only those that rest on no missing end."""
    rows = [row for row in presences if row[:2] == (person, place) and not (known and row[4:] == (True,))]
    return {second for _, _, start, end, *_ in rows for second in range(start - pad, end + pad)}


def inside(seconds, windows):
    return {second for second in seconds if any(low <= second < high for low, high in windows)}


def stretches(seconds):
    """Cut a set of seconds into stretches without a gap: (start, end)."""
    found = []
    for second in sorted(seconds):
        if found and second == found[-1][1]:
            found[-1][1] = second + 1
        else:
            found.append([second, second + 1])
    return [tuple(one) for one in found]


def stays(presences, case, windows, *, neighbours=None, pad=0):
    """
    List the stays of a case: (place, tier, seconds, those known, those told without padding).

    With `neighbours` (place to places), also those it would have had at the places beside it, save while there.
    """
    places = {row[1] for row in presences if row[0] == case}
    own = {}
    for place in places:
        sets = (covered(presences, case, place, pad=pad), covered(presences, case, place, known=True, pad=pad),
                covered(presences, case, place))  # fmt: skip
        own[place] = [inside(one, windows) for one in sets]
    beside = defaultdict(lambda: [set(), set(), set()])
    for place, sets in own.items():
        for other in set((neighbours or {}).get(place, ())) - {place}:
            for mine, theirs in zip(beside[other], sets, strict=True):
                mine |= theirs
    found = [(place, "same", *sets) for place, sets in own.items()]
    for place, sets in beside.items():
        here = own.get(place, [set()])[0]
        found.append((place, "neighbour", *(one - here for one in sets)))
    return found


def meetings(presences, case, windows, least, *, neighbours=None, pad=0):
    """List who was together with a case: (stay, tier, person, start, end, imputed seconds, padded seconds)."""
    found = []
    people = {row[0] for row in presences} - {case}
    for place, tier, seconds, known, told in stays(presences, case, windows, neighbours=neighbours, pad=pad):
        for low, high in stretches(seconds):
            for person in people:
                there, surely = (covered(presences, person, place, known=one) for one in (False, True))
                for start, end in stretches(there & set(range(low, high))):
                    shared = set(range(start, end))
                    rests = len(shared - (known & surely)), len(shared - told)
                    if end - start >= max(least, 1):
                        found.append(((place, low, high), tier, person, start, end, *rests))
    return found


def totals(presences, case, windows, least, layers, *, neighbours=None, pad=0, day=86_400):
    """Map (person, layer, tier) to (seconds, meetings, first, last, imputed, padded, days, smallest occupancy)."""
    found = meetings(presences, case, windows, least, neighbours=neighbours, pad=pad)
    crowd = Counter((stay, tier) for stay, tier, _ in {row[:3] for row in found})
    rows = defaultdict(list)
    for stay, tier, person, *told in found:
        rows[person, layers[stay[0]], tier].append((*told, crowd[stay, tier]))
    return {
        key: (
            sum(end - start for start, end, *_ in told),
            len(told),
            min(row[0] for row in told),
            max(row[1] for row in told),
            sum(row[2] for row in told),
            sum(row[3] for row in told),
            len({second // day for start, end, *_ in told for second in range(start, end)}),
            min(row[4] for row in told),
        )
        for key, told in rows.items()
    }


def pairs_beside(presences, case, windows, least, neighbours):
    """Map who was at a neighbour to (seconds, meetings, first, last): each presence beside each, as a plain join."""
    rows, found = set(presences), {}
    for person, place, start, end in rows:
        for other, at, begin, until in rows:
            for low, high in windows if person == case != other and at in set(neighbours[place]) - {place} else ():
                first, last = max(start, low, begin), min(end, high, until)
                if last - first >= max(least, 1):
                    seconds, n, earliest, latest = found.get(other, (0, 0, first, last))
                    found[other] = (seconds + last - first, n + 1, min(earliest, first), max(latest, last))
    return found


def scores(presences, case, windows, least, layers, weights, further_day, *, neighbours=None, day=86_400):
    """Map each companion to (score in seconds, layer, tier) of the layer and tier that score most."""
    found = meetings(presences, case, windows, least, neighbours=neighbours)
    crowd = Counter((stay, tier) for stay, tier, _ in {row[:3] for row in found})
    sums, days = Counter(), defaultdict(set)
    for stay, tier, person, start, end, *_ in found:
        key = person, layers[stay[0]], tier
        sums[key] += (end - start) * weights[stay[0], tier] / crowd[stay, tier]
        days[key] |= {second // day for second in range(start, end)}
    worth = {key: value * (1 + further_day * (len(days[key]) - 1)) for key, value in sums.items()}
    return {person: max((score, *key[1:]) for key, score in worth.items() if key[0] == person)
            for person in {key[0] for key in worth}}  # fmt: skip


def space_time(presences, case, windows, least, cells, dwell, lookback, whose):
    """Map each space-time companion to (seconds, meetings, first, last, cell, its dwelling there, the case's)."""
    until = max(high for _, high in windows)
    span = set(range(until - lookback, until))
    rows = defaultdict(list)
    for (place, *_), _, person, start, end, *_ in meetings(presences, case, windows, least):
        theirs, own = (len(covered(presences, one, place) & span) for one in (person, case))
        held = {"contact": theirs, "case": own, "either": max(theirs, own)}[whose]
        if place in cells and held >= dwell:
            rows[person].append((start, end, place, theirs, own))
    return {
        person: (
            sum(end - start for start, end, *_ in told),
            len(told),
            min(row[0] for row in told),
            max(row[1] for row in told),
            *min(((place, theirs, own) for *_, place, theirs, own in told), key=lambda row: (-row[1], row[0])),
        )
        for person, told in rows.items()
    }

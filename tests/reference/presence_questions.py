"""The plain twin of what an edition asks of presences: second by second, set by set."""

from collections import defaultdict


def seconds_at(presences, person, windows, pad=0):
    """Map each place to the seconds during which a person was there within its windows."""
    found = defaultdict(set)
    for who, place, start, end in presences:
        if who == person:
            for low, high in windows:
                found[place].update(range(max(start - pad, low), min(end + pad, high)))
    return found


def stretches(seconds):
    """Cut a set of seconds into stretches without a gap: (start, end)."""
    found = []
    for second in sorted(seconds):
        if found and second == found[-1][1]:
            found[-1][1] = second + 1
        else:
            found.append([second, second + 1])
    return [tuple(one) for one in found]


def meetings(presences, case, windows, least, *, neighbours=None, pad=0):
    """
    List who was together with a case as (stay, person, start, end, tier).

    A stay is (place, start, end) of the case; with `neighbours` (place to places), also at the places beside it.
    """
    found = []
    for place, (low, high), tier in stays(presences, case, windows, neighbours or {}, pad):
        there = defaultdict(set)
        for who, at, start, end in presences:
            if who != case and at == place:
                there[who].update(range(max(start, low), min(end, high)))
        found += [
            ((place, low, high), person, start, end, tier)
            for person, seconds in there.items()
            for start, end in stretches(seconds)
            if end - start >= max(least, 1)
        ]
    return found


def stays(presences, case, windows, neighbours, pad):
    """List the stays of a case as (place, (start, end), tier)."""
    own = seconds_at(presences, case, windows, pad)
    found = [(place, span, "same") for place, seconds in own.items() for span in stretches(seconds)]
    beside = defaultdict(set)
    for place, seconds in own.items():
        for other in set(neighbours.get(place, ())) - {place}:
            beside[other] |= seconds
    for place, seconds in beside.items():
        found += [(place, span, "neighbour") for span in stretches(seconds - own.get(place, set()))]
    return found


def totals(presences, case, windows, least, layers, *, neighbours=None, pad=0, day=86_400):
    """Map (person, layer, tier) to (seconds, meetings, first, last, days, smallest occupancy)."""
    found = meetings(presences, case, windows, least, neighbours=neighbours, pad=pad)
    met = defaultdict(set)
    for stay, person, *_, tier in found:
        met[stay, tier].add(person)
    rows = defaultdict(list)
    for stay, person, start, end, tier in found:
        rows[person, layers[stay[0]], tier].append((start, end, len(met[stay, tier])))
    return {
        key: (
            sum(end - start for start, end, _ in told),
            len(told),
            min(start for start, *_ in told),
            max(end for _, end, _ in told),
            len({second // day for start, end, _ in told for second in range(start, end)}),
            min(crowd for *_, crowd in told),
        )
        for key, told in rows.items()
    }

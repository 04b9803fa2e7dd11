"""The plain twin of bulk presence: every presence of the case beside every other presence."""

from collections import defaultdict

from tests.reference.common_exposures import benjamini_hochberg, tail


def coalesced(presences):
    """One person's presences at one place, made one where they overlap."""
    groups = defaultdict(set)
    for person, place, start, end in presences:
        groups[person, place].add((start, end))
    rows = []
    for (person, place), spans in groups.items():
        current = None
        for start, end in sorted(spans):
            if current and start < current[1]:
                current[1] = max(current[1], end)
            else:
                current = [start, end]
                rows.append((person, place, current))
    return [(person, place, *span) for person, place, span in rows]


def companions(presences, case, windows, least):
    """Map each companion to (seconds, meetings, first, last)."""
    rows = set(presences)
    found = {}
    for person, place, start, end in rows:
        if person != case:
            continue
        for low, high in windows:
            for other, at, begin, until in rows:
                first, last = max(start, low, begin), min(end, high, until)
                if other == case or at != place or last - first < max(least, 1):
                    continue
                seconds, meetings, earliest, latest = found.get(other, (0, 0, first, last))
                found[other] = (seconds + last - first, meetings + 1, min(earliest, first), max(latest, last))
    return found


def closed(rows, longest):
    """Give a missing end (None) the start of the person's next presence, or the longest stay."""
    starts = defaultdict(list)
    for position, (person, _, start, _) in enumerate(rows):
        starts[person].append((start, position))
    following = {}
    for entries in starts.values():
        entries.sort()
        for (start, position), (after, _) in zip(entries, [*entries[1:], (None, None)], strict=True):
            following[position] = start + longest if after is None else min(after, start + longest)
    return [
        (person, place, start, following[position] if end is None else end)
        for position, (person, place, start, end) in enumerate(rows)
    ]


def within(presences, case, windows):
    """Give a person's own presences cut to its windows: (place, start, end), each once."""
    cut = [
        (place, max(start, low), min(end, high))
        for person, place, start, end in set(presences)
        if person == case
        for low, high in windows
    ]
    return [(place, start, end) for place, start, end in cut if start < end]


def common_sources(presences, cases, span, least):
    """
    Rank where cases were together; `cases` maps a person to its windows.

    Map (scope, place, begins) to (cases, visitors, expected, p, q), tails by adding up every combination.
    """
    rows, least = set(presences), max(least, 1)
    low = min(start for windows in cases.values() for start, _ in windows)
    high = max(end for windows in cases.values() for _, end in windows)
    begun, ended = min(row[2] for row in rows), max(row[3] for row in rows)
    people = {person for person, *_ in rows}
    daily = len(rows) / len(people) / (max(ended - begun, 1) / 86_400)
    own = {case: within(rows, case, windows) for case, windows in cases.items()}
    activity = {}
    for case, windows in cases.items():
        known = sum(max(min(until, ended) - max(since, begun), 0) for since, until in windows)
        activity[case] = len(own[case]) / (max(known, 1) / 86_400) / daily
    spans = [("event", at * span, (at + 1) * span) for at in range(low // span, (high - 1) // span + 1)]
    found = {}
    for scope, since, until in [*spans, ("place", low, high)]:
        for place in {place for _, place, *_ in rows}:
            there = {c for c in cases if any(p == place and min(e, until) - max(s, since) >= least
                                             for p, s, e in own[c])}  # fmt: skip
            if len(there) < 2:
                continue
            visitors = {who for who, p, s, e in rows if p == place and min(e, until) - max(s, since) >= least}
            chances = [
                min(1.0, len(visitors) / len(people) * activity[case])
                for case, windows in cases.items()
                if any(a < until and b > since for a, b in windows)
            ]
            found[scope, place, since] = (there, len(visitors), sum(chances), tail(chances, len(there)))
    n_tests = len({place for _, place, *_ in rows}) * (len(spans) + 1)
    p_values = [one[3] for one in found.values()]
    q_values = benjamini_hochberg([*p_values, *[1.0] * (n_tests - len(p_values))])
    return {key: (*told, q) for (key, told), q in zip(found.items(), q_values, strict=False)}


def visitors(presences, place, since, until, least):
    """Map who was at a place within a span for at least so long at a stretch to (seconds, presences, first, last)."""
    outsider = object()
    return companions({*presences, (outsider, place, since, until)}, outsider, [(since, until)], least)


def second_ring(presences, contacts, left_out, least):
    """
    Map who met a contact while it counted (`contacts`: person to since and until) to what was found.

    That is (seconds, meetings, first, last, contacts that were met at `first`).
    """
    rows, least = set(presences), max(least, 1)
    theirs = [
        (who, place, max(start, contacts[who][0]), min(end, contacts[who][1]))
        for who, place, start, end in rows
        if who in contacts
    ]
    theirs = [row for row in theirs if row[3] - row[2] >= least]
    found = {}
    for other, place, start, end in rows:
        if other in left_out:
            continue
        near = [row for row in theirs if row[1] == place]
        met = [(max(start, s), min(end, e), who) for who, _, s, e in near if min(end, e) - max(start, s) >= least]
        if met:
            seconds = sum(any(s <= t < e for _, _, s, e in near) for t in range(start, end))
            found.setdefault(other, []).append((seconds, met))
    return {
        other: (
            sum(seconds for seconds, _ in told),
            len(told),
            first := min(one[0] for _, met in told for one in met),
            max(one[1] for _, met in told for one in met),
            {one[2] for _, met in told for one in met if one[0] == first},
        )
        for other, told in found.items()
    }


def crowding(presences, case, windows, least):
    """Map each companion to (seconds, seconds divided by the crowd of the meeting, smallest crowd)."""
    rows, found = set(presences), {}
    for place, start, end in within(rows, case, windows):
        met = [
            (other, min(end, until) - max(start, begin))
            for other, at, begin, until in rows
            if other != case and at == place and min(end, until) - max(start, begin) >= max(least, 1)
        ]
        for other, seconds in met:
            before = found.get(other, (0, 0, len(met)))
            found[other] = (before[0] + seconds, before[1] + seconds / len(met), min(before[2], len(met)))
    return found


def hotspots(presences, cases, since, until):
    """Map each place to (seconds of cases, how many, first, last, visitors, expected), second by second."""
    rows = set(presences)
    people = {person for person, *_ in rows}
    there = {}
    for case, windows in cases.items():
        for place, start, end in within(rows, case, windows):
            there.setdefault(place, set()).update((case, t) for t in range(max(start, since), min(end, until)))
    found = {}
    for place, seconds in there.items():
        if seconds:
            times = [t for _, t in seconds]
            visitors = {who for who, at, s, e in rows if at == place and min(e, until) > max(s, since)}
            told = len(seconds), len({case for case, _ in seconds}), min(times), max(times) + 1, len(visitors)
            found[place] = (*told, len(cases) * len(visitors) / len(people))
    return found

"""The plain twin of bulk presence: every presence of the case beside every other presence."""

from collections import defaultdict


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

"""The plain twin of the scans: every circle and interval, one after the other, from the formulas of the papers."""

from math import asin, cos, log, radians, sin, sqrt


def haversine_km(one, other):
    (lat1, lon1), (lat2, lon2) = ([radians(degrees) for degrees in place] for place in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(half))


def circles(places, weights, share, distance):
    """Each circle as a list of areas, nearest first."""
    for centre in range(len(places)):
        nearest = sorted(range(len(places)), key=lambda area: (distance(places[centre], places[area]), area))
        for size in range(1, len(nearest) + 1):
            if sum(weights[area] for area in nearest[:size]) / sum(weights) <= share:
                yield nearest[:size]


def log_ratio(cases, expected, total):
    """Log-likelihood of the two rates against one, where the inside has the higher (Kulldorff 1997, eq. 3)."""
    if cases <= expected:
        return 0.0
    outside = (total - cases) * log((total - cases) / (total - expected)) if cases < total else 0.0
    return cases * log(cases / expected) + outside


def windows(counts, expected, zones, longest, any_end):
    """Every window as (ratio, areas, first, last); `counts` and `expected` are lists of days for each area."""
    total = sum(sum(row) for row in counts)
    scale = total / sum(sum(row) for row in expected)
    n_days = len(counts[0])
    for zone in zones:
        for first in range(n_days):
            for last in range(first, n_days):
                if last - first < longest and (any_end or last == n_days - 1):
                    inside = sum(counts[area][day] for area in zone for day in range(first, last + 1))
                    beside = sum(expected[area][day] for area in zone for day in range(first, last + 1)) * scale
                    yield log_ratio(inside, beside, total), frozenset(zone), first, last


def from_margins(counts):
    """What a permutation expects: the cases of the area times those of the day over all."""
    total = sum(sum(row) for row in counts)
    return [[sum(row) * sum(other[day] for other in counts) / total for day in range(len(row))] for row in counts]

"""The plain twin of the ranking of common exposures: by counting every possibility."""

from itertools import product


def tail(chances, at_least):
    """Chance of at least so many of independent events: add up every combination that has them."""
    total = 0.0
    for happened in product([False, True], repeat=len(chances)):
        if sum(happened) >= at_least:
            likely = 1.0
            for chance, happens in zip(chances, happened, strict=True):
                likely *= chance if happens else 1 - chance
            total += likely
    return min(total, 1.0)


def event_chances(visits, windows, place, day):
    """For each visitor of a place the chance to be there on the day, from its visits and the busy days."""
    known = {(case, where, on) for case, where, on in visits if windows[case][0] <= on <= windows[case][1]}
    here = {(case, on) for case, where, on in known if where == place}
    chances = []
    for case in sorted({case for case, _ in here}):
        rates = {}
        for on in range(windows[case][0], windows[case][1] + 1):
            elsewhere = sum(1 for _, where, when in known if when == on and where != place)
            could = sum(1 for first, last in windows if first <= on <= last)
            rates[on] = (elsewhere + 1) / could
        n_days = sum(1 for who, _ in here if who == case)
        chances.append(min(1.0, n_days * rates.get(day, 0.0) / sum(rates.values())))
    return chances


def event(visits, windows, place, day):
    """The p-value of a day at a place and the number expected there."""
    chances = event_chances(visits, windows, place, day)
    there = {c for c, where, on in visits if where == place and on == day and windows[c][0] <= on <= windows[c][1]}
    return tail(chances, len(there)), sum(chances)


def benjamini_hochberg(p_values):
    """Each q-value is the least false-discovery rate at which the test would still count."""
    ordered = sorted(p_values)
    return [
        min(other * len(ordered) / (sum(1 for one in ordered if one <= other)) for other in ordered if other >= p)
        for p in p_values
    ]

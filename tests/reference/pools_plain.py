"""Pools the slow way: every pattern of who is infected and who would be found, one after the other."""

from itertools import product


def pattern_chance(pattern, prevalence, correlation):
    """Draw members one by one from an urn: an infected member makes the next one likelier (Pólya)."""
    if correlation == 1:
        same = len(set(pattern)) == 1
        return (prevalence if pattern[0] else 1 - prevalence) if same else 0.0
    chance, infected = 1.0, 0
    for drawn, one in enumerate(pattern):
        weight = (1 - correlation) / correlation if correlation else None
        next_one = prevalence if weight is None else (prevalence * weight + infected) / (weight + drawn)
        chance *= next_one if one else 1 - next_one
        infected += one
    return chance


def tube(size, prevalence, correlation, alone, pooled, specificity):
    """
    Give the chance of a positive tube, and that of an infected first member to be found in the end.

    Each infected member is found in the tube (chance `pooled`), found alone only, or not at all.
    """
    positive = infected = found = 0.0
    states = {"pooled": pooled, "alone": alone - pooled, "missed": 1 - alone}
    for pattern in product((0, 1), repeat=size):
        chance = pattern_chance(pattern, prevalence, correlation)
        members = [row for row, one in enumerate(pattern) if one]
        for told in product(states, repeat=len(members)):
            here = chance
            for state in told:
                here *= states[state]
            tube_positive = 1.0 if "pooled" in told else 1 - specificity
            positive += here * tube_positive
            if pattern[0]:
                infected += here
                if told[0] != "missed":
                    found += here * tube_positive
    return positive, found / infected if infected else float("nan")


def log_likelihood(p, rows, sensitivity, specificity):
    """Sum over (positive, tubes, size): `sensitivity` maps a size to its chance."""
    from math import log

    total = 0.0
    for positive, tubes, size in rows:
        clean = (1 - p) ** size
        chance = sensitivity(size) * (1 - clean) + (1 - specificity) * clean
        total += positive * log(chance) if positive else 0.0
        total += (tubes - positive) * log(1 - chance) if tubes > positive else 0.0
    return total


def none_found(people, infected, swabbed, sensitivity):
    """Give the chance that no infected person is found, over every set of people swabbed."""
    from itertools import combinations

    sets = list(combinations(range(people), swabbed))
    total = 0.0
    for one in sets:
        total += (1 - sensitivity) ** sum(person < infected for person in one)
    return total / len(sets)

"""The plain twins of the fusion of streams: exact fractions, and every pair looked at."""

from fractions import Fraction
from math import comb, exp, factorial, log


def fisher(p_values):
    """Chance of a product as small: for 2k degrees of freedom the tail of chi-squared is a finite sum."""
    half = -sum(log(p) for p in p_values)
    return exp(-half) * sum(half**i / factorial(i) for i in range(len(p_values)))


def sum_of_uniforms(at_most, n):
    """The textbook's alternating sum, in exact fractions."""
    s = Fraction(at_most)
    if s >= n:
        return 1.0
    return float(sum((-1) ** j * comb(n, j) * (s - j) ** n for j in range(int(s) + 1)) / factorial(n))


def stories(fired):
    """Sets of numbers of triggers that tell the same: join any two that touch until nothing changes."""
    told = [{number} for number in range(len(fired))]
    changed = True
    while changed:
        changed = False
        for one in told:
            for other in told:
                if one is not other and any(touch(fired[i], fired[j]) for i in one for j in other):
                    one |= other
                    told.remove(other)
                    changed = True
                    break
            if changed:
                break
    return {frozenset(one) for one in told}


def touch(one, other):
    nested = one.area.startswith(other.area) or other.area.startswith(one.area)
    return nested and one.first_day <= other.last_day and other.first_day <= one.last_day

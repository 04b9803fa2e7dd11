"""Plain twins of the temporal detectors: one series, one time, straight from the papers."""

import math
import statistics

import numpy as np
from scipy import optimize, stats


def ears(counts, time, method, baseline, alpha, min_sigma):
    """Bound of C1 or C2 at one time, None without a baseline."""
    end = time if method == "c1" else time - 2
    past = counts[max(0, end - baseline) : max(0, end)]
    if len(past) < baseline or None in past or counts[time] is None:
        return None
    z = statistics.NormalDist().inv_cdf(1 - alpha)
    return statistics.fmean(past) + z * max(statistics.stdev(past), min_sigma)


def c3_alarms(counts, time, baseline, alpha, min_sigma):
    """Say whether C2 exceeded 1 by more than z in the sum of the two times before; `min_sigma` above 0."""
    excess = 0.0
    for before in (time - 1, time - 2):
        past = counts[before - 2 - baseline : before - 2]
        excess += max(0.0, (counts[before] - statistics.fmean(past)) / max(statistics.stdev(past), min_sigma) - 1)
    # The bound is never below zero, so that a count of zero cannot be above it.
    return counts[time] > 0 and excess > statistics.NormalDist().inv_cdf(1 - alpha)


def cusum_rossi(counts, mean, k):
    """Sums of Rossi's scores."""
    sums, total = [], 0.0
    for count in counts:
        total = max(0.0, total + (count - 3 * mean + 2 * math.sqrt(count * mean)) / (2 * math.sqrt(mean)) - k)
        sums.append(total)
    return sums


def percentile(counts, time, b, w, period, share):
    """Median and percentile of the neighbouring weeks of past years; None where one is missing."""
    blocks = []
    for year in range(1, b + 1):
        for shift in range(-w, w + 1):
            at = time - year * period + shift
            if at < 0 or counts[at] is None:
                return None
            blocks.append(counts[at])
    return float(np.percentile(blocks, 50)), float(np.percentile(blocks, share)), blocks


def reached(blocks, count):
    """Highest percentile of the blocks that the count reaches, by trying them all."""
    return max((share for share in np.linspace(0, 100, 20_001) if np.percentile(blocks, share) <= count), default=0.0)


def glr(counts, mean, alpha, n):
    """Likelihood ratio of time n for an increase of unknown size, over all times at which it may have begun."""

    def log_likelihood(start, factor):
        now = counts[start : n + 1]
        if alpha == 0:
            return stats.poisson.logpmf(now, mean * factor).sum()
        return stats.nbinom.logpmf(now, 1 / alpha, 1 / (1 + alpha * mean * factor)).sum()

    def best(start):
        # With one mean for all times both likelihoods are greatest where the mean is the mean of the counts.
        factor = max(1.0, statistics.fmean(counts[start : n + 1]) / mean)
        return log_likelihood(start, factor) - log_likelihood(start, 1.0)

    return max(best(start) for start in range(n + 1))


def epidemic(counts, mean, n):
    """The same for a mean that grows by a share of the count before; nothing came before the first."""
    ago = [0, *counts[:-1]]

    def less(start, share):
        grown = sum(x * math.log(share * y / mean + 1) - share * y for x, y in _pairs(counts, ago, start, n))
        return -grown

    return max(
        -optimize.minimize_scalar(lambda share, start=start: less(start, share), bounds=(0, 50), method="bounded").fun
        for start in range(n + 1)
    )


def _pairs(counts, ago, start, n):
    return zip(counts[start : n + 1], ago[start : n + 1], strict=True)


def essence_regression(counts, weekdays, time, b=28, g=2):
    """Forecast, statistic and adjusted R squared of one day, by least squares."""
    end = time - g
    start = max(0, end - b)
    n = end - start

    def row(number, weekday):
        return [1.0, number, *(1.0 if weekday == day else 0.0 for day in range(6))]

    design = np.array([row(number + 1, weekdays[start + number]) for number in range(n)])
    past = np.array(counts[start:end], dtype=float)
    beta = np.linalg.lstsq(design, past, rcond=None)[0]
    left = float(((past - design @ beta) ** 2).sum())
    total = float(((past - past.mean()) ** 2).sum())
    expected = max(0.0, float(np.dot(row(n + g + 1, weekdays[time]), beta)))
    error = math.sqrt(left / (n - 8)) * math.sqrt((n + 7) * (n - 4) / (n * (n - 7)))
    error = max(error, 0.01 / round(stats.t.ppf(0.95, n - 8), 5))
    adjusted = 1 - (left / total) * (n - 1) / (n - 8)
    return expected, (counts[time] - expected) / error, adjusted

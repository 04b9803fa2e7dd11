"""The plain twins of the reproduction numbers: a day and a case at a time, in the words of the papers."""

from math import exp, gamma, log, sqrt

from scipy.integrate import quad


def discretised(mean, sd, k):
    """
    Chance of k days between two onsets: Cori et al. 2013, web appendix 11, by numerical integration.

    The gamma time shifted by one day is seen through a triangle, since both onsets are known to the day only.
    """
    shape, scale = ((mean - 1) / sd) ** 2, sd**2 / (mean - 1)

    def density(u):
        return u ** (shape - 1) * exp(-u / scale) / (gamma(shape) * scale**shape) if u > 0 else 0.0

    total = 0.0
    for low, high in ((k - 2, k - 1), (k - 1, k)):
        if high > 0:
            total += quad(lambda u: (1 - abs(u - (k - 1))) * density(u), low, high, epsabs=1e-13)[0]
    return total


def posterior(local, imported, weights, window, prior_mean, prior_sd):
    """Shape and scale of the gamma that R has after a window (first and last position, both included)."""
    local, imported = list(local), list(imported)
    imported[0], local[0] = imported[0] + local[0], 0
    cases, pressure = 0, 0.0
    for day in range(window[0], window[1] + 1):
        cases += local[day]
        for lag in range(1, min(day, len(weights) - 1) + 1):
            pressure += weights[lag] * (local[day - lag] + imported[day - lag])
    shape = (prior_mean / prior_sd) ** 2 + cases
    return shape, 1 / (prior_mean / prior_sd**2 + pressure)


def cohort_means(counts, weights):
    """R of the cohort of each day (Wallinga and Teunis 2004): each case splits itself among its possible sources."""
    cases = [day for day, count in enumerate(counts) for _ in range(int(count))]
    offspring = [0.0] * len(cases)
    for day in cases:
        chances = [weights[day - source] if 0 < day - source < len(weights) else 0.0 for source in cases]
        if sum(chances) > 0:
            for number, chance in enumerate(chances):
                offspring[number] += chance / sum(chances)
    return [
        sum(r for source, r in zip(cases, offspring, strict=True) if source == day) / count if count else None
        for day, count in enumerate(counts)
    ]


def growth_score(counts, intercept, rate, size=None):
    """Both scores of the log-linear likelihood: nought at its maximum. `size` of the negative binomial, or Poisson."""
    residuals = []
    for day, count in enumerate(counts):
        expected = exp(intercept + rate * day)
        residuals.append((count - expected) / (1 + expected / size if size else 1.0))
    return sum(residuals), sum(day * residual for day, residual in enumerate(residuals))


def interval_posterior(pairs, now, belief, grid):
    """Weight of each (mean, sd) of a grid after the pairs, not summed to one."""
    mean_0, mean_sd, sd_0, sd_log_sd = belief
    weights = []
    for mean, sd in grid:
        weight = exp(-(((mean - mean_0) / mean_sd) ** 2) / 2 - (log(sd / sd_0) / sd_log_sd) ** 2 / 2)
        for source, day in pairs:
            seen = sum(discretised(mean, sd, k) for k in range(1, now - source + 1))
            weight *= discretised(mean, sd, day - source) / seen
        weights.append(weight)
    return weights


def offspring_likelihood(secondary, followed, reproduction, dispersion):
    """Chance of the numbers of secondary cases, each a Poisson of a gamma (Lloyd-Smith et al. 2005), by its product."""
    likelihood = 1.0
    for count, share in zip(secondary, followed, strict=True):
        mean = reproduction * share
        chance = (dispersion / (dispersion + mean)) ** dispersion
        for one in range(count):
            chance *= (dispersion + one) / (one + 1) * mean / (dispersion + mean)
        likelihood *= chance
    return likelihood


def gamma_moments(shape, scale):
    return shape * scale, sqrt(shape) * scale

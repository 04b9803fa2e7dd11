"""
The plain twin of Farrington's two methods: one week at a time, by matrices, from the papers.

Departures of R's `surveillance` that are kept are named where they are.
"""

from datetime import timedelta

import numpy as np
from scipy import stats

POWERS = {"none": 1, "1/2": 1 / 2, "2/3": 2 / 3}


def same_week_of_year(day, years_back):
    """The day on the same weekday nearest to the same date so many years before."""
    try:
        wanted = day.replace(year=day.year - years_back)
    except ValueError:  # 29 February
        wanted = day.replace(year=day.year - years_back, month=3, day=1)
    near = [wanted + timedelta(days=away) for away in range(-3, 4)]
    return next(other for other in near if other.weekday() == day.weekday())


def position_years_back(now, years_back, days, period):
    """Where the same week so many years before stands in the series; None where it does not."""
    if days is None:
        return now - period * years_back
    wanted = same_week_of_year(days[now], years_back)
    return days.index(wanted) if wanted in days else None


def original_baseline(now, n_times, days, period, b, w):
    """Positions of the windows of past years."""
    found = []
    for years_back in range(1, b + 1):
        if days is None:
            window = [now - period * years_back + away for away in range(-w, w + 1)]
            found += [time for time in window if time >= 0]
        else:
            centre = same_week_of_year(days[now], years_back)
            window = [centre + timedelta(weeks=away) for away in range(-w, w + 1)]
            found += [days.index(day) for day in window if day in days]
    return dict.fromkeys(found, 0)


def flexible_baseline(now, days, period, b, w, no_periods, excluded):
    """Each past time in the baseline and its season; None where a year is missing."""
    centres = [position_years_back(now, years_back, days, period) for years_back in range(b + 1)]
    if None in centres or centres[-1] - w < -1:
        return None
    season = {}
    for centre, later in zip(centres[1:], centres, strict=False):
        for time in range(centre - w, centre + w + 1):
            season[time] = no_periods - 1
        if no_periods > 1:
            for number, part in enumerate(np.array_split(range(centre + w + 1, later - w), no_periods - 1)):
                season.update({int(time): number for time in part})
    season.update(dict.fromkeys(range(now - w, now), no_periods - 1))
    return {time: number for time, number in sorted(season.items()) if 0 <= time < now - excluded}


def quasi_poisson(design, y, offset, weights):
    """Fit as R's glm: coefficients, means, weights of the last round, and whether it settled."""
    eta = np.log(y + 0.1)
    mu = y + 0.1
    deviance = deviance_of(y, mu, weights)
    coefficients = None
    for _ in range(25):
        working = weights * mu
        target = eta - offset + (y - mu) / mu
        q, r = np.linalg.qr(design * np.sqrt(working)[:, None])
        new = np.linalg.solve(r, q.T @ (target * np.sqrt(working)))
        while True:
            eta = design @ new + offset
            mu = np.maximum(np.exp(eta), np.finfo(float).eps)
            now = deviance_of(y, mu, weights)
            if np.isfinite(now) or coefficients is None:
                break
            new = (new + coefficients) / 2
        coefficients = new
        if abs(now - deviance) / (0.1 + abs(now)) < 1e-8:
            return coefficients, mu, working, True
        deviance = now
    return coefficients, mu, working, False


def deviance_of(y, mu, weights):
    part = np.where(y > 0, y * np.log(np.where(y > 0, y, 1) / mu) - (y - mu), mu)
    return 2 * (weights * part).sum()


def fitted(y, clock, season, offset, now, *, trend, reweight, threshold, as_surveillance, must_settle):
    """Fit, weigh down past outbreaks, fit again; None where the fit does not settle. `now` is clock and offset."""
    seasons = sorted(set(season))

    def design_of(clocks, numbers):
        dummies = (np.array(numbers)[:, None] == seasons).astype(float)
        return np.column_stack([dummies, clocks]) if trend else dummies

    design = design_of(clock, season)
    ones = np.ones(len(y))
    coefficients, mu, working, settled = quasi_poisson(design, y, offset, ones)
    if not settled and trend:
        trend = False
        design = design_of(clock, season)
        coefficients, mu, working, settled = quasi_poisson(design, y, offset, ones)
    if not settled and must_settle:
        return None
    freedom = len(y) - design.shape[1]

    def dispersion_of(weights):
        return (weights * ((y - mu) / mu) ** 2).sum() / freedom

    weights = ones
    if reweight:
        q, _ = np.linalg.qr(design * np.sqrt(working)[:, None])
        leverage = (q**2).sum(axis=1)
        residual = 1.5 * (y ** (2 / 3) * mu ** (-1 / 6) - mu ** (1 / 2))
        residual /= np.sqrt(max(dispersion_of(working), 1) * (1 - leverage))
        weights = np.where(residual > threshold, np.abs(residual) ** -2, 1)
        weights *= len(y) / weights.sum()
        coefficients, mu, working, _ = quasi_poisson(design, y, offset, weights)
    root = np.linalg.inv(np.linalg.qr(design * np.sqrt(working)[:, None])[1])
    unscaled = root @ root.T
    # As shipped, R takes the weights of the counts for those of the fit, once it has reweighted.
    scatter = dispersion_of(weights if reweight and as_surveillance else working)
    at = design_of([now[0]], [seasons[-1]])[0]
    result = {
        "link": at @ coefficients + now[1],
        "variance": scatter * (at @ unscaled @ at),
        "variance_floored": max(scatter, 1) * (at @ unscaled @ at),
        "phi": max(dispersion_of(working), 1),
        "trend_p": None,
    }
    if trend:
        t = coefficients[-1] / np.sqrt(scatter * unscaled[-1, -1])
        result["trend_p"] = 2 * stats.t.sf(abs(t), freedom)
    return result


def with_rule_of_trend(y, *rows, trend, trend_p, b, **how):
    """Keep the trend if it is significant, does not extrapolate and rests on three years."""
    fit = fitted(y, *rows, trend=trend, **how)
    if fit is None or fit["trend_p"] is None:
        return fit, False
    keep = b >= 3 and fit["trend_p"] < trend_p and np.exp(fit["link"]) <= y.max()
    return (fit, True) if keep else (fitted(y, *rows, trend=False, **how), False)


def delta(fit, variance, count, z, power):
    exponent = POWERS[power]
    mean = np.exp(fit["link"])
    deviation = exponent * mean ** (exponent - 1) * np.sqrt(fit["phi"] * mean + variance * mean**2)
    upper = (mean**exponent + z * deviation) ** (1 / exponent)
    p = stats.norm.sf(count**exponent, mean**exponent, deviation)
    return {"expected": mean, "upperbound": upper, "score": (count - mean) / (upper - mean), "p": p}


def discrete(fit, mean, count, alpha):
    counts = stats.nbinom(mean / (fit["phi"] - 1), 1 / fit["phi"]) if fit["phi"] > 1 else stats.poisson(mean)
    upper = 0
    while counts.cdf(upper) < (1 - alpha) * (1 - 8 * np.finfo(float).eps):
        upper += 1
    # R puts the logarithm of the expected count into the score.
    score = (count - fit["link"]) / (upper - fit["link"])
    return {"expected": np.exp(fit["link"]), "upperbound": upper, "score": score, "p": counts.sf(count - 1)}


def rows_of(counts, population, baseline, clock, now):
    """Count, clock, season and offset of the baseline; clock and offset of the judged time."""
    times = [time for time in baseline if not np.isnan(counts[time])]
    offset = np.log(population) if population is not None else np.zeros(len(counts))
    return (
        np.array([counts[time] for time in times]),
        np.array([clock[time] for time in times], dtype=float),
        [baseline[time] for time in times],
        np.array([offset[time] for time in times]),
        (clock[now], offset[now]),
    )


def enough(counts, now, limit54):
    return sum(counts[now - limit54[1] + 1 : now + 1]) >= limit54[0]


def original(counts, now, *, period=52, days=None, population=None, b, w, alpha, limit54, power, **how):
    """Judge one week by the method of 1996."""
    baseline = original_baseline(now, len(counts), days, period, b, w)
    rows = rows_of(counts, population, baseline, range(len(counts)), now)
    fit, trend = with_rule_of_trend(*rows, b=b, as_surveillance=False, must_settle=False, **how)
    verdict = delta(fit, fit["variance_floored"], counts[now], stats.norm.ppf(1 - alpha / 2), power)
    if not enough(counts, now, limit54):
        verdict |= {"upperbound": 0, "score": 0}
    return verdict | {"alarm": verdict["score"] > 1, "trend": trend}


def flexible(
    counts,
    now,
    *,
    period=52,
    days=None,
    population=None,
    b,
    w,
    alpha,
    no_periods,
    excluded,
    threshold_method,
    limit54,
    power,
    **how,
):
    """Judge one week by the improved method; None where it cannot."""
    baseline = flexible_baseline(now, days, period, b, w, no_periods, excluded)
    if baseline is None:
        return None
    rows = rows_of(counts, population, baseline, range(len(counts)), now)
    fit, trend = with_rule_of_trend(*rows, b=b, must_settle=True, **how)
    if fit is None:
        return None
    z = stats.norm.ppf(1 - alpha)
    if threshold_method == "delta":
        verdict = delta(fit, fit["variance"], counts[now], z, power)
    elif threshold_method == "nbplugin":
        verdict = discrete(fit, np.exp(fit["link"]), counts[now], alpha)
    else:
        verdict = discrete(fit, np.exp(fit["link"] + z * np.sqrt(fit["variance"])), counts[now], alpha)
    quiet = not enough(counts, now, limit54)
    verdict["alarm"] = bool(verdict["score"] > 1 and counts[now] > 0 and not quiet)
    if quiet:
        verdict |= {"expected": np.nan, "upperbound": np.nan}
    return verdict | {"trend": trend}

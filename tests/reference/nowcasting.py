"""The plain twin of the nowcast: by counting lines one by one, and by adding up over a grid."""

import math


def delay_shares(lines, now, max_delay):
    """Chance of each delay or a shorter one, from the lines reported by `now`, after Lawless (1994)."""
    known = [(event, min(report - event, max_delay)) for event, report in lines if report <= now]
    survived = [1.0]
    for delay in range(max_delay, 0, -1):
        could_show = [d for event, d in known if event <= now - delay and d <= delay]
        survived.append(survived[-1] * (1 - sum(1 for d in could_show if d == delay) / len(could_show)))
    return survived[::-1]


def numbers_given_share(seen, share, prior, largest):
    """Chance of each number in a row, when each of them had the chance `share` to be seen: Bayes on a grid."""
    weights = [
        math.comb(number, seen) * share**seen * (1 - share) ** (number - seen) * prior[number] if number >= seen else 0
        for number in range(largest + 1)
    ]
    return [weight / sum(weights) for weight in weights]


def numbers_given_beta(seen, first, second, largest, steps=20_000):
    """The same with a flat prior, the share having a beta distribution: a sum over many shares."""
    total = [0.0] * (largest + 1)
    weight = 0.0
    for step in range(steps):
        share = (step + 0.5) / steps
        density = share ** (first - 1) * (1 - share) ** (second - 1)
        weight += density
        for number in range(seen, largest + 1):
            total[number] += density * math.comb(number, seen) * share ** (seen + 1) * (1 - share) ** (number - seen)
    return [one / weight for one in total]


def gamma_poisson(mean, variance, largest):
    """Chance of each number under a negative binomial of this mean and variance."""
    size = mean**2 / (variance - mean)
    chance = size / (size + mean)
    return [
        math.exp(
            math.lgamma(number + size)
            - math.lgamma(size)
            - math.lgamma(number + 1)
            + size * math.log(chance)
            + number * math.log(1 - chance)
        )
        for number in range(largest + 1)
    ]

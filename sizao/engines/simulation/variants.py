"""
From what is published of a variant to the tables of `disease.Disease`.

The numbers are facts of nature and differ by variant, so they are data with their sources (`drill/variants`);
how they become tables is here, as a pure function. What is given for whole populations or as an effect against
nobody's dose is turned into what one infection of one person needs.
"""

from dataclasses import dataclass

import numpy as np
from scipy import interpolate, optimize, stats

from sizao.engines.simulation.disease import LAYERS, N_BANDS, Disease
from sizao.engines.simulation.rng import Floats
from sizao.errors import SizaoError

LONGEST_DAYS = 40  # of latent and incubation time
WEEK = 7
MOST_RATE = 100.0


class NotAVariant(SizaoError):
    """Published numbers that cannot be."""

    code = "simulation.not_a_variant"
    message = "{reason} Correct the numbers of the variant."


@dataclass(frozen=True)
class Infectiousness:
    """
    A course around onset: normal with this sd, cut to days from `first_day` to `last_day` from onset.

    Its mean is such that the share `before_onset` lies on the days before that of onset.
    """

    before_onset: float
    sd_days: float
    first_day: int
    last_day: int


@dataclass(frozen=True)
class Passing:
    """
    Shares of those infected in one's household, class and team over the whole course, and rates for an hour together.

    Shares are of susceptible unvaccinated companions of people as they are: some without symptoms, some causing more.
    """

    household: float
    school_class: float
    work: float
    venue_hour: float
    transport_hour: float


@dataclass(frozen=True)
class Severity:
    """
    Chances of an unvaccinated infection by band, and how a variant differs from them.

    `odds` multiplies the odds of each. With `average`, all odds are scaled further so that the mean over a population
    (`ages[band]` and `doses[band, doses]`, shares) is that average. `effect[doses]` is that of doses against this
    outcome in everybody, infected or not.
    """

    by_band: Floats
    effect: Floats
    odds: float = 1.0
    average: float | None = None
    ages: Floats | None = None
    doses: Floats | None = None


@dataclass(frozen=True)
class Antigen:
    """Of those whom PCR finds, the share that antigen finds: before onset, in the first week of illness, later."""

    before_onset: float
    first_week: float
    later: float


@dataclass(frozen=True)
class Published:
    """
    What is published of a variant. Days are means and sds of lognormal laws.

    `variation` is the shape of the gamma law by which people differ in infectiousness, NaN where they do not.
    `pcr` are points (day since infection, chance). `effect_infection[doses]` and `effect_passing[doses]` are effects
    of doses, 0 for none.
    """

    name: str
    latent: tuple[float, float]
    incubation: tuple[float, float]
    infectiousness: Infectiousness
    variation: float
    symptomatic: Floats
    asymptomatic_factor: float
    passing: Passing
    effect_infection: Floats
    effect_passing: Floats
    pcr: Floats
    antigen: Antigen
    severe: Severity
    critical: Severity
    death: Severity
    sources: dict[str, str]


def disease(told: Published) -> Disease:
    """Make the tables of a variant. Raise NotAVariant or NotADisease."""
    incubation = whole_days(*told.incubation)
    pcr = by_day(told.pcr)
    severe = severity(told.severe, told.effect_infection)
    return Disease(
        name=told.name,
        latent=whole_days(*told.latent),
        incubation=incubation,
        infectiousness=_infectiousness(told.infectiousness),
        first_day=told.infectiousness.first_day,
        variation=told.variation,
        symptomatic=told.symptomatic,
        asymptomatic_factor=told.asymptomatic_factor,
        rates=_rates(told),
        susceptibility=np.tile(1 - told.effect_infection, (N_BANDS, 1)),
        infectivity=1 - told.effect_passing,
        pcr=pcr,
        antigen=pcr * _antigen_share(told.antigen, len(pcr), told.incubation[0]),
        severe=severe,
        # Whoever is critical is severe too, though both were published apart.
        critical=np.minimum(severity(told.critical, told.effect_infection), severe),
        death=severity(told.death, told.effect_infection),
        sources=told.sources,
    )


def whole_days(mean: float, sd: float) -> Floats:
    """Give the chances of 0, 1, 2 … days of a lognormal time with this mean and sd, rounded to whole days."""
    if not (mean > 0 and sd > 0):
        raise NotAVariant(reason=f"A time of {mean:g} days with an sd of {sd:g} cannot be; both must be above 0.")
    sdlog = np.sqrt(np.log1p((sd / mean) ** 2))
    edges = np.arange(LONGEST_DAYS) + 0.5
    below = stats.lognorm.cdf(edges, sdlog, scale=mean * np.exp(-(sdlog**2) / 2))
    chances = np.diff(below, prepend=0.0)
    told: Floats = chances / chances.sum()
    return told


def gamma_shape(share: float, reproduction: float) -> float:
    """
    Give the shape of the gamma law of infectiousness by which a `share` of cases causes 80 % of infections.

    Counted as published, by how many each did infect, luck included: numbers are negative binomial with mean
    `reproduction` and this shape as dispersion (Lloyd-Smith et al. 2005, Nature 438:355; Endo et al. 2020,
    Wellcome Open Res 5:67). NaN where luck alone does as much.
    """
    if not (0 < share < 0.8 and reproduction > 0):
        raise NotAVariant(reason=f"A share of {share:g} of cases cannot cause 80 % of infections; it is 0 to 0.8.")
    low, high = np.log(0.03), np.log(100.0)

    def rest(log_shape: float) -> float:
        return _share_causing_80(float(np.exp(log_shape)), reproduction) - share

    if rest(high) < 0:
        return float("nan")
    if rest(low) > 0:
        raise NotAVariant(reason=f"No more than 80 % of infections can come from as few as {share:g} of cases.")
    return float(np.exp(optimize.brentq(rest, low, high)))


def _share_causing_80(shape: float, reproduction: float) -> float:
    counts = np.arange(int(reproduction * 40 / shape) + 50)[::-1]
    cases = stats.nbinom.pmf(counts, shape, shape / (shape + reproduction))
    caused = np.cumsum(counts * cases) / reproduction
    return float(np.interp(0.8, caused, np.cumsum(cases)))


def by_day(points: Floats) -> Floats:
    """
    Draw a curve through points (day, chance), one value a whole day from 0 to the last, without bumps between them.

    Piecewise cubic, as steep as the points and nowhere beyond them (Fritsch and Carlson 1980).
    """
    day, chance = np.asarray(points, np.float64).T
    if day[0] != 0 or (np.diff(day) <= 0).any():
        raise NotAVariant(reason="Points of a curve begin on day 0, and their days rise.")
    curve: Floats = np.clip(interpolate.PchipInterpolator(day, chance)(np.arange(int(day[-1]) + 1)), 0.0, 1.0)
    return curve


def severity(told: Severity, effect_infection: Floats) -> Floats:
    """
    Give the chance of an outcome for one infection, [band, doses].

    The effect of doses against the outcome is that in everybody; of those infected in spite of doses the share
    with the outcome is (1 - effect against it) / (1 - effect against infection) of the unvaccinated.
    """
    spared = np.minimum((1 - told.effect) / (1 - effect_infection), 1.0)
    table = _scaled(told.by_band, told.odds)[:, None] * spared
    if told.average is None:
        return table
    if told.ages is None or told.doses is None:
        raise NotAVariant(reason="An average of an outcome needs the ages and doses of the population it is of.")
    weights = told.ages[:, None] * told.doses

    def rest(log_odds: float) -> float:
        scaled = _scaled(told.by_band, told.odds * np.exp(log_odds))[:, None] * spared
        return float((weights * scaled).sum() / weights.sum() - told.average)

    odds = told.odds * np.exp(optimize.brentq(rest, -15, 15))
    found: Floats = _scaled(told.by_band, odds)[:, None] * spared
    return found


def _scaled(chances: Floats, odds: float) -> Floats:
    scaled: Floats = chances * odds / (1 + chances * (odds - 1))
    return scaled


def _infectiousness(told: Infectiousness) -> Floats:
    if not told.first_day < told.last_day:
        raise NotAVariant(reason="Infectiousness must end after it begins.")
    edges = np.arange(told.first_day, told.last_day + 2)

    def shares(mean: float) -> Floats:
        found = np.diff(stats.norm.cdf(edges, mean, told.sd_days))
        course: Floats = found / found.sum()
        return course

    def rest(mean: float) -> float:
        return float(shares(mean)[: -told.first_day].sum() - told.before_onset)

    if not (told.first_day < 0 < told.before_onset < 1):
        raise NotAVariant(reason="A share of infectiousness before onset is above 0 and below 1, and begins before it.")
    return shares(optimize.brentq(rest, told.first_day - 2 * told.sd_days, told.last_day + 2 * told.sd_days))


def _rates(told: Published) -> Floats:
    """Turn shares infected into rates, as the engine knows them (`LAYERS`)."""
    ill = float(told.symptomatic.mean())
    passing = told.passing
    shares = (passing.household, passing.school_class, passing.work)
    rates = [_rate(share, ill, told.asymptomatic_factor, told.variation) for share in shares]
    found = np.array([*rates, passing.venue_hour, passing.transport_hour])
    assert len(found) == len(LAYERS)
    return found


def _rate(share: float, ill: float, factor: float, variation: float) -> float:
    """Find the rate at which people, of whom some infect more and some less, infect a share of companions."""
    if not 0 <= share < 1:
        raise NotAVariant(reason=f"A share of {share:g} companions infected cannot be; it is 0 to below 1.")

    def spared(rate: float) -> float:
        if np.isnan(variation):
            return float(np.exp(-rate))
        return float((1 + rate / variation) ** -variation)

    def rest(rate: float) -> float:
        return 1 - ill * spared(rate) - (1 - ill) * spared(rate * factor) - share

    if rest(MOST_RATE) < 0:
        raise NotAVariant(reason=f"{share:g} of companions cannot be infected where people differ so much.")
    return float(optimize.brentq(rest, 0, MOST_RATE)) if share else 0.0


def _antigen_share(told: Antigen, n_days: int, incubation: float) -> Floats:
    day = np.arange(n_days)
    shares = (told.before_onset, told.first_week)
    found: Floats = np.select([day < incubation, day < incubation + WEEK], shares, told.later)
    return found

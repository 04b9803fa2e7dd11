"""
What simulated people do beside what is published: attack rates, growth, and what the platform's own estimates recover.

Each function prints one or two lines with the published number beside the measured one.
"""

import numpy as np

PEOPLE = 300_000
GUANGZHOU = (0.48, 0.34, 0.18, 0.0)  # shares of people with 0, 1, 2, 3 doses on 31 May 2021 (see truth_outbreaks.toml)


def _city(people: int, doses=None):  # noqa: ANN001, ANN202
    from sizao.engines.simulation import areas, city
    from sizao.engines.simulation.people import Makeup

    makeup = Makeup() if doses is None else Makeup(doses=np.tile(doses, (9, 1)))
    return city.build(areas.made_up_areas(people), seed=1, makeup=makeup)


def _outbreak(town, variant: str, seed: int, days: int):  # noqa: ANN001, ANN202
    from sizao.drill import variants
    from sizao.engines.simulation.orders import OrderLog
    from sizao.engines.simulation.spread import Outbreak
    from sizao.engines.simulation.world import world

    log = OrderLog(town.zones, town.people, first_day=-30, n_days=days + 30)
    return Outbreak(world(town, log.orders, seed=1), log, variants.read(variant), seed=seed)


def households() -> None:
    """Confine households with one infection each, and count who of the others was infected in the end."""
    from sizao.engines.simulation.orders import HOME_ISOLATION, ISOLATION

    for variant, doses, published, apart in (
        ("ba2", None, "77.1 % (73.6-80.6), Shanghai 2022, confined", None),
        ("delta", (0.35, 0.20, 0.45, 0.0), "27.4 % (22.0-33.4), Nanjing 2021; here isolated the day after onset", 1),
        ("delta", (0.35, 0.20, 0.45, 0.0), "27.4 % (22.0-33.4), Nanjing 2021; here never isolated", None),
        ("ancestral", (1.0, 0, 0, 0), "18.9 % (16.2-22.0), many places; the ill isolated or not", None),
    ):
        town = _city(60_000, doses)
        heads = np.flatnonzero((town.offset == 0) & (town.size > 1))[::3]
        outbreak = _outbreak(town, variant, 1, 40)
        outbreak.log.hold(np.arange(town.people), 0, 60, HOME_ISOLATION)
        outbreak.infect(heads)
        for day in range(30):
            outbreak.step(day)
            if apart is not None:
                onset, person = outbreak.ledger.onset, outbreak.ledger.person
                outbreak.log.hold(person[onset == day + 1 - apart].astype(np.int64), day + 1, day + 30, ISOLATION)
        others = town.size[heads].astype(np.int64) - 1
        share = (len(outbreak.ledger) - len(heads)) / others.sum()
        direct = np.isin(outbreak.ledger.infector, heads).sum() / others.sum()
        print(f"household attack rate, {variant}: {share:.1%} ({direct:.1%} by the first case); published {published}")


def exit_wave() -> None:
    """Let BF.7 run three times through 300,000 people and fit its growth with the platform's own engine."""
    told = [_wave(seed) for seed in (1, 2, 3)]
    for growth, reproduction, days, caused, total in told:
        print(
            f"wave of BF.7: growth from 0.2 to 5 % infected {growth.value:.2f} a day ({growth.lower:.2f}-"
            f"{growth.upper:.2f}); with {days:.1f} days from infection to infection that is a reproduction number of "
            f"{reproduction.value:.2f} ({reproduction.lower:.2f}-{reproduction.upper:.2f}), where those infected "
            f"before caused {caused:.2f} each; {total:.0%} infected in 70 days"
        )
    print("published: growth 0.42 (0.35-0.51) in December 2022; 92 % (Beijing) to 97 % (China) infected")


def _wave(seed: int) -> tuple:
    from sizao.engines.transmission.growth import fit_growth

    town = _city(PEOPLE)
    outbreak = _outbreak(town, "bf7", seed, 70)
    outbreak.infect(np.random.default_rng(seed).choice(town.people, 30, replace=False))
    daily = np.array([outbreak.step(day) for day in range(70)], dtype=float)
    total = np.cumsum(daily) / town.people
    days = (total > 0.002) & (total < 0.05)
    fitted, ledger = fit_growth(daily[days]), outbreak.ledger
    day_of = np.full(town.people, -1, np.int64)
    day_of[ledger.person] = ledger.day
    # Of those infected early, followed to the end: looking back from the infected would see the quick ones only.
    early = ledger.person[(ledger.day >= 3) & (ledger.day < np.flatnonzero(days)[0])]
    by_early = np.isin(ledger.infector, early)
    between = ledger.day[by_early] - day_of[ledger.infector[by_early]]
    told = fitted.reproduction(float(between.mean()), float(between.std()))
    return fitted.rate, told, between.mean(), by_early.sum() / len(early), total[-1]


def recovered() -> None:
    """Swab known infections daily and fit their delays; say how near estimates come to what was put in."""
    from sizao.engines.simulation import laboratory, rng
    from sizao.engines.simulation.comparing import chance
    from sizao.engines.transmission.delays import Pairs, fit_delay

    town = _city(PEOPLE, GUANGZHOU)
    outbreak = _outbreak(town, "delta", 2, 40)
    outbreak.infect(np.random.default_rng(2).choice(town.people, 2000, replace=False))
    for day in range(14):
        outbreak.step(day)
    ledger = outbreak.ledger
    person, infected = ledger.person[:2000].astype(np.int64), ledger.day[:2000].astype(np.int64)
    curve, key = outbreak.disease.pcr, rng.stream(2, "truth: swab")
    outside = []
    for day in range(1, 25):
        share, low, high = chance(laboratory.swabs(key, curve, person, day - infected, day).astype(np.int64))
        outside.append((not low <= curve[day] <= high, abs(share - curve[day])))
    print(
        f"PCR by day since infection, 2,000 people swabbed daily for 24 days: the 95 % interval misses the curve on "
        f"{sum(miss for miss, _ in outside)} days, at most {max(off for _, off in outside):.1%} off"
    )
    ill = ledger.symptomatic
    fit = fit_delay(Pairs.of_days(ledger.day[ill][:600], ledger.onset[ill][:600]))
    days = np.arange(len(outbreak.disease.incubation))
    print(
        f"incubation from days of infection and onset: {fit.mean.value:.2f} days ({fit.mean.lower:.2f}-"
        f"{fit.mean.upper:.2f}); put in {outbreak.disease.incubation @ days:.2f}"
    )

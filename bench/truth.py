"""Is the simulated city right? Fitted to some outbreaks and tested on others, and held against published rates."""

import click
import numpy as np


@click.command("truth")
@click.option("--draws", default=2000, show_default=True, help="Runs of each outbreak that is fitted.")
@click.option("--wanted", default=40, show_default=True, help="Runs of each outbreak that fit what was known early.")
@click.option("--only-rates", is_flag=True, help="Leave out the outbreaks, which take some minutes.")
def command(draws: int, wanted: int, only_rates: bool) -> None:  # noqa: FBT001
    """Print what is simulated beside what was published; which outbreaks are fitted stands in truth_outbreaks.toml."""
    from bench import truth_rates

    _mixing()
    truth_rates.households()
    truth_rates.recovered()
    truth_rates.exit_wave()
    if not only_rates:
        _outbreaks(draws, wanted)


def _mixing() -> None:
    """Say how unevenly two people of a small zone take their pairs of positions, with the noise of counting beside."""
    from sizao.engines.simulation import permuting, rng

    draws = 400_000
    keys = rng.words(rng.stream(1, "truth: mixing"), 1, rng.moment(np.arange(draws)))
    for n in (5, 16, 45, 100):
        at = [permuting.positions(keys, n, person) for person in (0, 1, n // 2)]
        apart = ~np.eye(n, dtype=bool)
        expected = draws / (n * (n - 1))
        squares = [
            (np.bincount(at[0] * n + other, minlength=n * n).reshape(n, n)[apart] / expected - 1) ** 2
            for other in at[1:]
        ]
        off = np.sqrt(np.mean(squares))
        print(f"zone of {n}: pairs of positions {off:.1%} off, of which by chance {expected**-0.5:.1%}")


def _outbreaks(draws: int, wanted: int) -> None:
    from bench import truth_fit as fit
    from bench import truth_outbreaks as outbreaks

    told = outbreaks.facts()
    weight = fit.weights([one for one in told if one.use == "fit"], draws)
    for name, middle in fit.middles(weight).items():
        print(f"   {name}: median {middle:.2f} of {outbreaks.BOUNDS[name]}")
    for one in told:
        found = fit.predicted(outbreaks.Stage(one), weight, wanted=wanted, most=100 * wanted)
        _tell(one.name, one.use, [run for _, run in found], one.size, one.days)


def _tell(name: str, use: str, runs: list, size: int, days: int) -> None:
    if len(runs) < 10:
        print(f"{name} ({use}): only {len(runs)} runs were like what was known early; nothing can be said", flush=True)
        return
    for what, published in (("size", size), ("days", days)):
        values = [getattr(run, what) for run in runs]
        low, middle, high = np.quantile(values, [0.1, 0.5, 0.9], method="inverted_cdf")
        verdict = "covered" if low <= published <= high else "NOT covered"
        print(f"{name} ({use}), {what}: published {published}, {middle:,.0f} ({low:,.0f}-{high:,.0f}), {verdict}")
    ended = [run for run in runs if run.villages]
    villages, homes = (np.median([getattr(run, what) for run in ended], axis=0) for what in ("villages", "households"))
    contacts, attacked = (float(np.median([getattr(run, what) for run in ended])) for what in ("contacts", "attacked"))
    print(
        f"   {len(runs)} runs, {len(runs) - len(ended)} of them stopped; the three communities hit most "
        f"{villages[0]:.1%}, {villages[1]:.1%}, {villages[2]:.1%}; {homes[0]:.0%} of clusters in households "
        f"({homes[1]:.0%} where others count from three cases); {contacts:.0f} contacts a case, {attacked:.1%} of them "
        "infected",
        flush=True,
    )

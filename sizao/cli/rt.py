"""`sizao rt`: new cases a day in, reproduction numbers out. Needs no database."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from sizao.adapters.tables import Table, read_table, write_table
from sizao.cli import pictures
from sizao.engines.transmission.incidence import Incidence, SeriesTooShort, Windows
from sizao.engines.transmission.reproduction import (
    Prior,
    Reproduction,
    estimate_reproduction,
    estimate_reproduction_gamma,
    estimate_reproduction_uncertain,
)
from sizao.engines.transmission.serial_interval import (
    NotASerialInterval,
    UncertainSerialInterval,
    check_moments,
    checked,
    discretised_gamma,
)
from sizao.engines.transmission.wallinga_teunis import cohort_reproduction
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("q025", "q05", "q25", "median", "q75", "q95", "q975")
MOST_CHARTS = 6
LONGEST_DAY = 12  # characters of a number of days; arrays hold no more than 19
LEAST_HEIGHT, MOST_HEIGHT = 2.0, 6.0  # of the axis of R

Series = dict[str, tuple[int, Incidence]]  # by dataset: its first t, and its cases
Estimator = Callable[[Incidence], Reproduction]


class NoInterval(SizaoError):
    code = "rt.no_interval"
    message = "{reason} Give either --serial-interval, or --si-mean with --si-sd."


class SeriesTooShortHere(SizaoError):
    code = "rt.series_too_short"
    message = "{path}: dataset {dataset}: {reason}"


@click.command("rt")
@click.argument("incidence", type=click.Path(path_type=Path))
@click.option("--serial-interval", "si_file", type=click.Path(path_type=Path), help="CSV with k,probability, k from 0.")
@click.option("--si-mean", type=float, help="Mean of a gamma serial interval, in days.")
@click.option("--si-sd", type=float, help="Standard deviation of the serial interval, in days.")
@click.option("--si-mean-sd", type=float, help="How uncertain the mean is; with --si-sd-sd, both are drawn.")
@click.option("--si-mean-range", type=(float, float), help="Least and largest mean drawn; else 3 sd either way.")
@click.option("--si-sd-sd", type=float, help="How uncertain the standard deviation is.")
@click.option("--si-sd-range", type=(float, float), help="Least and largest sd drawn; else 3 sd either way.")
@click.option("--draws", type=(click.IntRange(1), click.IntRange(2)), default=(500, 50), show_default=True,
              help="Serial intervals drawn, and draws of R for each.")  # fmt: skip
@click.option("--window", default=7, show_default=True, help="Days of a window; one begins on each day.")
@click.option("--prior-mean", default=5.0, show_default=True, help="Mean of R before anything is seen.")
@click.option("--prior-sd", default=5.0, show_default=True, help="Standard deviation of R before anything is seen.")
@click.option("--method", type=click.Choice(["cori", "wallinga-teunis"]), default="cori", show_default=True,
              help="R under the conditions of a day, or of those who fell ill on it.")  # fmt: skip
@click.option("--simulations", type=click.IntRange(2), default=100, show_default=True,
              help="Trees drawn for the intervals of wallinga-teunis.")  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="Seed of all that is drawn.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw a picture (.png, .svg, .pdf).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the result goes (CSV); else the standard output.")
def command(incidence: Path, plot: Path | None, out: Path | None, **options: Any) -> None:
    """
    Estimate reproduction numbers as R's EpiEstim does.

    INCIDENCE is a CSV file with dataset,t,incidence or dataset,t,local,imported: whole days t without gaps,
    the rows of a dataset in any order. Cases of the first day count as imported. The result has a row for
    each window; its numbers are empty where the window ends before the mean serial interval has passed.
    """
    pictures.check(plot)
    series = load_incidence(incidence)
    estimate = _estimator(options)
    results = _by_length(incidence, series, options["window"], estimate)
    write_table(out, _columns(series, results))
    if plot:
        _draw(series, results, plot)


def load_incidence(path: Path) -> Series:
    """Read new cases by dataset; TableUnreadable names the line of a gap, a doubled day or what is no count."""
    table = read_table(path, needs=("dataset", "t"), may_have=("incidence", "local", "imported"))
    local, imported = _counts(table)
    t = np.array(table.read("t", _day, what="a whole number of days"), dtype=np.int64)
    rows_of: dict[str, list[int]] = {}
    for row, name in enumerate(table.columns["dataset"]):
        rows_of.setdefault(name, []).append(row)
    series = {}
    for name, rows in rows_of.items():
        ordered = np.array(rows)[np.argsort(t[rows], kind="stable")]
        _check_days(table, name, ordered, t)
        series[name] = (int(t[ordered[0]]), Incidence(local=local[ordered], imported=imported[ordered]))
    return series


def load_interval(path: Path) -> np.ndarray:
    """Read a distribution of the serial interval: k from 0 or 1 without gaps, and its chances."""
    names = _header(path)
    k_name = next((name for name in ("k", "day", "days", "t", "lag") if name in names), "k")
    p_name = next((name for name in ("probability", "p", "prob", "si_distr", "w") if name in names), "probability")
    table = read_table(path, needs=(k_name, p_name))
    k = table.read(k_name, int, what="a whole number of days")
    chances = table.numbers(p_name)
    for row, (value, expected) in enumerate(zip(k, range(1 if k[0] == 1 else 0, len(k) + 1), strict=False)):
        if value != expected:
            raise table.refuse(row, f"{k_name} is {value}; {expected} comes next, since days go from 0 without gaps.")
    return checked(np.r_[0.0, chances] if k[0] == 1 else chances)


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return [name.strip() for name in next(csv.reader(lines), [])]
    except (OSError, UnicodeDecodeError, csv.Error):
        return []  # read_table says what is wrong with it


def _counts(table: Table) -> tuple[np.ndarray, np.ndarray]:
    if "local" in table and "imported" in table:
        return table.counts("local"), table.counts("imported")
    if "incidence" not in table:
        raise table.refuse(0, "the column incidence is missing, and there are not both local and imported.")
    counts = table.counts("incidence")
    return counts, np.zeros_like(counts)


def _day(text: str) -> int:
    if len(text) > LONGEST_DAY:
        raise ValueError(text)
    return int(text)


def _check_days(table: Table, name: str, ordered: np.ndarray, t: np.ndarray) -> None:
    for row, before in zip(ordered[1:], ordered[:-1], strict=True):
        if t[row] == t[before]:
            raise table.refuse(row, f"dataset {name} has t = {t[row]} twice.")
        if t[row] != t[before] + 1:
            reason = f"dataset {name} goes from t = {t[before]} to {t[row]}; a day without cases needs its 0."
            raise table.refuse(row, reason)


def _estimator(options: dict[str, Any]) -> Estimator:
    """Choose by what is known of the serial interval, and refuse before anything is worked out."""
    rng, width = np.random.default_rng(options["seed"]), options["window"]
    if options["method"] == "wallinga-teunis":
        weights = _weights(options)
        return lambda cases: cohort_reproduction(
            cases,
            weights(cases.days),
            rng=rng,
            windows=Windows.sliding(cases.days, width),
            n_simulations=options["simulations"],
        )
    prior = Prior(options["prior_mean"], options["prior_sd"])
    if options["si_mean_sd"] is not None or options["si_sd_sd"] is not None:
        interval, (n_intervals, n_draws) = _uncertain(options), options["draws"]
        return lambda cases: estimate_reproduction_uncertain(
            cases,
            interval,
            rng=rng,
            n_intervals=n_intervals,
            n_draws=n_draws,
            windows=Windows.sliding(cases.days, width),
            prior=prior,
        )
    if options["si_file"] is None:
        mean, sd = _moments(options)
        return lambda cases: estimate_reproduction_gamma(
            cases, mean, sd, windows=Windows.sliding(cases.days, width), prior=prior
        )
    distribution = _weights(options)(0)
    return lambda cases: estimate_reproduction(
        cases, distribution, windows=Windows.sliding(cases.days, width), prior=prior
    )


def _weights(options: dict[str, Any]) -> Callable[[int], np.ndarray]:
    """Give the distribution for a series of so many days."""
    if options["si_file"] is None:
        mean, sd = _moments(options)
        whole = discretised_gamma(mean, sd, int(mean + 40 * sd) + 3)
        return lambda _: whole
    if options["si_mean"] is not None or options["si_sd"] is not None:
        raise NoInterval(reason="The serial interval is given twice.")
    distribution = load_interval(options["si_file"])
    return lambda _: distribution


def _moments(options: dict[str, Any]) -> tuple[float, float]:
    if options["si_mean"] is None or options["si_sd"] is None:
        raise NoInterval(reason="The serial interval is missing.")
    check_moments(options["si_mean"], options["si_sd"])
    return options["si_mean"], options["si_sd"]


def _uncertain(options: dict[str, Any]) -> UncertainSerialInterval:
    mean, sd = _moments(options)
    mean_sd, sd_sd = options["si_mean_sd"], options["si_sd_sd"]
    if mean_sd is None or sd_sd is None or options["si_file"] is not None:
        raise NotASerialInterval(reason="--si-mean-sd and --si-sd-sd go together, with --si-mean and --si-sd.")
    mean_range = options["si_mean_range"] or (max(1.0, mean - 3 * mean_sd), mean + 3 * mean_sd)
    sd_range = options["si_sd_range"] or (max(0.05, sd - 3 * sd_sd), sd + 3 * sd_sd)
    return UncertainSerialInterval(mean, mean_sd, *mean_range, sd, sd_sd, *sd_range)


def _by_length(path: Path, series: Series, width: int, estimate: Estimator) -> dict[str, Reproduction]:
    """Estimate all datasets of one length in one call."""
    names_of: dict[int, list[str]] = {}
    for name, (_, cases) in series.items():
        names_of.setdefault(cases.days, []).append(name)
        try:
            Windows.sliding(cases.days, width)
        except SeriesTooShort as fault:
            raise SeriesTooShortHere(path=path, dataset=name, reason=fault) from fault
    results = {}
    for names in names_of.values():
        together = Incidence(
            local=np.concatenate([series[name][1].local for name in names]),
            imported=np.concatenate([series[name][1].imported for name in names]),
        )
        estimated = estimate(together)
        results.update({name: estimated.of(number) for number, name in enumerate(names)})
    return results


def _columns(series: Series, results: dict[str, Reproduction]) -> dict[str, Any]:
    ordered = [(name, first, results[name]) for name, (first, _) in series.items()]
    columns: dict[str, Any] = {
        "dataset": [name for name, _, found in ordered for _ in found.windows.first],
        "t_start": np.concatenate([first + found.windows.first for _, first, found in ordered]),
        "t_end": np.concatenate([first + found.windows.last for _, first, found in ordered]),
        "mean": np.concatenate([found.mean[0] for *_, found in ordered]),
        "std": np.concatenate([found.sd[0] for *_, found in ordered]),
    }
    for number, column in enumerate(COLUMNS):
        columns[column] = np.concatenate([found.quantiles[0, :, number] for *_, found in ordered])
    return columns


def _draw(series: Series, results: dict[str, Reproduction], path: Path) -> None:
    shown = list(series)[:MOST_CHARTS]
    figure = pictures.blank(rows=len(shown))
    for axes, name in zip(figure.subplots(len(shown), 1, squeeze=False)[:, 0], shown, strict=True):
        _chart(axes, name, series[name], results[name])
    if len(series) > len(shown):
        click.echo(f"The first {len(shown)} of {len(series)} datasets are drawn.", err=True)
    pictures.save(figure, path)


def _chart(axes: "Axes", name: str, of_dataset: tuple[int, Incidence], found: Reproduction) -> None:
    first, cases = of_dataset
    t = first + np.arange(cases.days)
    bars = axes.twinx()
    bars.bar(t, cases.total[0], width=1.0, color="0.88")
    bars.set_ylabel("new cases a day", color="0.45")
    axes.set_zorder(bars.get_zorder() + 1)
    axes.patch.set_visible(False)
    t_end = first + found.windows.last
    axes.fill_between(t_end, found.quantile(0.025)[0], found.quantile(0.975)[0], alpha=0.25, color="tab:blue", lw=0)
    axes.plot(t_end, found.quantile(0.5)[0], color="tab:blue", label="R, median and 95 % interval")
    axes.axhline(1.0, color="0.2", lw=0.8, ls="--")
    axes.set(title=name, xlabel="last day of the window, t", ylabel="reproduction number R")
    highest = np.nanmax(found.quantile(0.5)[0], initial=LEAST_HEIGHT)
    axes.set_ylim(0, min(1.1 * float(highest), MOST_HEIGHT))
    if highest > MOST_HEIGHT:  # a first window of hardly any cases would flatten all others
        axes.set_ylabel(f"reproduction number R (up to {highest:.0f})")
    axes.legend(loc="upper right", frameon=False)

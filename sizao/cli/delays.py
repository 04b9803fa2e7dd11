"""`sizao delays`: pairs of days in, the distribution of the delay between them out. Needs no database."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from sizao.adapters.tables import read_table, write_table
from sizao.cli import pictures
from sizao.engines.transmission.delays import DelayFamily, DelayFit, Pairs, fit_delay

PARAMETERS = ("meanlog", "sdlog", "shape", "scale")
SHARES = (0.05, 0.25, 0.75, 0.9, 0.95, 0.99)
LONGEST_SHOWN = 60


@click.command("delays")
@click.argument("pairs", type=click.Path(path_type=Path))
@click.option("--from", "first", required=True, help="Column with the day on which the delay begins, such as onset.")
@click.option("--to", "second", required=True, help="Column with the day on which it ends, such as report.")
@click.option("--now", "moment", type=click.DateTime(["%Y-%m-%d"]),
              help="The day of looking: allows for delays that had not ended by then. Else all have.")  # fmt: skip
@click.option("--family", "families", type=click.Choice([one.value for one in DelayFamily]), multiple=True,
              help="Fit this family; may be repeated. Else all three, the best first.")  # fmt: skip
@click.option("--growth", default=0.0, show_default=True, help="Daily growth rate of the days on which it begins.")
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True,
              help="Confidence of the intervals.")  # fmt: skip
@click.option("--plot", type=click.Path(path_type=Path), help="Draw a picture (.png, .svg, .pdf).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the result goes (CSV); else the standard output.")
def command(pairs: Path, plot: Path | None, out: Path | None, **options: Any) -> None:
    """
    Fit the distribution of a delay, in days, from pairs of days.

    PAIRS is a CSV file with a row for each delay. Each day is an interval of 24 hours, and what had not
    ended by --now is allowed for. The result has a row for each family, smallest AIC first: its parameters,
    and mean, standard deviation and quantiles with intervals (NAME_lower, NAME_upper), empty where the data
    do not bound them.
    """
    pictures.check(plot)
    first, second = load_pairs(pairs, options)
    now = options["moment"].toordinal() + 1.0 if options["moment"] else None
    families = options["families"] or tuple(DelayFamily)
    best = fit_delay(
        Pairs.of_days(first, second),
        families=[DelayFamily(family) for family in families],
        now=now,
        growth=options["growth"],
        level=options["level"],
    )
    write_table(out, _columns([best, *best.others]))
    if plot:
        _draw(second - first, best, options, plot)


def load_pairs(path: Path, options: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Read both days of each pair as ordinals; tell how many rows were left out, refuse one that runs backwards."""
    table = read_table(path, needs=(options["first"], options["second"]))
    begins, ends = (table.days(options[name], may_be_empty=True) for name in ("first", "second"))
    moment: datetime | None = options["moment"]
    kept, open_rows, later = [], 0, 0
    for row, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        if begin is None or end is None:
            open_rows += 1
        elif end < begin:
            raise table.refuse(row, f"it ends on {end}, before it begins on {begin}.")
        elif moment and end > moment.date():
            later += 1
        else:
            kept.append((begin.toordinal(), end.toordinal()))
    if open_rows:
        click.echo(f"{open_rows} rows without one of the two days were left out.", err=True)
    if later:
        click.echo(f"{later} rows end after {options['moment']:%Y-%m-%d} and were left out; the fit allows for them.",
                   err=True)  # fmt: skip
    days = np.array(kept, dtype=np.int64).reshape(-1, 2)
    return days[:, 0], days[:, 1]


def _columns(fits: list[DelayFit]) -> dict[str, Any]:
    columns: dict[str, Any] = {"family": [str(fit.family) for fit in fits], "n": [fit.n for fit in fits]}
    for name in PARAMETERS:
        columns[name] = [fit.parameters.get(name) for fit in fits]
    told = {"mean": [fit.mean for fit in fits], "sd": [fit.sd for fit in fits]}
    told["median"] = [fit.median for fit in fits]
    told |= {f"q{share * 100:02.0f}": [fit.quantile(share) for fit in fits] for share in SHARES}
    for name, estimates in told.items():
        columns[name] = [estimate.value for estimate in estimates]
        columns[f"{name}_lower"] = [estimate.lower for estimate in estimates]
        columns[f"{name}_upper"] = [estimate.upper for estimate in estimates]
    columns["log_likelihood"] = [fit.log_likelihood for fit in fits]
    columns["aic"] = [fit.aic for fit in fits]
    return columns


def _draw(delays: np.ndarray, best: DelayFit, options: dict[str, Any], path: Path) -> None:
    figure = pictures.blank()
    axes = figure.subplots()
    longest = int(min(LONGEST_SHOWN, max(delays.max(), np.ceil(best.quantile(0.99).value))))
    shares = np.bincount(delays, minlength=longest + 1)[: longest + 1] / len(delays)
    axes.bar(np.arange(longest + 1), shares, color="#9db4c8", label=f"seen ({len(delays)})")
    for fit in (best, *best.others):
        mean = fit.mean
        label = f"{fit.family}: mean {mean.value:.1f} days ({mean.lower:.1f} to {mean.upper:.1f}), AIC {fit.aic:.1f}"
        axes.plot(np.arange(longest + 1), fit.chances(longest), marker="o", ms=3, lw=1.5, label=label)
    axes.set_xlabel(f"days from {options['first']} to {options['second']}")
    axes.set_ylabel("share")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    pictures.save(figure, path)

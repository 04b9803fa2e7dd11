"""`sizao nowcast`: a line list in, how many there really are out. Needs no database."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from sizao.adapters.tables import Table, read_table, write_table
from sizao.cli import pictures
from sizao.engines.transmission.nowcasting import (
    Nowcast,
    NowcastMethod,
    NowcastRules,
    WindowShape,
    nowcast,
    reporting_triangle,
)

METHODS, SHAPES = [method.value for method in NowcastMethod], [shape.value for shape in WindowShape]
STEPS = {"day": 1, "week": 7}
SUNDAY = 6


@click.command("nowcast")
@click.argument("lines", type=click.Path(path_type=Path))
@click.option("--event", required=True, help="Column with the day on which it happened, such as onset.")
@click.option("--report", required=True, help="Column with the day on which it was reported.")
@click.option("--count", help="Column with how many a row stands for; else each row is one.")
@click.option("--now", "moment", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day of looking.")
@click.option("--max-delay", type=click.IntRange(0), required=True,
              help="Longest delay D, in steps; whatever took longer counts as D.")  # fmt: skip
@click.option("--method", type=click.Choice(METHODS), default="bayes.trunc", show_default=True,
              help="As named by R's surveillance; bayes.trunc.ddcp needs JAGS and is not offered.")  # fmt: skip
@click.option("--step", type=click.Choice(list(STEPS)), default="day", show_default=True,
              help="Count by day, or by week from Monday.")  # fmt: skip
@click.option("--window", type=click.IntRange(1), help="Steps before now that tell the delay (m); else all.")
@click.option("--window-shape", type=click.Choice(SHAPES),
              default=SHAPES[0], show_default=True, help="What a window cuts off (m.interpretation).")  # fmt: skip
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True,
              help="Chance of the interval.")  # fmt: skip
@click.option("--largest", type=click.IntRange(1), help="End of the support (N.tInf.max, 300 in R); else long enough.")
@click.option("--prior-mean", type=click.FloatRange(0, min_open=True), help="Mean of the prior of a count.")
@click.option("--prior-variance", type=click.FloatRange(0, min_open=True), help="Variance of the prior of a count.")
@click.option("--kappa", type=click.FloatRange(0, min_open=True), default=0.1, show_default=True,
              help="Weight of each delay in its prior.")  # fmt: skip
@click.option("--samples", type=click.IntRange(1), default=2000, show_default=True, help="Delay distributions drawn.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of all that is drawn.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw a picture (.png, .svg, .pdf).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the result goes (CSV); else the standard output.")
def command(lines: Path, plot: Path | None, out: Path | None, **options: Any) -> None:
    """
    Say how many there will be once all reports are in, as R's surveillance does.

    LINES is a CSV file with a row for each case. The result has date,observed,expected,median,lower,upper
    for each day (or Monday of a week) from the first event to now: expected is the mean. An empty cell says
    that the method cannot tell. What was reported after now is not known yet and left out.
    """
    pictures.check(plot)
    event, report = _days(read_lines(lines, options), options)
    step = STEPS[options["step"]]
    now = _step_of(options["moment"].date(), step)
    triangle = reporting_triangle(event, report, now=now, max_delay=options["max_delay"])
    names = ("window", "window_shape", "level", "largest", "prior_mean", "prior_variance", "kappa", "samples")
    options["window_shape"] = WindowShape(options["window_shape"])
    rules = NowcastRules(**{name: options[name] for name in names})
    rng = np.random.default_rng(options["seed"])
    told = nowcast(triangle, method=NowcastMethod(options["method"]), rules=rules, rng=rng)
    if told.late:
        _say(told.late, f"took longer than {options['max_delay']} {options['step']}s and were counted as that")
    dates = [date.fromordinal((told.first + row) * step + 1) for row in range(len(told.observed))]
    write_table(out, _columns(dates, told))
    if plot:
        _draw(dates, told, options, plot)


def read_lines(path: Path, options: dict[str, Any]) -> Table:
    """Read the columns that were named; TableUnreadable for one that is not there."""
    needs = [options[name] for name in ("event", "report", "count") if options[name]]
    return read_table(path, needs=list(dict.fromkeys(needs)))


def _days(table: Table, options: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Give steps of event and report, one entry a case; refuse a report before its event, tell what is left out."""
    events, reports = (table.days(options[name], may_be_empty=True) for name in ("event", "report"))
    counts = table.counts(options["count"]).astype(np.int64) if options["count"] else np.ones(len(table), np.int64)
    now, step, kept = options["moment"].date(), STEPS[options["step"]], []
    for row, (event, report) in enumerate(zip(events, reports, strict=True)):
        if event and report and report < event:
            raise table.refuse(row, f"it was reported on {report}, before it happened on {event}.")
        kept.append(event is not None and report is not None and report <= now)
    _tell_left_out(events, reports, counts, now)
    if step > 1 and now.weekday() != SUNDAY and any(day and day.weekday() for day in [*events, *reports]):
        click.echo(f"The week of {now} is not over: its reports are not complete. Give a Sunday.", err=True)
    pairs = [
        (_step_of(event, step), _step_of(report, step), count)
        for event, report, count, use in zip(events, reports, counts, kept, strict=True)
        if use and event and report
    ]
    rows = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    return np.repeat(rows[:, 0], rows[:, 2]), np.repeat(rows[:, 1], rows[:, 2])


def _tell_left_out(events: list[date | None], reports: list[date | None], counts: np.ndarray, now: date) -> None:
    empty = np.array([event is None or report is None for event, report in zip(events, reports, strict=True)])
    later = np.array([report is not None and report > now for report in reports]) & ~empty
    _say(int(counts[empty].sum()), "have no day of event or of report and were left out")
    _say(int(counts[later].sum()), f"were reported after {now}, were not known then and were left out")


def _say(n: int, what: str) -> None:
    if n:
        click.echo(f"{n} cases {what}.", err=True)


def _step_of(day: date | datetime, step: int) -> int:
    """Number days, or weeks from Monday; the day with ordinal 1 was a Monday."""
    return (day.toordinal() - 1) // step


def _columns(dates: list[date], told: Nowcast) -> dict[str, Any]:
    return {
        "date": [day.isoformat() for day in dates],
        "observed": told.observed.astype(np.int64),
        "expected": told.mean,
        "median": _whole(told.median),
        "lower": _whole(told.lower),
        "upper": _whole(told.upper),
    }


def _whole(numbers: np.ndarray) -> list[int | None]:
    return [None if np.isnan(number) else int(number) for number in numbers]


def _draw(dates: list[date], told: Nowcast, options: dict[str, Any], path: Path) -> None:
    figure = pictures.blank()
    axes = figure.subplots()
    width = 0.85 * STEPS[options["step"]]
    axes.bar(dates, told.observed, width=width, color="#9db4c8", label=f"reported by {options['moment']:%Y-%m-%d}")
    axes.fill_between(dates, told.lower, told.upper, color="#d08770", alpha=0.35, lw=0,
                      label=f"{options['level']:.0%} interval")  # fmt: skip
    axes.plot(dates, told.median, color="#b3502f", lw=1.5, label="expected once all reports are in (median)")
    axes.set_ylabel(f"cases a {options['step']}, by {options['event']}")
    axes.set_title(f"Nowcast, {options['method']}", loc="left")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    pictures.save(figure, path)

"""`sizao detect`: counts of many series in, verdicts of one detector out. Needs no database."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np

from sizao.adapters.series_table import Block, SeriesFile, read_series
from sizao.adapters.tables import write_table
from sizao.cli import pictures
from sizao.engines.detection import methods
from sizao.engines.detection.verdicts import Verdicts
from sizao.errors import SizaoError

AT_ONCE = 64  # series judged in one call, between two steps of the progress bar
PATIENCE_SECONDS = 2.0  # a shorter wait shows no progress bar
DRAWN = 8  # series in one picture


class SettingMalformed(SizaoError):
    """A `--set` that is not KEY=VALUE, or a key that is given twice."""

    code = "detect.setting_malformed"
    message = "--set {given} cannot be used: {reason} Write --set KEY=VALUE once for each key."


class Detect(click.Command):
    """A command whose help tells the settings of the method that is named beside it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["method"] = _named(args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        name = ctx.meta.get("method")
        if name is None:
            with formatter.section("Methods (add --help to --method NAME for its settings)"):
                formatter.write_dl([(name, method.title) for name, method in methods.METHODS.items()])
            return
        method = methods.find(name)
        with formatter.section(f"Method {name}"):
            formatter.write_text(f"{method.title} {method.columns}")
        with formatter.section(f"Settings of {name} (--set KEY=VALUE)"):
            formatter.write_dl(
                [
                    (key, f"{row.meaning} Value: {row.kind.wanted}. [default: {row.default}]")
                    for key, row in method.keys.items()
                ]
            )


def _named(args: Sequence[str]) -> str | None:
    """Find the method among the arguments, wherever --help stands."""
    for position, argument in enumerate(args):
        if argument.startswith("--method="):
            return argument.removeprefix("--method=")
        if argument == "--method" and position + 1 < len(args):
            return args[position + 1]
    return None


@click.command("detect", cls=Detect)
@click.argument("series", type=click.Path(path_type=Path))
@click.option("--method", "name", required=True, help="The detector; see below.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="A setting of the method; may be repeated.")
@click.option("--period", type=click.IntRange(1), default=52, show_default=True, help="Times in a year without dates.")
@click.option("--plot", type=click.Path(path_type=Path), help="A picture of counts, bounds and alarms (PNG, SVG, PDF).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the verdicts go (CSV).")
def command(series: Path, name: str, given: tuple[str, ...], period: int, plot: Path | None, out: Path | None) -> None:
    """
    Say for each time of each series whether it holds more than expected.

    SERIES is a CSV file with series, index, date, count and, where known, population; any number of series in any
    order of rows. The index counts times in equal steps. The date, the first day of the time, is given for all times
    of a series or for none: then seasons go by --period. A missing index and an empty count are gaps: what needs
    them is not judged. The result has a row for each row read, in the same order, with series, index, count,
    expected, upperbound, statistic, alarm and trend; cells are empty where the method did not judge.
    """
    pictures.check(plot)
    methods.find(name)
    settings = _settings(given)
    read = read_series(series)
    verdicts = list(_judged(read, name, settings, period))
    write_table(out, _rows(read, verdicts))
    click.echo(_summary(read, verdicts), err=True)
    if plot:
        _draw(read, verdicts, name, plot)


def _settings(given: Sequence[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise SettingMalformed(given=text, reason="it is not KEY=VALUE.")
        if key.strip() in settings:
            raise SettingMalformed(given=text, reason="its key is given twice.")
        settings[key.strip()] = value
    return settings


def _judged(read: SeriesFile, name: str, settings: dict[str, str], period: int) -> Iterator[Verdicts]:
    """Judge block after block; a bar appears when there is something to wait for."""
    began, bar, done = time.perf_counter(), None, 0
    for block in read.blocks(AT_ONCE):
        yield methods.run(
            name, counts=block.counts, dates=block.dates, population=block.population, period=period, settings=settings
        )
        done += len(block.counts)
        if bar is None and done < len(read) and time.perf_counter() - began > PATIENCE_SECONDS:
            bar = click.progressbar(length=len(read), label="Judging series", file=sys.stderr)
            bar.update(done)
        elif bar is not None:
            bar.update(len(block.counts))
    if bar is not None:
        bar.render_finish()


def _rows(read: SeriesFile, verdicts: Sequence[Verdicts]) -> dict[str, object]:
    """Give the columns of the result in the order of the rows that were read."""
    of_row = {
        name: read.by_row([getattr(told, name) for told in verdicts], AT_ONCE)
        for name in ("expected", "upperbound", "statistic", "alarm", "trend", "judged")
    }
    flags = {
        name: [int(said) if judged else None for said, judged in zip(of_row[name], of_row["judged"], strict=True)]
        for name in ("alarm", "trend")
    }
    counts = [None if np.isnan(count) else int(count) for count in read.counts]
    numbers = {name: of_row[name] for name in ("expected", "upperbound", "statistic")}
    return {"series": read.names, "index": read.index, "count": counts, **numbers, **flags}


def _summary(read: SeriesFile, verdicts: Sequence[Verdicts]) -> str:
    judged = sum(int(told.judged.sum()) for told in verdicts)
    alarms = sum(int(told.alarm.sum()) for told in verdicts)
    silent = sum(int((~told.judged.any(axis=1)).sum()) for told in verdicts)
    said = f"{len(read)} series, {len(read.names)} times: {judged} judged, {alarms} alarms."
    return said + (f" {silent} series have too few counts before any time to be judged." if silent else "")


def _draw(read: SeriesFile, verdicts: Sequence[Verdicts], name: str, path: Path) -> None:
    """Draw the series with the most alarms, one chart each."""
    rows = [
        (int(told.alarm[row].sum()), block, told, row)
        for block, told in zip(read.blocks(AT_ONCE), verdicts, strict=True)
        for row in range(len(block.names))
    ]
    rows.sort(key=lambda row: -row[0])
    figure = pictures.blank(rows=min(len(rows), DRAWN))
    for place, (_, block, told, row) in enumerate(rows[:DRAWN], start=1):
        axes = figure.add_subplot(min(len(rows), DRAWN), 1, place)
        _chart(axes, block, told, row)
        axes.set_title(f"{block.names[row]} · {name}", loc="left", fontsize=9)
    figure.axes[0].legend(loc="upper left", fontsize=7, frameon=False)
    pictures.save(figure, path)
    if len(rows) > DRAWN:
        click.echo(f"{path} shows the {DRAWN} series with the most alarms of {len(rows)}.", err=True)


def _chart(axes: object, block: Block, told: Verdicts, row: int) -> None:
    when = block.index if block.dates is None else block.dates
    alarm = told.alarm[row]
    axes.plot(when, block.counts[row], color="0.35", lw=0.9, marker=".", ms=2.5, label="count")
    axes.plot(when, told.expected[row], color="tab:blue", lw=1, label="expected")
    if not np.array_equal(told.upperbound[row], told.statistic[row], equal_nan=True):
        # Where the bound is the statistic itself it is not a number of cases and has no place on this axis.
        axes.plot(when, told.upperbound[row], color="tab:orange", lw=1, ls="--", label="upper bound")
    axes.plot(when[alarm], block.counts[row][alarm], "v", color="tab:red", ms=5, label="alarm")
    axes.set_ylim(bottom=0, top=1.15 * max(1.0, float(np.nanmax(np.append(block.counts[row], 0)))))

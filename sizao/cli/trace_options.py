"""The options of `sizao trace` that say how near, how weighed, and by which rules of vehicles and cells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sizao.cli.amounts import CLOCK_MINUTES, HOURS, ZONE_HOURS

PATH = click.Path(path_type=Path)
Command = Callable[..., Any]


def near_and_ranked(command: Command) -> Command:
    """Add the options of layers, tiers and ranking."""
    return _with(
        command,
        click.option("--neighbours", is_flag=True, help="Companions: also at neighbour cells (H3, or 800m:ROW:COL)."),
        click.option("--neighbours-of", type=PATH, help="CSV with place, neighbour: these lie beside each other."),
        click.option("--by-layer", is_flag=True, help="Companions: once for each of venue, vehicle and cell."),
        click.option("--places", type=PATH, help="CSV or Parquet with place and any of layer (venue, vehicle, cell), "
                     "ventilation (outdoor, ventilated, closed) and vehicle_kind."),
        click.option("--imputed", is_flag=True, help="Tell apart the minutes that rest on a missing end."),
        click.option("--pad-minutes", type=CLOCK_MINUTES, default=0.0,
                     help="Clocks may differ by so much: widen the case's presences, "
                     "and tell apart the minutes that rest on it."),
        click.option("--utc-offset", type=ZONE_HOURS, default=8.0, show_default=True,
                     help="Hours: where a day begins."),
        click.option("--ranked", is_flag=True, help="Companions: rank by score, the highest first."),
        click.option("--weight", "weights", multiple=True, help="Ranked: NAME=NUMBER for outdoor (0.05: odds of "
                     "18.7 indoors, Nishiura 2020), ventilated (0.5), closed (1), unknown (1), neighbour (0.1) or "
                     "further_day (0.25); all but the first are choices."),
        click.option("--cuts", type=PATH, help="Ranked: where what each length of the list leaves out goes (CSV)."),
    )  # fmt: skip


def vehicles_and_dwelling(command: Command) -> Command:
    """Add the options of seats and of the space-time rule."""
    return _with(
        command,
        click.option("--seats", type=PATH, help="Ask who sat near: CSV or Parquet with person, place, carriage, row "
                     "and is_crew; needs to know the kinds of vehicles (--places)."),
        click.option("--on", "rules_on", type=click.DateTime(["%Y-%m-%d"]), help="Seats: the rules in force on this "
                     "day; else on the day the last window ends."),
        click.option("--area", default="", help="Seats: the rules in force in this area (division code)."),
        click.option("--space-time", is_flag=True, help="Ask for space-time companions; needs the next three."),
        click.option("--dwell-hours", type=HOURS, help="Space-time: hours in the cell, in all."),
        click.option("--lookback-days", type=int, help="Space-time: within so many days before the window ends."),
        click.option("--dwell-of", type=click.Choice(["contact", "case", "either"]), help="Space-time: whose hours; "
                     "with either, a case at home lets everybody in its cell pass."),
    )  # fmt: skip


def _with(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command

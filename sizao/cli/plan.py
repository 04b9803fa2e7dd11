"""`sizao plan`: a round of testing from plain files. Needs no database."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sizao.cli import pictures, plan_rooms, plan_transfers
from sizao.cli.amounts import Amount
from sizao.cli.plan_inputs import Places, read_earlier, read_places, rules_of, tell_unconfirmed
from sizao.cli.plan_outputs import check_out, draw, sentences, short_at_once, write

PATH = click.Path(path_type=Path)
ABOVE_NOTHING = Amount(0, 1e9, min_open=True)
FROM_NOTHING = Amount(0, 1e9)
CLOCK = click.IntRange(0, 24)


@click.group("plan")
def command() -> None:
    """Plan rounds of testing, rooms and transfers."""


command.add_command(plan_rooms.command)
command.add_command(plan_transfers.command)


@command.command("round")
@click.option("--villages", required=True, type=PATH, help="CSV with code, population, longitude, latitude.")
@click.option("--sites", required=True, type=PATH, help="CSV with code, tables (room for), longitude, latitude.")
@click.option(
    "--laboratories", required=True, type=PATH,
    help="CSV with code, tubes_per_hour, longitude, latitude and, where not the edition's, result_hours.",
)  # fmt: skip
@click.option("--edition", help="The edition as it stood last, such as edition-8.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The rules of this day instead.")
@click.option("--area", default="", help="Division code, for local annexes; national rules without it.")
@click.option("--out", required=True, type=PATH, help="PLAN.csv (with others beside it) or PLAN.xlsx.")
@click.option("--plot", type=PATH, help="Draw a picture (.png, .svg, .pdf).")
@click.option("--keep", type=PATH, help="PLAN.csv of an earlier plan: move as few people as possible.")
@click.option("--pool-size", default=10, show_default=True, type=click.IntRange(1), help="Swabs in one tube.")
@click.option("--samplers", type=click.IntRange(0), help="How many there are; else as many as it takes.")
@click.option("--tubes", type=click.IntRange(0), help="How many there are; else as many as it takes.")
@click.option("--hours", "complete_hours", type=ABOVE_NOTHING, help="Hours to the last result; else the edition's.")
@click.option("--ready-hours", type=FROM_NOTHING, help="Hours to the first swab; else the edition's, or none.")
@click.option("--people-per-table-hour", default=150.0, show_default=True, type=ABOVE_NOTHING,
              help="Swabs at one table in an hour; a township's plan says 1,800 a day.")  # fmt: skip
@click.option(
    "--starts", "starts_at", default=6, show_default=True, type=click.IntRange(0, 23), help="Hour of the order."
)
@click.option("--opens", default=6, show_default=True, type=CLOCK, help="Hour of the day at which tables open.")
@click.option("--closes", default=22, show_default=True, type=CLOCK, help="Hour of the day at which tables close.")
@click.option("--walk-minutes", type=FROM_NOTHING, help="Longest walk at 4 km/h; 0 for any; else the edition's.")
@click.option(
    "--detour", default=1.3, show_default=True, type=ABOVE_NOTHING, help="Road beside straight line (assumed)."
)
@click.option("--site-staff", default=6.0, show_default=True, type=FROM_NOTHING, help="Staff of a site, tables apart.")
@click.option("--table-staff", default=2.0, show_default=True, type=FROM_NOTHING, help="Staff of a table.")
@click.option("--walking-counts", default=0.2, show_default=True, type=FROM_NOTHING,
              help="What an hour of a resident's walk counts beside an hour of staff.")  # fmt: skip
def plan_a_round(
    villages: Path, sites: Path, laboratories: Path, edition: str | None, day: datetime | None, area: str, out: Path,
    plot: Path | None, keep: Path | None, **asked: Any,
) -> None:  # fmt: skip
    """
    Plan a round: which sites open, tables, who goes where, laboratories, load by hour, and the end.

    What is short for the edition's time is told with how much is needed and how much is given, and the plan
    shows when the round ends with what is there. People without a site in reach are listed with an empty site; nobody
    is left out. The gap says how much more than the best layout this one can cost at most (hours of staff, and of
    residents' walks at --walking-counts).
    """
    pictures.check(plot)
    check_out(out)
    rules = rules_of(edition, day, area)
    files = {"villages": villages, "sites": sites, "laboratories": laboratories}
    places = read_places(files, rules, asked)
    tell_unconfirmed(places)
    for sentence in short_at_once(places):
        click.echo(sentence, err=True)
    plan = _planned(places, keep)
    write(out, places, plan)
    for sentence in sentences(places, plan):
        click.echo(sentence, err=True)
    if plot:
        draw(plot, places, plan)


def _planned(places: Places, keep: Path | None) -> Any:
    # HiGHS and compiled code take a second to load, and refusals of files should not wait for them.
    from sizao.engines.planning.replanning import plan_again
    from sizao.engines.planning.round_plan import plan_round

    if keep is None:
        return plan_round(places.question)
    return plan_again(places.question, read_earlier(keep, places))

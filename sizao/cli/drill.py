"""`sizao drill`: rehearse the whole response on a simulated city, in a database of its own."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sizao.cli import start

if TYPE_CHECKING:
    from sizao.drill.rehearsal.run import Running

SCENARIO = click.argument("scenario")


@click.group("drill")
def command() -> None:
    """
    Rehearse an outbreak: the platform answers a simulated city that it cannot see into.

    Each drill has a folder and a database of its own (var/drill-NAME, or SIZAO_VAR), apart from any real outbreak.
    SCENARIO is a shipped name (see `sizao drill list`) or a TOML file. Everybody in it is made up.
    """


@command.command("list")
def list_() -> None:
    """List the drills that come with the package."""
    from sizao.drill.rehearsal import scenario

    for slug in scenario.shipped():
        one = scenario.load(slug)
        click.echo(f"{slug:20} {one.n_days:3} days, {one.population:>10,} people   {one.name_en}")


@command.command()
@SCENARIO
@click.option("--until", type=click.IntRange(1), metavar="DAY", help="Stop after so many days; run again to go on.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the scores go (JSON).")
def run(scenario: str, until: int | None, out: Path | None) -> None:
    """
    Play a drill to its end, officers and all, and score it against the truth.

    Days that are over stay as they are: a drill that was stopped goes on where it was.
    """
    running = _begun(scenario)
    last = running.rehearsal.n_days if until is None else min(until, running.rehearsal.n_days)
    from sizao.drill.rehearsal import run as drill

    label = f"演练 {running.rehearsal.slug}"
    with click.progressbar(length=last, label=label, file=sys.stderr, show_pos=True) as shown:
        shown.update(running.next_day)
        drill.run(running, until=until, tell=lambda _day, _done: shown.update(1))
    _tell(running, out)


@command.command()
@SCENARIO
@click.option("--out", type=click.Path(path_type=Path), help="Where the scores go (JSON).")
def scores(scenario: str, out: Path | None) -> None:
    """Score a drill as far as it has gone."""
    _tell(_begun(scenario), out)


@command.command()
@SCENARIO
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Where to listen.")
@click.pass_context
def serve(ctx: click.Context, scenario: str, port: int) -> None:
    """Serve the pages of a drill, so that people can look at every day of it."""
    from sizao.cli import clock, demonstration
    from sizao.cli import run as running

    os.environ.setdefault("SIZAO_DEMO", "1")
    _begun(scenario)
    accounts = demonstration.give_accounts(folder=start.var_folder(), now=clock.now())
    click.echo(accounts.read_text(encoding="utf-8"))
    ctx.invoke(running.command, port=port, empty=True)


def _begun(name: str) -> "Running":
    from sizao.drill.rehearsal import scenario

    rehearsal = scenario.load(name)
    os.environ.setdefault("SIZAO_VAR", str(start.ROOT / "var" / f"drill-{rehearsal.slug}"))
    start.django_ready()
    from django.core.management import call_command

    from sizao.drill import scenario as registers
    from sizao.drill import variants
    from sizao.drill.rehearsal import run

    call_command("migrate", verbosity=0)
    province = rehearsal.area_code[:2]
    areas = [one for one in registers.load(AREAS_OF).areas() if one.code.startswith(province)]
    return run.begin(rehearsal, variants.read(rehearsal.variant), areas)


AREAS_OF = "hebei-2021-01"  # the shipped list of areas: all townships of China, the villages of Hebei


def _tell(running: "Running", out: Path | None) -> None:
    from sizao.adapters.tables import write_whole
    from sizao.drill.rehearsal import scores as scoring

    found = scoring.scores(running)
    for one in found:
        shown = "-" if one.value is None else f"{one.value:.0%}" if one.unit == "share" else f"{one.value:,.0f}"
        click.echo(f"{one.en:58} {shown:>10}   {one.zh}")
    for refusal, count in running.office.asking.refused.most_common(5):
        click.echo(f"Refused {count} times: {refusal}", err=True)
    if out:
        told = {
            "drill": running.rehearsal.slug,
            "days": running.next_day,
            "variant": running.rehearsal.variant,
            "scores": {one.key: one.value for one in found},
            "infections": scoring.lives_beside(running),
        }
        write_whole(out, json.dumps(told, ensure_ascii=False, indent=1).encode())

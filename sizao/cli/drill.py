"""`sizao drill`: rehearse the whole response on a simulated city, in a database of its own."""

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sizao.cli import start
from sizao.cli.advance import STARTED_BY
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from sizao.drill.rehearsal.looking import Looking
    from sizao.drill.rehearsal.run import Running
    from sizao.drill.rehearsal.scenario import Rehearsal

SCENARIO = click.argument("scenario")
LANGUAGES = {"zh": "zh-hans", "en": "en"}
AREAS_OF = "hebei-2021-01"  # the shipped list of areas: all townships of China, the villages of Hebei
TRIES_AGAIN_AFTER = 10  # seconds, when a day could not be carried


class NotAPdf(SizaoError):
    code = "drill.report_not_pdf"
    message = "{path} is no PDF by its name. Give --out a name that ends in .pdf."


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
    running = _begun(scenario, carries=True)
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
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the report goes (PDF).")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="zh", show_default=True, help="Of the report.")
def report(scenario: str, out: Path, language: str) -> None:
    """
    Write the report of a drill as far as it has gone: found when, whom it missed, its cost, what would have helped.

    For it the city lives six more lives, under other orders. The pages of `sizao drill serve` then show it too.
    """
    if out.suffix.lower() != ".pdf":
        raise NotAPdf(path=out)
    running = _begun(scenario)
    from sizao.adapters.tables import write_whole
    from sizao.drill.rehearsal import report_facts, report_file, report_pdf

    facts = report_facts.facts(running)
    write_whole(out, report_pdf.pdf(facts, LANGUAGES[language]))
    report_file.write(running.outbreak, facts)
    click.echo(f"{out} tells of {running.next_day} days.")


@command.command()
@SCENARIO
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Where to listen.")
def serve(scenario: str, port: int) -> None:
    """
    Serve the pages of a drill, and carry its days while people look and act.

    It waits in the morning of its next day until somebody lets it go on, at /drill/: pace, single days, and which
    officers are played by people. Stop it with Ctrl-C; run again to go on.
    """
    from sizao.cli import run as running

    running.check_port(port)
    os.environ.setdefault("SIZAO_DEMO", "1")
    rehearsal = _installed(scenario)
    click.echo(_accounts(rehearsal))
    carry = f"from sizao.cli import main; main({['drill', 'carry', scenario]!r})"
    running.serve(port, beside=(carry, running.ANSWERING))


@command.command(hidden=True)
@SCENARIO
def carry(scenario: str) -> None:
    """Carry the days of a drill as it is steered, until the process that started this one is gone."""
    parent = int(os.environ.get(STARTED_BY, os.getppid()))
    _installed(scenario)
    while os.getppid() == parent:
        try:
            _drive(scenario, parent)
        except SizaoError:
            raise
        except Exception:
            # Whatever it was: the day it broke is undone, and the city is lived through again up to it.
            logging.getLogger("sizao.drill").exception("A day could not be carried; it is tried again.")
            _let_go()
            time.sleep(TRIES_AGAIN_AFTER)


def _drive(scenario: str, parent: int) -> None:
    from sizao.cli import clock
    from sizao.drill.rehearsal import driving, report_facts

    running = _begun(scenario, carries=True)
    drive = driving.Driving(running, facts=report_facts.facts, seconds=clock.seconds)
    while os.getppid() == parent:
        time.sleep(drive.turn(clock.now()))


def _let_go() -> None:
    """Close the connection, and with it the lock of who carries the days."""
    from django.db import connection

    connection.close()
    if pool := getattr(connection, "close_pool", None):
        pool()


def _installed(name: str) -> "Rehearsal":
    """Start Django on the folder of a drill, with its tables and its outbreak; the city is not built for it."""
    from sizao.drill.rehearsal import scenario

    rehearsal = scenario.load(name)
    os.environ.setdefault("SIZAO_VAR", str(start.ROOT / "var" / f"drill-{rehearsal.slug}"))
    start.django_ready()
    from django.core.management import call_command

    from sizao.drill.rehearsal import run, sketch

    call_command("migrate", verbosity=0)
    areas = _areas(rehearsal)
    run.open_here(rehearsal, areas)
    sketch.write(rehearsal, {one.code: one.name for one in areas})
    return rehearsal


def _areas(rehearsal: "Rehearsal") -> list:
    from sizao.drill import scenario as registers

    return [one for one in registers.load(AREAS_OF).areas() if one.code.startswith(rehearsal.area_code[:2])]


def _begun(name: str, *, carries: bool = False) -> "Running":
    """Take up a drill; who `carries` its days is the only one to do so."""
    rehearsal = _installed(name)
    from sizao.drill import variants
    from sizao.drill.rehearsal import run, wheel

    if carries:
        wheel.take(run.open_here(rehearsal, []))
    return run.begin(rehearsal, variants.read(rehearsal.variant), _areas(rehearsal))


def _accounts(rehearsal: "Rehearsal") -> str:
    """Give accounts to play every role with, in the city of the drill and the part of it that it names."""
    from sizao.cli import clock, demonstration
    from sizao.response import accounts
    from sizao.terms import Role

    code = rehearsal.area_code
    places = {code[:2]: tuple(Role), code[:4]: tuple(Role)} | ({code[:6]: accounts.DESKS} if len(code) > 4 else {})
    path = demonstration.give_accounts(folder=start.var_folder(), now=clock.here(), places=places)
    return path.read_text(encoding="utf-8")


def _tell(running: "Running", out: Path | None) -> None:
    from sizao.adapters.tables import write_whole
    from sizao.drill.rehearsal import looking, report_facts
    from sizao.drill.rehearsal import scores as scoring

    look = looking.Looking(running)
    found = scoring.scores(look)
    for one in found:
        shown = "-" if one.value is None else f"{one.value:.0%}" if one.unit == "share" else f"{one.value:,.0f}"
        click.echo(f"{one.en:58} {shown:>10}   {one.zh}")
    for refusal in report_facts.refused(look)[:5]:
        click.echo(f"Refused {refusal['times']} times: {report_facts.without_facts(refusal['said'])}", err=True)
    if out:
        write_whole(out, json.dumps(_scored(look, found), ensure_ascii=False, indent=1).encode())


def _scored(look: "Looking", found: list) -> dict:
    return {
        "drill": look.running.rehearsal.slug,
        "days": look.days,
        "variant": look.running.rehearsal.variant,
        "scores": {one.key: one.value for one in found},
        "infections": look.lived,
    }

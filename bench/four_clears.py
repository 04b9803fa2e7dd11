"""The four clears of a province at 100,000 people: the question of their cells beside the whole answer."""

import os
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
AREAS = ("13", "1301", "130102")
SPENT = re.compile(r"([\d.]+) s user, ([\d.]+) s system, ([\d.]+) s elapsed")
AS_OF = datetime(2021, 2, 1, 4, 0, tzinfo=UTC)


@click.command("four_clears")
@click.option("--people", "n_people", default=100_000, show_default=True, help="How many people, cases and contacts.")
@click.option("--turns", default=7, show_default=True, help="Turns of each, one beside the other.")
def command(n_people: int, turns: int) -> None:
    """Ask the four clears of a made-up outbreak below var/bench, and tell what they cost the clock and the database."""
    os.environ["SIZAO_VAR"] = str(ROOT / "var" / "bench")
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from bench import world
    from sizao.response.reports.four_clears import four_clears

    outbreak = world.build(n_people)
    cost = _Cost()
    print(f"{n_people:,} people; load of the machine at the start: {os.getloadavg()[0]:.1f}; {turns} turns")
    print("medians in milliseconds of the clock and, in brackets, of the database's processor\n")
    print(f"{'area':10}{'people':>9}{'the cells':>15}{'the whole answer':>20}")
    for area in AREAS:
        cells, whole = _asking(_cells, outbreak, area), _asking(four_clears, outbreak, area)
        people = whole().people
        took, all_of_it = _in_turns((cells, whole), turns, cost)
        print(f"{area:10}{people:9,}{_told(took):>15}{_told(all_of_it):>20}")


class _Cost:
    """What the database's own process spent on questions, by its notices: others at work do not lengthen it."""

    def __init__(self) -> None:
        from django.db import connection

        self.milliseconds = 0.0
        with connection.cursor() as cursor:
            # Of helpers no notice tells; so there are none.
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            cursor.execute("SET client_min_messages = 'log'")
            cursor.execute("SET log_executor_stats = on")
        connection.connection.add_notice_handler(self._hear)

    def _hear(self, notice: Any) -> None:
        spent = SPENT.search(notice.message_detail or "")
        if spent:
            self.milliseconds += 1000 * (float(spent[1]) + float(spent[2]))


def _told(times: tuple[float, float]) -> str:
    return f"{times[0]:.0f} ({times[1]:.0f})"


def _asking(way: Callable[..., Any], outbreak: object, area: str) -> Callable[[], Any]:
    # The end of a day in the middle: some are under observation, some have been.
    return lambda: way(outbreak, area, as_of=AS_OF + timedelta(hours=12))


def _cells(outbreak: Any, area: str, *, as_of: datetime) -> list[tuple[Any, ...]]:
    """Ask the one question that gives the cells and the reconciliation of their groups."""
    from django.db import connection

    from sizao.response.reports import four_clears, four_clears_sql

    with connection.cursor() as cursor:
        cursor.execute(four_clears_sql.CELLS, four_clears.question(outbreak, area, as_of=as_of))
        return cursor.fetchall()


def _in_turns(ways: tuple[Callable[[], Any], ...], turns: int, cost: _Cost) -> list[tuple[float, float]]:
    """Time each way, one after the other in each turn, so that a busy machine slows all alike: clock and processor."""
    times: list[list[tuple[float, float]]] = [[] for _ in ways]
    for _ in range(turns):
        for way, kept in zip(ways, times, strict=True):
            began, spent = time.perf_counter(), cost.milliseconds
            way()
            kept.append(((time.perf_counter() - began) * 1000, cost.milliseconds - spent))
    return [(statistics.median(one for one, _ in kept), statistics.median(one for _, one in kept)) for kept in times]

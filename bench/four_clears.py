"""The four clears of a province at 100,000 people: the questions as they were asked beside those asked now."""

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


class NotTheSame(Exception):
    """Questions that are answered differently measure nothing."""


@click.command("four_clears")
@click.option("--people", "n_people", default=100_000, show_default=True, help="How many people, cases and contacts.")
@click.option("--turns", default=7, show_default=True, help="Turns of each, one beside the other.")
def command(n_people: int, turns: int) -> None:
    """Ask the four clears of a made-up outbreak below var/bench in both ways, one beside the other."""
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
    print(f"{'area':10}{'people':>9}{'before':>15}{'now':>15}{'ratio':>16}{'the whole answer':>20}")
    for area in AREAS:
        before, now, whole = (_asking(way, outbreak, area) for way in (_before, _now, four_clears))
        if before() != now():
            message = f"the two ways count differently in {area}"
            raise NotTheSame(message)
        people = whole().people
        old, new, all_of_it = _in_turns((before, now, whole), turns, cost)
        ratio = f"{new[0] / old[0]:.2f} ({new[1] / old[1]:.2f})"
        print(f"{area:10}{people:9,}{_told(old):>15}{_told(new):>15}{ratio:>16}{_told(all_of_it):>20}")


class _Cost:
    """What the database's own process spent on questions, by its notices: others at work do not lengthen it."""

    def __init__(self) -> None:
        from django.db import connection

        self.milliseconds = 0.0
        with connection.cursor() as cursor:
            # Of helpers no notice tells; both ways go without.
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


def _before(outbreak: Any, area: str, *, as_of: datetime) -> tuple[set[Any], dict[Any, Any]]:
    """Give the cells, and of each group the rows that stand in another group or are a further row of somebody."""
    from bench import four_clears_before as sql

    cells, groups = _rows(sql.CELLS, outbreak, area, as_of), _rows(sql.RECONCILED, outbreak, area, as_of)
    return set(cells), {rank: tuple(counts[2:]) for rank, *counts in groups}


def _now(outbreak: Any, area: str, *, as_of: datetime) -> tuple[set[Any], dict[Any, Any]]:
    from sizao.response.reports import four_clears_sql as sql

    rows = _rows(sql.CELLS, outbreak, area, as_of)
    cells = {row for row in rows if row[0] is not None}
    counted = {row[1]: row[4:7] for row in rows if row[0] is None}
    return cells, {rank: (elsewhere, n - elsewhere - first) for rank, (n, elsewhere, first) in counted.items()}


def _rows(question: str, outbreak: Any, area: str, as_of: datetime) -> list[tuple[Any, ...]]:
    from django.db import connection

    from sizao.response.reports import four_clears

    with connection.cursor() as cursor:
        cursor.execute(question, four_clears.question(outbreak, area, as_of=as_of))
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

"""The four clears of a province at 100,000 people: the questions as they were asked beside those asked now."""

import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
AREAS = ("13", "1301", "130102")
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
    print(f"{n_people:,} people; load of the machine at the start: {os.getloadavg()[0]:.1f}; {turns} turns")
    print(
        f"{'area':10}{'people':>9}{'before ms':>12}{'now ms':>10}{'ratio':>8}{'whole answer':>14}   (medians; quickest)"
    )
    for area in AREAS:
        before, now, whole = (_asking(way, outbreak, area) for way in (_before, _now, four_clears))
        if before() != now():
            message = f"the two ways count differently in {area}"
            raise NotTheSame(message)
        people = whole().people
        times = _in_turns((before, now, whole), turns)
        old, new, all_of_it = (statistics.median(one) for one in times)
        quickest = ", ".join(f"{min(one):.0f}" for one in times)
        print(f"{area:10}{people:9,}{old:12.0f}{new:10.0f}{new / old:8.2f}{all_of_it:14.0f}   ({quickest})")


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


def _in_turns(ways: tuple[Callable[[], Any], ...], turns: int) -> list[list[float]]:
    """Time each way in milliseconds, one after the other in each turn, so that a busy machine slows all alike."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(turns):
        for way, kept in zip(ways, times, strict=True):
            began = time.perf_counter()
            way()
            kept.append((time.perf_counter() - began) * 1000)
    return times

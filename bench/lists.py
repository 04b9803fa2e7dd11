"""Each list page at 100,000 people."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 3
DEEP = 90_000  # rows before the page that is compared by key and by position


@click.command("lists")
@click.option("--people", "n_people", default=100_000, show_default=True, help="How many people, cases and contacts.")
@click.option("--requests", "n_requests", default=30, show_default=True, help="Requests for each page.")
def command(n_people: int, n_requests: int) -> None:
    """Build a made-up outbreak in a database of its own below var/bench, and time every list page in process."""
    os.environ["SIZAO_VAR"] = str(ROOT / "var" / "bench")
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.conf import settings
    from django.core.management import call_command

    from bench import list_pages, world

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    outbreak = world.build(n_people)
    print(f"{n_people:,} people, cases and contacts; built or found in {time.perf_counter() - began:.0f} s")
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, {n_requests} requests a page, in process")
    # Others at work on the machine lengthen every figure: a run at a load above 1 is an upper bound.
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}\n")
    print(f"{'page':44}{'median ms':>10}{'p95 ms':>9}{'slowest':>9}")
    over = [page.name for page in list_pages.listed(outbreak) if _timed(page.name, page.ask, n_requests) >= 100]
    print(f"\nPages with a p95 of 100 ms or more: {', '.join(over) or 'none'}\n")
    by_key, by_position = (statistics.median(_times(ask, n_requests)) for ask in list_pages.deep(outbreak, DEEP))
    print(f"page after row {min(DEEP, n_people * 9 // 10):,}: by key {by_key:.1f} ms, by OFFSET {by_position:.1f} ms,")
    print(f"ratio {by_position / by_key:.0f}")


def _timed(name: str, ask: Callable[[], None], n_requests: int) -> float:
    times = sorted(_times(ask, n_requests))
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    print(f"{name:44}{statistics.median(times):10.1f}{p95:9.1f}{times[-1]:9.1f}")
    return p95


def _times(ask: Callable[[], None], n_requests: int) -> list[float]:
    for _ in range(WARM_UP):
        ask()
    times = []
    for _ in range(n_requests):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return times

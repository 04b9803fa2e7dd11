"""The command centre under many watching screens: `sizao run` in processes of its own, real sockets, real commits."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bench.testing_served import processor_seconds, served

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench-province"
EVERY = 3.0  # seconds between two questions of a screen, as in command.js
COMMIT_EVERY = 4.0
STREET = "130101001"  # the first of the province that is made


@click.command("command")
@click.option("--screens", default=300, show_default=True, help="How many screens watch.")
@click.option("--seconds", default=40.0, show_default=True, help="How long each measure lasts.")
@click.option(
    "--areas", "n_areas", default=300, show_default=True, help="How many areas they show in the last measure."
)
def command(screens: int, seconds: float, n_areas: int) -> None:
    """
    Measure what watching costs, in a database of its own below var/bench-province, and how soon a change is seen.

    Side by side in one run: nobody watching and nothing changing, nobody watching while tasks are committed, screens
    while nothing changes, screens while tasks are committed, and these again with the screens in many areas: the
    province, its cities and counties, and streets.
    """
    os.environ["SIZAO_VAR"] = str(FOLDER)
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from bench.province_made import make

    province = make()
    sessions = [session_of(province.accounts[0]) for _ in range(screens)]
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    contention()
    spread = _areas(n_areas)
    with served() as (port, server):
        for n, commits, areas in ((0, False, []), (0, True, []), (screens, False, []), (screens, True, []),
                                  (screens, True, spread)):  # fmt: skip
            _measure(port, server, Watchers(sessions[:n], areas), seconds, commits=commits)


@dataclass(frozen=True)
class Watchers:
    """Signed-in screens, and the areas that they show in turn; all of them their own where there are none."""

    sessions: Sequence[str]
    areas: Sequence[str]


def _areas(most: int) -> list[str]:
    from sizao.records.models import Area
    from sizao.terms import AreaLevel

    codes = Area.objects.exclude(level=AreaLevel.VILLAGE).values_list("code", flat=True)
    return sorted(codes, key=lambda code: (len(code), code))[:most]


def contention(n_writers: int = 8, n_commits: int = 150) -> None:
    """Print how many commits a second many writers of one stage reach, with and without the marks of changes."""
    rates = {}
    for is_marked in (True, False, True, False):
        rates.setdefault(is_marked, []).append(_rate(n_writers, n_commits, is_marked=is_marked))
    best = {is_marked: max(found) for is_marked, found in rates.items()}
    print(
        f"{n_writers} writers of one table: {best[True]:,.0f} commits a second with marks, {best[False]:,.0f} without"
        f" ({best[True] / best[False]:.2f} of it)"
    )


def _rate(n_writers: int, n_commits: int, *, is_marked: bool) -> float:
    import psycopg

    def write(n: int) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as own:
            if not is_marked:
                own.execute("SET session_replication_role = replica")  # no trigger runs
            for _ in range(n_commits):
                own.execute("UPDATE records_area SET population = 1 WHERE code = %s", [f"13{n + 1:02}"])

    writers = [threading.Thread(target=write, args=(n,)) for n in range(n_writers)]
    began = time.perf_counter()
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    return n_writers * n_commits / (time.perf_counter() - began)


def session_of(account: Any) -> str:
    """Sign an account in, and give the key of its session."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    made = SessionStore()
    made[SESSION_KEY] = str(account.pk)
    made[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    made[HASH_SESSION_KEY] = account.get_session_auth_hash()
    made.save()
    return str(made.session_key)


def _measure(port: int, server: int, watchers: Watchers, seconds: float, *, commits: bool) -> None:
    done: list[Commit] = []
    stop = threading.Event()
    writer = threading.Thread(target=_commit, args=(done, stop))
    before = processor_seconds(server, FOLDER / "postgres")
    if commits:
        writer.start()
    seen = _watch(port, watchers, seconds) if watchers.sessions else time.sleep(seconds)
    stop.set()
    if commits:
        writer.join()
    after = processor_seconds(server, FOLDER / "postgres")
    _tell(watchers, seen, done, {key: after[key] - before[key] for key in after}, seconds)


@dataclass(frozen=True)
class Commit:
    """When something was committed, and the number of late tasks from then on, by area that it lies in."""

    at: float
    numbers: dict[str, int]


def _commit(done: list[Commit], stop: threading.Event) -> None:
    """Commit a late task of a street now and then; note how many are late there and around it from then on."""
    from django.db import connection

    from sizao.records.models import Task
    from sizao.response.reports.command import Watch, count
    from sizao.terms import CommandFigure, Role, TaskKind

    while not stop.wait(COMMIT_EVERY):
        now = datetime.now(UTC)
        Task.objects.create(
            kind=TaskKind.CORE_INFORMATION, role=Role.INVESTIGATOR, area_code=STREET, subject_kind="case",
            subject_id=1, subject_label="generated", asked_at=now, due_at=now - timedelta(hours=1),
            source_key=f"generated:{now.isoformat()}",
        )  # fmt: skip
        at = time.time()
        looks = [Watch(None, STREET[:digits], datetime.now(UTC)) for digits in (2, 4, 6, 9)]
        done.append(Commit(at, {one.area_code: count(CommandFigure.TASKS_LATE, one) for one in looks}))
    connection.close()


def _watch(port: int, watchers: Watchers, seconds: float) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as plan:
        json.dump({"port": port, **asdict(watchers), "seconds": seconds, "every": EVERY}, plan)
        plan.flush()
        run = subprocess.run(
            [sys.executable, "-m", "bench.command_watchers", plan.name], check=True, capture_output=True, cwd=ROOT
        )
    return json.loads(run.stdout)


def _tell(
    watchers: Watchers, seen: dict[str, Any] | None, done: list[Commit], used: dict[str, float],
    seconds: float,
) -> None:  # fmt: skip
    n, n_areas = len(watchers.sessions), len(watchers.areas)
    cores = os.cpu_count() or 1
    shares = ", ".join(f"{key} {100 * spent / seconds / cores:.1f} %" for key, spent in used.items())
    of = f" of {n_areas} areas" if n_areas else ""
    print(f"\n{n} screens{of}, {len(done)} commits in {seconds:.0f} s; share of {cores} processors: {shares}")
    if not seen:
        return
    print(f"  screens' own process {100 * seen['processor_seconds'] / seconds / cores:.1f} %")
    for name in ("version", "part"):
        took = sorted(seen[name])
        if took:
            told = ", ".join(f"p{round(100 * q)} {1000 * at_share(took, q):.0f}" for q in (0.5, 0.95, 0.99))
            print(f"  {name}: {len(took):,} requests, ms: {told}")
    print(f"  answers to the version: {seen['statuses']}; connections opened again: {seen['reconnects']}")
    behind = sorted(seen["behind"])
    if behind:
        told = ", ".join(f"p{round(100 * q)} {at_share(behind, q):.1f}" for q in (0.5, 0.95, 0.99))
        print(f"  said to be old, {len(behind):,} times, s: {told}, longest {behind[-1]:.1f}")
    _tell_delays(watchers, seen["numbers"], done)


def _tell_delays(watchers: Watchers, numbers: list[tuple[str, int, float]], done: list[Commit]) -> None:
    """Print how long after a commit the screens of its area and of those around it showed its number."""
    # The last commit may not have been seen when the measure ended.
    delays, n_seen = [], []
    areas = watchers.areas or [""]
    shown = [areas[place % len(areas)] for place in range(len(watchers.sessions))]
    n = sum((area or "13") in (done[0].numbers if done else {}) for area in shown)
    for one in done[:-2]:
        # Each screen tells a number once, when it first shows it; where two came together it tells the later one.
        later = [moment - one.at for area, number, moment in numbers if one.numbers.get(area or "13") == number]
        delays += later
        n_seen.append(len(later))
    if delays:
        delays.sort()
        told = ", ".join(f"p{round(100 * q)} {at_share(delays, q):.1f}" for q in (0.5, 0.95, 0.99))
        print(f"  from a commit to its number on a screen of its areas, s: {told}, most {delays[-1]:.1f}")
        print(f"  screens that showed just that number, least of {len(n_seen)} commits: {min(n_seen)} of {n}")


def at_share(ordered: Sequence[float], share: float) -> float:
    """Give the value below which a share of ordered values lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

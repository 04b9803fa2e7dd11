"""A week of routine at the size of a province: 50 people of many roles over the real pages, p95 by page."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bench.command import FOLDER, ROOT, at_share, session_of
from bench.testing_served import processor_seconds, served

GOAL_MS = 200
WARM_SECONDS = 45.0  # what each process reads once is not what a page costs
TASKS_A_SECOND = 2.0  # of other offices: three times the mean of 60,000 a day


@click.command("province")
@click.option("--users", default=50, show_default=True, help="How many people work at one time.")
@click.option("--seconds", default=90.0, show_default=True, help="How long.")
@click.option("--think", type=(float, float), default=(1.0, 5.0), show_default=True, help="Seconds between two pages.")
@click.option("--no-think/--with-think", default=False, help="Also once without any wait, for the most it can do.")
@click.option("--tasks-a-day", default=60_000, show_default=True, help="Size of the week, where it is made.")
def command(users: int, seconds: float, think: tuple[float, float], no_think: bool, tasks_a_day: int) -> None:  # noqa: FBT001
    """
    Measure every page in a week of 60,000 tasks and 2,200 reports a day, in a database below var/bench-province.

    locust plays the people in a process of its own, while other offices ask and finish tasks. A page that answers
    with a refusal is named with its status; its time says nothing.
    """
    os.environ["SIZAO_VAR"] = str(FOLDER)
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from bench.province_made import make

    began = time.perf_counter()
    province = make(users, tasks_a_day)
    print(f"province at hand after {time.perf_counter() - began:.0f} s")
    people = [{"role": one.role, "area": one.area_code, "session": session_of(one)} for one in province.accounts]
    with served() as (port, server):
        plan = {"port": port, "people": people, "csrf": secrets.token_hex(16), "directive": _directive()}
        _played(plan | {"think": think}, server, WARM_SECONDS)
        _tell(f"{users} people, waiting {think[0]:g}-{think[1]:g} s", _played(plan | {"think": think}, server, seconds))
        if no_think:
            _tell(f"{users} people, without a wait", _played(plan | {"think": (0.0, 0.0)}, server, seconds / 3))


def _directive() -> str:
    from sizao.records.models import Directive

    return f"/directives/{Directive.objects.order_by('pk').values_list('pk', flat=True)[0]}/"


def _played(plan: dict[str, Any], server: int, seconds: float) -> dict[str, Any]:
    """Let the people of a plan work, and give what they met and what it took."""
    stop = threading.Event()
    others = threading.Thread(target=_others, args=(stop,))
    with tempfile.TemporaryDirectory() as folder:
        written, out = Path(folder) / "plan.json", Path(folder) / "out.json"
        written.write_text(json.dumps(plan | {"out": str(out)}), encoding="utf-8")
        n = str(len(plan["people"]))
        locust = [
            sys.executable, "-m", "locust", "-f", "bench/province_people.py", "--headless", "--only-summary",
            "--users", n, "--spawn-rate", n, "--run-time", f"{seconds:.0f}s", "--exit-code-on-error", "0",
        ]  # fmt: skip
        before, load = processor_seconds(server, FOLDER / "postgres"), os.getloadavg()[0]
        others.start()
        run = subprocess.run(
            locust, cwd=ROOT, env=os.environ | {"PROVINCE_PLAN": str(written)}, capture_output=True, text=True
        )
        stop.set()
        others.join()
        if not out.exists():
            raise click.ClickException(run.stderr[-2000:])
        after = processor_seconds(server, FOLDER / "postgres")
        used = {key: after[key] - before[key] for key in after}
        return json.loads(out.read_text(encoding="utf-8")) | {"used": used, "seconds": seconds, "load": load}


def _others(stop: threading.Event) -> None:
    """Ask and finish tasks as other offices do, each in a commit of its own."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as own:
        while not stop.wait(1 / TASKS_A_SECOND):
            now = datetime.now(UTC)
            asked = {"at": now, "due": now + timedelta(hours=6), "key": f"generated:{now.isoformat()}"}
            own.execute(_ASK, asked)
            own.execute(_FINISH, {"at": now})


_ASK = """
INSERT INTO records_task (kind, state, role, area_code, subject_kind, subject_id, subject_label, basis, asked_at,
    due_at, received_by, done_by, outcome, raised_steps, source_key)
SELECT 'serve_order', 'open', 'grid_worker', code, 'case', 1, 'generated', '[]', %(at)s, %(due)s, '', '', '', 0, %(key)s
FROM records_area WHERE level = 'street' ORDER BY random() LIMIT 1
"""
_FINISH = """
UPDATE records_task SET state = 'done', done_at = %(at)s, done_by = 'generated'
WHERE id = (SELECT max(id) FROM records_task WHERE state = 'open')
"""


def _tell(title: str, told: dict[str, Any]) -> None:
    cores, seconds = os.cpu_count() or 1, told["seconds"]
    used = told["used"] | {"locust": told["processor_seconds"]}
    shares = ", ".join(f"{key} {100 * spent / seconds / cores:.0f} %" for key, spent in used.items())
    n = len(told["met"])
    print(f"\n{title}: {n:,} requests in {seconds:.0f} s ({n / seconds:.0f} a second); load {told['load']:.1f} before")
    print(f"share of {cores} processors: {shares}")
    pages: dict[str, list[tuple[float, int]]] = {}
    for page, _, took, status in told["met"]:
        pages.setdefault(page, []).append((took, status))
    print(f"{'page':36} {'n':>6} {'p50':>6} {'p95':>6} {'p99':>6}  answers")
    for page, found in sorted(pages.items(), key=lambda one: -_at(one[1], 0.95)):
        statuses = ", ".join(sorted({str(status) for _, status in found}))
        numbers = " ".join(f"{_at(found, share):6.0f}" for share in (0.5, 0.95, 0.99))
        over = "  over the goal" if _at(found, 0.95) > GOAL_MS else ""
        print(f"{page:36} {len(found):6} {numbers}  {statuses}{over}")
    every = [one for found in pages.values() for one in found]
    print(f"{'every page':36} {n:6} {' '.join(f'{_at(every, share):6.0f}' for share in (0.5, 0.95, 0.99))}")


def _at(found: list[tuple[float, int]], share: float) -> float:
    return at_share(sorted(took for took, _ in found), share)

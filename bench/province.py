"""A week of routine at the size of a province: 50 people over the real pages, p95 by page."""

import json
import os
import subprocess
import sys
import tempfile
import time

import click

from bench.command import FOLDER, ROOT, at_share, session_of
from bench.testing_served import served

# Pages of routine: no outbreak is chosen, and none is there.
PAGES = (
    "/command/", "/command/part/where/", "/command/part/late/", "/command/part/full/", "/command/part/ahead/",
    "/command/version/", "/command/rows/tasks_late/", "/command/rows/tasks_open/", "/command/rows/rooms_taken/",
    "/tasks/", "/reports/", "/directives/", "/teams/", "/oversight/", "/levels/",
)  # fmt: skip
GOAL_MS = 200


@click.command("province")
@click.option("--users", default=50, show_default=True, help="How many people work at one time.")
@click.option("--seconds", default=60.0, show_default=True, help="How long.")
@click.option("--think", default=2.0, show_default=True, help="Seconds that somebody looks at a page, on average.")
def command(users: int, seconds: float, think: float) -> None:
    """
    Measure every page in a week of 60,000 tasks and 2,200 reports a day, in a database below var/bench-province.

    A page that answers with a refusal is named with its status; its time says nothing.
    """
    os.environ["SIZAO_VAR"] = str(FOLDER)
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from bench.province_made import make

    began = time.perf_counter()
    province = make(users)
    print(f"province at hand after {time.perf_counter() - began:.0f} s; load {os.getloadavg()[0]:.1f}")
    sessions = [session_of(one) for one in province.accounts]
    with served() as (port, _):
        plan = {"port": port, "sessions": sessions, "pages": PAGES, "think": think, "every": 0}
        _played(plan | {"seconds": 10.0})  # what each process reads once is not what a page costs
        took = _played(plan | {"seconds": seconds})
    print(f"{users} people, {sum(map(len, took.values())):,} pages in {seconds:.0f} s; ms by page:")
    print(f"{'page':34} {'n':>6} {'p50':>7} {'p95':>7} {'most':>7}  answers")
    for page in sorted(took, key=lambda page: -_ms(took[page], 0.95)):
        found = took[page]
        statuses = ", ".join(sorted({str(status) for _, status in found}))
        numbers = " ".join(f"{_ms(found, share):7.0f}" for share in (0.5, 0.95, 1.0))
        over = "  over the goal" if _ms(found, 0.95) > GOAL_MS else ""
        print(f"{page:34} {len(found):6} {numbers}  {statuses}{over}")


def _ms(found: list[tuple[float, int]], share: float) -> float:
    return 1000 * at_share(sorted(seconds for seconds, _ in found), share)


def _played(plan: dict[str, object]) -> dict[str, list[tuple[float, int]]]:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as written:
        json.dump(plan, written)
        written.flush()
        run = subprocess.run(
            [sys.executable, "-m", "bench.province_users", written.name], check=True, capture_output=True, cwd=ROOT
        )
    took: dict[str, list[tuple[float, int]]] = json.loads(run.stdout)["took"]
    return took

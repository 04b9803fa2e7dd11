"""A directive to every village of a province: issuing it, its board and the lists, rolled back at the end."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
COUNTIES = [f"13{n % 11 + 1:02}{n // 11 + 1:02}" for n in range(170)]


@click.command("directives")
@click.option("--villages", default=50_000, show_default=True, help="Villages, below 2,000 streets.")
@click.option("--rounds", default=5, show_default=True, help="How often each page is opened; the median is told.")
def command(villages: int, rounds: int) -> None:
    """Issue one directive to all streets and villages in a database of its own below var/bench-directives."""
    os.environ["SIZAO_VAR"] = str(ROOT / "var" / "bench-directives")
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    print(f"load {os.getloadavg()[0]:.1f}")
    with transaction.atomic():
        _measure(villages, rounds)
        transaction.set_rollback(True)


def _measure(villages: int, rounds: int) -> None:
    from django.db import connection
    from django.test import Client

    from sizao.records.models import Account
    from sizao.response import tasks
    from sizao.response.tasks import directives
    from sizao.terms import AreaLevel, Role

    _areas(villages)
    now = datetime.now(UTC)
    made_by = {"display_name": "bench", "role": Role.COMMANDER}
    by = Account.objects.create(username="bench", area_code="13", **made_by)
    county = Account.objects.create(username="bench-county", area_code=COUNTIES[0], **made_by)
    order = directives.Order("bench", "bench", "bench", now + timedelta(days=3), counts="bench")
    to = directives.Recipients(("13",), (AreaLevel.STREET, AreaLevel.VILLAGE))
    made = _timed(
        f"issue {villages + 2000:,} parts",
        lambda: directives.issue(order=order, to=to, outbreak=None, source_key="bench", by=by, now=now),
    )
    _timed("ask each area to receive it", lambda: tasks.advance_standing(now=now))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE records_directivepart")
        cursor.execute("ANALYZE records_task")
    for account in (by, county):
        client = Client()
        client.force_login(account)
        for page in (f"/directives/{made.pk}/", "/directives/", "/tasks/"):
            _timed(f"{page} of {account.area_code}", lambda at=page, who=client: who.get(at), rounds)


def _areas(villages: int) -> None:
    from sizao.records.models import Area

    cities = [f"13{n:02}" for n in range(1, 12)]
    streets = [f"{COUNTIES[n % 170]}{n // 170 + 1:03}" for n in range(2000)]
    lowest = [f"{streets[n % 2000]}{n // 2000 + 1:03}" for n in range(villages)]
    levels = {"province": ["13"], "city": cities, "county": COUNTIES, "street": streets, "village": lowest}
    Area.objects.bulk_create(
        (Area(code=code, name=code, short_name=code, level=level) for level, codes in levels.items() for code in codes),
        batch_size=5000,
    )


def _timed(name: str, act: Callable[[], Any], rounds: int = 1) -> Any:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        told = act()
        took.append(time.perf_counter() - began)
    print(f"{name:36} {1000 * sorted(took)[len(took) // 2]:8.0f} ms")
    return told

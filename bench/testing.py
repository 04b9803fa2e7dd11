"""Testing rounds: a roster, swabs through the API, and coverage, beside bare COPY of the same rows."""

import os
import random
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2021, 2, 20, 1, 0, tzinfo=UTC)
THREADS = 4
VILLAGES, HOURS = 15_000, 24  # the counts of a round of ten million people


@click.command("testing")
@click.option("--people", "n_people", default=200_000, show_default=True, help="How many stand on the roster.")
@click.option("--swabs", "n_swabs", default=4_000, show_default=True, help="Swabs for each size of request.")
def command(n_people: int, n_swabs: int) -> None:
    """Fill a round in a database of its own below var/bench; print people a second, percentiles, and ratios to COPY."""
    os.environ["SIZAO_VAR"] = str(ROOT / "var" / "bench")
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")
    world = _World(n_people)
    _roster(world)
    print()
    for size in (1, 10, 100, 500):
        _register(world, size, n_swabs)
    print()
    _swabs_beside_copy(world)
    print()
    _coverage(world)


class _World:
    """A round of its own in a drill, its people made up, and a token for devices."""

    def __init__(self, n_people: int) -> None:
        from bench import world
        from sizao.drill import scenario
        from sizao.records.access import ROLE_RIGHTS
        from sizao.records.models import Area, Outbreak
        from sizao.response import accounts, register, testing
        from sizao.terms import OutbreakKind, Role

        if not Area.objects.exists():
            register.load_areas(scenario.load("hebei-2021-01").areas(), by=None, now=NOW)
        self.serial = time.time_ns()
        self.outbreak = Outbreak.objects.create(
            slug=f"bench-testing-{self.serial}", name="测量", name_en="Measurement", disease="covid-19",
            kind=OutbreakKind.DRILL, area_code="13", first_date=NOW.date(), last_date=NOW.date() + timedelta(days=5),
            opened_at=NOW,
        )  # fmt: skip
        self.coordinator = world.reader(Role.TESTING_COORDINATOR, "13")
        self.sampler = world.reader(Role.SAMPLER, "13")
        _, self.secret = accounts.give_token(
            account=self.sampler, label="bench", rights=ROLE_RIGHTS[Role.SAMPLER], by=None, now=NOW,
            expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        self.villages = list(
            Area.objects.filter(code__startswith="1301", level="village")
            .order_by("code")
            .values_list("code", flat=True)
        )
        self.n_people = n_people
        self.round = testing.plan_round(
            outbreak=self.outbreak, name="测量", areas=["1301"], pool_size=10, begins_at=NOW, by=self.coordinator,
            now=NOW, is_generated=True,
        )  # fmt: skip
        self.next_entry = 1


def _roster(world: _World) -> None:
    from django.db import connection

    from sizao.response import testing
    from sizao.response.testing import tubes
    from sizao.response.testing.roster import _stored
    from sizao.response.tracing import tokens

    def rows():
        dice = random.Random(1)
        for number in range(world.n_people):
            yield testing.RosterRow(
                area_code=dice.choice(world.villages), id_number=f"1301{number:014}", name=f"生成{number}"
            )

    began = time.perf_counter()
    testing.upload_roster(testing_round=world.round, rows=rows(), source="made up", by=world.coordinator, now=NOW)
    ours = time.perf_counter() - began
    index = tokens.id_number_index
    stored = [_stored(world.round.pk, n, row, index(row.id_number)) for n, row in enumerate(rows(), start=1)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bare (LIKE records_rosterentry)")
        began = time.perf_counter()
        columns = "round_id, number, area_code, kind, single_only, grid, household, id_index, name, phone, address"
        with cursor.copy(f"COPY bare ({columns}) FROM STDIN") as copy:
            for row in stored:
                copy.write_row(row)
        bare = time.perf_counter() - began
        cursor.execute("DROP TABLE bare")
    print(
        f"roster of {world.n_people:,}: checked, sealed, indexed, counted {world.n_people / ours:,.0f} people a second,"
    )
    print(f"{ours / bare:.1f} times bare COPY of the rows as they are stored, without an index")
    world.round = testing.open_round(testing_round=world.round, by=world.coordinator, now=NOW)
    lot = testing.print_lot(testing_round=world.round, size=100_000, by=world.coordinator, now=NOW)
    world.codes = iter(tubes.codes_of(lot))
    world.lock = threading.Lock()


def _boxes(world: _World, size: int, n_swabs: int) -> list[dict[str, object]]:
    """Make requests of so many swabs, ten people to a tube."""
    boxes = []
    for _ in range(n_swabs // size):
        swabs, code = [], next(world.codes)
        for place in range(size):
            if place and place % 10 == 0:
                code = next(world.codes)
            entry, world.next_entry = world.next_entry, world.next_entry + 1
            swabs.append({"source_key": f"k{entry}", "tube": code, "entry": entry, "taken_at": NOW.isoformat()})
        boxes.append({"swabs": swabs})
    return boxes


def _register(world: _World, size: int, n_swabs: int) -> None:
    from django.test import Client

    boxes = _boxes(world, size, min(n_swabs, 1500) if size == 1 else n_swabs)
    waiting, times, faults = list(boxes), [], []
    address = f"/api/outbreaks/{world.outbreak.slug}/rounds/{world.round.number}/swabs?day=2021-02-20"

    def device() -> None:
        client = Client(headers={"Authorization": f"Bearer {world.secret}"})
        while True:
            with world.lock:
                if not waiting:
                    break
                box = waiting.pop()
            began = time.perf_counter()
            answer = client.post(address, box, content_type="application/json")
            times.append(time.perf_counter() - began)
            taken = answer.status_code == 200 and all(one["answer"] == "taken" for one in answer.json()["swabs"])
            if not taken:
                faults.append(answer.content[:200])
        from django.db import connection

        connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=device) for _ in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    took = time.perf_counter() - began
    times.sort()
    p99 = times[min(len(times) - 1, round(0.99 * len(times)))] * 1000
    n_people = len(boxes) * size
    median = statistics.median(times) * 1000
    print(
        f"{size:4} swabs a request: {n_people / took:7,.0f} people a second, median {median:.0f} ms, p99 {p99:.0f} ms"
        f" ({len(boxes)} requests, {THREADS} at a time, in process)"
    )
    assert not faults, faults[0]


def _swabs_beside_copy(world: _World) -> None:
    """The verb itself at 500 swabs, beside COPY of the same rows into a table without index, key or count."""
    from django.db import connection

    from sizao.records.models import Swab
    from sizao.response import testing

    boxes = _boxes(world, 500, 10_000)
    began = time.perf_counter()
    for box in boxes:
        swabs = [testing.SwabSent(**{**one, "taken_at": NOW}) for one in box["swabs"]]
        testing.register_swabs(testing_round=world.round, swabs=swabs, by=world.sampler, now=NOW)
    ours = time.perf_counter() - began
    fields = ("round_id", "source_key", "entry", "tube", "area_code", "taken_at", "recorded_at", "recorded_by",
              "is_expected", "is_double", "is_late")  # fmt: skip
    rows = list(Swab.objects.filter(round=world.round).values_list(*fields)[:10_000])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bare (LIKE records_swab)")
        began = time.perf_counter()
        with cursor.copy(f"COPY bare ({', '.join(fields)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        bare = time.perf_counter() - began
        cursor.execute("DROP TABLE bare")
    print(f"registering 10,000 in requests of 500, one at a time: {10_000 / ours:,.0f} people a second,")
    print(f"{ours / bare:.0f} times bare COPY of the swabs without index, key, count or journal")


def _coverage(world: _World) -> None:
    """Ask for coverage where the counts are as many as those of ten million people in fifteen thousand villages."""
    from django.db import connection

    from sizao.response import testing
    from sizao.response.testing import coverage

    large = testing.plan_round(
        outbreak=world.outbreak, name="一千万", areas=["13"], pool_size=10, begins_at=NOW, by=world.coordinator, now=NOW
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_testingcount (round_id, area_code, hour, expected, registered, latest_at)"
            " SELECT %s, code, %s::timestamptz + hour * interval '1 hour', CASE hour WHEN 0 THEN 670 ELSE 0 END, 27, %s"
            " FROM (SELECT code FROM records_area WHERE level = 'village' ORDER BY code LIMIT %s) v,"
            " generate_series(0, %s) hour",
            [large.pk, NOW, NOW, VILLAGES, HOURS - 1],
        )
        rows = cursor.rowcount
        cursor.execute("ANALYZE records_testingcount")
    print(f"coverage from {rows:,} counts ({VILLAGES:,} villages, {HOURS} hours; 10 million people):")
    for name, ask in (
        ("all in one", lambda: coverage.total(large, as_of=NOW)),
        ("by county", lambda: coverage.by_area(large, as_of=NOW, digits=6)),
        ("by hour", lambda: coverage.by_hour(large, as_of=NOW)),
        ("villages of one county", lambda: coverage.by_area(large, as_of=NOW, digits=12, within="130109")),
    ):
        print(f"  {name:24} median {_median_ms(ask):.0f} ms")


def _median_ms(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(7):
        began = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)

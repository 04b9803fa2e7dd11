"""A testing round at the size of a city: registration as it is served, results in bulk, coverage; beside bare COPY."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bench.testing_made import Made, filled_tubes, make
from bench.testing_served import SECONDS_A_PERSON, play, processor_seconds, served

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench-testing"  # of its own: a drill in the same database has a clock that costs each request
PARTS = ("registration", "burst", "results", "coverage")
TIMES_BURST = 10
READINGS_OF_RUN, SECONDS_OF_RUN = 96, 3.0
COMING = 0.75  # of the roster; the rest stand in the tubes that a laboratory reads meanwhile
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@click.command("testing")
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--people", "n_people", default=200_000, show_default=True, help="How many stand on the roster.")
@click.option("--tubes", "n_tubes", default=100_000, show_default=True, help="Tubes of the bulk import of results.")
@click.option("--rate", default=330.0, show_default=True, help="People a second at all tables.")
@click.option("--seconds", default=20.0, show_default=True, help="How long they come, for each size of outbox.")
@click.option(
    "--outbox", "outboxes", multiple=True, default=(1, 10), show_default=True, help="Swabs that are sent at once."
)
@click.option("--burst-seconds", default=5.0, show_default=True, help="How long the burst of ten times as many lasts.")
def command(
    parts: Sequence[str],
    n_people: int,
    n_tubes: int,
    rate: float,
    seconds: float,
    outboxes: Sequence[int],
    burst_seconds: float,
) -> None:
    """
    Measure PARTS (all when none is named) in a database of their own below var/bench-testing.

    \b
    registration  the API as `sizao run` serves it, devices in another process, results coming in meanwhile
    burst         ten times as many people a second: nobody is refused, and what waits on devices drains
    results       readings of many tubes recorded and released, beside COPY of the same rows
    coverage      by area and hour, beside a recount of the rows; setting the round aside

    The city of the issue: --people 10000000 --tubes 1200000 --seconds 600 --burst-seconds 30.
    """
    os.environ["SIZAO_VAR"] = str(FOLDER)
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    began = time.perf_counter()
    made = make(n_people)
    took = time.perf_counter() - began
    print(f"roster of {n_people:,} made, indexed and counted: {n_people / took:,.0f} people a second\n")
    wanted = parts or PARTS
    if {"registration", "burst"} & set(wanted):
        _serve(made, wanted, rate, seconds, outboxes, burst_seconds)
    if "results" in wanted:
        from bench.testing_results import results

        results(made, n_tubes)
    if "coverage" in wanted:
        _coverage(made)


# --- As it is served ---------------------------------------------------------------------------


def _serve(
    made: Made, wanted: Sequence[str], rate: float, seconds: float, outboxes: Sequence[int], burst_seconds: float
) -> None:
    measures = []
    if "registration" in wanted:
        # A table takes a person every ten seconds; in a short measure faster, at fewer tables, so that outboxes fill.
        measures += [(f"{rate:.0f} people a second, sent {size} at a time", rate, seconds, size,
                      min(SECONDS_A_PERSON, seconds / (3 * size))) for size in outboxes]  # fmt: skip
    if "burst" in wanted:
        name = f"burst of {TIMES_BURST * rate:.0f} people a second for {burst_seconds:.0f} s, sent as they come"
        measures.append((name, TIMES_BURST * rate, burst_seconds, 1, SECONDS_A_PERSON / TIMES_BURST))
    with served() as (port, server):
        for turn, (name, pace, lasts, outbox, every) in enumerate(measures):
            share, next_share = COMING * turn / len(measures), COMING * (turn + 1) / len(measures)
            with _laboratory(made, lasts) as released:
                before = processor_seconds(server, FOLDER / "postgres")
                told = play(
                    made, port, rate=pace, seconds=lasts, outbox=outbox, every=every,
                    between=(share, next_share),
                )  # fmt: skip
                after = processor_seconds(server, FOLDER / "postgres")
            _tell(name, told, {key: after[key] - before[key] for key in after}, lasts, released)


def _tell(name: str, told: dict[str, Any], used: dict[str, float], lasts: float, released: list[int]) -> None:
    took, waited, people = sorted(told["took"]), sorted(told["waited"]), sum(told["people"])
    late = told["seconds"] - lasts
    shares = ", ".join(f"{key} {1000 * seconds / len(took):.1f}" for key, seconds in used.items())
    own = 1000 * told["processor_seconds"] / len(took)
    print(f"{name}; a new connection for each request, {sum(released):,} tubes released meanwhile:")
    print(
        f"  {people:,} people in {len(took):,} requests of {told['devices']:,} devices; all answered {late:.1f} s later"
    )
    print(f"  a request: median {_at(took, 0.5):.0f} ms, p99 {_at(took, 0.99):.0f} ms;")
    print(f"  from the swab to its answer: median {_at(waited, 0.5):.0f} ms, p99 {_at(waited, 0.99):.0f} ms")
    print(f"  processor milliseconds of a request: {shares}, devices {own:.1f}; load {os.getloadavg()[0]:.1f}")
    print(f"  answers {told['answers']}; not answered at first and sent again: {told['faults'] or 'none'}")
    assert set(told["answers"]) <= {"taken", "repeated"}, told["answers"]
    assert sum(told["answers"].values()) == people


def _at(ordered: Sequence[float], share: float) -> float:
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class _laboratory:  # noqa: N801 — read as a word of `with`
    """Release the results of tubes while others are filled: a plate every three seconds, in a thread."""

    def __init__(self, made: Made, lasts: float) -> None:
        from bench.testing_results import a_laboratory

        self.made, self.end, self.released = made, threading.Event(), []
        # Full ones: nobody swabs into a tube that is in a laboratory.
        self.codes = filled_tubes(made, READINGS_OF_RUN * int(lasts / SECONDS_OF_RUN))
        self.laboratory, self.technician, self.reviewer = a_laboratory()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self) -> list[int]:
        self.thread.start()
        return self.released

    def __exit__(self, *_: object) -> None:
        self.end.set()
        self.thread.join()

    def _work(self) -> None:
        from django.db import connection

        from bench.testing_results import release

        while self.codes and not self.end.wait(SECONDS_OF_RUN):
            codes, self.codes = self.codes[:READINGS_OF_RUN], self.codes[READINGS_OF_RUN:]
            release(self.laboratory, codes, self.technician, self.reviewer)
            self.released.append(len(codes))
        connection.close()


# --- Coverage ----------------------------------------------------------------------------------


def _coverage(made: Made) -> None:
    """Ask how far the round has come, beside a recount of its rows; then close it and set it aside."""
    from sizao.response import testing
    from sizao.response.testing import coverage

    now = datetime.now(UTC)
    _hours(made)
    began = time.perf_counter()
    rows = coverage.recount(made.round)
    recount = time.perf_counter() - began
    kept = coverage.by_area(made.round, as_of=FAR, digits=12)
    assert {area: one for area, one in kept.items() if one != coverage.Coverage()} == rows, "counts and rows differ"
    print(f"coverage of {made.n_people:,} people in {len(kept):,} villages; a recount of the rows says the same:")
    for name, ask in (
        ("all in one", lambda: coverage.total(made.round, as_of=FAR)),
        ("by county", lambda: coverage.by_area(made.round, as_of=FAR, digits=6)),
        ("by village", lambda: coverage.by_area(made.round, as_of=FAR, digits=12)),
        ("by hour", lambda: coverage.by_hour(made.round, as_of=FAR)),
    ):
        took = _median(ask)
        print(f"  {name:12} median {1000 * took:.0f} ms, {recount / took:,.0f} times as fast as the recount")
    closing = _median(lambda: testing.close_round(testing_round=made.round, by=made.coordinator, now=now), 1)
    aside = _median(lambda: testing.archive_round(testing_round=made.round, by=made.coordinator, now=now), 1)
    print(f"closing the round {1000 * closing:.0f} ms, setting it aside with all its rows {1000 * aside:.0f} ms")


def _hours(made: Made) -> None:
    """Spread the counts over the hours of a round, in rows that add up to nothing, as many as a round has."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_testingcount (round_id, area_code, hour, latest_at)"
            " SELECT %s, code, %s::timestamptz + hour * interval '1 hour', %s FROM"
            " (SELECT DISTINCT area_code AS code FROM records_testingcount WHERE round_id = %s) villages,"
            " generate_series(1, 23) hour ON CONFLICT DO NOTHING",
            [made.round.pk, made.round.opened_at, made.round.opened_at, made.round.pk],
        )
        cursor.execute("VACUUM ANALYZE records_testingcount")


def _median(ask: Callable[[], object], times: int = 7) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)

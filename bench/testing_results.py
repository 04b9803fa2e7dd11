"""Readings of many tubes: recorded as one run and released by a second person, beside COPY of the same rows."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from bench.testing_made import Made

CODE = "BENCH-1"


def a_laboratory() -> tuple[Any, Any, Any]:
    """Give a laboratory of the province, who works in it, and who signs."""
    from bench import world
    from sizao.records.models import Laboratory
    from sizao.response.testing import laboratory
    from sizao.terms import Role

    found = Laboratory.objects.filter(code=CODE).first() or laboratory.add_laboratory(
        laboratory_code=CODE, name="测量", area_code="13", tubes_per_hour=100_000,
        by=world.reader(Role.TESTING_COORDINATOR, "13"), now=datetime.now(UTC),
    )  # fmt: skip
    return found, world.reader(Role.LAB_TECHNICIAN, "13"), world.reader(Role.LAB_REVIEWER, "13")


def release(found: Any, codes: Sequence[str], technician: Any, reviewer: Any) -> None:
    """Record that tubes are negative, and sign it."""
    from sizao.response.testing import laboratory
    from sizao.response.testing.laboratory import ReadingSent, RunSent
    from sizao.terms import LabFeed, Reading

    readings = [ReadingSent(one, Reading.NEGATIVE) for one in codes]
    sent = RunSent(LabFeed.BY_HAND, f"bench-{time.time_ns()}", "bench", readings)
    told = laboratory.record_run(laboratory=found, sent=sent, by=technician, now=datetime.now(UTC))
    laboratory.release_run(run=told.run, by=reviewer, now=datetime.now(UTC))


def results(made: Made, n_tubes: int) -> None:
    """Import the readings of many tubes, each filled by one person, and release them; print ratios to COPY."""
    from django.db import connection, transaction

    from sizao.engines.tube_codes import code_of
    from sizao.records.models import LabRun
    from sizao.response.testing.laboratory import releasing, runs
    from sizao.response.testing.laboratory.sent import Columns
    from sizao.terms import LabFeed

    found, technician, reviewer = a_laboratory()
    _enlarge(made, n_tubes)
    codes = [code_of(made.next_serial + place) for place in range(n_tubes)]
    made.next_serial += n_tubes
    _fill_tubes(made, found, codes)
    columns = Columns(np.array(codes), np.zeros(n_tubes, dtype=np.int8))
    began = time.perf_counter()
    with transaction.atomic():
        run = LabRun.objects.create(
            laboratory=found, feed=LabFeed.SPREADSHEET, source_key=f"bench-{time.time_ns()}", name="bench", genes=[],
            recorded_at=datetime.now(UTC), recorded_by=technician.username,
        )  # fmt: skip
        runs.fill(run, columns, [], by=technician, now=datetime.now(UTC))
    ours = time.perf_counter() - began
    bare = _bare(made, run, columns)
    print(f"readings of {n_tubes:,} tubes recorded, checked and asked what is odd: {n_tubes / ours:,.0f} a second,")
    print(f"  {ours / bare:.2f} times COPY of the same rows into a table like it, with its key and index")
    began = time.perf_counter()
    releasing.release_run(run=run, by=reviewer, now=datetime.now(UTC))
    released = time.perf_counter() - began
    print(f"  released, with the counts of their people: {n_tubes / released:,.0f} tubes a second\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_tube WHERE round_id = %s AND result = 'negative'", [made.round.pk])
        assert cursor.fetchone()[0] >= n_tubes


def _enlarge(made: Made, n_tubes: int) -> None:
    from sizao.response import testing

    lot = testing.print_lot(testing_round=made.round, size=n_tubes, by=made.coordinator, now=made.round.opened_at)
    made.next_serial = lot.first_serial


def _fill_tubes(made: Made, found: Any, codes: Sequence[str]) -> None:
    """Open the tubes and receive them, as the boxes' stage would have; nobody measures this."""
    from django.db import connection

    facts = {"round": made.round.pk, "codes": list(codes), "at": made.round.opened_at, "laboratory": found.pk}
    with connection.cursor() as cursor:
        cursor.execute(_TUBES, facts)
        cursor.execute(_STEPS, facts)
        cursor.execute("ANALYZE records_tube")
        cursor.execute("ANALYZE records_tubestep")


_TUBES = """
    INSERT INTO records_tube (round_id, code, kind, size, area_code, opened_at, opened_by)
    SELECT %(round)s, code, 'pool', 10, '13', %(at)s, 'bench' FROM unnest(%(codes)s::varchar[]) code
"""
_STEPS = """
    INSERT INTO records_tubestep (round_id, tube, step, laboratory_id, happened_at, recorded_at, recorded_by)
    SELECT %(round)s, code, 'received', %(laboratory)s, %(at)s, %(at)s, 'bench' FROM unnest(%(codes)s::varchar[]) code
"""


def _bare(made: Made, run: Any, columns: Any) -> float:
    """Copy the same rows into a table that is like the partition, keys and indexes included."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_bare (LIKE records_labreading_r{int(made.round.pk)} INCLUDING ALL)")
        lines = "".join(f"{made.round.pk}\t{run.pk}\t{one}\t\\N\tnegative\t\\N\n" for one in columns.tubes.tolist())
        began = time.perf_counter()
        with cursor.copy("COPY bench_bare (round_id, run_id, tube, well, found, ct) FROM STDIN") as copy:
            copy.write(lines)
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_bare")
    return took

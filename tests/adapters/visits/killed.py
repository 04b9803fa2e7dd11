"""A program that is to be killed: it takes in, merges, compacts and forgets, and says what it does."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MIDNIGHT = 1_609_459_200
NOW = datetime(2021, 1, 20, 8, tzinfo=UTC)
# Each batch starts an hour after the one before and spans six; what lies 60 hours back is forgotten now and then.
STEP, SPAN, KEPT = 3_600, 6 * 3_600, 60 * 3_600


def batch(number):
    """
    Give the rows of a batch: always the same for a number, and never earlier than what was forgotten before it.

    Some lack an end, and some were told by the batch before.
    """
    own = own_rows(number)
    again = own_rows(number - 1).slice(0, 15)
    rows = pa.Table.from_batches([own, again]).combine_chunks().to_batches()[0]
    missing = np.random.default_rng(10_000 + number).random(len(rows)) < 0.1
    end = pa.array(rows.column("end").to_numpy(), mask=missing)
    return pa.record_batch([*rows.columns[:3], end], names=rows.schema.names)


def own_rows(number):
    rng = np.random.default_rng(number + 1)
    n = 300 if is_file(number) else 60
    start = MIDNIGHT + number * STEP + rng.integers(0, SPAN, n)
    rows = {"person": rng.integers(0, 90, n) * 17 + 5, "place": rng.integers(0, 9, n) + 900, "start": start}
    return pa.record_batch(rows | {"end": start + rng.integers(60, 30_000, n)})


def is_file(number):
    return number % 6 == 5


def border(number):
    return MIDNIGHT + number * STEP - KEPT


def told(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def work(store, first):
    """Go on from a batch until killed."""
    from sizao.adapters import visits

    number = first
    while True:
        with visits.VisitWriter(store) as writer:
            while number % 9 != 8:
                take(writer, number)
                number += 1
            take(writer, number)
        told("begin", "compact")
        visits.compact(store)
        if number % 2 == 0:
            told("begin", "forget", border(number))
            visits.forget(store, before=border(number), by="tests", reason="tests", now=NOW)
            told("forgot", border(number))
        number += 1


def take(writer, number):
    if is_file(number):
        path = writer.store.parent / f"{number}.parquet"
        # Whole or not there: who kills this program reads the file to know it again.
        part = path.with_suffix(".part")
        pq.write_table(pa.Table.from_batches([batch(number)]), part, row_group_size=50)
        part.rename(path)
        told("begin", "ingest")
        writer.ingest(path)
    else:
        told("begin", "append")
        writer.append(batch(number), key=str(number))
    told("taken", number)


def announce_merging():
    from sizao.adapters.visits.merging import Merging

    whole = Merging._run

    def running(merging):
        replace = merging.replace

        def announced(*given, **kept):
            told("begin", "merge")
            replace(*given, **kept)

        merging.replace = announced
        whole(merging)

    Merging._run = running


def main():
    """Compile everything once, then start a copy of this process for each line that tells a store and a batch."""
    warm = Path(sys.argv[1])
    from sizao.adapters import visits

    with visits.VisitWriter(warm / "store") as writer:
        for number in range(20):
            take(writer, number)
    visits.compact(warm / "store")
    visits.forget(warm / "store", before=border(70), by="tests", reason="tests", now=NOW)
    announce_merging()
    told("ready")
    for line in sys.stdin:
        store, first = line.split()
        copy = os.fork()
        if not copy:
            work(Path(store), int(first))
        told("started", copy)
        os.waitpid(copy, 0)
        told("ended")


if __name__ == "__main__":
    main()

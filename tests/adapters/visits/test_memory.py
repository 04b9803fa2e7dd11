"""What a question takes of memory follows its answer, not the store."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sizao.adapters.visits import VisitWriter
from sizao.engines.presences.summing import RANGE_BITS, Tally
from tests.adapters.visits.conftest import MIDNIGHT

ROOT = Path(__file__).resolve().parents[3]

# Says how many kilobytes of its own a process takes for one question, once everything is loaded and compiled.
ASK = """
import sys, gc
from pathlib import Path
from sizao.adapters.visits import VisitStore, Window

def own():
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(one for one in lines if one.startswith("RssAnon:")).split()[1])

windows = [Window(case, 0, 2**32) for case in range(3)]
VisitStore(Path(sys.argv[1])).companions(windows, least_seconds=60)
before = own()
store = VisitStore(Path(sys.argv[2]))
answer = store.companions(windows, least_seconds=60)
print(own() - before, answer.num_rows)
"""


def test_sums_take_room_for_a_range_of_persons_alone():
    few, many = Tally(10), Tally(1 << 31)
    assert few.sums.nbytes == many.sums.nbytes == 16 << RANGE_BITS
    assert many.n_ranges == 1 << (31 - RANGE_BITS)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Memory is told by /proc, which is Linux'.")
def test_of_a_question_does_not_grow_with_the_store(tmp_path):
    """
    The same three cases met the same people, in a store of 40,000 persons and in one of 400,000.

    Both have several ranges of persons: what is compiled or loaded for these is so before anything is measured. A
    function compiled within the measurement took 10 megabytes, wherever its compiled form was not in the cache yet.
    """
    assert Tally(41_000).n_ranges > 1
    for name, n_others in (("small", 40_000), ("large", 400_000)):
        pq.write_table(crowd(n_others), tmp_path / f"{name}.parquet")
        with VisitWriter(tmp_path / name) as writer:
            writer.ingest(tmp_path / f"{name}.parquet")
    grown = {}
    for name in ("small", "large"):
        command = [sys.executable, "-c", ASK, str(tmp_path / "small"), str(tmp_path / name)]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        kilobytes, rows = map(int, told.stdout.split())
        assert rows == 3 * 999
        grown[name] = kilobytes
    # A word a person would be 1.4 megabytes more, and the records of the large store are 10.
    assert grown["large"] - grown["small"] < 1_000


def crowd(n_others):
    """A thousand people in one hall, and others by themselves at places of their own, in numbers mixed with theirs."""
    others = np.arange(1_000, 1_000 + n_others)
    person = np.concatenate([np.arange(1_000), others])
    place = np.concatenate([np.zeros(1_000, np.int64), others])
    start = MIDNIGHT + np.concatenate([np.arange(1_000), np.full(n_others, 20_000)])
    return pa.table({"person": person, "place": place, "start": start, "end": start + 5_000})

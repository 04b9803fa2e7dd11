"""SIGKILL at any moment loses nothing acknowledged, leaves nothing half, and the next run goes on."""

import os
import signal
import subprocess
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sizao.adapters import visits
from sizao.adapters.visits import VisitStore, Window
from sizao.adapters.visits.bulk import key_of_file, opened
from sizao.adapters.visits.ledger import keys_of
from sizao.adapters.visits.merging import presences_of
from sizao.adapters.visits.taking import LONGEST_HOURS
from sizao.engines.presences.layout import LENGTH_MASK
from tests.adapters.visits.conftest import as_rows
from tests.adapters.visits.killed import MIDNIGHT, batch
from tests.reference import presences as plain

KILLS = 100
DURING = ("append", "ingest", "merge", "compact", "forget")
LEAST = 600
ROOT = Path(__file__).resolve().parents[3]


class Program:
    """The program to kill: started once, so that a copy of it is at work within milliseconds."""

    def __init__(self, folder):
        command = [sys.executable, "-m", "tests.adapters.visits.killed", str(folder)]
        self.running = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT
        )
        assert any(line == "ready\n" for line in self.running.stdout)

    def killed(self, store, first, *, during, after):
        """Let it go on from a batch, kill it some seconds after it began something, and return what it said."""
        self.running.stdin.write(f"{store} {first}\n")
        self.running.stdin.flush()
        said, copy = [], None
        for line in self.running.stdout:
            words = line.split()
            assert words != ["ended"], "the program ended by itself; what it wrote to stderr tells why"
            if words[0] == "started":
                copy = int(words[1])
            said.append(words)
            if copy and ["begin", during] in [one[:2] for one in said]:
                break
        time.sleep(after)
        os.kill(copy, signal.SIGKILL)
        for line in self.running.stdout:
            if line == "ended\n":
                return said
            said.append(line.split())
        raise AssertionError("the program ended by itself")

    def close(self):
        self.running.stdin.close()
        self.running.wait(timeout=30)
        self.running.stdout.close()


@pytest.fixture
def program(tmp_path):
    running = Program(tmp_path / "warm")
    yield running
    running.close()


def rows_held(store):
    """Read all presences out of a store."""
    opened_store = VisitStore(store)
    persons, places = opened_store.persons.known, opened_store.places.known
    found = []
    for entry in opened_store.manifest.segments:
        held = presences_of(store, entry)
        person, place = (persons.take(pa.array(held.person)), places.take(pa.array(held.place)))
        end = held.start + (held.length & LENGTH_MASK)
        found += zip(person.to_pylist(), place.to_pylist(), held.start.tolist(), end.tolist(), strict=True)
    assert len(found) == len(set(found))
    return set(found)


def numbers_held(store):
    """Give the numbers of the batches that a store took."""
    files = {key_of_file(path, opened(path)): int(path.stem) for path in store.parent.glob("*.parquet")}
    return [files[key] if key in files else int(key) for key in keys_of(store)]


def rows_of(numbers, since):
    """Give what batches tell together: each line once, each end that is missing closed by what follows."""
    taken = [row for number in numbers for row in told_by(number)]
    with_end = {row[:3] for row in taken if row[3] is not None}
    starts = defaultdict(set)
    for person, _, start, _ in taken:
        starts[person].add(start)
    ordered = {person: sorted(some) for person, some in starts.items()}
    found = set()
    for person, place, start, end in taken:
        if end is None and (person, place, start) not in with_end:
            later = ordered[person][bisect_right(ordered[person], start) :][:1]
            found.add((person, place, start, min([start + LONGEST_HOURS * 3_600, *later])))
        elif end is not None:
            found.add((person, place, start, end))
    return {row for row in found if row[2] >= since}


@cache
def told_by(number):
    return as_rows(batch(number))


class Story:
    """What a store must hold, by what the program said."""

    def __init__(self):
        self.acknowledged = set()
        self.forgetting = self.forgot = 0

    def hear(self, said):
        for words in said:
            if words[0] == "taken":
                self.acknowledged.add(int(words[1]))
            elif words[:2] == ["begin", "forget"]:
                self.forgetting = int(words[2])
            elif words[0] == "forgot":
                self.forgot = int(words[1])

    def check(self, store):
        held = numbers_held(store)
        assert self.acknowledged <= set(held)
        assert len(held) == len(set(held))
        assert visits.verify(store) == []
        rows = rows_held(store)
        # What a forgetting that was killed had not reached yet may be there; all else is as if nothing had happened.
        assert rows_of(held, self.forgetting) <= rows <= rows_of(held, self.forgot)


def test_a_hundred_kills(program, tmp_path):
    dice = np.random.default_rng(int.from_bytes(os.urandom(4)))
    store, story = tmp_path / "store", Story()
    for turn in range(KILLS):
        first = max(story.acknowledged, default=-1) + 1
        said = program.killed(store, first, during=DURING[turn % len(DURING)], after=dice.uniform(0.0, 0.04))
        story.hear(said)
        if (store / "manifest.json").exists():
            story.check(store)
        else:
            assert not story.acknowledged
    self_made = rows_of(numbers_held(store), story.forgetting)
    visits.compact(store)
    since = max(story.forgetting, MIDNIGHT)
    cases = sorted({row[0] for row in self_made})[:5]
    beyond = max(row[3] for row in self_made)
    found = VisitStore(store).companions([Window(case, since, beyond) for case in cases], least_seconds=LEAST)
    # Stays that began before what was forgotten are gone, so that the plain twin must not know of them either.
    kept = sorted(rows_held(store))
    for case in cases:
        wanted = plain.companions(kept, case, [(since, beyond)], LEAST)
        rows = [row for row in found.to_pylist() if row["case"] == case]
        assert {row["person"]: round(row["minutes"] * 60) for row in rows} == {one: w[0] for one, w in wanted.items()}
    assert {row for row in kept if row[2] >= story.forgetting} == self_made

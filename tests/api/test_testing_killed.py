"""
SIGKILL a hundred times while swabs are registered, readings come in and runs are released.

A real server, sometimes its workers and sometimes all of it, on a real PostgreSQL that is killed too now and then.
Whatever was acknowledged is there once; what was not is sent again and is there once.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from tests.serving import data_folder, ends, free_port, surroundings

ROOT = Path(__file__).resolve().parents[2]
KILLS, WHOLE_EVERY, DATABASE_EVERY = 100, 10, 25
DEVICES, MOST_SWABS, TUBES_OF_RUN = 3, 5, 4
PEOPLE = 6_000


class Server:
    """The program to be killed."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        command = [sys.executable, "-m", "tests.api.killed_server", str(folder)]
        self.log = (folder / "log").open("wb")
        self.running = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, bufsize=1, cwd=ROOT,
            env=surroundings(folder),
        )  # fmt: skip
        self.facts = self.hear("swabs")

    def hear(self, word):
        for line in self.running.stdout:
            if word in (facts := json.loads(line)):
                return facts
        raise AssertionError((self.folder / "log").read_text(encoding="utf-8")[-3000:])

    def ask(self, line, word):
        self.running.stdin.write(f"{line}\n")
        return self.hear(word)

    def serve(self):
        self.copy = self.ask(f"serve {self.port}", "serving")["serving"]

    def kill(self):
        """Kill the server with all its workers, as a machine without power would."""
        os.killpg(self.copy, signal.SIGKILL)
        self.hear("ended")

    def kill_workers(self):
        """Kill who answers requests; the process that watches over them starts others in their place."""
        for worker in Path(f"/proc/{self.copy}/task/{self.copy}/children").read_text(encoding="utf-8").split():
            with suppress(ProcessLookupError):
                os.kill(int(worker), signal.SIGKILL)

    def kill_database(self):
        """Kill PostgreSQL under the server, then the server; start PostgreSQL again."""
        database = int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(database, signal.SIGKILL)
        self.kill()
        assert ends(database)
        self.ask("database", "database")

    def end(self):
        self.running.stdin.close()
        self.running.wait(60)


class Sender:
    """Somebody who sends, and sends again what was not answered; dead ends the work of one life."""

    def __init__(self, world, token):
        self.world, self.token, self.waiting = world, token, None

    def post(self, path, body):
        """Send until it is answered; None when the server is gone."""
        while not self.world.dead.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.world.server.port, timeout=20)
            try:
                headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
                connection.request("POST", path, json.dumps(body), headers)
                answer = connection.getresponse()
                said = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.01)
                continue
            finally:
                connection.close()
            if answer.status < 500:
                self.world.answered.set()
                return answer.status, said
            time.sleep(0.01)  # its database was killed
        return None

    def work(self):
        while not self.world.dead.is_set():
            if self.waiting is None:
                self.waiting = self.next()
            if self.waiting is None:
                time.sleep(0.005)
                continue
            answer = self.post(*self.waiting)
            if answer is not None:
                done, self.waiting = self.waiting, None
                self.note(done, *answer)


class Device(Sender):
    """A table: outboxes of some swabs, each into a tube of its own."""

    def __init__(self, world, number):
        super().__init__(world, world.facts["secrets"]["sampler"])
        self.dice, self.number, self.n_sent = random.Random(number), number, 0

    def next(self):
        with self.world.lock:
            people = list(islice(self.world.people, self.dice.randint(1, MOST_SWABS)))
            if self.world.is_ending or not people:
                return None
            code = next(self.world.codes)
        swabs = [
            {"source_key": f"{self.number}-{n}", "tube": code, "taken_at": "2021-02-20T03:00:00Z", "entry": person}
            for n, person in enumerate(people, start=self.n_sent)
        ]
        self.n_sent += len(swabs)
        return self.world.facts["swabs"], {"swabs": swabs}

    def note(self, done, status, said):
        assert status == 200, said
        assert all(one["answer"] in ("taken", "repeated") for one in said["swabs"]), said
        keys = [f"{one['source_key']} {one['tube']}" for one in done[1]["swabs"]]
        self.world.swabs.update(keys)
        self.world.tubes.append(done[1]["swabs"][0]["tube"])


class Technician(Sender):
    """Reads the tubes that hold swabs, some of them a run."""

    def __init__(self, world):
        super().__init__(world, world.facts["secrets"]["lab_technician"])
        self.n_runs = 0

    def next(self):
        if len(self.world.tubes) < TUBES_OF_RUN:
            return None
        tubes = [self.world.tubes.pop(0) for _ in range(TUBES_OF_RUN)]
        self.n_runs += 1
        readings = [{"tube": one, "found": "negative"} for one in tubes]
        return f"{self.world.facts['laboratory']}/runs", {"source_key": f"run{self.n_runs}", "readings": readings}

    def note(self, done, status, said):
        assert status == 200, said
        self.world.runs[said["run"]["number"]] = (done[1]["source_key"], [one["tube"] for one in done[1]["readings"]])
        self.world.to_release.append(said["run"]["number"])


class Reviewer(Sender):
    """Releases runs, one after the other."""

    def __init__(self, world):
        super().__init__(world, world.facts["secrets"]["lab_reviewer"])

    def next(self):
        if not self.world.to_release:
            return None
        return f"/api/lab-runs/{self.world.to_release.pop(0)}/release", {"seen": TUBES_OF_RUN}

    def note(self, done, status, said):
        # Released, but killed before it could say so.
        assert status == 200 or said["code"] == "laboratory.run_settled", said
        self.world.released.add(int(done[0].split("/")[3]))


class World:
    """All who send, and what was acknowledged to them."""

    def __init__(self, server):
        self.server, self.facts, self.lock = server, server.facts, threading.Lock()
        self.codes, self.people = iter(self.facts["codes"]), iter(range(1, PEOPLE + 1))
        self.swabs, self.tubes, self.runs, self.to_release, self.released = set(), [], {}, [], set()
        self.dead, self.answered = threading.Event(), threading.Event()
        self.senders = [*(Device(self, n) for n in range(DEVICES)), Technician(self), Reviewer(self)]
        self.is_ending, self.faults = False, []

    def life(self, until):
        """Let all work until something happens, which ends the server."""
        self.dead.clear()
        self.answered.clear()
        threads = [threading.Thread(target=self._work, args=(one,)) for one in self.senders]
        for one in threads:
            one.start()
        try:
            until()
        finally:
            self.dead.set()
            for one in threads:
                one.join(60)
        assert not self.faults, self.faults[0]

    def is_done(self):
        """Tell whether everything was answered, now that nobody works."""
        rest = [*(one.waiting for one in self.senders), *self.to_release]
        return self.is_ending and not any(rest) and len(self.tubes) < TUBES_OF_RUN

    def _work(self, sender):
        try:
            sender.work()
        except Exception as fault:  # noqa: BLE001 — whatever it is, the test tells it
            self.faults.append(fault)


@pytest.fixture(scope="module")
def server():
    with data_folder() as folder:
        made = Server(folder)
        yield made
        made.end()


def test_loses_nothing_that_was_acknowledged_and_doubles_nothing(server):
    world, dice = World(server), random.Random(6)
    server.serve()
    for turn in range(KILLS):
        whole = turn % WHOLE_EVERY == WHOLE_EVERY - 1
        database = turn % DATABASE_EVERY == DATABASE_EVERY // 2
        kill = server.kill_database if database else server.kill if whole else server.kill_workers

        def die(kill=kill):
            assert world.answered.wait(60)
            time.sleep(dice.uniform(0, 0.1))
            kill()

        world.life(die)
        if whole or database:
            server.serve()
    world.is_ending = True
    while not world.is_done():
        world.life(lambda: time.sleep(0.5))
    server.kill()
    told = server.ask("told", "swabs")
    assert len(told["swabs"]) == len(set(told["swabs"]))
    assert world.swabs == set(told["swabs"])
    assert told["doubled"] == 0
    assert told["written"] == len(world.swabs)
    assert told["counts_hold"]
    names = {f"{key} released {TUBES_OF_RUN}" for number, (key, _) in world.runs.items() if number in world.released}
    names |= {
        f"{key} recorded {TUBES_OF_RUN}" for number, (key, _) in world.runs.items() if number not in world.released
    }
    assert sorted(told["runs"]) == sorted(names)
    expected = sorted(f"{number} {tube}" for number, (_, tubes) in world.runs.items() for tube in tubes)
    assert sorted(told["readings"]) == expected
    assert sorted(told["released"]) == sorted(world.released)
    done = {tube for number in world.released for tube in world.runs[number][1]}
    assert {code for code, result in told["results"].items() if result is not None} == done
    # Each of the three was under way often enough to be killed.
    assert min(len(world.swabs), len(world.runs), len(world.released)) >= KILLS // 5

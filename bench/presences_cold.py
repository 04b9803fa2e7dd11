"""
Questions of a store of which nothing is in memory: bytes read, and time, beside what the disk needs; and memory.

The pages of the store's files are dropped from the system's cache, the store is opened (which reads and checks
its directories), and the question is asked. What was really read is what the kernel counts for this process.
"""

import gc
import json
import mmap
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

PAGE = 4_096
SAMPLE = 1 << 28  # bytes read to measure the disk
MEMORY_LIMIT = 2 << 30
GROUP = Path("/sys/fs/cgroup/memory/sizao-bench")


def report(path: Path, source: Path, questions: list) -> None:
    """Ask each question cold, three times; print medians beside the pages that hold what matches."""
    from sizao.adapters.visits import VisitStore

    print("\nwith nothing of the store in memory: medians of 3")
    for question in questions:
        floor = _floor(VisitStore(path), question)
        gc.collect()
        told = sorted(_cold(path, question) for _ in range(3))[1]
        seconds, read, opening, opening_bytes = told
        disk = _disk(source)
        needed = floor / disk
        print(
            f"   {question.name}: {seconds * 1000:,.0f} ms; read {read / 1e6:,.1f} MB, {read / floor:.2f} times the "
            f"{floor / 1e6:,.1f} MB of pages with matching rows, for which the disk ({disk / 1e9:.2f} GB a second) "
            f"needs {needed * 1000:,.1f} ms: {seconds / needed:.1f} times; opening before that read "
            f"{opening_bytes / 1e6:,.0f} MB in {opening * 1000:,.0f} ms"
        )


def report_memory(path: Path, questions: list) -> None:
    """Ask in a process of its own that may hold 2 GiB, file pages in memory included; print what it held of its own."""
    print("\nmemory of a process that asks once, kernel's limit of 2 GiB with all file pages that it brought in:")
    for question in questions:
        told = json.dumps([question.name, question.cases, question.only_venues])
        code = f"from bench.presences_cold import child; child({str(path)!r}, {told!r})"
        limited = _limited()
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, preexec_fn=limited
        )  # noqa: PLW1509 — single-threaded here
        said = done.stdout.strip() or f"stopped by the kernel or failed ({done.returncode}): {done.stderr[-200:]}"
        print(f"   {question.name}: {said}" + ("" if limited else " (no control groups here: not limited)"))
    if GROUP.exists():
        GROUP.rmdir()


def child(path: str, told: str) -> None:
    """Ask one question and print how much memory that took."""
    from bench.presences import Asked, ask
    from sizao.adapters.visits import VisitStore

    name, cases, only_venues = json.loads(told)
    question = Asked(name, cases, only_venues)
    store = VisitStore(Path(path))
    ask(store, Asked(name, cases[:1], only_venues))  # compiled code and libraries are loaded
    gc.collect()
    before = _anonymous()
    answer = ask(store, question)
    after = _anonymous()
    print(
        f"anonymous {before:,.0f} MB with the store open, {after:,.0f} MB with an answer of "
        f"{answer.nbytes / 1e6:,.0f} MB in hand; at most {_peak():,.0f} MB of all kinds"
    )


def _limited() -> Any:
    try:
        GROUP.mkdir(exist_ok=True)
        (GROUP / "memory.limit_in_bytes").write_text(str(MEMORY_LIMIT))
    except OSError:
        return None
    return lambda: (GROUP / "cgroup.procs").write_text(str(os.getpid()))


def _anonymous() -> float:
    return _status("RssAnon")


def _peak() -> float:
    return _status("VmHWM")


def _status(name: str) -> float:
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(name + ":"))
    return int(line.split()[1]) / 1_000


def _cold(path: Path, question: Any) -> tuple[float, int, float, int]:
    from bench.presences import _venues, ask
    from sizao.adapters.visits import VisitStore

    for file in path.iterdir():
        if file.is_file():
            _drop(file)
    read, began = _read_bytes(), time.perf_counter()
    store = VisitStore(path)
    _venues(store)
    opening, opening_bytes = time.perf_counter() - began, _read_bytes() - read
    read, began = _read_bytes(), time.perf_counter()
    ask(store, question)
    return time.perf_counter() - began, _read_bytes() - read, opening, opening_bytes


def _drop(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def _read_bytes() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("read_bytes")).split()[1])


def _disk(file: Path) -> float:
    """Read some of a file past the cache, in large pieces; bytes a second."""
    _drop(file)
    room = mmap.mmap(-1, 1 << 24)
    handle = os.open(file, os.O_RDONLY | os.O_DIRECT)
    try:
        began, done = time.perf_counter(), 0
        while done < SAMPLE and (read := os.preadv(handle, [room], done)):
            done += read
        return max(done, 1) / (time.perf_counter() - began)
    finally:
        os.close(handle)


def _floor(store: Any, question: Any) -> int:
    """Give the bytes of the pages that hold the cases' own presences and the records that match."""
    from bench.presences import LEAST, _venues
    from bench.presences_made import BEYOND, MIDNIGHT
    from sizao.adapters.visits import Window
    from sizao.engines.presences.companions import ranges_of

    by_number = store.windows_by_number([Window(one, MIDNIGHT, BEYOND) for one in question.cases])
    own, readings = store.prepared(by_number, LEAST, _venues(store) if question.only_venues else None)
    parts = [mapped for _, mapped in store.segments_during(np.array([[MIDNIGHT, BEYOND]]))]
    persons = np.array(list(by_number), np.int64)
    pages = 0
    for mapped, reading in zip(parts, readings, strict=True):
        held = np.zeros(len(mapped.file) // PAGE + 2, np.int64)
        _mark(held, mapped.people_at, ranges_of(mapped.segment.by_person, persons))
        records = mapped.segment.by_place.records
        for first, beyond, which in reading.ranges.tolist():
            start = records[first:beyond, 0].astype(np.int64)
            end = start + (records[first:beyond, 1] & 0x0FFFFFFF)
            low, high = own.rows[which, 1:].tolist()
            at = first + np.flatnonzero(np.minimum(end, high) - np.maximum(start, low) >= LEAST)
            _mark(held, mapped.records_at, np.column_stack((at, at + 1)))
        pages += int((np.cumsum(held) > 0).sum())
    return pages * PAGE


def _mark(held: np.ndarray, records_at: int, rows: np.ndarray) -> None:
    """Count up where a range of records begins and down behind the page where it ends."""
    rows = rows[rows[:, 1] > rows[:, 0]]
    np.add.at(held, (records_at + rows[:, 0] * 12) // PAGE, 1)
    np.add.at(held, (records_at + rows[:, 1] * 12 - 1) // PAGE + 1, -1)

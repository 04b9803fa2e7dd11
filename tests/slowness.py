"""
Which tests are slow, by what a run of all of them took.

`make test` notes how long each took, and `make slow` makes the list `tests/slow.txt` of it, by which `make unit` leaves
them out. A test that is not on the list yet counts as quick.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("slow.txt")
SLOW_SECONDS = 0.1  # of all cases of one test together
HOUSE_SECONDS = 5.0  # of one that guards the house, since any change may break what it guards
SHARED_SECONDS = 1.0  # a preparation that takes so long is shared, so that what comes after the first needs it too


def function_of(node_id: str) -> str:
    """Give the test of which this is a case."""
    return node_id.partition("[")[0]


def listed() -> frozenset[str]:
    """Read which tests are slow."""
    return frozenset(LIST.read_text(encoding="utf-8").split())


class Stopwatch:
    """Notes how long the parts of each test took, in whichever process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._took: list[tuple[str, str, float]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one part: the preparation, the test, or what comes after."""
        self._took.append((report.nodeid, str(report.when), report.duration))

    def pytest_sessionfinish(self) -> None:
        """Write all down."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(self._took)


def slow(took: Iterable[tuple[str, str, float]]) -> Iterator[str]:
    """Name the slow tests, given the parts of all: (case, part, seconds)."""
    seconds: Counter[str] = Counter()
    shared = set()
    for case, part, each in took:
        seconds[function_of(case)] += each
        if part == "setup" and each >= SHARED_SECONDS:
            shared.add(case.partition("::")[0])
    for function, total in sorted(seconds.items()):
        if function.startswith("tests/house/"):
            is_slow = total >= HOUSE_SECONDS
        else:
            is_slow = total >= SLOW_SECONDS or function.partition("::")[0] in shared
        if is_slow:
            yield function


if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as noted:
        names = list(slow((case, part, float(each)) for case, part, each in csv.reader(noted)))
    LIST.write_text("".join(f"{one}\n" for one in names), encoding="utf-8")

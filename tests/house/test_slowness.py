"""The list of slow tests names tests that are there, and follows from what they took."""

from functools import cache
from pathlib import Path

from tests import slowness

ROOT = Path(__file__).resolve().parents[2]


@cache
def text_of(file):
    return (ROOT / file).read_text(encoding="utf-8")


class TestTheList:
    def test_names_tests_that_are_there(self):
        for one in slowness.listed():
            file, *_, name = one.split("::")
            assert f"def {name}(" in text_of(file), f"{one} is gone; run `make slow` after `make test`"

    def test_takes_all_cases_of_a_test_together(self):
        took = [("a.py::test_b[1]", "call", 0.07), ("a.py::test_b[2]", "setup", 0.07), ("a.py::test_c", "call", 0.07)]
        assert list(slowness.slow(took)) == ["a.py::test_b"]

    def test_takes_those_that_share_a_long_preparation(self):
        took = [("a.py::T::test_b", "setup", 1.5), ("a.py::test_c", "call", 0.01), ("b.py::test_c", "call", 0.01)]
        assert list(slowness.slow(took)) == ["a.py::T::test_b", "a.py::test_c"]

    def test_leaves_what_guards_the_house_unless_it_takes_seconds(self):
        took = [("tests/house/test_a.py::test_b", "setup", 1.5), ("tests/house/test_c.py::test_d", "call", 8.0)]
        assert list(slowness.slow(took)) == ["tests/house/test_c.py::test_d"]

"""What several want at one moment is worked out in one go; each has an answer of its own, none older than its wish."""

import threading
import time

import pytest

from sizao.errors import SizaoError
from sizao.records.together import Together


class Refused(SizaoError):
    code = "tests.refused"
    message = "No."


class Counted:
    """Work that notes with whom it was done, and waits in its first go until it is let on."""

    def __init__(self, *, fails_with=()):
        self.goes, self.began, self.go_on, self.fails_with = [], threading.Event(), threading.Event(), fails_with

    def __call__(self, wanted):
        self.goes.append(sorted(wanted))
        if len(self.goes) == 1:
            self.began.set()
            assert self.go_on.wait(30)
        if set(wanted) & set(self.fails_with):
            raise ValueError(f"cannot be done: {wanted}")
        return [Refused() if one < 0 else 10 * one for one in wanted]


def ask(line, work, *wanted):
    """Let one ask, and the others while its work goes on; give what each was told."""
    told = {}

    def one(what):
        try:
            told[what] = line.served(what)
        except (Refused, ValueError) as fault:
            told[what] = type(fault).__name__

    threads = [threading.Thread(target=one, args=(what,)) for what in wanted]
    threads[0].start()
    assert work.began.wait(30)
    for thread in threads[1:]:
        thread.start()
    while len(line.line) < len(threads) - 1:
        time.sleep(0.005)
    work.go_on.set()
    for thread in threads:
        thread.join(30)
    return told


pytestmark = pytest.mark.django_db(transaction=True)


def test_what_came_meanwhile_goes_next_and_in_one_go():
    work = Counted()
    assert ask(Together(work), work, 1, 2, 3, 4) == {1: 10, 2: 20, 3: 30, 4: 40}
    assert work.goes == [[1], [2, 3, 4]]


def test_a_refusal_is_raised_only_where_it_belongs():
    work = Counted()
    assert ask(Together(work), work, 1, -2, 3) == {1: 10, -2: "Refused", 3: 30}


def test_what_fails_together_is_done_by_each_alone():
    work = Counted(fails_with={3})
    assert ask(Together(work), work, 1, 2, 3) == {1: 10, 2: 20, 3: "ValueError"}
    assert work.goes[1] == [2, 3]
    assert sorted(work.goes[2:]) == [[2], [3]]


def test_one_who_may_not_go_along_goes_after():
    work = Counted()
    line = Together(work, lambda together, one: (one - together[0]) % 2 == 0)
    assert ask(line, work, 1, 2, 4, 5) == {1: 10, 2: 20, 4: 40, 5: 50}
    assert sorted(work.goes[1:]) == [[2, 4], [5]]


def test_nobody_waits_after_a_fault():
    work = Counted(fails_with={1})
    work.go_on.set()
    line = Together(work)
    for _ in range(2):
        with pytest.raises(ValueError):
            line.served(1)
    assert line.served(2) == 20

"""What screens show is kept, and worked out within a share: the longest waiting first, one at a time."""

import time
from collections import Counter
from threading import Event, Thread

import pytest

from sizao.web import command_kept
from sizao.web.command_kept import Kept, Share, Told
from tests.response.command_world import NOON


class Sayings(dict):
    """What is there to be told, by key; each telling is noted."""

    def __init__(self, **more):
        super().__init__(**more)
        self.told = []

    def work(self, key, cost=0.0):
        def told(seen, latest):
            self.told.append(key)
            until = time.thread_time() + cost
            while time.thread_time() < until:
                pass
            text = self[key]
            return Told(version=seen, tag=text, text=text, at=NOON, written_at=NOON, told_at=time.monotonic())

        return told


def kept(most=9, part=1.0, saved_seconds=60.0):
    return Kept(most, Share(part, saved_seconds))


class TestKept:
    def test_works_a_thing_out_once_for_many(self):
        held, sayings, begun, go = kept(), Sayings(a="whole"), Event(), Event()

        def slow(seen, latest):
            begun.set()
            assert go.wait(10)
            return sayings.work("a")(seen, latest)

        held.want({"a": slow})
        first = Thread(target=lambda: held.bring(["a"], "1", wait_seconds=0))
        first.start()
        assert begun.wait(10)
        others = [Thread(target=lambda: held.bring(["a"], "1", wait_seconds=10)) for _ in range(3)]
        for one in others:
            one.start()
        held.bring(["a"], "1", wait_seconds=0)  # whoever cannot wait goes on at once
        go.set()
        for one in (first, *others):
            one.join(10)
        assert (held.latest("a").text, sayings.told) == ("whole", ["a"])

    def test_does_not_keep_a_failure_and_tells_who_asked(self):
        held, sayings = kept(), Sayings()
        held.want({"a": sayings.work("a")})
        with pytest.raises(KeyError):
            held.bring(["a"], "1", wait_seconds=0)
        sayings["a"] = "whole"
        held.want({"a": sayings.work("a")})
        held.bring(["a"], "1", wait_seconds=0)
        assert held.latest("a").text == "whole"

    def test_does_not_tell_of_a_failure_to_who_asked_for_something_else(self):
        held, sayings = kept(), Sayings(b="whole")
        held.want({"a": sayings.work("a"), "b": sayings.work("b")})
        held.bring(["b"], "1", wait_seconds=0)
        assert (held.latest("a"), held.latest("b").text) == (None, "whole")

    def test_keeps_the_latest_alone(self):
        held, sayings = kept(most=2), Sayings(a="a", b="b", c="c")
        held.want({key: sayings.work(key) for key in "abc"})
        held.bring("abc", "1", wait_seconds=0)
        assert [held.latest(key) and held.latest(key).text for key in "abc"] == [None, "b", "c"]

    def test_works_out_first_what_has_waited_longest(self):
        held, sayings = kept(), Sayings(a="a", b="b", c="c")
        for key in "abcab":  # who asks again keeps the place
            held.want({key: sayings.work(key)})
        held.bring(["c"], "1", wait_seconds=0)
        assert sayings.told == ["a", "b", "c"]

    def test_uses_no_more_than_its_share_and_leaves_nobody_out(self):
        held, sayings = kept(part=0.2, saved_seconds=0.05), Sayings(**{f"{n}": "x" for n in range(8)})
        began, used = time.monotonic(), time.thread_time()
        while time.monotonic() - began < 2:
            held.want({key: sayings.work(key, cost=0.02) for key in sayings})
            held.bring(["0"], "1", wait_seconds=0)
            time.sleep(0.005)
        assert 0 < len(sayings.told) * 0.02 <= 0.05 + 0.2 * 2 + 2 * 0.02
        assert time.thread_time() - used < 1
        assert sayings.told[:8] == list(sayings)
        counts = Counter(sayings.told)
        assert max(counts.values()) - min(counts.values()) <= 1

    def test_keeps_nobody_long_with_what_others_wait_for(self, monkeypatch):
        held, sayings = kept(), Sayings(a="a", b="b", c="c")
        for key in "abc":
            held.want({key: sayings.work(key)})
        monkeypatch.setattr(command_kept, "FOR_OTHERS_SECONDS", -1)
        held.bring(["c"], "1", wait_seconds=0)
        assert sayings.told == []
        held.bring(["a", "c"], "1", wait_seconds=0)
        assert sayings.told == ["a"]

    def test_forgets_who_no_longer_asks(self, monkeypatch):
        held, sayings = kept(), Sayings(a="a", b="b")
        held.want({"a": sayings.work("a")})
        monkeypatch.setattr(command_kept, "NO_LONGER_ASKED_SECONDS", -1)
        held.want({"b": sayings.work("b")})
        held.bring(["b"], "1", wait_seconds=0)
        assert sayings.told == ["b"]

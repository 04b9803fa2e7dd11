"""The two city-wide rounds of January 2021, at a hundredth: from plan to coverage, stopped anywhere, counted again."""

import pytest

from sizao.drill import scenario
from sizao.drill.city_rounds import run
from sizao.response import register
from sizao.response.testing import coverage

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ONE_IN = 100


def test_it_runs():
    shown = scenario.load("hebei-2021-01")
    register.load_areas([one for one in shown.areas() if one.code.startswith(("13",))], by=None, now=__import__("datetime").datetime(2021, 1, 1, tzinfo=__import__("datetime").UTC))
    import time
    t = time.time()
    def tell(name, place, of):
        print(name, place, of, round(time.time() - t, 2), flush=True)
    done = run.carry(shown, one_in=ONE_IN, tell=tell)
    for one in done.rounds:
        print(one.number, one.expected, one.registered, one.missed, one.explained)
        total = coverage.total(one, as_of=one.closed_at)
        print(total)
        counted = coverage.recount(one)
        s = sum(counted.values(), coverage.Coverage())
        print(s)
        assert s == total

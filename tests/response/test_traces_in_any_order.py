"""Nobody is missed because of order: whatever comes first, the matches are those of everything at once."""

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest

from sizao.records.models import Case, Person
from sizao.response.tracing import presences, standing
from sizao.terms import CaseStatus
from tests import factories
from tests.response.presence_world import NOW, at, token, world

pytestmark = pytest.mark.django_db

PEOPLE, PLACES, ROWS, BATCHES = 12, 4, 60, 6
CASES = ("P-0", "P-1", "P-2")
WINDOW = (at("00:00", day=6), at("00:00", day=25))
LEAST = 10 * 60


def some_presences(dice):
    """Make presences of a few people at a few places, long and short, across midnight and outside every window."""
    start = at("00:00", day=4) + dice.integers(0, 6 * 86_400, ROWS)
    end = start + dice.choice([300, 600, 1800, 7200, 50_000], ROWS)
    who, place = dice.integers(0, PEOPLE, ROWS), dice.integers(0, PLACES, ROWS)
    rows = zip(who.tolist(), place.tolist(), start.tolist(), end.tolist(), strict=True)
    return [(f"P-{one}", f"place-{there}", *span) for one, there, *span in rows]


def plainly(rows, case):
    """Say with whom a case shared how many minutes, the slow way: stretches without a gap at one place."""
    own = [(place, max(start, WINDOW[0]), min(end, WINDOW[1])) for who, place, start, end in rows if who == case]
    spans = defaultdict(list)
    for who, there, begins, ends in rows:
        for place, start, end in own:
            if who != case and there == place and min(end, ends) > max(start, begins):
                spans[who, place].append((max(start, begins), min(end, ends)))
    found = defaultdict(float)
    for (who, _), pieces in spans.items():
        found[who] += sum(length for length in _stretches(pieces) if length >= LEAST) / 60
    return {who: minutes for who, minutes in found.items() if minutes}


def _stretches(pieces):
    merged = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [end - start for start, end in merged]


@pytest.mark.parametrize("seed", range(8))
class TestOrder:
    def test_of_batches_confirmations_questions_and_loops_changes_no_match(self, seed, here):
        dice = np.random.default_rng(seed)
        rows = some_presences(dice)
        parts = [rows[number::BATCHES] for number in range(BATCHES)]
        steps = [("batch", part) for part in parts]
        steps += [("ask", number) for number in CASES] + [("onset", number) for number in CASES]
        steps += [("loop", None)] * 3
        traces = {}
        done = [steps[one] for one in dice.permutation(len(steps))]
        # A question needs something to ask, so that one batch comes before.
        first = next(step for step in done if step[0] == "batch")
        for clock, (kind, what) in enumerate([first, *(step for step in done if step is not first)]):
            now = NOW + timedelta(minutes=clock)
            if kind == "batch":
                here.send(*what, now=now)
            elif kind == "ask":
                traces[what] = here.ask(case=case_of(here, what), now=now)
            elif kind == "onset":
                Case.objects.filter(person__number=what).update(onset_date=date(2021, 1, 8))
            else:
                standing.advance(here.outbreak, now)
        Case.objects.update(onset_date=date(2021, 1, 8))  # also of those who became cases after it was told
        end = NOW + timedelta(hours=2)
        standing.advance(here.outbreak, end)
        assert standing.advance(here.outbreak, end) == 0
        names = {token(here, f"P-{one}"): f"P-{one}" for one in range(PEOPLE)}
        for number, trace in traces.items():
            standing_now = trace.matches.filter(gone_at=None).values_list("token", "minutes")
            told = {names[one]: minutes for one, minutes in standing_now}
            assert told == pytest.approx(plainly(rows, number), abs=0.001), number
        assert presences.opened(here.outbreak).manifest.rows == ROWS


def case_of(here, number):
    """Give the case of a person, confirmed now if it was not; its onset is thought to be a day later at first."""
    person = Person.objects.filter(number=number).first() or factories.person(number=number)
    known = Case.objects.filter(person=person).first()
    return known or factories.case(
        of=person, within=here.outbreak, status=CaseStatus.CONFIRMED, onset_date=date(2021, 1, 9)
    )


@pytest.fixture
def here():
    return world()

"""Who goes where when the sites are given: many arcs to few destinations cost no more than all of them at once."""

import numpy as np
import pytest

from sizao.engines.planning import transport
from sizao.engines.planning.reach import nearest
from sizao.engines.planning.transport import least_cost


def drawn(seed, *, room):
    """Draw sites with tubes, laboratories with room for `room` times as many, and all ways between them."""
    dice = np.random.default_rng(seed)
    at, laboratories = dice.uniform(0, 50_000, (400, 2)), dice.uniform(0, 50_000, (8, 2))
    tubes = dice.integers(0, 60, 400).astype(np.float64)  # some sites send nothing
    share = dice.dirichlet(np.full(8, 2.0))
    arcs = nearest(at, laboratories, hours_per_metre=1 / 30_000, most=8, metres=None)
    return arcs, tubes, np.floor(share * tubes.sum() * room)


@pytest.mark.parametrize("room", [3.0, 1.05, 0.8])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_beginning_with_few_arcs_costs_the_same(monkeypatch, seed, room):
    question = drawn(seed, room=room)
    whole = least_cost(*question)
    monkeypatch.setattr(transport, "MANY", 100)
    few = least_cost(*question)
    assert few.cost == pytest.approx(whole.cost)
    assert few.at_home.sum() == pytest.approx(whole.at_home.sum())
    arcs, tubes, most = question
    assert np.bincount(arcs.village, few.amounts, len(tubes)) + few.at_home == pytest.approx(tubes)
    assert (np.bincount(arcs.site, few.amounts, len(most)) <= most + 1e-6).all()


def test_beginning_with_few_arcs_looks_at_few(monkeypatch):
    question, added = drawn(1, room=1.05), []
    add = transport._Columns._add
    monkeypatch.setattr(transport._Columns, "_add", lambda self, more: (added.append(len(more)), add(self, more))[1])
    monkeypatch.setattr(transport, "MANY", 100)
    least_cost(*question)
    # A tenth of all to learn what room is worth, then little more than the three best of each.
    assert sum(added[1:]) < len(question[0]) / 2

"""The final size of an outbreak in homes, classes and teams beside that of Covasim on the same network."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sizao.engines.simulation import areas, city
from sizao.engines.simulation.people import Makeup
from sizao.engines.simulation.spread import Outbreak
from tests.engines.simulation.made_up import disease, log_of, world_of

PYTHON = "SIZAO_COVASIM_PYTHON"
SCRIPT = Path(__file__).parents[2] / "reference" / "covasim_final_size.py"
LATENT, INFECTIOUS, DAYS = 3, 6, 180
HOME_RATE, GROUP_RATE = 0.5, 0.1
FIRST, SEEDS = np.arange(5, 9000, 300), range(4)


@pytest.fixture(scope="module")
def town():
    return city.build(areas.made_up_areas(9000, community=500), seed=1, makeup=Makeup())


def plain_disease():
    """Everybody alike: infectious from day 3 to 8 after infection, at home, in class and at work only."""
    fixed = np.append(np.zeros(LATENT), 1.0)
    return disease(
        latent=fixed,
        incubation=fixed,
        infectiousness=np.full(INFECTIOUS, 1 / INFECTIOUS),
        first_day=0,
        variation=np.nan,
        symptomatic=np.zeros(9),
        asymptomatic_factor=1.0,
        rates=np.array([HOME_RATE, GROUP_RATE, GROUP_RATE, 0.0, 0.0]),
        susceptibility=np.ones((9, 4)),
        infectivity=np.ones(4),
    )


def our_share(town, seed):
    log = log_of(town)
    outbreak = Outbreak(world_of(town, log, travel={}), log, plain_disease(), seed=seed)
    outbreak.infect(FIRST)
    for day in range(DAYS):
        outbreak.step(day)
    return len(outbreak.ledger) / town.people


def pairs_within(blocks):
    """Every pair of each block of people."""
    found = [np.column_stack(np.triu_indices(len(block), 1)) for block in blocks]
    return np.concatenate([block[pairs] for block, pairs in zip(blocks, found, strict=True)])


def exported(town, path):
    heads = np.flatnonzero(town.offset == 0)
    homes = [np.arange(head, head + size) for head, size in zip(heads, town.size[heads].astype(int), strict=True)]
    groups = [town.members[one:other] for one, other in zip(town.group_start, town.group_start[1:], strict=False)]
    np.savez(
        path,
        people=town.people,
        homes=pairs_within(homes),
        groups=pairs_within(groups),
        home_chance=1 - np.exp(-HOME_RATE / INFECTIOUS),
        group_chance=1 - np.exp(-GROUP_RATE / INFECTIOUS),
        free=(np.arange(DAYS) % 7 >= 5).astype(float),
        latent=LATENT,
        infectious=INFECTIOUS,
        first=FIRST,
        seeds=np.array(SEEDS),
    )


def test_the_final_size_is_that_of_covasim_within_five_points(town, tmp_path):
    if not os.environ.get(PYTHON):
        pytest.skip(f"{PYTHON} names no Python with Covasim 3.1 (an environment of its own)")
    exported(town, tmp_path / "network.npz")
    told = subprocess.run(
        [os.environ[PYTHON], SCRIPT, tmp_path / "network.npz"], capture_output=True, text=True, check=True
    )
    theirs = json.loads(told.stdout.splitlines()[-1])
    ours = [our_share(town, seed) for seed in SEEDS]
    assert 0.2 < np.mean(ours) < 0.95
    assert abs(np.mean(ours) - np.mean(theirs)) < 0.05, (ours, theirs)

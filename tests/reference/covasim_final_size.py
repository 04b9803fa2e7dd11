"""
Run Covasim on an exported network: `PYTHON covasim_final_size.py NETWORK.npz`, where Covasim 3.1 is installed.

The file holds `people`, the edges of two layers (`homes`, `groups`: two columns of person numbers) with the chance
a day that an infectious person infects the other one (`home_chance`, `group_chance`), the days without groups
(`free`, 1 or 0 a day), `latent` and `infectious` in days, the `first` infected and the `seeds`. Prints the share
of people infected in the end, by seed.
"""

import json
import sys

import numpy as np


def main() -> None:
    import covasim  # in the other environment only

    covasim.options(verbose=0)
    told = np.load(sys.argv[1])
    sys.stdout.write(json.dumps([_final_share(covasim, told, int(seed)) for seed in told["seeds"]]) + "\n")


def _final_share(covasim, told, seed: int) -> float:  # noqa: ANN001
    people = int(told["people"])
    contacts = covasim.Contacts(h=_layer(covasim, told["homes"]), s=_layer(covasim, told["groups"]))
    rng = np.random.default_rng(0)
    sim = covasim.Sim(
        _parameters(covasim, told, seed),
        people={"uid": np.arange(people), "age": np.full(people, 35.0), "sex": rng.integers(0, 2, people),
                "contacts": contacts, "layer_keys": ["h", "s"]},
    )  # fmt: skip
    sim.initialize()
    sim.people.rel_sus[:] = 1.0
    sim.people.rel_trans[:] = 1.0
    sim.people.infect(told["first"], layer="seed_infection")
    sim.run()
    return float(np.isfinite(sim.people.date_exposed).mean())


def _layer(covasim, edges):  # noqa: ANN001, ANN202
    return covasim.Layer(p1=edges[:, 0], p2=edges[:, 1], beta=np.ones(len(edges)))


def _parameters(covasim, told, seed: int) -> dict:  # noqa: ANN001
    free = told["free"]
    turns = np.flatnonzero(np.append(True, free[1:] != free[:-1]))

    def fixed(days):  # noqa: ANN001, ANN202
        return {"dist": "lognormal_int", "par1": float(days), "par2": 0.0}

    return {
        "pop_size": int(told["people"]), "pop_infected": 0, "n_days": len(free) - 1, "rand_seed": seed,
        "rescale": False, "use_waning": False, "verbose": 0, "beta": 1.0, "asymp_factor": 1.0, "rel_symp_prob": 0.0,
        "beta_layer": {"h": float(told["home_chance"]), "s": float(told["group_chance"])},
        "dynam_layer": {"h": 0, "s": 0}, "contacts": {"h": 1, "s": 1},
        "iso_factor": {"h": 1, "s": 1}, "quar_factor": {"h": 1, "s": 1},
        "beta_dist": {"dist": "uniform", "par1": 1.0, "par2": 1.0},
        "viral_dist": {"frac_time": 0.5, "load_ratio": 1, "high_cap": 1000},
        "dur": {**covasim.make_pars()["dur"], "exp2inf": fixed(told["latent"]), "asym2rec": fixed(told["infectious"])},
        "interventions": [covasim.change_beta(days=turns, changes=1.0 - free[turns], layers="s")],
    }  # fmt: skip


main()

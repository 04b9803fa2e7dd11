"""Run Covasim where it is installed, outside of the project: `PYTHON bench/covasim_run.py PEOPLE contain|wave SEED`."""

import json
import resource
import sys
import time


def main() -> None:
    import covasim  # in the other environment only

    covasim.options(verbose=0)
    people, scenario, seed = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sim = covasim.Sim(
        pop_size=people,
        pop_type="hybrid",
        pop_infected=100,
        n_days=60,
        rescale=False,
        rand_seed=seed,
        verbose=0,
        interventions=_response(covasim) if scenario == "contain" else None,
        beta=0.016 if scenario == "contain" else 0.03,
    )
    sim.initialize()
    began = time.process_time()
    sim.run()
    seconds = time.process_time() - began
    told = {
        "seconds": seconds,
        "infections": int(sim.results["cum_infections"].values[-1]),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(told) + "\n")


def _response(covasim) -> list:  # noqa: ANN001
    return [
        covasim.test_prob(symp_prob=0.4, asymp_prob=0.01, symp_quar_prob=0.4, asymp_quar_prob=0.1, test_delay=1),
        covasim.contact_tracing(
            trace_probs={"h": 1.0, "s": 0.8, "w": 0.8, "c": 0.5}, trace_time={"h": 1, "s": 1, "w": 1, "c": 1}
        ),
    ]


main()

"""The plain twin of the ending: let the outbreak run on, many times, person by person."""


def last_reports(case_days, now, reproduction, dispersion, serial, reporting, rng, runs, horizon):
    """Day of the last report after now in each run; now itself where there was none, `horizon` where it runs on."""
    last = []
    for _ in range(runs):
        latest, waiting = now, list(case_days)
        while waiting and latest < horizon:
            onset = waiting.pop()
            if dispersion == float("inf"):
                n = rng.poisson(reproduction)
            else:
                n = rng.poisson(rng.gamma(dispersion, reproduction / dispersion)) if reproduction else 0
            for _ in range(n):
                ill = onset + 1 + rng.choice(len(serial), p=serial)
                told = ill + rng.choice(len(reporting), p=reporting)
                if told > now:  # those reported by now are cases of their own
                    latest = max(latest, told)
                    waiting.append(ill)
        last.append(min(latest, horizon))
    return last

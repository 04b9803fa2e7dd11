"""
The facts of a drill's report, worked out once: the page and the PDF, in either language, tell these and no others.

Plain values only (they are kept as JSON). Days are counted from the first day of the drill, which is 0.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sizao.drill.rehearsal import scores, steering
from sizao.drill.rehearsal.looking import NEVER, Looking
from sizao.drill.rehearsal.report_file import Facts
from sizao.drill.rehearsal.run import Running
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.engines.simulation.disease import HOUSEHOLD, LAYERS
from sizao.records.models import Case, Contact
from sizao.terms import CaseStatus

LATER = 3  # days and more after the case


def facts(running: Running) -> Facts:
    """Work out the report of a drill as far as it has gone; six more lives of its city are lived for it."""
    looking = Looking(running)
    rehearsal, grouped = running.rehearsal, scores.grouped(looking)
    return {
        "drill": rehearsal.slug,
        "name": rehearsal.name,
        "name_en": rehearsal.name_en,
        "first_date": rehearsal.first_date.isoformat(),
        "earliest_day": rehearsal.earliest_day,
        "days": looking.days,
        "n_days": rehearsal.n_days,
        "population": rehearsal.population,
        "scored": [[one.key, one.zh, one.en, one.value, one.unit] for told in grouped.values() for one in told],
        "groups": {name: [one.key for one in told] for name, told in grouped.items()},
        "infections": dict(looking.lived),
        "found": _by_day(looking.cases[1], looking.days),
        "helped": dict(looking.helped),
        "contacts": list(_contacts(looking)),
        "rooms": scores.rooms(looking),
        "capacity": {"rooms": rehearsal.means.rooms},
        "done": _done(looking),
        "clocks": [[str(kind), kept, late] for kind, (kept, late) in scores.clocks_by_kind(looking).items()],
        "refused": refused(looking),
        "by_people": _by_people(looking),
        "published": list(_published(looking)),
        "generated": _generated(rehearsal, looking.life.names),
    }


def _by_day(day: np.ndarray, days: int) -> list[int]:
    return np.bincount(day[(day >= 0) & (day < days)], minlength=days)[:days].tolist()


def _contacts(looking: Looking) -> Iterator[dict[str, Any]]:
    """Tell, for each layer, how many were truly met, and how many of them were found how many days after the case."""
    met = looking.met
    for layer, name in enumerate(LAYERS):
        delay = met.delay[met.layer == layer]
        later = int(((delay >= LATER) & (delay < NEVER)).sum())
        found = [int((delay == days).sum()) for days in range(LATER)]
        yield {"layer": name, "met": len(delay), "found": [*found, later], "never": int((delay == NEVER).sum())}


def _done(looking: Looking) -> dict[str, int]:
    """Sum up what sources told and officers did, day by day, from the journal."""
    total: dict[str, int] = {}
    for verb in (steering.MORNING_DONE, steering.DAY_DONE):
        for told in steering.lines(looking.outbreak, verb).order_by("pk").values_list("facts", flat=True):
            for name, count in told.get("done", {}).items():
                total[name] = total.get(name, 0) + count
    return total


def refused(looking: Looking) -> list[dict[str, Any]]:
    """Sum up what the platform refused to officers, by its code; the most frequent first."""
    total: dict[str, dict[str, Any]] = {}
    lines = steering.lines(looking.outbreak, steering.DAY_DONE).order_by("pk")
    for told in lines.values_list("facts", flat=True):
        for code, one in told.get("refused", {}).items():
            known = total.setdefault(code, {"code": code, "times": 0, "said": one["said"]})
            known["times"] += one["times"]
    return sorted(total.values(), key=lambda one: (-one["times"], one["code"]))


def without_facts(sentence: str) -> str:
    """Say the sentence of a refusal without what differed from time to time."""
    return re.sub(r"\{[^}]*\}", "…", sentence)


def _by_people(looking: Looking) -> list[str]:
    """List the roles whose work people did, at least for a time."""
    lines = steering.lines(looking.outbreak, steering.STEERED).values_list("facts", flat=True)
    return sorted({role for told in lines for role in told["by_people"]})


def _published(looking: Looking) -> Iterator[dict[str, Any]]:
    """Set what was published of the real outbreak beside what the drill came to."""
    for one in looking.running.rehearsal.published:
        here = _PUBLISHED[one.what](looking, one.area or looking.running.rehearsal.area_code)
        area = looking.life.names.get(one.area, one.area) if one.area else ""
        yield {"what": one.what, "area": area, "there": one.value, "here": here, "source": one.source}


def _infected_in(looking: Looking, area: str) -> np.ndarray:
    life = looking.life
    ledger = life.outbreak.ledger
    return np.isin(life.city.community[ledger.person], life.within(area))


def _infected(looking: Looking, area: str) -> int:
    return int(_infected_in(looking, area).sum())


def _with_status(status: CaseStatus) -> Any:
    def count(looking: Looking, area: str) -> int:
        return Case.objects.filter(outbreak=looking.outbreak, status=status, person__area_code__startswith=area).count()

    return count


def _duration(looking: Looking, area: str) -> int | None:
    del area
    day = looking.cases[1]
    return int(day[-1] - day[0] + 1) if len(day) else None


def _attack_rate(looking: Looking, area: str) -> float | None:
    life = looking.life
    people = int(life.city.zones.size[life.within(area)].sum())
    return int(_infected_in(looking, area).sum()) / people if people else None


def _household_share(looking: Looking, area: str) -> float | None:
    layer = looking.life.outbreak.ledger.layer[_infected_in(looking, area)]
    passed_on = layer[layer >= 0]
    return float((passed_on == HOUSEHOLD).mean()) if len(passed_on) else None


def _n_contacts(looking: Looking, area: str) -> int:
    return Contact.objects.filter(outbreak=looking.outbreak, person__area_code__startswith=area).count()


_PUBLISHED = {
    "infected": _infected,
    "confirmed": _with_status(CaseStatus.CONFIRMED),
    "asymptomatic": _with_status(CaseStatus.ASYMPTOMATIC),
    "days": _duration,
    "attack_rate": _attack_rate,
    "household_share": _household_share,
    "contacts": _n_contacts,
}


def _generated(rehearsal: Rehearsal, names: Mapping[str, str]) -> dict[str, Any]:
    """Say which of the scenario's data are known and which were generated."""
    made_up = sum(one.population for one in rehearsal.residents if one.basis == "generated")
    return {
        "variant": rehearsal.variant,
        "seed": rehearsal.seed,
        "sources": list(rehearsal.sources),
        "people": rehearsal.population,
        "people_generated": made_up,
        "population_sources": sorted({one.source or one.basis for one in rehearsal.residents}),
        "beginnings": [[names.get(one.area, one.area), one.day, one.people] for one in rehearsal.beginnings],
        "occasions": [one.name for one in rehearsal.occasions],
        "measures": sorted({one.source for one in rehearsal.measures if one.source}),
        "measures_made_up": sum(not one.source for one in rehearsal.measures),
    }

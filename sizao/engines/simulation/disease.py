"""
What a simulation must know of a disease: one frozen set of arrays a variant, in natural units.

Variants with their sources are data (see `variants`); this page says what each number means. `Course`
is the same in whole numbers, as the compiled engine reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import rng
from sizao.engines.simulation.rng import Floats, Ints
from sizao.errors import SizaoError

# Bands of ten years, the last open: 0-9, 10-19 … 80 and more. Doses: none, one, two, three and more.
N_BANDS, N_DOSES = 9, 4
# Where infection passes. Rates are given, and the ledger is kept, in this order.
HOUSEHOLD, CLASS, WORK, VENUE, TRANSPORT = range(5)
LAYERS = ("household", "class", "work", "venue", "transport")
UNIT = 1 << 16  # of infectiousness


class NotADisease(SizaoError):
    """Tables that contradict each other or their own meaning."""

    code = "simulation.not_a_disease"
    message = "{name}: {reason} Correct the table of the variant."


@dataclass(frozen=True)
class Disease:
    """
    One variant. Chances are from 0 to 1; days count whole days.

    `latent[k]`, `incubation[k]`: chance that infectiousness, symptoms begin k days after infection. Both are drawn from
    one number, so that who is slow is slow in both; infectiousness begins a day after infection at the soonest.
    `infectiousness`: share of all infectiousness by day from onset, the first entry on `first_day` (-2: two
    days before onset). It sums to 1. Those who never have symptoms follow the same course from the day they would have.
    `variation`: shape of the gamma law by which people differ (smaller: fewer people cause more); NaN: not at all.
    `symptomatic[band]`: chance of symptoms. `asymptomatic_factor`: infectiousness of those without.
    `rates[layer]`: infections that a person of average infectiousness causes over the whole course in one susceptible
    companion: household, class and work a companion who is there every day; venue and transport an hour together
    on each day. As a hazard: the chance is 1 - exp(-rate) for small parts.
    `susceptibility[band, doses]`: relative to an unvaccinated adult (at most 1). `infectivity[doses]`: of those
    infected in spite of doses.
    `pcr`, `antigen`: chance that a test of an infected person finds it, by day since infection; 0 beyond the table.
    `severe`, `critical`, `death` [band, doses]: chances of one infection.
    `sources`: where each table comes from, by its name.
    """

    name: str
    latent: Floats
    incubation: Floats
    infectiousness: Floats
    first_day: int
    variation: float
    symptomatic: Floats
    asymptomatic_factor: float
    rates: Floats
    susceptibility: Floats
    infectivity: Floats
    pcr: Floats
    antigen: Floats
    severe: Floats
    critical: Floats
    death: Floats
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise NotADisease where a table has the wrong shape, or its numbers cannot be."""
        by_age = (N_BANDS, N_DOSES)
        shapes = {
            "symptomatic": (N_BANDS,), "rates": (len(LAYERS),), "susceptibility": by_age, "infectivity": (N_DOSES,),
            "severe": by_age, "critical": by_age, "death": by_age,
        }  # fmt: skip
        for table, shape in shapes.items():
            if np.shape(getattr(self, table)) != shape:
                raise self._no(f"`{table}` has the shape {np.shape(getattr(self, table))} and not {shape}.")
        for table in ("symptomatic", "susceptibility", "pcr", "antigen", "severe", "critical", "death"):
            values = np.asarray(getattr(self, table))
            if not ((values >= 0) & (values <= 1)).all():
                raise self._no(f"`{table}` holds a number that is not from 0 to 1.")
        for table in ("latent", "incubation", "infectiousness"):
            values = np.asarray(getattr(self, table))
            if values.ndim != 1 or not (values >= 0).all() or abs(values.sum() - 1) > 1e-6:
                raise self._no(f"`{table}` is not a row of numbers of 0 and more that sum to 1.")
        if not all((np.asarray(values) >= 0).all() for values in (self.rates, self.infectivity)):
            raise self._no("`rates` or `infectivity` holds a number below 0.")

    def _no(self, reason: str) -> NotADisease:
        return NotADisease(name=self.name, reason=reason)


class Course(NamedTuple):
    """A disease in whole numbers: tables for `rng.drawn_from`, thresholds of 2^-32, factors in UNIT."""

    latent: Ints
    incubation: Ints
    infectiousness: Ints  # by day from onset
    first_day: int
    variation: Ints  # equally likely factors
    symptomatic: Ints
    asymptomatic_factor: int
    per_contact: Ints  # by layer, in 2^-32
    per_second: Ints  # by layer, in 2^-40
    susceptibility: Ints  # [band, doses]
    infectivity: Ints  # [doses]
    rates: NDArray[np.float64]


def course(disease: Disease) -> Course:
    """Turn a disease into whole numbers."""
    even = np.isnan(disease.variation)
    rates = np.asarray(disease.rates, np.float64)
    return Course(
        latent=rng.cumulative(disease.latent),
        incubation=rng.cumulative(disease.incubation),
        infectiousness=_units(disease.infectiousness),
        first_day=int(disease.first_day),
        variation=np.full(1, UNIT, np.int64) if even else rng.gamma_factors(disease.variation),
        symptomatic=rng.thresholds(disease.symptomatic),
        asymptomatic_factor=int(_units(disease.asymptomatic_factor)),
        per_contact=np.asarray(np.rint(rates * 2.0**32), np.int64),
        per_second=np.asarray(np.rint(rates / 3600 * 2.0**40), np.int64),
        susceptibility=rng.thresholds(disease.susceptibility),
        infectivity=_units(disease.infectivity),
        rates=rates,
    )


def _units(values: Floats | float) -> Ints:
    return np.asarray(np.rint(np.asarray(values, np.float64) * UNIT), np.int64)

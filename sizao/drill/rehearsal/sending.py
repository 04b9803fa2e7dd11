"""What every source of a drill works with: the city, the illness in it, and the laboratory."""

from dataclasses import dataclass

import numpy as np

from sizao.drill.rehearsal.city_life import SHIFT_DAYS, CityLife
from sizao.drill.rehearsal.illness import Illness
from sizao.drill.rehearsal.laboratory import Bench
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.engines.simulation import rng
from sizao.engines.simulation.laboratory import HOURS
from sizao.engines.simulation.rng import Ints
from sizao.records.models import Outbreak

SOURCE = "演练数据"


@dataclass(frozen=True, slots=True)
class Sending:
    """What a source works with."""

    rehearsal: Rehearsal
    outbreak: Outbreak
    life: CityLife
    illness: Illness
    bench: Bench

    @classmethod
    def begun(cls, rehearsal: Rehearsal, outbreak: Outbreak, life: CityLife) -> "Sending":
        """Begin with an empty laboratory, a day before the first: the first swabs are of that day."""
        return cls(rehearsal, outbreak, life, Illness(life), Bench(rehearsal.means, hour=-HOURS))

    def chance(self, purpose: str, who: Ints, day: int, share: float | np.ndarray) -> np.ndarray:
        """Draw, for each of `who`, whether a thing of a share happens on a day."""
        drawn = rng.words(rng.stream(self.rehearsal.seed, purpose), who, rng.moment(day + SHIFT_DAYS))
        return rng.happens(drawn, rng.thresholds(share))

    def key(self, *parts: object) -> str:
        """Give the key of something that is sent."""
        return ":".join(("drill", self.rehearsal.slug, *map(str, parts)))

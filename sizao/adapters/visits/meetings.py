"""Meetings of cases in a store, stretch by stretch, in the manner that a question asks for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from sizao.adapters.visits.neighbours import Neighbours
from sizao.adapters.visits.places import UNTOLD, Places
from sizao.adapters.visits.reading import OpenStore, Window
from sizao.engines.presences import meetings as engine
from sizao.engines.presences.companions import ranges
from sizao.engines.presences.stays import Stays, own_rows, stays, stays_beside, together
from sizao.engines.presences.summing import Ints
from sizao.errors import SizaoError
from sizao.terms import Layer, Tier

Answer = TypeVar("Answer")

LAYERS, TIERS = tuple(Layer), tuple(Tier)
CHINA_SECONDS = 8 * 3600  # the one clock of China, ahead of UTC


class NegativePadding(SizaoError):
    code = "visits.negative_padding"
    message = "Clocks cannot differ by {minutes:g} minutes. Give 0 or more."


@dataclass(frozen=True, slots=True)
class Manner:
    """
    How presences are looked at.

    `places` says what places are; with `neighbours`, who was beside a case counts too, in a weaker tier. Presences
    of a case are widened by `pad_seconds`, the most by which two clocks may differ, and never beyond its windows.
    Days begin at midnight of a clock `utc_offset_seconds` ahead of the store's times.
    """

    places: Places = UNTOLD
    neighbours: Neighbours | None = None
    pad_seconds: int = 0
    utc_offset_seconds: int = CHINA_SECONDS

    def __post_init__(self) -> None:
        if self.pad_seconds < 0:
            raise NegativePadding(minutes=self.pad_seconds / 60)

    def widened(self, windows: Ints) -> Ints:
        """Give windows (from, to) so wide that presences which padding brings into them are read too."""
        wide: Ints = windows + np.array([-self.pad_seconds, self.pad_seconds])
        return wide


PLAINLY = Manner()


@dataclass(frozen=True, slots=True)
class Met:
    """
    One case: its number, its stays, its meetings, and of each stay (run) the place, layer and tier.

    `group` numbers the pairs of layer and tier: layer times the number of tiers, plus tier.
    """

    case: int
    own: Stays
    found: engine.Meetings
    places: pa.Array
    layers: list[Layer]
    tiers: list[Tier]

    @property
    def group(self) -> Ints:
        """Give the number of layer and tier of each stay."""
        pairs = zip(self.layers, self.tiers, strict=True)
        return np.array([LAYERS.index(layer) * len(TIERS) + TIERS.index(tier) for layer, tier in pairs], np.int64)


def met(store: OpenStore, windows: Sequence[Window], manner: Manner, *, least_seconds: int) -> Iterator[Met]:
    """Find the meetings of each known case that last for at least so long without a gap."""
    for case, within in store.windows_by_number(windows).items():
        yield _met(store, case, within, manner, least_seconds)


def met_each(
    store: OpenStore, windows: Sequence[Window], manner: Manner, *, least_seconds: int, then: Callable[[Met], Answer]
) -> list[Answer]:
    """Find the meetings of each known case, and do something with them in the threads that found them."""
    jobs = store.windows_by_number(windows).items()
    return store.threads.share(lambda job: then(_met(store, *job, manner, least_seconds)), jobs)


def _met(store: OpenStore, case: int, within: Ints, manner: Manner, least_seconds: int) -> Met:
    wide = manner.widened(within)
    during = store.during(int(wide[:, 0].min()), int(wide[:, 1].max()))
    own = own_stays(store, case, within, manner)
    for part, mapped in during:
        near = own.rows[(own.end > part.first_start) & (own.start < part.latest_end)]
        if len(near):
            mapped.will_need(ranges(part.segment, near, least_seconds=1))
    found = engine.meetings([part.segment for part, _ in during], own, case, least_seconds=least_seconds)
    places = store.place_tokens.take(pa.array(own.run_place))
    tiers = [Tier.NEIGHBOUR if beside else Tier.SAME for beside in own.run_near.tolist()]
    return Met(case, own, found, places, manner.places.layers(places), tiers)


def group_names(group: Ints) -> dict[str, pa.Array]:
    """Give the layer and the tier of each group number, as columns."""
    layers, tiers = pa.array([str(one) for one in LAYERS]), pa.array([str(one) for one in TIERS])
    return {"layer": layers.take(pa.array(group // len(TIERS))), "tier": tiers.take(pa.array(group % len(TIERS)))}


def people(store: OpenStore, numbers: Any) -> pa.Array:
    """Give the tokens of people by their numbers."""
    return store.person_tokens.take(pa.array(np.asarray(numbers, np.int64)))


def own_stays(store: OpenStore, case: int, within: Ints, manner: Manner) -> Stays:
    """Give the stays of a case within its windows (rows of from, to), and where asked for those at neighbours."""
    segments = [mapped.segment for _, mapped in store.segments_during(manner.widened(within))]
    rows = own_rows(segments, case)
    own = stays(rows, within, pad_seconds=manner.pad_seconds)
    if manner.neighbours is None:
        return own
    beside = manner.neighbours.beside(store.places, own.run_place.tolist())
    return together(own, stays_beside(rows, beside, within, pad_seconds=manner.pad_seconds))

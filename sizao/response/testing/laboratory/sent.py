"""What a laboratory sends of a tube, and what it is told of a run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sizao.adapters.laboratories import WellRole
from sizao.protocol.kits import Kit
from sizao.records.models import LabRun, Plate
from sizao.terms import LabFeed, LabOddityKind, Phrase, Reading

# Of a reason that is kept in both languages.
MOST_REASON = 400

# In the order of the engine's codes.
FOUND = (Reading.NEGATIVE, Reading.POSITIVE, Reading.INCONCLUSIVE, Reading.INVALID)


def no_result(said: str) -> Phrase:
    """Say that words which were sent are no result."""
    return Phrase(f"“{said[:20]}” is no result", f"“{said[:20]}”不是检测结果")


@dataclass(frozen=True, slots=True)
class ReadingSent:
    """
    What is said of one tube, or of a control: a result, or the Ct of each gene, or both.

    `ct` is by gene as the sender writes it, in cycles; None where nothing was amplified. `row` is where it stood.
    """

    tube: str
    found: Reading | None = None
    ct: Mapping[str, float | None] = field(default_factory=dict)
    well: str | None = None
    row: int = 0
    role: WellRole = WellRole.SAMPLE


@dataclass(frozen=True, slots=True)
class Held:
    """Something that cannot be placed, with all of it: it waits in the queue."""

    kind: LabOddityKind
    key: str
    tube: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    sent: str | None = None


@dataclass(frozen=True, slots=True)
class RunSent:
    """A run as it is sent; `source_key` is the sender's and makes sending it again harmless."""

    feed: LabFeed
    source_key: str
    name: str
    readings: Sequence[ReadingSent]
    kit: Kit | None = None
    cutoff_ct: float | None = None
    plate: Plate | None = None
    instrument: str = ""
    ran_at: datetime | None = None
    held: Sequence[Held] = ()


@dataclass(frozen=True, slots=True)
class RunTold:
    """What became of a run: whether it is new, how many readings it holds, and what of it waits in the queue."""

    run: LabRun
    is_new: bool
    oddities: Counter[LabOddityKind] = field(default_factory=Counter)
    completed: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """
    Readings of tubes, column by column: the form in which millions are stored.

    `found` holds the engine's codes. `ct` has a column for each gene of the run, NaN where nothing was amplified; a
    row that `has_ct` leaves out was told without cycles.
    """

    tubes: NDArray[np.str_]
    found: NDArray[np.int8]
    ct: NDArray[np.float64] | None = None
    has_ct: NDArray[np.bool_] | None = None
    wells: Sequence[str | None] | None = None

    def __len__(self) -> int:
        return len(self.tubes)

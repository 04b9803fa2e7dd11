"""What the loop does of this stage by rule: rounds of key groups prepared, holds ended, boxes kept current."""

from datetime import datetime

from sizao.records.models import Outbreak
from sizao.response.testing import chain, holds, laboratory, rolling


def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Prepare rounds of key groups, end holds, keep clocks of boxes, give late swabs their results; say how many."""
    # One after the other, not in one transaction: the first holds the outbreak, the second holds.
    return sum(part.advance(outbreak=outbreak, now=now) for part in (rolling, holds, chain, laboratory))

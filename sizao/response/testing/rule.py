"""What the loop does of this stage by rule: rounds of key groups prepared, holds ended, boxes kept current."""

from datetime import datetime

from sizao.records.models import Outbreak
from sizao.response.testing import chain, holds, rolling


def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Prepare next rounds of key groups, end holds that are over, keep clocks of boxes; return how many changed."""
    # One after the other, not in one transaction: the first holds the outbreak, the second holds.
    return sum(part.advance(outbreak=outbreak, now=now) for part in (rolling, holds, chain))

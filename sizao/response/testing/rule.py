"""What the loop does of this stage by rule: rounds of key groups are prepared, holds that are over end."""

from datetime import datetime

from sizao.records.models import Outbreak
from sizao.response.testing import holds, rolling


def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Prepare the next rounds of key groups and end the holds that are over; return how many changed."""
    # One after the other, not in one transaction: the first holds the outbreak, the second holds.
    return rolling.advance(outbreak=outbreak, now=now) + holds.advance(outbreak=outbreak, now=now)

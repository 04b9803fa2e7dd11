"""What isolation does by rule, part by part; none of it touches anybody, ending and shortening set free."""

from datetime import datetime

from sizao.records.models import Outbreak
from sizao.response.isolation import days, home, placements, proposals


def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Propose and end orders, let go of rooms kept for nobody, list what has to be judged in sites, plan the
    visits of the next days at home.

    Return how much changed; a second run at one moment changes nothing.
    """
    parts = (proposals.advance, placements.lapse, days.advance, home.advance)
    return sum(part(outbreak=outbreak, now=now) for part in parts)

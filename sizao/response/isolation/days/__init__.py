"""
The days inside a site: rounds from room to room, test days, who was next door to a positive, staff, and who leaves.

`advance` lists rooms near a positive, and keeps signatures and hand-overs in step with the orders; it touches nobody.
"""

from datetime import datetime

from sizao.records.models import Outbreak
from sizao.response import outbreaks
from sizao.response.isolation.days import exposures, handing_over, releasing


def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """List what has to be judged, withdraw signatures whose day has moved; return how many changed."""
    rules = outbreaks.rules_at(outbreak, now)
    return (
        exposures.propose(outbreak=outbreak, rules=rules, by=None, now=now)
        + releasing.lapse(outbreak=outbreak, now=now)
        + handing_over.link_following(outbreak=outbreak, by=None, now=now)
    )

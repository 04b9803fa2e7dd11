"""
What the city sends to the platform, through the doors that a real city would use.

Each source looks at the truth and tells a part of it, late, doubled or not at all, as the scenario says. What it
sends bears a key, so that sending it again changes nothing. A stage adds its source to SOURCES.
"""

from collections.abc import Callable
from datetime import datetime

from sizao.drill.rehearsal import counting, scanning, swabbing
from sizao.drill.rehearsal.sending import Sending

Source = Callable[[Sending, int, datetime], int]

# In the order in which they arrive in the morning. A stage adds what its doors hear.
SOURCES: dict[str, Source] = {
    "counts": counting.counts,
    "scans": scanning.scans,
    "swabs_at_doors": swabbing.at_doors,
    "swabs_in_hospital": swabbing.in_hospital,
    "swabs_recalled": swabbing.recalled,
    "swabs_by_order": swabbing.by_order,
    "swabs_of_patients": swabbing.of_patients,
    "swabs_in_rounds": swabbing.rounds,
    "results": swabbing.results,
}


def send(sending: Sending, day: int, now: datetime) -> dict[str, int]:
    """Let every source tell of the day before; say how much each told."""
    return {name: source(sending, day, now) for name, source in SOURCES.items()}


def live_again(sending: Sending, day: int) -> None:
    """Let the morning of a day that is over come again, for what follows from it in the city; nothing is sent."""
    swabbing.live_again(sending, day)

"""The one place where commands read the clock."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment; everything below the door receives it as an argument."""
    return datetime.now(UTC)


def here() -> datetime:
    """The present moment of this installation, once its database stands: in a drill's it is the drill's."""
    from sizao.records import clock

    return clock.present(clock.drill_here(), now())


def seconds() -> float:
    """Seconds of a clock that only goes forward."""
    return time.monotonic()

"""The one place where commands read the clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment; everything below the door receives it as an argument."""
    return datetime.now(UTC)

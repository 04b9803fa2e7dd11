"""Numbers given as options: within their bounds, and numbers."""

import math
from typing import Any

import click


class Amount(click.FloatRange):
    """A number within bounds; what is not a number (NaN) lies in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it, or fail in a sentence."""
        found = float(super().convert(value, param, ctx))
        if math.isnan(found):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return found


# Lengths that presences can have, and the differences of clocks on earth.
MINUTES = Amount(0, 4_000_000)
CLOCK_MINUTES = Amount(-4_000_000, 4_000_000)  # the question itself refuses less than nothing
HOURS = Amount(0, 70_000)
SPAN_HOURS = Amount(0, 70_000, min_open=True)
ZONE_HOURS = Amount(-24, 24)
# A serial interval: no infection known passes on later than after some years.
INTERVAL_DAYS = Amount(-1_000, 1_000)
INTERVAL_SPREAD_DAYS = Amount(0, 1_000, min_open=True)

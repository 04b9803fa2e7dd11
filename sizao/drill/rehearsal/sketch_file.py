"""Where the sketch of a drill's counties lies, for the process that writes it and the pages that show it."""

from pathlib import Path

from django.conf import settings

CELLS, SQUARES = "cells", "squares"


def path() -> Path:
    """Say where it lies: beside the report."""
    return Path(settings.DRILL_MAP)

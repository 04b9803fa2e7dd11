"""What an outbreak's maps are drawn on: boundaries that ship with sizao, or the sketch of a drill elsewhere."""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from sizao.adapters import outbreak_files
from sizao.records.models import Outbreak
from sizao.terms import OutbreakKind


def of(outbreak: Outbreak) -> bytes | None:
    """Give the counties of an outbreak as GeoJSON, `adcode` and `name` each; None where there is no map."""
    return outbreak_files.boundaries(outbreak.slug, outbreak.area_code) or _sketch(outbreak)[0]


def remark(outbreak: Outbreak) -> str:
    """Say of a sketch that it is one; nothing of boundaries."""
    if outbreak_files.boundaries(outbreak.slug, outbreak.area_code) is not None:
        return ""
    drawn = _sketch(outbreak)[1]
    if drawn == "cells":
        return gettext("A sketch: cells around the seats of the counties, not their boundaries.")
    if drawn == "squares":
        return gettext("A sketch: one square for each county, in the order of their codes, not where they lie.")
    return ""


def _sketch(outbreak: Outbreak) -> tuple[bytes | None, str]:
    """Give the sketch of a drill, and as what it is drawn."""
    if outbreak.kind != OutbreakKind.DRILL or not settings.DRILL_MAP.is_file():
        return None, ""
    told = _read(settings.DRILL_MAP.stat().st_mtime_ns)
    if told.get("drill") != outbreak.slug:
        return None, ""
    return json.dumps(told, ensure_ascii=False).encode(), str(told["drawn"])


@lru_cache(maxsize=1)
def _read(written: int) -> dict[str, Any]:
    """Read the sketch that was written at a moment."""
    del written
    told: dict[str, Any] = json.loads(settings.DRILL_MAP.read_bytes())
    return told

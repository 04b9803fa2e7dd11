"""What cases of a drill told the investigators who play at the screens, as a file of the installation."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from sizao.records.models import Outbreak


def path() -> Path:
    """Say where it lies: beside the report."""
    return Path(settings.DRILL_REPORT).with_name("drill-told.json")


def told(outbreak: Outbreak) -> dict[str, dict[str, Any]]:
    """Give what each case told, by the number of the case; nothing where nobody was asked."""
    try:
        content = json.loads(path().read_bytes())
    except (OSError, ValueError):
        return {}
    answers: dict[str, dict[str, Any]] = content["told"] if content.get("drill") == outbreak.slug else {}
    return answers

"""What the people of a drill told those who play at the screens, as a file of the installation."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from sizao.adapters.tables import write_whole
from sizao.records.models import Outbreak


def path() -> Path:
    """Say where it lies: beside the report."""
    return Path(settings.DRILL_REPORT).with_name("drill-told.json")


def told(outbreak: Outbreak) -> dict[str, dict[str, Any]]:
    """Give what each case told, by the number of the case; nothing where nobody was asked."""
    answers: dict[str, dict[str, Any]] = _read(outbreak).get("told", {})
    return answers


def severe(outbreak: Outbreak) -> list[str]:
    """Give who is severely ill, by the number of the person, of those who wait for a bed or lie in one."""
    people: list[str] = _read(outbreak).get("severe", [])
    return people


def write(outbreak: Outbreak, *, told: dict[str, dict[str, Any]], severe: list[str]) -> None:
    """Write down what is told now, whole or not at all, where it is not written already."""
    content = {"drill": outbreak.slug, "told": told, "severe": severe}
    if content != _read(outbreak):
        path().parent.mkdir(parents=True, exist_ok=True)
        write_whole(path(), json.dumps(content, ensure_ascii=False).encode())


def _read(outbreak: Outbreak) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path().read_bytes())
    except (OSError, ValueError):
        return {}
    return content if content.get("drill") == outbreak.slug else {}

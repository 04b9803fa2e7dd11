"""Copies that were made of a store: of what, until when they may be kept, and which hold what is to be destroyed."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sizao.adapters.visits.durable import sync_folder, write_durably
from sizao.adapters.visits.errors import StoreDamaged
from sizao.adapters.visits.reading import OpenStore

FOLDER = "exports"
BESIDE = "origin.json"


@dataclass(frozen=True, slots=True)
class Export:
    """
    A copy: where it was put, from which store, when, by whom; the presences in it; the last day of keeping it.

    `keep_until` is empty where nobody said a day.
    """

    out: str
    store: str
    epoch: str
    at: str
    by: str
    presences: int
    first_start: int
    keep_until: str


def note(store: OpenStore, out: Path, *, by: str, keep_until: date | None, now: datetime) -> Export:
    """Write into a copy what it was made from, and into the store that there is this copy."""
    starts = [one.first_start for one in store.manifest.segments]
    last_day = keep_until.isoformat() if keep_until else ""
    told = Export(
        str(out.resolve()), str(store.path.resolve()), store.manifest.epoch, now.isoformat(), by,
        store.manifest.rows, min(starts, default=0), last_day,
    )  # fmt: skip
    text = json.dumps(asdict(told), ensure_ascii=False, indent=1).encode()
    write_durably(out / BESIDE, text)
    folder = store.path / FOLDER
    folder.mkdir(exist_ok=True)
    write_durably(folder / f"{now:%Y%m%dT%H%M%S%f}.json", text)
    sync_folder(folder)
    return told


def beyond_reach(store: Path, *, before: int) -> list[dict[str, Any]]:
    """
    List the copies that hold presences which started before a second; `is_there` says whether the folder still is.

    Nobody but who keeps them can destroy these. Raise StoreDamaged.
    """
    found = []
    for path in sorted((store / FOLDER).glob("*.json")):
        try:
            told = Export(**json.loads(path.read_bytes()))
        except (ValueError, TypeError) as fault:
            raise StoreDamaged(path=path, reason="it does not say what was exported") from fault
        if told.first_start < before:
            beside = {"out": told.out, "at": told.at, "by": told.by, "keep_until": told.keep_until}
            found.append(beside | {"is_there": Path(told.out).exists()})
    return found

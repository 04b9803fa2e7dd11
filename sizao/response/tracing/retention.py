"""
Data about where people were have a last day, and are destroyed on it; what was destroyed is certified and journalled.

Presences are kept for the days that the edition says; matches of a trace until its last day. The question itself
stays (who asked, about which case, why, how many were found), so that it can be answered for later. When an outbreak
is closed all of it goes, and with the key every token that was copied elsewhere.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from sizao.adapters import visits
from sizao.adapters.visits import StoreMissing, VisitStore
from sizao.adapters.visits.errors import StoreBusy
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    Event,
    Outbreak,
    PresenceBatch,
    PresenceSeat,
    PushEntry,
    TokenBearer,
    TokenKey,
    Trace,
    TraceMatch,
)
from sizao.response.tracing import presences, tokens
from sizao.terms import OutbreakKind, Right

DESTROYED = "presences.destroyed"
PAST_DAYS = "past the days that the edition lets presences be kept"
CLOSED = "the outbreak was closed"


class StillOpen(SizaoError):
    code = "presences.still_open"
    message = "{slug} is still open, and its traces may need its presences. Close the outbreak first."


# --- Day by day --------------------------------------------------------------------------------


def destroy_past_days(*, outbreak: Outbreak, now: datetime, by: Account | None = None) -> int:
    """
    Destroy presences that are past their days, and matches that are past the last day of their trace.

    Return how many rows and matches were destroyed. What a model made up for a replay is kept while the replay is
    open: it is about nobody, and any day of a replay may be looked at again. A store that is being written to waits
    for the next run.
    """
    if is_made_up(outbreak):
        return 0
    return (
        _destroy_presences(outbreak, now, by)
        + _destroy_seats(outbreak, presences.kept_since(outbreak, now), now, by)
        + _destroy_matches(outbreak, now, by)
    )


def is_made_up(outbreak: Outbreak) -> bool:
    """Tell whether an outbreak is a replay whose presences a model made up, all of them."""
    told = PresenceBatch.objects.filter(outbreak=outbreak)
    return outbreak.kind == OutbreakKind.REPLAY and not told.filter(is_generated=False).exists()


def _destroy_presences(outbreak: Outbreak, now: datetime, by: Account | None) -> int:
    before = int(presences.kept_since(outbreak, now).timestamp())
    try:
        path = presences.store_of(outbreak)
        manifest = VisitStore(path).manifest
        if any(entry.first_start < before for entry in manifest.segments):
            name = journal.actor_name(by)
            visits.forget(path, before=before, by=name, reason=PAST_DAYS, now=now)
    except (StoreMissing, StoreBusy, tokens.TokensDestroyed):
        return 0
    return sum(_journal(outbreak, path, now, by))


def _journal(outbreak: Outbreak, store: Path, now: datetime, by: Account | None) -> Iterator[int]:
    """Write a line for each certificate that has none: also for one whose run was killed before it could."""
    lines = Event.objects.filter(verb=DESTROYED, outbreak_id=outbreak.pk)
    told = set(lines.values_list("facts__certificate", flat=True))
    for path in sorted((store / "certificates").glob("*.json")):
        if path.name not in told:
            said = json.loads(path.read_bytes())
            _line(outbreak, said, path.name, by=by, now=now)
            yield int(said["destroyed_presences"])


def _line(outbreak: Outbreak, said: dict[str, Any], name: str, *, by: Account | None, now: datetime) -> None:
    facts = {key: said[key] for key in ("destroyed_presences", "destroyed_tokens", "reason")}
    journal.write(DESTROYED, outbreak, by=by, at=now, certificate=name, **facts)


def _destroy_seats(outbreak: Outbreak, before: datetime, now: datetime, by: Account | None) -> int:
    count, _ = PresenceSeat.objects.filter(outbreak=outbreak, started_at__lt=before).delete()
    if count:
        journal.write("presences.seats_destroyed", outbreak, by=by, at=now, seats=count)
    return count


def _destroy_matches(outbreak: Outbreak, now: datetime, by: Account | None) -> int:
    past = Trace.objects.filter(outbreak=outbreak, last_date__lt=outbreak.day_of(now), matches__isnull=False)
    return sum(_destroy_of(trace, by=by, now=now) for trace in past.distinct().order_by("pk"))


def _destroy_of(trace: Trace, *, by: Account | None, now: datetime) -> int:
    count, _ = TraceMatch.objects.filter(trace=trace).delete()
    # That somebody was pushed, and how many had which result, stays; who it was does not.
    PushEntry.objects.filter(push_list__trace=trace).update(
        person=None, token="", last_at=None, note=None, end_note=None, moved_to=""
    )
    if count:
        journal.write("trace.matches_destroyed", trace, by=by, at=now, number=trace.number, matches=count)
    return count


# --- At the end --------------------------------------------------------------------------------


@transaction.atomic
def close_store(*, outbreak: Outbreak, by: Account | None, now: datetime) -> dict[str, Any] | None:
    """
    Destroy all presences of a closed outbreak, its matches, and the key of its tokens; return the certificate.

    None where nothing was kept, or all is destroyed already. A run that was killed half-way is finished by the next.
    Raise StillOpen, or the door's refusal.
    """
    if by is not None:
        access.require(by, Right.PRESENCE_SEND)
    if outbreak.closed_at is None:
        raise StillOpen(slug=outbreak.slug)
    key = TokenKey.objects.select_for_update().filter(outbreak=outbreak, key__isnull=False).first()
    if key is None:
        return None
    said, name = _certificate(outbreak, by=by, now=now)
    shutil.rmtree(presences.store_of(outbreak), ignore_errors=True)
    Trace.objects.filter(outbreak=outbreak, closed_at=None).update(closed_at=now)
    for trace in Trace.objects.filter(outbreak=outbreak).order_by("pk"):
        _destroy_of(trace, by=by, now=now)
    _destroy_seats(outbreak, datetime.max.replace(tzinfo=UTC), now, by)
    TokenBearer.objects.filter(outbreak=outbreak).delete()
    key.key, key.destroyed_at, key.borne_at = None, now, None
    key.save(update_fields=["key", "destroyed_at", "borne_at"])
    _line(outbreak, said, name, by=by, now=now)
    return said


def _certificate(outbreak: Outbreak, *, by: Account | None, now: datetime) -> tuple[dict[str, Any], str]:
    """Write the certificate before anything is destroyed; one that stands from a killed run is kept."""
    store = presences.store_of(outbreak)
    folder = presences.folder_of(outbreak) / "certificates"
    path = folder / f"{store.name}.json"
    if not path.exists():
        said = _held(store) | {"at": now.isoformat(), "by": journal.actor_name(by), "reason": CLOSED}
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.replace(path)
    return json.loads(path.read_bytes()), path.name


def _held(store: Path) -> dict[str, Any]:
    try:
        found = VisitStore(store)
    except StoreMissing:
        return {"destroyed_presences": 0, "destroyed_tokens": 0, "segments": []}
    files = [entry.file for entry in found.manifest.segments]
    return {"destroyed_presences": found.manifest.rows, "destroyed_tokens": found.persons.n, "segments": files}

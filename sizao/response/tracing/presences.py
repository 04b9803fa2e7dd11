"""
The door of bulk presences: who was where, from when to when, as venues, gates, carriers and networks tell it.

Identities become tokens here and are never kept. A place is kept under its code, and looked up in the register by
it when somebody reads, so that it does not matter which of the two came first.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sizao.adapters.visits import StoreDamaged, StoreMissing, VisitStore, VisitWriter
from sizao.adapters.visits.errors import StoreBusy, StoreFull
from sizao.adapters.visits.places import UNTOLD, Places, describe
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, PresenceBatch, PresenceSeat
from sizao.response import outbreaks
from sizao.response.tracing import door_columns, tokens
from sizao.terms import Layer, Right

KEEP_DAYS = "investigation.presence_keep_days"
# A batch waits for the one before it: so often, so long. A batch of 10,000 is written in some 10 ms.
TRIES, WAIT_SECONDS = 200, 0.05
ROWS_AT_ONCE = 1 << 20


class PresencesBusy(SizaoError):
    code = "presences.busy"
    message = "Another batch is being written and takes long. Nothing of this one was kept; send it again in a minute."


class BatchDiffers(SizaoError):
    code = "presences.batch_differs"
    message = (
        "A batch under the key {source_key} came on {arrived_at:%Y-%m-%d %H:%M} and held something else. "
        "Nothing of this one was kept; send it under a key of its own."
    )


class NoPresences(SizaoError):
    code = "presences.none"
    message = "No presences of {slug} have arrived yet, so that nobody can be asked for. Send them first."


class PresencesDamaged(SizaoError):
    code = "presences.damaged"
    message = (
        "The presences of {slug} do not hold what was written. Nothing was read from them; whoever runs this machine "
        "must restore them from their copy, or have them sent again."
    )


class NoRoom(SizaoError):
    code = "presences.no_room"
    message = (
        "There is no room left for presences on this machine. Nothing of this batch was kept; tell whoever runs the "
        "machine, and send it again."
    )


# --- Where they lie ----------------------------------------------------------------------------


def store_of(outbreak: Outbreak) -> Path:
    """
    Give the folder of an outbreak's presences; it may not be there yet.

    It bears the print of the key of the tokens: what was hashed with another key can never lie beside it.
    """
    key = tokens.standing_key(outbreak)
    return folder_of(outbreak) / (_print_of(key) if key else "none")


def folder_of(outbreak: Outbreak) -> Path:
    """Give the folder that holds all that is kept of an outbreak's presences, certificates included."""
    return settings.PRESENCES_DIR / outbreak.slug


def opened(outbreak: Outbreak) -> VisitStore:
    """Open the presences of an outbreak as they are this moment. Raise NoPresences or TokensDestroyed."""
    path = store_of(outbreak)
    held: dict[str, VisitStore] = _open.__dict__
    try:
        held[str(path)] = held[str(path)].refreshed() if str(path) in held else VisitStore(path)
    except StoreMissing as fault:
        held.pop(str(path), None)
        raise NoPresences(slug=outbreak.slug) from fault
    except StoreDamaged as fault:
        held.pop(str(path), None)
        raise PresencesDamaged(slug=outbreak.slug) from fault
    return held[str(path)]


# Saves mapping the same files again; `refreshed` sees what was written since. Of each thread: an open store has room
# of its own to sum in, which two questions at once would share.
_open = threading.local()


def _print_of(key: bytes) -> str:
    return sha256(key).hexdigest()[:12]


def kept_since(outbreak: Outbreak, now: datetime) -> datetime:
    """Say from which moment on presences are kept: the beginning of the earliest day that the edition allows."""
    # Asked without a confirmation: what is not confirmed yet must not keep data of people longer.
    days = outbreaks.rules_at(outbreak, now).value(KEEP_DAYS).whole
    return midnight(outbreak.day_of(now) - timedelta(days=days))


def midnight(day: date) -> datetime:
    """Say the instant at which a civil day of the jurisdiction begins."""
    return timezone.make_aware(datetime.combine(day, clock_time()))


# --- Coming in ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A batch without identities: what the door read of it, its digest and its key."""

    read: door_columns.Read
    digest: str
    source_key: str


def receive(
    *,
    outbreak: Outbreak,
    source: str,
    source_key: str,
    rows: pa.Table,
    by: Account | None,
    now: datetime,
    is_generated: bool = False,
) -> PresenceBatch:
    """
    Take in a batch of presences; the same batch again, by its key, changes nothing.

    `rows` has the columns place, start and end (whole seconds, timestamps or texts; an end may be missing), one or
    more of id_number, phone, number (of the register) and token, and where wanted layer; of vehicles vehicle_kind,
    and where somebody sat: carriage, row (from the front), is_crew. Rows that cannot be used are counted by reason in
    `told`, with the number of the first. What was written when a run was killed is found again.
    Raise PresencesUnreadable, BatchDiffers, PresencesBusy, TokensDestroyed, or PlaceToldTwice for a vehicle that was
    told as another kind.
    """
    if by is not None:
        access.require(by, Right.PRESENCE_SEND)
    outbreaks.require_open(outbreak)
    key = tokens.key_of(outbreak, now=now)
    arrival = _at_the_door(outbreak, key, source_key, rows, now)
    standing = _standing(outbreak, source_key)
    _same_or_refuse(standing, arrival)
    found = _put(store_of(outbreak), arrival)
    if standing is not None:
        return standing
    with transaction.atomic():
        batch, is_new = PresenceBatch.objects.get_or_create(
            outbreak=outbreak,
            source_key=source_key,
            defaults=_facts(arrival, found)
            | {"source": source, "arrived_at": now, "by": journal.actor_name(by), "is_generated": is_generated},
        )
        _same_or_refuse(batch, arrival)
        if is_new:
            _keep_seats(batch, arrival.read.seats)
            journal.write(
                "presences.received", outbreak, by=by, at=now, batch=source_key, source=source,
                taken=batch.rows_taken, refused=batch.rows_refused,
            )  # fmt: skip
    return batch


def _standing(outbreak: Outbreak, source_key: str) -> PresenceBatch | None:
    return PresenceBatch.objects.filter(outbreak=outbreak, source_key=source_key).first()


def _same_or_refuse(batch: PresenceBatch | None, arrival: _Arrival) -> None:
    if batch is not None and batch.told["digest"] != arrival.digest:
        raise BatchDiffers(source_key=batch.source_key, arrived_at=timezone.localtime(batch.arrived_at))


def _at_the_door(outbreak: Outbreak, key: bytes, source_key: str, rows: pa.Table, now: datetime) -> _Arrival:
    bounds = (int(kept_since(outbreak, now).timestamp()), int(now.timestamp()))
    read = door_columns.read(rows, makers=_makers(key), bounds=bounds)
    digest = tokens.digest_of(key, door_columns.content(rows))
    return _Arrival(read, digest, source_key)


def _makers(key: bytes) -> dict[str, Callable[[str], str | None]]:
    return {kind: tokens.maker(kind, key) for kind in tokens.IDENTITIES}


def _facts(arrival: _Arrival, found: Mapping[str, int]) -> dict[str, object]:
    told = {name: count for name, count in found.items() if count and name not in ("taken", "refused")}
    read = arrival.read
    starts = read.rows.column("start").to_numpy()
    ends = read.rows.column("end").fill_null(0).to_numpy()
    counted = {"seats": read.seats.num_rows, "seats unreadable": read.unread_seats}
    told |= {name: count for name, count in counted.items() if count}
    told |= {"refused": read.refused, "first_rows": read.first_rows, "digest": arrival.digest, "kinds": read.kinds}
    return {
        "rows_taken": found.get("taken", 0),
        "rows_refused": sum(read.refused.values()) + found.get("refused", 0),
        "told": told,
        "earliest_at": datetime.fromtimestamp(int(starts.min()), UTC) if len(starts) else None,
        "latest_at": datetime.fromtimestamp(int(max(starts.max(), ends.max())), UTC) if len(starts) else None,
    }


def _put(store: Path, arrival: _Arrival) -> dict[str, int]:
    """Write a batch to the store, waiting for whoever writes; say what the store found in it."""
    found: dict[str, int] = {}
    for number, part in enumerate(_parts(arrival.read.rows)):
        # The digest too: a batch whose first sending was killed may be sent again with other rows.
        key = f"{arrival.source_key}#{arrival.digest}#{number}"
        counted = _append(store, part, key)
        for name, count in counted.items():
            found[name] = found.get(name, 0) + count
    return found


def _parts(rows: pa.Table) -> Iterator[pa.RecordBatch]:
    if rows.num_rows:
        yield from rows.combine_chunks().to_batches(max_chunksize=ROWS_AT_ONCE)


def _append(store: Path, part: pa.RecordBatch, key: str) -> dict[str, int]:
    for _ in range(TRIES):
        try:
            with VisitWriter(store) as writer:
                _describe(store, part)
                found = writer.append(part, key=key)
            return _counted_again(part, key) if "taken before" in found else found
        except StoreBusy:
            time.sleep(WAIT_SECONDS)
        except StoreFull as fault:
            raise NoRoom from fault
    raise PresencesBusy


def _describe(store: Path, part: pa.RecordBatch) -> None:
    """Keep which places are vehicles, and of what kind; what is a cell is told by its name, all else is a venue."""
    rows = pa.table(part.filter(pc.equal(part["layer"], str(Layer.VEHICLE))))
    if rows.num_rows:
        told = rows.group_by(["place", "layer", "vehicle_kind"]).aggregate([])
        none = pa.nulls(len(told), pa.string())
        table = pa.table(
            {"place": told["place"], "layer": told["layer"], "ventilation": none, "vehicle_kind": told["vehicle_kind"]}
        )
        # Joined to nothing first: one batch may tell a vehicle with its kind and without it.
        describe(store, UNTOLD.joined(Places(table)))


def _keep_seats(batch: PresenceBatch, seats: pa.Table) -> None:
    PresenceSeat.objects.bulk_create(
        PresenceSeat(
            outbreak_id=batch.outbreak_id, batch=batch, token=row["person"], place=row["place"],
            carriage=row["carriage"], row=row["row"], is_crew=row["is_crew"],
            started_at=datetime.fromtimestamp(row["start"], UTC),
        )
        for row in seats.to_pylist()
    )  # fmt: skip


def _counted_again(part: pa.RecordBatch, key: str) -> dict[str, int]:
    """Count a batch whose counts were lost when a run was killed after the store had it."""
    with TemporaryDirectory(prefix="sizao-presences-") as beside, VisitWriter(Path(beside)) as writer:
        return writer.append(part, key=key)

"""Looking after a store: make few segments of many, check what is on disk, destroy what is past its day."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sizao.adapters.visits import exports, segment_file
from sizao.adapters.visits import manifest as manifests
from sizao.adapters.visits.durable import make_gentle, sync_folder, write_durably
from sizao.adapters.visits.errors import StoreDamaged
from sizao.adapters.visits.ledger import keys_of
from sizao.adapters.visits.manifest import Change, Renewed, SegmentEntry
from sizao.adapters.visits.merging import presences_of
from sizao.adapters.visits.taking import entry_of_segment
from sizao.adapters.visits.tokens import Tokens, read_tokens, write_tokens
from sizao.adapters.visits.writing import VisitWriter
from sizao.engines.presences.admission import DAY_SECONDS
from sizao.engines.presences.layout import Segment

# What spans days is cut into days in parts of about so many rows, so that memory does not grow with the store.
ROWS_AT_ONCE = 1 << 24


def compact(store: Path) -> int:
    """
    Make one segment a day of those that share days; return how many segments that replaced.

    What different batches told twice becomes one. Readers that are open keep what they opened, and whoever asks
    comes first: it runs in one thread that waits for others.
    """
    with ThreadPoolExecutor(1, initializer=make_gentle) as apart:
        return apart.submit(_compacted, store).result()


def verify(store: Path) -> list[str]:
    """List what on disk is not what was written, and what should not be there; nothing when all is well."""
    try:
        manifest = manifests.read(store)
        keys = keys_of(store)
        for column, entries in (("person", manifest.persons), ("place", manifest.places)):
            read_tokens(store, manifest.kinds.get(column, "integers"), entries)
    except StoreDamaged as fault:
        return [str(fault)]
    found = ["a batch was taken twice"] if len(set(keys)) < len(keys) else []
    for entry in manifest.segments:
        found += segment_file.faults(store / entry.file) or _miscounted(store, entry)
    return found


def forget(store: Path, *, before: int, by: str, reason: str, now: datetime) -> dict[str, Any]:
    """
    Destroy all presences that start before a second, and the tokens that no presence bears any more.

    A segment that lies before it altogether is dropped unread, as all are where days are dropped from a
    compacted store. Return the certificate, which is also written below `certificates`: what was destroyed,
    when, by whom, why, and which exported copies hold some of it (`exports.beyond_reach`). The files are
    unlinked; that a disk or a copy made elsewhere keeps their blocks is beyond this program.
    """
    manifests.read_base(store)  # a mistaken path is refused, and not made a store of
    copies = exports.beyond_reach(store, before=before)
    with VisitWriter(store) as writer:
        segments = writer.manifest.segments
        past = [one for one in segments if one.last_start < before]
        cut = [one for one in segments if one.first_start < before <= one.last_start]
        rows = sum(one.rows for one in past) + sum(_cut(writer, one, before) for one in cut)
        tokens = _drop(writer, past)
        writer.merging.sweep(keep=0)
        certificate = {
            "destroyed_presences": rows, "destroyed_tokens": tokens, "starting_before": before,
            "segments": [entry.file for entry in (*past, *cut)], "at": now.isoformat(), "by": by, "reason": reason,
            "copies_beyond_reach": copies,
        }  # fmt: skip
        folder = store / "certificates"
        folder.mkdir(exist_ok=True)
        text = json.dumps(certificate, ensure_ascii=False, indent=1)
        write_durably(folder / f"{now:%Y%m%dT%H%M%S%f}.json", text.encode())
        sync_folder(folder)
        return certificate


def keep_days(store: Path, *, days: int, by: str, reason: str, now: datetime) -> dict[str, Any]:
    """
    Destroy what started earlier than so many whole days (UTC) before the day of `now`; see `forget`.

    The border lies at midnight UTC, where segments end, so that whole files are dropped.
    """
    today = int(now.timestamp()) // DAY_SECONDS
    return forget(store, before=(today - days) * DAY_SECONDS, by=by, reason=reason, now=now)


def _compacted(store: Path) -> int:
    manifests.read_base(store)
    with VisitWriter(store) as writer:
        replaced = 0
        for groups in (_across_days, _of_one_day):
            for group in list(groups(writer.manifest.segments)):
                writer.merging.replace(group, by_days=True)
                replaced += len(group)
        return replaced


def _across_days(entries: Iterable[SegmentEntry]) -> Iterable[list[SegmentEntry]]:
    """Give the segments that span days, some together while they are small."""
    group: list[SegmentEntry] = []
    for entry in entries:
        if entry.first_start // DAY_SECONDS == entry.last_start // DAY_SECONDS:
            continue
        if group and sum(one.rows for one in group) + entry.rows > ROWS_AT_ONCE:
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _of_one_day(entries: Iterable[SegmentEntry]) -> Iterable[list[SegmentEntry]]:
    """Give the segments of each day that has several; one of what is closed by rule lies beside that of the others."""
    days: dict[int, list[SegmentEntry]] = {}
    for entry in entries:
        days.setdefault(entry.first_start // DAY_SECONDS, []).append(entry)
    return (group for _, group in sorted(days.items()) if not _is_compact(group))


def _is_compact(group: Sequence[SegmentEntry]) -> bool:
    closed = [one.closed for one in group if one.closed]
    return len(group) - len(closed) <= 1 and len(closed) <= 1 and (len(group) == 1 or -1 not in closed)


def _cut(writer: VisitWriter, entry: SegmentEntry, before: int) -> int:
    """Put what starts from a second on in the place of a segment; return how many presences that left out."""
    presences = presences_of(writer.store, entry)
    kept = presences.start >= before
    made, _ = writer.write_segments(presences.where(kept))
    writer.merging.commit([entry], made, changed=False, told={})
    return int((~kept).sum())


def _drop(writer: VisitWriter, past: Sequence[SegmentEntry]) -> int:
    """Drop segments, and with them the tokens that nobody bears any more; numbers stay, so that no segment changes."""
    store, manifest = writer.store, writer.manifest
    gone = {one.file for one in past}
    used = {"person": np.zeros(writer.persons.n, np.bool_), "place": np.zeros(writer.places.n, np.bool_)}
    for entry in manifest.segments:
        if entry.file not in gone:
            segment = segment_file.open_segment(store / entry.file).segment
            _mark(used["person"], segment, by="person")
            _mark(used["place"], segment, by="place")
    persons, n_persons = _without(writer, "persons", writer.persons, used["person"])
    places, n_places = _without(writer, "places", writer.places, used["place"])
    if gone or persons or places:
        before = [*manifest.persons, *manifest.places]
        sync_folder(store)
        change = Change(arrivals=manifest.arrivals, drop=tuple(gone), persons=persons, places=places)
        writer.ledger.commit(change)
        writer.merging.lingers(*gone, *(one.file for one in before))
    return n_persons + n_places


def _without(writer: VisitWriter, column: str, tokens: Tokens, used: NDArray[np.bool_]) -> tuple[Renewed | None, int]:
    """Write a column's tokens without those that nobody bears; return how many these were."""
    present: NDArray[np.bool_] = tokens.known.is_valid().to_numpy()
    lost = int((present & ~used).sum())
    if not lost:
        return None, 0
    kept = pa.concat_arrays(tokens.known.chunks)
    emptied = pc.if_else(pa.array(used), kept, pa.scalar(None, kept.type))
    entry = write_tokens(writer.store / writer.ledger.next_file("tokens"), emptied)
    return Renewed(0, len(getattr(writer.manifest, column)), (entry,)), lost


def _mark(used: NDArray[np.bool_], segment: Segment, *, by: str) -> None:
    order = segment.by_person if by == "person" else segment.by_place
    borne = np.diff(order.offsets) > 0
    used[order.keys[borne] if len(order.keys) else np.flatnonzero(borne)] = True


def _miscounted(store: Path, entry: SegmentEntry) -> list[str]:
    segment = segment_file.open_segment(store / entry.file).segment
    counted = entry_of_segment(entry.file, segment)
    closed = counted.closed if entry.closed < 0 else entry.closed
    if replace(counted, arrived=entry.arrived) != replace(entry, closed=closed):
        return [f"{entry.file}: the manifest tells other counts or times than the segment holds"]
    return []

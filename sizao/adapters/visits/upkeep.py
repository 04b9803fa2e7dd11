"""Looking after a store: make few segments of many, check what is on disk, destroy what is past its day."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sizao.adapters.visits import manifest as manifests
from sizao.adapters.visits import segment_file
from sizao.adapters.visits.errors import StoreDamaged
from sizao.adapters.visits.manifest import Manifest, SegmentEntry, write_durably
from sizao.adapters.visits.tokens import Tokens, read_tokens, write_tokens
from sizao.adapters.visits.writing import DAY_SECONDS, VisitWriter, entry_of
from sizao.engines.presences.layout import Presences, Segment
from sizao.engines.presences.sorting import unsorted


def compact(store: Path) -> int:
    """
    Make one segment a day of those that share days; return how many segments that replaced.

    What different batches told twice becomes one. Readers that are open keep what they opened.
    """
    with VisitWriter(store) as writer:
        groups = [group for group in _sharing_days(writer.manifest.segments) if not _is_tidy(group)]
        for group in groups:
            _replace(writer, group, _merged(store, group))
        return sum(len(group) for group in groups)


def verify(store: Path) -> list[str]:
    """List what on disk is not what was written, and what should not be there; nothing when all is well."""
    try:
        manifest = manifests.read(store)
        for column, entries in (("person", manifest.persons), ("place", manifest.places)):
            read_tokens(store, manifest.kinds.get(column, "integers"), entries)
    except StoreDamaged as fault:
        return [str(fault)]
    found = []
    for entry in manifest.segments:
        found += segment_file.faults(store / entry.file) or _miscounted(store, entry)
    return found


def forget(store: Path, *, before: int, by: str, reason: str, now: datetime) -> dict[str, Any]:
    """
    Destroy all presences that start before a second, and the tokens that no presence bears any more.

    Return the certificate, which is also written below `certificates`: what was destroyed, when, by whom, why.
    The files are unlinked; that a disk or a copy made elsewhere keeps their blocks is beyond this program.
    """
    with VisitWriter(store) as writer:
        rows = 0
        gone = [entry for entry in writer.manifest.segments if entry.first_start < before]
        for entry in gone:
            presences = _presences(store, entry)
            kept = presences.start >= before
            rows += int((~kept).sum())
            _replace(writer, [entry], presences.where(kept))
        tokens = _destroy_tokens(writer)
        manifests.sweep_leftovers(store, writer.manifest)
        certificate = {
            "destroyed_presences": rows, "destroyed_tokens": tokens, "starting_before": before,
            "segments": [entry.file for entry in gone], "at": now.isoformat(), "by": by, "reason": reason,
        }  # fmt: skip
        folder = store / "certificates"
        folder.mkdir(exist_ok=True)
        text = json.dumps(certificate, ensure_ascii=False, indent=1)
        write_durably(folder / f"{now:%Y%m%dT%H%M%S%f}.json", text.encode())
        return certificate


def _sharing_days(entries: tuple[SegmentEntry, ...]) -> list[list[SegmentEntry]]:
    """Put together the segments whose days of start overlap."""
    groups: list[list[SegmentEntry]] = []
    last_day = -1
    for entry in sorted(entries, key=lambda one: (one.first_start // DAY_SECONDS, one.file)):
        if not groups or entry.first_start // DAY_SECONDS > last_day:
            groups.append([])
        groups[-1].append(entry)
        last_day = max(last_day, entry.last_start // DAY_SECONDS)
    return groups


def _is_tidy(group: list[SegmentEntry]) -> bool:
    return len(group) == 1 and group[0].first_start // DAY_SECONDS == group[0].last_start // DAY_SECONDS


def _merged(store: Path, group: list[SegmentEntry]) -> Presences:
    parts = [_presences(store, entry) for entry in group]
    return Presences(*(np.concatenate([getattr(one, name) for one in parts]) for name in Presences.__slots__))


def _presences(store: Path, entry: SegmentEntry) -> Presences:
    if wrong := segment_file.faults(store / entry.file):
        raise StoreDamaged(path=store / entry.file, reason=wrong[0])
    return unsorted(segment_file.open_segment(store / entry.file).segment)


def _replace(writer: VisitWriter, gone: list[SegmentEntry], presences: Presences) -> None:
    """Put one segment a day in the place of some, in one swap of the manifest."""
    day = presences.start // DAY_SECONDS
    fresh = [writer.write_segment(presences.where(day == one))[0] for one in np.unique(day).tolist()]
    dropped = {one.file for one in gone}
    kept = [one for one in writer.manifest.segments if one.file not in dropped]
    arrivals = writer.manifest.arrivals
    # What merging made one changes answers, so that it counts as an arrival; what lies as it lay does not.
    changed = sum(one.rows for one in fresh) != len(presences)
    arrived = arrivals + 1 if changed else max(one.arrived for one in gone)
    writer.manifest = replace(
        writer.manifest,
        segments=(*kept, *(replace(one, arrived=arrived) for one in fresh)),
        arrivals=max(arrivals, arrived),
    )
    manifests.swap(writer.store, writer.manifest)
    for name in dropped:
        (writer.store / name).unlink()


def _miscounted(store: Path, entry: SegmentEntry) -> list[str]:
    segment = segment_file.open_segment(store / entry.file).segment
    if replace(entry_of(entry.file, segment), arrived=entry.arrived) != entry:
        return [f"{entry.file}: the manifest tells other counts or times than the segment holds"]
    return []


def _destroy_tokens(writer: VisitWriter) -> int:
    """Empty the tokens that no presence bears; numbers stay, so that no segment has to change."""
    manifest, store = writer.manifest, writer.store
    used = {"person": np.zeros(writer.persons.n, np.bool_), "place": np.zeros(writer.places.n, np.bool_)}
    for entry in manifest.segments:
        segment = segment_file.open_segment(store / entry.file).segment
        _mark(used["person"], segment, by="person")
        _mark(used["place"], segment, by="place")
    destroyed = 0
    for column, tokens in (("person", writer.persons), ("place", writer.places)):
        borne = used[column] | ~_present(tokens)
        destroyed += int((~borne).sum())
        if not borne.all():
            manifest = _rewritten(writer, manifest, column, tokens, used[column])
    if manifest is not writer.manifest:
        writer.manifest = replace(manifest, next_file=writer.manifest.next_file)
        manifests.swap(store, writer.manifest)
    return destroyed


def _mark(used: NDArray[np.bool_], segment: Segment, *, by: str) -> None:
    order = segment.by_person if by == "person" else segment.by_place
    borne = np.diff(order.offsets) > 0
    used[order.keys[borne] if len(order.keys) else np.flatnonzero(borne)] = True


def _present(tokens: Tokens) -> NDArray[np.bool_]:
    valid: NDArray[np.bool_] = tokens.known.is_valid().to_numpy()
    return valid


def _rewritten(
    writer: VisitWriter, manifest: Manifest, column: str, tokens: Tokens, used: NDArray[np.bool_]
) -> Manifest:
    kept = pa.concat_arrays(tokens.known.chunks)
    emptied = pa.array(np.where(used, 1, 0)).cast(pa.bool_())
    blank = pa.scalar(None, kept.type)
    entry = write_tokens(writer.store / writer.next_file("tokens"), pc.if_else(emptied, kept, blank))
    return replace(manifest, persons=(entry,)) if column == "person" else replace(manifest, places=(entry,))

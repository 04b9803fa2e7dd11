"""The manifest as its writer keeps it: one line of the log a change, folded into a new base now and then."""

import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import RLock

from sizao.adapters.visits import manifest as manifests
from sizao.adapters.visits.durable import sync_folder, telling_full, write_durably
from sizao.adapters.visits.errors import StoreDamaged, StoreMissing, WriterStopped
from sizao.adapters.visits.manifest import Change, Manifest

KEYS = "batches"
# Lines of a log: few enough to be read in a moment by whoever opens the store.
FOLD_AFTER = 64


class Ledger:
    """
    What a store holds, for the one who may change it.

    `commit` makes a change durable; several threads may commit, one after the other. `keys` are those of
    all batches ever taken, kept in a file of their own that only grows.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self.turn = RLock()
        self._stopped = False
        try:
            self.manifest, changes, self._log_size = manifests.read_with_changes(store)
        except StoreMissing:
            self.manifest, changes, self._log_size = Manifest(), [], 0
        self._recent = [change.key for change in changes if change.key]
        self._lines = len(changes)
        self.keys = set(_folded_keys(store, self.manifest)) | set(self._recent)
        if self.manifest.log:
            os.truncate(store / self.manifest.log, self._log_size)
        sweep_leftovers(store, self.manifest)

    def next_file(self, kind: str) -> str:
        """Give the name of a file that is not in the store yet."""
        with self.turn:
            number = self.manifest.next_file
            self.manifest = replace(self.manifest, next_file=number + 1)
        return f"{kind}-{number:08d}"

    def commit(self, change: Change) -> None:
        """Make a change durable; the files that it names must be on disk. Raise StoreFull, the change being undone."""
        with self.turn:
            if self._stopped:
                raise WriterStopped(path=self.store)
            if not self.manifest.log or self._lines >= FOLD_AFTER:
                self.fold()
            change = replace(change, next_file=self.manifest.next_file)
            self._append(manifests.line_of(change))
            self.manifest = self.manifest.changed(change)
            self._lines += 1
            if change.key:
                self.keys.add(change.key)
                self._recent.append(change.key)

    def fold(self) -> None:
        """Write the manifest as a new base with an empty log."""
        old, log = self.manifest.log, self.next_file("log")
        keys = "".join(f"{json.dumps(key)}\n" for key in self._recent).encode()
        with telling_full(self.store):
            self._append_keys(keys)
            folded = replace(self.manifest, log=log, keys_size=self.manifest.keys_size + len(keys))
            write_durably(self.store / log)
            beside = self.store / f".{manifests.NAME}"
            write_durably(beside, manifests.base_bytes(folded))
            beside.replace(self.store / manifests.NAME)
            sync_folder(self.store)
        self.manifest, self._recent, self._lines, self._log_size = folded, [], 0, 0
        if old:
            (self.store / old).unlink()

    def _append(self, line: bytes) -> None:
        path = self.store / self.manifest.log
        try:
            with telling_full(self.store), path.open("r+b", buffering=0) as log:
                log.seek(self._log_size)
                _write_whole(log.fileno(), line)
                os.fdatasync(log.fileno())
        except BaseException:
            self._undo(path)
            raise
        self._log_size += len(line)

    def _undo(self, path: Path) -> None:
        """Cut off what was not acknowledged; when even that fails, this writer changes nothing any more."""
        self._stopped = True
        with suppress(OSError):
            with path.open("r+b") as log:
                log.truncate(self._log_size)
                os.fsync(log.fileno())
            self._stopped = False

    def _append_keys(self, keys: bytes) -> None:
        # What a stopped writer left beyond the size that the base tells is written over.
        with (self.store / KEYS).open("ab") as file:
            file.truncate(self.manifest.keys_size)
            file.write(keys)
            file.flush()
            os.fsync(file.fileno())


def keys_of(store: Path) -> list[str]:
    """List the keys of all batches that a store took, the earliest first. Raise StoreMissing or StoreDamaged."""
    manifest, changes, _ = manifests.read_with_changes(store)
    return _folded_keys(store, manifest) + [change.key for change in changes if change.key]


def sweep_leftovers(store: Path, manifest: Manifest) -> int:
    """Delete what a stopped writer left and the manifest does not name; return how many."""
    kept = manifest.files
    patterns = ("segment-*", "tokens-*", "log-*")
    left = [path for pattern in patterns for path in store.glob(pattern) if path.name not in kept]
    for path in left:
        path.unlink()
    spools = list(store.glob("spool-*"))
    for path in spools:
        shutil.rmtree(path)
    (store / f".{manifests.NAME}").unlink(missing_ok=True)
    return len(left) + len(spools)


def _folded_keys(store: Path, manifest: Manifest) -> list[str]:
    if not manifest.keys_size:
        return []
    path = store / KEYS
    with suppress(FileNotFoundError):
        keys = path.read_bytes()[: manifest.keys_size]
        if len(keys) == manifest.keys_size:
            return [json.loads(line) for line in keys.splitlines()]
    raise StoreDamaged(path=path, reason="it holds fewer keys of batches than the manifest tells")


def _write_whole(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]

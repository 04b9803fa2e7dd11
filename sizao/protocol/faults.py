"""What is wrong with a protocol file: every fault, in one go, in sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from sizao.errors import SizaoError
from sizao.terms import Phrase


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault: the file, the line (0 when the fault is that something is missing), the key, what is so."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.text}" if self.key else f"{place}: {self.text}"


class FaultyProtocol(SizaoError):
    """A protocol file, an annex or the whole library cannot be used as it is."""

    code = "protocol.faulty"
    message = "{count} in the protocol library. Mend them and check again:\n{listing}"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__(count=count, listing="\n".join(str(fault) for fault in self.faults))


def unreadable(fault: Exception) -> Phrase:
    """Say why a table that comes with the program cannot be read."""
    if isinstance(fault, KeyError):
        return Phrase(f"it has no {fault.args[0]}", f"缺少 {fault.args[0]}")
    return Phrase(f"{type(fault).__name__}: {fault}", f"格式有误（{fault}）")


def allowed(word: str, words: Iterable[str]) -> str:
    """Say which words were allowed, and the nearest one when a misspelling is likely."""
    known = sorted(words)
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    nearest = f"Did you mean {close[0]}? " if close else ""
    return f"{nearest}It may hold: {', '.join(known) or 'nothing'}."


def allowed_keys(key: str, keys: Iterable[str]) -> str:
    """Say which keys a wrong key could have meant: those of its section, or else the sections."""
    section, _, name = key.rpartition(".")
    owners: dict[str, list[str]] = {}
    for one in keys:
        owner, _, last = one.rpartition(".")
        owners.setdefault(owner, []).append(last)
    if not section:
        return f"There is no section [{name}]. {allowed(name, owners)}"
    if section in owners:
        return f"[{section}] has no {name}. {allowed(name, owners[section])}"
    return f"There is no section [{section}]. {allowed(section, owners)}"

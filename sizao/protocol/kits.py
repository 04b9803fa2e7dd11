"""
Kits of nucleic-acid tests: rows of a file, not code.

A kit says which genes are read, how instruments write them, and by which rule a specimen is positive. Its cutoff is a
default: a laboratory gives the one of its leaflet, and a run keeps what it was read by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sizao.engines.readings import KitRule, RuleImpossible
from sizao.errors import SizaoError
from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import shipped_text
from sizao.terms import ValueStatus

FILE = "kits.toml"
_ROW: Fields = {
    "id": (Kind.TEXT, True),
    "title_zh": (Kind.TEXT, True),
    "title_en": (Kind.TEXT, True),
    "targets": (Kind.TEXTS, True),
    "internal": (Kind.TEXT, False),
    "needed": (Kind.WHOLE, True),
    "status": (Kind.TEXT, True),
    "sources": (Kind.TEXTS, True),
    "note": (Kind.TEXT, True),
}
_CYCLES = ("cutoff_ct", "grey_ct")


class NoSuchKit(SizaoError):
    code = "laboratory.kit.unreadable"
    message = "There is no kit “{given}” in the library. Choose one of: {known}."


class CutoffImpossible(SizaoError):
    code = "laboratory.cutoff.unreadable"
    message = "A cutoff of {given} cycles cannot be. Give the Ct of the kit's leaflet, such as 38 or 40."


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit, the names its genes go by, and its rule."""

    id: str
    title_zh: str
    title_en: str
    targets: tuple[str, ...]
    internal: str | None
    needed: int
    cutoff_ct: float
    grey_ct: float | None
    status: ValueStatus
    sources: tuple[str, ...]
    note: str
    aliases: Mapping[str, str]

    @property
    def genes(self) -> tuple[str, ...]:
        """The targets, and then the internal control."""
        return (*self.targets, self.internal) if self.internal else self.targets

    def gene(self, written: str) -> str | None:
        """Say which of its genes is meant by what stands in a file; None for any other."""
        plain = " ".join(written.lower().split())
        found = self.aliases.get(plain)
        return found if found in self.genes else None

    def rule(self, cutoff_ct: float | None = None) -> KitRule:
        """Give its rule, with the cutoff of the leaflet where one is given. Raise CutoffImpossible."""
        cutoff = self.cutoff_ct if cutoff_ct is None else cutoff_ct
        grey = self.grey_ct if cutoff_ct is None else None
        try:
            return KitRule(
                targets=tuple(range(len(self.targets))),
                needed=self.needed,
                cutoff_ct=cutoff,
                grey_ct=grey,
                internal=len(self.targets) if self.internal else None,
            )
        except RuleImpossible as fault:
            raise CutoffImpossible(given=cutoff) from fault

    def label(self, language: str) -> str:
        """Say its title in the language of the reader."""
        return self.title_zh if language.startswith("zh") else self.title_en


@cache
def shipped_kits() -> Mapping[str, Kit]:
    """Load the kits that come with the package, by their id; raise FaultyProtocol with all faults."""
    return load_kits(shipped_text(FILE), FILE)


def kit_called(given: str) -> Kit:
    """Find a kit by its id. Raise NoSuchKit."""
    kits = shipped_kits()
    if given not in kits:
        raise NoSuchKit(given=given[:40], known=", ".join(kits))
    return kits[given]


def load_kits(text: str, file: str) -> Mapping[str, Kit]:
    """Read a file of kits; raise FaultyProtocol with all that is wrong with it."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    rows, told = tables_of(whole, "kits")
    genes = whole.get("genes", {})
    told += [*_wrong_genes(genes), *_wrong_rows(rows, list(genes) if isinstance(genes, dict) else [])]
    faults = unread + [Fault(file, line_of(marks, key), key, sentence) for key, sentence in told]
    if faults:
        raise FaultyProtocol(faults)
    aliases = {alias.lower(): gene for gene, names in genes.items() for alias in (gene, *names)}
    return {row["id"]: _kit(row, aliases) for row in rows}


def _wrong_genes(genes: object) -> Iterator[tuple[str, str]]:
    if not isinstance(genes, dict):
        yield "genes", "must be a table of genes and how they are written."
        return
    seen: dict[str, str] = {}
    for gene, names in genes.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            yield f"genes.{gene}", "must be a list of texts."
            continue
        for name in {gene.lower(), *(name.lower() for name in names)}:
            if seen.setdefault(name, gene) != gene:
                yield f"genes.{gene}", f"“{name}” is written for {seen[name]} too. Keep one."


def _wrong_rows(rows: Sequence[Mapping[str, Any]], genes: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, row in enumerate(rows):
        at = f"kits[{number}]"
        wrong = list(field_faults("A row of [[kits]]", row, _ROW, inner=_CYCLES)) or list(_wrong_row(row, genes))
        yield from ((f"{at}.{field}", text) for field, text in wrong)
        if row.get("id") in seen:
            yield f"{at}.id", f"sets {row['id']} a second time. Keep one."
        seen.add(str(row.get("id")))


def _wrong_row(row: Mapping[str, Any], genes: Sequence[str]) -> Iterator[tuple[str, str]]:
    for field in _CYCLES:
        given = row.get(field)
        if not isinstance(given, float) and not (given is None and field == "grey_ct"):
            yield field, f"must be a number of cycles such as 40.0, but is {given!r}."
            return
    for gene in (*row["targets"], *([row["internal"]] if "internal" in row else [])):
        if gene not in genes:
            yield "targets", f"holds {gene}. {allowed(gene, genes)}"
            return
    statuses = [*map(str, ValueStatus)]
    if row["status"] not in statuses:
        yield "status", f"holds {row['status']}. {allowed(row['status'], statuses)}"
        return
    try:
        _kit(row, {}).rule()
    except CutoffImpossible as fault:
        yield "cutoff_ct", str(fault.__cause__ or fault)


def _kit(row: Mapping[str, Any], aliases: Mapping[str, str]) -> Kit:
    return Kit(
        id=row["id"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        targets=tuple(row["targets"]),
        internal=row.get("internal"),
        needed=row["needed"],
        cutoff_ct=row["cutoff_ct"],
        grey_ct=row.get("grey_ct"),
        status=next(word for word in ValueStatus if word == row["status"]),
        sources=tuple(row["sources"]),
        note=row["note"],
        aliases=aliases,
    )

"""The library that comes with the package, read once."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import TypeVar

from sizao.protocol.adoptions import load_adoptions
from sizao.protocol.annexes import load_annex
from sizao.protocol.bounds import load_bounds
from sizao.protocol.definitions import Definitions
from sizao.protocol.faults import Fault, FaultyProtocol
from sizao.protocol.load import load_edition
from sizao.protocol.read_definitions import load_criteria, load_definitions
from sizao.protocol.shelf import Library, assemble
from sizao.protocol.sources import load_sources

Read = TypeVar("Read")
Texts = Iterable[tuple[str, str]]

_CRITERIA = "definitions/criteria.toml"


@cache
def shipped() -> Library:
    """Load the shipped library; raise FaultyProtocol with the faults of all files together."""
    criteria = load_criteria(shipped_text(_CRITERIA), _CRITERIA)

    def define(text: str, name: str) -> Definitions:
        return load_definitions(text, name, criteria)

    parts = Library(
        editions=tuple(load_each(load_edition, shipped_texts("editions"))),
        adoptions=load_adoptions(shipped_text("adoptions.toml"), "adoptions.toml"),
        annexes=tuple(load_each(load_annex, shipped_texts("annexes"))),
        definitions=tuple(load_each(define, shipped_texts("definitions"))),
        criteria=criteria,
        sources=load_sources(shipped_text("sources.toml"), "sources.toml"),
        bounds=load_bounds(shipped_text("bounds.toml"), "bounds.toml"),
    )
    return assemble(parts)


def shipped_text(name: str) -> str:
    """Read one file of the shipped library by its path below it."""
    return (files("sizao.protocol") / "library" / name).read_text(encoding="utf-8")


def shipped_texts(folder: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of each TOML file in a folder of the shipped library, by name."""
    place = files("sizao.protocol") / "library" / folder
    for name in sorted(file.name for file in place.iterdir()):
        if name.endswith(".toml") and f"{folder}/{name}" != _CRITERIA:
            yield f"{folder}/{name}", shipped_text(f"{folder}/{name}")


def load_each(load: Callable[[str, str], Read], texts: Texts) -> list[Read]:
    """Load each text; raise FaultyProtocol with the faults of all of them together."""
    loaded: list[Read] = []
    faults: list[Fault] = []
    for name, text in texts:
        try:
            loaded.append(load(text, name))
        except FaultyProtocol as faulty:
            faults.extend(faulty.faults)
    if faults:
        raise FaultyProtocol(faults)
    return loaded

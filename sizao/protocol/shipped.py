"""The library that comes with the package, read once."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from sizao.protocol.editions import Edition
from sizao.protocol.faults import Fault, FaultyProtocol
from sizao.protocol.load import load_edition
from sizao.protocol.shelf import Library, assemble


def shipped_files(folder: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each TOML file in a folder of the shipped library, by name."""
    place: Traversable = files("sizao.protocol") / "library" / folder
    for file in sorted(place.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            yield f"{folder}/{file.name}", file.read_text(encoding="utf-8")


@cache
def shipped() -> Library:
    """Load the shipped library; raise FaultyProtocol with the faults of all files together."""
    return assemble(load_editions(shipped_files("editions")))


def load_editions(texts: Iterator[tuple[str, str]]) -> list[Edition]:
    """Load editions from names and texts; raise FaultyProtocol with the faults of all of them."""
    editions: list[Edition] = []
    faults: list[Fault] = []
    for name, text in texts:
        try:
            editions.append(load_edition(text, name))
        except FaultyProtocol as faulty:
            faults.extend(faulty.faults)
    if faults:
        raise FaultyProtocol(faults)
    return editions

"""Check files against each other and against the shipped library, all faults together."""

from collections.abc import Iterable
from dataclasses import replace

from sizao.protocol.annexes import Annex, load_annex
from sizao.protocol.definitions import Definitions
from sizao.protocol.editions import Edition
from sizao.protocol.faults import Fault, FaultyProtocol
from sizao.protocol.load import load_edition
from sizao.protocol.parse import parse
from sizao.protocol.read_definitions import load_definitions
from sizao.protocol.shelf import Library, assemble
from sizao.protocol.shipped import shipped

_NO_KIND = "is no edition ([meta]), no annex ([[overrides]]) and no case definitions ([classes])."


def check_texts(texts: Iterable[tuple[str, str]], library: Library | None = None) -> list[Fault]:
    """
    Say what is wrong with editions, annexes and definitions, given by file name and text.

    Each file is checked by itself, then all together with the library (the shipped one unless given),
    in which a file takes the place of what has the same id. An empty list means that all may be used.
    """
    base = shipped() if library is None else library
    faults: list[Fault] = []
    read: list[Edition | Annex | Definitions] = []
    for file, text in texts:
        try:
            read.append(_load(text, file, base))
        except FaultyProtocol as faulty:
            faults.extend(faulty.faults)
    try:
        assemble(_joined(base, read))
    except FaultyProtocol as faulty:
        faults.extend(faulty.faults)
    return sorted(set(faults))


def _load(text: str, file: str, base: Library) -> Edition | Annex | Definitions:
    tables, unread = parse(text, file)
    if "meta" in tables:
        return load_edition(text, file)
    if "overrides" in tables:
        return load_annex(text, file)
    if "classes" in tables:
        return load_definitions(text, file, base.criteria)
    raise FaultyProtocol(unread or [Fault(file, 0, "", _NO_KIND)])


def _joined(base: Library, read: list[Edition | Annex | Definitions]) -> Library:
    editions = [one for one in read if isinstance(one, Edition)]
    annexes = [one for one in read if isinstance(one, Annex)]
    definitions = [one for one in read if isinstance(one, Definitions)]
    given = {one.id for one in editions}, {one.id for one in annexes}, {one.id for one in definitions}
    return replace(
        base,
        editions=(*(one for one in base.editions if one.id not in given[0]), *editions),
        annexes=(*(one for one in base.annexes if one.id not in given[1]), *annexes),
        definitions=(*(one for one in base.definitions if one.id not in given[2]), *definitions),
    )

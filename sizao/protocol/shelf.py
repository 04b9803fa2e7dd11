"""The library as a whole: editions, adoptions, annexes, and whether they fit together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sizao.errors import SizaoError
from sizao.protocol.adoptions import Adoption
from sizao.protocol.annexes import Annex, inadmissible
from sizao.protocol.bounds import Bound
from sizao.protocol.definitions import Definitions
from sizao.protocol.editions import Companion, Edition
from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.read_definitions import mismatches
from sizao.protocol.sources import Source
from sizao.protocol.values import Value
from sizao.terms import ValueStatus


class NoSuchEdition(SizaoError):
    """An id that the library does not hold."""

    code = "protocol.no_such_edition"
    message = "There is no edition called {name}. {allowed}"


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Editions in order of their first day, when places adopted them, and what places decided themselves."""

    editions: tuple[Edition, ...]
    adoptions: tuple[Adoption, ...] = ()
    annexes: tuple[Annex, ...] = ()
    definitions: tuple[Definitions, ...] = ()
    criteria: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    bounds: Mapping[str, Bound] = field(default_factory=dict)

    def edition(self, name: str) -> Edition:
        """Find an edition by its id; raise NoSuchEdition."""
        for edition in self.editions:
            if edition.id == name:
                return edition
        raise NoSuchEdition(name=name, allowed=allowed(name, [edition.id for edition in self.editions]))

    def definitions_of(self, edition: str) -> Definitions:
        """Find the case definitions of an edition."""
        for definitions in self.definitions:
            if edition in definitions.editions:
                return definitions
        raise NoSuchEdition(name=edition, allowed="Add its case definitions to library/definitions.")

    def with_local(self, *, adoptions: Iterable[Adoption] = (), annexes: Iterable[Annex] = ()) -> "Library":
        """
        Add what an installation knows of its own places; raise FaultyProtocol when it does not fit.

        Everything is checked again, so nothing out of bounds can enter by this door either.
        """
        return assemble(replace(self, adoptions=(*self.adoptions, *adoptions), annexes=(*self.annexes, *annexes)))


def assemble(parts: Library) -> Library:
    """
    Put a library together and follow each inherited value to what it rests on.

    Raise FaultyProtocol with all contradictions between files: two editions with one id or on one day, an
    unknown base, an inherited value that its base states otherwise, an adoption before the edition, an
    unknown source, a definition without its category, an annex out of bounds.
    """
    ordered = sorted(parts.editions, key=lambda edition: edition.effective_from)
    faults = [*_repeated(ordered), *_overlapping(ordered), *_unfounded(ordered), *_early(ordered, parts.adoptions)]
    if not faults:
        editions = {edition.id: edition for edition in ordered}
        faults += _unknown_sources(parts)
        faults += mismatches(parts.definitions, {name: one.values for name, one in editions.items()})
        faults += (fault for annex in parts.annexes for fault in inadmissible(annex, ordered, parts.bounds))
        faults += _rival_annexes(parts.annexes)
    if faults:
        raise FaultyProtocol(faults)
    return replace(parts, editions=_rested(ordered))


def _repeated(editions: list[Edition]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for edition in editions:
        if edition.id in seen:
            text = f"is {edition.id}, which {seen[edition.id]} is already. Give it an id of its own."
            yield Fault(edition.file, edition.lines["meta.id"], "meta.id", text)
        seen.setdefault(edition.id, edition.file)


def _overlapping(editions: list[Edition]) -> Iterator[Fault]:
    for earlier, later in zip(editions, editions[1:], strict=False):
        if later.effective_from <= earlier.effective_until:
            last = later.effective_from - timedelta(days=1)
            text = (
                f"is {earlier.effective_until}, but {later.id} ({later.file}) starts on "
                f"{later.effective_from}. Two editions cannot be in force on one day: end it by {last}."
            )
            yield Fault(earlier.file, earlier.lines["meta.effective_until"], "meta.effective_until", text)


def _unfounded(editions: list[Edition]) -> Iterator[Fault]:
    known = {edition.id: edition for edition in editions}
    for edition in editions:
        if edition.base is not None and (edition.base not in known or edition.base == edition.id):
            names = set(known) - {edition.id}
            yield Fault(
                edition.file,
                edition.lines["meta.base"],
                "meta.base",
                f"is {edition.base}. {allowed(edition.base, names)}",
            )
            continue
        base = known[edition.base] if edition.base else None
        for key, value in edition.values.items():
            if value.status is ValueStatus.INHERITED and (text := _not_inherited(key, value, base)):
                yield Fault(edition.file, edition.lines[key], key, text)


def _not_inherited(key: str, value: Value, base: Edition | None) -> str | None:
    if base is None:
        return "is inherited, but the edition names no base."
    if base.values[key].value != value.value:
        return f"is inherited as {value.shown}, but {base.id} states {base.values[key].shown or 'no value'}."
    return None


def _early(editions: list[Edition], adoptions: Iterable[Adoption]) -> Iterator[Fault]:
    known = {edition.id: edition for edition in editions}
    for adoption in adoptions:
        place = f"adoption by {adoption.area_code}"
        if adoption.edition not in known:
            yield Fault("adoptions", 0, place, f"names {adoption.edition}. {allowed(adoption.edition, known)}")
        elif adoption.first_day < (first := known[adoption.edition].effective_from):
            text = f"is {adoption.first_day}, before {adoption.edition} itself starts on {first}."
            yield Fault("adoptions", 0, place, text)


def _unknown_sources(parts: Library) -> Iterator[Fault]:
    for file, key, sources in _citations(parts):
        for source in sources:
            if source not in parts.sources:
                yield Fault(file, 0, key, f"cites {source}, which sources.toml does not hold. Add it there.")


def _citations(parts: Library) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for edition in parts.editions:
        tables = [edition.values, *(one for c in edition.companions for one in (c.changes, c.before))]
        for table in tables:
            yield from ((edition.file, key, value.sources) for key, value in table.items())
    for definitions in parts.definitions:
        for status, one in definitions.classes.items():
            yield definitions.file, f"classes.{status}", one.sources


def _rival_annexes(annexes: tuple[Annex, ...]) -> Iterator[Fault]:
    for place, annex in enumerate(annexes):
        for other in annexes[:place]:
            shared = {one.key for one in annex.overrides} & {one.key for one in other.overrides}
            apart = annex.effective_until < other.effective_from or other.effective_until < annex.effective_from
            if annex.id == other.id:
                yield Fault(annex.file, 0, "id", f"is {annex.id}, which {other.file} is already.")
            elif annex.area_code == other.area_code and annex.drill == other.drill and shared and not apart:
                both = ", ".join(sorted(shared))
                yield Fault(annex.file, 0, "overrides", f"sets {both}, which {other.id} sets there on the same days.")


def _rested(editions: list[Edition]) -> tuple[Edition, ...]:
    done: dict[str, Edition] = {}
    for edition in editions:
        base = done.get(edition.base or "")
        if base is not None:
            edition = replace(  # noqa: PLW2901  # the same edition, its inheritance followed
                edition,
                values={key: _rest(value, base) for key, value in edition.values.items()},
                companions=tuple(_rest_companion(companion, base) for companion in edition.companions),
            )
        done[edition.id] = edition
    return tuple(done.values())


def _rest(value: Value, base: Edition) -> Value:
    inherited = value.status is ValueStatus.INHERITED
    return replace(value, rests_on=base.values[value.key].rests_on) if inherited else value


def _rest_companion(companion: Companion, base: Edition) -> Companion:
    return replace(
        companion,
        changes={key: _rest(value, base) for key, value in companion.changes.items()},
        before={key: _rest(value, base) for key, value in companion.before.items()},
    )

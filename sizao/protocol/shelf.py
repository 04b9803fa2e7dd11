"""The library as a whole: editions, adoptions, annexes, and whether they fit together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sizao.protocol.editions import Companion, Edition
from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.values import Value
from sizao.terms import ValueStatus


@dataclass(frozen=True, slots=True)
class Adoption:
    """The first day on which a jurisdiction followed an edition, when that was not the national one."""

    area_code: str
    edition: str
    first_day: date
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Editions in order of their first day, and when places adopted them."""

    editions: tuple[Edition, ...]
    adoptions: tuple[Adoption, ...] = ()

    def edition(self, name: str) -> Edition:
        """Find an edition by its id."""
        for edition in self.editions:
            if edition.id == name:
                return edition
        raise KeyError(name)


def assemble(editions: Iterable[Edition], adoptions: Iterable[Adoption] = ()) -> Library:
    """
    Put editions together and follow each inherited value to what it rests on.

    Raise FaultyProtocol with all contradictions between files: two editions with one id or on one day, an
    unknown base, an inherited value that its base states otherwise, an adoption before the edition.
    """
    ordered = sorted(editions, key=lambda edition: edition.effective_from)
    wanted = tuple(adoptions)
    faults = [*_repeated(ordered), *_overlapping(ordered), *_unfounded(ordered), *_early(ordered, wanted)]
    if faults:
        raise FaultyProtocol(faults)
    return Library(_rested(ordered), wanted)


def _repeated(editions: list[Edition]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for edition in editions:
        if edition.id in seen:
            text = f"is {edition.id}, which {seen[edition.id]} is already. Give it an id of its own."
            yield Fault(edition.file, 0, "meta.id", text)
        seen.setdefault(edition.id, edition.file)


def _overlapping(editions: list[Edition]) -> Iterator[Fault]:
    for earlier, later in zip(editions, editions[1:], strict=False):
        if later.effective_from <= earlier.effective_until:
            last = later.effective_from - timedelta(days=1)
            text = (
                f"is {earlier.effective_until}, but {later.id} ({later.file}) starts on "
                f"{later.effective_from}. Two editions cannot be in force on one day: end it by {last}."
            )
            yield Fault(earlier.file, 0, "meta.effective_until", text)


def _unfounded(editions: list[Edition]) -> Iterator[Fault]:
    known = {edition.id: edition for edition in editions}
    for edition in editions:
        if edition.base is not None and (edition.base not in known or edition.base == edition.id):
            names = set(known) - {edition.id}
            yield Fault(edition.file, 0, "meta.base", f"is {edition.base}. {allowed(edition.base, names)}")
            continue
        base = known[edition.base] if edition.base else None
        for key, value in edition.values.items():
            if value.status is ValueStatus.INHERITED and (text := _not_inherited(key, value, base)):
                yield Fault(edition.file, 0, key, text)


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
            yield Fault(
                "adoptions", 0, place, f"names {adoption.edition}. {allowed(adoption.edition, known)}"
            )
        elif adoption.first_day < (first := known[adoption.edition].effective_from):
            text = f"is {adoption.first_day}, before {adoption.edition} itself starts on {first}."
            yield Fault("adoptions", 0, place, text)


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

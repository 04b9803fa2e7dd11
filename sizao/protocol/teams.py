"""
Kinds of team and the standard of each: rows of a file, not code.

A list holds for an area; that of a narrower area takes the place of a wider one as a whole, since who names eight kinds
does not mean the eight of somebody else besides.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sizao.errors import SizaoError
from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import shipped_text
from sizao.protocol.teams_rotation import Rotation
from sizao.terms import NEEDS_CONFIRMATION, ValueStatus

FILE = "teams.toml"
_FILE: Fields = {
    "id": (Kind.TEXT, True),
    "title_zh": (Kind.TEXT, True),
    "title_en": (Kind.TEXT, True),
    "area_code": (Kind.TEXT, True),
}
# Each number of a standard with the least and the most it may be.
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "members": (1, 500),
    "teams_per_county": (0, 1000),
    "people_per_team": (0, 10_000_000),
    "hours_to_ready": (1, 72),
    "longest_shift_hours": (1, 24),
    "shortest_rest_hours": (1, 72),
    "most_shifts_in_24h": (1, 2),
    "days_after_loop": (0, 60),
}
_ROW: Fields = {
    "key": (Kind.TEXT, True),
    "title_zh": (Kind.TEXT, True),
    "title_en": (Kind.TEXT, True),
    **dict.fromkeys(_NUMBERS, (Kind.WHOLE, True)),
    "closed_loop": (Kind.FLAG, True),
    "status": (Kind.TEXT, True),
    "sources": (Kind.TEXTS, True),
    "note": (Kind.TEXT, True),
}
_LONGEST_KEY = 20


class NoSuchTeamKind(SizaoError):
    code = "teams.kind.unreadable"
    message = "There is no kind of team “{given}” in the list in force here. Choose one of: {known}."


@dataclass(frozen=True, slots=True)
class TeamKind:
    """A kind of team and its standard: how many people, how many teams, how soon ready, and how its people rotate."""

    key: str
    title_zh: str
    title_en: str
    members: int
    teams_per_county: int
    people_per_team: int  # 0: not counted by people
    hours_to_ready: int
    rotation: Rotation
    closed_loop: bool
    days_after_loop: int
    status: ValueStatus
    sources: tuple[str, ...]
    note: str

    def label(self, language: str) -> str:
        """Say its title in the language of the reader."""
        return self.title_zh if language.startswith("zh") else self.title_en

    def teams_wanted(self, population: int | None) -> int:
        """Say how many teams a county of so many people has by the standard; unknown people ask for the least."""
        by_people = -(-population // self.people_per_team) if population and self.people_per_team else 0
        return max(self.teams_per_county, by_people)


@dataclass(frozen=True, slots=True)
class TeamKinds:
    """A list: the kinds of one area, in its order."""

    id: str
    title_zh: str
    title_en: str
    area_code: str
    kinds: Mapping[str, TeamKind]

    @property
    def is_unverified(self) -> bool:
        """Tell whether something in it waits for an authority to confirm it."""
        return any(one.status in NEEDS_CONFIRMATION for one in self.kinds.values())

    def label(self, language: str) -> str:
        """Say its title in the language of the reader."""
        return self.title_zh if language.startswith("zh") else self.title_en

    def kind(self, key: str) -> TeamKind:
        """Find a kind by its key. Raise NoSuchTeamKind."""
        if key not in self.kinds:
            raise NoSuchTeamKind(given=key[:40], known=", ".join(self.kinds))
        return self.kinds[key]

    def read(self, written: str) -> TeamKind | None:
        """Say which kind is meant by a key or a title as somebody wrote it; None for none."""
        plain = written.strip().lower()
        return next(
            (one for one in self.kinds.values() if plain in (one.key, one.title_zh, one.title_en.lower())), None
        )


@cache
def shipped_team_kinds() -> TeamKinds:
    """Load the list that comes with the package; raise FaultyProtocol with all faults."""
    return load_team_kinds(shipped_text(FILE), FILE)


def team_kinds_at(area_code: str, lists: Iterable[TeamKinds]) -> TeamKinds:
    """Say which list holds in an area: that of the narrowest area above it, of one area the last given."""
    here = [one for one in lists if area_code.startswith(one.area_code)]
    return max(enumerate(here), key=lambda placed: (len(placed[1].area_code), placed[0]))[1]


def load_team_kinds(text: str, file: str) -> TeamKinds:
    """Read a list of kinds; raise FaultyProtocol with all that is wrong with it."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    told = [*field_faults("A list of kinds of team", whole, _FILE, inner=("kinds",))]
    rows, unfit = tables_of(whole, "kinds")
    told += [*unfit, *_wrong_rows(rows)]
    if not unread and not unfit and not rows:
        told.append(("kinds", "is missing: a list holds at least one kind. Add [[kinds]]."))
    faults = unread + [Fault(file, line_of(marks, key), key, sentence) for key, sentence in told]
    if faults:
        raise FaultyProtocol(faults)
    return TeamKinds(**{name: whole[name] for name in _FILE}, kinds={row["key"]: _kind(row) for row in rows})


def _wrong_rows(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, row in enumerate(rows):
        at = f"kinds[{number}]"
        wrong = list(field_faults("A row of [[kinds]]", row, _ROW)) or list(_wrong_row(row))
        yield from ((f"{at}.{field}", text) for field, text in wrong)
        key = str(row.get("key", ""))
        if key in seen:
            yield f"{at}.key", f"sets {key} a second time. Keep one."
        seen.add(key)


def _wrong_row(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    key = row["key"]
    if not (key.isascii() and key.replace("_", "").isalnum() and len(key) <= _LONGEST_KEY):
        yield "key", f"holds {key!r}. A key is up to {_LONGEST_KEY} letters, digits or _ of English."
    for field, (least, most) in _NUMBERS.items():
        if not least <= row[field] <= most:
            yield field, f"must be from {least} to {most}, but is {row[field]}."
    statuses = [*map(str, ValueStatus)]
    if row["status"] not in statuses:
        yield "status", f"holds {row['status']}. {allowed(row['status'], statuses)}"


def _kind(row: Mapping[str, Any]) -> TeamKind:
    return TeamKind(
        key=row["key"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        members=row["members"],
        teams_per_county=row["teams_per_county"],
        people_per_team=row["people_per_team"],
        hours_to_ready=row["hours_to_ready"],
        rotation=Rotation(row["longest_shift_hours"], row["shortest_rest_hours"], row["most_shifts_in_24h"]),
        closed_loop=row["closed_loop"],
        days_after_loop=row["days_after_loop"],
        status=next(word for word in ValueStatus if word == row["status"]),
        sources=tuple(row["sources"]),
        note=row["note"],
    )

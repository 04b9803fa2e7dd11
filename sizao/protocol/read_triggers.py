"""Text → a file of early warning, or exactly what is wrong with it: every fault at once, with file, line and key."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, TypeVar

from sizao.engines.detection.trigger import TriggerRule, TriggerRuleImpossible
from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import load_each, shipped_text, shipped_texts
from sizao.protocol.sources import load_sources
from sizao.protocol.triggers import Detector, EarlyWarning, Trigger, Watch, watch_at
from sizao.protocol.values import Setting, Value
from sizao.terms import AREA_DIGITS, AreaLevel, Combination, Role, StreamGroup, StreamKind, StreamStep, ValueStatus
from sizao.terms.word import Word

Chosen = TypeVar("Chosen", bound=Word)

FOLDER = "surveillance"
_FILE: Fields = {
    "id": (Kind.TEXT, True),
    "title_zh": (Kind.TEXT, True),
    "title_en": (Kind.TEXT, True),
    "area_code": (Kind.TEXT, True),
    "effective_from": (Kind.DAY, True),
    "effective_until": (Kind.DAY, False),
}
_ROW: Fields = {
    "key": (Kind.TEXT, True),
    "title_zh": (Kind.TEXT, True),
    "title_en": (Kind.TEXT, True),
    "kinds": (Kind.TEXTS, True),
    "status": (Kind.TEXT, True),
    "sources": (Kind.TEXTS, True),
    "note": (Kind.TEXT, True),
}
_DETECTOR: Fields = {**_ROW, "step": (Kind.TEXT, True), "method": (Kind.TEXT, True)}
_TRIGGER: Fields = {
    **_ROW,
    "groups": (Kind.TEXTS, True),
    "streams_at_least": (Kind.WHOLE, True),
    "groups_at_least": (Kind.WHOLE, True),
    "window_days": (Kind.WHOLE, True),
    "level": (Kind.TEXT, True),
    "combination": (Kind.TEXT, True),
    "max_p": (Kind.NUMBER, True),
    "role": (Kind.TEXT, True),
    "is_finding": (Kind.FLAG, False),
    "clock_hours": (Kind.WHOLE, False),
    "clock_status": (Kind.TEXT, False),
    "clock_sources": (Kind.TEXTS, False),
    "clock_note": (Kind.TEXT, False),
}
_CLOCK = ("clock_hours", "clock_status", "clock_sources", "clock_note")
# The fields that hold words of the field, one or several.
_WORDS = {
    "kinds": StreamKind,
    "groups": StreamGroup,
    "step": StreamStep,
    "level": AreaLevel,
    "combination": Combination,
    "role": Role,
    "status": ValueStatus,
    "clock_status": ValueStatus,
}


@cache
def shipped_early_warning() -> tuple[EarlyWarning, ...]:
    """Load the files that come with the package; raise FaultyProtocol with the faults of all together."""
    files = tuple(load_each(load_early_warning, shipped_texts(FOLDER)))
    sources = load_sources(shipped_text("sources.toml"), "sources.toml")
    faults = [
        Fault(file.file, 0, value.key, f"cites {source}, which sources.toml does not hold. Add it there.")
        for file in files
        for value in Watch(file.detectors, file.triggers).values()
        for source in value.sources
        if source not in sources
    ]
    if faults:
        raise FaultyProtocol(faults)
    return files


@lru_cache(maxsize=4096)
def shipped_watch_at(day: date, area_code: str) -> Watch:
    """Say what the shipped files put in force on a day in a place."""
    return watch_at(day, area_code, shipped_early_warning())


def load_early_warning(text: str, file: str) -> EarlyWarning:
    """Read one file; raise FaultyProtocol with all that is wrong with the text itself."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    told = [*field_faults("A file of early warning", whole, _FILE, inner=("detectors", "triggers"))]
    detectors, unfit = tables_of(whole, "detectors")
    told += [*unfit, *_wrong_rows("detectors", detectors, _DETECTOR, ("settings",))]
    triggers, unfit = tables_of(whole, "triggers")
    told += [*unfit, *_wrong_rows("triggers", triggers, _TRIGGER, ())]
    faults = unread + [Fault(file, line_of(marks, key), key, text) for key, text in told]
    if faults:
        raise FaultyProtocol(faults)
    origin = whole["id"]
    about: dict[str, Any] = {name: whole.get(name) for name in _FILE}
    return EarlyWarning(
        **about,
        detectors=tuple(_detector(origin, row) for row in detectors),
        triggers=tuple(_trigger(origin, row) for row in triggers),
        file=file,
    )


def _wrong_rows(
    name: str, rows: list[dict[str, Any]], fields: Fields, inner: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, row in enumerate(rows):
        at = f"{name}[{number}]"
        wrong = list(field_faults(f"A row of [[{name}]]", row, fields, inner=inner)) or list(_wrong_words(row))
        if not wrong:
            wrong = list(_wrong_detector(row) if "method" in row else _wrong_trigger(row))
        yield from ((f"{at}.{field}", text) for field, text in wrong)
        key = str(row.get("key", ""))
        if key in seen:
            yield f"{at}.key", f"sets {key} a second time. Keep one."
        seen.add(key)


def _wrong_words(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, words in _WORDS.items():
        held = row.get(field, ())
        known = [str(word) for word in words]
        for one in (held,) if isinstance(held, str) else held:
            if one not in known:
                yield field, f"holds {one}. {allowed(one, known)}"


def _wrong_detector(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    settings = row.get("settings", {})
    if not isinstance(settings, dict) or not all(isinstance(one, int | float | str) for one in settings.values()):
        yield "settings", f"must be a table of numbers, flags or texts, but is {settings!r}."


def _wrong_trigger(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = [name for name in _CLOCK if name in row]
    if given and len(given) < len(_CLOCK):
        missing = [name for name in _CLOCK if name not in row]
        yield missing[0], "is missing: a clock is set with its status, sources and note."
    if row.get("clock_hours", 1) < 1:
        yield "clock_hours", f"is {row['clock_hours']}; a clock runs for an hour at least."
    try:
        _rule(row)
    except TriggerRuleImpossible as impossible:
        yield "key", str(impossible)


def _rule(row: Mapping[str, Any]) -> TriggerRule:
    return TriggerRule(
        key=row["key"],
        streams_at_least=row["streams_at_least"],
        window_days=row["window_days"],
        area_digits=AREA_DIGITS[_word(AreaLevel, row["level"])],
        groups_at_least=row["groups_at_least"],
        kinds=frozenset(_word(StreamKind, kind) for kind in row["kinds"]),
        groups=frozenset(_word(StreamGroup, group) for group in row["groups"]),
        max_p=float(row["max_p"]),
        combination=_word(Combination, row["combination"]),
    )


def _detector(origin: str, row: Mapping[str, Any]) -> Detector:
    settings = tuple(row.get("settings", {}).items())
    said = " ".join([row["method"], *(f"{key}={value}" for key, value in settings)])
    return Detector(
        key=row["key"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        kinds=frozenset(_word(StreamKind, kind) for kind in row["kinds"]),
        step=_word(StreamStep, row["step"]),
        method=row["method"],
        settings=settings,
        value=_value(origin, f"detectors.{row['key']}", f"{said}; {row['step']}; {', '.join(row['kinds'])}", row),
    )


def _trigger(origin: str, row: Mapping[str, Any]) -> Trigger:
    clock = None
    if "clock_hours" in row:
        clock = _value(origin, f"triggers.{row['key']}_clock_hours", row["clock_hours"], row, prefix="clock_")
    return Trigger(
        rule=_rule(row),
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        role=_word(Role, row["role"]),
        is_finding=row.get("is_finding", False),
        value=_value(origin, f"triggers.{row['key']}", _said(row), row),
        clock=clock,
    )


def _said(row: Mapping[str, Any]) -> str:
    heard = [*row["kinds"], *row["groups"]]
    told = f"{row['streams_at_least']} streams of {row['groups_at_least']} groups in {row['window_days']} days, "
    return told + f"one {row['level']}, {row['combination']} p <= {row['max_p']:g}; {', '.join(heard) or 'all'}"


def _value(origin: str, key: str, value: Setting, row: Mapping[str, Any], *, prefix: str = "") -> Value:
    status = _word(ValueStatus, row[f"{prefix}status"])
    return Value(
        key=key,
        value=value,
        edition=origin,
        status=status,
        rests_on=status,
        sources=tuple(row[f"{prefix}sources"]),
        note=row[f"{prefix}note"],
        meaning=row["title_en"],
    )


def _word(words: type[Chosen], code: str) -> Chosen:
    """Find the word of a code that was checked before."""
    return next(word for word in words if word == code)

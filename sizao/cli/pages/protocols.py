"""What the shipped editions of the protocol say, and where they differ."""

from collections import Counter
from collections.abc import Iterator

from sizao.cli.pages.tables import page, table
from sizao.protocol import shipped
from sizao.protocol.editions import Edition
from sizao.protocol.read_vehicles import shipped_seat_rules
from sizao.terms import ValueStatus

LONG = 60  # characters of a value that are shown; the whole stands in the edition browser


def protocols() -> str:
    """Write the editions in order, what stands behind their values, and each value that changed between them."""
    editions = shipped().editions
    return page(
        "# Editions of the protocol",
        "The rules of the authority, as data. An edition is in force from its first day, or from the day on "
        "which a place adopted it; documents beside it change single values from their own day on.",
        table(["edition", "title", "from", "until", "values", "documents beside it"], [_line(one) for one in editions]),
        "## What stands behind the values",
        "Values marked unverified or local decide about people only after an authority has confirmed them, "
        "except in a drill or a replay.",
        table(["edition", *(status.en for status in ValueStatus)], [_standing(one) for one in editions]),
        "## Values that differ between editions",
        table(["key", "unit", *(one.id for one in editions)], _differences(editions)),
        "## Seats near a case",
        "Who in a vehicle counts as having sat near a case, by the kind of vehicle.",
        table(["vehicle", "who", "from", "status", "sources"], _seats()),
    )


def _seats() -> Iterator[tuple[object, ...]]:
    for file in shipped_seat_rules():
        for row in file.kinds:
            sources = ", ".join(row.value.sources)
            yield row.kind.en, row.said, file.effective_from, row.value.status.en, sources


def _line(edition: Edition) -> tuple[object, ...]:
    beside = ", ".join(companion.id for companion in edition.companions)
    return (
        f"`{edition.id}`",
        edition.title_zh,
        edition.effective_from,
        "" if edition.effective_until.year == 9999 else edition.effective_until,
        sum(value.value is not None for value in edition.values.values()),
        beside,
    )


def _standing(edition: Edition) -> tuple[object, ...]:
    counts = Counter(value.status for value in edition.values.values())
    return (f"`{edition.id}`", *(counts[status] for status in ValueStatus))


def _differences(editions: tuple[Edition, ...]) -> Iterator[tuple[object, ...]]:
    for key, value in editions[0].values.items():
        shown = [edition.values[key].shown for edition in editions]
        if len(set(shown)) > 1 and not key.startswith("meta."):
            yield (f"`{key}`", value.unit, *(_short(text) for text in shown))


def _short(text: str) -> str:
    if not text:
        return "—"
    return text if len(text) <= LONG else text[: LONG - 1] + "…"

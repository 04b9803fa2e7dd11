"""
How right the reading of reports is, field by field, on the sample that was annotated by hand.

`python -m tests.engines.reading_accuracy` prints the table; `--wrong` also lists what differs. The texts
are not part of the repository: they are read from the folder SIZAO_SHARED, else ../shared beside it.
"""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sizao.adapters.place_register import load_gazetteer
from sizao.engines.reading import Report, read_all

SAMPLE = Path(__file__).with_name("reading_sample.jsonl")
SHARED = Path(os.environ.get("SIZAO_SHARED") or Path(__file__).resolve().parents[3] / "shared")
REPORTS = SHARED / "data/case_reports_hebei_2021/hebei_reports.jsonl"
VILLAGES = SHARED / "data/admin_divisions/villages_hebei.csv"

Row = Mapping[str, str | None]
Fact = tuple[str | None, ...]


@dataclass(frozen=True)
class Score:
    """Facts of one field: told by the annotator, told by the engine, told alike by both."""

    annotated: int
    read: int
    alike: int

    @property
    def precision(self) -> float:
        return self.alike / self.read

    @property
    def recall(self) -> float:
        return self.alike / self.annotated


def _bare(place: str | None) -> str | None:
    return place and "".join(place.split()).replace("(", "（").replace(")", "）")


# A fact is right only with its day: the right place on the wrong day is wrong.
FIELDS: dict[str, Callable[[Row], Fact | None]] = {
    "date and kind": lambda e: (e["date_from"], e["kind"]),
    "both dates": lambda e: (e["date_from"], e["date_to"], e["kind"]),
    "test result": lambda e: (e["date_from"], e["result"]) if e["kind"] == "test" else None,
    "diagnosis": lambda e: (e["date_from"], e["result"]) if e["kind"] == "diagnosis" else None,
    "place name": lambda e: (e["date_from"], _bare(e["place_text"])) if _names_a_place(e) else None,
    "area code": lambda e: (e["date_from"], e["kind"], e["area_code"]) if e["area_code"] else None,
}


def _names_a_place(event: Row) -> bool:
    return bool(event["place_text"]) and event["kind"] != "home"


def sample() -> dict[str, list[Row]]:
    """The annotated events of each report."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    return {row["report_id"]: row["events"] for row in map(json.loads, lines)}


def readings() -> dict[str, list[Row]]:
    """What the engine reads from all reports, as they were published together."""
    rows = [json.loads(line) for line in REPORTS.read_text(encoding="utf-8").splitlines()]
    reports = [Report(row["report_id"], row["text"]) for row in rows]
    read = read_all(reports, load_gazetteer(VILLAGES))
    return {one.report_id: [_plain(event.row()) for event in one.events] for one in read}


def scores(annotated: Mapping[str, list[Row]], read: Mapping[str, list[Row]]) -> dict[str, Score]:
    """Compare field by field over the reports of the sample."""
    table = {}
    for field, fact in FIELDS.items():
        counts = [(_facts(events, fact), _facts(read[key], fact)) for key, events in annotated.items()]
        table[field] = Score(
            annotated=sum(told.total() for told, _ in counts),
            read=sum(got.total() for _, got in counts),
            alike=sum((told & got).total() for told, got in counts),
        )
    return table


def kinds(annotated: Mapping[str, list[Row]], read: Mapping[str, list[Row]]) -> dict[str, Score]:
    """Compare days kind by kind."""
    names = sorted({str(e["kind"]) for events in annotated.values() for e in events})
    return {name: _of_kind(name, annotated, read) for name in names}


@dataclass(frozen=True)
class Shares:
    """How much of all reports is read: shares of their sentences, and of their characters."""

    reports: int
    sentences: int
    with_date: float
    with_place: float
    with_event: float
    unread_characters: float


def shares() -> Shares:
    """Count sentences in which something was read, over all reports (not only the sample)."""
    rows = [json.loads(line) for line in REPORTS.read_text(encoding="utf-8").splitlines()]
    reports = [Report(row["report_id"], row["text"]) for row in rows]
    all_read = read_all(reports, load_gazetteer(VILLAGES))
    told = [
        [event for event in reading.events if event.span[0] < end and event.span[1] > start]
        for report, reading in zip(reports, all_read, strict=True)
        for start, end in _sentences(report.text)
    ]
    letters = sum(len(report.text) for report in reports)
    unread = sum(end - start for r in all_read for start, end in r.unread)
    return Shares(
        reports=len(reports),
        sentences=len(told),
        with_date=sum(any(e.date_from or e.date_to for e in events) for events in told) / len(told),
        with_place=sum(any(e.place_text for e in events) for events in told) / len(told),
        with_event=sum(bool(events) for events in told) / len(told),
        unread_characters=unread / letters,
    )


def _sentences(text: str) -> list[tuple[int, int]]:
    return [m.span() for m in re.finditer(r"[^。\n]*[^。\n\s][^。\n]*", text)]


def _of_kind(name: str, annotated: Mapping[str, list[Row]], read: Mapping[str, list[Row]]) -> Score:
    def days(events: Iterable[Row]) -> Counter[Fact]:
        return _facts(events, lambda e: (e["date_from"],) if e["kind"] == name else None)

    counts = [(days(events), days(read[key])) for key, events in annotated.items()]
    return Score(
        sum(a.total() for a, _ in counts), sum(b.total() for _, b in counts), sum((a & b).total() for a, b in counts)
    )


def differences(annotated: Mapping[str, list[Row]], read: Mapping[str, list[Row]]) -> Iterator[str]:
    """Each fact that only one of the two tells."""
    for key, events in annotated.items():
        for field, fact in FIELDS.items():
            told, got = _facts(events, fact), _facts(read[key], fact)
            yield from (f"{key} {field}: not read {fact_}" for fact_ in (told - got).elements())
            yield from (f"{key} {field}: read too much {fact_}" for fact_ in (got - told).elements())


def _facts(events: Iterable[Row], fact: Callable[[Row], Fact | None]) -> Counter[Fact]:
    return Counter(found for event in events if (found := fact(event)) is not None)


def _plain(row: Mapping[str, object]) -> Row:
    return {key: None if value is None else str(value) for key, value in row.items()}


def table(rows: Mapping[str, Score]) -> str:
    """A table for a reader."""
    lines = ["| field | annotated | read | precision | recall |", "| --- | --- | --- | --- | --- |"]
    for name, s in rows.items():
        precision = f"{s.precision:.3f}" if s.read else "–"
        lines.append(f"| {name} | {s.annotated} | {s.read} | {precision} | {s.recall:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    told, got = sample(), readings()
    out = [table(scores(told, got)), table(kinds(told, got)), str(shares())]
    out += list(differences(told, got)) if "--wrong" in sys.argv else []
    sys.stdout.write("\n".join(out) + "\n")

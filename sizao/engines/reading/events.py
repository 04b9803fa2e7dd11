"""What is read from a report: events, and the stretches that could not be read."""

from dataclasses import dataclass
from datetime import date

from sizao.terms import EventKind, PlaceKind


@dataclass(frozen=True)
class Event:
    """
    One thing that happened on one day or over one period.

    A single day has the same first and last date; None is not known. Times are "HH:MM".
    `span` counts characters of the text as it was given.
    """

    kind: EventKind
    span: tuple[int, int]
    date_from: date | None = None
    date_to: date | None = None
    time_from: str | None = None
    time_to: str | None = None
    place_text: str | None = None
    place_kind: PlaceKind | None = None
    area_code: str | None = None
    transport: str | None = None
    result: str | None = None

    def row(self) -> dict[str, object]:
        """The event as plain values, in the order of the published format."""
        return {
            "date_from": self.date_from.isoformat() if self.date_from else None,
            "date_to": self.date_to.isoformat() if self.date_to else None,
            "time_from": self.time_from,
            "time_to": self.time_to,
            "kind": str(self.kind),
            "place_text": self.place_text,
            "place_kind": str(self.place_kind) if self.place_kind else None,
            "area_code": self.area_code,
            "transport": self.transport,
            "result": self.result,
            "span": list(self.span),
        }


@dataclass(frozen=True)
class Reading:
    """All that was read from one report; `unread` spans do not overlap and are in order."""

    report_id: str
    events: tuple[Event, ...]
    unread: tuple[tuple[int, int], ...]
    home_area_code: str | None = None
    named_areas: tuple[str, ...] = ()  # settled codes, for the neighbours
    left_open: bool = False  # a name that several villages bear, or dates without any year

    def row(self) -> dict[str, object]:
        """The reading as plain values, in the published format."""
        return {
            "report_id": self.report_id,
            "events": [event.row() for event in self.events],
            "unread": [list(span) for span in self.unread],
        }

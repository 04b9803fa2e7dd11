"""The rows behind a number of the command centre, each leading to where it is worked on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from sizao.records import access
from sizao.response.reports.command import OF_PEOPLE, Row, Watch, count
from sizao.response.reports.lines import area_names
from sizao.terms import CommandFigure, Right
from sizao.web import shell
from sizao.web.command_look import Look

# Where each thing is worked on, and the right it takes; by the row's key unless the address is of a list.
WAYS: dict[str, tuple[str, Right, bool]] = {
    "alert": ("alert", Right.SITUATION_READ, True),
    "finding": ("finding", Right.SITUATION_READ, True),
    "team": ("team", Right.SITUATION_READ, True),
    "laboratory": ("laboratories", Right.LAB_WORK, False),
    "order": ("order_one", Right.ORDER_SERVE, True),
    "placement": ("isolation_room", Right.ROOM_ALLOCATE, True),
    "round": ("testing_one", Right.SITUATION_READ, True),
    "signal": ("signals_hints", Right.SIGNAL_VERIFY, False),
    "site": ("isolation_site", Right.SITUATION_READ, True),
    "task": ("task_open", Right.TASK_WORK, True),
    "transfer": ("transfers", Right.SITUATION_READ, False),
    "zone": ("zone", Right.SITUATION_READ, True),
}


def require(request: HttpRequest, figure: CommandFigure) -> None:
    """Refuse rows that name people by their number to whoever may not list people."""
    if figure in OF_PEOPLE:
        access.require(request.user, Right.PERSON_LIST)


def narrowed(watch: Watch, *, kind: str, hours: int) -> Watch:
    """Look at one kind of task, or at fewer hours ahead."""
    return replace(watch, kind=kind, hours=hours)


def total(figure: CommandFigure, watch: Watch) -> int:
    """Count all rows, as the screen did."""
    return count(figure, watch)


def shown(request: HttpRequest, look: Look, rows: Sequence[Row]) -> list[dict[str, object]]:
    """Say what each row shows: its name, what it is, where, since when, by when, and where it leads."""
    names = area_names(code for row in rows for code in (row.area_code, row.area_code[:6]))
    language = get_language() or "zh"
    return [
        {
            "row": row,
            "label": row.label if language.startswith("zh") or not row.label_en else row.label_en,
            "area": _area(row.area_code, names),
            "is_late": _is_late(row.due_at, look.watch.as_of),
            "address": _address(request, row),
        }
        for row in rows
    ]


def _area(code: str, names: dict[str, str]) -> str:
    county, own = names.get(code[:6], code[:6]), names.get(code, "")
    return county if own in ("", county) else f"{county} {own}"


def _is_late(due_at: datetime | None, as_of: datetime) -> bool:
    return due_at is not None and due_at < as_of


def _address(request: HttpRequest, row: Row) -> str:
    if row.subject == "person":
        return (
            _kept(request, reverse("person", args=[row.label])) if access.may(request.user, Right.PERSON_READ) else ""
        )
    name, right, is_one = WAYS.get(row.subject, ("", Right.SITUATION_READ, False))
    if not name or not access.may(request.user, right):
        return ""
    return _kept(request, reverse(name, args=[row.key] if is_one else []))


def _kept(request: HttpRequest, address: str) -> str:
    try:
        return f"{address}?{shell.chosen(request).query}"
    except shell.NoOutbreak:
        return address

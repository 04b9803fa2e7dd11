"""The command centre: one screen for a wall and a phone, whose parts are read again only when something changed."""

import json
import zlib
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from sizao.errors import SizaoError
from sizao.records.models import Area
from sizao.response.reports.command import rows
from sizao.terms import CommandFigure, CommandPart, TaskKind
from sizao.web import command_look, command_rows, command_shown, shell
from sizao.web.command_kept import Kept, StillWorking
from sizao.web.command_look import Look

PAGE_ROWS = 100
HOURS = frozenset({"2", "6", "24"})
# Some 300 screens of as many areas, the parts of each as they are and as they were.
KEPT = Kept(most=3_000)
WAIT_SECONDS = 2.0
# What a screen is opened with may be so old; its first question, a moment later, brings what changed since.
OPENED_WITH_SECONDS = 60.0
AT_ONCE = (CommandPart.WHERE, CommandPart.LATE, CommandPart.FULL, CommandPart.AHEAD)


class NoSuchPart(SizaoError):
    code = "command.part.not_found"
    message = "The command centre has no part called “{part}”. Its parts are: {parts}."


class NoSuchFigure(SizaoError):
    code = "command.figure.not_found"
    message = "The command centre has no figure called “{figure}”. Open one from its screen."


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Answer: where are we, what is late, what is full, what comes next, when may it be over?"""
    look = command_look.look(request)
    tags = look.tags()
    shown = {
        "look": look,
        "query": look.query(),
        "area_name": _name(look.watch.area_code),
        "parts": [(part, *_opened_with(look, part, tags[part])) for part in CommandPart],
        "first": command_look.written(look.first_at)[:16],
        "last": command_look.written(look.last_at)[:16],
        "at": command_look.written(look.watch.as_of)[:16],
        "outbreaks": command_shown.outbreaks(request, look),
    }
    return render(request, "web/command.html", shown)


@require_safe
def version(request: HttpRequest) -> HttpResponse:
    """
    Give the version of each part; 304 while nothing changed within the minute.

    Who says which versions they `have` is given the other parts whole in the same answer: hundreds of screens that see
    one change then ask once each. A part that is worked out at this moment comes without its text, to be fetched.
    """
    look = command_look.look(request)
    tags = look.tags()
    told = json.dumps({str(part): tag for part, tag in tags.items()})
    etag = f'"{zlib.crc32(told.encode()):x}"'
    if "have" in request.GET and request.headers.get("If-None-Match") != etag:
        told = json.dumps(_others(request, look, tags), ensure_ascii=False)
    return _answer(request, told, tag=etag, content_type="application/json")


def _others(request: HttpRequest, look: Look, tags: Mapping[CommandPart, str]) -> dict[str, dict[str, str]]:
    have = dict(one.split(":", 1) for one in request.GET["have"].split(",") if ":" in one)
    return {
        str(part): {"tag": tag, "html": _ready(look, part, tag)}
        for part, tag in tags.items()
        if have.get(part) != tag
    }  # fmt: skip


@require_safe
def part(request: HttpRequest, name: str) -> HttpResponse:
    """Give one part; 202 while it is worked out for somebody else, and 304 where it is the one shown."""
    if name not in set(CommandPart):
        raise NoSuchPart(part=name[:40], parts=", ".join(CommandPart))
    look, wanted = command_look.look(request), CommandPart(name)
    tag = look.tags()[wanted]
    if request.headers.get("If-None-Match") == f'"{tag}"':
        return _answer(request, "", tag=f'"{tag}"')
    try:
        told = KEPT.once(look.key(wanted), tag, lambda: _told(look, wanted), wait_seconds=WAIT_SECONDS)
    except StillWorking:
        return HttpResponse(status=202)
    return _answer(request, told, tag=f'"{tag}"')


@require_safe
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """List what a number counts, one by one, at the moment at which it was shown."""
    if name not in set(CommandFigure):
        raise NoSuchFigure(figure=name[:40])
    look, wanted = command_look.look(request), CommandFigure(name)
    command_rows.require(request, wanted)
    watch = command_rows.narrowed(look.watch, kind=_kind(request), hours=_hours(request))
    start = shell.rows_before(request)
    found = rows(wanted, watch, start=start, most=PAGE_ROWS + 1)
    shown = {
        "figure": wanted,
        "look": look,
        "watch": watch,
        "area_name": _name(watch.area_code),
        "rows": command_rows.shown(request, look, found[:PAGE_ROWS]),
        "total": command_rows.total(wanted, watch) if start or len(found) > PAGE_ROWS else len(found),
        "start": min(start + 1, start + len(found)),  # people count rows from one
        "end": start + len(found[:PAGE_ROWS]),
        "more": look.query(kind=watch.kind, hours=watch.hours, at=command_look.written(watch.as_of),
                           start=start + PAGE_ROWS) if len(found) > PAGE_ROWS else "",
        "back": look.query(),
        "kind": TaskKind(watch.kind) if watch.kind else None,
        "is_ahead": name.startswith("ahead_"),
    }  # fmt: skip
    return render(request, "web/command_rows.html", shown)


# --- What they share ---------------------------------------------------------------------------


def _answer(request: HttpRequest, told: str, *, tag: str, content_type: str = "text/html") -> HttpResponse:
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(told, content_type=f"{content_type}; charset=utf-8")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _told(look: Look, wanted: CommandPart) -> str:
    return render_to_string(f"web/command_{wanted}.html", command_shown.PARTS[wanted](look) | {"look": look})


def _opened_with(look: Look, wanted: CommandPart, tag: str) -> tuple[str, str]:
    """Give the version and the text of a part that a screen is opened with; both empty where it is fetched after."""
    latest = KEPT.latest(look.key(wanted), tag, within_seconds=OPENED_WITH_SECONDS)
    if latest is not None:
        return latest
    told = _ready(look, wanted, tag)
    return (tag, told) if told else ("", "")


def _ready(look: Look, wanted: CommandPart, tag: str) -> str:
    """Give a part of this version; nothing where it takes seconds, or somebody else works it out."""
    key = look.key(wanted)
    if wanted not in AT_ONCE and not KEPT.has(key, tag):
        return ""
    try:
        return KEPT.once(key, tag, lambda: _told(look, wanted), wait_seconds=WAIT_SECONDS)
    except StillWorking:
        return ""


def _name(area_code: str) -> str:
    return Area.objects.filter(pk=area_code).values_list("short_name", flat=True).first() or area_code


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in set(TaskKind) else ""


def _hours(request: HttpRequest) -> int:
    return int(hours) if (hours := request.GET.get("hours", "")) in HOURS else 24

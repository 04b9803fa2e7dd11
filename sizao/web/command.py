"""The command centre: one screen for a wall and a phone, whose parts are read again only when something changed."""

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from sizao.errors import SizaoError
from sizao.records import changes
from sizao.records.models import Area
from sizao.response.reports.command import STAGES, rows
from sizao.terms import CommandFigure, CommandPart, TaskKind
from sizao.web import command_look, command_rows, command_shown, shell
from sizao.web.command_kept import Kept, Share, Told, Work
from sizao.web.command_look import Look
from sizao.web.command_together import Together

PAGE_ROWS = 100
HOURS = frozenset({"2", "6", "24"})
# The parts of some 500 screens of as many areas. Working them out takes three tenths of a process at most.
KEPT = Kept(most=2_500, share=Share(0.3, saved_seconds=3.0))
# When an outbreak may be over takes seconds: it has a share of its own, and nothing else waits behind it.
KEPT_SLOW = Kept(most=500, share=Share(0.1, saved_seconds=5.0))
TOGETHER = Together()
WAIT_SECONDS = 0.25
# What a screen is opened with may be so old; its first question, a moment later, brings what changed since.
OPENED_WITH_SECONDS = 60.0
# What is from so long ago is said to be old: a change shows within two questions of a screen, and it asks again sooner.
OLD = timedelta(seconds=3)
# A text that would say the same is kept so long: the rows that its numbers lead to are those of when it was written.
WRITTEN_AGAIN = timedelta(minutes=10)
AT_ONCE = (CommandPart.WHERE, CommandPart.LATE, CommandPart.FULL, CommandPart.AHEAD)
# What all stages together are that some part shows; others change nothing here.
CONCERNED = frozenset().union(*STAGES.values(), {changes.OTHER})


class NoSuchPart(SizaoError):
    code = "command.part.not_found"
    message = "The command centre has no part called “{part}”. Its parts are: {parts}."


class NoSuchFigure(SizaoError):
    code = "command.figure.not_found"
    message = "The command centre has no figure called “{figure}”. Open one from its screen."


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Answer: where are we, what is late, what is full, what comes next, when may it be over?"""
    look, seen = command_look.look(request), _seen()
    told = _told_last(look)
    missing = [part for part in _at_once(look) if not _is_recent(told[part])]
    if missing:
        told = _brought(look, seen, missing)
    shown = {
        "look": look,
        "query": look.query(),
        "area_name": _name(look.watch.area_code),
        "parts": list(told.items()),
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

    Who says what they `have` is given the other parts whole in the same answer: hundreds of screens that see one change
    then ask once each. A part that was read before the last change is named as `behind`, and `at` says from when it
    is; `old` are those from some seconds ago. `fetch` names parts that are to be asked for by themselves, and `soon`
    says that old ones are about to be worked out. It is 304 where a screen has all parts and none is behind.
    """
    look, seen = command_look.look(request), _seen()
    versions = look.versions(seen)
    if "have" not in request.GET:
        told = json.dumps({str(part): one for part, one in versions.items()})
        return _answer(request, told, tag=f'"{_mark(told)}"', content_type="application/json")
    found = _brought(look, seen, _at_once(look))
    behind = [part for part, one in found.items() if one is None or one.version != versions[part]]
    old = [part for part in behind if (one := found[part]) is None or look.watch.as_of - one.at > OLD]
    have = dict(one.split(":", 1) for one in request.GET["have"].split(",") if ":" in one)
    if not behind and all(one and one.tag == have.get(part) for part, one in found.items()):
        return _answer(request, "{}", tag=f'"{_mark(request.GET["have"])}"', content_type="application/json")
    told = {
        "parts": {part: _whole(one) for part, one in found.items() if one and one.tag != have.get(part)},
        "at": {part: _clock(one) for part, one in found.items() if one},
        "behind": behind,
        "old": old,
        "fetch": [part for part in behind if _kept(look, part) is KEPT_SLOW and KEPT_SLOW.is_free()],
        "soon": any(_kept(look, part) is KEPT for part in old) and KEPT.is_near(),
    }
    return _answer(request, json.dumps(told, ensure_ascii=False), tag="", content_type="application/json")


@require_safe
def part(request: HttpRequest, name: str) -> HttpResponse:
    """Give one part; 202 while it waits to be worked out, and 304 where it is the one shown."""
    if name not in set(CommandPart):
        raise NoSuchPart(part=name[:40], parts=", ".join(CommandPart))
    look, seen, wanted = command_look.look(request), _seen(), CommandPart(name)
    told = _brought(look, seen, [wanted])[wanted]
    if told is None or told.version != look.versions(seen)[wanted]:
        return HttpResponse(status=202)
    answer = _answer(request, told.text, tag=f'"{told.tag}"')
    answer["X-As-Of"] = _clock(told)
    return answer


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
    if tag and request.headers.get("If-None-Match") == tag:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(told, content_type=f"{content_type}; charset=utf-8")
    if tag:
        answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _seen() -> dict[str, int]:
    """Read what was committed so far, before anything else is read."""
    return {stage: n for stage, n in changes.versions().items() if stage in CONCERNED}


def _kept(look: Look, wanted: CommandPart) -> Kept:
    return KEPT if wanted in AT_ONCE or look.watch.outbreak is None else KEPT_SLOW


def _at_once(look: Look) -> list[CommandPart]:
    return [part for part in CommandPart if _kept(look, part) is KEPT]


def _told_last(look: Look) -> dict[CommandPart, Told | None]:
    return {part: _kept(look, part).latest(look.key(part)) for part in CommandPart}


def _is_recent(told: Told | None) -> bool:
    return told is not None and time.monotonic() - told.told_at <= OPENED_WITH_SECONDS


def _brought(look: Look, seen: Mapping[str, int], wanted: Collection[CommandPart]) -> dict[CommandPart, Told | None]:
    """Give each part as it was worked out last, those wanted after they have been worked out as far as may be."""
    TOGETHER.note(look)
    versions, told = look.versions(seen), _told_last(look)
    old = [part for part in wanted if (one := told[part]) is None or one.version != versions[part]]
    for kept in (KEPT, KEPT_SLOW):
        works = {look.key(part): _work(look, part) for part in old if _kept(look, part) is kept}
        if works:
            kept.want(works)
            kept.bring(works, seen, wait_seconds=WAIT_SECONDS)
    return _told_last(look) if old else told


def _work(look: Look, wanted: CommandPart) -> Work:
    language = get_language() or "zh"

    def work(seen: Mapping[str, int], latest: Told | None) -> Told:
        with override(language):
            return _worked_out(look, wanted, seen, latest)

    return work


def _worked_out(look: Look, wanted: CommandPart, seen: Mapping[str, int], latest: Told | None) -> Told:
    """Work a part out; where it would say what it says already, keep its text."""
    if wanted in AT_ONCE:
        look, seen = TOGETHER.look(look, seen)
    version, as_of, how = look.versions(seen)[wanted], look.watch.as_of, command_shown.PARTS[wanted]
    read = how.read(look.watch)
    made_of = (read, how.clocks(look.watch, read)) if wanted in AT_ONCE else None
    if latest and made_of and made_of == latest.made_of and abs(as_of - latest.written_at) < WRITTEN_AGAIN:
        return replace(latest, version=version, at=as_of, told_at=time.monotonic())
    text = render_to_string(f"web/command_{wanted}.html", how.shown(look, read) | {"look": look})
    # What it says is the same whenever it is read.
    tag = _mark(text.replace(urlencode({"at": command_look.written(as_of)}), ""))
    return Told(version, tag, text, at=as_of, written_at=as_of, told_at=time.monotonic(), made_of=made_of)


def _mark(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _whole(told: Told) -> dict[str, str]:
    return {"tag": told.tag, "html": told.text}


def _clock(told: Told) -> str:
    return f"{timezone.localtime(told.at):%H:%M:%S}"


def _name(area_code: str) -> str:
    return Area.objects.filter(pk=area_code).values_list("short_name", flat=True).first() or area_code


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in set(TaskKind) else ""


def _hours(request: HttpRequest) -> int:
    return int(hours) if (hours := request.GET.get("hours", "")) in HOURS else 24

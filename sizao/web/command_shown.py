"""What each part of the command centre shows: the sentence first, then its numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext

from sizao.records import access
from sizao.response.reports import command
from sizao.response.reports.command import Filled, Stood, Watch
from sizao.response.reports.lines import area_names
from sizao.response.reports.outlook import Outlook
from sizao.response.reports.outlook_beliefs import NothingKnownOfDisease
from sizao.response.reports.outlook_said import TooFew
from sizao.response.signals import StoodAlert
from sizao.terms import CommandFigure, CommandPart, Word
from sizao.web import command_map, outlook_sentences
from sizao.web.command_look import ROUTINE, Look, written

MOST_GROUPS, MOST_ALERTS, MOST_FULL = 6, 4, 6
NEARLY_FULL, FULL = 80.0, 95.0
EVEN = 0.5  # the chance from which it is more likely over than not
F = CommandFigure
COLUMNS = (F.CONFIRMED, F.ASYMPTOMATIC, F.CONTACTS_PLACED, F.CONTACTS_FOUND, F.AREAS_HIGH, F.AREAS_MEDIUM)


# --- Where we are ------------------------------------------------------------------------------


def where(look: Look, told: command.Where) -> dict[str, Any]:
    """Show where an area stands."""
    names = area_names([*told.counties, look.watch.area_code])
    most = sorted(told.counties.items(), key=lambda one: (-one[1], one[0]))
    shown = COLUMNS if look.watch.outbreak else tuple(told.figures)
    drawn = command_map.drawn(look.watch.outbreak, told.counties) if look.watch.outbreak else None
    return {
        "said": _standing(told.figures, names.get(look.watch.area_code, look.watch.area_code)),
        "tiles": [_tile(look, one, told.figures[one]) for one in shown],
        "waiting": [
            _tile(look, one, told.figures[one])
            for one in (F.PRELIMINARY, F.ALERTS_WAITING, F.SIGNALS_WAITING)
            if look.watch.outbreak and told.figures[one].now
        ],
        "level": told.level,
        "level_since": told.level_since,
        "map": drawn,
        "counties": [(names.get(code, code), n) for code, n in most[:6]],
        "n_more": max(0, len(most) - 6),
    }


def _standing(told: Any, area: str) -> str:
    if F.CONFIRMED not in told:
        return gettext(
            "%(area)s: no outbreak. %(alerts)s alerts and %(signals)s signals wait to be verified; %(tasks)s tasks are"
            " open."
        ) % {
            "area": area, "alerts": told[F.ALERTS_WAITING].now, "signals": told[F.SIGNALS_WAITING].now,
            "tasks": _grouped(told[F.TASKS_OPEN].now),
        }  # fmt: skip
    return gettext(
        "%(area)s: %(confirmed)s confirmed, %(change)s; %(unplaced)s close contacts not yet placed;"
        " %(areas)s risk areas."
    ) % {
        "area": area, "confirmed": _grouped(told[F.CONFIRMED].now), "change": _changed(told[F.CONFIRMED].change),
        "unplaced": _grouped(told[F.CONTACTS_FOUND].now),
        "areas": _grouped(told[F.AREAS_HIGH].now + told[F.AREAS_MEDIUM].now),
    }  # fmt: skip


def _changed(n: int) -> str:
    return gettext("%(n)s since yesterday") % {"n": _signed(n)} if n else gettext("as yesterday")


def _tile(look: Look, figure: CommandFigure, told: Stood) -> dict[str, object]:
    return {
        "figure": figure,
        "number": _grouped(told.now),
        "change": _changed(told.change),
        "rises": told.change > 0,
        "address": _address(look, figure),
    }


# --- What is late ------------------------------------------------------------------------------


def late(look: Look, told: command.Late) -> dict[str, Any]:
    """Show what is late, the longest first, and the clocks of alerts that run."""
    as_of = look.watch.as_of
    names = area_names([one.area_code for one in told.groups] + [one.area_code[:6] for one in told.alerts])
    groups = [
        {
            "kind": one.kind,
            "area": names.get(one.area_code, one.area_code),
            "count": _grouped(one.count),
            "by": lasted(as_of - one.since),
            "address": _address(look, F.TASKS_LATE, area=one.area_code, kind=one.kind)
            if len(one.area_code) >= len(look.watch.area_code)
            else "",
        }
        for one in told.groups[:MOST_GROUPS]
    ]
    others = [
        {"figure": one, "number": _grouped(n), "address": _address(look, one)}
        for one, n in told.figures.items()
        if n and one is not F.TASKS_LATE
    ]
    return {
        "total": _grouped(told.total),
        "n_tasks": told.figures[F.TASKS_LATE],
        "is_late": told.total > 0,
        "said": _late_said(told.total, as_of - told.groups[0].since if told.groups else None),
        "tasks": {"number": _grouped(told.figures[F.TASKS_LATE]), "address": _address(look, F.TASKS_LATE)},
        "groups": groups,
        "n_more": len(told.groups) - len(groups),
        "others": others,
        **_alerts(look, told.alerts, names),
        "alerts_waiting": {"number": len(told.alerts), "address": _address(look, F.ALERTS_WAITING)},
    }


def _alerts(look: Look, waiting: Sequence[StoodAlert], names: Mapping[str, str]) -> dict[str, Any]:
    """
    Show the alerts that wait by where they are and what they are, the nearest clock first.

    What all of them share, their rule and that they are generated, is said once above them.
    """
    groups: dict[tuple[str, str, bool], list[StoodAlert]] = {}
    for one in waiting:
        groups.setdefault((one.area_code[:6], one.title(get_language() or "zh"), one.is_generated), []).append(one)
    titles, generated = {title for _, title, _ in groups}, {made for _, _, made in groups}
    shared = [*(titles if len(titles) == 1 else ()), *([gettext("generated")] if generated == {True} else ())]
    rows = [
        {
            "area": names.get(code, code),
            "kind": " · ".join(
                [
                    *([title] if len(titles) > 1 else ()),
                    *([gettext("generated")] if made and len(generated) > 1 else ()),
                ]
            ),
            "count": len(found),
            "due_at": found[0].due_at,
            "is_late": found[0].due_at is not None and found[0].due_at < look.watch.as_of,
            "left": _left(found[0].due_at, look.watch.as_of),
            "address": f"{reverse('alert', args=[found[0].alert.pk])}?{_chosen(look)}"
            if len(found) == 1
            else _address(look, F.ALERTS_WAITING, area=code),
        }
        for (code, title, made), found in groups.items()
    ]
    return {"alerts": rows[:MOST_ALERTS], "alerts_shared": " · ".join(shared)}


def _late_said(total: int, longest: Any) -> str:
    if not total:
        return gettext("Nothing is late.")
    if longest is None:
        return gettext("%(n)s are late.") % {"n": _grouped(total)}
    return gettext("%(n)s are late, the longest by %(by)s.") % {"n": _grouped(total), "by": lasted(longest)}


def _left(due_at: datetime | None, as_of: datetime) -> str:
    if due_at is None:
        return "—"
    return gettext("%(by)s late") % {"by": lasted(as_of - due_at)} if due_at < as_of else lasted(due_at - as_of)


# --- What is full ------------------------------------------------------------------------------


def full(look: Look, told: command.Full) -> dict[str, Any]:
    """Show what is full, the fullest first."""
    names = area_names(one.area_code[:6] for one in told.lines)
    lines = [_line(look, one, names) for one in told.lines[:MOST_FULL]]
    return {
        "said": _full_said(told.lines, names),
        "lines": lines,
        "n_more": len(told.lines) - len(lines),
        "totals": [
            {"figure": one, "number": _grouped(n), "address": _address(look, one)}
            for one, n in told.figures.items()
            if one is not F.LABORATORIES_FULL or n
        ],
        "is_any": bool(told.lines),
    }


def _line(look: Look, one: Filled, names: dict[str, str]) -> dict[str, object]:
    is_laboratory = one.figure is F.LABORATORIES_FULL
    of = (
        gettext("%(hours)s hours of work") % {"hours": one.taken / 10}
        if is_laboratory
        else f"{_grouped(one.taken)} / {_grouped(one.all)}"
    )
    is_within = len(one.area_code) >= len(look.watch.area_code)
    narrowed = {} if is_laboratory else {"area": one.area_code}
    return {
        "figure": one.figure,
        "what": _what(one),
        "area": one.name or names.get(one.area_code[:6], one.area_code),
        "percent": round(one.percent),
        "width": min(100, round(one.percent)),
        "grade": "high" if one.percent >= FULL else "medium" if one.percent >= NEARLY_FULL else "low",
        "of": of,
        "hours": None if one.hours is None else max(1, round(one.hours)),
        "is_generated": one.is_generated,
        # A laboratory that keeps up is no row of those that fall behind.
        "address": _address(look, one.figure, **narrowed)
        if is_within and (not is_laboratory or one.taken > one.all)
        else "",
    }


def _full_said(lines: tuple[Filled, ...], names: dict[str, str]) -> str:
    if not lines:
        return gettext("No rooms, beds, vehicles or laboratories are on record here.")
    first = lines[0]
    facts = {
        "area": first.name or names.get(first.area_code[:6], first.area_code), "what": _what(first),
        "percent": round(first.percent),
    }  # fmt: skip
    if first.percent < NEARLY_FULL:
        return gettext("Nothing is short: the fullest are %(what)s in %(area)s, %(percent)s%%.") % facts
    facts["n"] = sum(one.percent >= NEARLY_FULL for one in lines)
    return gettext("%(what)s in %(area)s: %(percent)s%% in use. %(n)s are above 80%%.") % facts


def _what(one: Filled) -> str:
    return {
        F.ROOMS_TAKEN: gettext("Isolation rooms"),
        F.BEDS_TAKEN: gettext("Hospital beds"),
        F.VEHICLES_OUT: gettext("Vehicles"),
        F.LABORATORIES_FULL: gettext("Laboratory"),
    }[one.figure]


# --- What comes next ---------------------------------------------------------------------------


def ahead(look: Look, told: Mapping[CommandFigure, command.Ahead]) -> dict[str, Any]:
    """Show what comes within 2, 6 and 24 hours, the nearest first."""
    coming = [(figure, one) for figure, one in told.items() if one.within[-1]]
    coming.sort(key=lambda pair: (pair[1].first_at is None, pair[1].first_at))
    return {
        "said": _ahead_said(coming),
        "hours": command.HORIZONS,
        "rows": [
            {
                "figure": figure,
                "first_at": one.first_at,
                "cells": [
                    (_grouped(n), n, _address(look, figure, hours=hours))
                    for n, hours in zip(one.within, command.HORIZONS, strict=True)
                ],
            }
            for figure, one in coming
        ],
    }


def _ahead_said(coming: list[tuple[CommandFigure, command.Ahead]]) -> str:
    if not coming:
        return gettext("Nothing falls due within 24 hours.")
    figure, first = coming[0]
    return gettext("Next: %(what)s at %(at)s.") % {
        "what": _word(figure), "at": f"{timezone.localtime(first.first_at):%m-%d %H:%M}",
    }  # fmt: skip


# --- When it may be over -----------------------------------------------------------------------


def over(look: Look, read: Outlook | NothingKnownOfDisease | None) -> dict[str, Any]:
    """Show when it may be over, or what that hangs on."""
    if isinstance(read, NothingKnownOfDisease):
        return {"said": gettext("Nothing is known here of how this disease spreads, so no end can be told.")}
    if read is None:
        return {"said": gettext("There is no outbreak.")}
    ending = read.ending
    told = None if isinstance(ending, TooFew) else ending
    return {
        "said": outlook_sentences.sentences(read)["ending"],
        "over_on": told.over_on if told else None,
        "reproduction": outlook_sentences.interval(told.reproduction) if told else "",
        "even_on": next((day for day, p in zip(told.days, told.chance, strict=True) if p >= EVEN), None)
        if told
        else None,
        "is_model": True,
        "address": f"{reverse('outlook')}?{_chosen(look)}",
    }


# --- What they share ---------------------------------------------------------------------------


def outbreaks(request: HttpRequest, look: Look) -> list[tuple[str, object, bool]]:
    """List what can be looked at: each outbreak, and the routine."""
    mine = look.watch.outbreak
    found = [(one.slug, one, mine == one) for one in access.outbreaks(request.user).order_by("-opened_at", "-pk")[:20]]
    return [*found, (ROUTINE, None, mine is None)]


def lasted(span: Any) -> str:
    """Say how long something takes: in days from two days on, in hours from two hours on, else in minutes."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes >= 2 * 24 * 60:
        return gettext("%(n)s d") % {"n": minutes // (24 * 60)}
    if minutes >= 2 * 60:
        return gettext("%(n)s h") % {"n": minutes // 60}
    return gettext("%(n)s min") % {"n": minutes}


def _address(look: Look, figure: CommandFigure, **more: object) -> str:
    """Lead to the rows of a figure at the moment it was read; nowhere for who may not see them."""
    if not look.opens(figure):
        return ""
    query = look.query(**({"at": written(look.watch.as_of)} | more))
    return f"{reverse('command_rows', args=[figure])}?{query}"


def _chosen(look: Look) -> str:
    watch = look.watch
    if watch.outbreak is None:
        return ""
    return f"outbreak={watch.outbreak.slug}&day={timezone.localtime(watch.as_of).date().isoformat()}"


def _word(word: Word) -> str:
    return word.label(get_language() or "zh")


def _grouped(n: int) -> str:
    return f"{n:,}"


def _signed(n: int) -> str:
    return f"{n:+,}".replace("-", "−")


def _over(watch: Watch) -> Outlook | NothingKnownOfDisease | None:
    try:
        return command.is_over(watch)
    except NothingKnownOfDisease as unknown:
        return unknown


def _nothing(watch: Watch, told: Any) -> None:
    """Say of a part that no clock runs in its text."""


def _clocks(watch: Watch, told: command.Late) -> list[object]:
    """Give what a clock says in the text of what is late: it changes while what is told does not."""
    spans = [lasted(watch.as_of - one.since) for one in told.groups[:MOST_GROUPS]]
    return spans + [(_left(one.due_at, watch.as_of), one.is_late) for one in told.alerts]


@dataclass(frozen=True, slots=True)
class Part:
    """How a part is read, what of its text changes by the clock alone, and what its template shows."""

    read: Callable[[Watch], Any]
    clocks: Callable[[Watch, Any], object]
    shown: Callable[[Look, Any], dict[str, Any]]


PARTS: dict[CommandPart, Part] = {
    CommandPart.WHERE: Part(command.where, _nothing, where),
    CommandPart.LATE: Part(command.is_late, _clocks, late),
    CommandPart.FULL: Part(command.is_full, _nothing, full),
    CommandPart.AHEAD: Part(command.is_ahead, _nothing, ahead),
    CommandPart.OVER: Part(_over, _nothing, over),
}

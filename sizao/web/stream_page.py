"""One stream: its course with the corrections visible, every detector's verdict, and a count to be entered."""

from datetime import date, timedelta

import numpy as np
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Stream
from sizao.response import signals
from sizao.response.reports import standing_streams
from sizao.response.reports.lines import area_names
from sizao.response.reports.standing_streams import Course, Judged
from sizao.response.signals.known_counts import STEP_DAYS
from sizao.response.signals.streams import Said
from sizao.terms import Right, StreamKind, StreamStep
from sizao.web import refusals, shell
from sizao.web.templatetags.alerting import detector

# What the page shows, by name: days back for a daily and a weekly stream, None for all; the first unasked.
SPANS: dict[str, dict[str, int | None]] = {
    "short": {StreamStep.DAY: 60, StreamStep.WEEK: 364},
    "long": {StreamStep.DAY: 180, StreamStep.WEEK: 1092},
    "all": {StreamStep.DAY: None, StreamStep.WEEK: None},
}
HEARD_ROWS = 28


class CountUnreadable(SizaoError):
    code = "web.count.unreadable"
    message = "“{given}” is no count. Write a whole number, 0 for none; a day that nobody counted is left out."


class CountDayUnreadable(SizaoError):
    code = "web.count_day.unreadable"
    message = "“{given}” is not a date. Write the day as year-month-day, for example 2021-01-08."


@require_GET
def stream(request: HttpRequest, stream_id: int) -> HttpResponse:
    """Answer: what was counted, what was expected, and what does each detector say?"""
    chosen = shell.chosen(request)
    found = fetched(request, stream_id, to=Right.SITUATION_READ)
    span = request.GET.get("span", "")
    span = span if span in SPANS else "short"
    course = course_of(request, found, span)
    methods = [one.method for one in course.judged]
    method = request.GET.get("method", "")
    method = method if method in methods else _most_telling(course)
    position = _position(course, request.GET.get("date", ""))
    shown = {
        "stream": found,
        "kind": StreamKind(found.kind),
        "step": StreamStep(found.step),
        "area": area_names([found.area_code]).get(found.area_code, found.area_code),
        "span": span,
        "spans": _spans(),
        "method": method,
        "methods": methods,
        "date": course.dates[position] if course.dates else None,
        "dates": list(reversed(course.dates[-HEARD_ROWS:])),
        "count": _plain(course.counts[position]) if course.dates else None,
        "verdicts": [_verdict(one, position) for one in course.judged] if course.dates else [],
        "told": _answer(course, method, position),
        "entry_date": _entry_date(found, chosen.day),
        "heard": list(zip(course.dates, course.heard, strict=True))[: -HEARD_ROWS - 1 : -1],
        "drawing": _drawing(course, method),
        "words": _words(),
        "may_list": access.may(request.user, Right.PERSON_LIST),
        "may_send": access.may(request.user, Right.SIGNAL_SEND) and access.covers(request.user, found.area_code),
    }
    return render(request, "web/streams_one.html", shown)


@require_POST
def stream_count(request: HttpRequest, stream_id: int) -> HttpResponse:
    """Enter or correct the count of a day, in the name of who is signed in; what was said before is kept."""
    chosen = shell.chosen(request)
    found = fetched(request, stream_id, to=Right.SIGNAL_SEND)
    try:
        given = request.POST
        said = Said(
            stream=found,
            date=_day(given.get("date", "")),
            count=_count(given.get("count", "")),
            denominator=_count(given["denominator"]) if given.get("denominator") else None,
        )
        heard = signals.hear(outbreak=chosen.outbreak, said=[said], by=request.user, now=chosen.moment)
        messages.success(request, _told(heard))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('stream', args=[stream_id])}?{chosen.query}")


def fetched(request: HttpRequest, stream_id: int, *, to: Right) -> Stream:
    """Fetch a stream of the chosen outbreak that was there on the chosen day, and decide in one step."""
    chosen = shell.chosen(request)
    rows = signals.streams_of(chosen.outbreak).filter(opened_at__lte=chosen.as_of)
    return access.row(rows, what="stream", to=to, by=request.user, pk=stream_id)


def course_of(request: HttpRequest, found: Stream, span: str) -> Course:
    """Read the course of a stream until the chosen day."""
    chosen = shell.chosen(request)
    back = SPANS[span][StreamStep(found.step)]
    since = found.first_date if back is None else max(found.first_date, chosen.day - timedelta(days=back - 1))
    return standing_streams.course(found, since=since, until=chosen.day, as_of=chosen.as_of)


def _most_telling(course: Course) -> str:
    """Choose the detector that could say on most days what it expects."""
    told = {one.method: int(np.isfinite(one.upperbound).sum()) for one in course.judged}
    return max(told, key=lambda method: told[method], default="")


def _position(course: Course, text: str) -> int:
    """Find the day that the table of verdicts is about: the asked one, else the latest that was counted."""
    known = {one.isoformat(): n for n, one in enumerate(course.dates)}
    counted = np.flatnonzero(~np.isnan(course.counts))
    return known.get(text, int(counted[-1]) if counted.size else len(course.dates) - 1)


def _answer(course: Course, method: str, position: int) -> str:
    """Answer in one sentence: what was counted on the day, what was expected by which method, who alarmed."""
    if not course.dates or np.isnan(course.counts[position]):
        return gettext("Nobody has counted anything here on these days, so nothing can be said.")
    day, count = course.dates[position].isoformat(), f"{course.counts[position]:.0f}"
    judged = next((one for one in course.judged if one.method == method), None)
    alarms = [detector(one.method) for one in course.judged if one.alarm[position]]
    told = _expectation(judged, position).format(
        day=day,
        count=count,
        method=detector(method),
        expected=f"{judged.expected[position]:.1f}" if judged else "",
        bound=f"{judged.upperbound[position]:.1f}" if judged else "",
    )
    rang = gettext("Alarm by: {methods}.").format(methods=" · ".join(alarms)) if alarms else gettext("No alarm.")
    return f"{told} {rang}"


def _expectation(judged: Judged | None, position: int) -> str:
    """Choose the sentence by what the method says: some set a bound and expect nothing, some the other way round."""
    expects = judged is not None and np.isfinite(judged.expected[position])
    bounds = judged is not None and np.isfinite(judged.upperbound[position])
    if expects and bounds:
        return gettext("{day}: {count} counted; {method} expects {expected} and up to {bound}.")
    if expects:
        return gettext("{day}: {count} counted; {method} expects {expected}.")
    if bounds:
        return gettext("{day}: {count} counted; the bound of {method} is {bound}.")
    return gettext("{day}: {count} counted; no detector chosen here can say yet what is expected.")


def _entry_date(found: Stream, day: date) -> date:
    """Offer the chosen day, or the day on which its week began."""
    step = STEP_DAYS[StreamStep(found.step)]
    return day - timedelta(days=(day - found.first_date).days % step)


def _verdict(judged: Judged, position: int) -> dict[str, object]:
    return {
        "method": judged.method,
        "expected": _plain(judged.expected[position]),
        "upperbound": _plain(judged.upperbound[position]),
        "statistic": _plain(judged.statistic[position]),
        "p_value": _plain(judged.p_value[position]),
        "is_judged": bool(judged.judged[position]),
        "alarm": bool(judged.alarm[position]),
        "basis": judged.basis,
        "n_alarms": int(judged.alarm.sum()),
    }


def _drawing(course: Course, method: str) -> dict[str, object]:
    """What the chart is drawn from: plain lists, days as text, None for a gap."""
    judged = next((one for one in course.judged if one.method == method), None)
    return {
        "days": [day.isoformat() for day in course.dates],
        "counts": [_plain(count) for count in course.counts],
        "late": [bool(one and one.is_late) for one in course.heard],
        "corrected": [one.first_count if one and one.is_corrected else None for one in course.heard],
        "expected": [_plain(value) for value in judged.expected] if judged else [],
        "bounds": [_plain(value) for value in judged.upperbound] if judged else [],
        "alarms": [bool(value) for value in judged.alarm] if judged else [],
    }


def _plain(value: float) -> float | int | None:
    """Give a number as JSON has it; a gap, and what is beyond all numbers, is None."""
    if not np.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise CountDayUnreadable(given=text[:40]) from fault


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise CountUnreadable(given=text[:40])
    return int(text)


def _told(heard: signals.Heard) -> str:
    if heard.known:
        return gettext("This was known already; nothing changed.")
    if heard.corrected:
        return gettext("Corrected in your name; what was said before is kept. The stream is judged again.")
    return gettext("Entered in your name.")


def _spans() -> dict[str, str]:
    return {"short": gettext("Recent"), "long": gettext("Longer"), "all": gettext("All")}


def _words() -> dict[str, str]:
    """The words that the chart shows."""
    return {
        "counted": gettext("counted"),
        "late": gettext("counted, heard late"),
        "first": gettext("first said"),
        "expected": gettext("expected"),
        "bound": gettext("upper bound"),
        "alarm": gettext("alarm"),
        "gap": gettext("nobody counted"),
    }

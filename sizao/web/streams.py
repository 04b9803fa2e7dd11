"""Streams, many at once: small pictures with the expected band and the alarms, found by area and kind."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Stream
from sizao.response.reports.lines import area_names
from sizao.response.reports.standing_streams import StreamPicture, pictures, streams_at
from sizao.terms import Right, StreamKind, StreamStep
from sizao.web import narrowing, shell, sparkline

PAGE_ROWS = 24
# How far back a small picture goes: six weeks of days, or a year of weeks.
SPARK_DAYS = {StreamStep.DAY: 42, StreamStep.WEEK: 364}


class NoSuchPage(SizaoError):
    code = "streams.no_such_page.unreadable"
    message = "“{key}” is not a page of the streams. Open the list from its beginning."


@require_GET
def streams(request: HttpRequest) -> HttpResponse:
    """Answer: what is counted here, and how does each stream stand?"""
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    asked = narrowing.read(request)
    found = streams_at(chosen.outbreak, asked.area, as_of=chosen.as_of, kinds=asked.kinds)
    found = found.none() if asked.nothing_left else found
    keys = list(_behind(found, request.GET.get("after", "")).values_list("area_code", "pk")[: PAGE_ROWS + 1])
    shown = narrowing.choices(request, asked) | {
        "tiles": tiles(request, found.filter(pk__in=[pk for _, pk in keys[:PAGE_ROWS]])),
        "more": "-".join(map(str, keys[PAGE_ROWS - 1])) if len(keys) > PAGE_ROWS else "",
        "after": request.GET.get("after", ""),
        "n_streams": found.count(),
    }
    return render(request, "web/streams.html", shown)


def _behind(found: QuerySet[Stream], after: str) -> QuerySet[Stream]:
    """Go on behind a stream in the order of areas; the key is an area and a row, so nothing is counted off."""
    ordered = found.order_by("area_code", "pk")
    if not after:
        return ordered
    area, _, row = after.partition("-")
    if not (area.isdecimal() and row.isdecimal()):
        raise NoSuchPage(key=after[:40])
    return ordered.filter(Q(area_code__gt=area) | Q(area_code=area, pk__gt=int(row)))


def tiles(request: HttpRequest, found: QuerySet[Stream]) -> list[dict[str, object]]:
    """Draw streams small: all in a few queries, whatever their number."""
    chosen = shell.chosen(request)
    rows = list(found.order_by("area_code", "pk"))
    names = area_names(row.area_code for row in rows)
    drawn = {}
    for step, days in SPARK_DAYS.items():
        if of_step := [row for row in rows if row.step == step]:
            since = chosen.day - timedelta(days=days - 1)
            for one in pictures(of_step, since=since, until=chosen.day, as_of=chosen.as_of):
                drawn[one.stream.pk] = _tile(one, names)
    return [drawn[row.pk] for row in rows]


def _tile(picture: StreamPicture, names: dict[str, str]) -> dict[str, object]:
    stream = picture.stream
    return {
        "id": stream.pk,
        "name": stream.name,
        "kind": StreamKind(stream.kind),
        "group": stream.group,
        "area": names.get(stream.area_code, stream.area_code),
        "is_generated": stream.is_generated,
        "alarmed_today": bool(picture.alarms and picture.alarms[-1]),
        "now": now_said(picture),
        "spark": sparkline.draw(_spark(picture), label=f"{stream.name}: {now_said(picture)}"),
    }


def _spark(picture: StreamPicture) -> sparkline.Spark:
    return sparkline.Spark(
        counts=[one.count if one else None for one in picture.heard],
        expected=[one.expected if one else None for one in picture.verdicts],
        bounds=[one.upperbound if one else None for one in picture.verdicts],
        alarms=[bool(methods) for methods in picture.alarms],
    )


def now_said(picture: StreamPicture) -> str:
    """Say the latest count beside what was expected; a stream that fell silent says since when."""
    latest = picture.latest
    if latest is None:
        return gettext("nobody counted in these days")
    verdict = next((one for one in picture.verdicts if one is not None and one.date == latest.date), None)
    day = f"{latest.date:%m-%d}"
    if verdict is None or verdict.expected is None:
        return gettext("{day}: {count}").format(day=day, count=latest.count)
    return gettext("{day}: {count}, expected {expected}").format(
        day=day, count=latest.count, expected=f"{verdict.expected:.1f}"
    )

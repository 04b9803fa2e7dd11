"""Oversight on screen: scorecards of an area, and the rows behind each of their numbers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET

from sizao.errors import SizaoError
from sizao.protocol.read_triggers import shipped_watch_at
from sizao.records import access, keyset
from sizao.records.models import Area, Outbreak
from sizao.response.oversight import complaints, findings, rows, scorecards
from sizao.response.oversight.measures import Measure
from sizao.response.oversight.scorecards import Scope, Score
from sizao.terms import Clocked, ClockState, OutbreakKind, Right, Stage
from sizao.web import shell

PERIODS = (1, 7, 30)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# Addresses of records that only those open who may see the people or the work behind them.
_OPENED_WITH = {
    "order_one": Right.ORDER_SERVE, "objection": Right.OBJECTION_DECIDE, "cooperation_one": Right.COOPERATE,
    "complaint": Right.COMPLAINT_TAKE, "task_open": Right.TASK_WORK, "directive_part": Right.DIRECTIVE_WORK,
    "clocked_report": Right.REPORT_READ,
}  # fmt: skip


class NotAPeriod(SizaoError):
    code = "oversight.question.unreadable"
    message = "“{given}” is nothing that a scorecard can be narrowed to. Use the links of the page."


@dataclass(frozen=True, slots=True)
class Looked:
    """What a page of oversight is about: with an outbreak, or in routine times without one."""

    area_code: str
    as_of: datetime
    moment: datetime
    outbreak: Outbreak | None
    query: str  # keeps the choice across links; empty without an outbreak


def looked(request: HttpRequest) -> Looked:
    """
    Say what the reader looks at. A replay or drill has its own time and its own rows; else all of the area counts.

    Without any outbreak it is the account's area, now.
    """
    own = request.user.area_code
    try:
        chosen = shell.chosen(request)
    except shell.NoOutbreak:
        if request.GET.get("outbreak"):
            raise
        return Looked(own, request.now, request.now, None, "")
    rehearsed = chosen.outbreak.kind in (OutbreakKind.REPLAY, OutbreakKind.DRILL)
    return Looked(own, chosen.as_of, chosen.moment, chosen.outbreak if rehearsed else None, chosen.query)


def asked_scope(request: HttpRequest, looked_at: Looked) -> tuple[Scope, int]:
    """Read which area and how many days are asked for; refuse an area outside the jurisdiction."""
    given = request.GET.get("area", "") or looked_at.area_code
    access.require(request.user, Right.SITUATION_READ, area_code=given)
    days = request.GET.get("days", "7")
    if days not in map(str, PERIODS) or len(given) not in (2, 4, 6, 9, 12):
        raise NotAPeriod(given=f"{given} {days}"[:40])
    scope = Scope(given, date.min, looked_at.as_of, looked_at.outbreak.pk if looked_at.outbreak else None)
    first = scope.day - timedelta(days=int(days) - 1)
    return Scope(given, first, scope.as_of, scope.outbreak_id), int(days)


def _called(row: rows.ClockRow, measure: Measure) -> str:
    """Name a row: an alert by its rule, as the screens of early warning do."""
    if measure.word != Clocked.ALERT:
        return row.label
    watch = shipped_watch_at(timezone.localtime(row.started_at).date(), row.area_code[:6])
    rule = next((one for one in watch.triggers if one.key == row.label), None)
    return rule.title(get_language() or "zh") if rule else row.label


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Answer: what is late and where first, and how are clocks kept?"""
    access.require(request.user, Right.SITUATION_READ)
    at = looked(request)
    scope, days = asked_scope(request, at)
    stage = _stage(request)
    made, weeks = scorecards.board_and_weeks(scope, stage=stage)
    codes = [*made.areas, *_upwards(scope.area_code, request.user.area_code)]
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    facts = {
        "board": made,
        "total": shown(made.total),
        "lines": [(line.measure, shown(line.score)) for line in made.lines],
        "areas": [
            (code, names.get(code, code), shown(score), len(code) > len(scope.area_code))
            for code, score in made.areas.items()
        ],
        "weeks": [(week.last_date, shown(week.score)) for week in weeks],
        "path": [(code, names.get(code, code)) for code in _upwards(scope.area_code, request.user.area_code)],
        "stages": list(Stage),
        "stage": stage,
        "fewest": scorecards.FEWEST,
        **common(request, at, scope, days),
    }  # fmt: skip
    return render(request, "web/oversight/board.html", facts)


@require_GET
def behind(request: HttpRequest) -> HttpResponse:
    """Answer: which rows does this number count, and which clocks did they follow?"""
    access.require(request.user, Right.SITUATION_READ)
    at = looked(request)
    scope, days = asked_scope(request, at)
    measure = rows.called(request.GET.get("measure", ""))
    state = _state(request)
    after = request.GET.get("after")
    found = rows.rows(scope, measure, state, after=keyset.read_key(after) if after else None)
    names = dict(Area.objects.filter(code__in={one.area_code for one in found.rows}).values_list("code", "name"))
    right = _OPENED_WITH.get(measure.address)
    facts = {
        "measure": measure,
        "state": state,
        "states": [None, *ClockState],
        "rows": [
            (one, _called(one, measure), names.get(one.area_code, one.area_code), lasting(one.late_by))
            for one in found.rows
        ],
        "more": found.older,
        "n_rows": rows.count(scope, measure, state),
        "clocks": rows.clocks_used(found),
        "may_open": bool(measure.address) and (right is None or access.may(request.user, right)),
        **common(request, at, scope, days),
    }
    return render(request, "web/oversight/rows.html", facts)


def common(request: HttpRequest, at: Looked, scope: Scope, days: int) -> dict[str, object]:
    """Give what the pages of scorecards share."""
    area = {"area": scope.area_code} if scope.area_code != request.user.area_code else {}
    asked = urlencode({**area, **({"days": days} if days != 7 else {})})  # noqa: PLR2004 — what is asked without saying
    mine = Area.objects.filter(code=scope.area_code).values_list("name", flat=True).first()
    return {
        "at": at, "scope": scope, "days": days, "periods": PERIODS, "area_name": mine or scope.area_code,
        "here": "&".join(part for part in (at.query, asked) if part), **tabs(request, at),
    }  # fmt: skip


def tabs(request: HttpRequest, at: Looked) -> dict[str, object]:
    """Say which pages of oversight the reader has, with what waits on each."""
    user = request.user
    may = {
        "finding_make": access.may(user, Right.FINDING_MAKE),
        "complaint_take": access.may(user, Right.COMPLAINT_TAKE),
        "journal_read": access.may(user, Right.JOURNAL_READ),
    }
    waiting = complaints.waiting_at(user.area_code, at.as_of) if may["complaint_take"] else None
    return {
        "may": may,
        "n_findings": keyset.count_capped(findings.open_at(user.area_code, at.as_of), up_to=999),
        "n_complaints": keyset.count_capped(waiting, up_to=999) if waiting is not None else None,
    }


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score in words of the page."""

    score: Score
    percent: str  # rounded down, so that 100 says that all were kept; a dash where nothing ran out
    median: str
    worst: str

    @property
    def grade(self) -> str:
        """Name the colour: few and none are grey."""
        share = self.score.share
        if share is None or self.score.is_few:
            return "few"
        return "good" if share >= 0.9 else "fair" if share >= 0.7 else "poor"  # noqa: PLR2004 — colours only


def shown(score: Score) -> ShownScore:
    """Put a score into words."""
    percent = "—" if score.share is None else f"{100 * score.kept // score.clocks} %"
    return ShownScore(score, percent, lasting(score.median), lasting(score.worst))


def lasting(value: timedelta | None) -> str:
    """Say how long: minutes below an hour, hours below two days, then days."""
    if value is None:
        return "—"
    if value < _HOUR:
        return gettext("{n} min").format(n=max(1, int(value.total_seconds() // 60)))
    if value < 2 * _DAY:
        return gettext("{n} h").format(n=int(value / _HOUR))
    return ngettext("{n} day", "{n} days", int(value / _DAY)).format(n=int(value / _DAY))


def _upwards(area_code: str, own: str) -> list[str]:
    """Give the codes from the reader's own area down to the one looked at."""
    return [area_code[:digits] for digits in (2, 4, 6, 9, 12) if len(own) <= digits <= len(area_code)]


def _stage(request: HttpRequest) -> Stage | None:
    given = request.GET.get("stage", "")
    if given and given not in set(Stage):
        raise NotAPeriod(given=given[:40])
    return Stage(given) if given else None  # type: ignore[call-arg]


def _state(request: HttpRequest) -> ClockState | None:
    given = request.GET.get("state", "")
    if given and given not in set(ClockState):
        raise NotAPeriod(given=given[:40])
    return ClockState(given) if given else None  # type: ignore[call-arg]

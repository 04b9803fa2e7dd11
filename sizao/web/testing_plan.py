"""The plan of a round: asked with files or from what is known, shown on a map and in tables, changed, accepted."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.adapters import uploads
from sizao.errors import SizaoError
from sizao.records.access import NotYours
from sizao.records.models import TestingPlan, TestingRound
from sizao.response import testing
from sizao.response.testing import plan_places, planning
from sizao.response.testing.plan_places import Places
from sizao.response.testing.planning import Means
from sizao.terms import PlanState, Right
from sizao.web import refusals, shell, spreadsheet, testing_plan_sheets, uploaded
from sizao.web.testing import common, fetch

# The headings that may stand over each column, as offices write them.
VILLAGES: Mapping[str, Sequence[str]] = {
    "code": ("村居代码", "行政区划代码"), "people": ("人口", "人数"), "longitude": ("经度",), "latitude": ("纬度",),
}  # fmt: skip
SITES: Mapping[str, Sequence[str]] = {
    "name": ("采样点", "名称", "采样点名称"), "area_code": ("所在地代码", "行政区划代码", "村居代码"),
    "tables": ("最多台数", "采样台"), "longitude": ("经度",), "latitude": ("纬度",),
}  # fmt: skip
LABORATORIES: Mapping[str, Sequence[str]] = {
    "code": ("实验室代码",), "name": ("实验室", "名称"), "area_code": ("所在地代码", "行政区划代码"),
    "tubes_per_hour": ("每小时管数",), "longitude": ("经度",), "latitude": ("纬度",),
    "result_hours": ("出结果小时数",),
}  # fmt: skip
MAY_LACK = {"people", "result_hours", "area_code"}
MOST_LISTED = 300  # rows of one page; the workbook has all
MOST_PLANS = 10


class NoFile(SizaoError):
    code = "testing.plan.no_file"
    message = "No file was chosen. Choose a workbook or CSV file, or leave it to what is known."


class MeansUnreadable(SizaoError):
    code = "testing.plan.means.unreadable"
    message = "“{label}” is “{given}”. Write a number from {least} to {most}, or leave the field empty."


class NotMadeYet(SizaoError):
    code = "testing.plan.not_made"
    message = "This plan is not worked out. Its tables can be taken away when it is."


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show the plans of a round and one of them; ask for one, change it, accept it in one's own name."""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_PLAN)
    faulty: dict[str, object] = {}
    if request.method == "POST":
        try:
            held = _done(request, found)
        except _Faulty as fault:
            messages.warning(request, uploaded.said(fault.refusal))
            faulty = fault.shown
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            return redirect(f"{reverse('testing_plan', args=[found.pk])}?{chosen.query}&plan={held.pk}")
    plans = list(
        found.plans.filter(asked_at__lte=chosen.as_of).order_by("-pk").defer("question", "answer")[:MOST_PLANS]
    )
    known = plan_places.count_known(found)
    shown = faulty | {
        "plans": [(one, planning.state_of(one)) for one in plans],
        "files": [
            ("villages", gettext("Villages"), _columns(VILLAGES), known["villages"]),
            ("sites", gettext("Candidate places"), _columns(SITES), known["sites"]),
            ("laboratories", gettext("Laboratories"), _columns(LABORATORIES), known["laboratories"]),
        ],
        "fields": [(name, label, request.POST.get(name, default)) for name, label, default, _ in _fields()],
        **_shown(_asked(request, found, plans)),
    }
    return render(request, "web/testing_plan.html", shown | common(request, found, "plan"))


@require_GET
def progress(request: HttpRequest, round_id: int, plan_id: int) -> JsonResponse:
    """Tell how far a plan is, for the page that waits for it."""
    state = planning.state_of(_one(request, round_id, plan_id))
    return JsonResponse({"state": str(state), "said": state.label(get_language() or "")})


@require_GET
def points(request: HttpRequest, round_id: int, plan_id: int) -> JsonResponse:
    """Give the places of a plan for its map: villages, sites with their tables, laboratories."""
    held = _one(request, round_id, plan_id)
    if held.answer is None:
        raise NotMadeYet
    question, answer = held.question, held.answer
    opened = {one["row"]: (number, one) for number, one in enumerate(answer["sites"], start=1)}
    return JsonResponse(
        {
            "villages": [[one["longitude"], one["latitude"], one["people"]] for one in question["villages"]],
            "sites": [
                {
                    "at": [one["longitude"], one["latitude"]],
                    "name": one["name"],
                    "size": opened[row][1]["tables"] if row in opened else 0,
                    "said": _site_said(*opened[row]) if row in opened else gettext("not opened"),
                }
                for row, one in enumerate(question["sites"])
            ],
            "laboratories": [
                {"at": [one["longitude"], one["latitude"]], "name": one["name"],
                 "said": _tubes_said(answer["laboratories"][row]["tubes"])}
                for row, one in enumerate(question["laboratories"])
            ],
        }
    )  # fmt: skip


@require_GET
def export(request: HttpRequest, round_id: int, plan_id: int) -> FileResponse:
    """Give a plan as a workbook."""
    held = _one(request, round_id, plan_id)
    if held.answer is None:
        raise NotMadeYet
    return spreadsheet.send(f"sizao-plan-{held.round.number}-{held.pk}.xlsx", testing_plan_sheets.sheets(held))


def _tubes_said(n: int) -> str:
    return ngettext("{n} tube", "{n} tubes", n).format(n=n)


def _site_said(number: int, one: Mapping[str, Any]) -> str:
    said = gettext("Site {number}: {tables} tables, {people} people, {hours} hours")
    return said.format(number=number, tables=one["tables"], people=one["people"], hours=one["busy_hours"])


def _one(request: HttpRequest, round_id: int, plan_id: int) -> TestingPlan:
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_PLAN)
    held = found.plans.filter(pk=plan_id, asked_at__lte=chosen.as_of).first()
    if held is None:
        raise NotYours(what="plan", area=request.user.area_code)
    return held


# --- Acting ------------------------------------------------------------------------------------


class _Faulty(Exception):
    """A file with faulty cells, and what to show of them."""

    def __init__(self, refusal: SizaoError, shown: dict[str, object]) -> None:
        self.refusal, self.shown = refusal, shown


def _done(request: HttpRequest, found: TestingRound) -> TestingPlan:
    facts = {"by": request.user, "now": shell.chosen(request).moment}
    what = request.POST.get("what", "ask")
    if what == "ask":
        held = testing.ask_plan(testing_round=found, places=_places(request, found), means=_means(request), **facts)
        return testing.work_out_plan(plan=held, **facts) if planning.is_small(held) else held
    held = _one(request, found.pk, _number(request.POST.get("plan", "")))
    if what == "accept":
        testing.accept_plan(plan=held, **facts)
        messages.success(request, gettext("Accepted in your name: the sites of the plan are the round's."))
        return held
    changed = testing.change_plan(
        plan=held,
        tables=_changes(request, "tables"),
        tubes_per_hour=_changes(request, "tubes"),
        **facts,
    )
    return testing.work_out_plan(plan=changed, **facts) if planning.is_small(changed) else changed


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0  # noqa: PLR2004 — longer is no key


def _changes(request: HttpRequest, prefix: str) -> dict[int, int]:
    """Read what was written into the fields of rows: `tables-3=0`; an empty field changes nothing."""
    found = {}
    for name, given in request.POST.items():
        start, _, row = name.partition("-")
        if start == prefix and row.isdecimal() and given.strip():
            if not (given.strip().isascii() and given.strip().isdigit() and len(given.strip()) < 9):  # noqa: PLR2004
                raise MeansUnreadable(label=name, given=given[:40], least=0, most=99_999_999)
            found[_number(row)] = int(given)
    return found


def _places(request: HttpRequest, found: TestingRound) -> Places:
    villages = _read(request, found, "villages", VILLAGES, plan_places.villages_of)
    sites = _read(request, found, "sites", SITES, plan_places.sites_of)
    laboratories = _read(request, found, "laboratories", LABORATORIES, plan_places.laboratories_of)
    places = Places(
        plan_places.known_villages(found) if villages is None else villages,
        plan_places.known_sites(found) if sites is None else sites,
        plan_places.known_laboratories(found) if laboratories is None else laboratories,
    )
    for what, rows in (("sites", places.sites), ("laboratories", places.laboratories)):
        if not rows:
            raise plan_places.NoPlaces(what=what, number=found.number)
    return places


def _read(
    request: HttpRequest, found: TestingRound, field: str, columns: Mapping[str, Sequence[str]], reader: Any
) -> Any:
    if field not in request.FILES:
        return None
    needs = tuple(one for one in columns if one not in MAY_LACK and (field != "laboratories" or one != "name"))
    upload: uploads.Upload = uploaded.read(request, field, columns=columns, needs=needs, missing=NoFile)
    try:
        return reader(upload.rows, found)
    except plan_places.PlacesRefused as refusal:
        should = {name: said for name, _, said in _columns(columns)}
        raise _Faulty(refusal, uploaded.faults(refusal.facts["errors"], upload, should)) from refusal


def _fields() -> list[tuple[str, str, str, tuple[float, float]]]:
    """Name the means that a person may write: name, words, what stands there at first, bounds."""
    return [
        ("samplers", gettext("Samplers there are (empty: as many as it takes)"), "", (0, 10_000_000)),
        ("tubes", gettext("Tubes there are (empty: as many as it takes)"), "", (0, 100_000_000)),
        ("people_per_table_hour", gettext("People swabbed at one table in an hour"), "150", (1, 1000)),
        ("opens", gettext("Tables open at (hour of the day)"), "6", (0, 23)),
        ("closes", gettext("Tables close at (hour of the day)"), "22", (1, 24)),
        ("complete_hours", gettext("Hours to the last result (empty: the edition's)"), "", (1, 1000)),
        ("walk_minutes", gettext("Longest walk in minutes (empty: the edition's; 0: any)"), "", (0, 600)),
    ]


def _means(request: HttpRequest) -> Means:
    read: dict[str, Any] = {}
    whole = ("samplers", "tubes", "opens", "closes")
    for name, label, default, (least, most) in _fields():
        given = request.POST.get(name, default).strip()
        if not given:
            continue
        try:
            value = float(given)
        except ValueError:
            value = float("nan")
        if not least <= value <= most or (name in whole and value != int(value)):
            raise MeansUnreadable(label=label, given=given[:40], least=least, most=most)
        read[name] = int(value) if name in whole else value
    return Means(**read)


# --- Showing -----------------------------------------------------------------------------------


def _asked(request: HttpRequest, found: TestingRound, plans: Sequence[TestingPlan]) -> TestingPlan | None:
    """Give the plan to be shown: the one asked for, else the accepted one, else the latest."""
    wanted = _number(request.GET.get("plan", "") or request.POST.get("plan", ""))
    accepted = next((one.pk for one in plans if one.accepted_at is not None), None)
    pk = next((one.pk for one in plans if one.pk == wanted), accepted or (plans[0].pk if plans else None))
    return None if pk is None else found.plans.get(pk=pk)


def _shown(held: TestingPlan | None) -> dict[str, object]:
    if held is None:
        return {}
    state, question, answer = planning.state_of(held), held.question, held.answer
    shown: dict[str, object] = {
        "held": held,
        "held_state": state,
        "under_way": state in (PlanState.WAITING, PlanState.RUNNING),
        "unused": question["unused"],
        "plan_basis": question["basis"],
    }
    if answer is None:
        lacking = question.get("short_at_least", [])
        return shown | {"short_at_least": [testing_plan_sheets.short(held, one) for one in lacking]}
    sites = [(number, one, question["sites"][one["row"]]) for number, one in enumerate(answer["sites"], start=1)]
    most = max(answer["hours"]["swabbed"], default=0) or 1
    named = testing_plan_sheets.laboratory_names(held)
    return shown | {
        "sums": answer["sums"],
        "gap_percent": None if answer["sums"]["gap"] is None else 100 * answer["sums"]["gap"],
        "sites": [(number, one, place, named.get(one["laboratory"], "")) for number, one, place in sites[:MOST_LISTED]],
        "n_more_sites": max(0, len(sites) - MOST_LISTED),
        "laboratories": [(one, question["laboratories"][one["row"]]) for one in answer["laboratories"]],
        "hours": [
            (clock, swabbed, 100 * swabbed / most, waiting)
            for clock, swabbed, waiting in testing_plan_sheets.by_hour(held)
        ],
        "shortages": [(one, testing_plan_sheets.short(held, one)) for one in answer["shortages"]],
    }


def _columns(columns: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    """Say of each column of a file its heading and what it should hold."""
    should = {
        "code": gettext("the code of an area inside the round, or of a laboratory; each once"),
        "people": gettext("people, a whole number; empty: those on the roster"),
        "name": gettext("the name of the place, each once in its area"),
        "area_code": gettext("the code of an area of the register in which it lies"),
        "tables": gettext("the most tables it has room for, 0 to 200"),
        "tubes_per_hour": gettext("tubes that it reads in an hour, a whole number"),
        "longitude": gettext("degrees east (WGS-84)"),
        "latitude": gettext("degrees north (WGS-84)"),
        "result_hours": gettext("hours of a run; empty: the edition's"),
    }
    return [(name, headings[0], should[name]) for name, headings in columns.items()]

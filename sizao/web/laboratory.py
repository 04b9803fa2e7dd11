"""Laboratories: which there are; and one of them: what waits to be read, to be signed and to be checked."""

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_http_methods

from sizao.adapters.laboratories import MOST_BYTES
from sizao.adapters.laboratories.wells import CtUnreadable, ct_of, role_of
from sizao.errors import SizaoError
from sizao.protocol.kits import Kit, kit_called, shipped_kits
from sizao.records import access
from sizao.records.models import Laboratory, Plate
from sizao.response.testing import chain
from sizao.response.testing import laboratory as stage
from sizao.response.testing.laboratory import ReadingSent, RunSent, RunTold, laboratories, queue, runs
from sizao.terms import LabFeed, Reading, Right
from sizao.web import refusals, shell
from sizao.web.area_named import area_code_of

MOST_RUNS = 30
MOST_TUBES = 40
MOST_SCANNED = 500
HAND = (Reading.NEGATIVE, Reading.POSITIVE, Reading.INCONCLUSIVE, Reading.INVALID)


class NothingEntered(SizaoError):
    code = "laboratory.entry.unreadable"
    message = (
        "Scan at least one tube and say what was found, or give the Ct of each gene such as “ORF1ab 28.1, N 27.4”."
    )


class FileMissing(SizaoError):
    code = "laboratory.file_missing.unreadable"
    message = "Choose the file that the instrument wrote."


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which laboratories are there, and which have something to sign? Or register one."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TESTING_PLAN if request.method == "POST" else Right.SITUATION_READ)
    if request.method == "POST":
        try:
            said = _changed(request) if request.POST.get("what") == "capacity" else _added(request)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, said)
            return redirect(f"{reverse('laboratories')}?{chosen.query}")
    found = list(stage.laboratories_at(request.user, chosen.as_of))
    paces = chain.capacities(found, chosen.as_of)
    shown = {
        "rows": [(one, paces[one.pk], runs.waiting_of(one, chosen.as_of).count()) for one in found],
        "may_plan": access.may(request.user, Right.TESTING_PLAN),
        "may_work": access.may(request.user, Right.LAB_WORK),
        "given": request.POST,
    }
    return render(request, "web/laboratories.html", shown)


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, code: str) -> HttpResponse:
    """Answer: what waits to be signed, to be read and to be checked? Or record a run."""
    chosen, found = shell.chosen(request), fetch(request, code)
    if request.method == "POST":
        try:
            told = _record(request, found)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, _said(told))
            return redirect(f"{reverse('lab_run', args=[told.run.pk])}?{chosen.query}")
    waiting = runs.waiting_of(found, chosen.as_of)
    shown = {
        "waiting": [_line(run) for run in waiting[:MOST_RUNS]],
        "n_waiting": waiting.count(),
        "latest": runs.runs_of(found, chosen.as_of).exclude(pk__in=waiting.values("pk"))[:MOST_RUNS],
        "plates": found.plates.filter(made_at__lte=chosen.as_of).order_by("-made_at", "-pk")[:MOST_RUNS],
        "tubes": runs.waiting_tubes(found, chosen.as_of, most=MOST_TUBES),
        "kits": [(kit.id, kit.label(get_language() or "zh"), kit) for kit in shipped_kits().values()],
        "readings": HAND,
        "source_key": secrets.token_hex(8),
        "given": request.POST,
    }
    return render(request, "web/laboratory_one.html", shown | common(request, found, "work"))


def fetch(request: HttpRequest, code: str) -> Laboratory:
    """Fetch a laboratory through the door."""
    return laboratories.fetch(code, to=Right.LAB_WORK, by=request.user)


def common(request: HttpRequest, found: Laboratory, here: str) -> dict[str, object]:
    """Give what stands on every page of a laboratory."""
    return {
        "laboratory": found,
        "here": here,
        "n_odd": queue.waiting(found, shell.chosen(request).as_of).count(),
        "may_release": access.may(request.user, Right.LAB_RELEASE),
    }


def _line(run: object) -> tuple[object, int]:
    return run, run.oddities.filter(settled_at=None).count()


def _added(request: HttpRequest) -> str:
    given = request.POST
    made = stage.add_laboratory(
        laboratory_code=given.get("code", ""),
        name=given.get("name", ""),
        area_code=area_code_of(given.get("area_code", ""), by=request.user),
        tubes_per_hour=_hourly(request),
        by=request.user,
        now=shell.chosen(request).moment,
    )
    return gettext("Registered: {code}.").format(code=made.code)


def _changed(request: HttpRequest) -> str:
    held = stage.change_capacity(
        laboratory=laboratories.fetch(request.POST.get("laboratory", ""), to=Right.TESTING_PLAN, by=request.user),
        tubes_per_hour=_hourly(request),
        by=request.user,
        now=shell.chosen(request).moment,
    )
    return gettext("{code} reads {n} tubes an hour from now on.").format(code=held.code, n=held.tubes_per_hour)


def _hourly(request: HttpRequest) -> int:
    hourly = request.POST.get("tubes_per_hour", "")
    return int(hourly) if hourly.isascii() and hourly.isdigit() and len(hourly) < 7 else 0  # noqa: PLR2004


# --- Recording ---------------------------------------------------------------------------------


def _record(request: HttpRequest, found: Laboratory) -> RunTold:
    return _by_hand(request, found) if request.POST.get("what") == "hand" else _file(request, found)


def _file(request: HttpRequest, found: Laboratory) -> RunTold:
    given = request.FILES.get("file")
    if given is None:
        raise FileMissing
    plate = request.POST.get("plate", "")
    return stage.take_file(
        laboratory=found,
        content=given.read(MOST_BYTES + 1),
        name=given.name[:200],
        kit=_kit(request),
        cutoff_ct=_cutoff(request),
        plate=Plate.objects.filter(laboratory=found, pk=int(plate)).first() if _is_number(plate) else None,
        by=request.user,
        now=shell.chosen(request).moment,
    )


def _by_hand(request: HttpRequest, found: Laboratory) -> RunTold:
    given = request.POST
    codes = list(dict.fromkeys(given.get("tubes", "").split()))
    said = given.get("found", "")
    cycles = _cycles(given.get("ct", ""))
    if not codes or len(codes) > MOST_SCANNED or (cycles and len(codes) > 1) or not (said or cycles):
        raise NothingEntered
    result = next((word for word in HAND if word == said), None)
    sent = RunSent(
        feed=LabFeed.BY_HAND,
        source_key=f"hand:{found.code}:{request.user.username[:50]}:{given.get('source_key', '')[:40]}",
        name=gettext("By hand: {n}").format(n=len(codes)),
        readings=[
            ReadingSent(code, None if cycles else result, cycles, row=row, role=role_of(code))
            for row, code in enumerate(codes, start=1)
        ],
        kit=_kit(request) if cycles else None,
        cutoff_ct=_cutoff(request) if cycles else None,
    )
    return stage.record_run(laboratory=found, sent=sent, by=request.user, now=shell.chosen(request).moment)


def _cycles(text: str) -> dict[str, float | None]:
    """Read “ORF1ab 28.1, N 27.4, IC 29”; what is no Ct is refused."""
    found: dict[str, float | None] = {}
    for part in text.replace("，", ",").replace("；", ",").replace(";", ",").split(","):
        gene, _, cell = part.strip().replace("=", " ").rpartition(" ")
        if not part.strip():
            continue
        try:
            found[gene.strip()] = ct_of(cell)
        except CtUnreadable as fault:
            raise NothingEntered from fault
    return found


def _kit(request: HttpRequest) -> Kit | None:
    given = request.POST.get("kit", "")
    return kit_called(given) if given else None


def _cutoff(request: HttpRequest) -> float | None:
    given = request.POST.get("cutoff", "").strip()
    try:
        return float(given) if given else None
    except ValueError as fault:
        raise NothingEntered from fault


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 — of a bigint


def _said(told: RunTold) -> str:
    if not told.is_new and not told.completed:
        return gettext("This was recorded before, as this run; nothing was changed.")
    facts = {"n": told.run.n_readings, "odd": sum(told.oddities.values())}
    if told.completed:
        said = ngettext(
            "The whole file completes this run: {n} tube, {odd} to be checked.",
            "The whole file completes this run: {n} tubes, {odd} to be checked.",
            told.run.n_readings,
        )
    else:
        said = ngettext(
            "Recorded in your name: {n} tube, {odd} to be checked. A second person releases it.",
            "Recorded in your name: {n} tubes, {odd} to be checked. A second person releases them.",
            told.run.n_readings,
        )
    return said.format(**facts)

"""Who was missed, for the people who knock at doors: a list, and the reason once it is known."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.response import testing
from sizao.response.reports.lines import area_names
from sizao.response.testing import coverage, missed, rounds
from sizao.response.testing.missed import PAGE_PEOPLE
from sizao.terms import AREA_DIGITS, AreaLevel, MissedReason, Right
from sizao.web import refusals, shell
from sizao.web.testing import common, fetch

STREET = AREA_DIGITS[AreaLevel.STREET]
MOST_VILLAGES = 300


class NoSuchMissedReason(SizaoError):
    code = "testing.reason.unreadable"
    message = "Choose at least one person and a reason from the list."


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest, round_id: int) -> HttpResponse:
    """
    Answer: behind which doors is somebody whom nobody has swabbed?

    Names are shown for a street or a village, never for a whole county at once.
    """
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_FOLLOW)
    part = _area(request, rounds.part_of(found, request.user))
    after = request.GET.get("after", "")
    if request.method == "POST":
        _explain(request, found)
        return redirect(f"{reverse('testing_missed', args=[found.pk])}?{chosen.query}&area={part}&after={after}")
    is_near = len(part) >= STREET
    rows = []
    if is_near:
        number = int(after) if after.isdecimal() and len(after) < 19 else 0  # noqa: PLR2004 — digits of a bigint
        rows = missed.listed(
            found, within=part, by=request.user, now=request.now, after=number, size=PAGE_PEOPLE + 1
        )  # fmt: skip
    digits = AREA_DIGITS[AreaLevel.VILLAGE] if is_near else STREET
    areas = [
        (code, figures)
        for code, figures in coverage.by_area(found, as_of=chosen.as_of, digits=digits, within=part).items()
        if figures.missed
    ]
    names = area_names([code for code, _ in areas[:MOST_VILLAGES]] + [part])
    shown = {
        "people": [(one, names.get(one.area_code, one.area_code)) for one in rows[:PAGE_PEOPLE]],
        "more": rows[PAGE_PEOPLE - 1].number if len(rows) > PAGE_PEOPLE else "",
        "after": after,
        "areas": [(code, names.get(code, code), figures) for code, figures in areas[:MOST_VILLAGES]],
        "is_near": is_near,
        "part": part,
        "part_name": names.get(part, part),
        "total": coverage.total(found, as_of=chosen.as_of, within=part),
        "reasons": list(MissedReason),
    }
    return render(request, "web/testing_missed.html", shown | common(request, found, "missed"))


def _explain(request: HttpRequest, found: object) -> None:
    given = request.POST.get("reason", "")
    entries = [int(one) for one in request.POST.getlist("entry") if one.isdecimal() and len(one) < 19]  # noqa: PLR2004
    try:
        if given not in set(MissedReason) or not entries:
            raise NoSuchMissedReason
        count = testing.explain_missed(
            testing_round=found,
            entries=entries,
            reason=MissedReason(given),
            by=request.user,
            now=shell.chosen(request).moment,
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(
            request, ngettext("Noted for {n} person.", "Noted for {n} people.", count).format(n=count)
        )  # fmt: skip


def _area(request: HttpRequest, part: str) -> str:
    asked = request.GET.get("area", "")
    return asked if asked.isascii() and asked.isdigit() and asked.startswith(part) and len(asked) <= 12 else part  # noqa: PLR2004

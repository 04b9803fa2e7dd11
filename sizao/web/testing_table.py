"""
The page at the table: scan a tube, scan people, next tube. It works without a signal and sends when there is one.

What is scanned lies in the browser's own store until the platform has answered for it; sending it again is harmless.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from sizao.records import access
from sizao.records.models import TestingRound
from sizao.response import testing
from sizao.terms import OddityKind, Right, SwabAnswer, TubeKind
from sizao.web import outbox, shell
from sizao.web.outbox import AT_ONCE
from sizao.web.testing import common, fetch


@ensure_csrf_cookie
@require_http_methods(["GET", "POST"])
def table(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show the page at the table, or take what waits on a device."""
    found = fetch(request, round_id, to=Right.TESTING_REGISTER)
    if request.method == "POST":
        return _take(request, found)
    language = get_language() or "zh"
    sites = found.sites.select_related("place").order_by("number")
    facts = {
        "round": found.pk,
        "number": found.number,
        "poolSize": found.pool_size,
        "household": found.household_tubes,
        "atOnce": AT_ONCE,
        "send": request.get_full_path(),
        "sites": [{"id": one.pk, "name": f"{one.number} {one.place.name}", "tables": one.n_tables} for one in sites],
        "answers": {str(one): one.label(language) for one in SwabAnswer},
        "oddities": {str(one): one.label(language) for one in OddityKind},
        "kinds": {str(one): one.label(language) for one in TubeKind},
        "says": _says(),
    }
    return render(request, "web/testing_table.html", {"facts": facts} | common(request, found, "table"))


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Give the script that keeps the page at the table while there is no signal."""
    access.require(request.user, Right.SITUATION_READ)  # a script, and nothing else
    files = ("testing.css", "testing-table.js", "testing-boxes.js")
    return outbox.worker(request, store="sizao-table-1", pages=r"^/testing/\d+/(table|pack|carry)/$", files=files)


# --- Sending -----------------------------------------------------------------------------------


def _take(request: HttpRequest, found: TestingRound) -> HttpResponse:
    swabs, sent_at = outbox.taken(request, "swabs", _swab)
    told = testing.register_at_desk(
        testing_round=found, swabs=swabs, by=request.user, now=shell.chosen(request).moment, sent_at=sent_at
    )
    return JsonResponse(
        {
            "swabs": [
                {
                    "key": one.source_key,
                    "answer": str(one.answer),
                    "oddities": [str(kind) for kind in one.oddities],
                    "in_tube": one.in_tube,
                    "tube_size": one.tube_size,
                }
                for one in told
            ]
        }
    )


def _swab(one: dict[str, Any]) -> testing.SwabSent:
    return testing.SwabSent(
        source_key=outbox.key(one),
        tube=str(one["tube"])[:40],
        taken_at=outbox.moment(one["taken_at"]),
        kind=TubeKind(str(one.get("kind") or TubeKind.POOL)),
        entry=outbox.number(one.get("entry")),
        id_number=outbox.text(one, "id_number"),
        name=outbox.text(one, "name"),
        phone=outbox.text(one, "phone"),
        site=outbox.number(one.get("site")),
        table=outbox.number(one.get("table"), most=999),
    )


def _says() -> dict[str, str]:
    """Give the sentences that the page says without asking anybody."""
    return outbox.says() | {
        "scanTube": gettext("Scan the next tube."),
        "scanPerson": gettext("Scan the identity card, or type the number."),
        "full": gettext("This tube is full. Close it and scan the next one."),
        "wrongId": gettext(
            "The check digit of this identity number is wrong. Scan it again, or enter it once more to keep it."
        ),
        "noPerson": gettext("Type an identity number, a number of the roster or a name."),
        "noTube": gettext("Scan a tube first."),
        "isBox": gettext("This is the code of a box. Scan a tube or a person here; boxes have a page of their own."),
        "twice": gettext("This person is in this tube already."),
        "noStore": gettext(
            "This browser keeps nothing, so the page would lose swabs. Leave private mode or use another."
        ),
        "walkIn": gettext("Without a card"),
    }

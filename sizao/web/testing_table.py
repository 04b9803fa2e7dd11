"""
The page at the table: scan a tube, scan people, next tube. It works without a signal and sends when there is one.

What is scanned lies in the browser's own store until the platform has answered for it; sending it again is harmless.
"""

import json
from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import TestingRound
from sizao.response import testing
from sizao.response.testing.incoming import LONGEST_KEY
from sizao.terms import OddityKind, Right, SwabAnswer, TubeKind
from sizao.web import shell
from sizao.web.testing import common, fetch

AT_ONCE = 200  # swabs of one request
LONGEST_TEXT = 60


class OutboxUnreadable(SizaoError):
    code = "testing.outbox.unreadable"
    message = "What this device sent cannot be read: {reason} It keeps what it holds; update the page and send again."


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
    access.require(request.user, Right.TESTING_REGISTER)
    files = [
        static(f"web/{name}") for name in ("base.css", "people.css", "testing.css", "testing-table.js", "shell.js")
    ]
    answer = render(
        request, "web/testing_worker.js", {"files": json.dumps(files)}, content_type="text/javascript; charset=utf-8"
    )
    answer["Cache-Control"] = "no-cache"
    return answer


# --- Sending -----------------------------------------------------------------------------------


def _take(request: HttpRequest, found: TestingRound) -> HttpResponse:
    try:
        sent = json.loads(request.body)
        swabs = [_swab(one) for one in sent["swabs"]]
        sent_at = _moment(sent["sent_at"])
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise OutboxUnreadable(reason=f"{type(fault).__name__}.") from fault
    told = testing.register_swabs(
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


def _swab(one: dict[str, object]) -> testing.SwabSent:
    key = str(one["key"])
    if not 0 < len(key) <= LONGEST_KEY:
        raise ValueError(key)
    return testing.SwabSent(
        source_key=key,
        tube=str(one["tube"])[:40],
        taken_at=_moment(one["taken_at"]),
        kind=TubeKind(str(one.get("kind") or TubeKind.POOL)),
        entry=_number(one.get("entry")),
        id_number=_text(one, "id_number"),
        name=_text(one, "name"),
        phone=_text(one, "phone"),
        site=_number(one.get("site")),
        table=_number(one.get("table"), most=999),
    )


def _text(one: dict[str, object], field: str) -> str:
    return str(one.get(field) or "")[:LONGEST_TEXT].replace("\0", "")


def _number(given: object, *, most: int = 2**62) -> int | None:
    if given is None or given == "":
        return None
    number = int(str(given))
    if not 0 < number <= most:
        raise ValueError(given)
    return number


def _moment(given: object) -> datetime:
    moment = datetime.fromisoformat(str(given))
    if moment.tzinfo is None or not 2000 < moment.year < 2100:  # noqa: PLR2004 — any clock of a phone
        raise ValueError(given)
    return timezone.localtime(moment)


def _says() -> dict[str, str]:
    """Give the sentences that the page says without asking anybody."""
    return {
        "scanTube": gettext("Scan the next tube."),
        "scanPerson": gettext("Scan the identity card, or type the number."),
        "full": gettext("This tube is full. Close it and scan the next one."),
        "wrongTube": gettext("This tube code is mistyped. Scan it again."),
        "wrongId": gettext(
            "The check digit of this identity number is wrong. Scan it again, or enter it once more to keep it."
        ),
        "noPerson": gettext("Type an identity number, a number of the roster or a name."),
        "noTube": gettext("Scan a tube first."),
        "twice": gettext("This person is in this tube already."),
        "added": gettext("Kept on this device."),
        "waiting": gettext("Waiting to be sent"),
        "sent": gettext("Sent"),
        "refused": gettext("Refused"),
        "noSignal": gettext("No signal: everything is kept on this device and sent later."),
        "signIn": gettext("Your session has ended. Sign in again; what waits is kept on this device."),
        "upToDate": gettext("All is sent."),
        "noStore": gettext(
            "This browser keeps nothing, so the page would lose swabs. Leave private mode or use another."
        ),
        "walkIn": gettext("Without a card"),
    }

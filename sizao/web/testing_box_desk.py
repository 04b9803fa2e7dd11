"""Packing boxes and handing them over, on a phone: both pages work without a signal and send when there is one."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from sizao.response.testing import chain
from sizao.response.testing.chain.desk import BY_DEVICE
from sizao.terms import BoxAct, BoxAnswer, HandOverKind, LabOddityKind, Right
from sizao.web import outbox, shell
from sizao.web.testing import common, fetch


@ensure_csrf_cookie
@require_GET
def pack(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show the page on which tubes are packed: scan a box, scan tubes, close the box."""
    return _desk(request, round_id, "pack")


@ensure_csrf_cookie
@require_GET
def carry(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show the page on which boxes go from hand to hand: say what happens, scan the boxes."""
    return _desk(request, round_id, "carry")


@require_POST
def acts(request: HttpRequest, round_id: int) -> HttpResponse:
    """Take what waits on a device: tubes put in, boxes closed, boxes handed over."""
    found = fetch(request, round_id, to=Right.SAMPLE_CARRY)
    sent, sent_at = outbox.taken(request, "acts", _act)
    told = chain.record_acts(
        testing_round=found, acts=sent, by=request.user, now=shell.chosen(request).moment, sent_at=sent_at
    )
    return JsonResponse(
        {
            "acts": [
                {
                    "key": one.source_key,
                    "answer": str(one.answer),
                    "oddities": [str(kind) for kind in one.oddities],
                    "n_tubes": one.n_tubes,
                }
                for one in told
            ]
        }
    )


def _desk(request: HttpRequest, round_id: int, which: str) -> HttpResponse:
    found = fetch(request, round_id, to=Right.SAMPLE_CARRY)
    language = get_language() or "zh"
    sites = found.sites.select_related("place").order_by("number")
    facts = {
        "round": found.pk,
        "atOnce": outbox.AT_ONCE,
        "send": f"{reverse('testing_box_acts', args=[found.pk])}?{shell.chosen(request).query}",
        "sites": [{"id": one.pk, "name": f"{one.number} {one.place.name}"} for one in sites],
        "answers": {str(one): one.label(language) for one in BoxAnswer},
        "oddities": {str(one): one.label(language) for one in LabOddityKind},
        "acts": {str(one): one.label(language) for one in BoxAct},
        "kinds": {str(one): one.label(language) for one in HandOverKind},
        "says": _says(),
    }
    shown = {"facts": facts, "which": which, "hand_overs": [one for one in HandOverKind if one in BY_DEVICE]}
    return render(request, "web/testing_box_desk.html", shown | common(request, found, which))


def _act(one: dict[str, Any]) -> chain.BoxActSent:
    kind = one.get("kind")
    return chain.BoxActSent(
        source_key=outbox.key(one),
        act=BoxAct(str(one["act"])),
        box=str(one["box"])[:40],
        happened_at=outbox.moment(one["happened_at"]),
        tube=outbox.text(one, "tube"),
        kind=HandOverKind(str(kind)) if kind else None,
        giver=outbox.text(one, "giver"),
        vehicle=outbox.text(one, "vehicle"),
        site=outbox.number(one.get("site")),
    )


def _says() -> dict[str, str]:
    """Give the sentences that the pages say without asking anybody."""
    return outbox.says() | {
        "noBox": gettext("Scan a box."),
        "wrongBox": gettext("This box code is mistyped. Scan it again."),
        "scanTubes": gettext("Scan the tubes that go into this box."),
        "closeFirst": gettext("Close this box before you open another."),
        "emptyBox": gettext("Nothing lies in this box yet."),
        "closed": gettext("Closed. Scan the next box."),
        "twice": gettext("This tube is in this box already."),
        "noKind": gettext("Say first what happens to the boxes."),
        "noStore": gettext("This browser keeps nothing, so the page would lose what you do. Leave private mode."),
    }

"""For people themselves: what applies to me, why, until when; and an objection, by the number and code of a letter."""

from datetime import datetime

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records.models import IsolationOrder
from sizao.response import isolation, objections
from sizao.response.isolation import letter_codes, letters
from sizao.terms import ObjectionAbout, ObjectionChannel
from sizao.web import refusals, shell

# As for results: by address against guessing, by order against guessing the code of one order from many addresses.
RATES = {"letter_read": "20/m/ip,200/h/ip,30/h/key", "letter_object": "5/m/ip,20/h/ip,5/h/key"}
_TOO_MANY = 429


class TooOften(SizaoError):
    code = "objection.too_often"
    message = "This was tried too often just now. Wait some minutes and try again, or object by telephone."


@login_not_required
@never_cache
@sensitive_post_parameters("code", "text")
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Answer: what applies to me? And take what I have to say against it."""
    facts: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        given = request.POST
        number, code = given.get("number", "")[:40], given.get("code", "")[:40]
        try:
            _within_rates(request, "letter_read", key=str(letter_codes.read_number(number) or "none"))
            order = letter_codes.read(number=number, code=code, now=request.now)
            facts |= {"given_number": number, "given_code": code}
            if given.get("what") == "object":
                facts |= _objected(request, order)
            facts |= _told(order)
        except SizaoError as refusal:
            facts["refused"] = refusals.sentence(refusal)
            status = _TOO_MANY if isinstance(refusal, TooOften) else refusals.status_of(refusal)
    return render(request, "web/objection.html", facts, status=status)


def _objected(request: HttpRequest, order: IsolationOrder) -> dict[str, object]:
    try:
        _within_rates(request, "letter_object", key=str(order.pk))
        taken = objections.take(
            about=ObjectionAbout.ORDER, subject_id=order.pk, text=request.POST.get("text", ""),
            channel=ObjectionChannel.PUBLIC, by=None, now=_moment(order, request.now),
        )  # fmt: skip
    except SizaoError as refusal:
        return {"refused": refusals.sentence(refusal)}
    return {"taken": taken}


def _moment(order: IsolationOrder, now: datetime) -> datetime:
    """Say the moment that an objection bears: now, or where all is over long ago, the end of its last day."""
    last = order.outbreak.last_date
    return min(now, shell.end_of(last)) if last else now


def _told(order: IsolationOrder) -> dict[str, object]:
    language = get_language() or "zh"
    measure = objections.measure_of(ObjectionAbout.ORDER, order.pk)
    return {
        "order": order,
        "number": letter_codes.number_of(order),
        "notice": isolation.notice(order, language),
        "laws": letters.laws(order, language),
        "owed": letters.owed(order, language),
        "stands": measure.stands,
        "objections": objections.concerning(measure),
    }


def _within_rates(request: HttpRequest, action: str, key: str) -> None:
    if ratelimit.consume(request, app="sizao", action=action, config=RATES, key=key) is None:
        raise TooOften

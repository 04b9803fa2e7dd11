"""Forms about people on screen: who has no card yet, one form to be completed and signed, its files."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.adapters.documents.form_sheet import form_pdf
from sizao.adapters.spreadsheets import Sheet
from sizao.errors import SizaoError
from sizao.protocol.forms import Field, NoSuchForm, form, shipped_forms
from sizao.records import officers
from sizao.records.models import Card
from sizao.response.reports import cards
from sizao.terms import BulletinText, CardState
from sizao.web import refusals, shell, spreadsheet
from sizao.web.cooperation_letters import download

MOST_ROWS = 200


class CardFileUnknown(SizaoError):
    code = "card.file.unreadable"
    message = "A form is given as {forms}. Choose one of them."


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which cases have no card yet, the first due first, and which forms were filled?"""
    chosen = shell.chosen(request)
    waiting = cards.without_card(chosen.outbreak, by=request.user, now=chosen.as_of, most=None)
    found = cards.known(chosen.outbreak, by=request.user, most=MOST_ROWS)
    facts = {
        "n_waiting": len(waiting),
        "waiting": [(one, one.is_late(chosen.as_of)) for one in waiting[:MOST_ROWS]],
        "n_late": sum(one.is_late(chosen.as_of) for one in waiting),
        "cards": [(one, form(one.form)) for one in found],
        "forms": list(shipped_forms().values()),
    }
    return render(request, "web/cards.html", facts)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a form about a person, in one's own name."""
    chosen, given = shell.chosen(request), request.POST
    try:
        card = cards.begin(
            outbreak=chosen.outbreak, number=given.get("number", "").strip()[:40], code=given.get("form", ""),
            by=request.user, now=chosen.moment,
        )  # fmt: skip
    except (cards.CardExists, NoSuchForm) as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return redirect(f"{reverse('cards')}?{chosen.query}")
    return redirect(f"{reverse('card', args=[card.pk])}?{chosen.query}")


@require_GET
def one(request: HttpRequest, card_id: int) -> HttpResponse:
    """Show one form: what stands on it, what is blank, and what may be done."""
    shell.chosen(request)
    card = cards.open_card(card_id, by=request.user, now=request.now)
    content, wanted = cards.read_content(card), form(card.form)
    facts = {
        "card": card, "form": wanted, "state": CardState(card.state),
        "fields": [(field, content.get(str(field.no), "")) for field in wanted.fields],
        "lacking": _named(cards.lacking(card)),
        "n_blank": len(cards.missing(card)), "longest": cards.LONGEST,
    }  # fmt: skip
    return render(request, "web/cards_one.html", facts)


def _named(fields: Iterable[Field]) -> list[str]:
    """Name fields that must be filled; of those that stand for each other one is enough, so they are named together."""
    named: dict[str, list[str]] = {}
    for one in fields:
        named.setdefault(one.one_of or str(one.no), []).append(one.label)
    return [gettext(" or ").join(labels) for labels in named.values()]


@require_POST
def act(request: HttpRequest, card_id: int) -> HttpResponse:
    """Keep what was written, sign, or begin a correction, in one's own name."""
    chosen, given = shell.chosen(request), request.POST
    card = cards.open_card(card_id, by=request.user, now=request.now)
    facts = {"by": request.user, "now": chosen.moment}
    told = {name.removeprefix("field-"): given[name] for name in given if name.startswith("field-")}
    try:
        if given.get("act") == "correct":
            card = cards.correct(card=card, **facts)
        elif given.get("act") in {"keep", "sign"}:
            cards.complete(card=card, given=told, **facts)
            if given["act"] == "sign":
                cards.sign(card=card, **facts)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Recorded in your name."))
    return redirect(f"{reverse('card', args=[card.pk])}?{chosen.query}")


@require_GET
def file(request: HttpRequest, card_id: int) -> HttpResponse | FileResponse:
    """Give a form as PDF as it is printed, as workbook, or as JSON."""
    shell.chosen(request)
    card = cards.open_card(card_id, by=request.user, now=request.now)
    kinds = {"pdf": _pdf, "xlsx": _xlsx, "json": _json}
    kind = request.GET.get("form", "pdf")
    if kind not in kinds:
        raise CardFileUnknown(forms=", ".join(kinds))
    return kinds[kind](card)


def _pdf(card: Card) -> HttpResponse:
    drill = "" if card.outbreak.acts_on_people else BulletinText.DRILL.zh.format(name=card.outbreak.name)
    wanted = form(card.form)
    note = "" if wanted.whole else f"本表仅含原表部分内容（{wanted.transcription}）。"
    made = form_pdf(
        wanted, cards.read_content(card), number=card.number, signed=_signed(card), note=note,
        footer="含个人信息，注意保管 · sizao 四早", drill=drill,
    )  # fmt: skip
    return download(made, card.number, "pdf")


def _signed(card: Card) -> str:
    if card.signed_by is None or card.signed_at is None:
        return "未签名"
    name = officers.name_of(card.signed_by, card.signed_at)
    return f"签名：{name}　{timezone.localtime(card.signed_at):%Y-%m-%d %H:%M}"


def _xlsx(card: Card) -> FileResponse:
    content, heads = cards.read_content(card), (gettext("No."), gettext("Field"), gettext("Value"))
    rows = [(field.no, field.label, content.get(str(field.no))) for field in form(card.form).fields]
    return spreadsheet.send(f"sizao-{card.number}.xlsx", [Sheet(form(card.form).title_zh, heads, rows)])


def _json(card: Card) -> JsonResponse:
    wanted, content = form(card.form), cards.read_content(card)
    fields = [{"no": one.no, "label": one.label, "value": content.get(str(one.no))} for one in wanted.fields]
    told = {
        "number": card.number, "form": wanted.code, "version": card.form_version, "state": card.state,
        "signed_at": card.signed_at, "fields": fields,
    }  # fmt: skip
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="sizao-{card.number}.json"'
    return answer

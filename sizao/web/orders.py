"""Orders on screen: the next proposal, one order and its history, letters, who was not told, who is free earlier."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.protocol.laws import proposed_basis
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import Account, Contact, IsolationOrder, Person
from sizao.response import isolation, objections, outbreaks
from sizao.response.isolation import freed, letter_codes, letters, moving, order_history, secondary, serving
from sizao.response.objections import taking
from sizao.response.reports.lines import area_names
from sizao.response.reports.queues import orders_waiting
from sizao.terms import (
    FamilyTold,
    HomeGroup,
    ObjectionAbout,
    ObjectionChannel,
    OrderCause,
    OrderKind,
    Right,
    ServedHow,
)
from sizao.web import refusals, shell, spreadsheet

MOST_ROWS = 200


@require_GET
def next_order(request: HttpRequest) -> HttpResponse:
    """Show the proposal that waits longest, one at a time: each person is decided on for themselves."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.ORDER_ISSUE)
    waiting = orders_waiting(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    after = int(request.GET["after"]) if request.GET.get("after", "").isdecimal() else 0
    order = waiting.filter(pk__gt=after).select_related("person", "contact__index_case", "place").order_by("pk").first()
    shown = {"order": order, "after": after}
    if order:
        found = access.person(order.person.number, to=Right.ORDER_ISSUE, by=request.user, now=request.now)
        shown |= {
            "identity": access.identity(found, to=request.user),
            "notice": isolation.notice(order, get_language() or "zh"),
            "legal_basis": order.legal_basis or proposed_basis(OrderKind(order.kind), order.starts_date),
        }
    return render(request, "web/order.html", shown)


@require_POST
def decide(request: HttpRequest, order_id: int) -> HttpResponse:
    chosen = shell.chosen(request)
    order = access.row(
        IsolationOrder.objects.select_related("person"),
        what="order",
        to=Right.ORDER_ISSUE,
        by=request.user,
        pk=order_id,
    )
    try:
        if request.POST.get("decision") == "decline":
            reason = request.POST.get("reason", "")
            isolation.decline(order=order, reason=reason, by=request.user, now=chosen.moment)
            messages.success(request, gettext("Declined: {number}.").format(number=order.person.number))
        else:
            basis = request.POST.get("legal_basis")
            isolation.issue(order=order, legal_basis=basis, by=request.user, now=chosen.moment)
            messages.success(request, gettext("Issued in your name: {number}.").format(number=order.person.number))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    if request.POST.get("back") == order.person.number:
        return redirect(f"{reverse('person', args=[order.person.number])}?{chosen.query}")
    return redirect(f"{reverse('order_next')}?{chosen.query}&after={order.pk}")


@require_GET
def one(request: HttpRequest, order_id: int) -> HttpResponse:
    """Answer: what is asked of this person, what has happened to the order, and what may be done with it?"""
    chosen, order = shell.chosen(request), fetch(request, order_id, to=Right.ORDER_SERVE)
    found = access.person(order.person.number, to=Right.ORDER_SERVE, by=request.user, now=request.now)
    language = get_language() or "zh"
    measure = objections.measure_of(ObjectionAbout.ORDER, order.pk) if order.issued_at else None
    state = isolation.state_at(order, chosen.as_of)
    facts = {
        "order": order,
        "order_state": state,
        "number": letter_codes.number_of(order),
        "letter_code": letter_codes.code_of(order) if state == "issued" else "",
        "who": letters.who_of(found, request.user),
        "person": found,
        "notice": isolation.notice(order, language),
        "laws": letters.laws(order, language),
        "history": order_history.of(order, chosen.as_of),
        "objections": taking.concerning(measure).filter(received_at__lte=chosen.as_of) if measure else [],
        "standing": secondary.standing(order.contact, as_of=chosen.as_of) if order.contact else None,
        "may_issue": access.may(request.user, Right.ORDER_ISSUE) and state == "issued",
        "may_read": access.may(request.user, Right.PERSON_READ),
        "hows": tuple(ServedHow),
        "families": tuple(FamilyTold),
        "causes": tuple(OrderCause),
        "channels": [one for one in ObjectionChannel if one != ObjectionChannel.PUBLIC],
        "groups": [HomeGroup(one) for one in moving.groups(_rules(order, chosen)) if one in set(HomeGroup)],
    }
    return render(request, "web/order_one.html", facts)


@require_GET
def letter(request: HttpRequest, order_id: int) -> HttpResponse:
    """Print the letter of one order: in Chinese, in English, or both."""
    chosen, order = shell.chosen(request), fetch(request, order_id, to=Right.ORDER_SERVE)
    language = request.GET.get("language", "both")
    printed = letters.of_order(order=order, language=language, by=request.user, now=chosen.moment)
    return _pdf(printed, letter_codes.number_of(order))


@require_GET
def all_letters(request: HttpRequest) -> HttpResponse:
    """Print all letters of my area that were issued on the chosen day and not served."""
    chosen = shell.chosen(request)
    language = request.GET.get("language", "zh")
    access.require(request.user, Right.ORDER_SERVE)
    printed = letters.of_day(
        outbreak=chosen.outbreak, day=chosen.day, language=language, by=request.user, now=chosen.moment
    )
    return _pdf(printed, f"letters-{chosen.day}-{printed.count}")


@require_GET
def to_serve(request: HttpRequest) -> HttpResponse:
    """Answer: whom of my area has nobody told yet, the longest waiting first?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.ORDER_SERVE)
    waiting = serving.unserved(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    rows = list(waiting.select_related("person")[: MOST_ROWS + 1])
    names = area_names({one.area_code for one in rows})
    facts = {
        "rows": [
            (one, letter_codes.number_of(one), names.get(one.area_code, one.area_code), serving.due(one.issued_at)[0])
            for one in rows[:MOST_ROWS]
        ],
        "more": len(rows) > MOST_ROWS,
        "n_rows": waiting.count(),
        "n_today": letters.to_print(chosen.outbreak, chosen.area_code, chosen.day, as_of=chosen.as_of).count(),
        "hours": serving.hours(),
        "hows": tuple(ServedHow),
        "families": tuple(FamilyTold),
    }
    return render(request, "web/orders_to_serve.html", facts)


@require_GET
def freed_by_change(request: HttpRequest) -> HttpResponse:
    """Answer: who is free earlier because the rules changed?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_LIST)
    found = freed.freed(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    names = area_names({one.order.area_code for one in found[:MOST_ROWS]})
    facts = {
        "rows": [
            (one, letter_codes.number_of(one.order), names.get(one.order.area_code, one.order.area_code))
            for one in found[:MOST_ROWS]
        ],
        "n_rows": len(found),
        "n_days": sum(one.days for one in found),
        "may_export": access.may(request.user, Right.PERSON_EXPORT),
    }
    return render(request, "web/orders_freed.html", facts)


@require_GET
def freed_export(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_EXPORT)
    found = freed.freed(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    heads = [
        gettext("Number"), gettext("Person"), gettext("Name"), gettext("Area"), gettext("Kind"),
        gettext("Last day before"), gettext("Last day now"), gettext("Days earlier"), gettext("Rules"),
    ]  # fmt: skip
    rows = (
        (
            letter_codes.number_of(one.order), one.order.person.number,
            access.identity(one.order.person, to=request.user).name or "", one.order.area_code,
            OrderKind(one.order.kind), one.was, one.ends, one.days, one.rules,
        )
        for one in found
    )  # fmt: skip
    title = gettext("Freed by a change of rules")
    return spreadsheet.of_people(
        request, name=f"freed-{chosen.day}", title=title, heads=heads, rows=rows, asked=chosen.query
    )


def card(found: Person, chosen: shell.Chosen, reader: Account) -> dict[str, object]:
    """Give what the page of a person shows of their orders, and of whose tests a release waits for."""
    known = isolation.known_at(chosen.outbreak, chosen.as_of).filter(person=found).order_by("-starts_date", "-pk")
    contact = Contact.objects.filter(person=found, outbreak=chosen.outbreak, found_at__lte=chosen.as_of).first()
    return {
        "orders": [
            (one, letter_codes.number_of(one), isolation.state_at(one, chosen.as_of)) for one in known
        ],
        "standing": secondary.standing(contact, as_of=chosen.as_of) if contact else None,
        "depending": secondary.depending_on(contact, as_of=chosen.as_of) if contact else [],
        "may_serve": access.may(reader, Right.ORDER_SERVE),
        "may_link": access.may(reader, Right.CONTACT_TRACE),
    }  # fmt: skip


def fetch(request: HttpRequest, order_id: int, *, to: Right) -> IsolationOrder:
    """Fetch an order through the door: of the outbreak that is looked at, proposed by the day that is looked at."""
    chosen = shell.chosen(request)
    rows = IsolationOrder.objects.select_related("person", "contact__outbreak", "outbreak", "issued_by", "place")
    found = access.row(rows, what="order", to=to, by=request.user, pk=order_id)
    if found.outbreak_id != chosen.outbreak.pk or found.proposed_at > chosen.as_of:
        raise NotYours(what="order", area=request.user.area_code)
    return found


def read_day(given: str) -> date | None:
    """Read a date of a form; None where none was given. Raise NotADay."""
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as fault:
        raise shell.NotADay(day=given[:40]) from fault


def _rules(order: IsolationOrder, chosen: shell.Chosen) -> outbreaks.Rules:
    return outbreaks.rules_at(order.outbreak, chosen.as_of, area_code=order.area_code)


def _pdf(printed: letters.Printed, name: str) -> HttpResponse:
    answer = HttpResponse(printed.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer

"""What is done with an issued order: served, extended, changed to isolation at home, ended, objected to."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Contact, IsolationOrder
from sizao.response import isolation, objections
from sizao.response.isolation.serving import Service
from sizao.terms import FamilyTold, ObjectionAbout, ObjectionChannel, OrderCause, Right, ServedHow, Word
from sizao.web import refusals, shell
from sizao.web.orders import fetch, read_day

MOST_AT_ONCE = 200


class WordUnknown(SizaoError):
    code = "order.word.unreadable"
    message = "“{given}” is not one of: {allowed}. Choose one of them."


class MomentUnreadable(SizaoError):
    code = "order.moment.unreadable"
    message = "Give the moment as a date and a time."


class DayMissing(SizaoError):
    code = "order.day.unreadable"
    message = "Give the day on which it happened: an extension is counted from there."


class NobodyChosen(SizaoError):
    code = "order.nobody_chosen.unreadable"
    message = "Choose whom you told, then record it."


@require_POST
def serve(request: HttpRequest, order_id: int) -> HttpResponse:
    """Record how one person was told."""
    order = fetch(request, order_id, to=Right.ORDER_SERVE)

    def act(moment: datetime) -> str:
        isolation.serve(order=order, service=_service(request), by=request.user, now=moment)
        return gettext("Served.")

    return _done(request, order, act)


@require_POST
def serve_many(request: HttpRequest) -> HttpResponse:
    """Record that several people, as of one door, were told alike."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.ORDER_SERVE)
    numbers = [int(one) for one in request.POST.getlist("order") if one.isascii() and one.isdigit()][:MOST_AT_ONCE]
    rows = IsolationOrder.objects.filter(pk__in=numbers, outbreak=chosen.outbreak)
    mine = list(rows.filter(area_code__startswith=request.user.area_code).order_by("pk"))
    try:
        if not mine:
            raise NobodyChosen
        served, refused = isolation.serve_many(
            chosen=mine, service=_service(request), by=request.user, now=chosen.moment
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Served: {count}.").format(count=len(served)))
        for one in {refusals.sentence(refusal) for refusal in refused}:
            messages.warning(request, one)
    return redirect(f"{reverse('orders_to_serve')}?{chosen.query}")


@require_POST
def extend(request: HttpRequest, order_id: int) -> HttpResponse:
    """Extend an order for a cause that the edition knows."""
    order = fetch(request, order_id, to=Right.ORDER_ISSUE)

    def act(moment: datetime) -> str:
        given = request.POST
        on = read_day(given.get("on", ""))
        if on is None:
            raise DayMissing
        extended = isolation.extend(
            order=order, because=word(OrderCause, given.get("because", "")), on=on, reason=given.get("reason", ""),
            until=read_day(given.get("until", "")), by=request.user, now=moment,
        )  # fmt: skip
        return gettext("Extended in your name until {day}. Print the letter anew and serve it.").format(
            day=extended.ends_date
        )

    return _done(request, order, act)


@require_POST
def home(request: HttpRequest, order_id: int) -> HttpResponse:
    """Let somebody serve what is left at home."""
    order = fetch(request, order_id, to=Right.ORDER_ISSUE)
    chosen, given = shell.chosen(request), request.POST
    try:
        made = isolation.move_home(
            order=order, group=given.get("group", ""), reason=given.get("reason", ""), by=request.user,
            now=chosen.moment,
        )  # fmt: skip
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        made = order
    else:
        messages.success(request, gettext("Changed to isolation at home. Print the new letter and serve it."))
    return redirect(f"{reverse('order_one', args=[made.pk])}?{chosen.query}")


@require_POST
def end(request: HttpRequest, order_id: int) -> HttpResponse:
    """End an order before its last day."""
    order = fetch(request, order_id, to=Right.ORDER_ISSUE)

    def act(moment: datetime) -> str:
        isolation.end(order=order, reason=request.POST.get("reason", ""), by=request.user, now=moment)
        return gettext("Ended in your name.")

    return _done(request, order, act)


@require_POST
def object_to(request: HttpRequest, order_id: int) -> HttpResponse:
    """Take an objection of the person against their order."""
    order = fetch(request, order_id, to=Right.ORDER_SERVE)

    def act(moment: datetime) -> str:
        taken = objections.take(
            about=ObjectionAbout.ORDER, subject_id=order.pk, text=request.POST.get("text", ""),
            channel=word(ObjectionChannel, request.POST.get("channel", "")), by=request.user, now=moment,
        )  # fmt: skip
        return gettext("Objection {number} is taken; somebody else decides by {due}.").format(
            number=taken.number, due=f"{timezone.localtime(taken.due_at):%Y-%m-%d %H:%M}"
        )

    return _done(request, order, act)


@require_POST
def name_close_contact(request: HttpRequest, number: str) -> HttpResponse:
    """Record through whom somebody became a secondary contact."""
    chosen = shell.chosen(request)
    found = access.person(number, to=Right.CONTACT_TRACE, by=request.user, now=request.now)
    contact = Contact.objects.filter(person=found, outbreak=chosen.outbreak, found_at__lte=chosen.as_of).first()
    try:
        if contact is None:
            raise isolation.secondary.NotSecondary(number=number)
        through = request.POST.get("through", "")
        isolation.name_close_contact(contact=contact, through=through, by=request.user, now=chosen.moment)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Recorded."))
    return redirect(f"{reverse('person', args=[number])}?{chosen.query}")


def word(words: type[Word], code: str) -> Word:
    """Read a word of a form. Raise WordUnknown."""
    if code not in set(words):
        raise WordUnknown(given=code[:40], allowed=", ".join(words))
    return words(code)


def _service(request: HttpRequest) -> Service:
    given = request.POST
    return Service(
        how=word(ServedHow, given.get("how", "")),
        family=word(FamilyTold, given.get("family", "")),
        with_whom=given.get("with", ""),
        at=_moment(given.get("at", "")),
    )


def _moment(given: str) -> datetime | None:
    if not given:
        return None
    try:
        read = datetime.fromisoformat(given)
    except ValueError as fault:
        raise MomentUnreadable from fault
    return timezone.make_aware(read) if read.tzinfo is None else read


def _done(request: HttpRequest, order: IsolationOrder, act: Callable[[datetime], str]) -> HttpResponse:
    chosen = shell.chosen(request)
    try:
        messages.success(request, act(chosen.moment))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('order_one', args=[order.pk])}?{chosen.query}")

"""An officer decides on a proposed order: issues it in their own name, or declines it with a reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import IsolationOrder
from sizao.response import isolation
from sizao.response.reports.queues import orders_waiting
from sizao.terms import Right
from sizao.web import refusals, shell


@require_GET
def next_order(request: HttpRequest) -> HttpResponse:
    """Show the proposal that waits longest, one at a time: each person is decided on for themselves."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.ORDER_ISSUE)
    waiting = orders_waiting(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    after = int(request.GET["after"]) if request.GET.get("after", "").isdigit() else 0
    order = waiting.filter(pk__gt=after).select_related("person", "contact__index_case", "place").order_by("pk").first()
    shown = {"order": order, "after": after}
    if order:
        found = access.person(order.person.number, to=Right.ORDER_ISSUE, by=request.user, now=request.now)
        shown |= {
            "identity": access.identity(found, to=request.user),
            "notice": isolation.notice(order, get_language() or "zh"),
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
            isolation.issue(order=order, by=request.user, now=chosen.moment)
            messages.success(request, gettext("Issued in your name: {number}.").format(number=order.person.number))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    if request.POST.get("back") == order.person.number:
        return redirect(f"{reverse('person', args=[order.person.number])}?{chosen.query}")
    return redirect(f"{reverse('order_next')}?{chosen.query}&after={order.pk}")

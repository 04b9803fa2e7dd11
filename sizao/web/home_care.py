"""People at home: homes to look at, who is left alone, who is worse or not reached, and whom they call."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.protocol.home_care import shipped_home_rules
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import HomeCheck, HomeVisit, IsolationOrder, Person
from sizao.response.isolation import home
from sizao.response.reports.lines import area_names
from sizao.terms import CheckMark, HomeCheckItem, OrderKind, OrderState, Right, VisitKind
from sizao.web import refusals, shell

MOST_ROWS = 200  # of one list on a page; a narrower area shows the rest


class NoSuchHomeAct(SizaoError):
    code = "home.act.unreadable"
    message = "“{given}” is nothing that is done here. Open the page again."


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which homes are still to be looked at, and who at home needs somebody to act? Or set whom they call."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.ROOM_ALLOCATE if request.method == "POST" else Right.HOME_CARE)
    if request.method == "POST":
        _do(request, _set_contact, gettext("From now on people at home in this area call this number."))
        return redirect(f"{reverse('home_care')}?{chosen.query}")
    outbreak, as_of, mine = chosen.outbreak, chosen.as_of, request.user.area_code
    unchecked = home.unchecked(outbreak, as_of=as_of).select_related("person").order_by("proposed_at", "pk")
    orders = [one for one in unchecked if home.home_area(one).startswith(mine)]
    flagged = home.flagged(outbreak, now=as_of)
    left = IsolationOrder.objects.filter(pk__in=flagged).select_related("person").order_by("pk")
    areas = home.by_area(outbreak, chosen.area_code, day=chosen.day, as_of=as_of)
    names = area_names([home.home_area(one) for one in orders[:MOST_ROWS]])
    shown = {
        "n_things": sum(things for _, things, _ in areas),
        "n_people": sum(people for *_, people in areas),
        "orders": [(one, names.get(home.home_area(one), home.home_area(one))) for one in orders[:MOST_ROWS]],
        "n_orders": len(orders),
        "left": [(one, flagged[one.pk]) for one in left if home.home_area(one).startswith(mine)][:MOST_ROWS],
        "unfit": [
            (one, home.failing_items(one))
            for one in home.unfit(outbreak, as_of=as_of)
            if one.area_code.startswith(mine)
        ][:MOST_ROWS],
        "worse": [one for one in home.worse(outbreak, as_of=as_of) if one.visit.area_code.startswith(mine)][:MOST_ROWS],
        "unreached": [one for one in home.unreached(outbreak, as_of=as_of) if one.area_code.startswith(mine)][
            :MOST_ROWS
        ],
        "contact": home.contact_of(mine, as_of=as_of),
        "may_set": access.may(request.user, Right.ROOM_ALLOCATE),
        "may_read": access.may(request.user, Right.PERSON_READ),
    }
    return render(request, "web/home_care.html", shown)


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, order_id: int) -> HttpResponse:
    """Answer: will this home do, and what is asked for there? Or say what was found. The reading is journalled."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.HOME_CARE)
    order = _order(request, order_id)
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in _ACTS:
            raise NoSuchHomeAct(given=act[:40])
        verb, done = _ACTS[act]
        _do(request, lambda asked: verb(asked, order), str(done))
        return redirect(f"{reverse('home_care_one', args=[order.pk])}?{chosen.query}")
    person = order.person
    journal.write(
        "person.read", person, by=request.user, at=request.now, right=str(Right.HOME_CARE), purpose="home check"
    )
    checks = HomeCheck.objects.filter(order=order, recorded_at__lte=chosen.as_of).order_by("-checked_at", "-pk")
    visits = HomeVisit.objects.filter(order=order, planned_at__lte=chosen.as_of).order_by("-due_date", "kind", "pk")
    shown = {
        "order": order,
        "person": person,
        "is_open_home": order.kind == OrderKind.HOME and order.state in (OrderState.PROPOSED, OrderState.ISSUED),
        "items": [(rule.item, rule.decides) for rule in shipped_home_rules().checks],
        "marks": [CheckMark.PASSED, CheckMark.FAILED],
        "checks": [(check, home.failing_items(check)) for check in checks[:5]],
        "visits": visits[:40],
        "left": home.left_alone([order], now=chosen.as_of).get(order.pk, ()),
        "kinds": list(VisitKind),
        "today": chosen.day,
        "contact": home.contact_of(home.home_area(order), as_of=chosen.as_of),
    }
    return render(request, "web/home_care_one.html", shown)


# --- Acts --------------------------------------------------------------------------------------


def _order(request: HttpRequest, order_id: int) -> IsolationOrder:
    """Fetch an order by where its home lies: an order of a county concerns whoever walks in the village."""
    rows = IsolationOrder.objects.filter(pk=order_id, outbreak=shell.chosen(request).outbreak)
    found = rows.select_related("person", "outbreak").first()
    if found is None or not access.covers(request.user, home.home_area(found)):
        raise NotYours(what="order", area=request.user.area_code)
    return found


def _do(request: HttpRequest, act: object, done: str) -> None:
    try:
        act(request)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, done)


def _set_contact(request: HttpRequest) -> None:
    given = request.POST
    home.set_contact(
        area_code=given.get("area", "").strip() or request.user.area_code,
        office=given.get("office", ""),
        phone=given.get("phone", ""),
        hours=given.get("hours", ""),
        by=request.user,
        now=shell.chosen(request).moment,
    )


def _check(request: HttpRequest, order: IsolationOrder) -> None:
    given = request.POST
    marks = {item: mark for item in HomeCheckItem for mark in CheckMark if given.get(f"item-{item}") == mark}
    home.record_check(
        order=order, marks=marks, note=given.get("note", "")[:300], by=request.user, now=shell.chosen(request).moment
    )


def _ask(request: HttpRequest, order: IsolationOrder) -> None:
    given, chosen = request.POST, shell.chosen(request)
    kind = next((word for word in VisitKind if word == given.get("kind")), None)
    try:
        due = date.fromisoformat(given.get("due", ""))
    except ValueError as fault:
        raise shell.NotADay(day=given.get("due", "")[:40]) from fault
    if kind is None:
        raise NoSuchHomeAct(given=given.get("kind", "")[:40])
    home.ask_visit(order=order, kind=kind, due_date=due, what=given.get("what", ""), by=request.user, now=chosen.moment)


def _name_carer(request: HttpRequest, order: IsolationOrder) -> None:
    given, chosen = request.POST, shell.chosen(request)
    left = dict(home.left_alone([order], now=chosen.moment).get(order.pk, ()))
    number = given.get("person", "")
    if number not in left.values():
        raise NoSuchHomeAct(given=number[:40])
    home.name_carer(
        outbreak=order.outbreak,
        person=Person.objects.get(number=number),
        carer=given.get("carer", ""),
        phone=given.get("phone", ""),
        agreed=given.get("agreed", ""),
        by=request.user,
        now=chosen.moment,
    )


_ACTS = {
    "check": (_check, _("Noted in your name.")),
    "ask": (_ask, _("Asked for in your name.")),
    "carer": (_name_carer, _("Noted in your name: somebody looks after them.")),
}

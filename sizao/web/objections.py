"""Objections on screen: what waits, one of them, the decision and its letter; and taking one against any measure."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import Objection
from sizao.response import objections
from sizao.response.objections import deciding, decision_letter
from sizao.response.reports.lines import area_names
from sizao.terms import ObjectionAbout, ObjectionChannel, ObjectionDecision, ObjectionState, Right
from sizao.web import refusals, shell
from sizao.web.order_acts import word
from sizao.web.orders import read_day

MOST_ROWS = 200


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: what waits to be decided, the first due first, and what was not decided in time?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.OBJECTION_DECIDE)
    known = objections.known_at(chosen.outbreak, chosen.area_code, chosen.as_of).order_by("due_at", "pk")
    rows = [(one, objections.state_at(one, chosen.as_of)) for one in known[: MOST_ROWS + 1]]
    names = area_names({one.area_code for one, _ in rows})
    waits = ObjectionState.RECEIVED
    shown = [
        (one, state, names.get(one.area_code, one.area_code), state == waits and one.due_at <= chosen.as_of)
        for one, state in rows[:MOST_ROWS]
    ]
    facts = {
        "waiting": [row for row in shown if row[1] == waits],
        "closed": [row for row in shown if row[1] != waits],
        "n_late": sum(late for *_, late in shown),
        "n_not_in_time": sum(one.decision == ObjectionDecision.NOT_IN_TIME for one, _, _, _ in shown),
        "more": len(rows) > MOST_ROWS,
    }
    return render(request, "web/objections.html", facts)


@require_GET
def one(request: HttpRequest, objection_id: int) -> HttpResponse:
    """Answer: what is said, against what, and what may I decide?"""
    chosen, found = shell.chosen(request), _fetch(request, objection_id)
    if found.person:
        access.person(found.person.number, to=Right.OBJECTION_DECIDE, by=request.user, now=request.now)
    measure = objections.measure_of(ObjectionAbout(found.about), found.subject_id)
    state = objections.state_at(found, chosen.as_of)
    facts = {
        "objection": found,
        "objection_state": state,
        "measure": measure,
        "is_mine": request.user.username in measure.made_by,
        "decisions": [
            one
            for one in deciding.BY_A_PERSON
            if one != ObjectionDecision.IN_PART or measure.about == ObjectionAbout.ORDER
        ],
        "is_late": state == ObjectionState.RECEIVED and found.due_at <= chosen.as_of,
    }
    return render(request, "web/objection_one.html", facts)


@require_POST
def decide(request: HttpRequest, objection_id: int) -> HttpResponse:
    """Decide in one's own name."""
    chosen, found, given = shell.chosen(request), _fetch(request, objection_id), request.POST
    try:
        objections.decide(
            objection=found, decision=word(ObjectionDecision, given.get("decision", "")),
            reason=given.get("reason", ""), until=read_day(given.get("until", "")), by=request.user,
            now=chosen.moment,
        )  # fmt: skip
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Decided in your name: {number}.").format(number=found.number))
    return redirect(f"{reverse('objection', args=[found.pk])}?{chosen.query}")


@require_GET
def letter(request: HttpRequest, objection_id: int) -> HttpResponse:
    """Print the letter of a decision."""
    chosen, found = shell.chosen(request), _fetch(request, objection_id)
    content = decision_letter.pdf(
        objection=found, language=request.GET.get("language", "zh"), by=request.user, now=chosen.moment
    )
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Take an objection against a risk area or a hold, from whoever calls, writes or stands at the door."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.ORDER_SERVE)
    given = request.POST if request.method == "POST" else request.GET
    about = word(ObjectionAbout, given.get("about", ""))
    subject = given.get("subject", "")
    subject_id = int(subject) if subject.isascii() and subject.isdigit() and len(subject) < 19 else 0  # noqa: PLR2004
    measure = objections.measure_of(about, subject_id)
    access.require(request.user, Right.ORDER_SERVE, area_code=measure.area_code)
    taken = None
    if request.method == "POST":
        try:
            taken = objections.take(
                about=about, subject_id=subject_id, text=given.get("text", ""),
                channel=word(ObjectionChannel, given.get("channel", "")), by=request.user, now=chosen.moment,
            )  # fmt: skip
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            due = f"{timezone.localtime(taken.due_at):%Y-%m-%d %H:%M}"
            messages.success(
                request,
                gettext("Objection {number} is taken; somebody else decides by {due}.").format(
                    number=taken.number, due=due
                ),
            )
    channels = [one for one in ObjectionChannel if one != ObjectionChannel.PUBLIC]
    return render(
        request, "web/objection_take.html", {"measure": measure, "channels": channels, "taken": taken}
    )  # fmt: skip


def _fetch(request: HttpRequest, objection_id: int) -> Objection:
    chosen = shell.chosen(request)
    rows = Objection.objects.select_related("person", "decided_by", "outbreak")
    found = access.row(rows, what="objection", to=Right.OBJECTION_DECIDE, by=request.user, pk=objection_id)
    if found.outbreak_id != chosen.outbreak.pk or found.received_at > chosen.as_of:
        raise NotYours(what="objection", area=request.user.area_code)
    return found

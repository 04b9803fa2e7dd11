"""Push lists on screen: to us and from us, one of them with its people, receipt, results and what came back."""

from collections import defaultdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import PushEntry, PushList
from sizao.response.cooperation import pushed, pushing
from sizao.response.reports.lines import area_names
from sizao.terms import OutbreakKind, PushResult, Right
from sizao.web import refusals, shell, trace
from sizao.web.order_acts import word

MOST_ROWS = 200
_MOST_DIGITS = 9  # of a number on a list


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which lists wait for us, and what became of those that we pushed?"""
    chosen = shell.chosen(request)
    found = pushed.lines(chosen.outbreak, request.user, as_of=chosen.as_of, most=MOST_ROWS)
    own = request.user.area_code
    groups: dict[tuple[bool, bool], list[pushed.PushLine]] = defaultdict(list)
    for line in found:
        groups[line.push_list.from_area_code.startswith(own), line.push_list.area_code.startswith(own)].append(line)
    facts = {
        "to_us": groups[False, True],
        "from_us": groups[True, False],
        "among_us": groups[True, True],
        "n_late": sum(one.is_late for one in found),
        "n_returned": sum(one.returned for one in found if one.push_list.from_area_code.startswith(own)),
        "names": area_names({code for one in found for code in _areas(one.push_list)}),
    }
    return render(request, "web/pushes.html", facts)


@require_GET
def one(request: HttpRequest, push_id: int) -> HttpResponse:
    """Answer: who is on this list, what is known of each, and what may I do?"""
    chosen, found = shell.chosen(request), pushed.fetch(push_id, by=request.user)
    may, as_of = access.may(request.user, Right.COOPERATE), chosen.as_of
    told = pushed.stood(found, as_of=as_of)
    # What was received since would be refused a second time, so that is not offered on a day before.
    may = may and (told.received_at is None) == (found.received_at is None)
    facts = {
        "line": pushed.line(found, as_of=as_of),
        "push": told,
        "people": pushed.people_of(found, by=request.user, now=request.now, as_of=as_of),
        "names": area_names(_areas(found)),
        "results": tuple(PushResult),
        "receives": may and access.covers(request.user, found.area_code),
        "resolves": may and access.covers(request.user, found.from_area_code),
    }
    return render(request, "web/pushes_one.html", facts)


@require_POST
def push(request: HttpRequest, trace_id: int) -> HttpResponse:
    """Push the people of one area to the authority there, in one's own name."""
    chosen, found = shell.chosen(request), trace.fetch(request, trace_id, to=Right.COOPERATE)
    try:
        made = pushing.push(
            trace=found, area_code=request.POST.get("area", "")[:12], by=request.user, now=chosen.moment
        )  # fmt: skip
    except (pushing.NobodyToPush, pushing.NobodyReceives) as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return redirect(f"{reverse('traces_lists', args=[found.pk])}?{chosen.query}")
    messages.success(request, gettext("Pushed in your name: {number}.").format(number=made.number))
    return redirect(f"{reverse('push_list', args=[made.pk])}?{chosen.query}")


@require_POST
def act(request: HttpRequest, push_id: int) -> HttpResponse:
    """Receive, tell results, push somebody again, or say why not, in one's own name."""
    chosen, given = shell.chosen(request), request.POST
    found = pushed.fetch(push_id, by=request.user)
    moment = chosen.moment if found.outbreak.kind == OutbreakKind.REPLAY else request.now
    by = {"by": request.user, "now": moment}
    acts = {
        "receive": lambda: pushing.receive(push_list=found, name=given.get("name", ""), **by),
        "tell": lambda: pushing.tell(push_list=found, found=_results(given), **by),
        "again": lambda: pushing.push_again(
            entry=_entry(found, given), area_code=given.get("area", "").strip()[:12], **by
        ),
        "give_up": lambda: pushing.give_up(entry=_entry(found, given), reason=given.get("reason", ""), **by),
    }
    chosen_act = acts.get(given.get("act", ""))
    try:
        if chosen_act is not None:
            chosen_act()
    except access.NotYours:
        raise
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Recorded in your name: {number}.").format(number=found.number))
    return redirect(f"{reverse('push_list', args=[found.pk])}?{chosen.query}")


def _areas(found: PushList) -> set[str]:
    return {found.area_code, found.from_area_code}


def _entry(found: PushList, given: QueryDict) -> PushEntry:
    number = given.get("ref", "")
    ref = int(number) if number.isdecimal() and len(number) <= _MOST_DIGITS else 0
    return pushed.entry(found, ref)


def _results(given: QueryDict) -> dict[int, pushing.Found]:
    found = {}
    for name, value in given.items():
        ref = name.removeprefix("result-")
        if name.startswith("result-") and ref.isdecimal() and len(ref) <= _MOST_DIGITS and value:
            found[int(ref)] = pushing.Found(
                word(PushResult, value), given.get(f"note-{ref}", ""), given.get(f"moved-{ref}", "")
            )
    return found

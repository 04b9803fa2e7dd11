"""Complaints of residents on screen: what waits for an answer, one of them, taking one; and rewards for leads."""

import secrets
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access, keyset
from sizao.records.access import NotYours
from sizao.records.models import Complaint, Reward
from sizao.response.isolation import letter_codes
from sizao.response.oversight import complaints, rewards
from sizao.response.reports.lines import area_names
from sizao.terms import ComplaintChannel, ComplaintKind, Gravity, ObjectionAbout, RewardState, Right
from sizao.web import refusals, shell
from sizao.web.order_acts import word
from sizao.web.oversight import looked, tabs
from sizao.web.oversight_findings import areas_of

PAGE_ROWS, MOST_DONE, MOST_LEADS = 50, 20, 200


class NoSuchComplaintAct(SizaoError):
    code = "complaint.act.unreadable"
    message = "That is nothing that can be done with a complaint. Use the buttons of the page."


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: who waits for an answer, the first due first?"""
    access.require(request.user, Right.COMPLAINT_TAKE)
    at = looked(request)
    every = complaints.waiting_at(at.area_code, at.as_of).defer("text", "name", "phone")
    after = request.GET.get("after")
    asked = every.filter(keyset.beyond("due_at", keyset.read_key(after), "gt")) if after else every
    waiting = list(asked[: PAGE_ROWS + 1])
    done = complaints.answered_at(at.area_code, at.as_of, most=0 if after else MOST_DONE)
    names = area_names({one.area_code for one in [*waiting, *done]})
    last = waiting[PAGE_ROWS - 1] if len(waiting) > PAGE_ROWS else None
    facts = {
        "waiting": [
            (one, names.get(one.area_code, one.area_code), one.due_at < at.as_of) for one in waiting[:PAGE_ROWS]
        ],
        "done": [(one, names.get(one.area_code, one.area_code)) for one in done],
        "n_late": every.filter(due_at__lt=at.as_of).order_by().count(),
        "more": str(keyset.Key(last.due_at, last.pk)) if last else "",
        "kinds": list(ComplaintKind),
        "areas": areas_of(request),
        "form": secrets.token_hex(8),
        **tabs(request, at),
    }  # fmt: skip
    return render(request, "web/oversight/complaints.html", facts)


@sensitive_post_parameters("text", "name", "phone")
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take a complaint from whoever calls or stands at the desk."""
    access.require(request.user, Right.COMPLAINT_TAKE)
    given = request.POST
    try:
        said = complaints.Said(
            given.get("text", ""), word(ComplaintKind, given.get("kind", "")), given.get("area", ""),
            given.get("name", ""), given.get("phone", ""),
        )  # fmt: skip
        taken = complaints.take(
            said=said, channel=word(ComplaintChannel, given.get("channel", "")), by=request.user,
            now=looked(request).moment, source_key=given.get("form", "")[:40],
        )  # fmt: skip
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return _to(request, "complaints")
    messages.success(
        request,
        gettext("Taken as {number}. Tell the resident the code {code}: with both they read the answer.").format(
            number=taken.number, code=complaints.code_of(taken)
        ),
    )
    return _to(request, "complaint", taken.pk)


@require_GET
def one(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Answer: what does the resident say, and what may I do about it?"""
    found = _fetch(request, complaint_id)
    at = looked(request)
    facts = {
        "complaint": found,
        "area": area_names([found.area_code]).get(found.area_code, found.area_code),
        "is_answered": found.answered_at is not None and found.answered_at <= at.as_of,
        "is_late": found.due_at < at.as_of and (found.answered_at is None or found.answered_at > at.as_of),
        "gravities": list(Gravity),
        "may_object": access.may(request.user, Right.ORDER_SERVE),
        **tabs(request, at),
    }
    return render(request, "web/oversight/complaint.html", facts)


@sensitive_post_parameters("answer")
@require_POST
def act(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Answer it, make it a finding, or pass it on as an objection."""
    found, given = _fetch(request, complaint_id), request.POST

    def object_to(now: datetime) -> object:
        order = letter_codes.read_number(given.get("order", "")) or 0
        return complaints.pass_to_objection(
            complaint=found, about=ObjectionAbout.ORDER, subject_id=order, by=request.user, now=now
        )

    acts: dict[str, Callable[[datetime], object]] = {
        "answer": lambda now: complaints.answer(
            complaint=found, text=given.get("answer", ""), by=request.user, now=now
        ),
        "finding": lambda now: complaints.make_finding(
            complaint=found, what=given.get("what", ""), severity=word(Gravity, given.get("severity", "")),
            by=request.user, now=now,
        ),
        "objection": object_to,
    }  # fmt: skip
    try:
        chosen = acts.get(given.get("act", ""))
        if chosen is None:
            raise NoSuchComplaintAct
        chosen(looked(request).moment)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Done in your name: {number}.").format(number=found.number))
    return _to(request, "complaint", found.pk)


def _fetch(request: HttpRequest, complaint_id: int) -> Complaint:
    rows = Complaint.objects.select_related("answered_by", "finding", "objection")
    found = access.row(rows, what="complaint", to=Right.COMPLAINT_TAKE, by=request.user, pk=complaint_id)
    if found.received_at > looked(request).as_of:
        raise NotYours(what="complaint", area=request.user.area_code)
    return found


# --- Rewards -----------------------------------------------------------------------------------


@require_GET
def reward_list(request: HttpRequest) -> HttpResponse:
    """Answer: which leads proved true, and which reward waits to be decided?"""
    access.require(request.user, Right.FINDING_MAKE)
    at = looked(request)
    rows = list(rewards.known_at(at.area_code, at.as_of)[:MOST_LEADS])
    names = area_names({one.area_code for one in rows})
    facts = {
        "rows": [
            (one, names.get(one.area_code, one.area_code), one.decided_at is None or one.decided_at > at.as_of)
            for one in rows
        ],
        "most": rewards.MOST_YUAN,
        **tabs(request, at),
    }
    return render(request, "web/oversight/rewards.html", facts)


@require_POST
def reward_decide(request: HttpRequest, reward_id: int) -> HttpResponse:
    """Grant or decline a reward in one's own name."""
    found = access.row(Reward.objects.all(), what="reward", to=Right.FINDING_MAKE, by=request.user, pk=reward_id)
    given = request.POST
    yuan = given.get("yuan", "").strip()
    try:
        rewards.decide(
            reward=found, state=word(RewardState, given.get("state", "")),
            yuan=int(yuan) if yuan.isascii() and yuan.isdigit() and len(yuan) < 10 else None,  # noqa: PLR2004
            reason=given.get("reason", ""), by=request.user, now=looked(request).moment,
        )  # fmt: skip
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Done in your name: {number}.").format(number=found.number))
    return _to(request, "rewards")


def _to(request: HttpRequest, name: str, *parts: object) -> HttpResponse:
    try:
        query = f"?{shell.chosen(request).query}"
    except shell.NoOutbreak:
        query = ""
    return redirect(reverse(name, args=parts) + query)

"""Response levels on screen: which areas stand at which level and why, the decision, and what a return leaves over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import Account, Area, LevelDecision, LevelProposal, Outbreak
from sizao.response.tasks import levels
from sizao.response.tasks.levels import Weighed, left_over
from sizao.response.tasks.levels.facts import DECIDING
from sizao.response.tasks.levels.standing import belonging
from sizao.terms import LeftKind, LevelFact, LevelReach, ResponseLevel, Right
from sizao.web import refusals, shell
from sizao.web.levels_shown import Conditions, shown_switch
from sizao.web.order_acts import word
from sizao.web.orders import read_day

MOST_ROWS = 300
MOST_HISTORY = 30


@dataclass(frozen=True, slots=True)
class Here:
    """Where and when a reader looks: a rehearsal with its day, or real life now, also without any outbreak."""

    outbreak: Outbreak | None
    as_of: datetime
    moment: datetime
    area_code: str
    query: str

    @property
    def today(self) -> date:
        return timezone.localtime(self.moment).date()


def here(request: HttpRequest) -> Here:
    """Say what a reader looks at; where there is no outbreak, real life at this moment."""
    try:
        chosen = shell.chosen(request)
    except shell.NoOutbreak:
        if request.GET.get("outbreak"):
            raise
        return Here(None, request.now, request.now, request.user.area_code, "")
    outbreak = belonging(chosen.outbreak)
    area_code = chosen.area_code if outbreak else request.user.area_code
    return Here(outbreak, chosen.as_of, chosen.moment, area_code, chosen.query)


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which areas are above routine, what is proposed, and what waits for me?"""
    access.require(request.user, Right.SITUATION_READ)
    at = here(request)
    # Neighbours may lie outside one's own area, so the province is weighed.
    weighed = levels.weigh_at(at.outbreak, at.as_of, at.area_code[:2])
    mine = {code: one for code, one in weighed.items() if code.startswith(at.area_code)}
    waiting = {one.area_code: one for one in _proposals(at).filter(_standing(at))}
    names = _names({*mine, *waiting, at.area_code})
    rows = [
        {"code": code, "name": names.get(code, code), "weighed": one, "proposal": waiting.get(code)}
        for code, one in mine.items()
        if one.standing.level != ResponseLevel.ROUTINE or code in waiting
    ]
    rows.sort(key=lambda row: (-row["weighed"].standing.level.rank, row["proposal"] is None, row["code"]))
    beside = [row for row in rows if _is_only_beside(row["weighed"], row["proposal"])]
    concerned = [row for row in rows if row not in beside]
    counts = {level: sum(row["weighed"].standing.level == level for row in rows) for level in ResponseLevel}
    total = Area.objects.within(at.area_code).filter(level__in=DECIDING).count()
    above = counts[ResponseLevel.ALERT] + counts[ResponseLevel.EMERGENCY]
    unsigned = _returns(at).filter(Q(signed_at=None) | Q(signed_at__gt=at.as_of))
    returns = list(unsigned.order_by("-decided_at")[:20])
    names_back = _names({one.area_code for one in returns})
    facts = {
        "at": at,
        "own": levels.Levels.at(at.as_of, at.outbreak).standing(at.area_code) if _decides(at.area_code) else None,
        "own_name": names.get(at.area_code, at.area_code),
        "groups": [(level, counts[level]) for level in reversed(ResponseLevel) if level != ResponseLevel.ROUTINE],
        "n_routine": total - above,
        "n_waiting": len(waiting),
        "rows": concerned[:MOST_ROWS],
        "beside": beside[:MOST_ROWS],
        "more": max(len(concerned), len(beside)) > MOST_ROWS,
        "others": _others(at, {row["code"] for row in rows}),
        "returns": [(one, names_back.get(one.area_code, one.area_code)) for one in returns],
        "query": at.query,
    }
    return render(request, "web/levels.html", facts)


@require_GET
def one(request: HttpRequest, area_code: str) -> HttpResponse:
    """Answer: how does this area stand, by whose decision and why, and what may I decide?"""
    at = here(request)
    area = _area(request, area_code, Right.SITUATION_READ)
    weighed = levels.weigh(area_code, at.outbreak, at.as_of)
    standing = weighed.standing
    decisions = _decisions(at, area_code).order_by("-decided_at", "-pk")
    proposals = _proposals(at).filter(area_code=area_code)
    may = access.may(request.user, Right.LEVEL_DECIDE) and access.covers(request.user, area_code)
    rules = shipped_level_rules()
    facts = {
        "at": at,
        "area": area,
        "standing": standing,
        "own_is_over": standing.decision is not None and levels.is_over(standing.decision, at.as_of),
        "review_at": levels.review_at(standing.decision) if standing.decision else None,
        "weighed": weighed,
        "conditions": Conditions(weighed),
        "proposal": proposals.filter(_standing(at)).first(),
        "switch": shown_switch(standing, at.as_of),
        "history": decisions[:MOST_HISTORY],
        "past_proposals": proposals.exclude(_standing(at)).order_by("-proposed_at")[:MOST_HISTORY],
        "may_decide": may,
        "levels": [
            {"level": level, "days": rules.switches[level].most_days, "document": bool(rules.shorter(level))}
            for level in ResponseLevel
        ],
        "reaches": list(LevelReach) if len(area_code) < 6 else [LevelReach.HERE],  # noqa: PLR2004 — a county has no part
        "may_take_command": may and (len(request.user.area_code) < len(area_code) or len(area_code) < 6),  # noqa: PLR2004
        "query": at.query,
    }
    return render(request, "web/level_one.html", facts)


@require_POST
def decide(request: HttpRequest, area_code: str) -> HttpResponse:
    """Decide on the level of an area in one's own name."""
    at, given = here(request), request.POST
    _area(request, area_code, Right.LEVEL_DECIDE)

    def act() -> str:
        made = levels.decide(
            area_code=area_code,
            level=word(ResponseLevel, given.get("level", "")),
            legal_basis=given.get("legal_basis", ""),
            text=given.get("text", ""),
            document_no=given.get("document_no", ""),
            expected_until=read_day(given.get("expected_until", "")),
            reach=word(LevelReach, given.get("reach", LevelReach.HERE)),
            takes_command=given.get("takes_command") == "on",
            by=request.user,
            now=at.moment,
            outbreak=at.outbreak,
        )
        back = made.level == ResponseLevel.ROUTINE and made.was != ResponseLevel.ROUTINE
        return _address("level_return", made.pk, at) if back else _address("level_one", area_code, at)

    return _act(request, act, gettext("Decided in your name."), _address("level_one", area_code, at))


@require_POST
def decline(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Decline a proposed level, with a reason."""
    at = here(request)
    found: LevelProposal = access.row(
        _proposals(at), what="proposal", to=Right.LEVEL_DECIDE, by=request.user, pk=proposal_id
    )
    to = _address("level_one", found.area_code, at)

    def act() -> str:
        levels.decline(proposal=found, reason=request.POST.get("reason", ""), by=request.user, now=at.moment)
        return to

    return _act(request, act, gettext("Declined in your name."), to)


@require_http_methods(["GET", "POST"])
def returned(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Answer: what did the return close, what is left, who decides on it — and sign that somebody follows it."""
    at = here(request)
    right = Right.LEVEL_DECIDE if request.method == "POST" else Right.SITUATION_READ
    found: LevelDecision = access.row(_returns(at), what="decision", to=right, by=request.user, pk=decision_id)
    if request.method == "POST":
        notes = {key.removeprefix("note-"): text for key, text in request.POST.items() if key.startswith("note-")}

        def act() -> str:
            levels.sign(decision=found, notes=notes, by=request.user, now=at.moment)
            return _address("level_return", found.pk, at)

        return _act(request, act, gettext("Signed in your name."), _address("level_return", found.pk, at))
    left = left_over.counted(left_over.span_of(found, at.as_of))
    facts = {
        "at": at,
        "decision": found,
        "area": Area.objects.filter(code=found.area_code).first(),
        "items": [
            (item, left[item.kind][0], _listed_at(request, LeftKind(item.kind))) for item in found.items.order_by("pk")
        ],
        "may_sign": found.signed_at is None and access.may(request.user, Right.LEVEL_DECIDE),
        "query": at.query,
    }
    return render(request, "web/level_return.html", facts)


def _act(request: HttpRequest, act: Callable[[], str], said: str, back: str) -> HttpResponse:
    try:
        to = act()
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return redirect(back)
    messages.success(request, said)
    return redirect(to)


def _address(name: str, part: object, at: Here) -> str:
    return f"{reverse(name, args=[part])}{'?' if at.query else ''}{at.query}"


def _area(request: HttpRequest, area_code: str, right: Right) -> Area:
    access.require(request.user, right, area_code=area_code)
    found = Area.objects.filter(code=area_code, level__in=DECIDING).first()
    if found is None:
        raise NotYours(what="area", area=request.user.area_code)
    return found


def _is_only_beside(weighed: Weighed, proposal: LevelProposal | None) -> bool:
    """Tell a routine area that is proposed for what happens next door alone: each emergency brings many of them."""
    if proposal is None or weighed.standing.level != ResponseLevel.ROUTINE:
        return False
    return {one["fact"] for one in proposal.reasons if one["met"] == "met"} == {str(LevelFact.NEIGHBOURS_IN_EMERGENCY)}


def _decides(area_code: str) -> bool:
    return len(area_code) in (2, 4, 6)


def _names(codes: set[str]) -> dict[str, str]:
    return dict(Area.objects.filter(code__in=codes).values_list("code", "short_name"))


def _others(at: Here, shown: set[str]) -> list[Area]:
    """List the areas next below one's own that are at routine, so that a level can be decided there too."""
    digits = {2: 4, 4: 6}.get(len(at.area_code), 6)
    inside = Area.objects.within(at.area_code).filter(level__in=DECIDING)
    found = inside.order_by("code").only("code", "short_name")
    return [one for one in found if len(one.code) <= digits and one.code not in shown][:100]


def _proposals(at: Here) -> QuerySet[LevelProposal]:
    return LevelProposal.objects.filter(
        outbreak=at.outbreak, area_code__startswith=at.area_code, proposed_at__lte=at.as_of
    )


def _standing(at: Here) -> Q:
    return Q(settled_at__isnull=True) | Q(settled_at__gt=at.as_of)


def _decisions(at: Here, area_code: str) -> QuerySet[LevelDecision]:
    known = LevelDecision.objects.filter(outbreak=at.outbreak, decided_at__lte=at.as_of)
    return known.filter(area_code=area_code).select_related("decided_by")


# Where what is left is listed, one by one.
_LISTED = {
    LeftKind.ORDERS_PROPOSED: "contacts", LeftKind.ORDERS_HELD: "contacts", LeftKind.ROOMS_TAKEN: "isolation",
    LeftKind.ZONES_PROPOSED: "zones", LeftKind.ZONES_PUBLISHED: "zones", LeftKind.ROUNDS_PLANNED: "testing",
    LeftKind.ROUNDS_OPEN: "testing", LeftKind.TRANSFERS_OPEN: "transfers", LeftKind.SHIFTS: "transfers",
    LeftKind.TEAM_SHIFTS: "teams", LeftKind.ALERTS_OPEN: "signals", LeftKind.REQUESTS_OPEN: "cooperation",
    LeftKind.TASKS: "command",
}  # fmt: skip


def _listed_at(request: HttpRequest, kind: LeftKind) -> str:
    """Give the name of the page that lists what is left of a kind; empty for who may not open it."""
    rights = {place.name: place.right for place in shell.NAVIGATION}
    name = _LISTED[kind]
    return name if name in rights and access.may(request.user, rights[name]) else ""


def _returns(at: Here) -> QuerySet[LevelDecision]:
    known = LevelDecision.objects.filter(
        outbreak=at.outbreak, decided_at__lte=at.as_of, area_code__startswith=at.area_code, level=ResponseLevel.ROUTINE
    )
    return known.exclude(was=ResponseLevel.ROUTINE).select_related("decided_by")


def start_of(account: Account, now: datetime) -> str | None:
    """
    Give the page that somebody starts from while there is no outbreak: what the level of the area leads with.

    None where the account may see none of them.
    """
    rights = {place.name: place.right for place in shell.NAVIGATION}
    for name in levels.leads(account.area_code, now):
        if name in rights and access.may(account, rights[name]):
            return reverse(name)
    return None

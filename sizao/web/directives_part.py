"""A directive in one area: received, reported on, closed with evidence, issued on; accepted or returned from above."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from sizao.adapters import photographs
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, CallAnswer, DirectivePart
from sizao.response.reports.lines import area_names
from sizao.response.tasks import directives
from sizao.response.tasks.answering import end_answerable, name_answerable, named_below
from sizao.response.tasks.directives.standing import WAITING
from sizao.response.tasks.teams import readiness
from sizao.terms import PART_MOVES, PartState, Right, Role
from sizao.web.directives import areas_to_choose, recipients_of, tell
from sizao.web.directives_looking import Looking, address, looking, moment_of, new_key


class TooManyPhotos(SizaoError):
    code = "directive.too_many_photos.unreadable"
    message = "One act holds at most {most} photographs; {count} were sent. Choose those that show what was done."


class NoSuchAct(SizaoError):
    code = "directive.no_such_act.unreadable"
    message = "“{given}” is nothing that can be done here. Use the buttons of the page."


class NotACount(SizaoError):
    code = "directive.count.unreadable"
    message = "“{given}” is no whole number. Give counts as whole numbers."


@require_GET
def one(request: HttpRequest, part_id: int) -> HttpResponse:
    """Answer: what is asked of this area, how far is it, and what do I do now?"""
    found, at = directives.part(part_id, by=request.user), looking(request)
    directives.put_back([found], at.as_of)
    state = directives.state_at(found, at.as_of)
    works = _works(request.user, found)
    decides = access.may(request.user, Right.DIRECTIVE_ISSUE) and access.covers(request.user, found.above)
    names = area_names({found.area_code, found.above, found.directive.area_code})
    shown = {
        "part": found,
        "directive": found.directive,
        "state": state,
        "names": names,
        "issuer": names.get(found.directive.area_code, found.directive.area_code),
        "acts": directives.history(found, as_of=at.as_of),
        "items": [(place, text, place in found.checks) for place, text in enumerate(found.directive.items)],
        "is_late": state in WAITING and found.due_at < at.as_of,
        "is_new": state in WAITING and found.received_version < found.directive.version,
        "works": works and state in WAITING,
        "decides": decides and PartState.ACCEPTED in PART_MOVES[state],
        "may_issue_on": works and access.may(request.user, Right.DIRECTIVE_ISSUE) and found.received_at is not None
        and state in WAITING,
        "n_below": found.below.filter(issued_at__lte=at.as_of).count(),
        "below_open": directives.below_open(found).filter(issued_at__lte=at.as_of).count(),
        "team": readiness.of_teams([found.team], {}, as_of=at.as_of)[0] if found.team else None,
        "call": _call(found, at),
        "key": new_key(),
        "most_photos": directives.MOST_PHOTOS,
    }  # fmt: skip
    return render(request, "web/directive_part.html", shown)


def _call(part: DirectivePart, at: Looking) -> CallAnswer | None:
    """Give what became of the call that went out to a team with its part."""
    calls = CallAnswer.objects.filter(call__directive=part.directive, called_at__lte=at.as_of)
    return calls.filter(team=part.team).first() if part.team else None


def _works(account: Account, part: DirectivePart) -> bool:
    """Tell whether somebody works on a part, as the verbs ask it."""
    near = account.area_code == part.area_code or len(account.area_code) > len(part.above)
    return access.may(account, Right.DIRECTIVE_WORK) and near


@require_POST
def act(request: HttpRequest, part_id: int) -> HttpResponse:
    """Receive, report, close, accept or return, in one's own name."""
    found, at = directives.part(part_id, by=request.user), looking(request)
    acts = {"receive": _receive, "report": _report, "close": _close, "accept": _accept, "return": _return}
    given = request.POST.get("act", "")
    if given not in acts:
        raise NoSuchAct(given=given[:40])
    tell(request, lambda: acts[given](request, found, at))
    return redirect(address(request, reverse("directive_part", args=[found.pk])))


def _by(request: HttpRequest, part: DirectivePart, at: Looking) -> dict[str, object]:
    key = f"web:{request.user.pk}:{request.POST.get('key', '')[:40]}:{request.POST.get('act')}"
    return {"part": part, "by": request.user, "now": at.moment, "source_key": key}


def _receive(request: HttpRequest, part: DirectivePart, at: Looking) -> str:
    directives.receive(answers_for=request.POST.get("answers_for", ""), **_by(request, part, at))
    return gettext("Received in your name.")


def _report(request: HttpRequest, part: DirectivePart, at: Looking) -> str:
    told = _told(request.POST, part)
    directives.report(told=told, photos=_photos(request), **_by(request, part, at))
    return gettext("Reported.")


def _close(request: HttpRequest, part: DirectivePart, at: Looking) -> str:
    given = request.POST
    directives.close(
        told=_told(given, part), signed_as=given.get("signed_as", ""), exception=given.get("exception", ""),
        photos=_photos(request), **_by(request, part, at),
    )  # fmt: skip
    return gettext("Done, and signed. The level above accepts or returns it.")


def _accept(request: HttpRequest, part: DirectivePart, at: Looking) -> str:
    directives.accept(**_by(request, part, at))
    return gettext("Accepted in your name.")


def _return(request: HttpRequest, part: DirectivePart, at: Looking) -> str:
    directives.send_back(reason=request.POST.get("reason", ""), **_by(request, part, at))
    return gettext("Returned, with your reason.")


def _told(given: QueryDict, part: DirectivePart) -> directives.Told:
    ticked = [int(one) for one in given.getlist("checks") if one.isascii() and one.isdigit() and len(one) < 4]  # noqa: PLR2004
    return directives.Told(
        text=given.get("text", ""), n_done=_count(given, "n_done"), n_total=_count(given, "n_total"),
        checks=ticked if part.directive.items else None,
    )  # fmt: skip


def _count(given: QueryDict, name: str) -> int | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9):  # noqa: PLR2004 — more than there are people
        raise NotACount(given=text[:40])
    return int(text)


def _photos(request: HttpRequest) -> list[photographs.Photograph]:
    given = request.FILES.getlist("photos")
    if len(given) > directives.MOST_PHOTOS:
        raise TooManyPhotos(most=directives.MOST_PHOTOS, count=len(given))
    return [photographs.stripped(file.read(photographs.MOST_BYTES + 1), file.name[:60]) for file in given]


@require_POST
def issue_on(request: HttpRequest, part_id: int) -> HttpResponse:
    """Issue a directive on to the areas below, under the same number."""
    access.require(request.user, Right.DIRECTIVE_ISSUE)
    found, at = directives.part(part_id, by=request.user), looking(request)

    def go() -> str:
        given = request.POST
        due_at = moment_of(given["due_at"]) if given.get("due_at") else None
        n_new = directives.reissue(
            part=found, to=recipients_of(request), note=given.get("note", ""), due_at=due_at, by=request.user,
            now=at.moment,
        )  # fmt: skip
        return ngettext("Issued on to {n} area.", "Issued on to {n} areas.", n_new).format(n=n_new)

    tell(request, go)
    return redirect(address(request, reverse("directive_part", args=[found.pk])))


@require_GET
def issuing_on(request: HttpRequest, part_id: int) -> HttpResponse:
    """Show to whom below a directive may be issued on."""
    access.require(request.user, Right.DIRECTIVE_ISSUE)
    found = directives.part(part_id, by=request.user)
    chosen = areas_to_choose(request, found.area_code)
    levels = [one for one in chosen["levels"] if one != directives.level_of(found.area_code)]
    shown = {"part": found, "directive": found.directive} | chosen | {"levels": levels}
    return render(request, "web/directive_issue_on.html", shown)


@require_GET
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Show a photograph of an act."""
    held = directives.photo(photo_id, by=request.user)
    answer = HttpResponse(bytes(held.image), content_type=held.media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


# --- Who answers for what ----------------------------------------------------------------------


@require_GET
def answering(request: HttpRequest) -> HttpResponse:
    """Answer: who answers by name for what, in my area?"""
    access.require(request.user, Right.TEAM_MANAGE)
    own = request.user.area_code
    accounts = Account.objects.filter(area_code__startswith=own, is_active=True).order_by("area_code", "username")
    fit = [one for one in accounts[:300] if access.may(one, Right.TASK_WORK)]
    named = named_below(own)
    shown = {
        "named": named,
        "names": area_names({own, *(one.area_code for one in named)}),
        "accounts": fit,
        "roles": [one for one in Role if Right.TASK_WORK in access.ROLE_RIGHTS[one]],
        "own": own,
    }
    return render(request, "web/directives_answering.html", shown)


@require_POST
def name(request: HttpRequest) -> HttpResponse:
    """Name who answers for a role in an area, or end it."""
    access.require(request.user, Right.TEAM_MANAGE)
    given, at = request.POST, looking(request)

    def go() -> str:
        if given.get("end"):
            held = next((one for one in named_below(request.user.area_code) if str(one.pk) == given["end"]), None)
            if held is None:
                raise access.NotYours(what="account", area=request.user.area_code)
            end_answerable(answerable=held, by=request.user, now=at.moment)
            return gettext("Ended. Who leads the area answers now.")
        account = Account.objects.filter(username=given.get("account", "")).first()
        role = given.get("role", "")
        if account is None or role not in set(Role) or not access.covers(request.user, account.area_code):
            raise access.NotYours(what="account", area=request.user.area_code)
        name_answerable(
            area_code=given.get("area", "").strip() or request.user.area_code, role=Role(role), account=account,
            by=request.user, now=at.moment,
        )  # fmt: skip
        return gettext("{name} answers for it now.").format(name=account.display_name)

    tell(request, go)
    return redirect(address(request, reverse("directives_answering")))

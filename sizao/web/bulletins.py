"""Bulletins: what everybody may read without signing in, and the desk where they are edited and issued."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.adapters.documents.pictures import Series, bars
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Bulletin
from sizao.response.reports import bulletin_documents, bulletin_text, bulletins
from sizao.response.reports.published_curve import Beside, published_beside
from sizao.terms import BULLETIN_MOVES, BulletinGap, BulletinState, OutbreakKind, Right
from sizao.web import refusals, shell
from sizao.web.cooperation_letters import download

MOST_LISTED = 120
_DAY = "%Y-%m-%d"


class NoSuchBulletin(SizaoError):
    code = "web.bulletin.not_found"
    message = "No bulletin was issued under this address. Open /bulletins/ without anything behind it."


@login_not_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: what was told to everybody, the latest day first?"""
    found = list(bulletins.public().filter(state=BulletinState.ISSUED)[:MOST_LISTED])
    shown = [(one, bulletins.paragraphs(one, _language())[0]) for one in found]
    return render(request, "web/bulletins.html", {"bulletins": shown})


@login_not_required
@require_GET
def public(request: HttpRequest) -> HttpResponse:
    """Show what was issued about a day: the version that stands, or one that a correction replaced."""
    versions = _issued(request)
    found = _version(request, versions)
    return render(request, "web/bulletins_one.html", _shown(found) | {"versions": versions})


@login_not_required
@require_GET
def public_file(request: HttpRequest) -> HttpResponse:
    """Give an issued bulletin as a file."""
    return _file(request, _version(request, _issued(request)))


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Answer: which days have no bulletin yet, and what was issued?"""
    access.require(request.user, Right.REPORT_READ)
    chosen = shell.chosen(request)
    may_issue = access.may(request.user, Right.BULLETIN_ISSUE)
    if may_issue:
        rows = bulletins.of_outbreak(chosen.outbreak, by=request.user, as_of=chosen.as_of)
    else:
        rows = bulletins.public(as_of=chosen.as_of).filter(outbreak=chosen.outbreak)
    found = list(rows[: 3 * MOST_LISTED])
    facts = {
        "drafts": [one for one in found if one.state == BulletinState.DRAFT],
        "issued": [one for one in found if one.state != BulletinState.DRAFT],
        "may_issue": may_issue,
        "is_elsewhere": may_issue and not chosen.outbreak.area_code.startswith(request.user.area_code),
    }
    return render(request, "web/bulletins_desk.html", facts)


@require_GET
def beside(request: HttpRequest) -> HttpResponse:
    """Answer: how do our numbers of each day compare with what the authority published then, and why do they differ?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.REPORT_READ)
    rows = published_beside(chosen.outbreak, chosen.area_code, until=chosen.day, as_of=chosen.as_of)
    issued = set(bulletins.public(as_of=chosen.as_of).filter(outbreak=chosen.outbreak).values_list("date", flat=True))
    facts = {"beside": [(one, one.day in issued) for one in rows], "curves": _curves(rows[::-1])}
    return render(request, "web/bulletins_beside.html", facts)


def _curves(rows: list[Beside]) -> str:
    """Draw our counts as bars and the published ones as a line over them."""
    ours = Series(gettext("Ours"), "#f6b98f", tuple(one.ours for one in rows))
    theirs = Series(gettext("Published"), "#1f4e79", tuple(one.published for one in rows))
    return bars([one.day for one in rows], [ours], line=theirs)


@require_GET
def one(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Show one version to who may issue it, with the words to be edited."""
    found = bulletins.fetch(bulletin_id, by=request.user)
    facts = {
        "gaps": tuple(BulletinGap),
        "moves": {str(move) for move in BULLETIN_MOVES[BulletinState(found.state)]},
        "longest": bulletin_text.LONGEST,
    }
    return render(request, "web/bulletins_edit.html", _shown(found) | facts)


@require_GET
def one_file(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Give a bulletin as a file, also a draft."""
    return _file(request, bulletins.fetch(bulletin_id, by=request.user))


@require_POST
def act(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Save the words, issue, or draft a correction, in one's own name."""
    found, given = bulletins.fetch(bulletin_id, by=request.user), request.POST
    moment = _moment(request, found)
    facts = {"bulletin": found, "by": request.user, "now": moment}
    acts = {
        "edit": lambda: bulletins.edit(
            text_zh=given.get("text_zh", ""), text_en=given.get("text_en", ""), **facts
        ),
        "issue": lambda: bulletins.issue(**facts),
        "correct": lambda: bulletins.correct(reason=given.get("reason", ""), **facts),
    }  # fmt: skip
    chosen_act = acts.get(given.get("act", ""))
    try:
        if chosen_act is not None:
            found = chosen_act()
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Recorded in your name."))
    query = f"outbreak={found.outbreak.slug}" + (f"&day={request.GET['day']}" if "day" in request.GET else "")
    return redirect(f"{reverse('bulletin', args=[found.pk])}?{query}")


def _moment(request: HttpRequest, found: Bulletin) -> object:
    """In a replay an act bears the chosen day; else it is done now."""
    return shell.chosen(request).moment if found.outbreak.kind == OutbreakKind.REPLAY else request.now


def _issued(request: HttpRequest) -> list[Bulletin]:
    try:
        asked = date.fromisoformat(request.GET.get("date", ""))
    except ValueError as fault:
        raise NoSuchBulletin from fault
    found = list(bulletins.public().filter(outbreak__slug=request.GET.get("outbreak", "")[:60], date=asked))
    if not found:
        raise NoSuchBulletin
    return found


def _version(request: HttpRequest, versions: list[Bulletin]) -> Bulletin:
    asked = request.GET.get("version", "")
    if not asked:
        return next((one for one in versions if one.state == BulletinState.ISSUED), versions[0])
    found = next((one for one in versions if str(one.version) == asked), None)
    if found is None:
        raise NoSuchBulletin
    return found


def _shown(found: Bulletin) -> dict[str, object]:
    told = bulletin_documents.document(found, _language())
    return {
        "bulletin": found, "told": told, "state": BulletinState(found.state),
        "curve": bulletin_documents.curve_svg(found, _language()),
        "table": next(one for one in told.blocks if hasattr(one, "heads")),
        "texts": [one.text for one in told.blocks if type(one).__name__ == "Text"],
        "day": f"{found.date:{_DAY}}",
    }  # fmt: skip


def _file(request: HttpRequest, found: Bulletin) -> HttpResponse:
    form, language = request.GET.get("form", "pdf"), request.GET.get("language", _language())
    made = bulletin_documents.made(found, form=form, language=language, now=request.now)
    return download(made, f"bulletin-{found.date}-v{found.version}-{language}", form)


def _language() -> str:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"

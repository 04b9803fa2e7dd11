"""What a drill came to: the report as a page and on paper, for who steers it at any time, for all when it is over."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from sizao.drill.rehearsal import report_file, report_pdf, report_words, steering
from sizao.drill.rehearsal.report_file import Facts
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Outbreak
from sizao.terms import Right


class NotOverYet(SizaoError):
    code = "drill.not_over_yet"
    message = "The report shows what nobody in the drill can know. It opens when the drill is over: on {day}."


class NotWorkedOut(SizaoError):
    code = "drill.report_not_worked_out"
    message = "The report has not been worked out yet. Ask for it on its page, and look again in a while."


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the report."""
    drill = _drill(request)
    written = report_file.read(drill)
    shown = {
        "drill": drill,
        "report": report_words.report(written["facts"]) if written else None,
        "days_told": written["facts"]["days"] if written else 0,
        "done": steering.days_done(drill),
        "is_wanted": report_file.is_wanted(drill),
        "may_steer": access.may(request.user, Right.DRILL_STEER),
    }
    return render(request, "drill/report.html", shown)


@require_safe
def paper(request: HttpRequest) -> HttpResponse:
    """Give the report as a PDF, in the reader's language."""
    drill = _drill(request)
    made = report_pdf.pdf(_facts(drill), get_language() or "zh-hans")
    name = f"{drill.slug}-{get_language()}.pdf"
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Have the report worked out as far as the drill has gone."""
    access.require(request.user, Right.DRILL_STEER)
    report_file.ask(outbreak=_drill(request), by=request.user, now=request.now)
    messages.success(request, gettext("The report is being worked out; that takes as long as some days of the drill."))
    return redirect("drill_report")


def _facts(drill: Outbreak) -> Facts:
    written = report_file.read(drill)
    if written is None:
        raise NotWorkedOut
    facts: Facts = written["facts"]
    return facts


def _drill(request: HttpRequest) -> Outbreak:
    """Fetch the drill for who may know how it truly goes. Raise NotOverYet."""
    access.require(request.user, Right.SITUATION_READ)
    drill: Outbreak = access.outbreak(steering.here().slug, to=Right.SITUATION_READ, by=request.user)
    is_over = steering.days_done(drill) >= steering.n_days(drill)
    if not is_over and not access.may(request.user, Right.DRILL_STEER):
        raise NotOverYet(day=drill.last_date)
    return drill

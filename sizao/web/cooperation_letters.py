"""The letter of a request and its list of people: taken away, and the list taken in again with the answers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from sizao.adapters import uploads
from sizao.errors import SizaoError
from sizao.response import cooperation
from sizao.response.cooperation import answer_list, finding, letters
from sizao.response.cooperation.answering import NOTE_LENGTH
from sizao.terms import PersonAnswer, Words
from sizao.web import refusals, shell, spreadsheet, uploaded

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class NoListFile(SizaoError):
    code = "cooperation.no_file.unreadable"
    message = "No file was chosen. Choose the list of this request as it came back, as workbook or CSV."


@require_GET
def letter(request: HttpRequest, request_id: int) -> HttpResponse:
    """Give the letter of a request as PDF or for an office to edit."""
    found = finding.fetch(request_id, by=request.user)
    form, language = request.GET.get("form", "pdf"), request.GET.get("language", "zh")
    made = letters.letter(
        request=found, form=form, language=language, by=request.user, now=request.now
    )  # fmt: skip
    return download(made, f"{found.number}-{language}", form)


@require_GET
def people(request: HttpRequest, request_id: int) -> HttpResponse:
    """Give the list of a request as a workbook to be filled in."""
    found = finding.fetch(request_id, by=request.user)
    sheet = answer_list.sheet(
        request=found, language=_language(), by=request.user, now=request.now
    )  # fmt: skip
    words = (gettext("What may stand under “Answer”"),)
    return spreadsheet.send(f"{found.number}.xlsx", [sheet, _answers(words)])


@require_POST
def take_in(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take in the list of a request with its answers; what cannot be taken is told cell by cell."""
    chosen, found = shell.chosen(request), finding.fetch(request_id, by=request.user)
    faulty: dict[str, object] = {}
    try:
        upload = _upload(request)
        taken = cooperation.take_in_list(request=found, rows=upload.rows, by=request.user, now=chosen.moment)
    except answer_list.ListRefused as refusal:
        messages.warning(request, refusals.sentence(refusal))
        faulty = uploaded.faults(refusal.facts["errors"], _upload(request), _should())
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        said = ngettext(
            "{new} new answer; {same} stood there already; {empty} people have none yet.",
            "{new} new answers; {same} stood there already; {empty} people have none yet.",
            taken.new,
        )
        messages.success(request, said.format(new=taken.new, same=taken.same, empty=taken.empty))
    if faulty:
        return render(request, "web/cooperation_list.html", {"asked": found} | faulty)
    return redirect(f"{reverse('cooperation_one', args=[found.pk])}?{chosen.query}")


def download(content: bytes, name: str, form: str) -> HttpResponse:
    """Send a document as a file."""
    answer = HttpResponse(content, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="sizao-{name}.{form}"'
    return answer


def _language() -> str:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _answers(heads: tuple[str, ...]) -> spreadsheet.Sheet:
    return spreadsheet.Sheet(gettext("Answers"), heads, [(one.label(_language()),) for one in PersonAnswer])


def _upload(request: HttpRequest) -> uploads.Upload:
    return uploaded.read(
        request, "list", columns=answer_list.COLUMNS, needs=answer_list.NEEDS, missing=NoListFile
    )  # fmt: skip


def _should() -> dict[str, str]:
    return {
        "ref": gettext("a number of this request's list, each once"),
        "name": gettext("the name that the list has under this number"),
        "answer": gettext("one of: {words}").format(words=Words(PersonAnswer).label(_language())),
        "note": gettext("at most {n} characters, or empty").format(n=NOTE_LENGTH),
    }

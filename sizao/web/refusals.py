"""The one place where a refusal becomes a page: the sentence, in the reader's language, with the right status."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language, gettext

from sizao.errors import SizaoError
from sizao.web import officers

# By the last part of a refusal's code; whatever else is refused conflicts with how things stand.
STATUS = {
    "not_allowed": 403,
    "not_found": 404,
    "no_such_edition": 404,
    "no_such_rule": 404,
    "unreadable": 400,
}
CONFLICT = 409


class NotText(SizaoError):
    code = "text.unreadable"
    message = "What was sent holds a character that is none (NUL), which nothing here is called by. Type it again."


class RefusalMiddleware:
    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object) -> HttpResponse | None:
        """Refuse what the database takes for no text, once for all questions and forms of people."""
        if getattr(view, "refuses_itself", False):
            return None
        asked = (
            text for sent in (request.GET, request.POST) for name, all_of in sent.lists() for text in (name, *all_of)
        )
        if "\0" in request.path or any("\0" in str(text) for text in asked):
            request.GET = request.POST = QueryDict()  # the page of the refusal reads them, too
            return self.process_exception(request, NotText())
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show an expected refusal; anything else is a fault and goes on to the page for faults."""
        if not isinstance(exception, SizaoError):
            return None
        said = sentence(exception)
        status = status_of(exception)
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"code": exception.code, "message": said}, status=status)
        return render(request, "web/refused.html", {"said": said, "status": status}, status=status)


def status_of(refusal: SizaoError) -> int:
    """Choose the status of the answer."""
    return STATUS.get(refusal.code.rpartition(".")[2], CONFLICT)


WHO = ("by", "username")  # gaps of sentences that hold an account: a person reads who that is


def sentence(refusal: SizaoError) -> str:
    """Say a refusal in the reader's language; the catalogue holds the sentence with its gaps."""
    who = {gap: officers.said(None, refusal.facts[gap]) for gap in WHO if isinstance(refusal.facts.get(gap), str)}
    return refusal.told(gettext(refusal.message), get_language() or "", **who)

"""The one place where a refusal becomes a page: the sentence, in the reader's language, with the right status."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext

from sizao.errors import SizaoError

# By the last part of a refusal's code; whatever else is refused conflicts with how things stand.
STATUS = {
    "not_allowed": 403,
    "not_found": 404,
    "no_such_edition": 404,
    "no_such_rule": 404,
    "unreadable": 400,
}
CONFLICT = 409


class RefusalMiddleware:
    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

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


def sentence(refusal: SizaoError) -> str:
    """Say a refusal in the reader's language; the catalogue holds the sentence with its gaps."""
    return refusal.told(gettext(refusal.message), get_language() or "")

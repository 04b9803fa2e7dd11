"""The clock of a request, read once, so that all one request changes bears one time."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from sizao.records import clock

READING = ("GET", "HEAD", "OPTIONS")


class ClockMiddleware:
    """Gives each request its time, which in a drill's installation is the drill's, and says which drill that is."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.drill = clock.drill_here()
        if request.method in READING:
            return self._answered(request)
        with clock.held(request.drill):
            return self._answered(request)

    def _answered(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.present(request.drill, datetime.now(UTC))
        return self.answer(request)

"""The addresses of the API, stage by stage."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from sizao.api import (
    alerts,
    boxes,
    bulletins,
    cases,
    command,
    directives,
    exchange,
    four_clears,
    isolation,
    isolation_sites,
    laboratories,
    levels,
    objections,
    observations,
    oversight,
    presences,
    protocol,
    pushes,
    register,
    reports,
    results,
    signals,
    streams,
    tasks,
    teams,
    testing_rounds,
    traces,
    tracing,
    transfers,
    zones_inside,
    zoning,
    zoning_acts,
)
from sizao.api.door import new_api
from sizao.api.refusals import ROWS_AT_MOST, NoSuchAddress, NoSuchMethod, NothingCharacter, TooBig, refused

STAGES = (
    register, streams, alerts, signals, cases, tracing, presences, traces, pushes, exchange, testing_rounds, boxes,
    laboratories, results, isolation, isolation_sites, objections, observations, zoning, zoning_acts, zones_inside,
    transfers, levels, tasks, teams, directives, reports, bulletins, four_clears, command, oversight,
    protocol,
)  # fmt: skip

api = new_api()
for stage in STAGES:
    api.add_router("", stage.router)


def _own_door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the token decide instead of the session, and say in words which methods an address answers to."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if _holds_nothing_character(request):
                return refused(NothingCharacter())
        except RequestDataTooBig:
            return refused(TooBig(rows=ROWS_AT_MOST), 413)
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        said = refused(NoSuchMethod(path=request.path, method=request.method, allowed=response["Allow"]), 405)
        said["Allow"] = response["Allow"]
        return said

    answer.login_required = False  # type: ignore[attr-defined]
    answer.refuses_itself = True  # type: ignore[attr-defined]
    return answer


def _holds_nothing_character(request: HttpRequest) -> bool:
    # PostgreSQL keeps no such character in a text; said here once instead of failing in each query.
    return "\0" in request.path or "%00" in request.META["QUERY_STRING"] or b"\\u0000" in request.body


@csrf_exempt
def _nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001
    return refused(NoSuchAddress(path=request.path))


def _guarded(pattern: URLPattern) -> URLPattern:
    return URLPattern(pattern.pattern, _own_door(pattern.callback), pattern.default_args, pattern.name)


app_name = "api"
urlpatterns = [
    path("", _own_door(_nothing_here), name="nothing"),
    *(_guarded(pattern) for pattern in api.urls[0]),
    path("<path:rest>", _own_door(_nothing_here), name="nothing-below"),
]

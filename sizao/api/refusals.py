"""The one place where a refusal becomes an answer: a code, a sentence a person can act on, and the facts."""

from collections.abc import Iterable

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language, gettext
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sizao.errors import SizaoError

# By the last part of a refusal's code; whatever else is refused conflicts with how things stand.
STATUS = {
    "not_valid": 401,
    "no_token": 401,
    "not_allowed": 403,
    "out_of_scope": 403,
    "not_found": 404,
    "unreadable": 422,
}
CONFLICT = 409
ROWS_AT_MOST = 1000  # said to whom sends too much at once; so many fit whatever they are


class Refusal(Schema):
    """What every refusal looks like."""

    code: str
    message: str
    facts: dict[str, object]


class NoToken(SizaoError):
    code = "api.no_token"
    message = (
        "This address answers to a token only. Send the header “Authorization: Bearer …” with a token from your "
        "administrator (`sizao account token give`)."
    )


class NoSuchAddress(SizaoError):
    code = "api.not_found"
    message = "The API has no address {path}. The list of all addresses is at /api/openapi.json."


class NoSuchMethod(SizaoError):
    code = "api.method"
    message = "{path} does not answer to {method}. It answers to {allowed}."


class DatabaseLost(SizaoError):
    code = "api.database_lost"
    message = "The database does not answer at the moment; nothing was kept. Send it again in a minute."


class NothingCharacter(SizaoError):
    code = "api.unreadable"
    message = "What was sent holds the character U+0000, which no text has. Leave it out and send it again."


class Unreadable(SizaoError):
    code = "api.unreadable"
    message = "{count} of the fields sent cannot be read; nothing was done. First: {first}. All are in facts.errors."


class TooBig(SizaoError):
    code = "api.unreadable"
    message = "What was sent is too big for one request. Send it in smaller parts, at most {rows} rows each."


def refused(refusal: SizaoError, status: int | None = None) -> JsonResponse:
    """Answer with a refusal in the reader's language."""
    facts = {name: _plain(fact) for name, fact in refusal.facts.items()}
    said = refusal.told(gettext(refusal.message), get_language() or "")
    body = {"code": refusal.code, "message": said, "facts": facts}
    return JsonResponse(body, status=status or status_of(refusal), json_dumps_params={"ensure_ascii": False})


def status_of(refusal: SizaoError) -> int:
    """Choose the status of the answer."""
    return STATUS.get(refusal.code.rpartition(".")[2], CONFLICT)


def register(api: NinjaAPI) -> None:
    """Let the API answer every expected exception with a refusal; an unexpected one is a fault and is logged."""
    api.add_exception_handler(SizaoError, lambda _, refusal: _answer(refusal))
    api.add_exception_handler(AuthenticationError, lambda *_: _answer(NoToken()))
    api.add_exception_handler(ValidationError, lambda _, invalid: refused(_unreadable(invalid.errors)))
    api.add_exception_handler(RequestDataTooBig, lambda *_: refused(TooBig(rows=ROWS_AT_MOST), 413))
    api.add_exception_handler(OperationalError, lambda *_: refused(DatabaseLost(), 503))
    api.add_exception_handler(HttpError, _malformed)


def _answer(refusal: SizaoError) -> HttpResponse:
    answer = refused(refusal)
    if answer.status_code == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def _malformed(request: HttpRequest, fault: HttpError) -> HttpResponse:  # noqa: ARG001
    # The framework raises this where a body is not JSON at all.
    error = {"row": None, "field": None, "reason": "the body is not JSON"}
    return refused(Unreadable(count=1, first="the body is not JSON", errors=[error]), fault.status_code)


def _unreadable(errors: Iterable[dict[str, object]]) -> Unreadable:
    named = [_named(error) for error in errors]
    return Unreadable(count=len(named), first=told(named[0]), errors=named)


def told(error: dict[str, object]) -> str:
    """Tell one error in words: the row, the field, the reason."""
    row = f"row {error['row']}, " if error["row"] else ""
    return f"{row}{error['field']}: {error['reason']}"


def _named(error: dict[str, object]) -> dict[str, object]:
    """Name the row (the first is 1) and the field of an error, where the framework gives a path of steps."""
    steps = list(error.get("loc", ()))  # type: ignore[call-overload]
    rows = [step for step in steps if isinstance(step, int)]
    fields = [str(step) for step in steps if not isinstance(step, int)]
    field = fields[-1] if fields else ""
    return {"row": rows[0] + 1 if rows else None, "field": field, "reason": str(error.get("msg", "cannot be read"))}


def _plain(fact: object) -> object:
    return fact if isinstance(fact, bool | int | float | str | list | dict | None) else str(fact)

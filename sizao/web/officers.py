"""Who stands behind an account, on a page: name and office as they were then, not the name that they sign in with."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from sizao.records import journal
from sizao.records.models import Account
from sizao.records.officers import Officers
from sizao.response.oversight.complaints import BY_THEMSELVES


def said(request: HttpRequest | None, who: Account | str | None, at: datetime | None = None) -> str:
    """Say who acted at a moment, else who an account is now; each is looked up once a page."""
    if not who:
        return ""
    username = who.username if isinstance(who, Account) else str(who)
    if username == journal.SYSTEM:
        return gettext("by rule")
    if username == BY_THEMSELVES:
        return gettext("the resident themselves")
    found = _known(request).of(username, at)
    return found.said(get_language() or "zh") if found else username


def learn(request: HttpRequest, who: Iterable[str]) -> None:
    """Look up all officers of a long list at once."""
    _known(request).learn(filter(None, who))


def taken_by(request: HttpRequest) -> str:
    """Say who takes a list out of the house: name, office and account."""
    return f"{said(request, request.user)} · {request.user.username}"


def _known(request: HttpRequest | None) -> Officers:
    held: Officers | None = getattr(request, "officers", None)
    if held is None:
        held = Officers()
        if request is not None:
            request.officers = held  # type: ignore[attr-defined]
    return held

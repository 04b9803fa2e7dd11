"""How traces are said: tokens shortened, shares as percent, spans of time in one form."""

from datetime import datetime

from django import template
from django.utils import timezone

register = template.Library()
TOKEN_LETTERS = 8


@register.filter
def short_token(token: str) -> str:
    """Show the beginning of a token: enough to tell people of one list apart, nothing to look anybody up by."""
    return token[:TOKEN_LETTERS] + "…" * (len(token) > TOKEN_LETTERS)


@register.filter
def percent(share: float) -> str:
    """Say a share with as many digits as tell it from nothing and from everything."""
    if 0 < share < 0.001:  # noqa: PLR2004 — what would be written as 0.0 %
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


@register.filter
def until(start: datetime, end: datetime) -> str:
    """Say a span; the day of its end only where it is another."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    ends = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M}–{ends}"


@register.filter
def get(of: dict, key: object) -> object:
    """Look a value up by a key that the template holds; the key itself where there is none."""
    return of.get(key, key)

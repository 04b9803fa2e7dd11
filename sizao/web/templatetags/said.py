"""How a value of a list is said: words in the reader's language, days and moments in one form, unknown as a dash."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import get_language

from sizao.response.reports import timeline
from sizao.terms import OrderEnd, Word, phrase_of

register = template.Library()


@register.filter
def said(value: Word | str | date | datetime | int | None) -> str:
    """Say one cell; zero is said, unknown is a dash."""
    if value is None or value == "":
        return "—"
    if isinstance(value, Word):
        return value.label(get_language() or "zh")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


@register.filter
def until(first: date, last: date) -> str:
    """Say the days from the first until the last: one as it is, several as 25–31 January 2021."""
    if first == last:
        return said(last)
    if (get_language() or "zh").startswith("zh"):
        month = "" if (first.year, first.month) == (last.year, last.month) else f"{last.month}月"
        year = "" if first.year == last.year else f"{last.year}年"
        return f"{first.year}年{first.month}月{first.day}日至{year}{month}{last.day}日"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{date_format(last, 'j F Y')}"
    return f"{date_format(first, 'j F' if first.year == last.year else 'j F Y')} – {date_format(last, 'j F Y')}"


@register.filter
def said_short(value: datetime) -> str:
    """Say a moment of these days without its year: 01-08 14:30."""
    return f"{timezone.localtime(value):%m-%d %H:%M}"


@register.filter
def basis_told(entry: dict) -> str:
    """Tell one entry of what a decision rests on."""
    return timeline.basis_told(entry, get_language() or "zh")


@register.filter
def small(value: float) -> str:
    """Say a small chance: two digits that count, or a power of ten."""
    return f"{value:.2g}"


@register.filter
def phrase(kept: str) -> str:
    """Say a phrase that was kept in both languages."""
    return phrase_of(kept).label(get_language() or "zh")


@register.filter
def reason(text: str) -> str:
    """Say why an order ended: the loop writes a code, an officer a sentence."""
    return OrderEnd(text).label(get_language() or "zh") if text in set(OrderEnd) else text

"""What the templates need beyond Django: the field's words, and links that keep the chosen day."""

from datetime import date
from functools import lru_cache

from django import template
from django.template import Context
from django.urls import get_script_prefix, reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import get_language, gettext

from sizao import terms

register = template.Library()


@register.filter
def word(code: str | None, kind: str = "") -> str:
    """Say a code as a word: `{{ case.status|word:"CaseStatus" }}`; a Word needs no kind."""
    if code is None or code == "":
        return gettext("not known")
    member = code if isinstance(code, terms.Word) else getattr(terms, kind)(code)
    return member.label(get_language() or "zh")


@register.filter
def known(value: object) -> object:
    """Show a dash where a value is not known, and zero as zero."""
    return "—" if value is None or value == "" else value


@register.filter
def day(value: date | None) -> str:
    """Write a civil day with its weekday: 2021年1月8日 周五, Fri 8 January 2021."""
    if value is None:
        return gettext("not known")
    return date_format(value, "Y年n月j日 D" if _is_chinese() else "D j F Y")


@register.filter
def called(outbreak: object) -> str:
    """Name an outbreak in the reader's language."""
    return outbreak.name if _is_chinese() else outbreak.name_en


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


@lru_cache(maxsize=5000)
def _address(prefix: str, name: str, parts: tuple[object, ...]) -> str:  # noqa: ARG001 — it stands before each address
    return reverse(name, args=parts)


@register.simple_tag(takes_context=True)
def link(context: Context, name: str, *parts: object) -> str:
    """Give an address that keeps the chosen outbreak and day: `{% link "zone" zone.id %}`."""
    address = _address(get_script_prefix(), name, parts)
    chosen = context.get("chosen")
    return f"{address}?{chosen.query}" if chosen else address

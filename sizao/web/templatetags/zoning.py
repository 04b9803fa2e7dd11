"""Why a zone stands as it does, told in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.translation import get_language

from sizao.response import zoning

register = template.Library()


@register.filter
def reasons_told(reasons: Iterable[Mapping[str, Any]]) -> str:
    """Tell stored reasons in one sentence."""
    return zoning.told(reasons, get_language() or "zh")

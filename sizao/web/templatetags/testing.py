"""How figures of a round are drawn: bars as a part of their whole."""

from django import template

register = template.Library()


@register.filter
def bar(percent: float) -> str:
    """Write a width in percent, with a point in every language."""
    return f"{min(100.0, max(0.0, percent)):.1f}"

"""What the templates of directives and of queues need besides."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def named(names: Mapping[str, str], code: str) -> str:
    """Name an area: `{{ names|named:part.area_code }}`; its code where it is not registered."""
    return names.get(code, code)

"""Who acted, in templates: `{% officer one.decided_by one.decided_at %}`."""

from datetime import datetime

from django import template
from django.template import Context

from sizao.records.models import Account
from sizao.web import officers

register = template.Library()


@register.simple_tag(takes_context=True)
def officer(context: Context, who: Account | str | None, at: datetime | str | None = None) -> str:
    """Say an account's name and office as they were at a moment, else as they are now."""
    return officers.said(context.get("request"), who, at if isinstance(at, datetime) else None)

"""How alerts and streams are told: hours and days where a clock runs, and detectors by their names."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

register = template.Library()
# The detectors by the key that a verdict bears.
DETECTORS = {
    "threshold": _("Fixed threshold"),
    "percentile": _("Moving percentile"),
    "ears-c1": _("EARS C1"),
    "ears-c2": _("EARS C2"),
    "ears-c3": _("EARS C3"),
    "farrington": _("Farrington 1996"),
    "farrington-flexible": _("Improved Farrington"),
    "cusum": _("Cumulative sum (CUSUM)"),
    "glrnb": _("Negative binomial likelihood ratio (GLR)"),
    "essence": _("ESSENCE regression and EWMA"),
}


@register.filter
def detector(method: str) -> str:
    """Call a detector by its name; one that is not known here by its key."""
    return str(DETECTORS.get(method, method))


@register.filter
def lasted(span: timedelta) -> str:
    """Say how long something took: minutes below an hour, hours below two days, then days."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return gettext("{n} min").format(n=minutes)
    hours = minutes // 60
    if hours < 48:
        return gettext("{n} h").format(n=hours)
    days = hours // 24
    return ngettext("{n} day", "{n} days", days).format(n=days)

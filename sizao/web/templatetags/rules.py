"""How a value of the protocol is said."""

from django import template
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from sizao import protocol
from sizao.protocol import Value
from sizao.protocol.compare import Row
from sizao.protocol.titles import edition_called, key_title
from sizao.response.reports.deadlines import Cited, SaidBy
from sizao.terms import ResponseLevel

register = template.Library()
# The words of `protocol.values.UNITS`, as the catalogue finds them.
UNIT_WORDS = {
    "hours": _("hours"),
    "days": _("days"),
    "day number": _("day number"),
    "weeks": _("weeks"),
    "years": _("years"),
    "minutes": _("minutes"),
    "metres": _("metres"),
    "percent": _("percent"),
    "degrees Celsius": _("degrees Celsius"),
    "mmHg": _("mmHg"),
    "per minute": _("per minute"),
    "per week": _("per week"),
}


@register.filter
def edition_name(name: str) -> str:
    """Call an edition as people do; its title where it has no such name."""
    known = edition_called(name, get_language() or "zh")
    return known or (protocol.shipped().edition(name).title_zh if _chinese() else name)


@register.filter
def origin_called(origin: str) -> str:
    """Call the edition that a value came from as people do, whatever stands beside it."""
    return edition_called(origin.partition("+")[0], get_language() or "zh") or origin


@register.filter
def said_by(given: SaidBy) -> str:
    """Name what says by when a report is owed: the notice, the response level, or the value of the edition."""
    if isinstance(given, ResponseLevel):
        return gettext("response level: %(level)s") % {"level": given.label(get_language() or "zh")}
    if isinstance(given, Cited):
        key = key_title(given.key, get_language() or "zh") if given.key else ""
        return " · ".join(part for part in (edition_name(given.edition), key) if part)
    return given


@register.filter
def title_of(row: Row) -> str:
    """Name the key of a row."""
    return row.title(get_language() or "zh")


@register.filter
def shown(value: Value) -> str:
    """Write a value down as a reader expects it: yes and no as words, lists without brackets."""
    match value.value:
        case True:
            return gettext("yes")
        case False:
            return gettext("no")
        case ():
            return gettext("none")
        case tuple() as several:
            return ("、" if _chinese() else ", ").join(str(one) for one in several)
        case _:
            return value.shown


@register.filter
def unit_said(value: Value) -> str:
    """Say the unit of a value that counts something; a yes or a word has none, whatever its key ends in."""
    counts = isinstance(value.value, int | float | tuple) and not isinstance(value.value, bool) and value.value != ()
    return unit_called(value.unit) if counts else ""


@register.filter
def unit_called(unit: str) -> str:
    """Say a unit as the protocol names it."""
    return str(UNIT_WORDS[unit]) if unit else ""


@register.filter
def key_said(key: str) -> str:
    """Name a key of the protocol."""
    return key_title(key, get_language() or "zh")


@register.filter
def beside(left: object, right: object) -> tuple[object, object]:
    """Put two things side by side."""
    return left, right


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")

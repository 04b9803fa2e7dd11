"""The rules of the authority: two editions side by side, and the values that somebody must answer for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from sizao import protocol
from sizao.errors import SizaoError
from sizao.protocol import Confirmation, Rules, Value
from sizao.protocol.compare import Row, compare
from sizao.protocol.editions import Companion, Edition
from sizao.protocol.sources import Source
from sizao.protocol.titles import key_title, section_title
from sizao.records import access
from sizao.response import outbreaks
from sizao.terms import Right
from sizao.web import refusals, shell


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison: an edition as it stood on a day."""

    edition: Edition
    day: date
    rules: Rules

    @property
    def companions(self) -> list[tuple[Companion, bool]]:
        """Its companion documents, each with whether it was in force on the day."""
        return [(one, one.id in self.rules.companions) for one in self.edition.companions]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the protocol, with the rows of it that are shown."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A value that needs somebody's word, and who gave it."""

    value: Value
    title: str
    confirmed: Confirmation | None


@require_GET
def editions(request: HttpRequest) -> HttpResponse:
    """Answer: what do two editions say differently, and where does each value come from?"""
    access.require(request.user, Right.PROTOCOL_READ)
    chosen = shell.chosen(request)
    now_in_force = outbreaks.rules_at(chosen.outbreak, chosen.as_of)
    left = _side(request.GET.get("left") or now_in_force.edition, now_in_force)
    right = _side(request.GET.get("right") or _following(left.edition), now_in_force)
    # What each document is called and since when it holds stands above the table.
    rows = [row for row in compare(left.rules, right.rules) if row.section != "meta"]
    search, every = request.GET.get("search", "").strip(), "all" in request.GET
    shown = [row for row in rows if (every or search or row.differs) and _answers(row, search)]
    return render(
        request,
        "web/protocol/editions.html",
        {
            "library": protocol.shipped().editions,
            "now_in_force": now_in_force,
            "left": left,
            "right": right,
            "sections": list(_sections(shown)),
            "n_shown": len(shown),
            "n_differ": sum(row.differs for row in rows),
            "n_all": len(rows),
            "search": search,
            "every": every,
            "sources": _sources(shown),
        },
    )


def _side(name: str, now_in_force: Rules) -> Side:
    """Give an edition as of the chosen day when it is in force then, else as of its own last day."""
    edition = protocol.shipped().edition(name)
    if name == now_in_force.edition:
        return Side(edition, now_in_force.day, now_in_force)
    day = edition.effective_until
    return Side(edition, day, protocol.rules_at(day))


def _following(edition: Edition) -> str:
    """Name the edition after one; before the first one where there is none after it."""
    library = protocol.shipped().editions
    place = [one.id for one in library].index(edition.id)
    return library[place + 1].id if place + 1 < len(library) else library[place - 1].id


def _answers(row: Row, search: str) -> bool:
    if not search:
        return True
    said = (row.key, row.title("zh"), row.title("en"), row.left.shown, row.right.shown)
    return any(search.lower() in one.lower() for one in said)


def _sections(rows: Iterable[Row]) -> Iterator[Section]:
    language = get_language() or "zh"
    for section, group in groupby(rows, key=lambda row: row.section):
        yield Section(section_title(section, language), tuple(group))


def _sources(rows: Iterable[Row]) -> list[Source]:
    """List the pages that the shown values rest on."""
    known = protocol.shipped().sources
    cited = {name for row in rows for value in (row.left, row.right) for name in value.sources}
    return [known[name] for name in sorted(cited) if name in known]


@require_GET
def confirmations(request: HttpRequest) -> HttpResponse:
    """Answer: which values in force here wait for somebody to answer for them?"""
    access.require(request.user, Right.PROTOCOL_READ)
    chosen = shell.chosen(request)
    rules = outbreaks.rules_at(chosen.outbreak, chosen.as_of)
    known = outbreaks.confirmations_at(chosen.area_code, request.now)
    language = get_language() or "zh"
    rows = [
        ToConfirm(value, key_title(value.key, language), known.get(value.id))
        for value in rules.values.values()
        if value.needs_confirmation
    ]
    return render(
        request,
        "web/protocol/confirmations.html",
        {
            "rules": rules,
            "rows": rows,
            "n_confirmed": sum(row.confirmed is not None for row in rows),
            "may_confirm": access.may(request.user, Right.PROTOCOL_CONFIRM),
        },
    )


@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm one value in the name of who is signed in; it holds from now on, on whatever day it is seen."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.PROTOCOL_CONFIRM)
    value = outbreaks.rules_at(chosen.outbreak, chosen.as_of).value(request.POST.get("key", "")[:100])
    try:
        outbreaks.confirm_value(value=value, note=request.POST.get("note", ""), by=request.user, now=request.now)
        messages.success(request, gettext("Confirmed in your name: {key}.").format(key=value.key))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('protocol_confirmations')}?{chosen.query}")

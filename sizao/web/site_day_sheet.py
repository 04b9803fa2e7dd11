"""The day sheet of a site: who is in it, what each session found, who is due for a swab, what waits to be checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.protocol.quarantine import age_on
from sizao.records import journal
from sizao.records.access import NotYours
from sizao.records.models import IsolationSite, Observation
from sizao.response import outbreaks
from sizao.response.isolation.days import inside, observing, rounds, test_days
from sizao.response.isolation.days.inside import Inside
from sizao.terms import Right, Seen, Session, Symptom
from sizao.web import refusals, shell, spreadsheet
from sizao.web.site_day import common


@dataclass(frozen=True, slots=True)
class SheetLine:
    """Somebody in a site on a day, with what was seen in each session and since when a swab is due."""

    inside: Inside
    looks: dict[str, Observation]
    due_since: date | None
    last_day: bool

    @property
    def is_alarming(self) -> bool:
        return any(one.is_alarming for one in self.looks.values())


@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, site_id: int) -> HttpResponse:
    """Answer: who is here, who has fever, who refused, who is to be swabbed? Or settle what a device sent."""
    chosen, site = shell.chosen(request), inside.fetch(site_id, to=Right.SITE_WORK, by=request.user)
    if request.method == "POST":
        _settle(request, site)
        return redirect(f"{reverse('site_sheet', args=[site.pk])}?{chosen.query}")
    lines = _lines(request, site)
    journal.write("site.sheet_read", site, by=request.user, at=request.now, people=len(lines))
    plan = rounds.plan(outbreaks.rules_at(chosen.outbreak, chosen.as_of))
    shown = {
        "lines": lines,
        "sessions": plan.sessions,
        "figures": _figures(lines, plan.sessions),
        "waiting": observing.waiting(site),
        "unconfirmed": plan.unconfirmed,
    }
    return render(request, "web/site_day_sheet.html", shown | common(request, site, "sheet"))


@require_GET
def export(request: HttpRequest, site_id: int) -> HttpResponse:
    """Give the day sheet as a workbook, to be printed or carried to the tables of the testing stage."""
    chosen, site = shell.chosen(request), inside.fetch(site_id, to=Right.SITE_MANAGE, by=request.user)
    heads = (
        gettext("Room"), gettext("Number"), gettext("Name"), gettext("Age"), gettext("Since"), gettext("Last day"),
        *(one.label(request.LANGUAGE_CODE) for one in (Session.MORNING, Session.AFTERNOON, Session.EXTRA)),
        gettext("Symptoms"), gettext("Needs"), gettext("Swab due since"), gettext("Swabbed"),
    )  # fmt: skip
    return spreadsheet.of_people(
        request,
        name=f"site-{site.pk}-{chosen.day}",
        title=gettext("Day sheet"),
        heads=heads,
        rows=_rows(_lines(request, site), chosen.day, request.LANGUAGE_CODE),
        asked=f"{site.place.name} {chosen.day}",
    )


def _lines(request: HttpRequest, site: IsolationSite) -> list[SheetLine]:
    chosen = shell.chosen(request)
    looks: dict[int, dict[str, Observation]] = {}
    for one in rounds.looked(site, chosen.day, as_of=chosen.as_of):
        known = looks.setdefault(one.person_id, {})
        known[one.session] = rounds.better(known.get(one.session), one)
    due = {one.inside.person.pk: one.since for one in test_days.due(site, chosen.day, as_of=chosen.as_of)}
    return [
        SheetLine(
            one,
            looks.get(one.person.pk, {}),
            due.get(one.person.pk),
            last_day=bool(one.order and one.order.ends_date == chosen.day),
        )
        for one in inside.people_in(site, as_of=chosen.as_of)
    ]


def _figures(lines: list[SheetLine], sessions: tuple[Session, ...]) -> list[tuple[object, int]]:
    """Count what a coordinator looks at first; each is one kind of row below."""
    looks = [one for line in lines for one in line.looks.values()]
    return [
        (gettext("in the site"), len(lines)),
        *((one, sum(str(one) in line.looks for line in lines)) for one in sessions),
        (gettext("fever or symptoms"), sum(line.is_alarming for line in lines)),
        (gettext("refused"), len({one.person_id for one in looks if one.seen == Seen.REFUSED})),
        (gettext("no answer"), len({one.person_id for one in looks if one.seen == Seen.NO_ANSWER})),
        (gettext("swab due"), sum(line.due_since is not None for line in lines)),
        (gettext("last day today"), sum(line.last_day for line in lines)),
        (gettext("without an order"), sum(line.inside.order is None for line in lines)),
    ]


def _rows(lines: list[SheetLine], day: date, language: str) -> Iterator[tuple[object, ...]]:
    for line in lines:
        person, order = line.inside.person, line.inside.order
        symptoms = sorted({code for one in line.looks.values() for code in one.symptoms or ()})
        yield (
            line.inside.room.number,
            person.number,
            person.name,
            age_on(person.birth_date, day),
            timezone.localtime(line.inside.since).date(),
            order and order.ends_date,
            *(_cell(line.looks.get(str(one)), language) for one in (Session.MORNING, Session.AFTERNOON, Session.EXTRA)),
            "、".join(Symptom(code).label(language) for code in symptoms),
            "；".join(one.needs for one in line.looks.values() if one.needs),
            line.due_since,
            "",  # ticked by hand
        )


def _cell(look: Observation | None, language: str) -> object:
    if look is None:
        return None
    if look.seen != Seen.SEEN or look.temperature_c is None:
        return Seen(look.seen).label(language)
    return look.temperature_c


def _settle(request: HttpRequest, site: IsolationSite) -> None:
    given = request.POST.get("observation", "")
    row = {str(one.pk): one for one in observing.waiting(site)}.get(given)
    try:
        if row is None:
            raise NotYours(what="observation", area=request.user.area_code)
        observing.settle(
            observation=row,
            counts=request.POST.get("counts") == "1",
            reason=request.POST.get("reason", ""),
            by=request.user,
            now=shell.chosen(request).moment,
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Settled in your name."))

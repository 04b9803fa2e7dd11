"""Paper for the sites of a round: posters that say what, when and for whom, and signs for the queue."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sizao.adapters import site_posters
from sizao.adapters.site_posters import PosterSite
from sizao.errors import SizaoError
from sizao.records.access import NotYours
from sizao.records.models import Area, TestingRound, TestingSite
from sizao.terms import Right
from sizao.web import shell
from sizao.web.testing import fetch

MOST_SITES = {"posters": 100, "signs": 10}  # of one file; a city is printed part by part


class NothingToPrint(SizaoError):
    code = "testing.posters.nothing"
    message = "Round {number} has no site to print for. Add its sites first."


@require_GET
def posters(request: HttpRequest, round_id: int, kind: str) -> HttpResponse:
    """Print the posters, or the signs, of one site (`site`) or of a part of all of them (`part`)."""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_PLAN)
    sites = found.sites.filter(added_at__lte=chosen.as_of).select_related("place").order_by("number")
    asked, part = request.GET.get("site", ""), request.GET.get("part", "1")
    if asked:
        sites = sites.filter(number=_number(asked))
    first = (max(_number(part), 1) - 1) * MOST_SITES[kind]
    some = list(sites[first : first + MOST_SITES[kind]])
    if not asked and part == "1" and not some:
        raise NothingToPrint(number=found.number)
    if not some:
        raise NotYours(what="site", area=request.user.area_code)
    drill = "" if found.outbreak.acts_on_people else found.outbreak.name
    made = site_posters.pdf(_told(found, some), kind=kind, title=f"{found.number} {found.name}", drill=drill)
    name = f"{found.number}-{kind}-{some[0].number}.pdf"
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0  # noqa: PLR2004 — as many sites


def _told(found: TestingRound, sites: Sequence[TestingSite]) -> list[PosterSite]:
    codes = {code for one in sites for code in (one.area_code, *one.serves)}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        PosterSite(
            number=f"{found.number}-{one.number:05}",
            name=one.place.name,
            area=names.get(one.area_code, one.area_code),
            round=f"{found.number} {found.name}",
            begins=f"{timezone.localtime(one.opens_at or found.opened_at or found.begins_at):%Y-%m-%d}",
            hours=_hours(found, one),
            tables=one.n_tables,
            serves=tuple(names.get(code, code) for code in one.serves),
            household=found.household_tubes,
        )
        for one in sites
    ]


def _hours(found: TestingRound, site: TestingSite) -> str:
    """Say from when to when tables are open: as the site says, else as the round's plan does; empty where neither."""
    if site.opens_at and site.closes_at:
        return f"{_clock(site.opens_at)} – {_clock(site.closes_at)}"
    hours = (found.plan or {}).get("open_hours")
    return f"{hours[0]:02}:00 – {hours[1]:02}:00" if hours else ""


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"

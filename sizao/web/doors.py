"""
The doors of a day, on a phone: a list that opens without a signal; what was done is kept, and sent when there is one.

A door has things to do; each is answered by its key. Another kind of work at doors adds things, not another page.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from sizao.protocol.home_care import shipped_home_rules
from sizao.protocol.observation import watching
from sizao.records import access
from sizao.response.isolation import home
from sizao.response.isolation.home.doing import DoorSent
from sizao.response.isolation.home.doors import STREET
from sizao.response.reports.lines import area_names
from sizao.terms import Right, Symptom, VisitOutcome
from sizao.web import outbox, refusals, shell

OLD_AFTER_HOURS = 4  # a list older than this says so; orders change during a day
MOST_AREAS = 200


@ensure_csrf_cookie
@require_http_methods(["GET", "POST"])
def doors(request: HttpRequest) -> HttpResponse:
    """Answer: at which doors is something to be done today, who comes first? Or take what waits on a device."""
    access.require(request.user, Right.HOME_CARE)
    if request.method == "POST":
        return _take(request)
    try:
        chosen, area_code = shell.chosen(request), _area(request)
    except shell.NoOutbreak:
        if "outbreak" in request.GET:
            raise
        return render(
            request, "web/doors.html", {"area_name": _name(request.user.area_code)}
        )  # routine: nobody at home
    found: list[home.Door] = []
    if len(area_code) >= STREET:
        found = home.doors(
            chosen.outbreak, area_code, day=chosen.day, as_of=chosen.as_of, by=request.user, now=request.now
        )
    counted = home.by_area(chosen.outbreak, area_code, day=chosen.day, as_of=chosen.as_of)[:MOST_AREAS]
    names = area_names([area_code, *(code for code, _, _ in counted), *(door.area_code for door in found)])
    contact = home.contact_of(area_code, as_of=chosen.as_of)
    shown = {
        "facts": _facts(request, found, area_code, names),
        "areas": [(code, names.get(code, code), things) for code, things, _ in counted],
        "area_code": area_code,
        "area_name": names.get(area_code, area_code),
        "is_near": len(area_code) >= STREET,
        "n_doors": len(found),
        "n_things": sum(len(door.things) for door in found),
        "contact": contact,
        "outcomes": [VisitOutcome.DONE, VisitOutcome.NOBODY, VisitOutcome.LEFT, VisitOutcome.REFUSED],
        "symptoms": list(Symptom),
    }
    return render(request, "web/doors.html", shown)


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Give the script that keeps the list of doors while there is no signal."""
    access.require(request.user, Right.SITUATION_READ)  # a script, and nothing else
    return outbox.worker(
        request, store="sizao-doors-1", pages=r"^/doors/$", files=("testing.css", "doors.css", "doors.js")
    )


def _name(area_code: str) -> str:
    return area_names([area_code]).get(area_code, area_code)


def _area(request: HttpRequest) -> str:
    area_code = request.GET.get("area", "").strip() or shell.chosen(request).area_code
    access.require(request.user, Right.HOME_CARE, area_code=area_code)
    return area_code


def _facts(request: HttpRequest, found: list[home.Door], area_code: str, names: dict[str, str]) -> dict[str, object]:
    chosen, language = shell.chosen(request), get_language() or "zh"
    return {
        "round": f"doors-{chosen.outbreak.pk}",
        "atOnce": outbox.AT_ONCE,
        "send": f"{reverse('doors')}?{chosen.query}",
        "madeAt": timezone.localtime(request.now).isoformat(),
        "oldAfterHours": OLD_AFTER_HOURS,
        "feverFrom": watching().fever_from,
        "doors": [_door(one, names, language) for one in found],
        "outcomes": {str(one): one.label(language) for one in VisitOutcome},
        "symptoms": {str(one): one.label(language) for one in Symptom},
        "advice": [
            {"symptoms": sorted(map(str, one.symptoms)), "text": one.told(language)}
            for one in shipped_home_rules().worse
        ],
        "says": _says(),
    }


def _door(door: home.Door, names: dict[str, str], language: str) -> dict[str, object]:
    return {
        "key": door.key,
        "address": door.address or names.get(door.area_code, door.area_code),
        "isFirst": door.priority > 0,
        "people": [
            {
                "id": one.id,
                "number": one.number,
                "name": one.name or one.number,
                "phone": one.phone or "",
                "needs": [need.label(language) for need in one.needs],
                "things": [_thing(thing, language) for thing in door.things if thing.person == one.id],
            }
            for one in door.people
        ],
    }


def _thing(thing: home.Thing, language: str) -> dict[str, object]:
    more = "、".join(item.label(language) for item in thing.bring) or thing.what
    if thing.supply_unknown:
        more = gettext("Ask how long their medicines last.")
    return {
        "key": thing.key,
        "kind": str(thing.kind),
        "label": thing.kind.label(language),
        "more": more,
        "late": thing.due_date.isoformat() if thing.is_late else "",
        "tried": thing.outcome.label(language) if thing.outcome else "",
    }


# --- Sending -----------------------------------------------------------------------------------


def _take(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    sent, sent_at = outbox.taken(request, "acts", _act)
    told = home.record(outbreak=chosen.outbreak, acts=sent, by=request.user, now=chosen.moment, sent_at=sent_at)
    return JsonResponse(
        {
            "acts": [
                {
                    "key": one.source_key,
                    "answer": str(one.answer),
                    "why": refusals.sentence(one.why) if one.why else "",
                }
                for one in told
            ]
        }
    )


def _act(one: dict[str, Any]) -> DoorSent:
    given, symptoms = one.get("temperature_c"), one.get("symptoms")
    return DoorSent(
        source_key=outbox.key(one),
        visit=outbox.number(one["visit"]) or 0,
        happened_at=outbox.moment(one["happened_at"]),
        outcome=VisitOutcome(str(one["outcome"])),
        temperature_c=None if given in (None, "") else float(str(given).replace(",", ".")),
        symptoms=None if symptoms is None else tuple(Symptom(str(name)) for name in symptoms),
        note=outbox.text(one, "note"),
    )


def _says() -> dict[str, str]:
    """Give the sentences that the page says without asking anybody."""
    return outbox.says() | {
        "old": gettext("This list is old. Open it again where there is a signal."),
        "madeAt": gettext("List of"),
        "chooseThing": gettext("Tick what you did first."),
        "chooseSymptom": gettext("Choose what they feel, or enter the temperature."),
        "first": gettext("First"),
        "since": gettext("since"),
        "tried": gettext("tried"),
        "allDone": gettext("All doors of this list are done."),
        "worse": gettext("Worse: report now"),
        "report": gettext("Report at once"),
        "back": gettext("Back"),
        "temperature": gettext("Temperature, °C"),
        "call": gettext("Call"),
        "wrongTemperature": gettext("This is no temperature of a living person. Measure again."),
        "noStore": gettext("This browser keeps nothing, so the page would lose what you do. Leave private mode."),
    }

"""
The round through a site, on a phone: room after room, with big buttons. It works without a signal.

The list is that of the moment at which the page was loaded, and says how old it is. What is entered lies in the
browser's own store until the platform has answered for it; sending it again is harmless.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from sizao.protocol.observation import COLDEST, HOTTEST, watching
from sizao.protocol.quarantine import age_on
from sizao.records import access
from sizao.records.models import IsolationSite
from sizao.response.isolation.days import inside, observing, rounds
from sizao.terms import Mood, ObservationAnswer, ObservationOddity, Right, Seen, Session, Symptom
from sizao.web import outbox, refusals, shell

OLD_AFTER_HOURS = 4  # a list older than this says so


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which sites are there, how many are in each, and who was not seen yet in this session?"""
    chosen = shell.chosen(request)
    session = rounds.session_of(chosen.as_of)
    lines, occupied = [], inside.occupied(as_of=chosen.as_of)
    for site in inside.sites_of(request.user, to=Right.SITE_WORK):
        people = rounds.lines(site, chosen.day, session, as_of=chosen.as_of) if site.pk in occupied else []
        lines.append((site, len(people), sum(one.is_missing for one in people)))
    lines.sort(key=lambda line: (not line[1], -line[2], line[0].pk))
    return render(request, "web/site_days.html", {"lines": lines, "session": session})


@ensure_csrf_cookie
@require_http_methods(["GET", "POST"])
def walk(request: HttpRequest, site_id: int) -> HttpResponse:
    """Show the page of the round, or take what waits on a device."""
    chosen, site = shell.chosen(request), inside.fetch(site_id, to=Right.SITE_WORK, by=request.user)
    if request.method == "POST":
        return _take(request, site)
    session = rounds.session_of(chosen.moment)
    lines, plan = rounds.read_list(
        site, outbreak=chosen.outbreak, session=session, by=request.user, now=chosen.moment
    )  # fmt: skip
    language = get_language() or "zh"
    table = watching()
    facts = {
        "site": site.pk,
        "day": chosen.outbreak.day_of(chosen.moment).isoformat(),
        "session": str(session),
        "listedAt": timezone.localtime(chosen.moment).isoformat(),
        "oldAfterHours": OLD_AFTER_HOURS,
        "atOnce": outbox.AT_ONCE,
        "send": request.get_full_path(),
        "people": [_person(line, chosen.day, language) for line in lines],
        "feverFrom": table.fever_from,
        "reported": sorted(str(one) for one in table.reported),
        "lowest": COLDEST,
        "highest": HOTTEST,
        "answers": {str(one): one.label(language) for one in ObservationAnswer},
        "oddities": {str(one): one.label(language) for one in ObservationOddity},
        "sessions": {str(one): one.label(language) for one in Session},
        "symptoms": {str(one): one.label(language) for one in Symptom},
        "moods": {str(one): one.label(language) for one in Mood},
        "seen": {str(one): one.label(language) for one in Seen},
        "says": _says(site),
    }
    shown = {"facts": facts, "plan": plan, "table": table, "n_people": len(lines)}
    return render(request, "web/site_day.html", shown | common(request, site, "walk"))


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Give the script that keeps the page of the round while there is no signal."""
    access.require(request.user, Right.SITUATION_READ)  # a script, and nothing else
    files = ("testing.css", "site-day.css", "site-day.js")
    return outbox.worker(request, store="sizao-site-1", pages=r"^/site/\d+/day/$", files=files)


def common(request: HttpRequest, site: IsolationSite, here: str) -> dict[str, object]:
    """Give what stands on every page of a site's days."""
    manages = access.may(request.user, Right.SITE_MANAGE) and access.covers(request.user, site.area_code)
    return {
        "site": site,
        "here": here,
        "may_manage": manages,
        "may_work": access.may(request.user, Right.SITE_WORK),
        "may_judge": access.may(request.user, Right.ORDER_ISSUE),
        "n_waiting": len(observing.waiting(site)),
    }


def _person(line: rounds.Line, day: Any, language: str) -> dict[str, object]:
    """Say of somebody what a worker at their door needs: who, which room, what they need, what was seen today."""
    person, latest = line.inside.person, line.latest
    return {
        "number": person.number,
        "room": line.inside.room.number,
        "building": line.inside.room.building,
        "floor": line.inside.room.floor,
        "name": person.name or "",
        "age": age_on(person.birth_date, day),
        "needs": [one.label(language) for one in line.needs],
        "missing": line.is_missing,
        "latest": latest
        and {
            "at": timezone.localtime(latest.observed_at).isoformat(),
            "session": latest.session,
            "seen": latest.seen,
            "temperature": latest.temperature_c,
            "alarming": latest.is_alarming,
        },
    }


# --- Sending -----------------------------------------------------------------------------------


def _take(request: HttpRequest, site: IsolationSite) -> HttpResponse:
    chosen = shell.chosen(request)
    looks, sent_at = outbox.taken(request, "looks", _look)
    told = observing.record_observations(
        site=site, outbreak=chosen.outbreak, observations=looks, by=request.user, now=chosen.moment, sent_at=sent_at
    )
    return JsonResponse(
        {
            "looks": [
                {
                    "key": one.source_key,
                    "answer": str(one.answer),
                    "oddities": [str(kind) for kind in one.oddities],
                    "why": refusals.sentence(one.refusal) if one.refusal else "",
                    "reported": sorted(str(symptom) for symptom in one.reported),
                }
                for one in told
            ]
        }
    )


def _look(one: dict[str, Any]) -> observing.ObservationSent:
    given, symptoms, medicines = one.get("temperature"), one.get("symptoms"), one.get("medicines")
    return observing.ObservationSent(
        source_key=outbox.key(one),
        person=str(one["person"])[:40],
        observed_at=outbox.moment(one["at"]),
        session=Session(str(one["session"])) if one.get("session") else None,
        seen=Seen(str(one.get("seen") or Seen.SEEN)),
        temperature_c=None if given in (None, "") else _temperature(given),
        symptoms=None if symptoms is None else tuple(Symptom(str(symptom)) for symptom in symptoms),
        medicines_taken=None if medicines is None else bool(medicines),
        needs=outbox.text(one, "needs"),
        mood=Mood(str(one["mood"])) if one.get("mood") else None,
        note=outbox.text(one, "note"),
    )


def _temperature(given: object) -> float:
    read = float(str(given))
    if not -1000 < read < 1000:  # noqa: PLR2004 — what is no number at all; the verb says what is no temperature
        raise ValueError(given)
    return read


def _says(site: IsolationSite) -> dict[str, str]:
    """Give the sentences that the page says without asking anybody."""
    return outbox.says() | {
        "listOf": gettext("List of"),
        "listOld": gettext("This list is old: who came or left since is not on it. Load it again with a signal."),
        "listOtherDay": gettext("This list is of another day. Load it again with a signal."),
        "unseen": gettext("not seen yet"),
        "temperature": gettext("This is no temperature of a person. Measure again and enter a figure from 30 to 45."),
        "nothing": gettext("Enter a temperature or symptoms, or say that nobody answered."),
        "fever": gettext("Fever or symptoms: this is reported at once. Call the doctor of the site now."),
        "phone": site.phone,
        "all": gettext("All floors"),
        "left": gettext("left to see"),
        "years": gettext("years"),
        "noStore": gettext("This browser keeps nothing, so the page would lose what you do. Leave private mode."),
    }

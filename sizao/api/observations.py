"""Days inside a site: devices of other systems say what was seen of people; others read who was seen, in figures."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, Moment, account, act_at, outbreak
from sizao.api.shapes import answers
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import IsolationSite, Outbreak
from sizao.response import outbreaks
from sizao.response.isolation.days import observing, rounds, test_days
from sizao.response.isolation.days.observing import LONGEST_KEY, LONGEST_TEXT, MOST_AT_ONCE
from sizao.terms import Mood, ObservationAnswer, ObservationOddity, Right, Seen, Session, Symptom

router = Router(tags=["isolation"])


class ObservationIn(Schema):
    """
    One look after one person, under a key of the device's own; `observed_at` is by the device's clock.

    `symptoms` null: not asked; an empty list: asked, and none. A temperature outside 30 to 45 °C is refused by itself.
    """

    source_key: str = Field(min_length=1, max_length=LONGEST_KEY)
    person: str = Field(min_length=1, max_length=40)
    observed_at: Moment
    session: Session | None = None
    seen: Seen = Seen.SEEN
    temperature_c: float | None = Field(None, ge=-1000, le=1000)
    symptoms: list[Symptom] | None = Field(None, max_length=len(Symptom))
    medicines_taken: bool | None = None
    needs: str = Field("", max_length=LONGEST_TEXT)
    mood: Mood | None = None
    note: str = Field("", max_length=LONGEST_TEXT)


class ObservationsIn(Schema):
    """What waits on a device: up to 500 looks; `sent_at` is its clock now, by which the moments are set right."""

    sent_at: Moment | None = None
    observations: list[ObservationIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class ObservationOut(Schema):
    """
    What became of an entry. `queued` is kept too, and waits for a person: do not send it again.

    `refused` was not kept, for the reason told; `reported` was reported at once.
    """

    source_key: str
    answer: ObservationAnswer
    oddities: list[ObservationOddity]
    code: str | None
    message: str | None
    reported: list[Symptom]


class ObservationsOut(Schema):
    """What became of each entry, in their order."""

    observations: list[ObservationOut]


class SessionOut(Schema):
    """How many were reached in one session, and how many were missed once it was over."""

    session: Session
    reached: int
    missed: int


class SiteDayOut(Schema):
    """A site on a day, in figures: as it was known at the moment asked for."""

    site: int
    name: str
    is_generated: bool
    day: date
    as_of: datetime
    people: int
    sessions: list[SessionOut]
    alarming: int
    swab_due: int
    basis: list[dict[str, Any]]


@router.post("/outbreaks/{slug}/sites/{site_id}/observations", response=answers(ObservationsOut))
def send_observations(
    request: HttpRequest, slug: str, site_id: int, outbox: ObservationsIn, asked: Query[Asked]
) -> Any:  # fmt: skip
    """
    Record up to 500 looks after people in a site; one sent again changes nothing, one refused leaves the others.

    Fever and symptoms that are reported at once become a signal in the same transaction.
    """
    within, site = _found(request, slug, site_id, to=Right.SITE_WORK)
    sent = [
        observing.ObservationSent(
            **one.dict(exclude={"symptoms"}), symptoms=None if one.symptoms is None else tuple(one.symptoms)
        )
        for one in outbox.observations
    ]
    told = observing.record_observations(
        site=site,
        outbreak=within,
        observations=sent,
        by=account(request),
        now=act_at(request, within, asked),
        sent_at=outbox.sent_at,
    )
    return {
        "observations": [
            {
                "source_key": one.source_key,
                "answer": one.answer,
                "oddities": list(one.oddities),
                "code": one.refusal and one.refusal.code,
                "message": one.refusal and str(one.refusal),
                "reported": sorted(one.reported),
            }
            for one in told
        ]
    }


@router.get("/outbreaks/{slug}/sites/{site_id}/day", response=answers(SiteDayOut))
def read_site_day(request: HttpRequest, slug: str, site_id: int, asked: Query[Asked]) -> Any:
    """Say how a day goes in a site: how many are there, reached, missed, with fever, due for a swab; no people."""
    within, site = _found(request, slug, site_id, to=Right.SITUATION_READ)
    as_of = asked.moment(request)
    day = within.day_of(as_of)
    plan = rounds.plan(outbreaks.rules_at(within, as_of))
    lines = {session: rounds.lines(site, day, session, as_of=as_of) for session in Session}
    looks = rounds.looked(site, day, as_of=as_of)
    return {
        "site": site.pk,
        "name": site.place.name,
        "is_generated": site.is_generated,
        "day": day,
        "as_of": as_of,
        "people": len(lines[Session.EXTRA]),
        "sessions": [
            {
                "session": session,
                "reached": sum(not one.is_missing for one in lines[session]),
                "missed": len(rounds.missed(site, day, session, as_of=as_of)),
            }
            for session in plan.sessions
        ],
        "alarming": len({one.person_id for one in looks if one.is_alarming}),
        "swab_due": len(test_days.due(site, day, as_of=as_of)),
        "basis": plan.basis,
    }


def _found(request: HttpRequest, slug: str, site_id: int, *, to: Right) -> tuple[Outbreak, IsolationSite]:
    within, by = outbreak(request, slug, to=to), account(request)
    access.require(by, to)
    rows = IsolationSite.objects.select_related("place")
    site = rows.filter(pk=site_id, area_code__startswith=by.area_code).first() if 0 < site_id < 2**63 else None
    if site is None:
        raise NotYours(what="site", area=by.area_code)
    return within, site

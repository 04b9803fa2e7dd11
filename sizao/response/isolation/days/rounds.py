"""The rounds through a site: which sessions a day has, who is to be seen in one, and who was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from sizao.protocol import Rules, basis
from sizao.protocol.observation import watching
from sizao.records import journal
from sizao.records.models import Account, IsolationSite, Observation, Outbreak, Person
from sizao.response import outbreaks
from sizao.response.isolation import needs
from sizao.response.isolation.days.inside import Inside, people_in
from sizao.terms import NeedKind, Right, Seen, Session

CHECKS = "isolation_site.temperature_checks_per_day"
BEGINS = {Session.MORNING: time(), Session.AFTERNOON: time(12)}
# One who did not answer is still to be seen; one who refused was asked.
REACHED = (Seen.SEEN, Seen.REFUSED)


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody of a round: what was seen of them in this session, their latest look before, and what they need."""

    inside: Inside
    seen: Observation | None
    latest: Observation | None
    needs: tuple[NeedKind, ...]

    @property
    def is_missing(self) -> bool:
        return self.seen is None or self.seen.seen == Seen.NO_ANSWER


@dataclass(frozen=True, slots=True)
class Plan:
    """The sessions of a day by the edition, what they rest on, and whether that still waits for confirmation."""

    sessions: tuple[Session, ...]
    basis: list[dict[str, Any]]
    unconfirmed: bool


def plan(rules: Rules) -> Plan:
    """
    Say which sessions a day has.

    One check a day is in the morning, two or more are in the morning and in the afternoon, further ones in between as
    the site sees fit. A number that waits for confirmation is used, and said: looking after somebody asks nothing of
    them. Where the edition sets none, no session is asked for.
    """
    value = rules.value(CHECKS)
    if value.value is None or value.whole < 1:
        return Plan((), [], unconfirmed=False)
    sessions = (Session.MORNING, Session.AFTERNOON)[: value.whole]
    return Plan(sessions, [basis.entry(value, gives="sessions")], unconfirmed=rules.awaits_confirmation(value))


def session_of(moment: datetime) -> Session:
    """Say in which half of a day a moment lies."""
    at = timezone.localtime(moment).time()
    return Session.MORNING if at < BEGINS[Session.AFTERNOON] else Session.AFTERNOON


def begins_at(day: date, session: Session) -> datetime:
    """Say when a session of a day begins."""
    return timezone.make_aware(datetime.combine(day, BEGINS[session]))


def over_at(day: date, session: Session) -> datetime:
    """Say when a session of a day is over, so that who was not seen is looked for."""
    return timezone.make_aware(datetime.combine(day, watching().over_at[session]))


def looked(site: IsolationSite, day: date, *, as_of: datetime) -> list[Observation]:
    """Give what counts of the looks on a day, the earliest first, as it was known at a moment."""
    start = timezone.make_aware(datetime.combine(day, time()))
    found = Observation.objects.filter(
        site=site,
        counts=True,
        recorded_at__lte=as_of,
        observed_at__gte=start,
        observed_at__lt=start + timedelta(days=1),
    )
    return list(found.order_by("observed_at", "pk"))


def of_person(person: Person, outbreak: Outbreak, *, as_of: datetime, most: int = 20) -> list[Observation]:
    """Give the latest looks after somebody that count, newest first, as it was known at a moment."""
    found = Observation.objects.filter(
        person=person, outbreak=outbreak, counts=True, observed_at__lte=as_of, recorded_at__lte=as_of
    )
    return list(found.select_related("site__place").order_by("-observed_at", "-pk")[:most])


def lines(site: IsolationSite, day: date, session: Session, *, as_of: datetime) -> list[Line]:
    """Give everybody in a site with what was seen of them in one session, who is missing first, then as one walks."""
    inside = people_in(site, as_of=as_of)
    seen: dict[int, Observation] = {}
    latest: dict[int, Observation] = {}
    for one in looked(site, day, as_of=as_of):
        latest[one.person_id] = one
        if one.session == session:
            seen[one.person_id] = better(seen.get(one.person_id), one)
    needed = needs.of_people([one.person.pk for one in inside], as_of=as_of, day=day)
    found = [
        Line(one, seen.get(one.person.pk), latest.get(one.person.pk), needed.get(one.person.pk, ())) for one in inside
    ]
    return sorted(found, key=lambda line: not line.is_missing)  # keeps the walk within each


def better(known: Observation | None, one: Observation) -> Observation:
    """A look that reached somebody is not undone by a later one that did not."""
    return known if known is not None and known.seen in REACHED and one.seen not in REACHED else one


def missed(site: IsolationSite, day: date, session: Session, *, as_of: datetime) -> list[Inside]:
    """Give who was in a site before a session began and was not reached in it; nobody while it is not over."""
    if as_of < over_at(day, session):
        return []
    begun = begins_at(day, session)
    return [
        line.inside for line in lines(site, day, session, as_of=as_of) if line.is_missing and line.inside.since <= begun
    ]


def read_list(
    site: IsolationSite, *, outbreak: Outbreak, session: Session, by: Account, now: datetime
) -> tuple[Sequence[Line], Plan]:
    """Give a site's list of this moment to whoever walks the round, by name; the reading is journalled."""
    found = lines(site, outbreak.day_of(now), session, as_of=now)
    journal.write("site.round_read", site, by=by, at=now, people=len(found), right=str(Right.SITE_WORK))
    return found, plan(outbreaks.rules_at(outbreak, now))

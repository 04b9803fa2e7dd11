"""What ties each case to areas: it lives there, or was there while infectious."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from sizao.engines.zone_scheme import RiskTie
from sizao.protocol import Rules
from sizao.records.models import Case, Outbreak, Visit
from sizao.terms import CaseStatus, EventKind

# What happens at home says nothing beyond the home itself.
AT_HOME = (EventKind.HOME, EventKind.ISOLATION, EventKind.HOSPITAL, EventKind.TEST)


def ties_of(outbreak: Outbreak, rules: Rules, now: datetime, *, with_visits: bool) -> list[RiskTie]:
    """
    Gather the ties of all standing cases known by `now`.

    A case counts towards the class of a county when it is confirmed. Visits are wanted only where the
    scheme zones the places that cases were at.
    """
    cases = Case.objects.standing().known_at(now).filter(outbreak=outbreak).order_by("pk")
    rows = cases.values_list("pk", "person_id", "area_code", "opened_at", "status", "onset_date", "first_positive_date")
    ties, windows = [], {}
    days = rules.need("investigation.contact_window_days").whole if with_visits else 0
    for pk, person_id, area_code, opened_at, status, onset, positive in rows:
        found_date = timezone.localtime(opened_at).date()
        counted = status == CaseStatus.CONFIRMED
        ties.append(RiskTie(pk, area_code, found_date, counted=counted))
        windows[person_id] = (pk, found_date, (onset or positive or found_date) - timedelta(days=days), counted)
    if with_visits:
        ties += _visits(outbreak, windows, now)
    return ties


def _visits(outbreak: Outbreak, windows: dict[int, tuple[int, date, date, bool]], now: datetime) -> Iterator[RiskTie]:
    visits = (
        Visit.objects.filter(outbreak=outbreak, recorded_at__lte=now).exclude(kind__in=AT_HOME).exclude(area_code="")
    )
    rows = visits.exclude(area_code=F("person__area_code")).order_by("pk")
    for person_id, area_code, last_date in rows.values_list("person_id", "area_code", "last_date"):
        window = windows.get(person_id)
        if window and last_date >= window[2]:
            pk, found_date, _, counted = window
            yield RiskTie(pk, area_code, found_date, lives_there=False, counted=counted)

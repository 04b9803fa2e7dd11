"""
What the people of a drill, and its carriers, answer to who plays a role at the screens.

The script asks by itself. A person cannot: a case of a simulated city sits nowhere and has no telephone. So what a case
would tell is written down for the investigator, and who is severely ill for the isolation coordinator; carriers say who
the closest companions of a trace are.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from sizao.drill.rehearsal import lodging
from sizao.drill.rehearsal.asking import Interview
from sizao.drill.rehearsal.office import Office
from sizao.drill.rehearsal.told_file import told, write
from sizao.records.models import Case, Trace
from sizao.terms import Role


def answer(office: Office, now: datetime) -> int:
    """Answer whoever plays a role that asks; say how many answers were new."""
    before = told(office.outbreak)
    after = _cases_tell(office, before, now) if Role.INVESTIGATOR in office.by_people else {}
    ill = _severely_ill(office, now) if Role.ISOLATION_COORDINATOR in office.by_people else []
    write(office.outbreak, told=after, severe=ill)
    done = len(set(after) - set(before))
    if Role.DATA_OFFICER in office.by_people:
        done += _carriers_tell(office, now)
    return done


def _cases_tell(office: Office, before: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Give what each case tells that nobody has investigated yet, asked once; leave out who was."""
    waiting = Case.objects.filter(outbreak=office.outbreak, investigated_at=None).standing().select_related("person")
    return {
        case.number: before.get(case.number) or _written(office.asking.interview(case, now), now)
        for case in waiting.order_by("pk")
    }


def _severely_ill(office: Office, now: datetime) -> list[str]:
    """Give who is severely ill of those who wait for a bed, and of those who might be let go."""
    seen = [case.person for case in lodging.waiting_for_bed(office.outbreak)]
    seen += [stay.person for stay in lodging.recovered(office.outbreak, now)]
    return sorted({one.number for one in seen if office.asking.is_severe(one, now)})


def _written(said: Interview, now: datetime) -> dict[str, Any]:
    visits = [
        [_local(one.started_at), _local(one.ended_at), one.place.name, str(one.place_kind), one.area_code]
        for one in said.investigation.visits
        if one.place is not None
    ]
    onset = said.investigation.onset_date
    return {
        "person": said.investigation.case.person.number,
        "asked_at": _local(now),
        "onset": onset.isoformat() if onset else None,
        "visits": sorted(visits),
        "contacts": [[person.number, day.isoformat()] for person, day in said.contacts],
    }


def _carriers_tell(office: Office, now: datetime) -> int:
    """Have the carriers say who the closest of each standing trace are, as far as nobody knows."""
    standing = Trace.objects.filter(outbreak=office.outbreak, closed_at=None).exclude(case=None)
    most = office.rehearsal.habits.closest
    return sum(office.asking.identify(one, most, now) for one in standing.select_related("case__person").order_by("pk"))


def _local(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""

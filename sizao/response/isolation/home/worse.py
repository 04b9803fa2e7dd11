"""People at home whom somebody has to think of: who is worse, and whom nobody reaches. Nothing follows by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet

from sizao.protocol.home_care import shipped_home_rules
from sizao.records.models import DoorAct, Outbreak
from sizao.terms import SignalState, VisitKind, VisitOutcome

LOOKED_BACK = timedelta(days=3)
REACHED = (VisitOutcome.DONE, VisitOutcome.WORSE, VisitOutcome.REFUSED)
CALLS = (VisitKind.CALL, VisitKind.VISIT)


@dataclass(frozen=True, slots=True)
class Unreached:
    """Somebody at home whom nobody met: the acts in a row that say so, and whether they were said to be out."""

    person_id: int
    number: str
    area_code: str
    since: datetime
    n_tries: int
    is_out: bool
    last_act: int


def worse(outbreak: Outbreak, *, as_of: datetime) -> QuerySet[DoorAct]:
    """Give what was reported of people who are worse, while their order stands and nobody has settled the signal."""
    return (
        _known(outbreak, as_of)
        .filter(outcome=VisitOutcome.WORSE, signal__state=SignalState.NEW)
        .select_related("visit__person")
        .order_by("visit__person_id", "happened_at", "pk")
    )


def waiting_for_transfer(outbreak: Outbreak, *, as_of: datetime) -> QuerySet[DoorAct]:
    """Give reports after which somebody is to be carried to a doctor as a feverish contact; transport asks by them."""
    return worse(outbreak, as_of=as_of).filter(wants_transfer=True)


def unreached(outbreak: Outbreak, *, as_of: datetime) -> list[Unreached]:
    """
    Say whom nobody met so often in a row that somebody has to find out, or who was said to be out.

    How often stands in the table of home care. Somebody met since is left out.
    """
    enough = shipped_home_rules().unanswered_before_task
    found = []
    for person, rows in groupby(_tries(outbreak, as_of), key=lambda act: act.visit.person):
        in_a_row = []
        for act in rows:
            if act.outcome in REACHED:
                in_a_row = []
            else:
                in_a_row.append(act)
        is_out = any(act.outcome == VisitOutcome.LEFT for act in in_a_row)
        if len(in_a_row) >= enough or is_out:
            first, last = in_a_row[0], in_a_row[-1]
            found.append(
                Unreached(
                    person.pk,
                    person.number,
                    last.visit.area_code,
                    first.happened_at,
                    len(in_a_row),
                    is_out,
                    last.pk,
                )
            )
    return found


def _tries(outbreak: Outbreak, as_of: datetime) -> Iterator[DoorAct]:
    tried = _known(outbreak, as_of).filter(happened_at__gte=as_of - LOOKED_BACK, visit__kind__in=CALLS)
    return tried.select_related("visit__person").order_by("visit__person_id", "happened_at", "pk").iterator()


def _known(outbreak: Outbreak, as_of: datetime) -> QuerySet[DoorAct]:
    standing = Q(visit__order__isnull=True) | Q(visit__order__ended_at__isnull=True) | Q(
        visit__order__ended_at__gt=as_of
    )  # fmt: skip
    return DoorAct.objects.filter(standing, visit__outbreak=outbreak, recorded_at__lte=as_of)

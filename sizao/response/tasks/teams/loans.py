"""Teams lent to another area: agreed by both sides, seen on both, over at their end without anybody's doing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import Avg, Q, QuerySet

from sizao.engines.planning.routes import great_circle_km
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, Place, Team, TeamLoan
from sizao.response.tasks.teams import members
from sizao.terms import AreaLevel, Right

COUNTY = 6
LONGEST_AGREED = 100


class LoanUnreadable(SizaoError):
    code = "teams.loan.unreadable"
    message = "A loan ends after it starts and not in the past. Check the two times."


class LoanNotAgreed(SizaoError):
    code = "teams.loan_not_agreed"
    message = "Name who agreed on each side, by office and name, in at most 100 characters."


class LoanNowhere(SizaoError):
    code = "teams.loan_nowhere"
    message = "A team is lent to another county of the register; “{given}” is none, or is its own. Choose another."


class LentAlready(SizaoError):
    code = "teams.lent_already"
    message = "{name} is lent in these hours already. Recall that loan first, or choose other hours."


class LoanOver(SizaoError):
    code = "teams.loan_over"
    message = "The loan of {name} is over already. Nothing was changed."


class RecallReasonMissing(SizaoError):
    code = "teams.recall_reason_missing"
    message = "Say in a few words why {name} is recalled: the other side will read it."


@dataclass(frozen=True, slots=True)
class LoanEntry:
    """What was agreed: to which county, from when to when, and who agreed on each side."""

    to_area_code: str
    starts_at: datetime
    ends_at: datetime
    agreed_from: str
    agreed_to: str
    reason: str = ""


@transaction.atomic
def lend(*, team: Team, entry: LoanEntry, by: Account, now: datetime) -> TeamLoan:
    """
    Lend a team to another county in one's own name.

    Raise LoanUnreadable, LoanNotAgreed, LoanNowhere, LentAlready, TeamIsDisbanded or the door's refusal.
    """
    team = members.held(team, by)
    if not entry.starts_at < entry.ends_at or entry.ends_at <= now:
        raise LoanUnreadable
    agreed = entry.agreed_from.strip(), entry.agreed_to.strip()
    if not all(0 < len(one) <= LONGEST_AGREED for one in agreed):
        raise LoanNotAgreed
    counties = Area.objects.filter(level=AreaLevel.COUNTY)
    if entry.to_area_code == team.area_code[:COUNTY] or not counties.filter(code=entry.to_area_code).exists():
        raise LoanNowhere(given=entry.to_area_code[:12])
    loan = TeamLoan(
        team=team,
        from_area_code=team.area_code,
        to_area_code=entry.to_area_code,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        agreed_from=agreed[0],
        agreed_to=agreed[1],
        reason=entry.reason.strip()[:200],
        lent_at=now,
        lent_by=by,
    )
    try:
        with transaction.atomic():
            loan.save(force_insert=True)
    except IntegrityError as clash:
        raise LentAlready(name=team.name) from clash
    journal.write("team.lent", loan, by=by, at=now, team=team.pk, to=loan.to_area_code)
    return loan


@transaction.atomic
def recall(*, loan: TeamLoan, reason: str, by: Account, now: datetime) -> TeamLoan:
    """End a loan before its time. Raise LoanOver, RecallReasonMissing or the door's refusal."""
    loan = TeamLoan.objects.select_for_update(of=["self"]).select_related("team").get(pk=loan.pk)
    access.require(by, Right.TEAM_MANAGE, area_code=loan.from_area_code)
    if loan.recalled_at is not None or loan.ends_at <= now:
        raise LoanOver(name=loan.team.name)
    if not reason.strip():
        raise RecallReasonMissing(name=loan.team.name)
    loan.recalled_at, loan.recalled_by, loan.recall_reason = now, by.username, reason.strip()[:200]
    loan.save(update_fields=["recalled_at", "recalled_by", "recall_reason"])
    journal.write("team.recalled", loan, by=by, at=now, team=loan.team_id, reason=loan.recall_reason)
    return loan


def running(as_of: datetime) -> QuerySet[TeamLoan]:
    """Give the loans that run at a moment, as was known then."""
    return agreed_at(as_of).filter(starts_at__lte=as_of)


def agreed_at(as_of: datetime) -> QuerySet[TeamLoan]:
    """Give the loans that run or are to come at a moment, as was known then."""
    known = TeamLoan.objects.filter(lent_at__lte=as_of, ends_at__gt=as_of)
    return known.exclude(recalled_at__lte=as_of)


def seen_from(area_code: str, as_of: datetime) -> QuerySet[TeamLoan]:
    """Give what an area lent and borrowed, the running first."""
    mine = Q(from_area_code__startswith=area_code) | Q(to_area_code__startswith=area_code)
    return agreed_at(as_of).filter(mine).select_related("team", "lent_by").order_by("starts_at", "pk")


def kilometres(here: str, there: Sequence[str]) -> dict[str, float | None]:
    """
    Give the distance of counties from one, between the middles of the places known in each; None where one has none.

    Great circle, so roads are longer.
    """
    codes = {here, *there}
    located = Place.objects.filter(latitude__isnull=False)
    within = Q(pk__in=[])
    for city in {code[:4] for code in codes}:
        within |= Q(area_code__startswith=city)
    sums: dict[str, list[tuple[float, float]]] = {}
    for row in located.filter(within).values("area_code").annotate(x=Avg("longitude"), y=Avg("latitude")):
        sums.setdefault(row["area_code"][:COUNTY], []).append((row["x"], row["y"]))
    middles = {code: np.mean(points, axis=0) for code, points in sums.items()}
    if here not in middles:
        return dict.fromkeys(there)
    known = [code for code in there if code in middles]
    if not known:
        return dict.fromkeys(there)
    found = great_circle_km(np.array([middles[here]]), np.array([middles[code] for code in known]))[0]
    return dict.fromkeys(there) | {code: float(km) for code, km in zip(known, found, strict=True)}

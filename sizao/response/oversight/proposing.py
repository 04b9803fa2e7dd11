"""What a rule proposes: findings where a scorecard falls below its line, rewards for leads that proved true."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from sizao.protocol.oversight import Lines, shipped_oversight
from sizao.records import journal
from sizao.records.models import Case, Complaint, Finding, Outbreak, Reward, Signal
from sizao.response.oversight import counting, findings, scorecards
from sizao.response.oversight.measures import Measure
from sizao.response.oversight.rows import rows
from sizao.response.oversight.scorecards import Scope, Score
from sizao.terms import ClockState, ComplaintKind, FindingSource, FindingState, Gravity, SignalKind, SignalState

COUNTY_DIGITS = 6
# Whom somebody without a duty to report may have told: the person themselves, or a resident's call.
LEADS = (SignalKind.SELF_REPORT,)


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Propose what a person then confirms or dismisses: findings of this outbreak's clocks, and rewards.

    One proposal for each measure, county and period of days; a second run at one moment changes nothing.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    counting.gather(now=now)
    proposed = list(_wanted(outbreak, now))
    for one in proposed:
        findings.keep(one, by=None, now=now, note="")
    return len(proposed) + _propose_rewards(outbreak, now)


def _wanted(outbreak: Outbreak, now: datetime) -> Iterator[Finding]:
    lines = shipped_oversight().lines
    day = outbreak.day_of(now)
    first = day - timedelta(days=lines.days - 1)
    # The period is named by its number, so that the same period proposes once.
    period = (day - outbreak.first_date).days // lines.days
    known = Finding.objects.filter(outbreak=outbreak)
    made = set(known.filter(source=FindingSource.RULE).values_list("source_key", flat=True))
    over = (FindingState.CLOSED, FindingState.DISMISSED)
    worked_on = set(known.exclude(state__in=over).values_list("area_code", "item"))
    asked = Scope(outbreak.area_code, first, now, outbreak.pk, digits=COUNTY_DIGITS)
    for area, measure, score in scorecards.by_area(asked):
        key = f"finding:rule:{outbreak.pk}:{area}:{measure.key}:{period}"
        if key in made or (area, measure.key) in worked_on:
            continue
        said = _below(score, lines) or _missed(outbreak, area, measure, score, lines, now)
        if said:
            yield _proposal(outbreak, area, measure, {"first_date": f"{first}", **said}, now, key)


def _below(score: Score, lines: Lines) -> dict[str, object]:
    if score.clocks < lines.fewest or score.share is None or score.share >= lines.share_kept:
        return {}
    return {"rule": "share_kept", "clocks": score.clocks, "kept": score.kept, "line": lines.share_kept}


def _missed(
    outbreak: Outbreak, area: str, measure: Measure, score: Score, lines: Lines, now: datetime
) -> dict[str, object]:
    if score.late_now < lines.missed:
        return {}
    scope = Scope(area, outbreak.first_date, now, outbreak.pk)
    late = rows(scope, measure, ClockState.LATE_NOW).rows
    missed = [one for one in late if one.late_by is not None and one.late_by >= timedelta(hours=lines.late_hours)]
    if len(missed) < lines.missed:
        return {}
    return {"rule": "missed", "missed": len(missed), "line": lines.missed, "late_hours": lines.late_hours}


def _proposal(
    outbreak: Outbreak, area: str, measure: Measure, said: dict[str, object], now: datetime, key: str
) -> Finding:
    seen = findings.Seen(
        what=measure.word.zh, area_code=area, stage=measure.stage,
        severity=Gravity.MAJOR if said["rule"] == "missed" else Gravity.MINOR, item=measure.key,
    )  # fmt: skip
    made = findings.compose(seen, source=FindingSource.RULE, state=FindingState.PROPOSED, now=now, outbreak=outbreak)
    made.evidence = {"measure": measure.key, "as_of": now.isoformat(), **said}
    made.source_key = key
    return made


# --- Rewards -----------------------------------------------------------------------------------


def _propose_rewards(outbreak: Outbreak, now: datetime) -> int:
    """Propose a reward for a lead that was verified and led to somebody who became a case afterwards."""
    led = Signal.objects.filter(
        outbreak=outbreak, kind__in=LEADS, state=SignalState.VERIFIED, settled_at__lte=now, rewards__isnull=True
    ).exclude(person=None)
    # The settled lead names a person; who gave it is not looked at.
    cases = {
        person: (number, opened)
        for person, number, opened in Case.objects.standing()
        .filter(outbreak=outbreak, person__in=led.values("person"), opened_at__lte=now)
        .values_list("person_id", "number", "opened_at")
    }
    made = [
        _reward(area_code=one.area_code, now=now, evidence={"case": cases[one.person_id][0]}, signal=one)
        for one in led.order_by("pk")
        if one.person_id in cases and one.received_at <= cases[one.person_id][1]
    ]
    made += [
        _reward(area_code=one.area_code, now=now, evidence={"finding": one.finding.number}, complaint=one)
        for one in Complaint.objects.filter(
            kind=ComplaintKind.LEAD,
            finding__state=FindingState.CLOSED,
            finding__outbreak=outbreak,
            rewards__isnull=True,
        ).select_related("finding")
        if one.finding is not None
    ]
    return len(made)


def _reward(
    *, area_code: str, now: datetime, evidence: dict[str, str], signal: Signal | None = None,
    complaint: Complaint | None = None,
) -> Reward:  # fmt: skip
    about = f"signal:{signal.pk}" if signal else f"complaint:{complaint.pk if complaint else 0}"
    made = Reward.objects.create(
        number=about[:30], signal=signal, complaint=complaint, area_code=area_code, evidence=evidence,
        proposed_at=now, source_key=f"reward:{about}",
    )  # fmt: skip
    made.number = f"XS{made.pk:06d}"
    made.save(update_fields=["number"])
    journal.write("reward.proposed", made, by=None, at=now)
    return made

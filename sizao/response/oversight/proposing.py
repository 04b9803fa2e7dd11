"""What a rule proposes: findings where a scorecard falls below its line, rewards for leads that proved true."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from sizao.protocol.oversight import Lines, shipped_oversight
from sizao.records import journal
from sizao.records.models import Case, Complaint, Finding, Outbreak, Reward, Signal
from sizao.response.oversight import counting, findings, gathering, scorecards
from sizao.response.oversight.measures import Measure
from sizao.response.oversight.rows import rows
from sizao.response.oversight.scorecards import Scope, Score
from sizao.terms import ClockState, ComplaintKind, FindingSource, FindingState, Gravity, SignalKind, SignalState

COUNTY_DIGITS = 6
HOLDING = (2, 4, 6)  # digits of the areas of which proposals are made
# Whom somebody without a duty to report may have told: the person themselves, or a resident's call.
LEADS = (SignalKind.SELF_REPORT,)


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Propose what a person then confirms or dismisses: findings of this outbreak's clocks, and rewards.

    One proposal for each measure, area and period of days; where several areas fall behind with one measure, it is one
    of the area above. A proposal that waits follows its numbers. A second run at one moment changes nothing.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    counting.gather(now=now)
    lines, day = shipped_oversight().lines, outbreak.day_of(now)
    first = day - timedelta(days=lines.days - 1)
    scored = scorecards.by_area(Scope(outbreak.area_code, first, now, outbreak.pk, digits=COUNTY_DIGITS))
    known = _Known(outbreak, period=(day - outbreak.first_date).days // lines.days)
    followed = sum(findings.count_again(one, _counted(scored, one, lines), now=now) for one in known.proposed)
    groups = gathering.gathered(
        list(_behind(outbreak, scored, known, lines, now)),
        [(one.area_code, one.item) for one in known.proposed], within=outbreak.area_code, fewest=lines.gather,
    )  # fmt: skip
    for one in groups:
        made = _proposal(outbreak, one, scored, lines, now)
        made.evidence["first_date"], made.source_key = f"{first}", known.key(one.area_code, one.measure.key)
        findings.keep(made, by=None, now=now, note="")
        for part in known.within(one):
            findings.join(part, into=made, now=now)
    return followed + len(groups) + _propose_rewards(outbreak, now)


class _Known:
    """The findings of an outbreak that a proposal would repeat."""

    def __init__(self, outbreak: Outbreak, *, period: int) -> None:
        self.outbreak, self.period = outbreak, period
        # The period is named by its number, so that the same period proposes once.
        found = Finding.objects.filter(outbreak=outbreak)
        by_rule = found.filter(source=FindingSource.RULE)
        self.made = set(by_rule.values_list("source_key", flat=True))
        over = (FindingState.CLOSED, FindingState.DISMISSED)
        self.worked_on = set(found.exclude(state__in=over).values_list("area_code", "item"))
        self.proposed = list(by_rule.filter(state=FindingState.PROPOSED).order_by("pk"))

    def key(self, area_code: str, measure: str) -> str:
        return f"finding:rule:{self.outbreak.pk}:{area_code}:{measure}:{self.period}"

    def covers(self, area_code: str, measure: str) -> bool:
        """Tell whether a finding of an area, or of one that holds it, says it already, or said it in this period."""
        held = (area_code[:digits] for digits in HOLDING)
        return any((one, measure) in self.worked_on or self.key(one, measure) in self.made for one in held)

    def within(self, group: gathering.Group) -> list[Finding]:
        """List the proposals that a wider one takes the place of."""
        return [
            one
            for one in self.proposed
            if one.item == group.measure.key
            and one.area_code.startswith(group.area_code)
            and len(one.area_code) > len(group.area_code)
        ]


def _behind(
    outbreak: Outbreak, scored: gathering.Scored, known: _Known, lines: Lines, now: datetime
) -> Iterator[gathering.Group]:
    for area, measure, score in scored:
        if known.covers(area, measure.key):
            continue
        said = _below(score, lines) or _missed(outbreak, area, measure, score, lines, now)
        if said:
            yield gathering.Group(area, measure, {area: said})


def _below(score: Score, lines: Lines) -> dict[str, object]:
    return {"rule": "share_kept", "line": lines.share_kept} if gathering.below_line(score, lines) else {}


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


def _counted(scored: gathering.Scored, found: Finding, lines: Lines) -> dict[str, object]:
    return gathering.counted(scored, found.area_code, found.item, lines)


def _proposal(
    outbreak: Outbreak, group: gathering.Group, scored: gathering.Scored, lines: Lines, now: datetime
) -> Finding:
    said, measure = gathering.rule_of(group), group.measure
    seen = findings.Seen(
        what=measure.word.zh, area_code=group.area_code, stage=measure.stage,
        severity=Gravity.MAJOR if said["rule"] == "missed" else Gravity.MINOR, item=measure.key,
    )  # fmt: skip
    made = findings.compose(seen, source=FindingSource.RULE, state=FindingState.PROPOSED, now=now, outbreak=outbreak)
    counted = _counted(scored, made, lines)
    made.evidence = {"measure": measure.key, "proposed": counted, **said}
    findings.follow(made, counted, now=now)
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
    return len(made) + propose_for_findings(outbreak, now=now)


def propose_for_findings(outbreak: Outbreak | None, *, now: datetime) -> int:
    """Propose a reward for each resident's lead whose finding was closed; without an outbreak, of routine times."""
    leads = Complaint.objects.filter(
        kind=ComplaintKind.LEAD, finding__state=FindingState.CLOSED, finding__closed_at__lte=now, rewards__isnull=True,
        finding__outbreak=outbreak,
    )  # fmt: skip
    made = [
        _reward(area_code=one.area_code, now=now, evidence={"finding": one.finding.number}, complaint=one)
        for one in leads.select_related("finding").order_by("pk")
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

"""Grade whole counties by their cases: the county classes of 2020, and whatever edition keeps them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sizao.engines.zone_clocks import n_cases, parts
from sizao.engines.zone_scheme import CountyRule, Proposal, Reason, RiskTie, Scheme
from sizao.terms import AREA_DIGITS, AreaLevel, ZoneLevel, ZoneReason

COUNTY_DIGITS = AREA_DIGITS[AreaLevel.COUNTY]


def graded_counties(known: Sequence[RiskTie], as_of: date, rule: CountyRule, scheme: Scheme) -> list[Proposal]:
    """Propose the counties that the rule grades as a whole. `known` is in order of the day found."""
    homes: dict[str, list[RiskTie]] = defaultdict(list)
    for tie in known:
        if tie.lives_there and len(tie.area_code) >= COUNTY_DIGITS:
            homes[tie.area_code[:COUNTY_DIGITS]].append(tie)
    graded = [_graded(code, mine, as_of, rule, scheme) for code, mine in sorted(homes.items())]
    return [proposal for proposal in graded if proposal is not None]


def _graded(code: str, homes: Sequence[RiskTie], as_of: date, rule: CountyRule, scheme: Scheme) -> Proposal | None:
    level = _county_level(homes, as_of, rule, scheme)
    if level is None:
        return None
    cluster = _latest_cluster(homes, as_of, rule, scheme)
    steps = _cluster_ends(homes, rule, scheme) if cluster else None
    ends = homes[-1].found_date + timedelta(days=scheme.lift_days[rule.without_cluster] + 1)
    ends = max(ends, steps or ends)
    return Proposal(
        code, AreaLevel.COUNTY, level, _county_since(homes, as_of, level, rule, scheme),
        homes[-1].found_date, steps if steps != ends else None, ends,
        _county_reasons(code, homes, cluster, rule), parts(homes, scheme, ends),
    )  # fmt: skip


def _county_level(homes: Sequence[RiskTie], day: date, rule: CountyRule, scheme: Scheme) -> ZoneLevel | None:
    until = [tie for tie in homes if tie.found_date <= day]
    if n_cases([tie for tie in until if tie.counted]) <= rule.more_than_cases:
        return None
    if _latest_cluster(until, day, rule, scheme) is not None:
        return rule.with_cluster
    clear_days = (day - until[-1].found_date).days
    return rule.without_cluster if clear_days <= scheme.lift_days[rule.without_cluster] else None


def _latest_cluster(homes: Sequence[RiskTie], day: date, rule: CountyRule, scheme: Scheme) -> list[RiskTie] | None:
    """The largest recent group of cases in one smallest unit, if it is a cluster."""
    recent: dict[str, dict[int, RiskTie]] = defaultdict(dict)
    for tie in homes:
        if 0 <= (day - tie.found_date).days < rule.cluster_days and len(tie.area_code) >= scheme.unit_digits:
            recent[tie.area_code[: scheme.unit_digits]].setdefault(tie.case, tie)
    if not recent:
        return None
    largest = max(sorted(recent), key=lambda code: len(recent[code]))
    return list(recent[largest].values()) if len(recent[largest]) >= rule.cluster_cases else None


def _cluster_ends(homes: Sequence[RiskTie], rule: CountyRule, scheme: Scheme) -> date:
    """The first day on which no cluster is recent any more, if nothing new is found."""
    day = homes[-1].found_date
    while _latest_cluster(homes, day, rule, scheme) is not None:
        day += timedelta(days=1)
    return day


def _county_since(homes: Sequence[RiskTie], as_of: date, level: ZoneLevel, rule: CountyRule, scheme: Scheme) -> date:
    day = as_of
    while day > homes[0].found_date:
        before = day - timedelta(days=1)
        if _county_level(homes, before, rule, scheme) != level:
            break
        day = before
    return day


def _county_reasons(
    code: str, homes: Sequence[RiskTie], cluster: Sequence[RiskTie] | None, rule: CountyRule
) -> tuple[Reason, ...]:
    counted = [tie for tie in homes if tie.counted]
    reasons = [
        Reason(
            ZoneReason.MANY_CASES, n_cases(counted), counted[0].found_date, counted[-1].found_date, code,
            rule.more_than_cases,
        )
    ]  # fmt: skip
    if cluster:
        first, last = cluster[0], cluster[-1]
        reasons.append(
            Reason(
                ZoneReason.CLUSTER, len(cluster), first.found_date, last.found_date, first.area_code,
                rule.cluster_cases,
            )
        )  # fmt: skip
    return tuple(reasons)

"""Ringing: stories become alerts; an alert grows with its story, and alerts that tell one story become one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, Q
from django.utils import timezone

from sizao.engines.detection.ranking import Leads, ranked
from sizao.engines.detection.trigger import Story
from sizao.protocol import basis, deadline
from sizao.protocol.triggers import Trigger
from sizao.records import journal
from sizao.records.models import Alert, AlertChange, Outbreak
from sizao.response.clocks import AWAITS
from sizao.response.signals import told
from sizao.response.signals.hearing import SETTLED, Hearing, hear_stories
from sizao.response.signals.judging import Judging
from sizao.response.signals.scope import alerts_of, rehearsed
from sizao.terms import AlertState

TRUE = (AlertState.CONFIRMED, AlertState.ESCALATED)


def ring(outbreak: Outbreak | None, judging: Judging, *, now: datetime) -> int:
    """Open, extend and merge alerts by what the streams tell at a moment; return how many changed."""
    hearing = hear_stories(outbreak, judging, now=now)
    if not hearing.stories:
        return 0
    bells = _Bells(outbreak, judging, hearing, now)
    scored = {_key(story): score.total for story, score in ranked(hearing.stories, leads(outbreak))}
    for story in hearing.stories:
        bells.tell(story, scored[_key(story)])
    return bells.write()


def leads(outbreak: Outbreak | None) -> dict[str, Leads]:
    """Say of each rule how many of its alerts were settled, and how many of these were true."""
    settled = alerts_of(outbreak).exclude(state__in=(AlertState.OPEN, AlertState.VERIFYING))
    # What was escalated and then closed was true; closed without that, it was not.
    true = Q(state__in=TRUE) | Q(state=AlertState.CLOSED, signal__isnull=False)
    rows = settled.values("rule").annotate(n=Count("pk"), n_true=Count("pk", filter=true)).order_by("rule")
    return {row["rule"]: Leads(settled=row["n"], true=row["n_true"]) for row in rows}


def _key(story: Story) -> tuple[object, ...]:
    return story.area, story.first_day, story.alarms[0].stream


@dataclass
class _Bells:
    """The alerts of one moment: what stands, what is new, what grew and what became part of another."""

    outbreak: Outbreak | None
    judging: Judging
    hearing: Hearing
    now: datetime
    standing: list[Alert] = field(default_factory=list)
    fresh: list[Alert] = field(default_factory=list)
    grown: dict[int, tuple[Alert, list[dict[str, Any]]]] = field(default_factory=dict)
    merged: list[Alert] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = alerts_of(self.outbreak).filter(
            merged_into=None, last_date__gte=self.hearing.first_date, opened_at__lte=self.now
        )
        self.standing = list(rows.exclude(state__in=SETTLED).select_for_update(of=["self"]).order_by("pk"))

    def tell(self, story: Story, score: float) -> None:
        """Find the alert that a story belongs to, or open one; other alerts of it that nobody works on join it."""
        made_up = self.hearing.is_generated(story)
        same = [one for one in self.standing if _is_same(one, story) and _is_generated(one) == made_up]
        wider = [alert for alert in same if story.area.startswith(alert.area_code)]
        if wider:
            keeper = min(wider, key=lambda alert: (len(alert.area_code), alert.pk))
            self._grow(keeper, story, score)
        else:
            keeper = self._opened(story, score)
        for other in same:
            if other is not keeper and other.state == AlertState.OPEN and other.area_code.startswith(keeper.area_code):
                self._join(keeper, other)

    def _join(self, keeper: Alert, other: Alert) -> None:
        other.merged_into, other.settled_at = keeper, self.now
        self.merged.append(other)
        self.standing.remove(other)
        self._add(keeper, other.reasons)

    def _opened(self, story: Story, score: float) -> Alert:
        rule = self._main_rule(story)
        due_at, cited = self._clock(story, self.now)
        alert = Alert(
            outbreak=self.outbreak if rehearsed(self.outbreak) else None,
            area_code=story.area,
            rule=rule.key,
            state=AlertState.OPEN,
            first_date=story.first_day,
            last_date=story.last_day,
            score=score,
            p_value=_number(story.p_value),
            reasons=self._reasons(story),
            basis=cited,
            opened_at=self.now,
            due_at=due_at,
            source_key=self._source_key(story, rule),
        )
        self.fresh.append(alert)
        return alert

    def _grow(self, alert: Alert, story: Story, score: float) -> None:
        if not self._add(alert, self._reasons(story)):
            return
        alert.first_date = min(alert.first_date, story.first_day)
        alert.last_date = max(alert.last_date, story.last_day)
        alert.score, alert.p_value = score, _number(story.p_value)
        due_at, cited = self._clock(story, self.now)
        # A rule with a shorter clock has joined an alert that nobody has answered.
        if alert.answered_at is None and due_at and (alert.due_at is None or due_at < alert.due_at):
            alert.due_at, alert.basis, alert.rule = due_at, cited, self._main_rule(story).key

    def _add(self, alert: Alert, reasons: list[dict[str, Any]]) -> bool:
        """Put the reasons that an alert does not have yet to those it has; tell whether there were any."""
        known = {(one["date"], one["stream"]): one for one in alert.reasons}
        news = [one for one in reasons if known.get((one["date"], one["stream"])) != one]
        if news:
            alert.reasons = told.joined(alert.reasons, news)
        if news and alert.pk is not None:  # one that is not written yet is written whole
            _, before = self.grown.get(alert.pk, (alert, []))
            self.grown[alert.pk] = (alert, told.joined(before, news))
        return bool(news)

    def write(self) -> int:
        """Write all of it, each kind of row in one statement; return how many alerts changed."""
        Alert.objects.bulk_create(self.fresh)
        grown = [self.grown[pk] for pk in sorted(self.grown)]
        columns = ["reasons", "first_date", "last_date", "score", "p_value", "due_at", "basis", "rule"]
        Alert.objects.bulk_update([alert for alert, _ in grown], columns)
        Alert.objects.bulk_update(self.merged, ["merged_into", "settled_at"])
        keep_changes([*((one, one.reasons) for one in self.fresh), *grown], by=journal.SYSTEM, now=self.now)
        lines = [journal.line("alert.opened", one, by=None, at=self.now, rule=one.rule) for one in self.fresh]
        lines += [journal.line("alert.grew", one, by=None, at=self.now, alarms=len(news)) for one, news in grown]
        lines += [journal.line("alert.merged", one, by=None, at=self.now) for one in self.merged]
        journal.write_many(lines)
        return len(lines)

    def _reasons(self, story: Story) -> list[dict[str, Any]]:
        streams, alarms = self.hearing.streams, self.hearing.alarms
        return told.joined(
            told.entry(streams[said.stream], alarms[said.stream, said.day]) for said in story.alarms
        )  # fmt: skip

    def _triggers(self, story: Story) -> list[Trigger]:
        return [self.hearing.triggers[key] for key in story.rules]

    def _main_rule(self, story: Story) -> Trigger:
        """Of several rules the one that asks for the quickest answer gives the alert its name."""
        return min(self._triggers(story), key=lambda rule: (rule.clock.whole if rule.clock else np.inf, rule.key))

    def _clock(self, story: Story, start: datetime) -> tuple[datetime | None, list[dict[str, Any]]]:
        """Say until when somebody must answer, by the shortest clock that may be used, and cite all rules."""
        rules = self._triggers(story)
        cited = [basis.entry(rule.value, gives="alert") for rule in rules]
        return clock_of(rules, self.judging, story.area, start, cited)

    def _source_key(self, story: Story, rule: Trigger) -> str:
        owner = self.outbreak.slug if self.outbreak is not None and rehearsed(self.outbreak) else "real"
        mark = ":generated" if self.hearing.is_generated(story) else ""
        base = f"alert:{owner}{mark}:{rule.key}:{story.area}:{story.first_day}"
        taken = alerts_of(self.outbreak).filter(source_key__startswith=base).count()
        return f"{base}:{taken}" if taken else base


def clock_of(
    rules: Sequence[Trigger], judging: Judging, area_code: str, start: datetime, cited: list[dict[str, Any]]
) -> tuple[datetime | None, list[dict[str, Any]]]:
    """Start the shortest clock of rules that may be used in an area; one that waits for confirmation is named so."""
    clocks = sorted((rule.clock for rule in rules if rule.clock), key=lambda value: (value.whole, value.key))
    usable = [value for value in clocks if judging.may_use(value, area_code)]
    if usable:
        total = deadline(timezone.localtime(start), usable[0])
        return total.result, [*cited, basis.entry(usable[0], total, gives="due_at")]
    return None, [*cited, *(basis.entry(value, gives=AWAITS) for value in clocks)]


def keep_changes(changes: Iterable[tuple[Alert, list[dict[str, Any]]]], *, by: str, now: datetime) -> None:
    """Keep how alerts stand from this moment on, each with the reasons that are new."""
    rows = list(changes)
    before = dict(
        AlertChange.objects.filter(alert__in=[alert.pk for alert, _ in rows])
        .values_list("alert")
        .annotate(n=Count("pk"))
        .order_by("alert")
    )
    AlertChange.objects.bulk_create(
        AlertChange(
            alert=alert,
            state=alert.state,
            last_date=alert.last_date,
            score=alert.score,
            reasons=news,
            note=alert.note,
            at=now,
            by=by,
            source_key=f"{alert.source_key}:{before.get(alert.pk, 0) + 1}"[:200],
        )
        for alert, news in rows
    )


def _is_same(alert: Alert, story: Story) -> bool:
    near = story.area.startswith(alert.area_code) or alert.area_code.startswith(story.area)
    return near and alert.first_date <= story.last_day and story.first_day <= alert.last_date


def _is_generated(alert: Alert) -> bool:
    return bool(alert.reasons) and all(one["is_generated"] for one in alert.reasons)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

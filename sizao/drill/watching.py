"""
The streams of a replay: positive results as the reports tell them, and beside them what a model made up.

The laboratory of a county begins to speak with its first positive. Its count of a day is of first positives that
became known on that day; days of which the reports tell no positive are not said to be zero, since nobody said so.
Each alert of a laboratory is made a hint at once, as it was in January 2021: the positive was known to be one.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sizao.drill.feed import Feed
from sizao.drill.made_up_streams import Found, MadeUpStream, made_up_streams
from sizao.drill.scenario import Scenario
from sizao.records.models import Outbreak, Signal, Stream
from sizao.response import signals
from sizao.response.signals import Said, StreamEntry
from sizao.terms import AREA_DIGITS, AlertState, AreaLevel, StreamKind

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]


class Watching:
    """Lets the streams of one replay speak, day by day."""

    def __init__(self, scenario: Scenario, outbreak: Outbreak, facts: Feed, source: str) -> None:
        self.scenario, self.outbreak, self.source = scenario, outbreak, source
        self.found: Found = _found_by_county(facts)
        self.made_up: list[MadeUpStream] = made_up_streams(scenario, self.found)
        self.names = scenario.area_names()
        self.opened: list[Stream] = []

    def speak(self, day: date, now: datetime) -> None:
        """Let all streams say their count of a day, and let the rules ring; the first day brings the history along."""
        if day == self.scenario.first_date:
            self._bring_history(now)
        said = [*self._positives(day, now), *self._made_up(day, now)]
        signals.hear(outbreak=self.outbreak, said=said, by=None, now=now)
        signals.advance(outbreak=self.outbreak, now=now)

    def decide(self, received: Sequence[Signal], now: datetime) -> None:
        """Make the alerts of laboratories hints of the outbreak: the first that was received in each county."""
        first: dict[str, Signal] = {}
        for signal in received:
            first.setdefault(signal.area_code[:COUNTY], signal)
        waiting = signals.alerts_at(self.outbreak, self.scenario.area_code, as_of=now, states=[AlertState.OPEN])
        for one in sorted(waiting, key=lambda one: one.alert.pk):
            if not one.is_generated and one.area_code in first:
                hint = first[one.area_code]
                signals.escalate_alert(
                    alert=one.alert, into=self.outbreak, signal=hint, by=None, now=now, note=self.source
                )  # fmt: skip

    def _positives(self, day: date, now: datetime) -> list[Said]:
        counted = {county: number for (county, known), number in sorted(self.found.items()) if known == day}
        entries = [self._laboratory(county) for county in counted]
        streams = signals.open_streams(outbreak=self.outbreak, entries=entries, by=None, now=now)
        return [Said(stream, day, counted[stream.area_code]) for stream in streams]

    def _laboratory(self, county: str) -> StreamEntry:
        return StreamEntry(
            source_key=f"laboratory:{self.scenario.slug}:{county}",
            kind=StreamKind.LABORATORY,
            area_code=county,
            name=f"{self.names.get(county, county)}首次阳性",
            source=self.source,
            first_date=self.scenario.first_date,
        )

    def _bring_history(self, now: datetime) -> None:
        """Let the made-up streams say what lies before the outbreak, each day at its end."""
        before = sorted({day for one in self.made_up for day in one.counts if day < self.scenario.first_date})
        for day in before:
            at = now - timedelta(days=(self.scenario.first_date - day).days)
            signals.hear(outbreak=self.outbreak, said=self._made_up(day, at), by=None, now=at)

    def _made_up(self, day: date, now: datetime) -> list[Said]:
        return [Said(stream, day, one.counts[day]) for stream, one in self._made_up_streams(now)]

    def _made_up_streams(self, now: datetime) -> list[tuple[Stream, MadeUpStream]]:
        if not self.opened:
            entries = [one.entry for one in self.made_up]
            self.opened = signals.open_streams(outbreak=self.outbreak, entries=entries, by=None, now=now)
        return list(zip(self.opened, self.made_up, strict=True))


def _found_by_county(facts: Feed) -> Found:
    """Count first positives by county and day on which they became known; a home no finer than a city is in none."""
    homes = ((facts.homes[fact.report_id], day) for day, known in facts.days.items() for fact in known.found)
    return Counter((home[:COUNTY], day) for home, day in homes if len(home) >= COUNTY)

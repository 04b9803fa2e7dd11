"""
What the people of a drill tell when somebody asks: true as far as they remember, no more.

An officer learns of the city only through here and through what its sources send (`doors`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

import numpy as np

from sizao.drill.rehearsal.city_life import LOOKBACK_DAYS, CityLife
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.drill.rehearsal.venues import event_kind, place_entry
from sizao.engines.simulation import rng
from sizao.engines.simulation.rng import Ints
from sizao.errors import SizaoError
from sizao.records.models import Case, Outbreak, Person, Trace, TraceMatch
from sizao.response import cases, register
from sizao.response.tracing import tokens
from sizao.terms import Layer


@dataclass(frozen=True, slots=True)
class Interview:
    """What one case told: onset and places, and whom it met and when last."""

    investigation: cases.Investigation
    contacts: tuple[tuple[Person, date], ...]


class Refused(TypedDict):
    """How often the platform refused something for one reason, and what it said the first time."""

    times: int
    said: str


class Asking:
    """The people of a drill as officers meet them; keeps what the platform refused to its officers."""

    def __init__(self, rehearsal: Rehearsal, outbreak: Outbreak, life: CityLife) -> None:
        self.rehearsal, self.outbreak, self.life = rehearsal, outbreak, life
        self.refused: dict[str, Refused] = {}

    def note(self, refusal: SizaoError) -> None:
        """Keep what the platform refused, for the journal of the day and the report of the drill."""
        before = self.refused.get(refusal.code)
        self.refused[refusal.code] = {
            "times": before["times"] + 1 if before else 1,
            "said": before["said"] if before else str(refusal),
        }

    def taken(self) -> dict[str, Refused]:
        """Give what was refused since the last time, by its code, and begin anew."""
        refused, self.refused = self.refused, {}
        return refused

    def interview(self, case: Case, now: datetime) -> Interview:
        """Ask a case: when it fell ill, where it was in the last days, with whom it lives and works."""
        person = self.life.person(case.person.number)
        today = self.life.day_of(now)
        onset = self.life.onset_day(person)
        known = onset if onset is not None and onset <= today else None
        return Interview(
            cases.Investigation(
                case=case,
                onset_date=None if known is None else self.rehearsal.date_of(known),
                visits=self._visits(case, person, today),
            ),
            tuple(self._named(person, today, now)),
        )

    def has_symptoms(self, case: Case, now: datetime) -> bool:
        """See whether a case is ill by now."""
        onset = self.life.onset_day(self.life.person(case.person.number))
        return onset is not None and onset <= self.life.day_of(now)

    def _visits(self, case: Case, person: int, today: int) -> list[cases.VisitEntry]:
        told = self.life.visits(np.array([person]), np.arange(today - LOOKBACK_DAYS, today))
        keep = self._remembers(person, np.arange(len(told)))
        places = {int(one): place_entry(self.life, int(one)) for one in told.place[keep]}
        at = register.register_places(places.values(), by=None, now=self.life.moment(today))
        entries = []
        for row in np.flatnonzero(keep).tolist():
            started, ended = (self.life.instant(int(column[row])) for column in (told.start, told.end))
            entry = places[int(told.place[row])]
            day = self.outbreak.day_of(started)
            entries.append(
                cases.VisitEntry(
                    kind=event_kind(entry.kind),
                    first_date=day,
                    last_date=day,
                    source_key=f"visit:{case.number}:{told.start[row]}",
                    place=at[entry.source_key],
                    place_kind=entry.kind,
                    area_code=entry.area_code,
                    started_at=started,
                    ended_at=ended,
                )
            )
        return entries

    def _named(self, person: int, today: int, now: datetime) -> list[tuple[Person, date]]:
        """Name the household, and those of class or team that come to mind, with the last day together."""
        home = self.life.household(person)
        group = self.life.group(person)
        group = group[self._remembers(person, group)]
        others = np.unique(np.concatenate((home, group)))
        others = others[others != person]
        people = self.life.registered(others, now)
        last = self.rehearsal.date_of(self.life.last_free_day(person, today))
        return [(people[self.life.number(int(one))], last) for one in others]

    def _remembers(self, person: int, things: Ints) -> np.ndarray:
        drawn = rng.words(rng.stream(self.rehearsal.seed, "remembers"), np.full(len(things), person), things)
        return rng.happens(drawn, rng.thresholds(self.rehearsal.life.remembered))

    def identify(self, trace: Trace, most: int, now: datetime) -> int:
        """
        Have the carriers say who the closest companions of a trace are, and the register know them.

        Those at venues and in vehicles only: who shared a cell is invited to a test and nothing else.
        """
        found = TraceMatch.objects.filter(trace=trace, gone_at=None).exclude(layer=str(Layer.CELL))
        unknown = [one.token for one in found.order_by("-minutes", "pk")[:most] if one.person_id is None]
        carriers = self.life.carriers(tokens.key_of(self.outbreak, now=now)) if unknown else {}
        people = self.life.registered(np.array([carriers[token] for token in unknown], np.int64), now)
        return len(people)

"""
What the people of a drill tell when somebody asks: true as far as they remember, no more.

An officer learns of the city only through here and through what its sources send (`doors`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

import numpy as np

from sizao.drill.rehearsal.city_life import LOOKBACK_DAYS, CityLife
from sizao.drill.rehearsal.illness import Illness
from sizao.drill.rehearsal.occasions import is_occasion
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.drill.rehearsal.venues import event_kind, place_entry
from sizao.engines.simulation import rng
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.slots import DAY_SECONDS
from sizao.errors import SizaoError
from sizao.records.models import Case, Outbreak, Person, Trace, TraceMatch
from sizao.response import cases, register
from sizao.response.tracing import tokens
from sizao.terms import Layer

INFECTIOUS_BEFORE = 2  # days before onset from which a case is asked whom it met


@dataclass(frozen=True, slots=True)
class Interview:
    """What one case told: onset and places, and whom it met and when last."""

    investigation: cases.Investigation
    contacts: tuple[tuple[Person, date], ...]


class Refused(TypedDict):
    """How often the platform refused something for one reason, and the sentence it says then, with its gaps."""

    times: int
    said: str


class Asking:
    """The people of a drill as officers meet them; keeps what the platform refused to its officers."""

    def __init__(self, rehearsal: Rehearsal, outbreak: Outbreak, life: CityLife) -> None:
        self.rehearsal, self.outbreak, self.life = rehearsal, outbreak, life
        self.illness = Illness(life)
        self.refused: dict[str, Refused] = {}

    def note(self, refusal: SizaoError) -> None:
        """Keep what the platform refused, for the journal of the day and the report of the drill."""
        before = self.refused.get(refusal.code)
        self.refused[refusal.code] = {
            "times": before["times"] + 1 if before else 1,
            "said": refusal.message,
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
        return self.is_ill(case.person, now)

    def is_ill(self, person: Person, now: datetime) -> bool:
        """See whether somebody has fallen ill by now."""
        onset = self.life.onset_day(self.life.person(person.number))
        return onset is not None and onset <= self.life.day_of(now)

    def is_severe(self, person: Person, now: datetime) -> bool:
        """See whether somebody is severely ill by now."""
        return self.illness.is_severe(self.life.person(person.number), self.life.day_of(now))

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
        """Name the household, and those of class, team and gatherings that come to mind, with the last day together."""
        free = self.life.last_free_day(person, today)
        known = {int(one): free for one in self.life.household(person)}
        group = self.life.group(person)
        known |= {int(one): free for one in group[self._remembers(person, group)]}
        guests = self._gathered_with(person, today)
        came_to_mind = self._remembers(person, np.fromiter(guests, np.int64, len(guests)))
        for keep, (one, day) in zip(came_to_mind, guests.items(), strict=True):
            if keep:
                known.setdefault(one, day)
        known.pop(person)
        people = self.life.registered(np.array(sorted(known), np.int64), now)
        return [(people[self.life.number(one)], self.rehearsal.date_of(day)) for one, day in sorted(known.items())]

    def _gathered_with(self, person: int, today: int) -> dict[int, int]:
        """Give whom a case met at gatherings, and the last day, from two days before its onset (or before now) on."""
        onset = self.life.onset_day(person)
        since = min(today, today if onset is None else onset) - INFECTIOUS_BEFORE
        met = self.life.companions(np.array([person]), since, today - 1)
        days = met.start // DAY_SECONDS - self.life.lead
        return {
            one: day
            for one, day, place in zip(met.person.tolist(), days.tolist(), met.place.tolist(), strict=True)
            if is_occasion(place)
        }

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
        if not unknown:
            return 0
        # Carriers are asked about who was at the places of the case, not about the whole city.
        case = np.array([self.life.person(trace.case.person.number)])
        first, last = (self.life.day_of(at) for at in (trace.begins_at, min(trace.ends_at, now)))
        met = self.life.companions(case, first, last).person
        carriers = self.life.tokens_of(met, tokens.key_of(self.outbreak, now=now))
        bearers = [carriers[token] for token in unknown if token in carriers]
        return len(self.life.registered(np.array(bearers, np.int64), now))

"""What several cases shared before they fell ill: from the presences, beside what their interviews say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sizao.records import access, journal
from sizao.records.models import Account, Case, Trace
from sizao.response.tracing import common_answers, presences, tokens
from sizao.response.tracing.trace_places import Spot, spots_of
from sizao.terms import ExposureScope


@dataclass(frozen=True, slots=True)
class Source:
    """
    A place, or a span of time at a place, that links cases of a trace.

    `n_cases` were there where chance would have put `expected`; `visitors` counts everybody, `p_value` is the
    chance of so many by accident and `q_value` the same for all places that were looked at. `cases` are the numbers
    that the reader may see; `elsewhere` counts the others, None where the presences are gone and nobody knows.
    """

    rank: int
    spot: Spot | None
    place: str
    scope: ExposureScope
    start: datetime
    end: datetime
    n_cases: int
    expected: float
    visitors: int
    p_value: float
    q_value: float
    cases: tuple[str, ...]
    elsewhere: int | None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The ranking of the latest answer that was known, when it was made, and the cases that were asked about."""

    sources: tuple[Source, ...]
    answered_at: datetime | None
    cases: tuple[str, ...]
    n_cases: int


def read(trace: Trace, *, by: Account, now: datetime, as_of: datetime) -> SourcePage:
    """Read what links the cases of a trace, as it had been ranked by a moment; whose cases they are is looked up."""
    answer = trace.answers.filter(answered_at__lte=as_of).order_by("-answered_at", "-pk").first()
    rows = answer.facts.get("sources", []) if answer else []
    mine = Case.objects.filter(pk__in=trace.cases, person__in=access.people(by)).select_related("person")
    numbers = {case.person_id: case.number for case in mine}
    # By the rules of the answer's own day: a later edition may ask about other days, or about nobody.
    there, spots = _looked_up(trace, answer.answered_at, [row["place"] for row in rows]) if answer else ({}, {})
    journal.write("trace.sources_read", trace, by=by, at=now, number=trace.number, rows=len(rows))
    sources = [_source(rank, row, spots, there, numbers) for rank, row in enumerate(rows, start=1)]
    return SourcePage(
        sources=tuple(sources),
        answered_at=answer.answered_at if answer else None,
        cases=tuple(sorted(numbers.values())),
        n_cases=len(trace.cases),
    )


_Key = tuple[str, str, str, str]


def _looked_up(trace: Trace, at: datetime, places: Sequence[str]) -> tuple[dict[_Key, set[int]], dict[str, Spot]]:
    """Ask the presences again who was at each source, and where the places lie; nothing where they are gone."""
    try:
        store = presences.opened(trace.outbreak)
        windows = common_answers.windows(trace, at)
    except (presences.NoPresences, tokens.TokensDestroyed):
        return {}, {}
    found = store.common_sources(
        windows,
        span_seconds=round(trace.settings["span_hours"] * 3600),
        least_seconds=round(trace.least_minutes * 60),
    )
    cases = Case.objects.filter(pk__in=trace.cases).select_related("person")
    borne = {token: case.person_id for case in cases for token in tokens.tokens_of(trace.outbreak, case.person)}
    told = zip(common_answers.ranking(found), found.column("people").to_pylist(), strict=False)
    there = {_key(row): {borne[one] for one in who if one in borne} for row, who in told}
    return there, spots_of(places, store)


def _key(row: Mapping[str, str]) -> _Key:
    return row["scope"], row["place"], row["from"], row["to"]


def _source(
    rank: int, row: Mapping, spots: Mapping[str, Spot], there: Mapping[_Key, set[int]], numbers: Mapping[int, str]
) -> Source:
    people = there.get(_key(row))
    seen = tuple(sorted(numbers[one] for one in people or () if one in numbers))
    return Source(
        rank=rank,
        spot=spots.get(row["place"]),
        place=row["place"],
        scope=ExposureScope(row["scope"]),
        start=datetime.fromisoformat(row["from"]),
        end=datetime.fromisoformat(row["to"]),
        n_cases=row["cases"],
        expected=row["expected"],
        visitors=row["visitors"],
        p_value=row["p_value"],
        q_value=row["q_value"],
        cases=seen,
        elsewhere=None if people is None else max(0, row["cases"] - len(seen)),
    )

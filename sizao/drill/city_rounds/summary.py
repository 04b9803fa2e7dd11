"""What the rounds came to, beside what was published of them; every figure is counted from the records."""

from dataclasses import dataclass

from sizao.drill.city_rounds.run import opened
from sizao.drill.city_rounds.told import Point, Told, ToldRound, read
from sizao.drill.scenario import Scenario
from sizao.records.models import SampleBox, TestingRound
from sizao.response.testing import coverage
from sizao.response.testing.coverage import Coverage
from sizao.terms import TestResult


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a round, and what was published; None where nothing was."""

    name: str
    here: int
    published: int | None = None


def figures(scenario: Scenario, *, one_in: int = 1) -> list[tuple[TestingRound, list[Figure]]]:
    """Give the figures of each round that is closed; published ones are of the whole city."""
    told = read(scenario)
    rounds = TestingRound.objects.filter(outbreak=opened(told, scenario, one_in), closed_at__isnull=False)
    return [
        (one, _figures(one, published, told, one_in=one_in))
        for one, published in zip(rounds.order_by("number"), told.rounds, strict=False)
    ]


def counted_again(testing_round: TestingRound) -> tuple[Coverage, Coverage]:
    """Give what the kept counts say of a round, and what its rows say when they are counted: slow."""
    kept = coverage.by_area(testing_round, as_of=testing_round.closed_at, digits=12)
    rows = coverage.recount(testing_round)
    if dict(kept) != dict(rows):
        # Never added up to equal sums: area by area.
        odd = sorted(area for area in kept.keys() | rows.keys() if kept.get(area) != rows.get(area))
        return kept.get(odd[0], Coverage()), rows.get(odd[0], Coverage())
    return sum(kept.values(), Coverage()), sum(rows.values(), Coverage())


def table(scenario: Scenario, *, one_in: int = 1) -> str:
    """Write the figures of both rounds as lines of text."""
    lines = []
    for one, found in figures(scenario, one_in=one_in):
        lines.append(f"{one.number} {one.name}")
        lines += [
            f"  {figure.name:44}{figure.here:>12,}"
            + (f"   published {figure.published:,}" if figure.published is not None else "")
            for figure in found
        ]
    return "\n".join(lines)


def _figures(one: TestingRound, published: ToldRound, told: Told, *, one_in: int) -> list[Figure]:
    total = coverage.total(one, as_of=one.closed_at)
    tubes = one.tubes.filter(kind="pool")
    there = one_in == 1

    def of(figure: int | None) -> int | None:
        return figure if there else None

    return [
        Figure("expected (census)", total.expected),
        Figure("sites", one.sites.count(), of(told.sites)),
        *(
            Figure(f"swabbed by {_clock(point)}", _swabbed(one, point), of(point.people))
            for point in published.collected
        ),
        *(Figure(f"read by {_clock(point)}", _read(one, point), of(point.people)) for point in published.read),
        Figure("people swabbed", total.registered + total.others, of(published.tested)),
        Figure("  of them not on the roster", total.others),
        Figure("missed", total.missed),
        Figure("  with a reason", total.explained),
        Figure("tubes of ten", tubes.count()),
        Figure("boxes", SampleBox.objects.filter(round=one, packed_at__isnull=False).count()),
        Figure("positive tubes", tubes.filter(result=str(TestResult.POSITIVE)).count()),
        Figure("called back and swabbed singly", total.recalled),
        Figure("positive", total.positive, of(published.positive)),
    ]


def _clock(point: Point) -> str:
    return f"{point.at:%Y-%m-%d %H:%M}"


def _swabbed(one: TestingRound, point: Point) -> int:
    total = coverage.total(one, as_of=point.at)
    return total.registered + total.others


def _read(one: TestingRound, point: Point) -> int:
    total = coverage.total(one, as_of=point.at)
    return total.resulted + total.to_recall

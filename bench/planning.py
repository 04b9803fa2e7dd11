"""Rounds of testing laid out at three sizes: time, gap, and a plain mixed-integer solve where that finishes."""

import os
import resource
import time

import click
import numpy as np

SIZES = ((60_000, 60, 20, 15_000.0), (1_000_000, 1_500, 200, 50_000.0), (10_000_000, 15_000, 2_000, 130_000.0))
# As many candidates as a city of ten million has; with 4 to 16 tables each (None), or all with so many.
DENSE = (10_000_000, 15_000, 13_701, 130_000.0)
DENSE_TABLES = (None, 1)
TABLE_PEOPLE, PACE, DETOUR, WALKING_KMH, LABORATORIES = 800, 150.0, 1.3, 4.0, 40


@click.command("planning")
@click.option("--plain-seconds", default=60.0, show_default=True, help="What a plain solve may take at each size.")
@click.option("--seeds", default=1, show_default=True, help="Made-up cities of each size.")
@click.option("--walking", default=0.2, show_default=True, help="What an hour of walking counts.")
@click.option("--dense", is_flag=True, help="Only ten million people with nearly a candidate for each village.")
def command(*, plain_seconds: float, seeds: int, walking: float, dense: bool) -> None:
    """
    Plan whole rounds (sites, tables, everybody, laboratories, hours) and lay the same out by one plain solve.

    Gaps are against each one's own proven bound. The plain solve gets the twelve nearest sites of each village.
    """
    print(f"load of the machine: {os.getloadavg()[0]:.1f}, cores: {os.cpu_count()}\n")
    _settle()
    for seed in range(1, seeds + 1):
        for tables in DENSE_TABLES if dense else ():
            _size(*DENSE, seed, walking, plain_seconds, tables)
        for people, villages, sites, across in () if dense else SIZES:
            _size(people, villages, sites, across, seed, walking, plain_seconds)
    print(f"\n{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB in all at the most")


def _size(
    people: int, villages: int, sites: int, across: float, seed: int, walking: float, plain: float,
    tables: int | None = None,
) -> None:  # fmt: skip
    from sizao.engines.planning.replanning import earlier, plan_again
    from sizao.engines.planning.round_plan import plan_round

    asked = _asked(people, villages, sites, across, seed, walking, tables)
    if tables is None:
        _impossible(asked)
    made, wall, cpu = _timed(lambda: plan_round(asked))
    layout = made.layout
    of_tables = f" of {tables} table" if tables else ""
    print(
        f"{people:,} people, {villages:,} villages, {sites:,} sites{of_tables}, seed {seed}: "
        f"{wall:.1f} s, {cpu:.1f} CPU s; "
        f"gap {layout.gap:.2%}; {int((layout.tables > 0).sum()):,} sites and {int(layout.tables.sum()):,} tables open; "
        f"last result after {made.course.ends_hours:g} of {asked.terms.complete_hours:g} h"
    )
    closed, again, wall_again = _closed(asked, earlier(made), plan_again, layout)
    print(f"   a site of {closed:,} people closed: {again.moved:,} moved, {wall_again:.1f} s")
    if plain:
        _beside(asked, layout, wall, plain)


def _impossible(asked) -> None:  # noqa: ANN001
    """Ask what is short with a third of the hours and of the laboratories, and when everything suffices."""
    from dataclasses import replace

    from sizao.engines.planning.necessary import short_at_least

    fewer = replace(asked.laboratories, tubes_per_hour=asked.laboratories.tubes_per_hour / 3)
    third = replace(asked, terms=replace(asked.terms, complete_hours=16), laboratories=fewer)
    found, wall, cpu = _timed(lambda: short_at_least(third))
    told = "; ".join(f"{one.resource} {one.needed:,.0f} {one.unit} needed, {one.given:,.0f} given" for one in found)
    print(f"   impossible, told at once in {wall:.2f} s, {cpu:.2f} CPU s: {told}")
    assert found
    none, wall, cpu = _timed(lambda: short_at_least(asked))
    print(f"   possible, so nothing told: {wall:.2f} s, {cpu:.2f} CPU s")
    assert not none


def _closed(asked, before, plan_again, layout):  # noqa: ANN001, ANN202
    from dataclasses import replace

    fullest = int(np.argmax(layout.site_people()))
    tables = asked.sites.tables.copy()
    tables[fullest] = 0
    changed = replace(asked, sites=replace(asked.sites, tables=tables))
    again, wall, _ = _timed(lambda: plan_again(changed, before))
    return int(layout.site_people()[fullest]), again, wall


def _beside(asked, layout, wall: float, plain: float) -> None:  # noqa: ANN001
    from sizao.engines.planning.exact import solve_whole
    from sizao.engines.planning.layout import NEAREST
    from sizao.engines.planning.reach import nearest
    from sizao.engines.planning.round_plan import question_of

    question = question_of(asked, asked.sites, TABLE_PEOPLE)
    arcs = nearest(
        question.villages, question.sites, hours_per_metre=question.hours_per_metre, most=NEAREST, metres=None
    )
    found, seconds, _ = _timed(lambda: solve_whole(arcs, question.people, question.costs, seconds=plain))
    if found is None:
        print(f"   plain HiGHS: no layout within {seconds:.0f} s, {seconds / wall:.1f} times as long as the whole plan")
        return
    at_site = np.bincount(arcs.site, found.people, len(question.costs.most))
    tables = -(-at_site.astype(np.int64) // TABLE_PEOPLE)
    cost = arcs.cost @ found.people + question.costs.site * (tables > 0).sum() + question.costs.table * tables.sum()
    gap = f"gap {cost / found.bound - 1:.2%}" if found.bound > 0 else "no bound"
    print(
        f"   plain HiGHS: {seconds:.1f} s, {seconds / wall:.1f} times as long; {gap}; "
        f"costs {cost / layout.cost:.4f} times ours"
    )


def _timed(work):  # noqa: ANN001, ANN202
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def _asked(  # noqa: ANN202
    people: int, villages: int, sites: int, across: float, seed: int, walking: float, each: int | None = None
):
    from sizao.engines.planning.round_inputs import Costs, Laboratories, Means, RoundQuestion, Sites, Terms, Villages
    from tests.engines.planning.made_up import places

    counts, at, where, tables = places(people=people, villages=villages, sites=sites, seed=seed, across_m=across)
    tables = tables if each is None else np.full(sites, each)
    beside = np.random.default_rng(seed).choice(villages, min(LABORATORIES, sites // 10))
    # Together they take the tubes of the round in some 35 hours.
    rate = np.full(len(beside), people / 10 / 35 / len(beside))
    laboratories = Laboratories(rate, np.full(len(beside), 6.0), at[beside])
    terms = Terms(complete_hours=48, pool_size=10, people_per_table_hour=PACE, table_people=TABLE_PEOPLE, carry_hours=4,
                  detour=DETOUR, walking_kmh=WALKING_KMH)  # fmt: skip
    return RoundQuestion(
        Villages(counts, at), Sites(tables, where), laboratories, terms, Means(), Costs(walking=walking)
    )


def _settle() -> None:
    """Compile, or load what was compiled."""
    from sizao.engines.planning.round_plan import plan_round

    plan_round(_asked(5_000, 20, 10, 5_000.0, 1, 0.2))

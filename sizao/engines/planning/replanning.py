"""
A plan made anew after something changed (a site closed, a laboratory down, more people), that moves as little as
possible.

People stay where the earlier plan sent them, tubes with their laboratory, sites open with their tables, unless the
change takes the place away. Only then are they sent to the nearest room, and only where that is not enough does a new
site open.
"""

from dataclasses import dataclass, replace

import numpy as np

from sizao.engines.planning.delivery import Kept, trips
from sizao.engines.planning.layout import Layout, Question
from sizao.engines.planning.reach import Arcs, Bools, nearest
from sizao.engines.planning.round_inputs import RoundQuestion, Sites
from sizao.engines.planning.round_plan import RoundPlan, finished, question_of, table_people
from sizao.engines.planning.shortages import joined, of_laboratories, of_layout, of_means, of_rules, of_time
from sizao.engines.planning.transport import least_cost, whole
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.errors import SizaoError

# What a change counts, in hours a person or tube: more than any walk or trip, less than being left without a place.
MOVING = 100.0
OPENING = 1_000.0
# Sites looked at by village: those whose sites are gone look farther than a fresh layout does.
MOST_NEAR = 48


class EarlierPlanUnknown(SizaoError):
    code = "planning.earlier_plan_unknown"
    message = "The earlier plan names {what} {row}, and there are {have}. Give the plan of this round."


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    An earlier plan in rows of the new question: people from village to site, tables by site, tubes from site to
    laboratory.
    """

    village: Ints
    site: Ints
    people: Ints
    tables: Ints
    from_site: Ints
    laboratory: Ints
    tubes: Ints


def earlier(plan: RoundPlan) -> Earlier:
    """Take a plan as the earlier one of a question with the same rows."""
    layout, delivery = plan.layout, plan.delivery
    return Earlier(layout.arcs.village, layout.arcs.site, layout.people, layout.tables,
                   delivery.trips.village, delivery.trips.site, delivery.tubes)  # fmt: skip


def plan_again(asked: RoundQuestion, before: Earlier) -> RoundPlan:
    """
    Plan a changed round so that as few people as possible have to go elsewhere than they were told.

    `moved` of the plan counts them. It has no bound: a new layout might cost less, but would send people elsewhere.
    Raise EarlierPlanUnknown.
    """
    _check(asked, before)
    pairs = trips(asked.sites.at, asked.laboratories, asked.terms)
    reached = np.zeros(len(asked.sites.at), np.bool_)
    reached[pairs.village] = True
    sites = Sites(np.where(reached, asked.sites.tables, 0), asked.sites.at)
    hours = asked.terms.complete_hours
    of_table = table_people(asked, pairs, hours)
    layout, moved = _kept_layout(asked, sites, before, of_table)
    kept = Kept(_amounts(pairs, before.from_site, before.laboratory, before.tubes), MOVING)
    made = finished(asked, layout, pairs, hours, kept)
    short = [*of_rules(asked, sites, pairs), *of_layout(asked, sites, layout, of_table)]
    short += [
        *of_laboratories(asked, made.delivery),
        *of_means(asked, layout, made.tubes),
        *of_time(asked, made.course),
    ]
    return replace(made, shortages=joined(short), moved=moved)


def _check(asked: RoundQuestion, before: Earlier) -> None:
    for what, rows, have in (
        ("village", before.village, len(asked.villages.people)),
        ("site", before.site, len(asked.sites.tables)),
        ("site", before.from_site, len(asked.sites.tables)),
        ("laboratory", before.laboratory, len(asked.laboratories.tubes_per_hour)),
    ):
        if len(rows) and int(rows.max()) >= have:
            raise EarlierPlanUnknown(what=what, row=int(rows.max()) + 1, have=have)


def _kept_layout(asked: RoundQuestion, sites: Sites, before: Earlier, of_table: int) -> tuple[Layout, int]:
    question = question_of(asked, sites, of_table)
    people, costs = asked.villages.people, question.costs
    free = _touched(people, costs.most, before)
    arcs, amounts, home = _resent(question, before, free)
    if home.any() and not free.all():
        # Those who were touched alone do not fit; others have to make room.
        arcs, amounts, home = _resent(question, before, np.ones(len(people), np.bool_))
    at_site = np.bincount(arcs.site, amounts, len(sites.tables)).astype(np.int64)
    kept_tables = np.minimum(before.tables, sites.tables)
    tables = np.where(at_site > 0, np.maximum(-(-at_site // costs.table_people), kept_tables), 0)
    cost = float(arcs.cost @ amounts) + costs.site * int((tables > 0).sum()) + costs.table * int(tables.sum())
    stayed = np.minimum(amounts, _amounts(arcs, before.village, before.site, before.people)).sum()
    # Newcomers were told nothing yet, so nobody moves them; who has left the list does not move either.
    told = np.minimum(np.bincount(before.village, before.people, len(people)), people).sum()
    return Layout(arcs, amounts, tables, home, cost, 0.0), max(0, int(told - home.sum() - stayed))


def _touched(people: Ints, most: Ints, before: Earlier) -> Bools:
    """
    Find the villages that the change touches: their number changed, or a site of theirs no longer has room for all.
    """
    sent = np.bincount(before.village, before.people, len(people))
    over = np.bincount(before.site, before.people, len(most)) > most
    touched: Bools = sent != people
    touched[before.village[over[before.site] & (before.people > 0)]] = True
    return touched


def _resent(question: Question, before: Earlier, free: Bools) -> tuple[Arcs, Ints, Ints]:
    """Send the people of free villages anew, all others as before; give arcs, people on each, people without room."""
    fixed = ~free[before.village] & (before.people > 0)
    away = np.hypot(*(question.villages[before.village] - question.sites[before.site]).T)
    old = Arcs(before.village, before.site, away, away * question.hours_per_metre)
    room = question.costs.most - np.bincount(before.site[fixed], before.people[fixed], len(question.costs.most))
    rows = np.flatnonzero(free)
    home = np.zeros(len(question.people), np.int64)
    if not len(rows):
        return old.of(fixed), before.people[fixed], home
    arcs = _arcs(question, old.of(~fixed), rows, before.tables > 0)
    stays = _amounts(arcs, before.village, before.site, before.people)
    opening = np.where(before.tables[arcs.site] > 0, 0.0, OPENING)
    twice = arcs.dearer(MOVING + opening).and_also(arcs)
    limits = np.concatenate((np.full(len(arcs), np.inf), stays))
    rank = np.cumsum(free) - 1
    of_free = Arcs(rank[twice.village], twice.site, twice.metres, twice.cost)
    flows = least_cost(of_free, question.people[rows].astype(np.float64), room.astype(np.float64), limits=limits)
    home[rows] = np.round(flows.at_home).astype(np.int64)
    amounts = whole(of_free, flows.amounts, question.people[rows] - home[rows])
    amounts = amounts[: len(arcs)] + amounts[len(arcs) :]
    used = amounts > 0
    return old.of(fixed).and_also(arcs.of(used)), np.concatenate((before.people[fixed], amounts[used])), home


def _arcs(question: Question, old: Arcs, rows: Ints, were_open: Bools) -> Arcs:
    """Join the arcs of the earlier plan, the nearest sites that were open and still are, and the nearest of all."""
    usable = question.costs.most > 0
    parts = [_nearest_of(question, rows, np.flatnonzero(which)) for which in (were_open & usable, usable)]
    joined_parts = old.of(usable[old.site]).and_also(parts[0]).and_also(parts[1])
    _, first = np.unique(joined_parts.village * len(usable) + joined_parts.site, return_index=True)
    return joined_parts.of(first)


def _nearest_of(question: Question, rows: Ints, sites: Ints) -> Arcs:
    if not len(sites):
        none = np.zeros(0, np.int64)
        return Arcs(none, none, np.zeros(0), np.zeros(0))
    found = nearest(question.villages[rows], question.sites[sites], hours_per_metre=question.hours_per_metre,
                    most=MOST_NEAR, metres=question.metres)  # fmt: skip
    return Arcs(rows[found.village], sites[found.site], found.metres, found.cost)


def _amounts(arcs: Arcs, origins: Ints, ends: Ints, amounts: Ints) -> Floats:
    """Give what went along each arc before; 0 for an arc that was not used."""
    n_ends = int(max(arcs.site.max(initial=0), ends.max(initial=0))) + 1
    key = origins * n_ends + ends
    unique, inverse = np.unique(key, return_inverse=True)
    sums = np.bincount(inverse, amounts, len(unique))
    wanted = arcs.village * n_ends + arcs.site
    at = np.minimum(np.searchsorted(unique, wanted), max(len(unique) - 1, 0))
    if not len(unique):
        return np.zeros(len(arcs))
    found: Floats = np.where(unique[at] == wanted, sums[at], 0.0)
    return found

"""
A round of testing planned: sites, tables, who goes where, laboratories, the load by hour and the end.

When the edition's time cannot be kept, the plan says which resource is short and by how much, and shows when the round
ends with what is there.
"""

from dataclasses import dataclass, replace

import numpy as np

from sizao.engines.planning.bound import SiteCosts
from sizao.engines.planning.delivery import BOX_HOURS, Delivery, Kept, deliver, room, trips
from sizao.engines.planning.hours import Course, course
from sizao.engines.planning.layout import Layout, Question, lay_out
from sizao.engines.planning.reach import Arcs
from sizao.engines.planning.round_inputs import HOURS_OF_DAY, RoundQuestion, Sites
from sizao.engines.planning.shortages import Shortage, joined, of_laboratories, of_layout, of_means, of_rules, of_time
from sizao.engines.sampling.pooled_test import Floats, Ints

# Where the edition's hours are too few, they are lengthened: to what there is room for in sum, then by such steps.
LONGER, MOST_TRIES = 1.05, 24
LONGEST_HOURS = 60 * HOURS_OF_DAY
REPAIRS = 4


@dataclass(frozen=True, slots=True, eq=False)
class RoundPlan:
    """
    The plan of a round.

    `layout` says who goes where and the tables of each site; `samplers` and `tubes` are by site; `delivery` says which
    laboratories get the tubes; `course` follows it by the hour. `shortages` is empty when the round is complete within
    `terms.complete_hours`; else `planned_hours` are those that the plan was made for.
    """

    layout: Layout
    samplers: Ints
    tubes: Ints
    delivery: Delivery
    course: Course
    shortages: tuple[Shortage, ...]
    planned_hours: float
    moved: int = 0

    @property
    def in_time(self) -> bool:
        """Tell whether the round is complete when the edition asks."""
        return not self.shortages


def plan_round(asked: RoundQuestion) -> RoundPlan:
    """
    Plan a round.

    Nobody is dropped: who has no site in reach or no room is counted in `layout.unplaced`, with the shortage that
    explains it. The same question has the same plan.
    """
    pairs = trips(asked.sites.at, asked.laboratories, asked.terms)
    sites = with_laboratory(asked, pairs)
    short = list(of_rules(asked, sites, pairs))
    hours = asked.terms.complete_hours
    made = _planned(asked, sites, pairs, hours)
    short += of_layout(asked, sites, made.layout, table_people(asked, pairs, hours))
    short += of_laboratories(asked, made.delivery)
    for _ in range(MOST_TRIES):
        if not _helped_by_time(asked, made, pairs, hours):
            break
        hours = float(enough_hours(asked, sites, pairs, int(np.floor(max(hours * LONGER, hours + 1)))))
        made = _planned(asked, sites, pairs, hours)
    short += of_means(asked, made.layout, made.tubes)
    short += of_time(asked, made.course)
    return replace(made, shortages=joined(short))


def table_people(asked: RoundQuestion, pairs: Arcs, hours: float) -> int:
    """
    Count whom one table serves, so that the tubes of its last hour can still be told within `hours`; 0 for nobody.
    """
    terms = asked.terms
    n_open = len(terms.open_hours(hours - tail_hours(asked, pairs)))
    by_pace = int(np.floor(terms.people_per_table_hour * n_open + 1e-9))
    return by_pace if terms.table_people is None else min(by_pace, terms.table_people)


def tail_hours(asked: RoundQuestion, pairs: Arcs) -> float:
    """Give the hours from the last swab to its result: the box, the longest shortest trip, the run, the push."""
    if not len(pairs):
        return float("inf")
    near = np.full(len(asked.sites.at), np.inf)
    np.minimum.at(near, pairs.village, pairs.cost)
    trip = float(near[np.isfinite(near)].max())
    working = asked.laboratories.tubes_per_hour > 0
    # A tube waits for whole hours: it is taken in the hour after it came, and told when the run ends.
    run = 1 + float(asked.laboratories.result_hours[working].max())
    return float(np.ceil(BOX_HOURS + trip - 1e-9)) + run - 1 + asked.terms.push_hours


def laboratory_room(asked: RoundQuestion, pairs: Arcs, hours: float) -> Floats:
    """Count the tubes each laboratory can take and tell within `hours`."""
    opened = asked.terms.open_hours(hours)
    first = float(opened[0]) if len(opened) else hours
    return room(asked.laboratories, asked.terms, pairs, hours, first)


def site_costs(asked: RoundQuestion, sites: Sites, of_table: int) -> SiteCosts:
    """Put the staff of a site and of a table, over the hours of their session, beside the room of each site."""
    session = of_table / asked.terms.people_per_table_hour
    most = sites.tables * of_table
    if asked.terms.site_people is not None:
        most = np.minimum(most, asked.terms.site_people)
    return SiteCosts(asked.costs.site_staff * session, asked.costs.table_staff * session, max(of_table, 1), most)


def question_of(asked: RoundQuestion, sites: Sites, of_table: int) -> Question:
    """Compose the question of the layout."""
    terms = asked.terms
    hours_per_metre = asked.costs.walking * 2 * terms.detour / 1000 / terms.walking_kmh
    return Question(
        villages=asked.villages.at, people=asked.villages.people, sites=sites.at,
        costs=site_costs(asked, sites, of_table), hours_per_metre=hours_per_metre, metres=terms.walk_limit(),
        most_tables=asked.means.samplers,
    )  # fmt: skip


def with_laboratory(asked: RoundQuestion, pairs: Arcs) -> Sites:
    """Close the sites from which no laboratory can be reached in time."""
    reached = np.zeros(len(asked.sites.at), np.bool_)
    reached[pairs.village] = True
    return Sites(np.where(reached, asked.sites.tables, 0), asked.sites.at)


def _planned(asked: RoundQuestion, sites: Sites, pairs: Arcs, hours: float) -> RoundPlan:
    of_table = table_people(asked, pairs, hours)
    return finished(asked, lay_out(question_of(asked, sites, of_table)), pairs, hours)


def finished(asked: RoundQuestion, layout: Layout, pairs: Arcs, hours: float, kept: Kept | None = None) -> RoundPlan:
    """Add samplers, tubes, laboratories and the course to a layout."""
    at_site = layout.site_people()
    tubes = -(-at_site // asked.terms.pool_size)
    per_sampler = asked.terms.people_per_sampler
    samplers = layout.tables.copy()
    if per_sampler is not None:
        samplers = np.maximum(samplers, np.ceil(at_site / per_sampler - 1e-9).astype(np.int64))
    delivery, followed = _carried(asked, layout, tubes, pairs, hours, kept)
    return RoundPlan(layout, samplers, tubes, delivery, followed, (), hours)


def _carried(
    asked: RoundQuestion, layout: Layout, tubes: Ints, pairs: Arcs, hours: float, kept: Kept | None
) -> tuple[Delivery, Course]:
    """
    Share tubes among laboratories so that the round ends as early as they allow, with the fewest hours on the road.

    A changed plan keeps to the laboratories it had, as long as the round is complete in time.
    """
    at_site = layout.site_people()
    for upto in () if kept is not None else _hours_to_try(asked, int(tubes.sum()), pairs, hours):
        delivery = deliver(pairs, tubes, laboratory_room(asked, pairs, upto))
        if not delivery.left.any():
            followed = course(at_site, layout.tables, delivery, asked.laboratories, asked.terms)
            if followed.ends_hours <= hours:
                return delivery, followed
    return _carried_by(asked, layout, tubes, pairs, hours, kept)


def _hours_to_try(asked: RoundQuestion, tubes: int, pairs: Arcs, hours: float) -> list[float]:
    """List hours from the first at which all laboratories together have room, in steps that grow."""
    low, high = 0, int(np.floor(hours))
    while low < high:
        middle = (low + high) // 2
        enough = float(laboratory_room(asked, pairs, middle).sum()) >= tubes
        low, high = (low, middle) if enough else (middle + 1, high)
    steps = [0, 1, 2, 4, 8, 16, 32]
    return [float(low + step) for step in steps if low + step < hours]


def _carried_by(
    asked: RoundQuestion, layout: Layout, tubes: Ints, pairs: Arcs, hours: float, kept: Kept | None
) -> tuple[Delivery, Course]:
    """Share tubes so that the round ends by `hours`, if laboratories can."""
    at_site, most = layout.site_people(), laboratory_room(asked, pairs, hours)
    for _ in range(REPAIRS):
        delivery = deliver(pairs, tubes, most, kept=kept)
        followed = course(at_site, layout.tables, delivery, asked.laboratories, asked.terms)
        late = np.nan_to_num(followed.laboratory_ends + asked.terms.push_hours - hours, nan=0.0, posinf=0.0)
        if delivery.left.any() or not (late > 1e-9).any():
            break
        # A laboratory whose first tubes come slower than it works loses that time: it gets so many fewer.
        sent = np.bincount(delivery.trips.site, delivery.tubes, len(most))
        slower = np.floor(sent - np.ceil(late) * asked.laboratories.tubes_per_hour)
        most = np.where(late > 1e-9, np.maximum(slower, 0), most)
    return delivery, followed


def room_for_all(asked: RoundQuestion, sites: Sites, pairs: Arcs, upto: float) -> bool:
    """Tell whether tables and laboratories, all of them together, have room for everybody within so many hours."""
    people = int(asked.villages.people.sum())
    of_table = table_people(asked, pairs, upto)
    places = int(site_costs(asked, sites, of_table).most.sum())
    # A rule may leave people without a place for ever: then laboratories alone decide.
    wanted = min(people, int(site_costs(asked, sites, table_people(asked, pairs, LONGEST_HOURS)).most.sum()))
    tubes = -(-people // asked.terms.pool_size)
    return of_table > 0 and places >= wanted and float(laboratory_room(asked, pairs, upto).sum()) >= tubes


def enough_hours(asked: RoundQuestion, sites: Sites, pairs: Arcs, low: int) -> int:
    """Find the first whole hour from `low` on at which there is room for all."""
    high = LONGEST_HOURS
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if room_for_all(asked, sites, pairs, middle) else (middle + 1, high)
    return low


def _helped_by_time(asked: RoundQuestion, made: RoundPlan, pairs: Arcs, hours: float) -> bool:
    """Tell whether more hours would place more people or tubes: not where a rule, a walk or the road is in the way."""
    if not len(pairs):
        return False
    if made.delivery.left.any():
        return hours < LONGEST_HOURS
    if not made.layout.unplaced.any():
        return False
    return hours < LONGEST_HOURS and table_people(asked, pairs, LONGEST_HOURS) > table_people(asked, pairs, hours)

"""Rooms the slow way: every way to put groups into free rooms, one after the other, costs added up from their words."""

from itertools import product
from math import asin, cos, isnan, radians, sin, sqrt


def hours(here, there, travel):
    """Give the hours of one way, by the great circle."""
    (a, b), (c, d) = (tuple(map(radians, one)) for one in (here, there))
    half = sin((d - b) / 2) ** 2 + cos(b) * cos(d) * sin((c - a) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half)) * travel.detour / travel.kmh


def least_value(waiting, sites, rooms, costs, travel):
    """Give the least value for people who each need a room of their own; no clusters, nobody who cannot be alone."""
    people = range(len(waiting.party))
    choices = [[None, *(room for room in range(len(rooms.site)) if _fits(waiting, rooms, sites, one, room))]
               for one in people]  # fmt: skip
    best = float("inf")
    for chosen in product(*choices):
        taken = [room for room in chosen if room is not None]
        if len(set(taken)) == len(taken):
            best = min(best, value(waiting, sites, rooms, chosen, costs, travel))
    return best


def value(waiting, sites, rooms, chosen, costs, travel):
    """Add up one way to put them."""
    total, sites_of = 0.0, {}
    for one, room in enumerate(chosen):
        due = waiting.due_hours[one]
        slack = float("inf") if isnan(due) else max(due, 0.0)
        if room is None:
            total += costs.left * (1 + 1 / (1 + slack / 24))
            continue
        way = hours(waiting.at[one], sites.at[rooms.site[room]], travel)
        total += way + costs.late * max(0.0, way - slack)
        for name in ("accessible", "family", "carer_bed"):
            total += costs.wasted * (getattr(rooms, name)[room] and not getattr(waiting, name)[one])
        sites_of.setdefault(waiting.party[one], set()).add(rooms.site[room])
    return total + costs.split * sum(len(found) - 1 for found in sites_of.values())


def _fits(waiting, rooms, sites, one, room):
    needs = all(getattr(rooms, name)[room] or not getattr(waiting, name)[one]
                for name in ("accessible", "family", "carer_bed"))  # fmt: skip
    return needs and rooms.people[room] == 0 and sites.staff[rooms.site[room]] == waiting.staff[one]

"""Queues and laboratories one by one, by loops: the plain twins of `engines.simulation.queues` and `laboratory`."""

import math


class Counter:
    """Whoever waits stands in a list; the most urgent, then who came first, then the lower number is next."""

    def __init__(self):
        self.waiting = []

    def serve(self, arrivals, now, capacity):
        self.waiting += [(urgency, now, who) for who, urgency in arrivals]
        served = []
        while self.waiting and len(served) < capacity:
            best = min(self.waiting)
            self.waiting.remove(best)
            served.append(best[2])
        return served


class Places:
    """Beds in a list; who has one keeps it until the day told."""

    def __init__(self):
        self.counter = Counter()
        self.stays = {}
        self.held = {}

    def admit(self, arrivals, now, places):
        for who in [who for who, until in self.held.items() if until <= now]:
            del self.held[who]
        self.stays |= {who: stay for who, _, stay in arrivals}
        free = max(places - len(self.held), 0)
        taken = self.counter.serve([(who, urgency) for who, urgency, _ in arrivals], now, free)
        for who in taken:
            self.held[who] = now + self.stays[who]
        return taken


def occupied(first, until, places, days, urgency):
    """Walk through the days: who is done leaves, who needs a place asks, the most urgent gets it."""
    since, counts = {}, []
    for day in days:
        here = [one for one in since if until[one] > day]
        asking = [
            (urgency[one], max(first[one], days.start), one)
            for one in range(len(first))
            if one not in since and first[one] <= day < until[one]
        ]
        for _, _, one in sorted(asking)[: max(places - len(here), 0)]:
            since[one] = day
            here.append(one)
        counts.append((len(here), len([one for _, _, one in asking if one not in since])))
    return since, counts


def result_hours(arrival, urgency, tubes_per_day, run_hours):
    """Walk through the hours; each takes as many tubes as its part of the day allows."""
    counter, told, hour, done = Counter(), {}, min(arrival), 0
    while len(told) < len(arrival):
        allowed = (hour + 1) * tubes_per_day // 24 - hour * tubes_per_day // 24
        here = [(tube, urgency[tube]) for tube in range(len(arrival)) if arrival[tube] == hour]
        for tube in counter.serve(here, hour, allowed):
            told[tube] = hour + run_hours
        hour += 1
        done += allowed
    return [told[tube] for tube in range(len(arrival))]


def sensitivity(chance, size, loss):
    """Take log2(size) doublings off the odds, one after another."""
    if chance == 1:
        return 1.0
    odds = chance / (1 - chance) * math.exp(-loss * math.log2(size))
    return odds / (1 + odds)

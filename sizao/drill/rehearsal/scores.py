"""
How a drill went, against the truth that the response could not see; a stage adds its scores to SCORES.

Two more lives of the same city stand beside it: one in which nobody did anything, and one in which everybody infected
was kept apart from the first day of the drill on. What lies between them is what a response can win.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

import numpy as np

from sizao.drill.rehearsal.city_life import CityLife
from sizao.drill.rehearsal.run import Running
from sizao.engines.simulation import orders, presence
from sizao.engines.simulation.disease import LAYERS
from sizao.engines.simulation.ledger import IMPORTED
from sizao.records.models import Alert, Case, Contact, IsolationOrder, Signal, Stay, Task, Test
from sizao.terms import StayKind, TaskState

_FEW = 200  # cases whose companions are looked up for the share of contacts found


@dataclass(frozen=True, slots=True)
class Score:
    """One number of a drill: what it counts in both languages, and its unit. None: there was nothing to count."""

    key: str
    zh: str
    en: str
    value: float | None
    unit: str


Scorer = Callable[[Running], list[Score]]


def scores(running: Running) -> list[Score]:
    """Work out all scores of a drill as far as it has gone."""
    return [score for scorer in SCORES.values() for score in scorer(running)]


def lives_beside(running: Running) -> dict[str, list[int]]:
    """Give new infections by day, from the first infection on: of the drill, with no response, with a perfect one."""
    last = running.next_day
    return {
        "drill": _by_day(running.life, last),
        "nothing": _by_day(_another_life(running, is_perfect=False), last),
        "perfect": _by_day(_another_life(running, is_perfect=True), last),
    }


def detection(running: Running) -> list[Score]:
    """Say how long the outbreak ran before anybody knew."""
    outbreak, life = running.outbreak, running.life
    first = min((one.day for one in running.rehearsal.beginnings), default=0)

    def days_until(rows: Any, field: str) -> float | None:
        at = rows.order_by(field).values_list(field, flat=True).first()
        return None if at is None else float(life.day_of(at) - first)

    known = Case.objects.filter(outbreak=outbreak).standing()
    return [
        Score("days_to_alert", "首次预警用时", "Days to the first alert",
              days_until(Alert.objects.filter(outbreak=outbreak), "opened_at"), "d"),
        Score("days_to_hint", "首个线索用时", "Days to the first hint",
              days_until(Signal.objects.filter(outbreak=outbreak), "received_at"), "d"),
        Score("days_to_case", "首例发现用时", "Days to the first case", days_until(known, "opened_at"), "d"),
        Score("cases_found", "发现病例", "Cases found", float(known.count()), ""),
        Score("infected", "实际感染", "Truly infected", float(len(life.outbreak.ledger)), ""),
    ]  # fmt: skip


def contacts_found(running: Running) -> list[Score]:
    """Say, by layer, how many of those infected by others of the city were known as contacts before they were cases."""
    life, ledger = running.life, running.life.outbreak.ledger
    numbers = dict(Contact.objects.filter(outbreak=running.outbreak).values_list("person__number", "found_at"))
    opened = dict(Case.objects.filter(outbreak=running.outbreak).standing().values_list("person__number", "opened_at"))
    true: Counter[int] = Counter()
    found: Counter[int] = Counter()
    for person, layer, infector in zip(
        ledger.person.tolist(), ledger.layer.tolist(), ledger.infector.tolist(), strict=True
    ):
        if infector == IMPORTED:
            continue
        true[layer] += 1
        number = life.number(person)
        at = numbers.get(number)
        found[layer] += at is not None and (number not in opened or at <= opened[number])
    scored = [
        Score(f"infected_known_{LAYERS[layer]}", f"感染者先被判定为密接（{_ZH[layer]}）",
              f"Infected people known as contacts first ({LAYERS[layer]})", found[layer] / true[layer], "share")
        for layer in sorted(true)
    ]  # fmt: skip
    return [*scored, *_companions_found(running, set(numbers))]


_ZH = ("家庭", "班级", "单位", "场所", "交通")


def _companions_found(running: Running, known: set[str]) -> list[Score]:
    """Of all whom the cases truly met in the four days before they were held, say what share was found."""
    life = running.life
    cases = Case.objects.filter(outbreak=running.outbreak).standing().select_related("person").order_by("pk")[:_FEW]
    met: set[int] = set()
    for case in cases:
        person, day = life.person(case.person.number), life.day_of(case.opened_at)
        days = np.arange(day - 4, day) + life.lead
        world = life.world._replace(orders=life.log.orders)
        met |= set(presence.look_back(world, np.array([person]), days).person.tolist())
        met |= set(life.household(person).tolist()) - {person}
    share = sum(life.number(one) in known for one in met) / len(met) if met else None
    return [
        Score("companions_found", "实际接触者被判定比例", "Share of true contacts who were found", share, "share"),
        Score("contacts_beyond", "判定密接而未实际接触", "Contacts found who met no case",
              float(len(known - {life.number(one) for one in met})), ""),
    ]  # fmt: skip


def freedom(running: Running) -> list[Score]:
    """Say what the response took from people: days infectious and free, and days held and never infected."""
    life, ledger = running.life, running.life.outbreak.ledger
    last = running.next_day + life.lead - 1
    first, end = np.maximum(ledger.first, life.lead), np.minimum(ledger.last, last)
    days = np.maximum(end - first + 1, 0)
    person = np.repeat(ledger.person, days)
    day = np.repeat(first, days) + (np.arange(days.sum()) - np.repeat(np.cumsum(days) - days, days))
    free = int((orders.held_all(life.log.orders, person, day) == 0).sum())
    log = life.log.columns()
    held = np.unique(log["person"][log["kind"] > 0])
    vain = held[life.outbreak.infected[held] == 0]
    vain_days = np.isin(log["person"], vain)
    pairs = np.unique(np.column_stack((log["person"][vain_days], log["begin"][vain_days])), axis=0)
    return [
        Score("free_infectious_share", "传染期未受管控的人日", "Infectious days spent free",
              free / len(day) if len(day) else None, "share"),
        Score("held_in_vain", "受限而未感染的人", "People held who were not infected", float(len(vain)), ""),
        Score("held_in_vain_days", "受限而未感染的人日", "Days they were held", float(len(pairs)), "d"),
    ]  # fmt: skip


def means_used(running: Running) -> list[Score]:
    """Say what the response used."""
    orders_issued = IsolationOrder.objects.filter(outbreak=running.outbreak).exclude(issued_at=None)
    rooms = Stay.objects.filter(kind=StayKind.ROOM)
    in_use = [rooms.filter(period__contains=running.life.moment(day, _NOON)).count() for day in range(running.next_day)]
    return [
        Score("orders", "签发隔离决定", "Isolation orders issued", float(orders_issued.count()), ""),
        Score("rooms_peak", "隔离房间峰值", "Rooms in use at the peak", float(max(in_use, default=0)), ""),
        Score("tests", "录入检测", "Tests of single people",
              float(Test.objects.filter(outbreak=running.outbreak).count()), ""),
    ]  # fmt: skip


def clocks(running: Running) -> list[Score]:
    """Say how many tasks with a clock were done in time."""
    tasks = Task.objects.filter(outbreak=running.outbreak).exclude(due_at=None)
    done = tasks.filter(state=TaskState.DONE)
    in_time = sum(1 for due, at in done.values_list("due_at", "done_at") if at <= due)
    late = tasks.exclude(state__in=(TaskState.DONE, TaskState.CANCELLED)).filter(
        due_at__lt=running.life.moment(running.next_day)
    )
    total = done.count() + late.count()
    return [Score("clocks_kept", "按时完成率", "Clocks kept", in_time / total if total else None, "share")]


def ending(running: Running) -> list[Score]:
    """Say when the last person was infected, and what the two lives beside it would have cost."""
    beside = lives_beside(running)
    drill = beside["drill"]
    last = max((day for day, count in enumerate(drill) if count), default=0)
    nothing, perfect = sum(beside["nothing"]), sum(beside["perfect"])
    won = (nothing - sum(drill)) / (nothing - perfect) if nothing > perfect else None
    return [
        Score("last_infection", "末例感染", "Day of the last infection", float(last - running.life.lead), "d"),
        Score("infected_without", "无响应时感染", "Infected without a response", float(nothing), ""),
        Score("infected_perfect", "理想响应时感染", "Infected with a perfect response", float(perfect), ""),
        Score("won", "避免感染的比例", "Share of what could be won", won, "share"),
    ]


SCORES: Mapping[str, Scorer] = {
    "detection": detection,
    "contacts_found": contacts_found,
    "freedom": freedom,
    "means_used": means_used,
    "clocks": clocks,
    "ending": ending,
}

_NOON = time(12)


def _another_life(running: Running, *, is_perfect: bool) -> CityLife:
    """Live the same city again, without the platform."""
    life = CityLife(running.rehearsal, running.life.disease, running.life.names)
    for day in range(running.rehearsal.earliest_day, running.next_day):
        if is_perfect and day >= 0:
            life.hold(life.outbreak.ledger.person, day, orders.ISOLATION)
        life.live(day)
    return life


def _by_day(life: CityLife, last: int) -> list[int]:
    return np.bincount(life.outbreak.ledger.day, minlength=last + life.lead)[: last + life.lead].tolist()

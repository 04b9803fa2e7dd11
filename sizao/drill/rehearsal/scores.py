"""
How a drill went, against the truth that the response could not see; a stage adds its scores to SCORES.

Two more lives of the same city stand beside it: one in which nobody did anything, and one in which everybody infected
was kept apart from the first day of the drill on. What lies between them is what a response can win.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

import numpy as np

from sizao.drill.rehearsal import round_scores, site_scores, zone_scores
from sizao.drill.rehearsal.city_life import OCCASION
from sizao.drill.rehearsal.command import scores as command_scores
from sizao.drill.rehearsal.looking import NEVER, Looking
from sizao.engines.simulation import orders
from sizao.engines.simulation.disease import LAYERS
from sizao.engines.simulation.ledger import IMPORTED
from sizao.engines.simulation.rng import Ints
from sizao.records.models import Alert, Card, IsolationOrder, Signal, Stay, Task, Test
from sizao.terms import StayKind, TaskKind, TaskState

WITHIN_DAYS = (0, 1, 2)  # of the finding of the case; later ones are told together
_NOON = time(12)
_LAYERS_ZH = ("家庭", "班级", "单位", "场所", "交通")


@dataclass(frozen=True, slots=True)
class Score:
    """One number of a drill: what it counts in both languages, and its unit. None: there was nothing to count."""

    key: str
    zh: str
    en: str
    value: float | None
    unit: str


Scorer = Callable[[Looking], list[Score]]


def scores(looking: Looking) -> list[Score]:
    """Work out all scores of a drill as far as it has gone."""
    return [score for told in grouped(looking).values() for score in told]


def grouped(looking: Looking) -> dict[str, list[Score]]:
    """Work out all scores, under the names of SCORES."""
    return {name: scorer(looking) for name, scorer in SCORES.items()}


def detection(looking: Looking) -> list[Score]:
    """Say how long the outbreak ran before anybody knew, in days from the first infection."""
    outbreak, life = looking.outbreak, looking.life
    first = looking.running.rehearsal.earliest_day

    def days_until(rows: Any, field: str) -> float | None:
        at = rows.order_by(field).values_list(field, flat=True).first()
        return None if at is None else float(life.day_of(at) - first)

    known = looking.cases[1]
    infected = life.outbreak.ledger.day - life.lead
    before = int((infected <= known[0]).sum()) if len(known) else None
    return [
        Score("days_to_alert", "首次预警用时（天）", "Days to the first alert",
              days_until(Alert.objects.filter(outbreak=outbreak), "opened_at"), "d"),
        Score("days_to_hint", "首个线索用时（天）", "Days to the first hint",
              days_until(Signal.objects.filter(outbreak=outbreak), "received_at"), "d"),
        Score("days_to_case", "首例发现用时（天）", "Days to the first case",
              float(known[0] - first) if len(known) else None, "d"),
        Score("infected_by_then", "首例发现时已感染", "Infected by the day of the first case", _float(before), ""),
        Score("cases_found", "发现病例", "Cases found", float(len(known)), ""),
        Score("infected", "实际感染", "Truly infected", float(len(infected)), ""),
        Score("found_share", "感染者发现比例", "Share of the infected who were found",
              _share(int((life.outbreak.infected[looking.cases[0]] > 0).sum()), len(infected)), "share"),
    ]  # fmt: skip


def contacts_found(looking: Looking) -> list[Score]:
    """Say, by layer, how many of those infected by others of the city were known as contacts before they were cases."""
    ledger = looking.life.outbreak.ledger
    as_contact = looking.found_on(looking.contacts)[ledger.person]
    as_case = looking.found_on(looking.cases)[ledger.person]
    first = (as_contact < NEVER) & (as_contact <= as_case)
    caught = ledger.infector != IMPORTED
    return [
        Score(f"infected_known_{LAYERS[layer]}", f"感染者先被判定为密接（{_LAYERS_ZH[layer]}）",
              f"Infected people known as contacts first ({LAYERS[layer]})",
              _share(int(first[caught & (ledger.layer == layer)].sum()), int((caught & (ledger.layer == layer)).sum())),
              "share")
        for layer in range(len(LAYERS))
    ]  # fmt: skip


def companions_found(looking: Looking) -> list[Score]:
    """Of all whom the cases truly met in the days before they were found, say what share was found, and how soon."""
    met, delay = looking.met, looking.met.delay
    by_layer = [
        Score(f"met_found_{LAYERS[layer]}", f"实际接触者被判定比例（{_LAYERS_ZH[layer]}）",
              f"Share of true contacts who were found ({LAYERS[layer]})",
              _share(int((delay[met.layer == layer] < NEVER).sum()), int((met.layer == layer).sum())), "share")
        for layer in range(len(LAYERS))
    ]  # fmt: skip
    # A person met in several layers counts once.
    person = np.unique(met.person)
    soonest = np.full(looking.life.city.people, NEVER, np.int64)
    np.minimum.at(soonest, met.person, delay)
    soonest = soonest[person]
    known = looking.contacts[0]
    return [
        *by_layer,
        Score("companions_found", "实际接触者被判定比例", "Share of true contacts who were found",
              _share(int((soonest < NEVER).sum()), len(person)), "share"),
        *(
            Score(f"companions_within_{days}d", f"实际接触者在病例发现后 {days} 日内被判定",
                  f"Share of true contacts found within {days} days of the case",
                  _share(int((soonest <= days).sum()), len(person)), "share")
            for days in WITHIN_DAYS
        ),
        Score("contacts_beyond", "判定密接而未实际接触", "Contacts found who met no case",
              float(len(np.setdiff1d(known, person))), ""),
    ]  # fmt: skip


def freedom(looking: Looking) -> list[Score]:
    """Say what the response missed and what it took: infectious days spent free, and people held in vain."""
    person, day = infectious_days(looking)
    free = looking.life.kept(person, day) == 0
    known = looking.found_on(looking.cases)[person] + looking.life.lead <= day
    held, vain, vain_days = held_in_vain(looking)
    return [
        Score("free_infectious_days", "传染期未受管控人日", "Infectious days spent free", float(free.sum()), "d"),
        Score("free_infectious_share", "传染期未受管控比例", "Share of infectious days spent free",
              _share(int(free.sum()), len(free)), "share"),
        Score("free_though_known", "已发现而未受管控人日", "Of these, days after the case was found",
              float((free & known).sum()), "d"),
        Score("held", "受管控的人", "People held", float(held), ""),
        Score("held_in_vain", "受限而未感染的人", "People held who were not infected", float(vain), ""),
        Score("held_in_vain_days", "受限而未感染的人日", "Days they were held", float(vain_days), "d"),
        Score("closed_days", "封闭区域人日", "Days of people in closed areas", float(closed_days(looking)), "d"),
    ]  # fmt: skip


def infectious_days(looking: Looking) -> tuple[Ints, Ints]:
    """Give a row for each person and engine day of being infectious, from the first day of the drill on."""
    life, ledger = looking.life, looking.life.outbreak.ledger
    first = np.maximum(ledger.first.astype(np.int64), life.lead)
    end = np.minimum(ledger.last.astype(np.int64), looking.last_day)
    days = np.maximum(end - first + 1, 0)
    turn = np.arange(days.sum()) - np.repeat(np.cumsum(days) - days, days)
    return np.repeat(ledger.person.astype(np.int64), days), np.repeat(first, days) + turn


def held_in_vain(looking: Looking) -> tuple[int, int, int]:
    """Count who was held by an order of their own, of these who were never infected, and the days these were held."""
    log = looking.life.log.columns()
    rows = ((log["kind"] & ~OCCASION) > 0) & (log["begin"] <= looking.last_day)
    person, begin = log["person"][rows], log["begin"][rows]
    vain = looking.life.outbreak.infected[person] == 0
    days = np.unique(np.column_stack((person[vain], begin[vain])), axis=0)
    return len(np.unique(person)), len(np.unique(person[vain])), len(days)


def closed_days(looking: Looking) -> int:
    """Count the days that people lived in areas that were closed."""
    size = looking.life.city.zones.size
    closed = (looking.life.with_order(day, orders.AREA_CLOSED) for day in range(looking.days))
    return sum(int(size[communities].sum()) for communities in closed)


def means_used(looking: Looking) -> list[Score]:
    """Say what the response used."""
    orders_issued = IsolationOrder.objects.filter(outbreak=looking.outbreak).exclude(issued_at=None)
    return [
        Score("orders", "签发隔离决定", "Isolation orders issued", float(orders_issued.count()), ""),
        Score("rooms_peak", "隔离房间峰值", "Rooms in use at the peak", float(max(rooms(looking), default=0)), ""),
        Score("tests", "录入检测", "Tests of single people",
              float(Test.objects.filter(outbreak=looking.outbreak).count()), ""),
        Score("round_people", "区域核酸检测人次", "People called to testing rounds",
              float(sum(round_people(looking))), ""),
    ]  # fmt: skip


def rooms(looking: Looking) -> list[int]:
    """Count the isolation rooms in use at noon of each day."""
    stays = Stay.objects.filter(kind=StayKind.ROOM)
    noon = (looking.life.moment(day, _NOON) for day in range(looking.days))
    return [stays.filter(period__contains=at).count() for at in noon]


def round_people(looking: Looking) -> list[int]:
    """Count, for each day, who lives where a testing round was held."""
    size = looking.life.city.zones.size
    called = (looking.life.with_order(day, orders.TESTING_ROUND) for day in range(looking.days))
    return [int(size[communities].sum()) for communities in called]


def testing_rounds(looking: Looking) -> list[Score]:
    """Say what rounds through the stage came to: coverage, those missed, hours from swab to result, positive pools."""
    return [Score(*one) for one in round_scores.told(looking)]


def isolation_and_transport(looking: Looking) -> list[Score]:
    """Say what isolation and transport through their stage came to: in time, nobody unaccounted for."""
    return [Score(*one) for one in site_scores.told(looking)]


def risk_areas(looking: Looking) -> list[Score]:
    """Say how long areas stood, and for how long people were kept in them in vain."""
    return [Score(*one) for one in zone_scores.told(looking)]


def command(looking: Looking) -> list[Score]:
    """Say how the command did its work: receipts, reports, requests, levels, teams, outcomes entered."""
    return [Score(*one) for one in command_scores.told(looking.outbreak, looking.life.moment(looking.days))]


def clocks_by_stage(looking: Looking) -> list[Score]:
    """Say what share of its clocks each stage kept."""
    return [Score(*one) for one in command_scores.clocks_by_stage(looking.outbreak, looking.life.moment(looking.days))]


def clocks(looking: Looking) -> list[Score]:
    """Say how many tasks with a clock were done in time."""
    kept, late = (sum(column) for column in zip((0, 0), *clocks_by_kind(looking).values(), strict=True))
    return [
        Score("clocks_kept", "按时完成率", "Clocks kept", _share(kept, kept + late), "share"),
        Score("clocks_missed", "超时任务", "Tasks late", float(late), ""),
    ]


def clocks_by_kind(looking: Looking) -> dict[TaskKind, tuple[int, int]]:
    """Count, for each kind of task with a clock, those done in time and those late; who is not due yet is neither."""
    tasks = Task.objects.filter(outbreak=looking.outbreak).exclude(due_at=None)
    # No script fills cards in, so they count only where people play who do.
    if not Card.objects.filter(outbreak=looking.outbreak, signed_at__isnull=False).exists():
        tasks = tasks.exclude(kind=TaskKind.FILL_CARD)
    found: dict[TaskKind, tuple[int, int]] = {}
    for kind, state, due, done in tasks.order_by("kind").values_list("kind", "state", "due_at", "done_at"):
        is_done = state == TaskState.DONE
        is_late = done > due if is_done else due < looking.life.moment(looking.days)
        if not is_done and (not is_late or state == TaskState.CANCELLED):
            continue
        kept, late = found.get(TaskKind(kind), (0, 0))
        found[TaskKind(kind)] = (kept + (not is_late), late + is_late)
    return found


def ending(looking: Looking) -> list[Score]:
    """Say when it was over, and what the two lives beside it would have cost."""
    day = looking.life.outbreak.ledger.day - looking.life.lead
    first = int(looking.cases[1][0]) if len(looking.cases[1]) else None
    last = int(day.max()) if len(day) else None
    is_over = last is not None and last < looking.days - 1
    nothing, perfect, drill = (sum(looking.lived[name]) for name in ("nothing", "perfect", "drill"))
    won = _share(nothing - drill, nothing - perfect)
    return [
        Score("last_infection", "末例感染（第几天）", "Day of the last infection", _float(last), "d"),
        Score("days_to_zero", "发现首例至再无感染（天）", "Days from the first case to the last infection",
              float(max(last - first, 0)) if is_over and first is not None else None, "d"),
        Score("days_to_clear", "发现首例至社会面清零（天）", "Days from the first case to the last one found at large",
              _float(_last_at_large(looking)), "d"),
        Score("infected_without", "无响应时感染", "Infected without a response", float(nothing), ""),
        Score("infected_perfect", "理想响应时感染", "Infected with a perfect response", float(perfect), ""),
        Score("won", "避免感染的比例", "Share of what could be won", won, "share"),
    ]  # fmt: skip


def _last_at_large(looking: Looking) -> int | None:
    """Days from the first case to the last one that nobody kept on the day it was found; None while such are found."""
    person, day = looking.cases
    at_large = day[looking.life.kept(person, day + looking.life.lead) == 0]
    if not len(at_large) or at_large[-1] >= looking.days - 1:
        return None
    return int(at_large[-1] - day[0])


SCORES: Mapping[str, Scorer] = {
    "detection": detection,
    "contacts_found": contacts_found,
    "companions_found": companions_found,
    "freedom": freedom,
    "means_used": means_used,
    "testing_rounds": testing_rounds,
    "isolation_and_transport": isolation_and_transport,
    "risk_areas": risk_areas,
    "command": command,
    "clocks": clocks,
    "clocks_by_stage": clocks_by_stage,
    "ending": ending,
}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _float(number: int | None) -> float | None:
    return None if number is None else float(number)

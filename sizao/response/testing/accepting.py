"""Accepting a plan: its sites become the round's, with tables, samplers, people and the laboratory of each."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from sizao.records import access, journal
from sizao.records.models import Account, Laboratory, Place, TestingPlan, TestingRound, TestingSite
from sizao.response import register
from sizao.response.register import PlaceEntry
from sizao.response.testing.planning import PlanUnfinished, RoundBegun
from sizao.terms import PlaceKind, Right


@transaction.atomic
def accept_plan(*, plan: TestingPlan, by: Account, now: datetime) -> TestingRound:
    """
    Accept a plan in one's own name: the sites of the round are those of the plan, instead of any that stood before.

    Raise RoundBegun, PlanUnfinished, or the door's refusal.
    """
    access.require(by, Right.TESTING_PLAN, area_code=plan.round.area_code)
    found = TestingRound.objects.select_for_update(of=["self"]).select_related("outbreak").get(pk=plan.round_id)
    held = TestingPlan.objects.select_for_update().get(pk=plan.pk)
    if found.opened_at is not None:
        raise RoundBegun(number=found.number)
    if held.made_at is None:
        raise PlanUnfinished
    found.plans.filter(accepted_at__isnull=False).update(accepted_at=None, accepted_by="")
    held.accepted_at, held.accepted_by = now, by.username
    held.save(update_fields=["accepted_at", "accepted_by"])
    _replace_sites(found, held, by=by, now=now)
    found.plan = {**held.answer["sums"], "plan": held.pk, "hours": held.answer["hours"],
                  "shortages": held.answer["shortages"], "begins_at": held.question["begins_at"],
                  "open_hours": [held.question["terms"][name] for name in ("opens", "closes")],
                  "people_per_table_hour": held.question["terms"]["people_per_table_hour"]}  # fmt: skip
    found.save(update_fields=["plan"])
    sums = held.answer["sums"]
    journal.write(
        "round.plan_accepted", found, by=by, at=now, number=found.number, plan=held.pk, sites=sums["sites"],
        tables=sums["tables"], people=sums["people"], unplaced=sums["unplaced"], ends_hours=sums["ends_hours"],
    )  # fmt: skip
    return found


def _replace_sites(found: TestingRound, held: TestingPlan, *, by: Account, now: datetime) -> None:
    question, answer = held.question, held.answer
    found.sites.all().delete()
    rows = [(one, question["sites"][one["row"]]) for one in answer["sites"]]
    keys = [f"testing-site:{place['area_code']}:{place['name']}"[:200] for _, place in rows]
    entries = [
        PlaceEntry(key, PlaceKind.PUBLIC_PLACE, place["name"], place["area_code"])
        for key, (_, place) in zip(keys, rows, strict=True)
    ]
    places = register.register_places(entries, by=by, now=now)
    _locate([(places[key], place) for key, (_, place) in zip(keys, rows, strict=True)])
    laboratories = _laboratories(question["laboratories"])
    TestingSite.objects.bulk_create(
        TestingSite(
            round=found,
            place=places[key],
            number=number,
            area_code=place["area_code"],
            n_tables=one["tables"],
            n_samplers=one["samplers"],
            people=one["people"],
            laboratory=laboratories.get(one["laboratory"]),
            serves=[question["villages"][row]["code"] for row in one["serves"]],
            opens_at=_hour(found, one["load"], first=True),
            closes_at=_hour(found, one["load"], first=False),
            added_at=now,
        )
        for number, (key, (one, place)) in enumerate(zip(keys, rows, strict=True), start=1)
    )


def _locate(pairs: list[tuple[Place, dict[str, Any]]]) -> None:
    """Give places of the register the position that the plan used, where they have none."""
    fresh = [place for place, _ in pairs if place.latitude is None]
    for place, told in pairs:
        if place.latitude is None:
            place.longitude, place.latitude = told["longitude"], told["latitude"]
    Place.objects.bulk_update(fresh, ["longitude", "latitude"], batch_size=1000)


def _laboratories(rows: list[dict[str, Any]]) -> dict[int | None, Laboratory]:
    """Find the laboratories of the register by code; one that it does not know stays in the plan alone."""
    known = {one.code: one for one in Laboratory.objects.filter(Q(code__in=[row["code"] for row in rows]))}
    return {row: known[one["code"]] for row, one in enumerate(rows) if one["code"] in known}


def _hour(found: TestingRound, load: list[float], *, first: bool) -> datetime | None:
    busy = [hour for hour, people in enumerate(load) if people > 0]
    if not busy:
        return None
    return found.begins_at + timedelta(hours=busy[0] if first else busy[-1] + 1)

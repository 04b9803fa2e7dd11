"""What rounds of the stage do to the city: who is called to a round, and who is held for a positive pool."""

from datetime import datetime

import numpy as np
from django.db.models import Q

from sizao.drill.rehearsal.city_life import CityLife
from sizao.drill.rehearsal.round_people import Listing, rounds_of
from sizao.engines.simulation import orders
from sizao.records.models import Outbreak, PoolMember, TestingRound


def hold_rounds(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Call the areas of each round that swabs on this day."""
    for found in rounds_of(outbreak, at, life, day):
        for code in found.areas:
            life.order_area(code, day, orders.TESTING_ROUND)


def keep_pools(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Who is held for a positive pool stays where they are, with the household."""
    standing = PoolMember.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=at), round__outbreak=outbreak, hold__ordered_at__lt=at,
        hold__expires_at__gt=at,
    )  # fmt: skip
    for round_id in standing.order_by("round").values_list("round", flat=True).distinct():
        entries = standing.filter(round=round_id).order_by("entry").values_list("entry", flat=True).distinct()
        listing = Listing(life, TestingRound.objects.get(pk=round_id).areas)
        life.hold(listing.people(np.array(list(entries), np.int64)), day, orders.HOME_ISOLATION)

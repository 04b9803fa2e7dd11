"""A round that is measured: areas, people on a roster, sites with a table each, samplers with a token each."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

PLANNED = datetime(2021, 2, 20, 1, 0, tzinfo=UTC)
FAR = datetime(2100, 1, 1, tzinfo=UTC)
POOL_SIZE = 10
N_SAMPLERS = 50
VILLAGES = 15_000  # of a city of ten million


@dataclass
class Made:
    """A round of its own in an outbreak of its own, so that nothing of an earlier measurement is in the way."""

    outbreak: Any
    round: Any
    coordinator: Any
    villages: list[str]
    n_people: int
    samplers: list[Any] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    next_serial: int = 0
    n_filled: int = 0  # of the last people on the roster: they stand in tubes already


def make(n_people: int) -> Made:
    """Plan a round, put people on its roster by COPY, print labels and open it."""
    from bench import world
    from sizao.drill import scenario
    from sizao.records.models import Area, Outbreak
    from sizao.response import register, testing
    from sizao.terms import OutbreakKind, Role

    if not Area.objects.exists():
        register.load_areas(scenario.load("hebei-2021-01").areas(), by=None, now=PLANNED)
    # Of earlier measurements: the loop beside the server would go on with them.
    Outbreak.objects.filter(slug__startswith="bench-testing-", closed_at=None).update(closed_at=PLANNED)
    mark = time.time_ns()
    # Real, as it is where it counts: a drill has a clock of its own, which costs each request two questions more. And
    # of today, since the loop drafts a report for each day; the round is planned under an edition that has rounds.
    now = datetime.now(UTC)
    outbreak = Outbreak.objects.create(
        slug=f"bench-testing-{mark}", name="测量", name_en="Measurement", disease="covid-19", kind=OutbreakKind.REAL,
        area_code="13", first_date=now.date(), opened_at=now,
    )  # fmt: skip
    coordinator = world.reader(Role.TESTING_COORDINATOR, "13")
    villages = list(Area.objects.filter(level="village").order_by("code").values_list("code", flat=True)[:VILLAGES])
    planned = testing.plan_round(
        outbreak=outbreak, name="测量", areas=["13"], pool_size=POOL_SIZE, begins_at=PLANNED, by=coordinator,
        now=PLANNED, is_generated=True,
    )  # fmt: skip
    made = Made(outbreak, planned, coordinator, villages, n_people)
    _fill(made)
    made.round = testing.open_round(testing_round=planned, by=coordinator, now=PLANNED)
    lot = testing.print_lot(
        testing_round=made.round, size=min(2_000_000, n_people // 5 + 100_000), by=coordinator, now=PLANNED
    )
    made.next_serial = lot.first_serial
    _give_tokens(made)
    return made


def _fill(made: Made) -> None:
    from django.db import transaction

    from sizao.response.testing.roster import written

    with transaction.atomic():
        written(made.round, lambda part: _copy(made, part), "made up", by=made.coordinator, now=PLANNED)
    made.round.refresh_from_db()


def _copy(made: Made, part: str) -> None:
    from django.db import connection
    from psycopg import sql

    from sizao.response.testing.roster import _STORED

    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(part), sql.SQL(", ").join(map(sql.Identifier, _STORED))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in _blocks(made):
            copy.write(block)


def _blocks(made: Made) -> Iterator[str]:
    """
    Give the rows of a roster as text, ten thousand at a time.

    Indexes are those by which an identity number is found; one sealed name stands for all, being as long as any.
    """
    from sizao.records.secrecy import seal
    from sizao.response.tracing.tokens import id_number_index

    name, number = seal("生成的人", column="records_rosterentry.name"), made.round.pk
    lines: list[str] = []
    for person in range(1, made.n_people + 1):
        village = made.villages[(person - 1) * len(made.villages) // made.n_people]
        index = id_number_index(f"1301{person:014}")
        lines.append(f"{number}\t{person}\t{village}\tresident\tf\t\\N\t\\N\t{index}\t{name}\t\\N\t\\N\n")
        if len(lines) == 10_000:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def _give_tokens(made: Made) -> None:
    from bench import world
    from sizao.records.access import ROLE_RIGHTS
    from sizao.records.models import Account
    from sizao.response import accounts
    from sizao.terms import Role

    world.reader(Role.SAMPLER, "13")
    for number in range(N_SAMPLERS):
        facts = {"display_name": "测量", "role": Role.SAMPLER, "area_code": "13"}
        account = Account.objects.get_or_create(username=f"bench-sampler-{number}", defaults=facts)[0]
        _, secret = accounts.give_token(
            account=account, label="bench", rights=ROLE_RIGHTS[Role.SAMPLER], by=None, now=PLANNED, expires_at=FAR
        )
        made.samplers.append(account)
        made.secrets.append(secret)


def filled_tubes(made: Made, n_tubes: int) -> list[str]:
    """Register the last people of the roster, whom no device has, into full tubes, unmeasured; give the tubes."""
    from sizao.engines.tube_codes import code_of
    from sizao.response import testing

    codes = [code_of(made.next_serial + place) for place in range(n_tubes)]
    made.next_serial += n_tubes
    now = datetime.now(UTC)
    for first in range(0, n_tubes, 500 // POOL_SIZE):
        sent = []
        for code in codes[first : first + 500 // POOL_SIZE]:
            people = range(made.n_people - made.n_filled - POOL_SIZE + 1, made.n_people - made.n_filled + 1)
            sent += [testing.SwabSent(f"{code}-{one}", code, now, entry=one) for one in people]
            made.n_filled += POOL_SIZE
        told = testing.register_swabs(testing_round=made.round, swabs=sent, by=made.samplers[0], now=now)
        assert {one.answer for one in told} == {"taken"}
    return codes


def devices(
    made: Made, n_devices: int, *, every: float, n_each: int, between: tuple[float, float]
) -> list[dict[str, Any]]:
    """
    Give each device a site, tubes, and people of one village who nobody else has.

    `every` is the seconds between two people at a table, `between` the shares of the roster from which they come.
    """
    from sizao.engines.tube_codes import code_of
    from sizao.records.models import Place, TestingSite
    from sizao.terms import PlaceKind

    first = made.n_people * between[0]
    apart = made.n_people * (between[1] - between[0]) / n_devices
    assert apart > n_each, "too few people on the roster for so many tables"
    starts = [int(first + number * apart) + 1 for number in range(n_devices)]
    codes = [made.villages[(one - 1) * len(made.villages) // made.n_people] for one in starts]
    mark, next_number = time.time_ns(), made.round.sites.count() + 1
    places = Place.objects.bulk_create(
        [Place(name=f"测量{n}", kind=PlaceKind.PUBLIC_PLACE, area_code=code, source_key=f"bench:{mark}:{n}")
         for n, code in enumerate(codes)]
    )  # fmt: skip
    sites = TestingSite.objects.bulk_create(
        [TestingSite(round=made.round, place=place, number=number, area_code=place.area_code, n_tables=1,
                     added_at=PLANNED)
         for number, place in enumerate(places, start=next_number)]
    )  # fmt: skip
    given = []
    for number, (start, site) in enumerate(zip(starts, sites, strict=True)):
        n_tubes = -(-n_each // POOL_SIZE)
        serials = range(made.next_serial, made.next_serial + n_tubes)
        made.next_serial += n_tubes
        given.append(
            {"token": made.secrets[number % len(made.secrets)], "site": site.pk, "every": every,
             "first_person": start, "n_people": n_each, "codes": [code_of(one) for one in serials]}
        )  # fmt: skip
    return given


def plan_of(made: Made, port: int, given: list[dict[str, Any]], *, seconds: float, outbox: int) -> str:
    """Write the plan that the process of the devices reads."""
    path = f"/api/outbreaks/{made.outbreak.slug}/rounds/{made.round.number}/swabs"
    return json.dumps(
        {"host": "127.0.0.1", "port": port, "path": path, "seconds": seconds, "outbox": outbox,
         "pool_size": POOL_SIZE, "devices": given}
    )  # fmt: skip

"""A made-up outbreak of any size, written by COPY into a database of its own."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from sizao.drill import scenario
from sizao.records.models import Account, Area, Outbreak
from sizao.records.secrecy import blind_index, seal
from sizao.response import register
from sizao.terms import OutbreakKind, Role

FIRST_DATE, DAYS, OBSERVED_DAYS = date(2021, 1, 1), 60, 14
START = datetime(2021, 1, 1, 0, 0, tzinfo=UTC)
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
INITIALS = dict(zip(FAMILY + GIVEN, "wlzlcyhzwzxsmzhghgllwfnmjlqljyyyjjtmcxxp", strict=True))
# Statuses by their share in a thousand; "suspected" is the rare one that a list is narrowed to.
STATUSES = ["confirmed"] * 600 + ["asymptomatic"] * 300 + ["positive"] * 90 + ["discarded"] * 9 + ["suspected"]


def slug_of(n_people: int) -> str:
    return f"bench-{n_people}"


def build(n_people: int) -> Outbreak:
    """Make an outbreak with so many people, each a case and a contact, unless it stands already."""
    if standing := Outbreak.objects.filter(slug=slug_of(n_people)).first():
        return standing
    if not Area.objects.exists():
        register.load_areas(scenario.load("hebei-2021-01").areas(), by=None, now=START)
    with transaction.atomic():
        outbreak = Outbreak.objects.create(
            slug=slug_of(n_people), name="测量", name_en="Measurement", disease="covid-19", kind=OutbreakKind.DRILL,
            area_code="13", first_date=FIRST_DATE, last_date=FIRST_DATE + timedelta(days=DAYS - 1), opened_at=START,
        )  # fmt: skip
        _fill(outbreak, n_people)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return outbreak


def reader(role: Role, area_code: str) -> Account:
    facts = {"display_name": role.zh, "role": role, "area_code": area_code}
    return Account.objects.get_or_create(username=f"bench-{role}-{area_code}", defaults=facts)[0]


def _fill(outbreak: Outbreak, n_people: int) -> None:
    dice = random.Random(n_people)
    villages = list(Area.objects.filter(level="village").order_by("code").values_list("code", flat=True))
    # Some villages hold most cases, as in every outbreak.
    homes = dice.choices(villages, weights=[1 / (place + 20) for place in range(len(villages))], k=n_people)
    days = [dice.randrange(DAYS) for _ in range(n_people)]
    order = sorted(range(n_people), key=days.__getitem__)
    people = [(row + 1, homes[who], days[who]) for row, who in enumerate(order)]
    base = _base()
    _copy("records_person", _PERSON, (_person(base + row, home, day, dice) for row, home, day in people))
    mark, officer = outbreak.pk, reader(Role.DUTY_OFFICER, "13").pk
    _copy("records_case", _CASE, (_case(mark, base + row, home, day, dice) for row, home, day in people))
    _copy("records_casechange", _CASE_CHANGE, (one for row in people for one in _case_changes(base, *row, dice)))
    _copy("records_contact", _CONTACT, (_contact(mark, base + row, home, day) for row, home, day in people))
    _copy(
        "records_contactchange",
        _CONTACT_CHANGE,
        (one for row, _, day in people for one in _contact_changes(base + row, day)),
    )
    _copy("records_stay", _STAY, (_stay(base + row, home, day, dice) for row, home, day in people if row % 10))
    _copy("records_signal", _SIGNAL, (_signal(mark, base + row, home, day) for row, home, day in people))
    _copy("records_test", _TEST, (one for row in people for one in _tests(mark, base, *row)))
    _copy("records_isolationorder", _ORDER, (_order(mark, officer, base + row, home, day) for row, home, day in people))
    _copy("records_task", _TASK, (_task(mark, base + row, home, day, dice) for row, home, day in people))
    _copy("records_event", _EVENT, (_event(mark, base + row, home, day) for row, home, day in people))
    for table in ("person", "case", "casechange", "contact", "contactchange", "isolationorder"):
        _go_on_after(f"records_{table}")


def _base() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM records_person")
        return int(cursor.fetchone()[0])


def _copy(table: str, columns: str, rows: Iterator[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _go_on_after(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608


def _at(day: int, hour: int = 12) -> datetime:
    return START + timedelta(days=day, hours=hour)


_PERSON = "id, number, name, name_index, initials, sex, birth_date, area_code, registered_at, is_generated, source_key"


def _person(row: int, home: str, day: int, dice: random.Random) -> tuple[object, ...]:
    name = dice.choice(FAMILY) + dice.choice(GIVEN) + dice.choice(GIVEN)
    return (
        row, f"B-{row:07}", seal(name, column="records_person.name"),
        blind_index(name, column="records_person.name"), "".join(INITIALS[letter] for letter in name),
        dice.choice("FM"), date(1950, 1, 1) + timedelta(days=dice.randrange(25000)), home, _at(day), True,
        f"bench:{row}",
    )  # fmt: skip


_CASE = (
    "id, outbreak_id, person_id, number, status, area_code, onset_date, first_positive_date, found_by, opened_at, "
    "investigated_at, unread, unread_spans"
)


def _case(mark: int, row: int, home: str, day: int, dice: random.Random) -> tuple[object, ...]:
    onset = FIRST_DATE + timedelta(days=day - 2) if dice.random() < 0.7 else None
    investigated = _at(day + 1) if dice.random() < 0.9 else None
    return (
        row, mark, row, f"B-{row:07}", STATUSES[row % 1000], home, onset, FIRST_DATE + timedelta(days=day),
        "screening", _at(day), investigated, Jsonb([]), dice.randrange(3),
    )  # fmt: skip


_CASE_CHANGE = "case_id, status, at, by, basis, source_key"


def _case_changes(base: int, row: int, home: str, day: int, dice: random.Random) -> Iterator[tuple[object, ...]]:  # noqa: ARG001
    row = base + row
    yield row, "positive", _at(day), "sizao", Jsonb([]), f"bench:{row}:1"
    if STATUSES[row % 1000] != "positive":
        yield row, STATUSES[row % 1000], _at(day + 1), "sizao", Jsonb([]), f"bench:{row}:2"


_CONTACT = (
    "id, outbreak_id, person_id, kind, state, area_code, last_exposure_date, found_at, closed_at, source, source_key"
)


def _contact(mark: int, row: int, home: str, day: int) -> tuple[object, ...]:
    return (
        row, mark, row, "close", "released" if _is_over(day) else "found", home,
        FIRST_DATE + timedelta(days=day - 1), _at(day), _at(day + OBSERVED_DAYS) if _is_over(day) else None, "bench",
        f"bench:{row}",
    )  # fmt: skip


def _is_over(day: int) -> bool:
    """Whether the observation of somebody found on a day has ended by the last day."""
    return day + OBSERVED_DAYS < DAYS


_CONTACT_CHANGE = "contact_id, state, at, by, source_key"


def _contact_changes(row: int, day: int) -> Iterator[tuple[object, ...]]:
    yield row, "found", _at(day), "sizao", f"bench:{row}:1"
    if _is_over(day):
        yield row, "released", _at(day + OBSERVED_DAYS), "sizao", f"bench:{row}:2"


_STAY = "person_id, kind, area_code, period, party, single_room, recorded_at, source_key"


def _stay(row: int, home: str, day: int, dice: random.Random) -> tuple[object, ...]:
    kind = dice.choice(["room", "home", "bed"])
    return row, kind, home, f"[{_at(day).isoformat()},)", -row, False, _at(day), f"bench:{row}"


_SIGNAL = "outbreak_id, kind, state, person_id, area_code, occurred_at, received_at, facts, reason, source, source_key"


def _signal(mark: int, row: int, home: str, day: int) -> tuple[object, ...]:
    state = "new" if row % 50 == 0 else "verified"
    return mark, "positive_test", state, row, home, _at(day, 10), _at(day, 11), Jsonb({}), "", "bench", f"bench:{row}"


_TEST = "outbreak_id, person_id, method, taken_date, result, area_code, recorded_at, source_key"


def _tests(mark: int, base: int, row: int, home: str, day: int) -> Iterator[tuple[object, ...]]:
    for number, result in enumerate(("negative", "positive")):
        taken = FIRST_DATE + timedelta(days=day - 1 + number)
        yield mark, base + row, "nucleic_acid", taken, result, home, _at(day), f"bench:{base + row}:{number}"


_ORDER = (
    "outbreak_id, person_id, contact_id, kind, state, area_code, starts_date, ends_date, test_dates, reason, basis, "
    "proposed_at, issued_at, issued_by_id, decline_reason, ended_at, end_reason, legal_basis, "
    "served_by, served_how, served_with, family_told, source_key"
)


def _order(mark: int, officer: int, row: int, home: str, day: int) -> tuple[object, ...]:
    # One in ten of those still observed waits for an officer.
    issued = _is_over(day) or row % 10 != 0
    state = "ended" if _is_over(day) else "issued" if issued else "proposed"
    starts = FIRST_DATE + timedelta(days=day)
    reason = Jsonb({"contact_kind": "close", "counted_from": "last_exposure", "day_zero": str(starts)})
    return (
        mark, row, row, "central", state, home, starts, starts + timedelta(days=14), [], reason, Jsonb([]),
        _at(day), _at(day, 13) if issued else None, officer if issued else None, "",
        _at(day + OBSERVED_DAYS) if _is_over(day) else None, *[""] * 6, f"bench:{row}",
    )  # fmt: skip


_TASK = (
    "outbreak_id, kind, state, role, area_code, subject_kind, subject_id, subject_label, basis, asked_at, due_at, "
    "received_by, done_by, outcome, raised_steps, source_key"
)


def _task(mark: int, row: int, home: str, day: int, dice: random.Random) -> tuple[object, ...]:
    due = _at(day + 1) if dice.random() < 0.9 else None
    return (
        mark, "full_report", "open", "investigator", home[:6], "case", row, f"B-{row:07}", Jsonb([]), _at(day), due,
        "", "", "", 0, f"bench:{row}",
    )  # fmt: skip


_EVENT = (
    "verb, subject_kind, subject_id, person_id, actor, area_code, outbreak_id, at, facts, protocol"
)  # fmt: skip


def _event(mark: int, row: int, home: str, day: int) -> tuple[object, ...]:
    return "case.opened", "case", row, row, "sizao", home, mark, _at(day), Jsonb({}), "edition-7"

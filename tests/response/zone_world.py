"""A village that is a published zone, with homes in it, and whoever looks after them."""

from datetime import UTC, date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records.models import Household, PersonNeed, Stay, Zone, ZoneGate
from sizao.terms import NeedKind, Role, StayKind, ZoneLevel, ZoneState, ZoneUnit
from tests import factories

NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
VILLAGE = factories.VILLAGE
HOUR = timedelta(hours=1)


def zone(within, *, area_code=VILLAGE, **facts):
    """Announce an area a day ago."""
    given = {
        "outbreak": within, "area_code": area_code, "name": "小果庄村", "unit": ZoneUnit.VILLAGE,
        "level": ZoneLevel.HIGH, "state": ZoneState.PUBLISHED, "proposed_at": NOW - 26 * HOUR,
        "approved_at": NOW - 25 * HOUR, "published_at": NOW - 24 * HOUR, "since_date": date(2021, 1, 9),
        "source_key": f"test:zone:{area_code}:{facts.get('place', '')}",
    }  # fmt: skip
    return Zone.objects.create(**given | facts)


def home(*names, area_code=VILLAGE, place=None, key=""):
    """Give a household people; return it and them."""
    made = Household.objects.create(
        area_code=area_code, place=place, source_key=f"test:home:{area_code}:{key}:{'-'.join(names)}"
    )
    return made, [factories.person(name=name, household=made, area_code=area_code) for name in names]


def stay(person, kind=StayKind.HOME, *, since=NOW - 48 * HOUR, until=None, recorded_at=None):
    return Stay.objects.create(
        person=person, kind=kind, area_code=person.area_code, period=DateTimeTZRange(since, until),
        party=person.household_id or -person.pk, recorded_at=recorded_at or since,
        source_key=f"test:stay:{person.pk}:{since.isoformat()}",
    )  # fmt: skip


def need(person, kind=NeedKind.DIALYSIS, **facts):
    given = {"recorded_at": NOW - 30 * HOUR, "recorded_by": "t", "source_key": f"need:{person.pk}:{kind}"}
    return PersonNeed.objects.create(person=person, kind=kind, **given | facts)


def gate(of, name="东门"):
    return ZoneGate.objects.create(
        zone=of, name=name, opened_at=NOW - 20 * HOUR, opened_by="t", source_key=f"test:gate:{of.pk}:{name}"
    )


def worker(area_code=VILLAGE):
    return factories.account(role=Role.GRID_WORKER, area_code=area_code)


def officer(area_code="130109"):
    return factories.account(role=Role.AREA_OFFICER, area_code=area_code)

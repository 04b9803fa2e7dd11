"""People at home under an order, and who knocks at their doors."""

from datetime import UTC, date, datetime, timedelta

from sizao.records.models import Household, IsolationOrder, PersonNeed
from sizao.terms import NeedKind, OrderKind, OrderState, Role
from tests import factories

DAY = date(2021, 1, 10)
NOW = datetime(2021, 1, 10, 2, 0, tzinfo=UTC)  # 10:00 where it happens
VILLAGE = factories.VILLAGE


def order_of(person, *, within, kind=OrderKind.HOME, state=OrderState.ISSUED, **facts):
    """Give somebody an order, by default an issued one to isolate at home since yesterday."""
    issued = {"issued_at": NOW - timedelta(hours=20), "issued_by": factories.account()}
    defaults = {
        "outbreak": within,
        "person": person,
        "kind": kind,
        "state": state,
        "area_code": person.area_code,
        "starts_date": DAY - timedelta(days=1),
        "ends_date": DAY + timedelta(days=5),
        "proposed_at": NOW - timedelta(days=1),
        "source_key": f"order:{person.pk}:{kind}:{facts.get('starts_date', '')}",
    }
    return IsolationOrder.objects.create(**defaults | (issued if state == OrderState.ISSUED else {}) | facts)


def household(*people):
    home = Household.objects.create(area_code=VILLAGE, source_key=f"household:{people[0].pk}")
    for one in people:
        one.household = home
        one.save()
    return home


def need(person, kind=NeedKind.CHRONIC, **facts):
    defaults = {"recorded_at": NOW - timedelta(days=1), "recorded_by": "t", "source_key": f"need:{person.pk}:{kind}"}
    return PersonNeed.objects.create(person=person, kind=kind, **defaults | facts)


def grid_worker(area_code=VILLAGE):
    return factories.account(role=Role.GRID_WORKER, area_code=area_code)


def born(years):
    """Give the birthday of somebody of so many years."""
    return DAY.replace(year=DAY.year - years) - timedelta(days=10)

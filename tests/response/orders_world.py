"""What tests of orders begin with: an outbreak under edition 9, a close contact of a case, an officer, an order."""

from datetime import UTC, date, datetime, timedelta

from sizao.records.models import Contact, IsolationOrder, Test
from sizao.response import isolation
from sizao.terms import ContactKind, ContactState, OrderState, Role, TestMethod
from tests import factories

NOW = datetime(2022, 8, 3, 4, 0, tzinfo=UTC)  # noon
TODAY = date(2022, 8, 3)
COUNTY = "130109"


def outbreak(**facts):
    return factories.outbreak(first_date=date(2022, 8, 1), opened_at=NOW - timedelta(days=2), **facts)


def officer(**facts):
    return factories.account(**{"role": Role.ISOLATION_COORDINATOR, "area_code": "1301"} | facts)


def contact(within, **facts):
    person = facts.pop("person", None) or factories.person(name="王小明")
    defaults = {
        "kind": ContactKind.CLOSE, "state": ContactState.FOUND, "last_exposure_date": date(2022, 8, 2),
        "found_at": NOW, "source": "named", "source_key": f"contact:{person.number}", "area_code": person.area_code,
    }  # fmt: skip
    facts = defaults | facts
    if "index_case" not in facts:
        facts["index_case"] = factories.case(within=within)
    return Contact.objects.create(outbreak=within, person=person, **facts)


def proposed(of, *, now=NOW):
    isolation.advance(outbreak=of.outbreak, now=now)
    return IsolationOrder.objects.filter(contact=of, state=OrderState.PROPOSED).latest("id")


def issued(of, *, by=None, now=NOW):
    return isolation.issue(order=proposed(of, now=now), by=by or officer(), now=now)


def swabbed(person, within, day, result, *, recorded_at=NOW):
    return Test.objects.create(
        person=person, outbreak=within, method=TestMethod.NUCLEIC_ACID, taken_date=day, result=result,
        area_code=person.area_code, recorded_at=recorded_at, source_key=f"test:{person.number}:{day}:{result}",
    )  # fmt: skip

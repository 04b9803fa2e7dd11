"""One builder per noun; every default is valid and boring."""

from datetime import UTC, date, datetime
from itertools import count

from sizao.records.models import Account, Area, Case, Contact, Outbreak, Person, Place
from sizao.records.secrecy import blind_index
from sizao.terms import CaseStatus, ContactKind, ContactState, OutbreakKind, PlaceKind, Role

NOW = datetime(2021, 1, 10, 12, 0, tzinfo=UTC)
VILLAGE = "130109110212"
_serial = count(1)


def area(code: str = VILLAGE, name: str = "小果庄村", **facts) -> Area:
    from sizao.terms import LEVEL_OF_DIGITS

    defaults = {"name": name, "short_name": name, "level": LEVEL_OF_DIGITS[len(code)]}
    return Area.objects.get_or_create(code=code, defaults=defaults | facts)[0]


def outbreak(**facts) -> Outbreak:
    serial = next(_serial)
    defaults = {
        "slug": f"outbreak-{serial}",
        "name": "石家庄邢台疫情",
        "name_en": "Shijiazhuang and Xingtai",
        "disease": "covid-19",
        "kind": OutbreakKind.REPLAY,
        "area_code": "13",
        "first_date": date(2021, 1, 2),
        "opened_at": datetime(2021, 1, 2, 1, 0, tzinfo=UTC),
    }
    return Outbreak.objects.create(**defaults | facts)


def person(*, name: str | None = None, **facts) -> Person:
    serial = next(_serial)
    defaults = {
        "number": f"P-{serial:06}",
        "name": name,
        "name_index": name and blind_index(name, column="records_person.name"),
        "area_code": VILLAGE,
        "registered_at": NOW,
        "source_key": f"test:person:{serial}",
    }
    return Person.objects.create(**defaults | facts)


def case(*, of: Person | None = None, within: Outbreak | None = None, **facts) -> Case:
    of = of or person()
    defaults = {
        "outbreak": within or outbreak(),
        "person": of,
        "number": f"C-{of.number}",
        "status": CaseStatus.CONFIRMED,
        "area_code": of.area_code,
        "opened_at": NOW,
    }
    return Case.objects.create(**defaults | facts)


def contact(*, person: Person | None = None, within: Outbreak | None = None, **facts) -> Contact:
    serial = next(_serial)
    of = person or globals()["person"]()  # the builder, whose name the argument takes
    defaults = {
        "outbreak": within or outbreak(),
        "person": of,
        "kind": ContactKind.CLOSE,
        "state": ContactState.FOUND,
        "area_code": of.area_code,
        "found_at": NOW,
        "source": "test",
        "source_key": f"test:contact:{serial}",
    }
    return Contact.objects.create(**defaults | facts)


def place(**facts) -> Place:
    serial = next(_serial)
    defaults = {
        "kind": PlaceKind.BANQUET,
        "name": "机场路附近某酒店",
        "area_code": "130109",
        "source_key": f"test:place:{serial}",
    }
    return Place.objects.create(**defaults | facts)


def account(*, role: Role = Role.DUTY_OFFICER, area_code: str = "13", **facts) -> Account:
    serial = next(_serial)
    defaults = {"username": f"user-{serial}", "display_name": "值班员", "role": role, "area_code": area_code}
    return Account.objects.create(**defaults | facts)

"""What of a form the records can fill; what they do not tell, or the reader may not see, stays blank."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from sizao.protocol.forms import Form
from sizao.records import access
from sizao.records.access import Identity
from sizao.records.models import Account, Area, Case, CaseChange, Contact, Person, Test, Visit
from sizao.terms import AREA_DIGITS, AreaLevel, CaseStatus, FoundBy

_COUNTY, _CITY, _PROVINCE = (AREA_DIGITS[level] for level in (AreaLevel.COUNTY, AreaLevel.CITY, AreaLevel.PROVINCE))
_CLASSES = {
    CaseStatus.SUSPECTED: "疑似病例", CaseStatus.CONFIRMED: "确诊病例", CaseStatus.ASYMPTOMATIC: "病原携带者",
}  # fmt: skip
_EXPOSURES = {CaseStatus.SUSPECTED: "1接触疑似病例", CaseStatus.CONFIRMED: "3接触实验室确诊病例"}
_MOST_VISITS = 60


@dataclass(frozen=True, slots=True)
class About:
    """Whom a form is about, and who fills it."""

    person: Person
    identity: Identity
    case: Case | None
    number: str
    is_correction: bool
    by: Account
    now: datetime


def filled(form: Form, about: About) -> dict[str, str]:
    """Fill a form from records: field numbers to what stands there, unknown ones left out."""
    found = {str(one.no): _FILLS[one.fill](about) for one in form.fields if one.fill}
    return {no: text for no, text in found.items() if text}


def diagnosed_at(case: Case | None) -> datetime | None:
    """Say when a case was first diagnosed as suspected, asymptomatic or confirmed; None before."""
    if case is None:
        return None
    moves = CaseChange.objects.filter(case=case, status__in=_CLASSES)
    first = moves.order_by("at", "pk").first()
    return first.at if first else None


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _age(about: About) -> str:
    born = about.identity.birth_date
    if born is None:
        return ""
    today = timezone.localtime(about.now).date()
    return str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def _belongs(about: About) -> str:
    home, here = about.person.area_code, about.case.area_code if about.case else about.by.area_code
    steps = ((_COUNTY, "本县区"), (_CITY, "本市其他县区"), (_PROVINCE, "本省其它地市"))
    near = next((said for size, said in steps if len(here) >= size and home[:size] == here[:size]), "外省")
    return near if len(home) >= _COUNTY else ""


def _address(about: About) -> str:
    codes = [about.person.area_code[:size] for size in (2, 4, 6, 9, 12) if len(about.person.area_code) >= size]
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return "".join(names.get(code, "") for code in codes) + (about.identity.address or "")


def _onset(about: About) -> str:
    if about.case is None:
        return ""
    # Of a carrier the form asks for the day of the first positive test.
    first = about.case.first_positive_date if about.case.status == CaseStatus.ASYMPTOMATIC else None
    return _day(about.case.onset_date or first)


def _diagnosed(about: About) -> str:
    moment = diagnosed_at(about.case)
    return f"{timezone.localtime(moment):%Y-%m-%d %H时}" if moment else ""


def _office(about: About) -> str:
    area = Area.objects.filter(code=about.by.area_code).first()
    return area.name if area else ""


def _latest_test(about: About) -> Test | None:
    return Test.objects.filter(person=about.person).order_by("-taken_date", "-pk").first()


def _taken(about: About) -> str:
    found = _latest_test(about)
    return _day(found.taken_date) if found else ""


def _taken_time(about: About) -> str:
    found = _latest_test(about)
    return f"{timezone.localtime(found.taken_at):%H:%M}" if found and found.taken_at else ""


def _exposure(about: About) -> str:
    contact = Contact.objects.filter(person=about.person, index_case__isnull=False).order_by("-found_at").first()
    return _EXPOSURES.get(CaseStatus(contact.index_case.status), "") if contact else ""


def _places(about: About) -> str:
    visits = Visit.objects.filter(person=about.person).select_related("place").order_by("first_date", "pk")
    lines = []
    for one in visits[:_MOST_VISITS]:
        days = _day(one.first_date) + (f"至{_day(one.last_date)}" if one.last_date != one.first_date else "")
        lines.append(f"{days} {one.place.name if one.place else one.place_text} {one.transport}".strip())
    return "；".join(lines)


_FILLS: dict[str, Callable[[About], str]] = {
    "number": lambda about: about.number,
    "kind": lambda about: "订正报告" if about.is_correction else "初次报告",
    "name": lambda about: "" if about.identity.masked else about.identity.name or "",
    "id_number": lambda about: about.identity.id_number or "",
    "sex": lambda about: {"M": "男", "F": "女"}.get(about.identity.sex or "", ""),
    "birth_date": lambda about: _day(about.identity.birth_date),
    "age": _age,
    "age_unit": lambda about: "岁" if about.identity.birth_date else "",
    "phone": lambda about: about.identity.phone or "",
    "belongs": _belongs,
    "address": _address,
    "class": lambda about: _CLASSES.get(CaseStatus(about.case.status), "") if about.case else "",
    "onset_date": _onset,
    "diagnosed_at": _diagnosed,
    "office": _office,
    "filler": lambda about: about.by.display_name or about.by.username,
    "filled_date": lambda about: _day(timezone.localtime(about.now).date()),
    "found_by": lambda about: FoundBy(about.case.found_by).zh if about.case and about.case.found_by else "",
    "taken_date": _taken,
    "taken_time": _taken_time,
    "exposure_kind": _exposure,
    "places": _places,
}


def identity_of(found: Person, by: Account) -> Identity:
    """Show who a person is to who fills their form; masked outside of the jurisdiction, and so left blank."""
    return access.identity(found, to=by)

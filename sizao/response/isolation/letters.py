"""
The letter of an order: what is asked, from when until when and by which sum, by which law, what is owed, how to object.

Composed in Chinese and English from the order itself; it names nobody but the person it is for and who decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from sizao.adapters import order_letters
from sizao.adapters.order_letters import Letter
from sizao.errors import SizaoError
from sizao.protocol.laws import proposed_basis, shipped_laws
from sizao.records import access, journal, officers
from sizao.records.models import Account, Area, IsolationOrder, Outbreak, Person
from sizao.response.isolation import secondary
from sizao.response.isolation.home.contacts import contact_of
from sizao.response.isolation.letter_codes import code_of, number_of
from sizao.response.isolation.notice import notice
from sizao.terms import ContactKind, Dependency, OrderKind, OrderState, OrderText, Right

LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}
AT_ONCE = 500


class NotIssued(SizaoError):
    code = "order.letter_not_issued"
    message = "This order is {was}. A letter is printed of one that an officer issued."


class TooManyLetters(SizaoError):
    code = "order.too_many_letters"
    message = "{count} letters are too many for one file of {most}. Choose a smaller area."


class NoLetters(SizaoError):
    code = "order.no_letters"
    message = "No order of your area that was issued on {day} still stands, so there is no letter to print."


class LanguageUnknown(SizaoError):
    code = "order.letter_language.unreadable"
    message = "Letters are printed in: {allowed}. Choose one of them."


@dataclass(frozen=True, slots=True)
class Printed:
    """A file of letters, and of how many orders."""

    content: bytes
    count: int


def of_order(*, order: IsolationOrder, language: str, by: Account, now: datetime) -> Printed:
    """Print the letter of one issued order. Raise NotIssued, LanguageUnknown, or the door's refusal."""
    if order.state != OrderState.ISSUED:
        raise NotIssued(was=OrderState(order.state))
    return _printed([order], language, by=by, now=now)


def of_day(*, outbreak: Outbreak, day: date, language: str, by: Account, now: datetime) -> Printed:
    """
    Print the letters of all orders of one's area that were issued on a day, stand, and were not served yet.

    Raise NoLetters, TooManyLetters, LanguageUnknown, or the door's refusal.
    """
    access.require(by, _right(by))
    chosen = to_print(outbreak, by.area_code, day, as_of=now)
    count = chosen.count()
    if not count:
        raise NoLetters(day=day)
    if count > AT_ONCE:
        raise TooManyLetters(count=count, most=AT_ONCE)
    return _printed(list(chosen), language, by=by, now=now)


def to_print(outbreak: Outbreak, area_code: str, day: date, *, as_of: datetime) -> QuerySet[IsolationOrder]:
    """Give the orders of an area issued on a day that stand at a moment and were not served."""
    standing = IsolationOrder.objects.filter(
        outbreak=outbreak, area_code__startswith=area_code, state=OrderState.ISSUED, issued_at__lte=as_of,
        issued_at__date=day, served_at=None,
    )  # fmt: skip
    return standing.select_related("person", "contact", "outbreak", "issued_by", "place").order_by("area_code", "pk")


def _right(by: Account) -> Right:
    return Right.ORDER_SERVE if access.may(by, Right.ORDER_SERVE) else Right.ORDER_ISSUE


def _printed(orders: Sequence[IsolationOrder], language: str, *, by: Account, now: datetime) -> Printed:
    if language not in LANGUAGES:
        raise LanguageUnknown(allowed=", ".join(LANGUAGES))
    right = _right(by)
    for one in orders:
        access.require(by, right, area_code=one.area_code)
    letters = []
    for one in orders:
        found = access.person(one.person.number, to=right, by=by, now=now, purpose=f"letter {number_of(one)}")
        letters += [compose(one, found, told, by=by, now=now) for told in LANGUAGES[language]]
    journal.write_many([journal.line("order.letter_printed", one, by=by, at=now, language=language) for one in orders])
    return Printed(order_letters.pdf(letters), len(orders))


def compose(order: IsolationOrder, person: Person, language: str, *, by: Account, now: datetime) -> Letter:
    """Compose the letter of an order in `zh` or `en`, for somebody who came through the door."""
    told, kind = notice(order, language), OrderKind(order.kind)
    return Letter(
        language=language,
        number=number_of(order),
        code=code_of(order),
        title=_text(f"TITLE_{kind.name}", language),
        who=who_of(person, by),
        place=order.place.name if order.place else _home_of(person, kind),
        asked=_text(f"ASKED_{kind.name}", language),
        starts=_day(told.starts_date, language),
        ends=_day(told.ends_date, language),
        tests=tuple(_day(day, language) for day in told.test_dates),
        reason=told.reason,
        sums=told.sums,
        waits=_waits(order, language, now),
        laws=laws(order, language),
        owed=owed(order, language),
        remedies=told.remedies,
        call=_call(order, now),
        issued_by=_issuer(order, language),
        issued_at=f"{timezone.localtime(order.issued_at):%Y-%m-%d %H:%M}" if order.issued_at else "",
        drill=order.outbreak.called(language) if not order.outbreak.acts_on_people else "",
    )


def who_of(person: Person, by: Account) -> str:
    """Tell whom an order is for to whoever serves it; outside their area the name stays hidden."""
    here = access.covers(by, person.area_code)
    name = person.name if here else access.mask_name(person.name)
    address = person.address if here else None
    return " · ".join(part for part in (name, person.number, address) if part)


def laws(order: IsolationOrder, language: str) -> tuple[str, ...]:
    """Tell the law that an order rests on; with its wording where it is the one that the library proposes."""
    kind, day = OrderKind(order.kind), order.starts_date
    if order.legal_basis == proposed_basis(kind, day):
        return tuple(law.told(language) for law in shipped_laws().basis_of(kind, day))
    return (order.legal_basis,) if order.legal_basis else ()


def owed(order: IsolationOrder, language: str) -> tuple[str, ...]:
    """Tell what somebody under an order is owed: their living, and by law their pay."""
    by_law = shipped_laws().owed_under(OrderKind(order.kind), order.starts_date)
    return (_text("GOODS", language), *(law.told(language) for law in by_law))


def _text(name: str, language: str) -> str:
    return OrderText[name].label(language)


def _home_of(person: Person, kind: OrderKind) -> str:
    if kind == OrderKind.CENTRAL:
        return ""
    area = Area.objects.filter(code=person.area_code).first()
    return area.name if area else person.area_code


def _waits(order: IsolationOrder, language: str, now: datetime) -> str:
    if order.contact is None or order.contact.kind != ContactKind.SECONDARY:
        return ""
    standing = secondary.standing(order.contact, as_of=now)
    if standing is None or standing.dependency in (Dependency.FREE, Dependency.NOT_ASKED):
        return ""
    until = _day(max(order.ends_date, standing.at_most or order.ends_date), language)
    return OrderText.WAITS.label(language).format(count=standing.needed, date=until)


def _call(order: IsolationOrder, now: datetime) -> str:
    found = contact_of(order.area_code, as_of=now)
    return " · ".join(part for part in (found.office, found.phone, found.hours) if part) if found else ""


def _issuer(order: IsolationOrder, language: str) -> str:
    if order.issued_by is None:
        return ""
    found = officers.behind(order.issued_by, order.issued_at)
    area = Area.objects.filter(code=found.area_code).first()
    name = officers.name_of(order.issued_by, order.issued_at)
    return f"{area.name} · {name}" if area else name


def _day(day: date, language: str) -> str:
    if language.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return day.isoformat()

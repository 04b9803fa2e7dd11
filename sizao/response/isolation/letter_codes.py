"""
The number and the code on the letter of an order: with both, the person reads what applies to them, and objects.

The number names the order and stands in the QR code too; the code is known only to whoever holds the letter. It follows
from the installation's key, so that a letter printed twice bears one code and none is kept.
"""

import secrets
from datetime import date, datetime, timedelta

from sizao.errors import SizaoError
from sizao.protocol.laws import shipped_laws
from sizao.records import journal
from sizao.records.models import IsolationOrder, Outbreak
from sizao.records.secrecy import blind_index
from sizao.terms import OrderState

LENGTH = 10  # of 32 letters: 50 bits, which nobody guesses at the rate that the page allows
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
_CHECK = 97
_DIGITS = 9


class LetterUnknown(SizaoError):
    code = "order.letter_unknown"
    message = (
        "This number and code lead to no order. Check both; {days} days after the last day of an order they work no "
        "more. You may always object by telephone or in person."
    )


def number_of(order: IsolationOrder) -> str:
    """Write the number of an order, with two digits that catch a slip."""
    return f"GL{order.pk:07d}{order.pk % _CHECK:02d}"


def read_number(given: str) -> int | None:
    """Read the number of an order as somebody typed it; None where it cannot be one."""
    plain = "".join(given.split()).upper().removeprefix("GL").replace("-", "")
    if len(plain) < _DIGITS or not (plain.isascii() and plain.isdigit()) or len(plain) > 2 * _DIGITS:
        return None
    pk = int(plain[:-2])
    return pk if pk % _CHECK == int(plain[-2:]) else None


def code_of(order: IsolationOrder) -> str:
    """Write the code of an issued order in groups."""
    plain = _plain(order)
    return f"{plain[:4]} {plain[4:7]} {plain[7:]}"


def _plain(order: IsolationOrder) -> str:
    issued = order.issued_at.isoformat() if order.issued_at else ""
    number = int(blind_index(f"{order.pk}:{issued}", column="records_isolationorder.letter"), 16)
    letters = []
    for _ in range(LENGTH):
        number, one = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[one])
    return "".join(letters)


def read(*, number: str, code: str, now: datetime) -> IsolationOrder:
    """
    Find the order that the number and code of a letter name; the reading is journalled.

    Raise LetterUnknown, alike for all that may be wrong.
    """
    days = shipped_laws().clocks["code_days"].whole
    found = IsolationOrder.objects.filter(
        pk=read_number(number) or 0, issued_at__lte=now, state__in=(OrderState.ISSUED, OrderState.ENDED)
    )
    order = found.select_related("outbreak", "person", "place").first()
    given = "".join(code.split()).replace("-", "").upper()
    # Compared even where there is no such order, so that the answer takes as long.
    matches = secrets.compare_digest(given.encode(), (_plain(order) if order else " " * LENGTH).encode())
    if order is None or not matches or _today(order.outbreak, now) > order.ends_date + timedelta(days=days):
        raise LetterUnknown(days=days)
    journal.write("order.read_by_letter", order, by=None, at=now)
    return order


def _today(outbreak: Outbreak, now: datetime) -> date:
    """Say the day that it is; where all is over long ago, the last one there is."""
    today = outbreak.day_of(now)
    return min(today, outbreak.last_date) if outbreak.last_date else today

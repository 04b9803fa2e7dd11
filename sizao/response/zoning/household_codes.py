"""
The number and code of a household inside a zone: with both, whoever lives there asks for what they need by themselves.

The slip with both is handed over at the door. The code follows from the key of the installation, so that a slip printed
twice bears one code and none is kept; it works as long as the zone stands.
"""

import secrets
from datetime import datetime

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Household, Zone
from sizao.records.secrecy import blind_index
from sizao.terms import ZoneState

LENGTH = 8  # of 32 letters: 40 bits, which nobody guesses at the rate that the page allows
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
_CHECK, _FACTOR = 97, 31
_PARTS = 3
_DIGITS = 18  # fewer than a 64-bit number may have


class SlipUnknown(SizaoError):
    code = "zone.slip_unknown"
    message = (
        "This number and code lead to no household in a zone that stands. Check both, or ask whoever comes to your "
        "door. In an emergency call 120 at once."
    )


def number_of(zone: Zone, household: Household) -> str:
    """Write the number of a household's slip, with two digits that catch a mistake."""
    return f"QN{zone.pk}-{household.pk}-{_check(zone.pk, household.pk):02d}"


def code_of(zone: Zone, household: Household) -> str:
    """Write the code of a household's slip in groups."""
    plain = _plain(zone, household)
    return f"{plain[:4]} {plain[4:]}"


def read(*, number: str, code: str, now: datetime) -> tuple[Zone, Household]:
    """
    Find the zone and household that a slip names; the reading is journalled.

    Raise SlipUnknown, alike for all that may be wrong.
    """
    zone_pk, household_pk = read_number(number) or (0, 0)
    zone = Zone.objects.filter(pk=zone_pk, state=ZoneState.PUBLISHED, published_at__lte=now).first()
    household = Household.objects.filter(pk=household_pk).first()
    given = "".join(code.split()).replace("-", "").upper()
    # Compared even where there is no such household, so that the answer takes as long.
    known = _plain(zone, household) if zone and household else " " * LENGTH
    matches = secrets.compare_digest(given.encode(), known.encode())
    if zone is None or household is None or not matches:
        raise SlipUnknown
    journal.write("zone.slip_read", household, by=None, at=now, zone=zone.pk)
    return zone, household


def read_number(given: str) -> tuple[int, int] | None:
    """Read the rows that a number names as somebody typed it; None where it cannot be one."""
    parts = "".join(given.split()).upper().removeprefix("QN").split("-")
    if len(parts) != _PARTS or not all(one.isascii() and one.isdigit() and len(one) <= _DIGITS for one in parts):
        return None
    zone, household, check = (int(one) for one in parts)
    return (zone, household) if check == _check(zone, household) else None


def _check(zone: int, household: int) -> int:
    return (zone * _FACTOR + household) % _CHECK


def _plain(zone: Zone, household: Household) -> str:
    since = zone.published_at.isoformat() if zone.published_at else ""
    number = int(blind_index(f"{zone.pk}:{household.pk}:{since}", column="records_household.slip"), 16)
    letters = []
    for _ in range(LENGTH):
        number, one = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[one])
    return "".join(letters)

"""The number that people at home call: kept by area, the narrowest and latest answers."""

from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, CareContact
from sizao.terms import LEVEL_OF_DIGITS, Right


class ContactIncomplete(SizaoError):
    code = "home.contact.incomplete"
    message = "Give the office and its telephone: people at home are told both on their order."


@transaction.atomic
def set_contact(*, area_code: str, office: str, phone: str, by: Account, now: datetime, hours: str = "") -> CareContact:
    """
    Say whom people at home in an area call from now on.

    Raise ContactIncomplete, or the door's refusal where the area is not the account's.
    """
    access.require(by, Right.ROOM_ALLOCATE, area_code=area_code)
    if not office.strip() or not phone.strip():
        raise ContactIncomplete
    said = CareContact.objects.create(
        area_code=area_code,
        office=office.strip()[:60],
        phone=phone.strip()[:40],
        hours=hours.strip()[:60],
        since_at=now,
        recorded_by=by.username,
        source_key=f"care:{area_code}:{now.isoformat()}",
    )
    journal.write("care.contact_set", said, by=by, at=now)
    return said


def contact_of(area_code: str, *, as_of: datetime) -> CareContact | None:
    """Give whom people at home in an area call at a moment; None where no area above it has said so either."""
    above = [area_code[:digits] for digits in LEVEL_OF_DIGITS if digits <= len(area_code)]
    found = CareContact.objects.filter(area_code__in=above, since_at__lte=as_of)
    return max(found, key=lambda one: (len(one.area_code), one.since_at), default=None)

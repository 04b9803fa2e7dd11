"""The laboratories of a jurisdiction: where tubes are read, and how many an hour."""

import re
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, Laboratory
from sizao.response import register
from sizao.response.register import PlaceEntry
from sizao.response.testing import chain
from sizao.terms import Phrase, PlaceKind, Right

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
MOST_AN_HOUR = 100_000
FIELDS = {
    "code": Phrase("code", "编号"), "name": Phrase("name", "名称"), "area": Phrase("area", "区划代码"),
    "capacity": Phrase("capacity", "每小时检测管数"),
}  # fmt: skip


class LaboratoryUnreadable(SizaoError):
    code = "laboratory.unreadable"
    message = (
        "“{given}” cannot be the {field} of a laboratory. Give a code of 2 to 20 capital letters, digits and hyphens, "
        "a name, a division code of your area, and how many tubes it reads in an hour (1 to 100,000)."
    )


class LaboratoryExists(SizaoError):
    code = "laboratory.exists"
    message = "There is a laboratory {given} already. Choose another code, or use that one."


class CapacityTheSame(SizaoError):
    code = "laboratory.capacity_the_same"
    message = "Laboratory {given} reads {count} tubes an hour already. Give the number that is new."


class LaboratoryClosed(SizaoError):
    code = "laboratory.closed"
    message = "Laboratory {given} was closed on {at:%Y-%m-%d %H:%M}. Its runs are kept; send tubes to another one."


@transaction.atomic
def add_laboratory(
    *, laboratory_code: str, name: str, area_code: str, tubes_per_hour: int, by: Account, now: datetime
) -> Laboratory:
    """Register a laboratory under a code of its own. Raise LaboratoryUnreadable, LaboratoryExists."""
    access.require(by, Right.TESTING_PLAN)
    plain = laboratory_code.strip().upper()
    wrong = {
        "code": not _CODE.fullmatch(plain) and laboratory_code,
        "name": not 0 < len(name.strip()) <= 100 and (name or "?"),  # noqa: PLR2004 — of the column
        "area": not (area_code.isascii() and area_code.isdigit() and 2 <= len(area_code) <= 12) and (area_code or "?"),  # noqa: PLR2004
        "capacity": not 1 <= tubes_per_hour <= MOST_AN_HOUR and str(tubes_per_hour),
    }
    for field, given in wrong.items():
        if given is not False:
            raise LaboratoryUnreadable(field=FIELDS[field], given=str(given)[:40])
    access.require(by, Right.TESTING_PLAN, area_code=area_code)
    if Laboratory.objects.filter(code=plain).exists():
        raise LaboratoryExists(given=plain)
    key = f"laboratory:{plain}"
    entry = PlaceEntry(source_key=key, kind=PlaceKind.WORKPLACE, name=name.strip(), area_code=area_code)
    place = register.register_places([entry], by=by, now=now)[key]
    made = Laboratory.objects.create(
        code=plain, name=name.strip(), place=place, area_code=area_code, tubes_per_hour=tubes_per_hour, opened_at=now,
        added_by=by.username,
    )  # fmt: skip
    journal.write("laboratory.added", made, by=by, at=now, laboratory=plain, tubes_per_hour=tubes_per_hour)
    return made


@transaction.atomic
def change_capacity(*, laboratory: Laboratory, tubes_per_hour: int, by: Account, now: datetime) -> Laboratory:
    """
    Write down that a laboratory reads another number of tubes an hour from now on; what it read before stays known.

    Raise LaboratoryUnreadable, CapacityTheSame, LaboratoryClosed, or the door's refusal.
    """
    access.require(by, Right.TESTING_PLAN, area_code=laboratory.area_code)
    if not 1 <= tubes_per_hour <= MOST_AN_HOUR:
        raise LaboratoryUnreadable(field=FIELDS["capacity"], given=str(tubes_per_hour)[:40])
    held = Laboratory.objects.select_for_update().get(pk=laboratory.pk)
    check_open(held, now)
    was = held.tubes_per_hour
    if tubes_per_hour == was:
        raise CapacityTheSame(given=held.code, count=was)
    held.tubes_per_hour = tubes_per_hour
    held.save(update_fields=["tubes_per_hour"])
    facts = {"laboratory": held.code, "was": was, "tubes_per_hour": tubes_per_hour}
    journal.write(chain.CAPACITY_CHANGED, held, by=by, at=now, **facts)
    return held


def laboratories_at(account: Account, as_of: datetime) -> QuerySet[Laboratory]:
    """Give the laboratories of an account's area that were open at a moment, by their codes."""
    stood = Q(closed_at=None) | Q(closed_at__gt=as_of)
    return Laboratory.objects.filter(stood, opened_at__lte=as_of, area_code__startswith=account.area_code).order_by(
        "code"
    )


def require_reader(account: Account) -> None:
    """Refuse who may not see the situation. Raise the door's refusal."""
    access.require(account, Right.SITUATION_READ)


def fetch(laboratory_code: str, *, to: Right, by: Account) -> Laboratory:
    """Fetch a laboratory of the account's area by its code, for one purpose. Raise the door's refusal."""
    access.require(by, to)
    found = Laboratory.objects.filter(code=laboratory_code.strip().upper()).first()
    if found is None or not access.covers(by, found.area_code):
        raise NotYours(what="laboratory", area=by.area_code)
    return found


def check_open(laboratory: Laboratory, now: datetime) -> None:
    """Raise LaboratoryClosed for one that takes no more tubes."""
    if laboratory.closed_at is not None and laboratory.closed_at <= now:
        raise LaboratoryClosed(given=laboratory.code, at=laboratory.closed_at)

"""The check of a site before it may be used: item by item, with photographs, signed, never changed afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from sizao.adapters.photographs import Photograph
from sizao.errors import SizaoError
from sizao.protocol import Rules, basis
from sizao.records import access, journal
from sizao.records.models import Account, IsolationSite, Outbreak, SiteCheck, SitePhoto
from sizao.response import outbreaks
from sizao.response.clocks import AWAITS
from sizao.response.isolation import sites
from sizao.terms import CheckMark, Right, SiteCheckItem, SiteState, Words

MOST_PHOTOS = 20
# Which value of the edition asks for an item; all others are asked wherever people are kept.
ASKED_BY: dict[SiteCheckItem, str] = {
    SiteCheckItem.ZONES: "isolation_site.zones_count",
    SiteCheckItem.CORRIDORS: "isolation_site.corridors_count",
    SiteCheckItem.SINGLE_ROOM: "isolation_site.single_room",
    SiteCheckItem.OWN_TOILET: "isolation_site.single_room",
    SiteCheckItem.AIR: "isolation_site.single_room",
    SiteCheckItem.CLOSED_LOOP: "isolation_site.staff_closed_loop",
    SiteCheckItem.TRAINING: "isolation_site.staff_closed_loop",
}
ENABLED = "isolation_site.enabled"


class ItemsMissing(SizaoError):
    code = "isolation.check_items_missing"
    message = "The check is not whole: {items} have no mark. Look at each and mark it."


class ItemWithoutReason(SizaoError):
    code = "isolation.check_item_without_reason"
    message = "Say what is wrong with: {items}. Who mends it will read the note."


class ItemMustBeAsked(SizaoError):
    code = "isolation.check_item_must_be_asked"
    message = (
        "{items} may not be left out: the edition in force asks for them ({origin}). Mark each as passed or failed."
    )


class SignatureMissing(SizaoError):
    code = "isolation.check_signature_missing"
    message = "Sign the check with your name: whoever puts people into the site relies on it."


class TooManyPhotos(SizaoError):
    code = "isolation.too_many_photos"
    message = "A check holds at most {most} photographs; {count} were sent. Choose those that show what was found."


class CheckInTheFuture(SizaoError):
    code = "isolation.check_in_the_future"
    message = "The check cannot have been made at {at:%Y-%m-%d %H:%M}, which is still to come. Correct the time."


class NoCentralIsolation(SizaoError):
    code = "isolation.no_central_isolation"
    message = "The edition in force ({origin}) knows no isolation sites, so none is checked for use."


@dataclass(frozen=True, slots=True)
class Asked:
    """An item of the check: whether the edition asks for it, and by which value; `awaits`: it is not confirmed."""

    item: SiteCheckItem
    is_asked: bool
    entry: dict[str, Any] | None
    awaits: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one item."""

    mark: CheckMark
    note: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A photograph of a check, and the item that it shows; None for the whole."""

    photograph: Photograph
    item: SiteCheckItem | None = None


def asked(rules: Rules) -> list[Asked]:
    """
    List all items of a check with what the edition in force says of each.

    An item whose value is set is asked for even while that value waits for confirmation: looking at more harms nobody.
    """
    return [_asked(rules, item) for item in SiteCheckItem]


def _asked(rules: Rules, item: SiteCheckItem) -> Asked:
    if item not in ASKED_BY:
        return Asked(item, is_asked=True, entry=None)
    value = rules.value(ASKED_BY[item])
    awaits = rules.awaits_confirmation(value)
    entry = basis.entry(value, gives=AWAITS if awaits else str(item)) if value.value is not None else None
    return Asked(item, is_asked=bool(value.value), entry=entry, awaits=awaits)


@transaction.atomic
def check_site(
    *, site: IsolationSite, outbreak: Outbreak, checked_at: datetime, findings: Mapping[SiteCheckItem, Finding],
    signed_as: str, by: Account, now: datetime, note: str = "", photos: Sequence[Taken] = (),
) -> SiteCheck:  # fmt: skip
    """
    Record a check of a site, signed. It is passed when each item that is asked for passed.

    A failed check puts a ready site back into reserve; one in use stays so, and says on its page that it failed. Raise
    NoCentralIsolation, ItemsMissing, ItemMustBeAsked, ItemWithoutReason, SignatureMissing, TooManyPhotos,
    CheckInTheFuture, or the door's refusal.
    """
    site = sites.held(site, by)
    rules = outbreaks.rules_at(outbreak, now, area_code=site.area_code)
    items = asked(rules)
    _check(items, findings, rules)
    if not signed_as.strip():
        raise SignatureMissing
    if len(photos) > MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS, count=len(photos))
    if checked_at > now:
        raise CheckInTheFuture(at=checked_at)
    made = SiteCheck.objects.create(
        site=site, checked_at=checked_at, recorded_at=now, checked_by=by, signed_as=signed_as.strip()[:60],
        items={str(item): {"mark": str(one.mark), "note": one.note.strip()[:200]} for item, one in findings.items()},
        passed=all(findings[one.item].mark == CheckMark.PASSED for one in items if one.is_asked),
        basis=[one.entry for one in items if one.entry], note=note.strip()[:300],
        source_key=f"site-check:{site.pk}:{now.isoformat()}",
    )  # fmt: skip
    SitePhoto.objects.bulk_create([_photo(made, one, now) for one in photos])
    facts = {"passed": made.passed, "photos": len(photos), "protocol": rules.source}
    journal.write("site.checked", site, by=by, at=now, **facts)
    if not made.passed and site.state == SiteState.READY and not sites.people_of(site):
        sites.put(site, SiteState.RESERVE, by=by, now=now)
    return made


def _check(items: Sequence[Asked], findings: Mapping[SiteCheckItem, Finding], rules: Rules) -> None:
    if rules.says(ENABLED) and not rules.value(ENABLED).flag:
        raise NoCentralIsolation(origin=rules.source)
    if missing := [one.item for one in items if one.item not in findings]:
        raise ItemsMissing(items=Words(missing))
    left_out = [one.item for one in items if one.is_asked and findings[one.item].mark == CheckMark.NOT_ASKED]
    if left_out:
        raise ItemMustBeAsked(items=Words(left_out), origin=rules.source)
    bare = [item for item, found in findings.items() if found.mark == CheckMark.FAILED and not found.note.strip()]
    if bare:
        raise ItemWithoutReason(items=Words(bare))


def _photo(made: SiteCheck, one: Taken, now: datetime) -> SitePhoto:
    return SitePhoto(
        check_made=made,
        item=str(one.item or ""),
        image=one.photograph.content,
        media_type=one.photograph.media_type,
        sha256=sha256(one.photograph.content).hexdigest(),
        added_at=now,
    )


def photo(key: int, *, by: Account) -> SitePhoto:
    """Fetch a photograph for somebody who may see the sites of its area."""
    access.require(by, Right.SITUATION_READ)
    found = SitePhoto.objects.filter(pk=key, check_made__site__area_code__startswith=by.area_code).first()
    if found is None:
        raise access.NotYours(what="photograph", area=by.area_code)
    return found

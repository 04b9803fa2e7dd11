"""What a member of a positive pool is told: why, what is asked, by whose decision, until when, and how to object."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from sizao.protocol import basis
from sizao.records import officers
from sizao.records.models import PoolHold
from sizao.response.testing.positives_people import swabbed_into
from sizao.terms import REVIEW_DAYS, PoolText, Remedy, ReviewBody


@dataclass(frozen=True, slots=True)
class PoolNotice:
    """The text of a hold for one member in one language; `sums` tells each value it rests on."""

    language: str
    reason: str
    asked: tuple[str, ...]
    legal_basis: str
    ordered_by: str
    ordered_at: datetime
    expires_at: datetime
    sums: tuple[str, ...]
    remedies: tuple[str, ...]


def notices(hold: PoolHold, language: str) -> Mapping[int, PoolNotice]:
    """Compose the notices of an ordered hold in `zh` or `en`, by the roster numbers of those who are held."""
    swabs = {one.entry: one for one in swabbed_into(hold.round, [hold.tube]).get(hold.tube, [])}
    held = hold.members.filter(ended_at=None)
    return {
        one.entry: _notice(hold, swabs[one.entry].taken_at if one.entry in swabs else None, len(swabs), language)
        for one in held.order_by("entry")
    }


def _notice(hold: PoolHold, taken_at: datetime | None, count: int, language: str) -> PoolNotice:
    taken = _said(taken_at, language) if taken_at else "—"
    until = _said(hold.expires_at, language)
    facts = {
        "taken": taken, "round": hold.round.name, "tube": hold.tube, "count": count, "moment": until,
        "days": REVIEW_DAYS, "body": ReviewBody.ABOVE.label(language),
    }  # fmt: skip
    return PoolNotice(
        language=language,
        reason=PoolText.REASON.label(language).format(**facts),
        asked=tuple(one.label(language).format(**facts) for one in (PoolText.ASKED, PoolText.FREED)),
        legal_basis=hold.legal_basis,
        ordered_by=officers.name_of(hold.ordered_by, hold.ordered_at),
        ordered_at=hold.ordered_at,
        expires_at=hold.expires_at,
        sums=tuple(basis.told(entry, language) for entry in hold.basis),
        remedies=tuple(
            one.label(language).format(**facts)
            for one in (PoolText.ENDS, PoolText.OBJECT, Remedy.REVIEW, Remedy.CARE, PoolText.FAMILY)
        ),
    )


def _said(moment: datetime, language: str) -> str:
    local = timezone.localtime(moment)
    if language.startswith("zh"):
        return f"{local:%Y}年{local.month}月{local.day}日{local:%H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"

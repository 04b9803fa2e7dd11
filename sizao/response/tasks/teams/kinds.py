"""Which kinds of team are in force in an area: the shipped list, or the one its authority adopted."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from django.db import transaction

from sizao.errors import SizaoError
from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.teams import TeamKinds, load_team_kinds, shipped_team_kinds, team_kinds_at
from sizao.records import access, journal
from sizao.records.models import Account, Team, TeamKindList
from sizao.terms import Right

LONGEST_LIST = 100_000
MOST_FAULTS = 10


class KindListTooLong(SizaoError):
    code = "teams.kinds.unreadable"
    message = "The list is longer than {most} characters. Leave out what is no kind of team."


class KindListFaulty(SizaoError):
    code = "teams.kinds_faulty.unreadable"
    message = "The list cannot be used as it is. Correct it and send it again; nothing was kept. {listing}"


class KindListElsewhere(SizaoError):
    code = "teams.kinds_elsewhere"
    message = "The list is for the area {area}, which is not {own}. Adopt lists for your own area only."


class KindStillUsed(SizaoError):
    code = "teams.kind_still_used"
    message = "{count} teams are of kinds that the list lacks ({kinds}). Keep these kinds, or disband the teams first."


def in_force(area_code: str, as_of: datetime) -> TeamKinds:
    """Say which list holds in an area at a moment."""
    return reader(as_of)(area_code)


def reader(as_of: datetime) -> Callable[[str], TeamKinds]:
    """Read the lists known at a moment once, and give what says which of them holds in an area."""
    adopted = TeamKindList.objects.filter(adopted_at__lte=as_of).order_by("adopted_at", "pk")
    lists = [shipped_team_kinds(), *(_read(text) for text in adopted.values_list("text", flat=True))]
    return lambda area_code: team_kinds_at(area_code, lists)


@lru_cache(maxsize=64)
def _read(text: str) -> TeamKinds:
    return load_team_kinds(text, "teams.toml")


@transaction.atomic
def adopt_kinds(*, text: str, by: Account, now: datetime) -> TeamKinds:
    """
    Adopt a list of kinds for one's own area, in one's own name; the same list again changes nothing.

    Raise KindListFaulty with the faults, KindListTooLong, KindListElsewhere, KindStillUsed or the door's refusal.
    """
    access.require(by, Right.PROTOCOL_CONFIRM)
    if len(text) > LONGEST_LIST:
        raise KindListTooLong(most=LONGEST_LIST)
    try:
        kinds = load_team_kinds(text, "teams.toml")
    except FaultyProtocol as faulty:
        raise KindListFaulty(listing=" ".join(str(fault) for fault in faulty.faults[:MOST_FAULTS])) from faulty
    if kinds.area_code != by.area_code:
        raise KindListElsewhere(area=kinds.area_code or "*", own=by.area_code)
    _require_kinds_kept(kinds)
    digest = hashlib.sha256(text.encode()).hexdigest()
    latest = TeamKindList.objects.filter(area_code=kinds.area_code).order_by("-adopted_at", "-pk").first()
    if latest is None or latest.text != text:
        made = TeamKindList.objects.create(
            area_code=kinds.area_code,
            text=text,
            adopted_at=now,
            adopted_by=by,
        )
        journal.write("team.kinds_adopted", made, by=by, at=now, kinds=list(kinds.kinds), sha256=digest)
    return kinds


def _require_kinds_kept(kinds: TeamKinds) -> None:
    standing = Team.objects.filter(area_code__startswith=kinds.area_code, disbanded_at=None)
    lost = list(standing.exclude(kind__in=kinds.kinds).values_list("kind", flat=True))
    if lost:
        raise KindStillUsed(count=len(lost), kinds=", ".join(sorted(set(lost))))

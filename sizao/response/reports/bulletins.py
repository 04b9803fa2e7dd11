"""
The bulletin of each day: drafted by rule, its words edited, issued by a named officer, corrected by another version.

It is told of the whole area of an outbreak, by one authority: bulletins of the parts would give away what it hides.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, Bulletin, Outbreak
from sizao.response.reports import bulletin_text, daily
from sizao.response.reports.bulletin_figures import Told, may_be_told, told_of
from sizao.response.tasks.reporting import last_ended_day
from sizao.terms import BULLETIN_MOVES, BulletinState, Right, Words

REASON_LENGTH = 300


class BulletinCannotMove(SizaoError):
    code = "bulletin.cannot_move"
    message = "The bulletin of {date} is {was}, so it cannot become {state}. From here it may become: {allowed}."


class BulletinLocked(SizaoError):
    code = "bulletin.locked"
    message = "The bulletin of {date} is {was}; its words no longer change. Correct it by another version."


class CorrectionUnexplained(SizaoError):
    code = "bulletin.reason_missing"
    message = "Say in a few words what is corrected; it is printed with the correction."


class CorrectionWaits(SizaoError):
    code = "bulletin.correction_waits"
    message = "Version {version} of the bulletin of {date} is being written already. Go on with that one."


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Draft the bulletin of each day that is over and lacks one, in the order of days; return how many."""
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    newest = outbreak.bulletins.order_by("-date", "-version").first()
    first = newest.date + timedelta(days=1) if newest else outbreak.first_date
    last = last_ended_day(outbreak, now)
    if first > last:
        return 0
    before, made = newest.figures if newest else None, []
    # The reports of the same days were counted just before, in the same turn of the loop.
    days = daily.drafted_at(outbreak, first, last, now=now) or daily.by_day(outbreak, first, last, as_of=now)
    for counted in days:
        before = may_be_told(outbreak.area_code, counted, before)
        made.append(_drafted(outbreak, counted.day, before, now))
    Bulletin.objects.bulk_create(made)
    journal.write_many(
        [journal.line("bulletin.drafted", one, by=None, at=now, date=str(one.date)) for one in made]
    )  # fmt: skip
    return len(made)


def _drafted(outbreak: Outbreak, day: date, figures: dict[str, Any], now: datetime) -> Bulletin:
    return Bulletin(
        outbreak=outbreak, area_code=outbreak.area_code, date=day, figures=figures,
        text_zh=bulletin_text.draft("zh"), text_en=bulletin_text.draft("en"), drafted_at=now,
        source_key=f"bulletin:{outbreak.pk}:{day}:1",
    )  # fmt: skip


@transaction.atomic
def edit(*, bulletin: Bulletin, text_zh: str, text_en: str, by: Account, now: datetime) -> Bulletin:
    """
    Change the words of a draft; its figures stand in gaps, and are locked.

    Raise BulletinLocked, what `bulletin_text.check` refuses, or the door's refusal.
    """
    bulletin = _held(bulletin, by)
    if bulletin.state != BulletinState.DRAFT:
        raise BulletinLocked(date=bulletin.date, was=BulletinState(bulletin.state))
    bulletin.text_zh, bulletin.text_en = bulletin_text.check(text_zh), bulletin_text.check(text_en)
    bulletin.edited_at, bulletin.edited_by = now, by.username
    bulletin.save(update_fields=["text_zh", "text_en", "edited_at", "edited_by"])
    journal.write("bulletin.edited", bulletin, by=by, at=now, date=str(bulletin.date), version=bulletin.version)
    return bulletin


@transaction.atomic
def issue(*, bulletin: Bulletin, by: Account, now: datetime) -> Bulletin:
    """
    Issue a draft in an officer's own name: from now on everybody may read it. A correction replaces what it corrects.

    Raise BulletinCannotMove, or the door's refusal.
    """
    bulletin = _held(bulletin, by)
    _require(bulletin, BulletinState.ISSUED)
    standing = Bulletin.objects.filter(outbreak=bulletin.outbreak, date=bulletin.date, state=BulletinState.ISSUED)
    standing.update(state=BulletinState.REPLACED, replaced_at=now)
    bulletin.state, bulletin.issued_at, bulletin.issued_by = BulletinState.ISSUED, now, by
    bulletin.save(update_fields=["state", "issued_at", "issued_by"])
    journal.write("bulletin.issued", bulletin, by=by, at=now, date=str(bulletin.date), version=bulletin.version)
    return bulletin


@transaction.atomic
def correct(*, bulletin: Bulletin, reason: str, by: Account, now: datetime) -> Bulletin:
    """
    Draft a correction of an issued bulletin, with its figures; both versions are kept.

    Figures that rows tell otherwise by now belong into the bulletin of the day that learned of it: two versions of one
    day's table, side by side, would point at whoever moved. Raise CorrectionUnexplained, BulletinCannotMove,
    CorrectionWaits, or the door's refusal.
    """
    if not reason.strip():
        raise CorrectionUnexplained
    bulletin = _held(bulletin, by)
    _require(bulletin, BulletinState.REPLACED)
    versions = Bulletin.objects.filter(outbreak=bulletin.outbreak, date=bulletin.date)
    waiting = versions.filter(state=BulletinState.DRAFT).first()
    if waiting is not None:
        raise CorrectionWaits(version=waiting.version, date=waiting.date)
    version = bulletin.version + 1
    made = Bulletin.objects.create(
        outbreak=bulletin.outbreak, area_code=bulletin.area_code, date=bulletin.date, version=version,
        figures=bulletin.figures, text_zh=bulletin.text_zh, text_en=bulletin.text_en, drafted_at=now,
        reason=reason.strip()[:REASON_LENGTH],
        source_key=f"bulletin:{bulletin.outbreak_id}:{bulletin.date}:{version}",
    )  # fmt: skip
    journal.write("bulletin.correction_drafted", made, by=by, at=now, date=str(made.date), reason=made.reason)
    return made


def _held(bulletin: Bulletin, by: Account) -> Bulletin:
    rows = Bulletin.objects.select_for_update(of=["self"]).select_related("outbreak")
    bulletin = rows.get(pk=bulletin.pk)
    access.require(by, Right.BULLETIN_ISSUE, area_code=bulletin.area_code)
    return bulletin


def _require(bulletin: Bulletin, state: BulletinState) -> None:
    was = BulletinState(bulletin.state)
    if state not in BULLETIN_MOVES[was]:
        allowed = Words(sorted(BULLETIN_MOVES[was]))
        raise BulletinCannotMove(date=bulletin.date, was=was, state=state, allowed=allowed)


# --- Reading -----------------------------------------------------------------------------------


def fetch(pk: int, *, by: Account) -> Bulletin:
    """Fetch one bulletin of the jurisdiction for who may issue it, or refuse as if it were not there."""
    rows = Bulletin.objects.select_related("outbreak", "issued_by")
    found: Bulletin = access.row(rows, what="bulletin", to=Right.BULLETIN_ISSUE, by=by, pk=pk)
    return found


def of_outbreak(outbreak: Outbreak, *, by: Account, as_of: datetime) -> QuerySet[Bulletin]:
    """Give the bulletins of an outbreak with their drafts, the latest day first."""
    access.require(by, Right.BULLETIN_ISSUE)
    rows = Bulletin.objects.filter(outbreak=outbreak, area_code__startswith=by.area_code, drafted_at__lte=as_of)
    return rows.select_related("issued_by").order_by("-date", "-version")


def public(*, as_of: datetime | None = None) -> QuerySet[Bulletin]:
    """Give what was issued, with what was replaced, the latest day first: anybody may read it."""
    issued = Bulletin.objects.exclude(state=BulletinState.DRAFT).select_related("outbreak", "issued_by")
    if as_of is not None:
        issued = issued.filter(issued_at__lte=as_of)
    return issued.order_by("-date", "-version")


def figures_of(bulletin: Bulletin) -> Told:
    """Give what a bulletin tells."""
    return told_of(bulletin.figures)


def names_of(bulletin: Bulletin) -> Mapping[str, str]:
    """Name the areas of a bulletin."""
    codes = {code for cells in bulletin.figures["cells"].values() for code in cells} | {bulletin.area_code}
    rows = Area.objects.filter(code__in=codes)
    return dict(rows.values_list("code", "name"))


def paragraphs(bulletin: Bulletin, language: str) -> list[str]:
    """Give the text of a bulletin with its figures; the first paragraph is the sentence that matters."""
    text = bulletin.text_zh if language == "zh" else bulletin.text_en
    return bulletin_text.paragraphs(
        text, figures_of(bulletin), day=bulletin.date, area_code=bulletin.area_code,
        names=names_of(bulletin), language=language,
    )  # fmt: skip

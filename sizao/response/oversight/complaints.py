"""
Complaints of residents: taken by telephone, at the desk or on the public page, answered by a moment, raised when not.

What is said against a measure on a person is an objection: it is passed on to `response.objections`, which alone
decides about orders. A complaint that shows something wrong becomes a finding.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol import basis, deadline
from sizao.protocol.oversight import shipped_oversight
from sizao.records import access, journal
from sizao.records.models import Account, Area, Complaint, Finding, Outbreak
from sizao.records.secrecy import blind_index
from sizao.response import objections
from sizao.response.oversight import findings
from sizao.terms import (
    AREA_DIGITS,
    COMPLAINT_MOVES,
    AreaLevel,
    ComplaintChannel,
    ComplaintKind,
    ComplaintState,
    FindingSource,
    FindingState,
    Gravity,
    ObjectionAbout,
    ObjectionChannel,
    OutbreakKind,
    Right,
    Stage,
    Words,
)

BY_THEMSELVES = "public"
LONGEST_TEXT = 2000
CODE_LETTERS = 10  # of 32 letters: 50 bits, as on letters
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LEVELS = tuple(AREA_DIGITS[level] for level in (AreaLevel.COUNTY, AreaLevel.CITY, AreaLevel.PROVINCE))
_STAGE: dict[ComplaintKind, Stage] = {
    ComplaintKind.SUPPLIES: Stage.ZONING,
    ComplaintKind.BEYOND: Stage.ZONING,
    ComplaintKind.ISOLATION: Stage.ISOLATION,
    ComplaintKind.TESTING: Stage.TESTING,
    ComplaintKind.LEAD: Stage.SIGNALS,
}
_CHANNELS = {ComplaintChannel.PHONE: ObjectionChannel.PHONE, ComplaintChannel.DESK: ObjectionChannel.DOOR}


class ComplaintEmpty(SizaoError):
    code = "complaint.text.unreadable"
    message = "Say in a few words what is wrong, so that somebody can look into it."


class ComplaintNowhere(SizaoError):
    code = "complaint.area.unreadable"
    message = "Choose the county or district that it is about. “{area}” is none that this office answers for."


class ComplaintCannotMove(SizaoError):
    code = "complaint.cannot_move"
    message = "This complaint is {was}, so it cannot become {state}. From here it may become: {allowed}."


class AnswerEmpty(SizaoError):
    code = "complaint.answer.unreadable"
    message = "Write the answer that the resident reads."


class ComplaintUnknown(SizaoError):
    code = "complaint.unknown"
    message = "This number and code lead to no complaint. Check both, or call the office."


class LinkedAlready(SizaoError):
    code = "complaint.linked_already"
    message = "This complaint was already passed on as {number}."


@dataclass(frozen=True, slots=True)
class Said:
    """What a resident says, about which area; name and telephone only if they want to be called back."""

    text: str
    kind: ComplaintKind
    area_code: str
    name: str = ""
    phone: str = ""


@transaction.atomic
def take(
    *, said: Said, channel: ComplaintChannel, by: Account | None, now: datetime, source_key: str = ""
) -> Complaint:  # fmt: skip
    """
    Take a complaint; `by` is None for the public page. Sent twice under one key, it is taken once.

    Raise the door's refusal, ComplaintEmpty, ComplaintNowhere.
    """
    if by is not None:
        access.require(by, Right.COMPLAINT_TAKE, area_code=said.area_code)
    if not said.text.strip():
        raise ComplaintEmpty
    area = Area.objects.filter(code=said.area_code).first()
    if area is None or (by is None and len(area.code) != AREA_DIGITS[AreaLevel.COUNTY]):
        raise ComplaintNowhere(area=said.area_code[:12])
    whose = by.username if by else BY_THEMSELVES
    key = f"complaint:{whose}:{source_key or secrets.token_hex(8)}"[:200]
    if standing := Complaint.objects.filter(source_key=key).first():
        return standing
    value = shipped_oversight().answer_clock
    due = deadline(timezone.localtime(now), value)
    taken = Complaint.objects.create(
        number=secrets.token_hex(12), area_code=said.area_code, kind=said.kind, channel=channel,
        text=said.text.strip()[:LONGEST_TEXT], name=said.name.strip()[:60] or None,
        phone=said.phone.strip()[:40] or None, received_at=now, received_by=whose, due_at=due.result,
        basis=[basis.entry(value, due, gives="due_at")], source_key=key,
    )  # fmt: skip
    # JB as in 举报; push lists begin with TS.
    taken.number = f"JB{timezone.localtime(now):%y%m%d}{taken.pk:05d}"
    taken.save(update_fields=["number"])
    journal.write("complaint.taken", taken, by=by, at=now, kind=str(said.kind), channel=str(channel))
    return taken


@transaction.atomic
def answer(*, complaint: Complaint, text: str, by: Account, now: datetime) -> Complaint:
    """Answer the resident, in one's own name. Raise AnswerEmpty, ComplaintCannotMove."""
    if not text.strip():
        raise AnswerEmpty
    found = _held(complaint, by)
    was = ComplaintState(found.state)
    if ComplaintState.ANSWERED not in COMPLAINT_MOVES[was]:
        raise ComplaintCannotMove(
            was=was, state=ComplaintState.ANSWERED, allowed=Words(sorted(COMPLAINT_MOVES[was]))
        )  # fmt: skip
    found.state, found.answered_at, found.answered_by = ComplaintState.ANSWERED, now, by
    found.answer = text.strip()[:LONGEST_TEXT]
    found.save(update_fields=["state", "answered_at", "answered_by", "answer"])
    journal.write("complaint.answered", found, by=by, at=now)
    return found


@transaction.atomic
def make_finding(*, complaint: Complaint, what: str, severity: Gravity, by: Account, now: datetime) -> Finding:
    """
    Propose a finding from a complaint, in words without the resident's name; a supervisor confirms it.

    Raise LinkedAlready, FindingSaysNothing.
    """
    found = _held(complaint, by)
    if found.finding is not None:
        raise LinkedAlready(number=found.finding.number)
    if not what.strip():
        raise findings.FindingSaysNothing
    kind = ComplaintKind(found.kind)
    seen = findings.Seen(
        what=what, area_code=found.area_code, stage=_STAGE.get(kind, Stage.OVERSIGHT), severity=severity,
        item=f"complaint:{kind}",
    )  # fmt: skip
    made = findings.compose(
        seen, source=FindingSource.COMPLAINT, state=FindingState.PROPOSED, now=now,
        outbreak=_outbreak_there(found),
    )  # fmt: skip
    made.evidence, made.source_key = {"complaint": found.number}, f"finding:complaint:{found.pk}"
    findings.keep(made, by=by, now=now, note="")
    found.finding = made
    found.save(update_fields=["finding"])
    journal.write("complaint.found", found, by=by, at=now, finding=made.number)
    return made


def _outbreak_there(complaint: Complaint) -> Outbreak | None:
    """Give the outbreak of real life that ran in the resident's area when they wrote; None in routine times."""
    code = complaint.area_code
    areas = [code[:digits] for digits in range(2, len(code) + 1)]
    running = Outbreak.objects.filter(kind=OutbreakKind.REAL, area_code__in=areas).exclude(
        closed_at__lte=complaint.received_at
    )
    for one in running.order_by("-first_date", "-pk"):
        if one.first_date <= one.day_of(complaint.received_at):
            return one
    return None


@transaction.atomic
def pass_to_objection(
    *, complaint: Complaint, about: ObjectionAbout, subject_id: int, by: Account, now: datetime
) -> Complaint:
    """
    Take an objection for a complaint that is one, in the resident's own words.

    Raise LinkedAlready, or what `objections.take` refuses; the decision is that stage's alone.
    """
    found = _held(complaint, by)
    if found.objection is not None:
        raise LinkedAlready(number=found.objection.number)
    channel = _CHANNELS.get(ComplaintChannel(found.channel), ObjectionChannel.PHONE)
    found.objection = objections.take(
        about=about, subject_id=subject_id, text=found.text, channel=channel, by=by, now=now
    )
    found.save(update_fields=["objection"])
    journal.write("complaint.passed_on", found, by=by, at=now, objection=found.objection.number)
    return found


@transaction.atomic
def raise_late(*, now: datetime) -> int:
    """Raise each complaint that nobody answered in time to the area above; return how many were raised."""
    late = Complaint.objects.select_for_update(skip_locked=True).filter(
        answered_at__isnull=True, raised_at__isnull=True, due_at__lt=now
    )
    raised = list(late.order_by("due_at", "pk")[:500])
    for one in raised:
        one.raised_at, one.raised_to = now, above(one.area_code)
    Complaint.objects.bulk_update(raised, ["raised_at", "raised_to"])
    journal.write_many([journal.line("complaint.raised", one, by=None, at=now, to=one.raised_to) for one in raised])
    return len(raised)


def above(area_code: str) -> str:
    """Give the code of the level above: of a village or street its county, then city, then province."""
    return next((area_code[:digits] for digits in _LEVELS if digits < len(area_code)), area_code)


def _held(complaint: Complaint, by: Account) -> Complaint:
    found = Complaint.objects.select_for_update(of=["self"]).select_related("finding", "objection").get(pk=complaint.pk)
    access.require(by, Right.COMPLAINT_TAKE, area_code=found.area_code)
    return found


# --- Reading -----------------------------------------------------------------------------------


def known_at(area_code: str, as_of: datetime) -> QuerySet[Complaint]:
    """Give the complaints of an area that had been received by a moment."""
    return Complaint.objects.filter(area_code__startswith=area_code, received_at__lte=as_of)


def waiting_at(area_code: str, as_of: datetime) -> QuerySet[Complaint]:
    """Give the complaints that waited for an answer at a moment, the first due first."""
    waiting = known_at(area_code, as_of).filter(Q(answered_at__isnull=True) | Q(answered_at__gt=as_of))
    return waiting.order_by("due_at", "pk")


def answered_at(area_code: str, as_of: datetime, *, most: int) -> Sequence[Complaint]:
    """Give the complaints answered last by a moment."""
    done = known_at(area_code, as_of).filter(answered_at__lte=as_of).select_related("answered_by")
    return done.order_by("-answered_at", "-pk")[:most]


def code_of(complaint: Complaint) -> str:
    """Write the code by which the resident reads the answer; it follows from the installation's key."""
    plain = _plain(complaint)
    return f"{plain[:4]} {plain[4:7]} {plain[7:]}"


def _plain(complaint: Complaint) -> str:
    number = int(
        blind_index(f"{complaint.pk}:{complaint.received_at.isoformat()}", column="records_complaint.code"), 16
    )
    letters = []
    for _ in range(CODE_LETTERS):
        number, one = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[one])
    return "".join(letters)


def read(*, number: str, code: str, now: datetime) -> Complaint:
    """
    Find the complaint that a resident's number and code name; the reading is journalled.

    Raise ComplaintUnknown, alike for all that may be wrong.
    """
    found = Complaint.objects.filter(number="".join(number.split()).upper()[:30], received_at__lte=now).first()
    given = "".join(code.split()).replace("-", "").upper()
    # Compared even where there is none, so that the answer takes as long.
    matches = secrets.compare_digest(given.encode(), (_plain(found) if found else " " * CODE_LETTERS).encode())
    if found is None or not matches:
        raise ComplaintUnknown
    journal.write("complaint.read_by_code", found, by=None, at=now)
    return found

"""Findings: recorded by a supervisor, notified with a clock, mended with evidence, looked at again by somebody else."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from sizao.adapters.photographs import Photograph
from sizao.errors import SizaoError
from sizao.protocol import basis, deadline
from sizao.protocol.oversight import shipped_oversight
from sizao.records import access, journal
from sizao.records.models import Account, Area, Finding, FindingAct, FindingPhoto, Outbreak, Place
from sizao.terms import FINDING_MOVES, FindingSource, FindingState, Gravity, Responsibility, Right, Stage, Words

MOST_PHOTOS = 20
LONGEST = 1000
COUNTED = ("clocks", "kept", "late_now", "n_areas")
MOST_COUNTED = 60  # days of numbers that a proposal keeps
_OVER = (FindingState.CLOSED, FindingState.DISMISSED)


class FindingCannotMove(SizaoError):
    code = "finding.cannot_move"
    message = "This finding is {was}, so it cannot become {state}. From here it may become: {allowed}."


class FindingSaysNothing(SizaoError):
    code = "finding.text.unreadable"
    message = "Say in one or two sentences what was seen, or what was done about it, so that others can act on it."


class NobodyAnswers(SizaoError):
    code = "finding.nobody_answers"
    message = (
        "Name the territory, the department, the unit and the person who answer for it; {missing} is empty. A finding "
        "without them is nobody's."
    )


class CannotMend(SizaoError):
    code = "finding.cannot_mend"
    message = "{username} ({area}) cannot mend a finding in {finding_area}. Choose an account there that may."


class MendedByFinder(SizaoError):
    code = "finding.mended_by_finder"
    message = "You found this yourself, so somebody else reports how it was mended."


class MendedByAnother(SizaoError):
    code = "finding.mended_by_another"
    message = "{username} was asked to mend this. Let them report it, or let a supervisor notify somebody else."


class LookedAtByMender(SizaoError):
    code = "finding.looked_at_by_mender"
    message = "You reported this as mended, so somebody else looks at it again."


class NoSignature(SizaoError):
    code = "finding.signature_missing"
    message = "Sign with your name: others rely on what you report."


class EvidenceTooLarge(SizaoError):
    code = "finding.too_many_photos"
    message = "A report holds at most {most} photographs; {count} were sent. Choose those that show what was done."


class NoSuchArea(SizaoError):
    code = "finding.area.unreadable"
    message = "“{area}” is no area of the register. Choose one of the list."


@dataclass(frozen=True, slots=True)
class Answering:
    """The four who answer (四方责任), and the account that is asked to mend."""

    territory: str = ""
    department: str = ""
    unit: str = ""
    individual: str = ""
    account: Account | None = None

    def lacking(self) -> Responsibility | None:
        """Name the first of the four that is empty; None where all are named."""
        return next((one for one in Responsibility if not getattr(self, one).strip()), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found: in words, where, how grave, and the line of the checklist or measure that it belongs to."""

    what: str
    area_code: str
    stage: Stage
    severity: Gravity
    item: str = ""
    place: Place | None = None


@transaction.atomic
def record(
    *, seen: Seen, answering: Answering, source: FindingSource, by: Account, now: datetime,
    outbreak: Outbreak | None = None, photos: Sequence[Photograph] = (), source_key: str = "",
) -> Finding:  # fmt: skip
    """
    Record what a supervisor found; sent twice under one key, it is recorded once.

    Raise the door's refusal, FindingSaysNothing, NoSuchArea, EvidenceTooLarge.
    """
    access.require(by, Right.FINDING_MAKE, area_code=seen.area_code)
    key = f"finding:{by.pk}:{source_key or secrets.token_hex(8)}"[:200]
    if standing := Finding.objects.filter(source_key=key).first():
        return standing
    _check(seen.what, photos)
    if not Area.objects.filter(code=seen.area_code).exists():
        raise NoSuchArea(area=seen.area_code[:12])
    made = compose(seen, source=source, state=FindingState.RECORDED, now=now, outbreak=outbreak)
    made.found_by, made.source_key = by, key
    answer(made, answering)
    keep(made, by=by, now=now, note="", photos=photos)
    return made


def compose(
    seen: Seen, *, source: FindingSource, state: FindingState, now: datetime, outbreak: Outbreak | None
) -> Finding:
    """Compose a finding without writing it, with the earlier finding that it repeats."""
    return Finding(
        number=secrets.token_hex(12), outbreak=outbreak, area_code=seen.area_code,
        place=seen.place, stage=seen.stage, item=seen.item[:60], what=seen.what.strip()[:LONGEST],
        severity=seen.severity, source=source, state=state, found_at=now,
    )  # fmt: skip


def answer(found: Finding, answering: Answering) -> None:
    """Put down who answers, as far as named."""
    found.territory = answering.territory.strip()[:100] or found.territory
    found.department = answering.department.strip()[:100] or found.department
    found.unit = answering.unit.strip()[:100] or found.unit
    found.individual = answering.individual.strip()[:60] or found.individual
    found.answerable = answering.account or found.answerable


def keep(found: Finding, *, by: Account | None, now: datetime, note: str, photos: Sequence[Photograph] = ()) -> None:
    """Write a composed finding with its first act, and the earlier one that it repeats."""
    found.repeats = earlier(found)
    found.save(force_insert=True)
    found.number = f"DC{timezone.localtime(now):%y%m%d}{found.pk:05d}"
    found.save(update_fields=["number"])
    _act(found, by=by, now=now, note=note, photos=photos)


def follow(found: Finding, counted: Mapping[str, Any], *, now: datetime) -> bool:
    """Put new numbers into the evidence of a proposal, in memory; tell whether they are others than before."""
    if all(found.evidence.get(name) == value for name, value in counted.items()):
        return False
    course = found.evidence.get("course", [])
    # Of one day the last numbers stay; those of other days stand beside them.
    course = [one for one in course if one["as_of"][:10] != now.isoformat()[:10]]
    told = {"as_of": now.isoformat(), **counted}
    found.evidence = {**found.evidence, **told, "course": [*course, told][-MOST_COUNTED:]}
    return True


def count_again(found: Finding, counted: Mapping[str, Any], *, now: datetime) -> bool:
    """Let a proposal that waits follow its numbers; tell whether they changed."""
    if not follow(found, counted, now=now):
        return False
    found.save(update_fields=["evidence"])
    journal.write("finding.counted_again", found, by=None, at=now, **{k: counted[k] for k in COUNTED})
    return True


def join(found: Finding, *, into: Finding, now: datetime) -> None:
    """Take a proposal back that a wider one says, too."""
    found.state, found.closed_at = FindingState.DISMISSED, now
    found.save(update_fields=["state", "closed_at"])
    _act(found, by=None, now=now, note=f"→ {into.number}")


def evidence_at(found: Finding, as_of: datetime) -> dict[str, Any]:
    """Give the evidence of a proposal with the numbers that were known at a moment, and since when as a moment."""
    course = [one | {"as_of": datetime.fromisoformat(one["as_of"])} for one in found.evidence.get("course", [])]
    known = [one for one in course if one["as_of"] <= as_of]
    return found.evidence | (known[-1] if known else {})


def earlier(found: Finding) -> Finding | None:
    """Give the latest earlier finding of the same item in the same area, and the same unit where one is named."""
    if not found.item:
        return None
    alike = Finding.objects.filter(item=found.item, area_code=found.area_code, found_at__lte=found.found_at)
    alike = alike.exclude(state__in=(FindingState.DISMISSED, FindingState.PROPOSED)).exclude(pk=found.pk)
    if found.unit:
        alike = alike.filter(Q(unit=found.unit) | Q(unit=""))
    return alike.order_by("-found_at", "-pk").first()


@transaction.atomic
def confirm(*, finding: Finding, note: str, by: Account, now: datetime) -> Finding:
    """Take a proposal of the rule, or of a complaint, as a finding in one's own name."""
    found = _moved(finding, FindingState.RECORDED, Right.FINDING_MAKE, by)
    found.found_by, found.repeats = by, earlier(found)
    found.save(update_fields=["state", "found_by", "repeats"])
    _act(found, by=by, now=now, note=note)
    return found


@transaction.atomic
def dismiss(*, finding: Finding, reason: str, by: Account, now: datetime) -> Finding:
    """Say that there is nothing to mend, and why. Raise FindingSaysNothing without a reason."""
    _check(reason, ())
    found = _moved(finding, FindingState.DISMISSED, Right.FINDING_MAKE, by)
    found.closed_at, found.closed_by = now, by
    found.save(update_fields=["state", "closed_at", "closed_by"])
    _act(found, by=by, now=now, note=reason)
    return found


@transaction.atomic
def notify(*, finding: Finding, answering: Answering, by: Account, now: datetime, note: str = "") -> Finding:
    """
    Tell who answers that it is to be mended; the clock of its gravity runs from now.

    Raise NobodyAnswers while one of the four is not named, CannotMend for an account that may not mend there.
    """
    found = _moved(finding, FindingState.NOTIFIED, Right.FINDING_MAKE, by)
    answer(found, answering)
    missing = Answering(found.territory, found.department, found.unit, found.individual).lacking()
    if missing:
        raise NobodyAnswers(missing=missing)
    _check_mender(found)
    value = shipped_oversight().mend_clock(Gravity(found.severity))
    due = deadline(timezone.localtime(now), value)
    found.notified_at, found.notified_by, found.due_at = now, by, due.result
    found.basis = [basis.entry(value, due, gives="due_at")]
    found.save()
    _act(found, by=by, now=now, note=note)
    return found


def _check_mender(found: Finding) -> None:
    who = found.answerable
    if who is None:
        return
    able = access.may(who, Right.FINDING_MEND) and (
        access.covers(who, found.area_code) or who.area_code.startswith(found.area_code)
    )
    if not able or who.pk == found.found_by_id:
        raise CannotMend(username=who.username, area=who.area_code, finding_area=found.area_code)


@transaction.atomic
def mend(
    *, finding: Finding, what: str, signed_as: str, by: Account, now: datetime, photos: Sequence[Photograph] = ()
) -> Finding:
    """
    Report that it was mended, with evidence, signed.

    Raise MendedByFinder, MendedByAnother where somebody else was asked, FindingSaysNothing, NoSignature.
    """
    _check(what, photos)
    if not signed_as.strip():
        raise NoSignature
    found = _moved(finding, FindingState.MENDED, Right.FINDING_MEND, by)
    if found.found_by_id == by.pk:
        raise MendedByFinder
    if found.answerable is not None and found.answerable_id != by.pk and not _above(by, found.answerable):
        raise MendedByAnother(username=found.answerable.username)
    found.mended_at, found.mended_by = now, by
    found.save(update_fields=["state", "mended_at", "mended_by"])
    _act(found, by=by, now=now, note=what, photos=photos, signed_as=signed_as)
    return found


def _above(by: Account, other: Account) -> bool:
    """Tell whether somebody's area holds another's: they may speak for them."""
    return len(by.area_code) < len(other.area_code) and access.covers(by, other.area_code)


@transaction.atomic
def look_again(
    *, finding: Finding, is_mended: bool, note: str, signed_as: str, by: Account, now: datetime,
    photos: Sequence[Photograph] = (),
) -> Finding:  # fmt: skip
    """
    Close a finding after looking at it again, or return it with what still lacks; the same clock runs anew.

    Raise LookedAtByMender for whoever reported it as mended, FindingSaysNothing, NoSignature.
    """
    _check(note, photos)
    if not signed_as.strip():
        raise NoSignature
    state = FindingState.CLOSED if is_mended else FindingState.RETURNED
    found = _moved(finding, state, Right.FINDING_MAKE, by)
    if FindingAct.objects.filter(finding=found, state=FindingState.MENDED, by=by.username).exists():
        raise LookedAtByMender
    if is_mended:
        found.closed_at, found.closed_by = now, by
    else:
        value = shipped_oversight().mend_clock(Gravity(found.severity))
        due = deadline(timezone.localtime(now), value)
        found.due_at, found.basis = due.result, [basis.entry(value, due, gives="due_at")]
        found.mended_at, found.mended_by, found.returns = None, None, found.returns + 1
    found.save()
    _act(found, by=by, now=now, note=note, photos=photos, signed_as=signed_as)
    return found


# --- Reading -----------------------------------------------------------------------------------


def known_at(area_code: str, as_of: datetime) -> QuerySet[Finding]:
    """Give the findings of an area that were there at a moment, with the state they were in then (`stood`)."""
    latest = FindingAct.objects.filter(finding=OuterRef("pk"), at__lte=as_of).order_by("-at", "-pk")
    found = Finding.objects.filter(area_code__startswith=area_code, found_at__lte=as_of)
    return found.annotate(stood=Subquery(latest.values("state")[:1]))


def open_at(area_code: str, as_of: datetime) -> QuerySet[Finding]:
    """Give the findings that were not closed or dismissed at a moment, the nearest clock first."""
    return known_at(area_code, as_of).exclude(stood__in=_OVER).order_by("due_at", "pk")


def late_at(area_code: str, as_of: datetime) -> QuerySet[Finding]:
    """Give the findings whose time to be mended had passed at a moment."""
    waiting = (FindingState.NOTIFIED, FindingState.RETURNED)
    return known_at(area_code, as_of).filter(stood__in=waiting, due_at__lt=as_of).order_by("due_at", "pk")


def repeated(area_code: str, as_of: datetime) -> QuerySet[Finding]:
    """Give the findings that repeat an earlier one."""
    return known_at(area_code, as_of).filter(repeats__isnull=False).exclude(stood=FindingState.DISMISSED)


def acts_of(finding: Finding, as_of: datetime) -> QuerySet[FindingAct]:
    """Give what was done with a finding until a moment, oldest first, each with its photographs."""
    shown = FindingPhoto.objects.only("id", "act_id", "media_type").order_by("pk")
    known = FindingAct.objects.filter(finding=finding, at__lte=as_of).order_by("at", "pk")
    return known.prefetch_related(Prefetch("photos", shown))


def photo(key: int, *, by: Account) -> FindingPhoto:
    """Fetch a photograph for somebody who may see the findings of its area."""
    access.require(by, Right.SITUATION_READ)
    mine = Finding.objects.filter(pk=OuterRef("act__finding_id"), area_code__startswith=by.area_code)
    found = FindingPhoto.objects.filter(Exists(mine), pk=key).first()
    if found is None:
        raise access.NotYours(what="photograph", area=by.area_code)
    return found


# --- Writing -----------------------------------------------------------------------------------


def _check(text: str, photos: Sequence[Photograph]) -> None:
    if not text.strip():
        raise FindingSaysNothing
    if len(photos) > MOST_PHOTOS:
        raise EvidenceTooLarge(most=MOST_PHOTOS, count=len(photos))


def _moved(finding: Finding, state: FindingState, right: Right, by: Account) -> Finding:
    """Lock a finding and move it, in memory; the caller writes what goes with it."""
    found = Finding.objects.select_for_update(of=["self"]).select_related("answerable").get(pk=finding.pk)
    access.require(by, right, area_code=found.area_code)
    was = FindingState(found.state)
    if state not in FINDING_MOVES[was]:
        raise FindingCannotMove(was=was, state=state, allowed=Words(sorted(FINDING_MOVES[was])))
    found.state = state
    return found


def _act(
    found: Finding, *, by: Account | None, now: datetime, note: str, photos: Sequence[Photograph] = (),
    signed_as: str = "",
) -> FindingAct:  # fmt: skip
    number = FindingAct.objects.filter(finding=found).count() + 1
    act = FindingAct.objects.create(
        finding=found, state=found.state, at=now, by=journal.actor_name(by), note=note.strip()[:LONGEST],
        signed_as=signed_as.strip()[:60], source_key=f"finding:{found.pk}:{number}",
    )  # fmt: skip
    FindingPhoto.objects.bulk_create([_photo(act, one, now) for one in photos])
    facts: dict[str, Any] = {"stage": found.stage, "severity": found.severity, "photos": len(photos)}
    journal.write(f"finding.{found.state}", found, by=by, at=now, **facts)
    return act


def _photo(act: FindingAct, one: Photograph, now: datetime) -> FindingPhoto:
    return FindingPhoto(
        act=act, image=one.content, media_type=one.media_type, sha256=sha256(one.content).hexdigest(), added_at=now
    )

"""What an area does with its part: receive, tell how far it is, close with evidence; what the level above decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from sizao.adapters.photographs import Photograph
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, DirectiveAct, DirectivePart, DirectivePhoto
from sizao.response.tasks.directives.issuing import DirectiveOver
from sizao.response.tasks.directives.standing import DONE, restate
from sizao.terms import PART_MOVES, DirectiveActKind, PartState, Right, Role, Words

MOST_PHOTOS = 20


class PartCannotMove(SizaoError):
    code = "directive.cannot_move"
    message = "Directive {number} is {was} in {area}, so it cannot become {state}. From here it may become: {allowed}."


class AskedOfOthers(SizaoError):
    code = "directive.asked_of_others.not_allowed"
    message = (
        "This part of directive {number} is asked of {area} ({role}). They receive and close it; the level that asked "
        "accepts or returns it."
    )


class NotYourOwnWork(SizaoError):
    code = "directive.not_your_own.not_allowed"
    message = "You closed this part of directive {number} yourself. Somebody else accepts or returns it."


class AnswerableMissing(SizaoError):
    code = "directive.answerable_missing.unreadable"
    message = "Say by name who answers for directive {number} in {area}."


class NothingTold(SizaoError):
    code = "directive.nothing_told.unreadable"
    message = "Nothing was told of directive {number}. Write how far it is, count, or tick what is done."


class NoSuchItem(SizaoError):
    code = "directive.no_such_item.unreadable"
    message = "The list of directive {number} has {count} items, and another one was ticked. Open it again."


class MoreThanAll(SizaoError):
    code = "directive.more_than_all.unreadable"
    message = "{done} of {total} cannot be. Correct the counts; nothing was kept."


class NotSigned(SizaoError):
    code = "directive.not_signed.unreadable"
    message = "Directive {number} is closed with what was done, in words, and a signature. Add both."


class ItemsLeft(SizaoError):
    code = "directive.items_left"
    message = "Of directive {number} this is not done: {items}. Do it, or name the exception and its reason."


class CountLeft(SizaoError):
    code = "directive.count_left"
    message = "“{counts}” is not told for all. Give how many of how many, or name the exception and its reason."


class BelowNotDone(SizaoError):
    code = "directive.below_not_done"
    message = (
        "{count} of the areas below have not done directive {number} ({areas}). Wait for them, or name the exception "
        "and its reason."
    )


class ReturnReasonMissing(SizaoError):
    code = "directive.return_reason_missing.unreadable"
    message = "Say what is missing, so that {area} knows what to do again."


class ActSaidOtherwise(SizaoError):
    code = "directive.act_said_otherwise"
    message = "This key was used before for another act. Send what is new under a key of its own."


class ActOutside(SizaoError):
    code = "directive.act_outside.unreadable"
    message = "{at:%Y-%m-%d %H:%M} lies before the directive was issued, or in the future. Correct the time."


@dataclass(frozen=True, slots=True)
class Told:
    """
    What is reported of a part: words, numbers (done of all), the items done by their place, who answers for it.

    None means not told now; what was told before stays.
    """

    text: str = ""
    n_done: int | None = None
    n_total: int | None = None
    checks: Sequence[int] | None = None
    answers_for: str = ""


@transaction.atomic
def receive(
    *, part: DirectivePart, answers_for: str, by: Account, now: datetime, source_key: str,
    happened_at: datetime | None = None,
) -> DirectivePart:  # fmt: skip
    """
    Sign for a directive, and say by name who answers for it here. The same key again changes nothing.

    A directive that was changed since is signed for anew. Raise AskedOfOthers, AnswerableMissing, DirectiveOver,
    ActOutside, ActSaidOtherwise, or the door's refusal.
    """
    part = held(part, by=by)
    named = answers_for.strip() or part.answers_for
    if not named:
        raise AnswerableMissing(number=part.directive.number, area=part.area_code)
    told = Told(answers_for=named)
    return _act(part, DirectiveActKind.RECEIVED, told, by=by, now=now, source_key=source_key, happened_at=happened_at)


@transaction.atomic
def report(
    *, part: DirectivePart, told: Told, by: Account, now: datetime, source_key: str,
    happened_at: datetime | None = None, photos: Sequence[Photograph] = (),
) -> DirectivePart:  # fmt: skip
    """
    Tell how far a directive is here, in words, numbers or items. The same key again changes nothing.

    Raise AskedOfOthers, NothingTold, NoSuchItem, MoreThanAll, DirectiveOver, ActOutside, ActSaidOtherwise, or the
    door's refusal.
    """
    part = held(part, by=by)
    _check_told(part, told)
    if not (told.text.strip() or told.checks is not None or told.n_done is not None or told.n_total is not None):
        raise NothingTold(number=part.directive.number)
    return _act(
        part, DirectiveActKind.PROGRESS, told, by=by, now=now, source_key=source_key, happened_at=happened_at,
        photos=photos,
    )  # fmt: skip


@transaction.atomic
def close(
    *, part: DirectivePart, told: Told, signed_as: str, by: Account, now: datetime, source_key: str,
    exception: str = "", happened_at: datetime | None = None, photos: Sequence[Photograph] = (),
) -> DirectivePart:  # fmt: skip
    """
    Say that a directive is done here: in words, signed, with photographs where there are some.

    All items must be done and all areas below must have done theirs, or `exception` says which not and why. The same
    key again changes nothing. Raise NotSigned, ItemsLeft, CountLeft, BelowNotDone, PartCannotMove, AskedOfOthers,
    NoSuchItem, MoreThanAll, DirectiveOver, ActOutside, ActSaidOtherwise, or the door's refusal.
    """
    part = held(part, by=by)
    if _repeated(part, source_key, DirectiveActKind.CLOSED):
        return part
    _check_told(part, told)
    if not (told.text.strip() and signed_as.strip()):
        raise NotSigned(number=part.directive.number)
    if not exception.strip():
        _check_whole(part, told)
    if happened_at is None and PartState(part.state) == PartState.CLOSED:
        raise _cannot(part, PartState.CLOSED)
    return _act(
        part, DirectiveActKind.CLOSED, told, by=by, now=now, source_key=source_key, happened_at=happened_at,
        photos=photos, signed_as=signed_as.strip()[:60], exception=exception.strip()[:300],
    )  # fmt: skip


@transaction.atomic
def accept(*, part: DirectivePart, by: Account, now: datetime, source_key: str) -> DirectivePart:
    """Accept what was done in an area. Raise PartCannotMove, NotYourOwnWork, or the door's refusal."""
    return _decide(part, DirectiveActKind.ACCEPTED, "", by=by, now=now, source_key=source_key)


@transaction.atomic
def send_back(*, part: DirectivePart, reason: str, by: Account, now: datetime, source_key: str) -> DirectivePart:
    """Return what was done in an area, with what is missing. Raise ReturnReasonMissing, and as `accept`."""
    if not reason.strip():
        raise ReturnReasonMissing(area=part.area_code)
    return _decide(part, DirectiveActKind.RETURNED, reason, by=by, now=now, source_key=source_key)


def held(part: DirectivePart, *, by: Account) -> DirectivePart:
    """
    Lock a part for somebody who may work on it: of its own area, or above it but below whoever asked.

    A street does what a village without accounts of its own is asked; a province does not answer its own directive.
    """
    access.require(by, Right.DIRECTIVE_WORK, area_code=part.area_code)
    part = _locked(part)
    if by.area_code != part.area_code and len(by.area_code) <= len(part.above):
        raise AskedOfOthers(number=part.directive.number, area=part.area_code, role=Role(part.role))
    return part


def _locked(part: DirectivePart) -> DirectivePart:
    rows = DirectivePart.objects.select_for_update(of=["self"]).select_related("directive")
    found: DirectivePart = rows.get(pk=part.pk)
    return found


def _decide(
    part: DirectivePart, kind: DirectiveActKind, text: str, *, by: Account, now: datetime, source_key: str
) -> DirectivePart:
    access.require(by, Right.DIRECTIVE_ISSUE, area_code=part.above)
    part = _locked(part)
    if _repeated(part, source_key, kind):
        return part
    state = PartState.ACCEPTED if kind == DirectiveActKind.ACCEPTED else PartState.RETURNED
    if state not in PART_MOVES[PartState(part.state)]:
        raise _cannot(part, state)
    closing = part.acts.filter(kind=DirectiveActKind.CLOSED).order_by("-happened_at", "-pk").first()
    if closing is not None and closing.made_by == by.username:
        raise NotYourOwnWork(number=part.directive.number)
    return _act(part, kind, Told(text=text), by=by, now=now, source_key=source_key)


def _act(
    part: DirectivePart, kind: DirectiveActKind, told: Told, *, by: Account, now: datetime, source_key: str,
    happened_at: datetime | None = None, photos: Sequence[Photograph] = (), signed_as: str = "", exception: str = "",
) -> DirectivePart:  # fmt: skip
    if _repeated(part, source_key, kind):
        return part
    at = happened_at or now
    if not part.issued_at <= at <= now:
        raise ActOutside(at=at)
    _require_standing(part, at)
    act = DirectiveAct.objects.create(
        part=part, kind=kind, happened_at=at, recorded_at=now, made_by=by.username, made_name=by.display_name,
        version=part.directive.version, text=told.text.strip()[:1000], answers_for=told.answers_for.strip()[:100],
        n_done=told.n_done, n_total=told.n_total, checks=None if told.checks is None else sorted(set(told.checks)),
        signed_as=signed_as, exception=exception, source_key=source_key[:200],
    )  # fmt: skip
    DirectivePhoto.objects.bulk_create([_photo(act, one, now) for one in photos])
    restate(part)
    facts = {"number": part.directive.number, "photos": len(photos)}
    journal.write(f"directive.{kind}", part, by=by, at=now, **facts)
    return part


def _require_standing(part: DirectivePart, at: datetime) -> None:
    """Refuse what comes after the end; what happened before it may still arrive."""
    gone = part.directive.withdrawn_at
    if (gone is not None and at >= gone) or (part.state == PartState.ACCEPTED and at >= (part.decided_at or at)):
        raise DirectiveOver(number=part.directive.number, state=PartState(part.state))


def _repeated(part: DirectivePart, source_key: str, kind: DirectiveActKind) -> bool:
    before = DirectiveAct.objects.filter(source_key=source_key[:200]).first()
    if before is None:
        return False
    if before.part_id != part.pk or before.kind != kind:
        raise ActSaidOtherwise
    return True


def _check_told(part: DirectivePart, told: Told) -> None:
    n_items = len(part.directive.items)
    if told.checks is not None and any(not 0 <= one < n_items for one in told.checks):
        raise NoSuchItem(number=part.directive.number, count=n_items)
    done, total = _counts(part, told)
    below_zero = any(one is not None and one < 0 for one in (done, total))
    if below_zero or (done is not None and total is not None and done > total):
        raise MoreThanAll(done=done, total=total)


def _counts(part: DirectivePart, told: Told) -> tuple[int | None, int | None]:
    """Give what is counted after something was told: what was told before stays where nothing is told now."""
    return (
        part.n_done if told.n_done is None else told.n_done,
        part.n_total if told.n_total is None else told.n_total,
    )


def _check_whole(part: DirectivePart, told: Told) -> None:
    waiting = list(below_open(part).order_by("area_code").values_list("area_code", flat=True)[:1000])
    if waiting:
        areas = ", ".join(waiting[:5]) + ("…" if len(waiting) > 5 else "")  # noqa: PLR2004 — as many as one line holds
        raise BelowNotDone(count=len(waiting), number=part.directive.number, areas=areas)
    done = set(part.checks if told.checks is None else told.checks)
    if left := [text for place, text in enumerate(part.directive.items) if place not in done]:
        raise ItemsLeft(number=part.directive.number, items="; ".join(left[:3]))
    if part.directive.counts and not part.below.exists():  # otherwise what lies below counts
        n_done, n_total = _counts(part, told)
        if n_done is None or n_total is None or n_done < n_total:
            raise CountLeft(counts=part.directive.counts)


def below_open(part: DirectivePart):  # noqa: ANN201 — a query set of parts
    """Give the parts directly below that are not done yet; what was withdrawn asks for nothing."""
    return part.below.exclude(state__in=[*map(str, DONE), str(PartState.WITHDRAWN)])


def _cannot(part: DirectivePart, state: PartState) -> PartCannotMove:
    was = PartState(part.state)
    return PartCannotMove(
        number=part.directive.number, was=was, area=part.area_code, state=state, allowed=Words(sorted(PART_MOVES[was]))
    )  # fmt: skip


def _photo(act: DirectiveAct, one: Photograph, now: datetime) -> DirectivePhoto:
    digest = sha256(one.content).hexdigest()
    return DirectivePhoto(act=act, image=one.content, media_type=one.media_type, sha256=digest, added_at=now)

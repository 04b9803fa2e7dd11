"""What a named officer does with a level: decide on it, or decline what was proposed."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol import basis
from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.records import access, journal
from sizao.records.models import Account, Area, LevelDecision, LevelProposal, Outbreak
from sizao.response.signals.scope import take_turn
from sizao.response.tasks.levels import returning, switching
from sizao.response.tasks.levels.facts import DECIDING
from sizao.response.tasks.levels.proposing import told, weigh
from sizao.response.tasks.levels.standing import Levels, Standing, belonging
from sizao.terms import LevelProposalState, LevelReach, ResponseLevel, Right

LONGEST_TEXT, LONGEST_BASIS, LONGEST_REASON = 1000, 300, 300
AHEAD = timedelta(days=7)


class NoLevelHere(SizaoError):
    code = "level.no_level_here.unreadable"
    message = "A level is decided for a province, a city or a county; {area_code} is none of these here. Choose one."


class BasisMissing(SizaoError):
    code = "level.basis_missing"
    message = "Say which law or plan the level rests on, and in a sentence what is decided."


class DocumentMissing(SizaoError):
    code = "level.document_missing"
    message = (
        "This level shortens clocks of the protocol, which needs the number of your document. Enter the number, "
        "or choose another level."
    )


class DurationMissing(SizaoError):
    code = "level.duration_missing"
    message = (
        "The level {level} states how long it is expected to last: a day from {first} to {last}. Enter such a day."
    )


class StartsOutside(SizaoError):
    code = "level.starts_outside"
    message = "A level begins now or within {days} days, and a lower one at once. Choose another moment."


class BelowOrdered(SizaoError):
    code = "level.below_ordered"
    message = (
        "The authority of {ordered_by} ordered {level} for {area_code} on {since:%Y-%m-%d}, and no lower level is "
        "decided below it. Ask that authority."
    )


class CommandTaken(SizaoError):
    code = "level.command_taken"
    message = "The authority of {ordered_by} has taken command of {area_code} since {since:%Y-%m-%d}. It decides there."


class CommandFromAbove(SizaoError):
    code = "level.command_from_above"
    message = (
        "Command is taken by a higher level: over an area within your own, or over everything within it. "
        "Choose such an area, or decide without taking command."
    )


class LevelUnchanged(SizaoError):
    code = "level.unchanged"
    message = "{area_code} stands at {level} by the same terms already. Change the level, its reach or its last day."


class ProposalSettled(SizaoError):
    code = "level.proposal_settled"
    message = "This proposal does not wait any more: {state}. Open the area again."


class ReasonMissing(SizaoError):
    code = "level.reason_missing"
    message = "Say in a few words why the proposal is declined."


@transaction.atomic
def decide(
    *,
    area_code: str,
    level: ResponseLevel,
    legal_basis: str,
    text: str,
    by: Account,
    now: datetime,
    starts_at: datetime | None = None,
    expected_until: date | None = None,
    document_no: str = "",
    reach: LevelReach = LevelReach.HERE,
    takes_command: bool = False,
    outbreak: Outbreak | None = None,
) -> LevelDecision:
    """
    Decide in one's own name that an area stands at a level from a moment on.

    What the level switches is switched; a return to routine closes what nobody decided on and lists what is left.
    `outbreak` where it is rehearsed. Raise the door's refusal, NoLevelHere, BasisMissing, DocumentMissing,
    DurationMissing, StartsOutside, BelowOrdered, CommandTaken, CommandFromAbove or LevelUnchanged.
    """
    access.require(by, Right.LEVEL_DECIDE, area_code=area_code)
    if not Area.objects.filter(code=area_code, level__in=DECIDING).exists():
        raise NoLevelHere(area_code=area_code)
    take_turn(outbreak)
    standing = Levels.at(now, outbreak).standing(area_code)
    made = LevelDecision(
        outbreak=belonging(outbreak), area_code=area_code, level=level, was=standing.level, reach=reach,
        takes_command=takes_command, ordered_by=by.area_code, decided_at=now, decided_by=by,
        starts_at=starts_at or now, expected_until=None if level == ResponseLevel.ROUTINE else expected_until,
        legal_basis=legal_basis.strip()[:LONGEST_BASIS], document_no=document_no.strip()[:100],
        text=text.strip()[:LONGEST_TEXT],
        source_key=f"level-decision:{outbreak.pk if belonging(outbreak) else ''}:{area_code}:{now.isoformat()}",
    )  # fmt: skip
    _allow(made, standing, by)
    _check(made, standing, now)
    return _carry_out(made, standing, by=by, now=now)


def _carry_out(made: LevelDecision, standing: Standing, *, by: Account, now: datetime) -> LevelDecision:
    weighed = weigh(made.area_code, made.outbreak, now)
    lower = ResponseLevel(made.level).rank < standing.level.rank  # type: ignore[call-arg]
    judged = (*weighed.judged, *weighed.returning) if lower else weighed.judged
    made.reasons = told(judged)
    made.basis = [basis.entry(one.condition.value, gives=str(one.met)) for one in judged]
    made.proposal = _settled_by(made, by=by, now=now)
    made.save(force_insert=True)
    found = shipped_level_rules().switches[ResponseLevel(made.level)]  # type: ignore[call-arg]
    made.switched = {
        "teams": list(found.teams),
        "ready_hours": found.ready_hours,
        "report_every_days": found.report_every_days,
        "report_due_hour": found.report_due_hour,
        "clocks": switching.switch(decision=made, was=standing.own, now=now),
    }
    made.save(update_fields=["switched"])
    journal.write(
        "level.decided", made, by=by, at=now, level=made.level, was=made.was, reach=made.reach,
        takes_command=made.takes_command, until=str(made.expected_until or ""),
    )  # fmt: skip
    if made.level == ResponseLevel.ROUTINE and standing.own is not None:
        returning.close(decision=made, by=by, now=now)
    return made


def _allow(made: LevelDecision, standing: Standing, by: Account) -> None:
    """Refuse whoever may not decide here: below what was ordered, or where a higher level commands."""
    commanding = standing.commanded_by
    if commanding is not None and not commanding.ordered_by.startswith(by.area_code):
        raise CommandTaken(
            area_code=made.area_code, ordered_by=commanding.ordered_by, since=commanding.starts_at
        )  # fmt: skip
    own = standing.own
    from_above = own is not None and len(own.ordered_by) < len(by.area_code)
    for one in (standing.ordered, own if from_above else None):
        level = None if one is None else ResponseLevel(one.level)  # type: ignore[call-arg]
        if one is not None and level is not None and ResponseLevel(made.level).rank < level.rank:  # type: ignore[call-arg]
            raise BelowOrdered(
                ordered_by=one.ordered_by, level=level, area_code=made.area_code, since=one.starts_at
            )  # fmt: skip
    if made.takes_command and by.area_code == made.area_code and made.reach != LevelReach.BELOW:
        raise CommandFromAbove


def _check(made: LevelDecision, standing: Standing, now: datetime) -> None:
    if not made.legal_basis or not made.text:
        raise BasisMissing
    level = ResponseLevel(made.level)  # type: ignore[call-arg]
    if made.outbreak is None and not made.document_no and shipped_level_rules().shorter(level):
        raise DocumentMissing
    _check_span(made, level, standing, now)
    own = standing.own
    terms = ("level", "reach", "takes_command", "expected_until")
    same = own is not None and all(getattr(own, name) == getattr(made, name) for name in terms)
    if same or (own is None and level == ResponseLevel.ROUTINE):
        raise LevelUnchanged(area_code=made.area_code, level=level)


def _check_span(made: LevelDecision, level: ResponseLevel, standing: Standing, now: datetime) -> None:
    latest = now if level.rank < standing.level.rank else now + AHEAD
    if not now <= made.starts_at <= latest:
        raise StartsOutside(days=AHEAD.days)
    most = shipped_level_rules().switches[level].most_days
    if most is None:
        return
    first = timezone.localtime(made.starts_at).date()
    last = first + timedelta(days=most)
    if made.expected_until is None or not first <= made.expected_until <= last:
        raise DurationMissing(level=level, first=first, last=last)


def _settled_by(made: LevelDecision, *, by: Account, now: datetime) -> LevelProposal | None:
    """Settle the proposal that waits for the area: followed, or decided otherwise."""
    waiting = LevelProposal.objects.select_for_update().filter(
        outbreak=made.outbreak, area_code=made.area_code, state=LevelProposalState.WAITING
    )
    found = waiting.first()
    if found is None:
        return None
    _settle(found, LevelProposalState.DECIDED, "", by=by, now=now)
    return found if found.level == made.level else None


@transaction.atomic
def decline(*, proposal: LevelProposal, reason: str, by: Account, now: datetime) -> LevelProposal:
    """
    Decline a proposed level, with the reason; it is not proposed again on the same grounds.

    Raise the door's refusal, ProposalSettled or ReasonMissing.
    """
    access.require(by, Right.LEVEL_DECIDE, area_code=proposal.area_code)
    found = LevelProposal.objects.select_for_update().get(pk=proposal.pk)
    if found.state != LevelProposalState.WAITING:
        raise ProposalSettled(state=LevelProposalState(found.state))  # type: ignore[call-arg]
    if not reason.strip():
        raise ReasonMissing
    return _settle(found, LevelProposalState.DECLINED, reason.strip()[:LONGEST_REASON], by=by, now=now)


def _settle(
    found: LevelProposal, state: LevelProposalState, note: str, *, by: Account, now: datetime
) -> LevelProposal:  # fmt: skip
    found.state, found.settled_at, found.settled_by, found.note = state, now, by.username, note
    found.save(update_fields=["state", "settled_at", "settled_by", "note"])
    journal.write(f"level.proposal_{state}", found, by=by, at=now, level=found.level)
    return found

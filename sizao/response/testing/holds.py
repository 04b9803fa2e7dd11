"""
A positive pool: its members are proposed to be held, a named officer decides, and every hold ends by itself.

A proposal touches nobody. Members are freed one by one, each by their own test, whatever the others' say.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from os.path import commonprefix

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, Outbreak, PoolHold, PoolMember, TestingRound
from sizao.response import outbreaks
from sizao.response.testing import holds_basis, positives_people, rounds
from sizao.response.testing.positives_people import Swabbed
from sizao.terms import HOLD_HOURS_AT_MOST, HOLD_MOVES, LEVEL_OF_DIGITS, HoldEnd, HoldState, Right, Words

STANDING = (HoldState.PROPOSED, HoldState.ORDERED)
LONGEST_TEXT = 300


class HoldCannotMove(SizaoError):
    code = "hold.cannot_move"
    message = "The hold of tube {tube} is {was}, so it cannot become {state}. From here it may become: {allowed}."


class LegalBasisMissing(SizaoError):
    code = "hold.legal_basis.unreadable"
    message = "Name the law and article the hold rests on: it is printed on every notice."


class EndMissing(SizaoError):
    code = "hold.end.unreadable"
    message = (
        "{origin} does not say for how long the members of a positive pool are held. Say until when, at most "
        "{most} hours from now."
    )


class EndOutside(SizaoError):
    code = "hold.end_outside.unreadable"
    message = (
        "A hold ordered now ends after {earliest:%Y-%m-%d %H:%M} and by {latest:%Y-%m-%d %H:%M}. Choose in between."
    )


class ReasonMissing(SizaoError):
    code = "hold.reason.unreadable"
    message = "Give the reason in a few words: the people concerned may ask for it."


class NobodyLeft(SizaoError):
    code = "hold.nobody_left"
    message = "Nobody of tube {tube} is left to be held. Open the list of positive pools again."


class FreeAlready(SizaoError):
    code = "hold.free_already"
    message = "Number {entry} is not held any more. Open the pool again."


# --- Proposing ---------------------------------------------------------------------------------


def propose(
    testing_round: TestingRound, pools: Mapping[str, Sequence[Swabbed]], *, by: Account | None, now: datetime
) -> list[PoolHold]:
    """
    Propose to hold the members of positive tubes; members who came late are added to the hold that there is.

    A hold that had ended is proposed anew when somebody of its tube is not settled. Return the holds that changed.
    """
    found = {
        one.tube: one
        for one in PoolHold.objects.select_for_update().filter(round=testing_round, tube__in=pools).order_by("pk")
    }
    fresh = [_proposed(testing_round, tube, pools[tube], now) for tube in sorted(pools.keys() - found.keys())]
    PoolHold.objects.bulk_create(fresh)
    holds = {one.tube: one for one in (*found.values(), *fresh)}
    known = set(PoolMember.objects.filter(hold__in=holds.values()).values_list("hold_id", "entry"))
    members = [
        PoolMember(
            hold=holds[tube], round=testing_round, entry=one.entry, area_code=one.area_code, added_at=now
        )
        for tube, people in pools.items()
        for one in people
        if (holds[tube].pk, one.entry) not in known
    ]  # fmt: skip
    PoolMember.objects.bulk_create(members)
    grown = {one.hold_id for one in members}
    again = [one for one in found.values() if one.state == HoldState.ENDED and (one.pk in grown or _lifted(one))]
    _reopen(again, now)
    _add_people([one for one in found.values() if one.state == HoldState.ORDERED and one.pk in grown], by=by, now=now)
    changed = [*fresh, *again]
    write_lines("hold.proposed", changed, testing_round, by=by, now=now)
    return changed


def _proposed(testing_round: TestingRound, tube: str, people: Sequence[Swabbed], now: datetime) -> PoolHold:
    area_code = shared_area([one.area_code for one in people]) or testing_round.area_code
    rules = outbreaks.rules_at(testing_round.outbreak, now, area_code=area_code)
    return PoolHold(
        round=testing_round, tube=tube, area_code=area_code, basis=holds_basis.proposal(rules), proposed_at=now
    )


def shared_area(codes: Sequence[str]) -> str:
    """Give the smallest area that holds all of these, empty where there is none; its officers decide."""
    shared = commonprefix(list(codes))
    return next((shared[:digits] for digits in sorted(LEVEL_OF_DIGITS, reverse=True) if digits <= len(shared)), "")


def _lifted(hold: PoolHold) -> bool:
    """Tell whether a hold ended because the result of its tube was corrected."""
    return hold.members.filter(end_reason=HoldEnd.CORRECTED).exists()


def _reopen(holds: Sequence[PoolHold], now: datetime) -> None:
    for one in holds:
        one.state, one.proposed_at, one.ended_at = HoldState.PROPOSED, now, None
        one.ordered_at = one.ordered_by = one.expires_at = one.recall_due_at = None
        one.legal_basis = ""
    fields = ["state", "proposed_at", "ended_at", "ordered_at", "ordered_by", "expires_at", "recall_due_at",
              "legal_basis"]  # fmt: skip
    PoolHold.objects.bulk_update(holds, fields)
    corrected = PoolMember.objects.filter(hold__in=holds, end_reason=HoldEnd.CORRECTED)
    corrected.update(ended_at=None, ended_by="", end_reason="")


# --- What an officer does ----------------------------------------------------------------------


@transaction.atomic
def order(
    *, hold: PoolHold, legal_basis: str, by: Account, now: datetime, expires_at: datetime | None = None
) -> PoolHold:
    """
    Order in one's own name that the members of a positive pool stay where they are until their own test.

    It ends at `expires_at`, at most 24 hours from now; without one, when a single swab taken now has its result by the
    hours of the edition. Raise LegalBasisMissing, EndMissing, EndOutside, NobodyLeft, HoldCannotMove, OutbreakClosed,
    NoValue or NeedsConfirmation where the edition asks for no hold, or the door's refusal.
    """
    hold = _held(hold, by, HoldState.ORDERED)
    within = hold.round.outbreak
    outbreaks.require_open(within)
    if not legal_basis.strip():
        raise LegalBasisMissing
    rules = outbreaks.rules_at(within, now, area_code=hold.area_code)
    cited = [holds_basis.action(rules)]
    expires_at = expires_at or _usual_end(rules, now)
    latest = now + timedelta(hours=HOLD_HOURS_AT_MOST)
    if not now < expires_at <= latest:
        raise EndOutside(earliest=now, latest=latest)
    if not hold.members.filter(ended_at=None).exists():
        raise NobodyLeft(tube=hold.tube)
    due_at, sums = holds_basis.recall_due(rules, now, expires_at)
    hold.state, hold.ordered_at, hold.ordered_by = HoldState.ORDERED, now, by
    hold.legal_basis, hold.expires_at, hold.recall_due_at = legal_basis.strip()[:LONGEST_TEXT], expires_at, due_at
    hold.basis = [*cited, *sums]
    hold.save(
        update_fields=["state", "ordered_at", "ordered_by", "legal_basis", "expires_at", "recall_due_at", "basis"]
    )
    _add_people([hold], by=by, now=now)
    write_lines("hold.ordered", [hold], hold.round, by=by, now=now, protocol=rules.source, until=expires_at)
    return hold


def _usual_end(rules: Rules, now: datetime) -> datetime:
    ends_at = holds_basis.usual_end(rules, now)
    if ends_at is None:
        raise EndMissing(origin=rules.source, most=HOLD_HOURS_AT_MOST)
    return min(ends_at, now + timedelta(hours=HOLD_HOURS_AT_MOST))


def _add_people(holds: Sequence[PoolHold], *, by: Account | None, now: datetime) -> None:
    """Give every member of ordered holds their row in the register: a notice is served on a person."""
    for hold in holds:
        members = list(PoolMember.objects.filter(hold=hold, person=None, ended_at=None).order_by("entry"))
        people = positives_people.registered(hold.round, [one.entry for one in members], by=by, now=now)
        for one in members:
            one.person = people[one.entry]
        PoolMember.objects.bulk_update(members, ["person"])


@transaction.atomic
def decline(*, hold: PoolHold, reason: str, by: Account, now: datetime) -> PoolHold:
    """Refuse to hold the members of a pool, with the reason. Raise ReasonMissing, HoldCannotMove, or the door's."""
    reason = _given(reason)
    hold = _held(hold, by, HoldState.DECLINED)
    hold.state, hold.declined_at, hold.declined_by = HoldState.DECLINED, now, by.username
    hold.decline_reason = reason
    hold.save(update_fields=["state", "declined_at", "declined_by", "decline_reason"])
    write_lines("hold.declined", [hold], hold.round, by=by, now=now, reason=reason)
    return hold


@transaction.atomic
def uphold_objection(*, member: PoolMember, reason: str, by: Account | None, now: datetime) -> PoolMember:
    """
    Free one member because their objection is right, or (`by` None) was not decided in time.

    Raise ReasonMissing, FreeAlready, or the door's refusal.
    """
    reason = _given(reason)
    hold = PoolHold.objects.select_for_update(of=["self"]).select_related("round").get(pk=member.hold_id)
    if by is not None:
        access.require(by, Right.OBJECTION_DECIDE, area_code=hold.area_code)
    if not end_members(PoolMember.objects.filter(pk=member.pk), HoldEnd.OBJECTION, by=by, at=now, reason=reason):
        raise FreeAlready(entry=member.entry)
    member.refresh_from_db()
    return member


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:LONGEST_TEXT]


def _held(hold: PoolHold, by: Account, state: HoldState) -> PoolHold:
    """Lock a hold for an officer who may decide on it, and who may move it there."""
    hold = PoolHold.objects.select_for_update(of=["self"]).select_related("round__outbreak").get(pk=hold.pk)
    access.require(by, Right.ORDER_ISSUE, area_code=hold.area_code)
    was = HoldState(hold.state)
    if state not in HOLD_MOVES[was]:
        raise HoldCannotMove(tube=hold.tube, was=was, state=state, allowed=Words(sorted(HOLD_MOVES[was])))
    return hold


# --- Ending ------------------------------------------------------------------------------------


def end_members(
    members: QuerySet[PoolMember], why: HoldEnd, *, by: Account | None, at: datetime, reason: str = ""
) -> int:
    """Free members who are still held, close the holds in which nobody is left, and return how many were freed."""
    rows = members.filter(ended_at=None).select_related("round")
    # Holds before their members, as everywhere, so that two who free people do not wait for each other.
    held = list(
        PoolHold.objects.select_for_update(of=["self"])
        .filter(pk__in=rows.order_by().values("hold_id"))
        .order_by("pk")
        .select_related("round")
    )
    freed = list(rows.order_by("pk"))
    PoolMember.objects.filter(pk__in=[one.pk for one in freed], ended_at=None).update(
        ended_at=at, ended_by=journal.actor_name(by), end_reason=why
    )
    for one in held:
        mine = [member for member in freed if member.hold_id == one.pk]
        write_lines("hold.member_freed", mine, one.round, by=by, now=at, why=str(why), reason=reason)
    _close_empty(held, by=by, at=at)
    return len(freed)


def _close_empty(holds: Iterable[PoolHold], *, by: Account | None, at: datetime) -> None:
    open_members = PoolMember.objects.filter(hold=OuterRef("pk"), ended_at=None)
    empty = PoolHold.objects.filter(~Exists(open_members), pk__in=[one.pk for one in holds], state__in=STANDING)
    for one in empty.select_related("round").order_by("pk"):
        one.state, one.ended_at = HoldState.ENDED, at
        one.save(update_fields=["state", "ended_at"])
        write_lines("hold.ended", [one], one.round, by=by, now=at)


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """End the ordered holds whose last moment has come, whatever their single tests say; return how many ended."""
    over = PoolHold.objects.filter(round__outbreak=outbreak, state=HoldState.ORDERED, expires_at__lte=now)
    held = list(over.select_for_update(of=["self"]).order_by("pk"))
    for one in held:
        end_members(PoolMember.objects.filter(hold=one), HoldEnd.EXPIRED, by=None, at=one.expires_at)
    return len(held)


# --- Reading -----------------------------------------------------------------------------------


def known_at(within: Outbreak | TestingRound, account: Account, as_of: datetime) -> QuerySet[PoolHold]:
    """Give the holds proposed by a moment that concern an account's area: they lie in it, or reach over it."""
    where = Q(round__outbreak=within) if isinstance(within, Outbreak) else Q(round=within)
    code = account.area_code
    above = [code[:digits] for digits in LEVEL_OF_DIGITS if digits <= len(code)]
    mine = Q(area_code__startswith=code) | Q(area_code__in=above)
    found = PoolHold.objects.filter(where & mine, proposed_at__lte=as_of, round__archived_at=None)
    return found.select_related("round__outbreak", "ordered_by")


def fetch(number: int, *, to: Right, by: Account) -> PoolHold:
    """Fetch a hold and decide in one step. Raise the door's refusal."""
    access.require(by, to)
    found = PoolHold.objects.select_related("round__outbreak", "ordered_by").filter(pk=number).first()
    near = found and (found.area_code.startswith(by.area_code) or by.area_code.startswith(found.area_code))
    if not near:
        raise NotYours(what="hold", area=by.area_code)
    rounds.fetch(found.round_id, to=to, by=by)
    return found


def state_at(hold: PoolHold, as_of: datetime) -> HoldState | None:
    """Say the state of a hold at a moment; None before it was proposed."""
    reached = (
        (hold.proposed_at, HoldState.PROPOSED),
        (hold.ordered_at, HoldState.ORDERED),
        (hold.declined_at, HoldState.DECLINED),
        (hold.ended_at, HoldState.ENDED),
    )
    states = [state for moment, state in reached if moment is not None and moment <= as_of]
    return states[-1] if states else None


def write_lines(
    verb: str,
    subjects: Collection[PoolHold | PoolMember],
    testing_round: TestingRound,
    *,
    by: Account | None,
    now: datetime,
    **facts: object,
) -> None:
    """Write a line in the journal for each, under the outbreak of its round."""
    lines = [journal.line(verb, one, by=by, at=now, number=testing_round.number, **facts) for one in subjects]
    for line in lines:
        line.outbreak_id = testing_round.outbreak_id
    journal.write_many(lines)

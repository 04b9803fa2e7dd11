"""
Rounds are planned, opened and closed by named persons; who is expected stands on the roster before the first swab.

Closing writes down what the round came to. What devices that were offline send afterwards is kept and marked as late.
"""

from collections.abc import Sequence
from datetime import datetime
from os.path import commonprefix
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from sizao.errors import SizaoError
from sizao.protocol import Rules, basis
from sizao.protocol.testing_rounds import POOL_SIZES, NoRoundsByArea, PoolSizeNotAllowed
from sizao.records import access, journal, quick
from sizao.records.access import NotYours
from sizao.records.models import Account, Area, Outbreak, TestingRound
from sizao.records.together import Together
from sizao.response import outbreaks
from sizao.response.testing import coverage, partitions, timing
from sizao.terms import LEVEL_OF_DIGITS, ROUND_MOVES, KeyGroup, Right, RoundState, Words

HOUSEHOLD = "testing.pool.household_pool_in_closed_area"
ENABLED = "testing.region.enabled"
LONGEST_NAME = 100


class NoAreas(SizaoError):
    code = "testing.areas.unreadable"
    message = "A round needs areas of the register inside {area}. Not among them: {codes}."


class NameMissing(SizaoError):
    code = "testing.name.unreadable"
    message = "Give the round a name by which people know it, such as the city and its place in the row of rounds."


class NoHouseholdTubes(SizaoError):
    code = "testing.no_household_tubes"
    message = "{origin} does not let one household share one tube. Plan the round without."


class RosterMissing(SizaoError):
    code = "testing.roster_missing"
    message = "Round {number} has no roster, so nobody could say who is missed. Make it from the register or upload it."


class RoundCannotMove(SizaoError):
    code = "testing.round_cannot_move"
    message = "Round {number} is {was}, so it cannot become {state}. From here it may become: {allowed}."


class BeginsTooEarly(SizaoError):
    code = "testing.begins.unreadable"
    message = "The round would begin on {begins_at:%Y-%m-%d %H:%M}, which has passed. Choose a later moment."


class NoSuchRound(SizaoError):
    code = "testing.round.not_found"
    message = "{slug} has no testing round {number}. Plan it first, on the page of testing rounds."


@transaction.atomic
def plan_round(
    *,
    outbreak: Outbreak,
    name: str,
    areas: Sequence[str],
    pool_size: int,
    begins_at: datetime,
    by: Account | None,
    now: datetime,
    key_group: KeyGroup | None = None,
    household_tubes: bool = False,
    is_generated: bool = False,
) -> TestingRound:
    """
    Plan a round over some areas, or of a key group in them; it touches nobody until somebody opens it.

    When it must be complete follows from the edition, with its sum. Raise NameMissing, NoAreas, NoRoundsByArea,
    PoolSizeNotAllowed, NoHouseholdTubes, BeginsTooEarly, OutbreakClosed, or the door's refusal.
    """
    codes = sorted({code.strip() for code in areas if code.strip()})
    area_code = _jurisdiction(outbreak, codes)
    if by is not None:
        access.require(by, Right.TESTING_PLAN, area_code=area_code)
    outbreaks.require_open(outbreak)
    if not name.strip():
        raise NameMissing
    if outbreak.acts_on_people and begins_at < now:
        raise BeginsTooEarly(begins_at=begins_at)
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one number after the other
    rules = outbreaks.rules_at(outbreak, now, area_code=area_code)
    due_at, cited = timing.due(rules, codes, begins_at) if key_group is None else (None, [])
    made = TestingRound.objects.create(
        outbreak=outbreak,
        number=f"R{TestingRound.objects.filter(outbreak=outbreak).count() + 1:03}",
        name=name.strip()[:LONGEST_NAME],
        area_code=area_code,
        areas=codes,
        key_group=key_group,
        pool_size=pool_size,
        household_tubes=household_tubes,
        begins_at=begins_at,
        due_at=due_at,
        basis=[*_allowed(rules, pool_size, key_group, household_tubes=household_tubes), *cited],
        protocol=rules.source,
        is_generated=is_generated,
        planned_at=now,
        planned_by=journal.actor_name(by),
    )
    journal.write("round.planned", made, by=by, at=now, protocol=rules.source, number=made.number, areas=codes)
    return made


@transaction.atomic
def open_round(*, testing_round: TestingRound, by: Account, now: datetime) -> TestingRound:
    """
    Open a round in one's own name: from now on swabs are registered and its clock runs.

    Raise RosterMissing, RoundCannotMove, OutbreakClosed, or the door's refusal.
    """
    access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    partitions.hold_alone(testing_round)
    found = _locked(testing_round, RoundState.OPEN)
    outbreaks.require_open(found.outbreak)
    if found.roster_made_at is None:
        raise RosterMissing(number=found.number)
    rules = outbreaks.rules_at(found.outbreak, now, area_code=found.area_code)
    if found.key_group is None:
        found.due_at, cited = timing.due(rules, found.areas, now)
        found.basis = [*(one for one in found.basis if one["gives"] != timing.DUE), *cited]
    found.opened_at, found.opened_by = now, by.username
    found.save(update_fields=["opened_at", "opened_by", "due_at", "basis"])
    partitions.make_for_swabs(found.pk)
    journal.write("round.opened", found, by=by, at=now, protocol=rules.source, number=found.number)
    return found


@transaction.atomic
def close_round(*, testing_round: TestingRound, by: Account, now: datetime) -> TestingRound:
    """
    Close a round in one's own name, with the numbers expected, registered and missed on the record.

    Waits for the swabs that are being registered this moment. Raise RoundCannotMove, or the door's refusal.
    """
    access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    partitions.hold_alone(testing_round)
    found = _locked(testing_round, RoundState.CLOSED)
    total = coverage.total(found, as_of=now)
    found.closed_at, found.closed_by = now, by.username
    found.expected, found.registered = total.expected, total.registered
    found.missed, found.explained = total.missed, total.explained
    found.save(update_fields=["closed_at", "closed_by", "expected", "registered", "missed", "explained"])
    journal.write(
        "round.closed", found, by=by, at=now, number=found.number, expected=total.expected,
        registered=total.registered, missed=total.missed, explained=total.explained,
    )  # fmt: skip
    return found


@transaction.atomic
def archive_round(*, testing_round: TestingRound, by: Account, now: datetime) -> TestingRound:
    """
    Set a closed round aside: its partitions are detached, its figures stay.

    From then on no list shows its people and nothing more is registered in it. Raise RoundCannotMove, or the door's
    refusal.
    """
    access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    partitions.hold_alone(testing_round)
    found = _locked(testing_round, RoundState.ARCHIVED)
    found.archived_at = now
    found.save(update_fields=["archived_at"])
    partitions.set_aside(found.pk)
    journal.write("round.archived", found, by=by, at=now, number=found.number)
    return found


# --- Reading -----------------------------------------------------------------------------------


def rounds(account: Account) -> QuerySet[TestingRound]:
    """Give the rounds that concern an account's jurisdiction: they lie in it, or reach over it."""
    code = account.area_code
    above = [code[:digits] for digits in LEVEL_OF_DIGITS if digits <= len(code)]
    return TestingRound.objects.filter(Q(area_code__startswith=code) | Q(area_code__in=above))


def rounds_at(outbreak: Outbreak, account: Account, as_of: datetime) -> QuerySet[TestingRound]:
    """Give the rounds of an outbreak that were planned by a moment, the latest first."""
    return rounds(account).filter(outbreak=outbreak, planned_at__lte=as_of).order_by("-begins_at", "-pk")


def fetch(number: int, *, to: Right, by: Account) -> TestingRound:
    """Fetch a round and decide in one step. Raise the door's refusal."""
    access.require(by, to)
    found = rounds(by).select_related("outbreak").filter(pk=number).first()
    if found is None:
        raise NotYours(what="round", area=by.area_code)
    return found


def numbered(slug: str, number: str, *, to: Right, by: Account) -> TestingRound:
    """Fetch a round by its outbreak and its number and decide, all in one question. Raise the door's refusal."""
    access.require(by, to)
    row = _asked_for.served((slug, number))
    split = quick.width(TestingRound)
    found = quick.made(TestingRound, row[:split]) if row else None
    within = quick.made(Outbreak, row[split:]) if row else access.outbreak(slug, to=to, by=by)
    if not _concerns(within.area_code, by):
        raise NotYours(what="outbreak", area=by.area_code)
    if found is None or not _concerns(found.area_code, by):
        raise NotYours(what="round", area=by.area_code)
    found.outbreak = within
    return found


def _rows_of(wanted: Sequence[tuple[str, str]]) -> list[tuple | None]:
    """Find rounds with their outbreaks, by the slug of the outbreak and the number of the round."""
    slugs, numbers = zip(*set(wanted), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _NUMBERED.format(round=quick.columns(TestingRound, "r"), outbreak=quick.columns(Outbreak, "o")),
            [list(slugs), list(numbers)],
        )
        found = {(slug, number): row for slug, number, *row in cursor.fetchall()}
    return [found.get(one) for one in wanted]


# Asked with every request of every device; together with those that come at this moment.
_NUMBERED = """
    SELECT o.slug, r.number, {round}, {outbreak}
    FROM unnest(%s::varchar[], %s::varchar[]) AS wanted (slug, number)
    JOIN records_outbreak o ON o.slug = wanted.slug
    JOIN records_testinground r ON r.outbreak_id = o.id AND r.number = wanted.number
"""
_asked_for = Together(_rows_of)


def _concerns(area_code: str, by: Account) -> bool:
    """Tell whether an area lies in an account's jurisdiction, or holds it."""
    return area_code.startswith(by.area_code) or by.area_code.startswith(area_code)


def called(outbreak: Outbreak, number: str) -> TestingRound:
    """Find a round by its number, for whoever runs this machine. Raise NoSuchRound."""
    found = TestingRound.objects.select_related("outbreak").filter(outbreak=outbreak, number=number).first()
    if found is None:
        raise NoSuchRound(slug=outbreak.slug, number=number)
    return found


def part_of(testing_round: TestingRound, account: Account) -> str:
    """Say which part of a round an account looks after: all of it, or what lies in its own area."""
    return max(testing_round.area_code, account.area_code, key=len)


# --- Inside ------------------------------------------------------------------------------------


def _jurisdiction(outbreak: Outbreak, codes: Sequence[str]) -> str:
    known = set(Area.objects.filter(code__in=codes).values_list("code", flat=True))
    wrong = [code for code in codes if code not in known or not code.startswith(outbreak.area_code)]
    if wrong or not codes:
        raise NoAreas(area=outbreak.area_code, codes=", ".join(wrong[:5]) or "—")
    shared = commonprefix(list(codes))
    return next(shared[:digits] for digits in sorted(LEVEL_OF_DIGITS, reverse=True) if digits <= len(shared))


def _allowed(rules: Rules, size: int, key_group: KeyGroup | None, *, household_tubes: bool) -> list[dict[str, Any]]:
    """Check what the edition says of areas and tubes; give the values that decided."""
    cited = []
    if key_group is None:
        enabled = rules.need(ENABLED)
        if not enabled.flag:
            raise NoRoundsByArea(origin=enabled.origin)
        cited.append(basis.entry(enabled, gives="scope"))
    sizes = rules.need(POOL_SIZES)
    # A tube of one's own is always allowed: it is what every pool is settled by.
    if size != 1 and size not in sizes.numbers:
        raise PoolSizeNotAllowed(size=size, origin=sizes.origin, allowed=", ".join(map(str, sizes.numbers)))
    cited.append(basis.entry(sizes, gives="pool_size"))
    if household_tubes:
        shared = rules.value(HOUSEHOLD)
        if not shared.value:
            raise NoHouseholdTubes(origin=shared.origin)
        cited.append(basis.entry(rules.need(HOUSEHOLD), gives="household_tubes"))
    return cited


def _locked(testing_round: TestingRound, state: RoundState) -> TestingRound:
    found = TestingRound.objects.select_for_update(of=["self"]).select_related("outbreak").get(pk=testing_round.pk)
    was = _state(found)
    if state not in ROUND_MOVES[was]:
        raise RoundCannotMove(number=found.number, was=was, state=state, allowed=Words(sorted(ROUND_MOVES[was])))
    return found


def _state(found: TestingRound) -> RoundState:
    """Say where a round stands by all that is known of it."""
    moments = {
        RoundState.ARCHIVED: found.archived_at,
        RoundState.CLOSED: found.closed_at,
        RoundState.OPEN: found.opened_at,
    }
    return next((state for state, moment in moments.items() if moment is not None), RoundState.PLANNED)

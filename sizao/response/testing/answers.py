"""
What can be said of somebody's latest test, to themselves or to a system that asks for them.

A pool's positive result is nobody's: who stands in it is told to come for a single test. Who stands on no roster here
is not known here, which is not the same as negative.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from django.db.models import Q

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Laboratory, Outbreak, PoolMember, RosterEntry, TestingRound, TubeStep
from sizao.response.tracing import tokens
from sizao.terms import HoldState, ResultTold, Right, TestResult, TubeKind, TubeStepKind

MOST_PEOPLE = 500
LONGEST_PURPOSE = 300


class TooManyPeople(SizaoError):
    code = "results.people.unreadable"
    message = "{count} people were asked for at once. Ask for at most {most}; the rest in the next request."


class PurposeMissing(SizaoError):
    code = "results.purpose.unreadable"
    message = "Say what the results are for: it is written in the journal beside your name."


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What can be said of one person in one round. Moments are None where they have not come.

    `single` is whether the swab lies in a tube of its own; `held_until` is the end of an ordered hold they are under.
    """

    told: ResultTold
    number: str
    area_code: str = ""
    taken_at: datetime | None = None
    resulted_at: datetime | None = None
    single: bool = False
    tube: str = ""
    held_until: datetime | None = None
    later_swab_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a tube is, as far as was recorded."""

    step: TubeStepKind
    at: datetime
    laboratory: str


@dataclass(frozen=True, slots=True)
class _Swab:
    tube: str
    taken_at: datetime
    is_double: bool
    is_recall: bool
    result: str | None
    resulted_at: datetime | None
    single: bool


# --- For systems -------------------------------------------------------------------------------


def tell(
    *, outbreak: Outbreak, id_numbers: Sequence[str], purpose: str, by: Account, now: datetime
) -> list[Answer | None]:
    """
    Say of up to 500 people, by their id numbers, what their latest test said, in the order asked; journalled.

    None for who is not known here: on no roster of this outbreak in the account's area. Raise TooManyPeople,
    PurposeMissing, or the door's refusal.
    """
    access.require(by, Right.RESULT_TELL)
    if len(id_numbers) > MOST_PEOPLE:
        raise TooManyPeople(count=len(id_numbers), most=MOST_PEOPLE)
    if not purpose.strip():
        raise PurposeMissing
    indices = [tokens.id_number_index(one) if one.strip() else None for one in id_numbers]
    rounds = _rounds(outbreak)
    listed = RosterEntry.objects.filter(
        round_id__in=rounds, id_index__in=[one for one in indices if one], area_code__startswith=by.area_code
    )
    of: dict[str, dict[int, tuple[int, str]]] = {}
    for index, round_id, number, area_code in listed.values_list("id_index", "round_id", "number", "area_code"):
        of.setdefault(index, {})[round_id] = (number, area_code)
    answers = _by_round(rounds, of.values(), now)
    told = [_latest([answers[at, mine[at][0]] for at in rounds if at in mine]) if (mine := of.get(one or "")) else None
            for one in indices]  # fmt: skip
    journal.write(
        "results.told", outbreak, by=by, at=now, purpose=purpose.strip()[:LONGEST_PURPOSE], asked=len(id_numbers),
        people=sorted({f"{rounds[at].number}:{number}" for mine in of.values() for at, (number, _) in mine.items()}),
    )  # fmt: skip
    return told


def _rounds(outbreak: Outbreak) -> dict[int, TestingRound]:
    """Give the rounds that have a roster and are not set aside, the latest first."""
    found = TestingRound.objects.filter(outbreak=outbreak, opened_at__isnull=False, archived_at=None)
    return {one.pk: one for one in found.order_by("-begins_at", "-pk")}


def _by_round(
    rounds: Mapping[int, TestingRound], people: Collection[Mapping[int, tuple[int, str]]], now: datetime
) -> Mapping[tuple[int, int], Answer]:
    found: dict[tuple[int, int], Answer] = {}
    for round_id, testing_round in rounds.items():
        entries = {one[round_id][0]: one[round_id][1] for one in people if round_id in one}
        for entry, answer in of_entries(testing_round, list(entries), now=now).items():
            found[round_id, entry] = replace(answer, area_code=entries[entry])
    return found


def _latest(answers: Sequence[Answer]) -> Answer:
    """Choose among one person's answers, the latest round first; a pool that calls back is settled by no other pool."""
    swabbed = [one for one in answers if one.told != ResultTold.NOT_SWABBED]
    resulted = [one for one in swabbed if one.told != ResultTold.WAITING]
    if not resulted:
        return swabbed[0] if swabbed else answers[0]
    latest = resulted[0]
    if latest.told == ResultTold.NEGATIVE and not latest.single:
        latest = next((one for one in resulted if one.told == ResultTold.COME_BACK), latest)
    waiting = swabbed[0] if swabbed[0].told == ResultTold.WAITING else None
    return replace(latest, later_swab_at=waiting.taken_at) if waiting else latest


# --- For one round -----------------------------------------------------------------------------


def of_entries(testing_round: TestingRound, entries: Sequence[int], *, now: datetime) -> Mapping[int, Answer]:
    """Say of people on one roster what their swabs in that round said."""
    swabs: dict[int, list[_Swab]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SWABS, [str(TubeKind.SINGLE), testing_round.pk, list(entries)])
        for entry, *facts in cursor.fetchall():
            swabs.setdefault(entry, []).append(_Swab(*facts))
    held = PoolMember.objects.filter(
        Q(hold__expires_at__gt=now),
        round=testing_round,
        entry__in=entries,
        ended_at=None,
        hold__state=HoldState.ORDERED,
    )
    until = dict(held.order_by("hold__expires_at").values_list("entry", "hold__expires_at"))
    return {
        entry: replace(_answer(testing_round, swabs.get(entry, [])), held_until=until.get(entry)) for entry in entries
    }


# A single tube with several people in it is nobody's result either.
_SWABS = """
    SELECT s.entry, s.tube, s.taken_at, s.is_double, s.is_recall, t.result, t.resulted_at,
        t.kind = %s AND NOT EXISTS (
            SELECT FROM records_swab o WHERE o.round_id = s.round_id AND o.tube = s.tube AND o.entry <> s.entry
        )
    FROM records_swab s JOIN records_tube t ON t.round_id = s.round_id AND t.code = s.tube
    WHERE s.round_id = %s AND s.entry = ANY(%s::bigint[]) ORDER BY s.entry, s.taken_at, s.source_key
"""


def _answer(testing_round: TestingRound, swabs: Sequence[_Swab]) -> Answer:
    if not swabs:
        return Answer(ResultTold.NOT_SWABBED, testing_round.number)
    pool = next((one for one in swabs if not one.single and one.result == TestResult.POSITIVE), None)
    own = next((one for one in reversed(swabs) if one.single and one.result == TestResult.POSITIVE), None)
    recall = next((one for one in reversed(swabs) if one.single and one.is_recall), None)
    # Their own positive first; then what a positive pool asks for; else the swab that counts.
    chosen = own or (recall or pool if pool else None)
    chosen = chosen or next((one for one in swabs if not one.is_double), swabs[-1])
    return Answer(
        told=_told(chosen),
        number=testing_round.number,
        taken_at=chosen.taken_at,
        resulted_at=chosen.resulted_at,
        single=chosen.single,
        tube=chosen.tube,
    )


def _told(swab: _Swab) -> ResultTold:
    if swab.result is None:
        return ResultTold.WAITING
    if swab.result == TestResult.NEGATIVE:
        return ResultTold.NEGATIVE
    return ResultTold.POSITIVE if swab.single else ResultTold.COME_BACK


def whereabouts(testing_round: TestingRound, tube: str) -> Whereabouts | None:
    """Say the latest step of a tube on its way; None while it is still where it was filled."""
    last = TubeStep.objects.filter(round=testing_round, tube=tube).order_by("-happened_at").first()
    if last is None:
        return None
    laboratory = Laboratory.objects.filter(pk=last.laboratory_id).first() if last.laboratory_id else None
    return Whereabouts(TubeStepKind(last.step), last.happened_at, laboratory.name if laboratory else "")

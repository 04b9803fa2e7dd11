"""
Released results, followed in the transaction that releases them.

A positive tube of one person is a signal about that person. A positive tube of several is nobody's result: its members
are proposed to be held and called back, and no record says that anybody of them is positive.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from sizao.records import journal
from sizao.records.models import Account, Contact, IsolationOrder, Person, PoolMember, Signal, Test, TestingRound
from sizao.response import signals
from sizao.response.testing import holds, positives_people
from sizao.response.testing.positives_people import Swabbed
from sizao.terms import HoldEnd, OrderState, SignalKind, SignalState, TestResult, TubeKind

SOURCE = "laboratory"


@dataclass(frozen=True, slots=True)
class _Results:
    """Tubes by what their result means: of one person each, or of several."""

    singles: tuple[Swabbed, ...]
    pools: Mapping[str, Sequence[Swabbed]]


@transaction.atomic
def follow(*, testing_round: TestingRound, tubes: Sequence[str], by: Account, now: datetime) -> None:
    """
    Follow tubes that are newly positive, by their codes: single ones become signals, of the others holds are proposed.

    Following a tube twice changes nothing. Tubes in which nobody is registered are followed when somebody is.
    """
    found = _sorted(testing_round, tubes)
    holds.propose(testing_round, found.pools, by=by, now=now)
    _end(testing_round, found.singles, HoldEnd.POSITIVE, by=by, now=now)
    _signal(testing_round, found.singles, by=by, now=now)


@transaction.atomic
def follow_negative(*, testing_round: TestingRound, tubes: Sequence[str], by: Account, now: datetime) -> None:
    """
    Follow tubes that are newly negative, by their codes: who was held for a pool and is negative singly is free.

    Single results become tests of contacts and of people under an order, whose test days wait for them; of nobody else.
    """
    singles = _sorted(testing_round, _of_one(testing_round, tubes)).singles
    _end(testing_round, singles, HoldEnd.NEGATIVE, by=by, now=now)
    needed = _needed(testing_round, singles)
    _tests(testing_round, needed, TestResult.NEGATIVE, by=by, now=now)


@transaction.atomic
def follow_corrected(*, testing_round: TestingRound, tubes: Sequence[str], by: Account, now: datetime) -> None:
    """
    Follow tubes whose released result has changed, by their codes; the tube already says what it is now.

    A pool that is not positive any more frees its members. A single result that is not frees nobody by itself: its
    signal, if nobody has settled it, is dismissed; if somebody has, it says so on the signal and that person decides.
    """
    now_say = _results(testing_round, tubes)
    positive = [code for code in tubes if now_say.get(code) == TestResult.POSITIVE]
    others = [code for code in tubes if code in now_say and code not in set(positive)]
    members = PoolMember.objects.filter(round=testing_round, hold__tube__in=others)
    holds.end_members(members, HoldEnd.CORRECTED, by=by, at=now)
    found = _sorted(testing_round, others)
    _take_back(testing_round, found.singles, now_say, by=by, now=now)
    negative = [code for code in others if now_say[code] == TestResult.NEGATIVE]
    follow_negative(testing_round=testing_round, tubes=negative, by=by, now=now)
    follow(testing_round=testing_round, tubes=positive, by=by, now=now)


def follow_late(*, testing_round: TestingRound, results: Mapping[str, str | None], by: Account, now: datetime) -> None:
    """Follow tubes whose results were there before a swab that was registered only now; `results` by their codes."""
    positive = [code for code, result in results.items() if result == TestResult.POSITIVE]
    negative = [code for code, result in results.items() if result == TestResult.NEGATIVE]
    if positive:
        follow(testing_round=testing_round, tubes=positive, by=by, now=now)
    if negative:
        follow_negative(testing_round=testing_round, tubes=negative, by=by, now=now)


# --- Which tubes these are ---------------------------------------------------------------------


def _of_one(testing_round: TestingRound, tubes: Sequence[str]) -> list[str]:
    """Leave out pools, of which nothing follows when they are negative; there may be a million in one release."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.code FROM records_tube t WHERE t.round_id = %s AND t.kind = %s AND t.code = ANY(%s::varchar[])",
            [testing_round.pk, str(TubeKind.SINGLE), list(tubes)],
        )
        return [code for (code,) in cursor.fetchall()]


def _results(testing_round: TestingRound, tubes: Sequence[str]) -> Mapping[str, str | None]:
    return dict(testing_round.tubes.filter(code__in=tubes).values_list("code", "result"))


def _sorted(testing_round: TestingRound, tubes: Sequence[str]) -> _Results:
    """Part tubes into those of one person and those of several; a single tube with two swabs in it is nobody's."""
    singles, pools = [], {}
    single_codes = set(_of_one(testing_round, tubes))
    for code, people in positives_people.swabbed_into(testing_round, tubes).items():
        if code in single_codes and len(people) == 1:
            singles.append(people[0])
        else:
            pools[code] = people
    return _Results(tuple(singles), pools)


# --- What follows ------------------------------------------------------------------------------


def _end(testing_round: TestingRound, singles: Sequence[Swabbed], why: HoldEnd, *, by: Account, now: datetime) -> None:
    """End the holds of people by their own result, if it is of a swab that was taken for it."""
    waiting = Q(ended_at=None) | Q(end_reason__in=_BY_OWN_RESULT)
    members = PoolMember.objects.filter(waiting, round__outbreak=testing_round.outbreak_id).select_related("hold")
    if not singles or not (held := list(members)):
        return
    entries = {one.entry: one for one in singles}
    people = _people(testing_round, list(entries))
    recalls = _recalls(testing_round, [one.tube for one in singles])
    settled = []
    for member in held:
        here = member.round_id == testing_round.pk
        entry = member.entry if here and member.entry in entries else people.get(member.person_id)
        if entry is None:
            continue
        # Taken with the pool, it says no more than the pool does; the swab of a recall was taken after.
        if entries[entry].taken_at >= member.hold.proposed_at or (here and entries[entry].tube in recalls):
            settled.append(member.pk)
    found = PoolMember.objects.filter(pk__in=settled)
    # A single result that was corrected changes why somebody was freed; it holds nobody again.
    found.filter(ended_at__isnull=False).update(end_reason=why)
    holds.end_members(found, why, by=by, at=now)


_BY_OWN_RESULT = (HoldEnd.NEGATIVE, HoldEnd.POSITIVE)


def _people(testing_round: TestingRound, entries: Sequence[int]) -> Mapping[int | None, int]:
    """Give the roster numbers of people in the register: they may be held for a pool of another round."""
    rows = testing_round.entries.filter(number__in=entries, person__isnull=False)
    return dict(rows.values_list("person_id", "number"))


def _recalls(testing_round: TestingRound, tubes: Sequence[str]) -> set[str]:
    return set(testing_round.swabs.filter(tube__in=tubes, is_recall=True).values_list("tube", flat=True))


def _signal(testing_round: TestingRound, singles: Sequence[Swabbed], *, by: Account, now: datetime) -> None:
    if not singles:
        return
    people = positives_people.registered(testing_round, [one.entry for one in singles], by=by, now=now)
    _tests(testing_round, {one: people[one.entry] for one in singles}, TestResult.POSITIVE, by=by, now=now)
    hints = [
        signals.Hint(
            kind=SignalKind.POSITIVE_TEST,
            area_code=one.area_code,
            occurred_at=one.taken_at,
            source=SOURCE,
            source_key=_key(testing_round, one),
            person=people[one.entry],
            facts={"round": testing_round.number, "tube": one.tube},
        )
        for one in singles
    ]
    received = signals.receive_many(outbreak=testing_round.outbreak, hints=hints, by=by, now=now)
    _again([one for one in received if one.facts.get("corrected_to")], by=by, now=now)


def _again(corrected: Sequence[Signal], *, by: Account, now: datetime) -> None:
    """A result that was corrected away and back is a hint again."""
    for one in corrected:
        one.facts = {key: value for key, value in one.facts.items() if key != "corrected_to"}
        if one.state == SignalState.DISMISSED:
            one.state, one.settled_at, one.settled_by, one.reason = SignalState.NEW, None, None, ""
        one.save(update_fields=["facts", "state", "settled_at", "settled_by", "reason"])
    journal.write_many([journal.line("signal.corrected", one, by=by, at=now, to="positive") for one in corrected])


def _take_back(
    testing_round: TestingRound,
    singles: Sequence[Swabbed],
    now_say: Mapping[str, str | None],
    *,
    by: Account,
    now: datetime,
) -> None:
    """Say on the signals of positive results that they were corrected; dismiss those that nobody has settled."""
    keys = {_key(testing_round, one): now_say[one.tube] or "withdrawn" for one in singles}
    held = list(Signal.objects.filter(source_key__in=keys).select_for_update().order_by("pk"))
    for one in held:
        one.facts = one.facts | {"corrected_to": keys[one.source_key]}
        if one.state == SignalState.NEW:
            one.state, one.settled_at = SignalState.DISMISSED, now
            one.reason = "the laboratory corrected its result"
        one.save(update_fields=["facts", "state", "settled_at", "reason"])
    journal.write_many([journal.line("signal.corrected", one, by=by, at=now, to=keys[one.source_key]) for one in held])
    tests = Test.objects.filter(source_key__in=keys)
    for test in tests:
        said = keys[test.source_key]
        _correct(test, None if said == "withdrawn" else TestResult(said), testing_round, by=by, now=now)


def _needed(testing_round: TestingRound, singles: Collection[Swabbed]) -> Mapping[Swabbed, Person]:
    """Give those whose negative test somebody needs: contacts and people under an order of this outbreak."""
    if not singles:
        return {}
    within = testing_round.outbreak_id
    waited = Q(pk__in=Contact.objects.filter(outbreak=within).values("person")) | Q(
        pk__in=IsolationOrder.objects.filter(outbreak=within, state=OrderState.ISSUED).values("person")
    )
    entries = testing_round.entries.filter(number__in=[one.entry for one in singles])
    listed = list(entries.values_list("number", "person_id", "id_index"))
    ids = [pk for _, pk, _ in listed if pk]
    indices = [index for _, pk, index in listed if not pk and index]
    people = list(Person.objects.filter(waited, Q(pk__in=ids) | Q(id_number_index__in=indices)))
    by_id, by_index = {one.pk: one for one in people}, {one.id_number_index: one for one in people}
    of = {number: by_id.get(pk) if pk else by_index.get(index) for number, pk, index in listed}
    return {one: person for one in singles if (person := of.get(one.entry)) is not None}


def _tests(
    testing_round: TestingRound, of: Mapping[Swabbed, Person], result: TestResult, *, by: Account, now: datetime
) -> None:
    within = testing_round.outbreak
    results = [
        signals.Result(
            person=person,
            taken_date=within.day_of(one.taken_at),
            taken_at=one.taken_at,
            result=result,
            resulted_date=within.day_of(now),
            source_key=_key(testing_round, one),
        )
        for one, person in of.items()
    ]
    signals.record_tests(outbreak=within, results=results, by=by, now=now)
    for test in Test.objects.filter(source_key__in=[one.source_key for one in results]).exclude(result=result):
        _correct(test, result, testing_round, by=by, now=now)


def _correct(test: Test, result: TestResult | None, testing_round: TestingRound, *, by: Account, now: datetime) -> None:
    if test.result == result:
        return
    test.result = result
    test.resulted_date = testing_round.outbreak.day_of(now) if result else None
    test.save(update_fields=["result", "resulted_date"])
    journal.write("test.corrected", test, by=by, at=now, number=testing_round.number)


def _key(testing_round: TestingRound, one: Swabbed) -> str:
    return f"swab:{testing_round.pk}:{one.tube}:{one.entry}"

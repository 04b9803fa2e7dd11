"""
Swabs come in from the devices at the tables, as they were taken or in whole outboxes: each once, none lost.

What can be registered is registered, though something be odd about it; what cannot waits in a queue with all that was
sent. Either way the device gets an answer for each swab, and sending it again changes nothing.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal, quick
from sizao.records.models import Account, TestingOddity, TestingRound
from sizao.response.testing import incoming, partitions, people, positives, recalls, tubes
from sizao.response.testing.incoming import Incoming, Outbox, SwabSent, SwabTold
from sizao.response.testing.tubes import TubeAsked, TubeHeld
from sizao.terms import HOLDS_BACK, OddityKind, Right, SwabAnswer, TubeKind

MOST_AT_ONCE = 500


class TooManySwabs(SizaoError):
    code = "testing.swabs.unreadable"
    message = "{count} swabs were sent at once. Send at most {most}; the rest in the next request."


def register_swabs(
    *,
    testing_round: TestingRound,
    swabs: Sequence[SwabSent],
    by: Account,
    now: datetime,
    sent_at: datetime | None = None,
) -> list[SwabTold]:
    """
    Register swabs, up to 500 at once, and say of each what became of it, in their order.

    `sent_at` is the device's own clock when it sent them: what it is off is taken off each moment. Raise TooManySwabs,
    or the door's refusal.
    """
    outbox = checked(Outbox(swabs, by, now, sent_at))
    if not swabs:
        return []
    told = register_together(testing_round, [outbox])[0]
    if isinstance(told, SizaoError):
        raise told
    return told


def checked(outbox: Outbox) -> Outbox:
    """Check what can be without asking the database. Raise TooManySwabs, or the door's refusal."""
    access.require(outbox.by, Right.TESTING_REGISTER)
    if len(outbox.swabs) > MOST_AT_ONCE:
        raise TooManySwabs(count=len(outbox.swabs), most=MOST_AT_ONCE)
    return outbox


@transaction.atomic
def register_together(testing_round: TestingRound, outboxes: Sequence[Outbox]) -> list[list[SwabTold] | SizaoError]:
    """
    Register what several devices sent in one transaction, as if one had come after the other.

    A refusal stands in the place of the answer of the outbox that it is for; the others are none the worse for it.
    """
    wanted = [{one.site for one in each.swabs if one.site is not None} for each in outboxes]
    codes = {one.tube for each in outboxes for one in each.swabs}
    _, stands, sites, lots = quick.asked(
        partitions.holding_open(testing_round),
        (_STATE, [testing_round.pk]),
        incoming.of_sites(testing_round, set().union(*wanted)),
        tubes.of_lots(codes),
    )
    found = _as_it_stands(testing_round, stands[0])
    read = [_read(found, each, dict(sites), mine) for each, mine in zip(outboxes, wanted, strict=True)]
    coming = [one for each in read if not isinstance(each, SizaoError) for one in each]
    wrong = tubes.checked(found, codes, lots)
    for one in coming:
        if one.sent.tube in wrong:
            one.oddities.append(wrong[one.sent.tube])
    _let_in_called_back(found, coming)
    taken, fresh = _take([one for one in coming if not one.is_held_back], found)
    quick.asked(_of_swabs(found, fresh), _of_journal(found, outboxes, read))
    _follow_late(found, taken, fresh)
    _note_oddities(found, coming)
    return [each if isinstance(each, SizaoError) else [_told(one, taken) for one in each] for each in read]


_STATE = "SELECT opened_at, closed_at, archived_at FROM records_testinground WHERE id = %s"


def _as_it_stands(testing_round: TestingRound, stands: Sequence[datetime | None]) -> TestingRound:
    """Give the round as it is now that nobody can close it: whoever asked before may have been overtaken."""
    found = copy(testing_round)
    found.opened_at, found.closed_at, found.archived_at = stands
    return found


def _read(
    found: TestingRound, outbox: Outbox, known: Mapping[int, str], sites: Collection[int]
) -> list[Incoming] | SizaoError:
    try:
        mine = incoming.mine(known, sites, outbox.by)
    except SizaoError as refusal:
        return refusal
    return [incoming.read(found, one, mine, outbox) for one in outbox.swabs]


def _of_journal(
    found: TestingRound, outboxes: Sequence[Outbox], read: Sequence[list[Incoming] | SizaoError]
) -> quick.Question | None:
    """Write a line for each outbox of which something was kept."""
    lines = []
    for outbox, each in zip(outboxes, read, strict=True):
        mine = [] if isinstance(each, SizaoError) else each
        taken = sum(one.answer == SwabAnswer.TAKEN for one in mine)
        held_back = sum(one.is_held_back for one in mine)
        if taken or held_back:
            facts = {"number": found.number, "swabs": taken, "held_back": held_back}
            lines.append(journal.line("swabs.registered", found, by=outbox.by, at=outbox.now, **facts))
    return journal.writing(lines)


def _let_in_called_back(found: TestingRound, coming: Iterable[Incoming]) -> None:
    """A round that is closed takes the single swabs of those who are called back; they are counted as nothing else."""
    if found.closed_at is None or found.archived_at is not None:
        return
    asking = [
        one
        for one in coming
        if one.oddities == [OddityKind.NOT_OPEN] and one.sent.kind == TubeKind.SINGLE and one.taken_at > found.closed_at
    ]
    if not asking:
        return
    known = people.numbers(found, asking)
    called = recalls.called_back(found, set(known.values()))
    for one in asking:
        if known.get(id(one)) in called:
            one.oddities.remove(OddityKind.NOT_OPEN)


# --- Writing it down ---------------------------------------------------------------------------


def _take(coming: list[Incoming], found: TestingRound) -> tuple[dict[str, TubeHeld], list[Incoming]]:
    """Say what becomes of swabs, their tubes and people being held; return the tubes, and the swabs to be written."""
    if not coming:
        return {}, []
    _, tubes_held, standing, people_held, stands = quick.asked(
        *tubes.holding(found, [_asked(one) for one in coming]),
        # Only now that the tubes are held: another sending of the same outbox has ended, or waits for this one.
        _of_standing(found, coming),
        *people.holding(found, coming),
    )
    held = tubes.held(tubes_held)
    known = {key for _, key in standing if key is not None}
    fresh = []
    for one in coming:
        if one.key in known:
            one.answer = SwabAnswer.REPEATED
        else:
            known.add(one.key)
            fresh.append(one)
    fresh = _without_later(held, fresh)
    come_without = people.find(found, fresh, people_held)
    fresh = [one for one in fresh if one.person is not None]
    _tell_doubles(found, fresh, held, set(stands) | people.stands(found, come_without))
    fresh = [one for one in fresh if one.answer is None]
    _fill(held, Counter(tube for tube, _ in standing if tube is not None), fresh)
    return held, fresh


def _without_later(held: Mapping[str, TubeHeld], fresh: Sequence[Incoming]) -> list[Incoming]:
    """
    Hold back what was taken after its tube had a result: it cannot be in what was read.

    It waits for whoever knows which tube it is in; registered here, it would be somebody's result that is none.
    """
    for one in fresh:
        resulted_at = held[_code(one)].resulted_at
        if resulted_at is not None and one.taken_at > resulted_at:
            one.oddities.append(OddityKind.AFTER_RESULT)
    return [one for one in fresh if not one.is_held_back]


def _asked(one: Incoming) -> TubeAsked:
    sent = one.sent
    return TubeAsked(_code(one), sent.kind, sent.site, sent.table, one.area_code, one.now, one.by.username)


def _follow_late(found: TestingRound, held: Mapping[str, TubeHeld], fresh: Sequence[Incoming]) -> None:
    """Follow tubes that had a result before these swabs were registered, in the name of who sent the first of them."""
    late = {_code(one): one for one in reversed(fresh) if held[_code(one)].result}
    for code, one in sorted(late.items()):
        positives.follow_late(testing_round=found, results={code: held[code].result}, by=one.by, now=one.now)


def _code(case: Incoming) -> str:
    return case.sent.tube.replace(" ", "")


def _of_standing(found: TestingRound, coming: Sequence[Incoming]) -> quick.Question:
    """Ask which keys were registered before, and who stands in each tube."""
    facts = {"round": found.pk, "codes": list({_code(one) for one in coming}), "keys": [one.key for one in coming]}
    return _STANDING, facts


# Two questions, because each has an index of its own.
_STANDING = """
    SELECT tube, NULL FROM records_swab WHERE round_id = %(round)s AND tube = ANY(%(codes)s::varchar[])
    UNION ALL
    SELECT NULL, source_key FROM records_swab WHERE round_id = %(round)s AND source_key = ANY(%(keys)s::varchar[])
"""


def _tell_doubles(
    found: TestingRound, coming: Sequence[Incoming], held: Mapping[str, TubeHeld], stands: set[tuple[int, str]]
) -> None:
    """
    Tell a second scan of one swab from a second swab of one person: the tube says which. Their rows are held.

    The single swab of somebody who is called back for a positive pool is no second swab by mistake.
    """
    swabbed = {entry for entry, _ in stands}
    singly = {one.person.number for one in coming if held[_code(one)].kind == TubeKind.SINGLE}
    called = recalls.called_back(found, singly & swabbed)
    for one in coming:
        here = (one.person.number, _code(one))
        if here in stands:
            one.answer = SwabAnswer.REPEATED
        elif one.person.number in called and held[_code(one)].kind == TubeKind.SINGLE:
            one.is_recall = True
            called.discard(one.person.number)
        elif one.person.number in swabbed:
            one.is_double = True
            one.oddities.append(OddityKind.TWO_TUBES)
        stands.add(here)
        swabbed.add(one.person.number)


def _of_swabs(found: TestingRound, coming: Sequence[Incoming]) -> quick.Question | None:
    """Write swabs in one statement, which the database counts."""
    if not coming:
        return None
    facts = {
        "round": found.pk,
        "keys": [one.key for one in coming],
        "entries": [one.person.number for one in coming],
        "tubes": [_code(one) for one in coming],
        "areas": [one.person.area_code for one in coming],
        "taken": [one.taken_at for one in coming],
        "expected": [one.person.is_expected for one in coming],
        "doubles": [one.is_double for one in coming],
        "late": [one.is_late for one in coming],
        "recalls": [one.is_recall for one in coming],
        "off": [one.off_seconds for one in coming],
        "recorded": [one.now for one in coming],
        "by": [one.by.username for one in coming],
    }
    return _INSERT, facts


_INSERT = """
    INSERT INTO records_swab (round_id, source_key, entry, tube, area_code, taken_at, recorded_at, recorded_by,
        is_expected, is_double, is_late, is_recall, clock_off_seconds)
    SELECT %(round)s, key, entry, tube, area, taken, recorded, recorder, expected, doubled, late, recall, off
    FROM unnest(%(keys)s::varchar[], %(entries)s::bigint[], %(tubes)s::varchar[], %(areas)s::varchar[],
        %(taken)s::timestamptz[], %(expected)s::boolean[], %(doubles)s::boolean[], %(late)s::boolean[],
        %(recalls)s::boolean[], %(off)s::integer[], %(recorded)s::timestamptz[], %(by)s::varchar[])
        AS sent (key, entry, tube, area, taken, expected, doubled, late, recall, off, recorded, recorder)
"""


def _fill(held: Mapping[str, TubeHeld], members: Counter[str], coming: Sequence[Incoming]) -> None:
    """Count who is in each tube, and note what its size or its members forbid; the swab is in there all the same."""
    for one in coming:
        tube = held[_code(one)]
        members[tube.code] += 1
        one.place_in_tube = members[tube.code]
        one.answer = SwabAnswer.TAKEN
        if one.place_in_tube > tube.size:
            one.oddities.append(OddityKind.OVERFULL)
        if one.person.single_only and tube.kind == TubeKind.POOL and tube.size > 1:
            one.oddities.append(OddityKind.SINGLE_ONLY)


# --- What was odd, and what is answered --------------------------------------------------------


def _note_oddities(found: TestingRound, coming: Sequence[Incoming]) -> None:
    noted = [
        TestingOddity(
            round=found,
            kind=kind,
            source_key=one.key,
            area_code=one.area_code,
            tube=one.sent.tube[:40],
            entry=one.person.number if one.person else one.sent.entry,
            sent=_packed(one) if kind in HOLDS_BACK else None,
            taken_at=one.taken_at,
            recorded_at=one.now,
            recorded_by=one.by.username,
        )
        for one in coming
        if one.answer != SwabAnswer.REPEATED
        for kind in one.oddities
    ]
    if noted:
        TestingOddity.objects.bulk_create(noted, ignore_conflicts=True)


def _packed(case: Incoming) -> str:
    sent = case.sent
    kept = {"kind": str(sent.kind), "entry": sent.entry, "id_number": sent.id_number, "name": sent.name,
            "phone": sent.phone, "site": sent.site, "table": sent.table, "tube": sent.tube}  # fmt: skip
    return json.dumps(kept, ensure_ascii=False)


def _told(case: Incoming, held: Mapping[str, TubeHeld]) -> SwabTold:
    tube = held.get(_code(case))
    return SwabTold(
        source_key=case.sent.source_key,
        answer=SwabAnswer.QUEUED if case.is_held_back else case.answer or SwabAnswer.QUEUED,
        oddities=tuple(dict.fromkeys(case.oddities)),
        in_tube=case.place_in_tube,
        tube_size=tube.size if tube else None,
    )

"""
What devices say of boxes: tubes put in, boxes closed, boxes handed over; late, twice and in any order.

What can be recorded is, though something be odd about it; what cannot waits in the queue of oddities with all that was
sent. Either way the device gets an answer for each act, and sending it again changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, HandOver, LabOddity, Laboratory, SampleBox, TestingRound
from sizao.response.testing import incoming
from sizao.response.testing.chain import finding, standing, steps
from sizao.response.testing.chain.acts import (
    HOLDS_BACK,
    LONGEST_CODE,
    Acting,
    BoxActSent,
    BoxActTold,
    box_code,
    packed,
    read,
)
from sizao.terms import BoxAct, BoxAnswer, HandOverKind, LabOddityKind, Right, TubeStepKind

MOST_AT_ONCE = 500
LONGEST_NAME, LONGEST_PLATE, LONGEST_NOTE = 150, 40, 200
BY_DEVICE = frozenset(HandOverKind) - {HandOverKind.CLOSED, HandOverKind.RECEIVED}


class TooManyActs(SizaoError):
    code = "testing.box_acts.unreadable"
    message = "{count} acts were sent at once. Send at most {most}; the rest in the next request."


class ActUnreadable(SizaoError):
    code = "testing.box_act.unreadable"
    message = "A tube that was put in needs its code, and a hand-over its kind: one of {allowed}. Nothing was recorded."


@transaction.atomic
def record_acts(
    *,
    testing_round: TestingRound,
    acts: Sequence[BoxActSent],
    by: Account,
    now: datetime,
    sent_at: datetime | None = None,
) -> list[BoxActTold]:
    """
    Record what was done with boxes, up to 500 acts at once, and say of each what became of it, in their order.

    Boxes may be of any round of the outbreak; what waits for a person waits in the queue of `testing_round`. `sent_at`
    is the device's own clock when it sent: what it is off is taken off each moment. Raise TooManyActs, ActUnreadable,
    or the door's refusal.
    """
    access.require(by, Right.SAMPLE_CARRY)
    if len(acts) > MOST_AT_ONCE:
        raise TooManyActs(count=len(acts), most=MOST_AT_ONCE)
    _check(acts)
    if not acts:
        return []
    within = TestingRound.objects.select_related("outbreak").get(pk=testing_round.pk)
    incoming.sites_of(within, acts, by)
    _check_laboratories(acts, by)
    steps.hold(within.outbreak_id)
    coming = [read(within, one, by=by, now=now, sent_at=sent_at) for one in acts]
    _find_boxes(coming, within, by)
    _find_tubes(coming, within)
    _tell_known(coming)
    fresh = [one for one in coming if not one.is_held_back and one.answer is None]
    touched = _put_in([one for one in fresh if one.sent.act == BoxAct.PUT_IN], within, by=by, now=now)
    touched |= _hand_over([one for one in fresh if one.sent.act != BoxAct.PUT_IN], by=by, now=now)
    standing.work_out(touched, now=now)
    _note(coming, within, by=by, now=now)
    taken = [one for one in coming if one.answer == BoxAnswer.TAKEN]
    if taken or any(one.is_held_back for one in coming):
        journal.write(
            "boxes.acted", within, by=by, at=now, number=within.number, acts=len(taken),
            held_back=sum(one.is_held_back for one in coming),
        )  # fmt: skip
    return _told(coming)


def _check(acts: Iterable[BoxActSent]) -> None:
    for one in acts:
        is_hand_over = one.act == BoxAct.HANDED_OVER
        if is_hand_over and one.kind not in BY_DEVICE or one.act == BoxAct.PUT_IN and not one.tube.strip():
            raise ActUnreadable(allowed=", ".join(sorted(BY_DEVICE)))


def _check_laboratories(acts: Iterable[BoxActSent], by: Account) -> None:
    wanted = {one.laboratory for one in acts if one.laboratory is not None}
    if Laboratory.objects.filter(pk__in=wanted).count() != len(wanted):
        raise NotYours(what="laboratory", area=by.area_code)


# --- What each act is about --------------------------------------------------------------------


def _find_boxes(coming: Iterable[Acting], within: TestingRound, by: Account) -> None:
    codes = {one.key: box_code(one.sent.box) for one in coming}
    mine = finding.boxes(by).filter(round__outbreak=within.outbreak_id, code__in={one for one in codes.values() if one})
    known = {box.code: box for box in mine}
    for one in coming:
        one.box = known.get(codes[one.key] or "")
        if one.box is None:
            one.oddities.append(LabOddityKind.UNKNOWN_BOX)


def _find_tubes(coming: Sequence[Acting], within: TestingRound) -> None:
    named = [one for one in coming if one.sent.act == BoxAct.PUT_IN]
    rounds, wrong = steps.rounds_of(sorted({one.tube for one in named}))
    for one in named:
        found = rounds.get(one.tube)
        if found is None:
            one.oddities.append(wrong[one.tube])
        elif found.outbreak_id != within.outbreak_id:
            one.oddities.append(LabOddityKind.UNKNOWN_TUBE)
        else:
            one.round_id = found.pk


def _tell_known(coming: Sequence[Acting]) -> None:
    known = set(
        HandOver.objects.filter(source_key__in=[one.key for one in coming]).values_list("source_key", flat=True)
    )
    for one in coming:
        if one.key in known and one.sent.act != BoxAct.PUT_IN:
            one.answer = BoxAnswer.REPEATED
        known.add(one.key)


# --- Writing it down ---------------------------------------------------------------------------


def _put_in(puts: Sequence[Acting], within: TestingRound, *, by: Account, now: datetime) -> set[int]:
    """Put tubes where the latest act says; name the boxes that this touched."""
    rounds = {one.tube: one.round_id for one in puts if one.round_id is not None}
    before = steps.standing(rounds, TubeStepKind.BOXED)
    latest: dict[str, Acting] = {}
    named: dict[str, set[int]] = defaultdict(set)
    for one in puts:
        where = before.get(one.tube)
        here = (one.happened_at, one.box.pk)
        held = latest.get(one.tube)
        is_known = where is not None and where[0] == one.box.pk and where[2] >= one.happened_at
        one.answer = BoxAnswer.REPEATED if is_known else BoxAnswer.TAKEN
        named[one.tube].add(one.box.pk)
        if held is None or here > (held.happened_at, held.box.pk):
            latest[one.tube] = one
    steps.put(
        [steps.Put(rounds[tube], tube, one.box.pk, one.happened_at) for tube, one in sorted(latest.items())],
        by=by.username,
        now=now,
    )
    for tube, (box_id, _, _) in before.items():
        named[tube].add(box_id)
    _tell_two_boxes(puts, named, within, by=by, now=now)
    _say_sites(puts)
    return {box_id for boxes in named.values() for box_id in boxes}


def _say_sites(puts: Iterable[Acting]) -> None:
    """Note where a box is being packed; of several sites the one added first, until its closing says it."""
    for box in {one.box for one in puts}:
        said = {one.sent.site for one in puts if one.box == box and one.sent.site is not None}
        least = min(said | ({box.site_id} if box.site_id else set()), default=None)
        if least != box.site_id:
            SampleBox.objects.filter(pk=box.pk).update(site_id=least)


def _tell_two_boxes(
    puts: Iterable[Acting], named: Mapping[str, set[int]], within: TestingRound, *, by: Account, now: datetime
) -> None:
    """Note each tube that several boxes name, once, with all of those boxes."""
    several = {tube: boxes for tube, boxes in named.items() if len(boxes) > 1}
    for one in puts:
        if one.tube in several:
            one.oddities.append(LabOddityKind.TWO_BOXES)
    if not several:
        return
    codes = dict(SampleBox.objects.filter(pk__in=set().union(*several.values())).values_list("pk", "code"))
    keys = {f"{LabOddityKind.TWO_BOXES}:{tube}": tube for tube in several}
    noted = {one.source_key: one for one in LabOddity.objects.filter(source_key__in=keys)}
    rounds = {one.tube: one.round_id for one in puts}
    for key, tube in keys.items():
        boxes = {codes[pk] for pk in several[tube]}
        if key not in noted:
            LabOddity.objects.create(
                round_id=rounds[tube], kind=LabOddityKind.TWO_BOXES, tube=tube, source_key=key,
                area_code=within.area_code, facts={"boxes": sorted(boxes)}, recorded_at=now, recorded_by=by.username,
            )  # fmt: skip
        elif not boxes <= set(noted[key].facts["boxes"]):
            facts = {"boxes": sorted(boxes | set(noted[key].facts["boxes"]))}
            LabOddity.objects.filter(pk=noted[key].pk).update(facts=facts)


def _hand_over(acts: Sequence[Acting], *, by: Account, now: datetime) -> set[int]:
    for one in acts:
        one.answer = BoxAnswer.TAKEN
    HandOver.objects.bulk_create([_row(one, by=by, now=now) for one in acts])
    return {one.box.pk for one in acts}


def _row(one: Acting, *, by: Account, now: datetime) -> HandOver:
    sent = one.sent
    return HandOver(
        box=one.box,
        kind=HandOverKind.CLOSED if sent.act == BoxAct.CLOSED else sent.kind,
        happened_at=one.happened_at,
        recorded_at=now,
        recorded_by=by.username,
        giver=sent.giver.strip()[:LONGEST_NAME],
        vehicle=sent.vehicle.strip()[:LONGEST_PLATE],
        source_key=one.key,
        note=sent.note.strip()[:LONGEST_NOTE],
        site_id=sent.site,
        laboratory_id=sent.laboratory,
    )


# --- What was odd, and what is answered --------------------------------------------------------


def _note(coming: Iterable[Acting], within: TestingRound, *, by: Account, now: datetime) -> None:
    noted = [
        LabOddity(
            round=within,
            box=one.box,
            kind=kind,
            tube=(one.sent.box if kind == LabOddityKind.UNKNOWN_BOX else one.sent.tube)[:LONGEST_CODE],
            source_key=one.key,
            area_code=max(within.area_code, by.area_code, key=len),
            facts={"act": str(one.sent.act), "happened_at": one.happened_at.isoformat()},
            sent=packed(one) if kind in HOLDS_BACK else None,
            recorded_at=now,
            recorded_by=by.username,
        )
        for one in coming
        if one.answer != BoxAnswer.REPEATED
        for kind in one.oddities
        if kind != LabOddityKind.TWO_BOXES
    ]
    LabOddity.objects.bulk_create(noted, ignore_conflicts=True)


def _told(coming: Iterable[Acting]) -> list[BoxActTold]:
    coming = list(coming)
    held = steps.counted({one.box.pk for one in coming if one.box is not None})
    return [
        BoxActTold(
            source_key=one.sent.source_key,
            answer=BoxAnswer.QUEUED if one.is_held_back else one.answer or BoxAnswer.QUEUED,
            oddities=tuple(dict.fromkeys(one.oddities)),
            n_tubes=held.get(one.box.pk, 0) if one.box is not None else None,
        )
        for one in coming
    ]

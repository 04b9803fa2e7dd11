"""
Receiving at a laboratory by scan: a box and the tubes out of it, or tubes that came without one.

Receiving again adds what was not received before and takes nothing back. What lacks in a box, and what is too many,
follows from its list and from what was received.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, HandOver, LabOddity, Laboratory, SampleBox
from sizao.response.testing.chain import finding, standing, steps
from sizao.response.testing.incoming import LONGEST_KEY
from sizao.terms import HandOverKind, LabOddityKind, Right, TubeStepKind

MOST_AT_ONCE = 5_000
LONGEST_CODE = 40


class TooManyTubes(SizaoError):
    code = "testing.receipt.unreadable"
    message = "{count} tubes were scanned for one receipt. Send at most {most}; the rest in the next one."


class ListUnknown(SizaoError):
    code = "testing.box_list_unknown"
    message = (
        "The list of box {code} is not here yet: its device has not sent it, or nobody has closed the box. Scan its "
        "tubes one by one."
    )


class LaboratoryNotOpen(SizaoError):
    code = "testing.laboratory_not_open"
    message = "Laboratory {code} is not open at this moment. Choose another, or ask who keeps the list of laboratories."


class NothingReceived(SizaoError):
    code = "testing.nothing_received.unreadable"
    message = "No tube was scanned. Scan the tubes, or say that all on the list of the box are there."


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What came of receiving: tubes received now, and before; those that lack, and those not on the list of the box.

    `odd` could not be received, with the reason; they wait in the queue. `again` says that this very receipt had been
    recorded before.
    """

    received: tuple[str, ...]
    before: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    not_in_box: tuple[str, ...] = ()
    odd: tuple[tuple[str, LabOddityKind], ...] = ()
    again: bool = False


@transaction.atomic
def receive_box(
    *,
    box: SampleBox,
    laboratory: Laboratory,
    by: Account,
    now: datetime,
    source_key: str,
    tubes: Sequence[str] = (),
    all_there: bool = False,
    giver: str = "",
) -> Receipt:
    """
    Receive a box and the tubes that were scanned out of it, or all that stand on its list.

    What stands on the list and was not received becomes an oddity LACKING, what was received and does not stand there
    NOT_IN_BOX; either is settled by rule once it no longer holds. Raise ListUnknown, NothingReceived, TooManyTubes,
    LaboratoryNotOpen, or the door's refusal.
    """
    _require(laboratory, tubes, by, now)
    steps.hold(box.round.outbreak_id)
    key = f"{by.username[:35]}:{source_key[:LONGEST_KEY]}"
    listed = finding.tubes(box, now)
    if HandOver.objects.filter(source_key=key).exists():
        return Receipt(received=(), before=tuple(one.tube for one in listed if one.received_at), again=True)
    codes = _scanned(tubes)
    if all_there:
        codes = _all(box, listed)
    elif not codes and listed:
        raise NothingReceived
    HandOver.objects.create(
        box=box, kind=HandOverKind.RECEIVED, happened_at=now, recorded_at=now, recorded_by=by.username,
        giver=giver.strip()[:150], source_key=key, laboratory=laboratory, site=None,
    )  # fmt: skip
    got = _get(codes, box, laboratory, by=by, now=now)
    told = {one.tube: one for one in finding.tubes(box, now)}
    journal.write(
        "box.received", box, by=by, at=now, code=box.code, laboratory=laboratory.code, tubes=len(got.received),
    )  # fmt: skip
    return Receipt(
        received=got.received,
        before=got.before,
        lacking=tuple(code for code, one in told.items() if one.received_at is None),
        not_in_box=tuple(code for code, one in told.items() if one.boxed_at is None),
        odd=got.odd,
    )


@transaction.atomic
def receive_tubes(*, laboratory: Laboratory, tubes: Sequence[str], by: Account, now: datetime) -> Receipt:
    """Receive tubes that came without a box. Raise NothingReceived, TooManyTubes, LaboratoryNotOpen, or the door's."""
    _require(laboratory, tubes, by, now)
    codes = _scanned(tubes)
    if not codes:
        raise NothingReceived
    got = _get(codes, None, laboratory, by=by, now=now)
    journal.write("tubes.received", laboratory, by=by, at=now, laboratory=laboratory.code, tubes=len(got.received))
    return got


def _require(laboratory: Laboratory, tubes: Sequence[str], by: Account, now: datetime) -> None:
    access.require(by, Right.LAB_WORK, area_code=laboratory.area_code)
    if len(tubes) > MOST_AT_ONCE:
        raise TooManyTubes(count=len(tubes), most=MOST_AT_ONCE)
    if laboratory.opened_at > now or (laboratory.closed_at is not None and laboratory.closed_at <= now):
        raise LaboratoryNotOpen(code=laboratory.code)


def _scanned(tubes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(code for one in tubes if (code := one.replace(" ", ""))))


def _all(box: SampleBox, listed: Iterable[finding.TubeInBox]) -> list[str]:
    codes = [one.tube for one in listed if one.boxed_at is not None]
    if not codes or SampleBox.objects.get(pk=box.pk).packed_at is None:
        raise ListUnknown(code=box.code)
    return codes


def _get(codes: Sequence[str], box: SampleBox | None, laboratory: Laboratory, *, by: Account, now: datetime) -> Receipt:
    """Write where tubes were received, and bring every box up to date that lists them."""
    found, wrong = steps.rounds_of(codes)
    for outbreak in sorted({one.outbreak_id for one in found.values()}):
        steps.hold(outbreak)
    rounds = {code: one.pk for code, one in found.items()}
    before = steps.standing(rounds, TubeStepKind.RECEIVED)
    box_id = box.pk if box else None
    steps.get(
        [steps.Got(rounds[code], code, laboratory.pk, box_id, now) for code in sorted(rounds)], by=by.username, now=now
    )
    _tell_two_laboratories(before, rounds, laboratory, by=by, now=now)
    _note(wrong, box, laboratory, by=by, now=now)
    listed = steps.standing(rounds, TubeStepKind.BOXED)
    touched = {where[0] for one in (before, listed) for where in one.values() if where[0] is not None}
    standing.work_out(touched | ({box_id} if box_id else set()), now=now)
    return Receipt(
        received=tuple(code for code in codes if code in rounds and code not in before),
        before=tuple(code for code in codes if code in before),
        odd=tuple(wrong.items()),
    )


def _tell_two_laboratories(
    before: dict[str, tuple[int | None, int | None, datetime]],
    rounds: dict[str, int],
    laboratory: Laboratory,
    *,
    by: Account,
    now: datetime,
) -> None:
    others = {tube: where[1] for tube, where in before.items() if where[1] != laboratory.pk}
    names = dict(Laboratory.objects.filter(pk__in=set(others.values())).values_list("pk", "code"))
    LabOddity.objects.bulk_create(
        [
            LabOddity(
                laboratory=laboratory,
                round_id=rounds[tube],
                kind=LabOddityKind.TWO_LABORATORIES,
                tube=tube,
                source_key=f"receipt:{tube}:{laboratory.pk}",
                area_code=laboratory.area_code,
                facts={"other_laboratory": names.get(other, "")},
                recorded_at=now,
                recorded_by=by.username,
            )
            for tube, other in others.items()
        ],
        ignore_conflicts=True,
    )


def _note(
    wrong: dict[str, LabOddityKind], box: SampleBox | None, laboratory: Laboratory, *, by: Account, now: datetime
) -> None:
    LabOddity.objects.bulk_create(
        [
            LabOddity(
                laboratory=laboratory,
                round=box.round if box else None,
                box=box,
                kind=kind,
                tube=code[:LONGEST_CODE],
                source_key=f"receipt:{laboratory.pk}:{code}"[:200],
                area_code=laboratory.area_code,
                recorded_at=now,
                recorded_by=by.username,
            )
            for code, kind in wrong.items()
        ],
        ignore_conflicts=True,
    )

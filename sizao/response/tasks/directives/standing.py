"""What a directive is in one area: it follows from all acts there, whatever came first and however often."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from sizao.records.models import DirectiveAct, DirectivePart
from sizao.terms import DirectiveActKind, PartState

# Who acts on a part has seen it: any of these is a receipt too.
OF_THE_DOING_SIDE = frozenset({DirectiveActKind.RECEIVED, DirectiveActKind.PROGRESS, DirectiveActKind.CLOSED})
OVER = (PartState.ACCEPTED, PartState.WITHDRAWN)
DONE = (PartState.CLOSED, PartState.ACCEPTED)
WAITING = (PartState.ISSUED, PartState.RECEIVED, PartState.RETURNED)  # for whoever does it


@dataclass(slots=True)
class Standing:
    """Where a part stands, and what was last said of it."""

    state: PartState = PartState.ISSUED
    received_at: datetime | None = None
    received_by: str = ""
    received_version: int = 0
    answers_for: str = ""
    told_at: datetime | None = None
    n_done: int | None = None
    n_total: int | None = None
    checks: list[int] = field(default_factory=list)
    closed_at: datetime | None = None
    closed_by: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""


def follow(acts: Iterable[DirectiveAct], *, withdrawn_at: datetime | None = None) -> Standing:
    """
    Say where a part stands after some acts, given in any order, each any number of times.

    They count in the order in which they happened; of two at one moment (in a replay, of one day) the one recorded
    first. An act that does not fit where it falls (a decision on what was not done) stays on record and moves nothing.
    What is accepted stays so; everything else ends with a withdrawal.
    """
    stood = Standing()
    once = {act.source_key: act for act in acts}
    for act in sorted(once.values(), key=lambda one: (one.happened_at, one.pk or 0, one.source_key)):
        if stood.state == PartState.ACCEPTED:
            break
        if withdrawn_at is not None and act.happened_at >= withdrawn_at:
            break
        _count(stood, act)
    if withdrawn_at is not None and stood.state != PartState.ACCEPTED:
        stood.state = PartState.WITHDRAWN
    return stood


def _count(stood: Standing, act: DirectiveAct) -> None:
    kind = DirectiveActKind(act.kind)
    if kind in OF_THE_DOING_SIDE:
        _receive(stood, act)
        _tell(stood, act)
        if kind == DirectiveActKind.CLOSED:
            stood.state, stood.closed_at, stood.closed_by = PartState.CLOSED, act.happened_at, act.signed_as
    elif stood.state == PartState.CLOSED:
        stood.decided_at, stood.decided_by = act.happened_at, act.made_name
        stood.state = PartState.ACCEPTED if kind == DirectiveActKind.ACCEPTED else PartState.RETURNED
        if kind == DirectiveActKind.RETURNED:
            stood.closed_at, stood.closed_by = None, ""


def _receive(stood: Standing, act: DirectiveAct) -> None:
    if stood.state == PartState.ISSUED:
        stood.state, stood.received_at, stood.received_by = PartState.RECEIVED, act.happened_at, act.made_name
    stood.received_version = max(stood.received_version, act.version)
    stood.answers_for = act.answers_for or stood.answers_for


def _tell(stood: Standing, act: DirectiveAct) -> None:
    if act.kind != DirectiveActKind.RECEIVED:
        stood.told_at = act.happened_at
    if act.n_done is not None:
        stood.n_done = act.n_done
    if act.n_total is not None:
        stood.n_total = act.n_total
    if act.checks is not None:
        stood.checks = sorted(set(act.checks))


def restate(part: DirectivePart) -> None:
    """Bring a held part up to all acts on it, and save it; who was named when it was issued stays until replaced."""
    _put(part, follow(part.acts.all(), withdrawn_at=part.directive.withdrawn_at))
    part.save()


def _put(part: DirectivePart, stood: Standing) -> None:
    for name in Standing.__slots__:
        if name == "answers_for":
            part.answers_for = stood.answers_for or part.answers_for
        else:
            setattr(part, name, getattr(stood, name))


def put_back(parts: Sequence[DirectivePart], as_of: datetime) -> None:
    """Bring parts in memory to what was on record of them at a moment; those without later acts are right already."""
    keys = [one.pk for one in parts]
    later = set(
        DirectiveAct.objects.filter(part__in=keys, recorded_at__gt=as_of).values_list("part_id", flat=True)
    )  # fmt: skip
    known: dict[int, list[DirectiveAct]] = defaultdict(list)
    for act in DirectiveAct.objects.filter(part__in=later, recorded_at__lte=as_of):
        known[act.part_id].append(act)
    for one in parts:
        gone = one.directive.withdrawn_at
        if one.pk in later or (gone is not None and gone > as_of):
            acts = known[one.pk] if one.pk in later else one.acts.filter(recorded_at__lte=as_of)
            _put(one, follow(acts, withdrawn_at=gone if gone is not None and gone <= as_of else None))


def state_at(part: DirectivePart, as_of: datetime) -> PartState:
    """Say the state of a part by what was on record at a moment."""
    gone = part.directive.withdrawn_at
    known = part.acts.filter(recorded_at__lte=as_of)
    return follow(known, withdrawn_at=gone if gone is not None and gone <= as_of else None).state


def late(rows: QuerySet[DirectivePart], as_of: datetime) -> QuerySet[DirectivePart]:
    """Give the parts whose time had passed at a moment without being done; one returned is not done."""
    standing = Q(directive__withdrawn_at__isnull=True) | Q(directive__withdrawn_at__gt=as_of)
    return rows.filter(standing, due_at__lt=as_of, issued_at__lte=as_of).filter(
        Q(closed_at__isnull=True) | Q(closed_at__gt=as_of)
    )

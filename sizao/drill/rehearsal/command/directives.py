"""
Directives in a drill: issued by the scenario's script, received, carried out and accepted at every level below.

An area closes its part once all areas below it have theirs accepted; some closings are sent back once.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db.models import Max

from sizao.drill.rehearsal import parts
from sizao.drill.rehearsal.command.acts import COUNTY, Waiting, delay, happens, officer
from sizao.drill.rehearsal.office import WHY, Office
from sizao.records.models import Directive, DirectivePart
from sizao.response.tasks import directives
from sizao.response.tasks.directives import Order, Recipients, Told
from sizao.terms import AreaLevel, DirectiveActKind, PartState, Role, Urgency

BASIS = "《传染病防治法》（演练）"
UNDER_WAY, DONE = "演练：正在办理", "演练：各项均已办理"
DO_AGAIN = "演练：办结材料不全，请补充后再报"


def waiting(office: Office, now: datetime) -> Iterator[Waiting]:
    """Give what waits of the directives of a drill, with its moment."""
    yield from _to_issue(office, now)
    rows = DirectivePart.objects.filter(directive__outbreak=office.outbreak).select_related("directive")
    for part in rows.filter(state=PartState.ISSUED).order_by("pk"):
        yield _to_receive(office, part)
    for part in rows.filter(state=PartState.CLOSED).order_by("pk"):
        yield _to_decide(office, part)
    open_below = rows.exclude(state=PartState.ACCEPTED).exclude(parent=None).values("parent")
    ready = rows.filter(state__in=(PartState.RECEIVED, PartState.RETURNED)).exclude(pk__in=open_below)
    for part in ready.annotate(below_at=Max("below__decided_at")).order_by("pk"):
        yield from _to_do(office, part)


def _to_issue(office: Office, now: datetime) -> Iterator[Waiting]:
    first = office.outbreak.cases.standing().filter(opened_at__lte=now).order_by("opened_at", "pk").first()
    if first is None:
        return
    issued = set(Directive.objects.filter(outbreak=office.outbreak).values_list("source_key", flat=True))
    life = office.asking.life
    for number, told in enumerate(office.rehearsal.directives, start=1):
        key = f"drill:{office.rehearsal.slug}:directive:{number}"
        at = life.moment(life.day_of(first.opened_at) + told.after_days, time(told.hour))
        if key not in issued:
            yield Waiting(
                key, "issue_directives", Role.COMMANDER, max(at, first.opened_at),
                lambda at, told=told, key=key: _issue(office, told, key, at),
            )  # fmt: skip


def _issue(office: Office, told: parts.Directive, key: str, at: datetime) -> None:
    order = Order(
        title=told.title, text=told.text, reason=WHY, basis=BASIS, items=told.items, urgency=Urgency(told.urgency),
        due_at=at + timedelta(hours=told.due_hours),
    )  # fmt: skip
    directives.issue(
        order=order, to=Recipients(told.areas, [AreaLevel(one) for one in told.levels]), outbreak=office.outbreak,
        source_key=key, by=officer(office, Role.COMMANDER, told.by, at), now=at,
    )  # fmt: skip


def _to_receive(office: Office, part: DirectivePart) -> Waiting:
    key, role = f"{_key(part)}:received", Role(part.role)

    def receive(at: datetime) -> None:
        by = officer(office, role, part.area_code, at)
        directives.receive(part=part, answers_for=by.display_name, by=by, now=at, source_key=key)

    at = part.issued_at + delay(office, key, office.rehearsal.command.receipt_hours)
    return Waiting(key, "receive_directives", role, at, receive)


def _to_do(office: Office, part: DirectivePart) -> Iterator[Waiting]:
    turn = part.acts.filter(kind=DirectiveActKind.RETURNED).count()
    key, role, n_items = f"{_key(part)}:done:{turn}", Role(part.role), len(part.directive.items)
    since = max(at for at in (part.received_at, part.decided_at, part.below_at) if at is not None)
    takes = delay(office, key, office.rehearsal.command.doing_hours)

    def report(at: datetime) -> None:
        by = officer(office, role, part.area_code, at)
        told = Told(text=UNDER_WAY, checks=range(n_items // 2))
        directives.report(part=part, told=told, by=by, now=at, source_key=f"{key}:half")

    def close(at: datetime) -> None:
        by = officer(office, role, part.area_code, at)
        told = Told(text=DONE, checks=range(n_items))
        directives.close(part=part, told=told, signed_as=by.display_name, by=by, now=at, source_key=key)

    if part.told_at is None:
        yield Waiting(f"{key}:half", "report_on_directives", role, since + takes / 2, report)
    else:
        yield Waiting(key, "close_directives", role, since + takes, close)


def _to_decide(office: Office, part: DirectivePart) -> Waiting:
    turn = part.acts.filter(kind=DirectiveActKind.RETURNED).count()
    key, command = f"{_key(part)}:decided:{turn}", office.rehearsal.command
    is_sent_back = turn == 0 and happens(office, f"{key}: sent back", command.sent_back)

    def decide(at: datetime) -> None:
        by = officer(office, Role.DUTY_OFFICER, part.above[:COUNTY], at)
        if is_sent_back:
            directives.send_back(part=part, reason=DO_AGAIN, by=by, now=at, source_key=key)
        else:
            directives.accept(part=part, by=by, now=at, source_key=key)

    at = part.closed_at + delay(office, key, command.accepting_hours)
    return Waiting(key, "decide_on_directives", Role.DUTY_OFFICER, at, decide)


def _key(part: DirectivePart) -> str:
    return f"{part.directive.source_key}:{part.area_code}:{part.role}"

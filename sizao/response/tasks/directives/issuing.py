"""A directive is issued down the tree, and issued on by a lower command under the same number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records import access, bulk, journal
from sizao.records.models import Account, Directive, DirectivePart, Outbreak
from sizao.response import outbreaks
from sizao.response.numbering import next_number
from sizao.response.tasks.answering import Ladder, areas_upwards
from sizao.response.tasks.directives.recipients import Recipients, codes, level_of, nearest
from sizao.response.tasks.directives.standing import OVER
from sizao.response.tasks.directives.to_teams import add_team_parts
from sizao.terms import PartState, Right, Urgency

MOST_ITEMS, ITEM_LENGTH, TITLE_LENGTH, REASON_LENGTH, TEXT_LENGTH = 30, 200, 100, 300, 5_000
_LOCKS = 7_408_137  # the class of the advisory locks of directives


class DirectiveIncomplete(SizaoError):
    code = "directive.incomplete.unreadable"
    message = (
        "A directive says what is asked, why, and what counts as done: a list of items, or what is counted. Add what "
        "is missing."
    )


class DueInThePast(SizaoError):
    code = "directive.due_in_the_past.unreadable"
    message = "It cannot be due at {due_at:%Y-%m-%d %H:%M}, which has passed. Give a later time."


class DueAfterTheRoot(SizaoError):
    code = "directive.due_after_root.unreadable"
    message = "Directive {number} is due at {due_at:%Y-%m-%d %H:%M}; a lower level may be given less time, not more."


class DirectiveOver(SizaoError):
    code = "directive.over"
    message = "Directive {number} is {state} here, so nothing more is done with it. Issue a new one if it is needed."


class NotReceivedYet(SizaoError):
    code = "directive.not_received_yet"
    message = "Receive directive {number} first; then issue it to the areas below."


class NotBelow(SizaoError):
    code = "directive.not_below.unreadable"
    message = "{areas} does not lie below {area}. A directive is issued on to lower levels only."


class SaidOtherwise(SizaoError):
    code = "directive.said_otherwise"
    message = (
        "Directive {number} was sent before under this key with another text. Send what is new under a key of its own."
    )


@dataclass(frozen=True, slots=True)
class Order:
    """
    What a directive says.

    `items` is a checklist and `counts` names what is counted (n of m); what counts as done needs at least one of them.
    """

    title: str
    text: str
    reason: str
    due_at: datetime
    basis: str = ""
    urgency: Urgency = Urgency.ROUTINE
    items: Sequence[str] = ()
    counts: str = ""

    def fields(self) -> dict[str, object]:
        """Give what is kept of it, without spaces around."""
        return {
            "title": self.title.strip()[:TITLE_LENGTH], "text": self.text.strip()[:TEXT_LENGTH],
            "reason": self.reason.strip()[:REASON_LENGTH], "basis": self.basis.strip()[:REASON_LENGTH],
            "urgency": str(self.urgency), "due_at": self.due_at, "counts": self.counts.strip()[:60],
            "items": [one.strip()[:ITEM_LENGTH] for one in self.items if one.strip()][:MOST_ITEMS],
        }  # fmt: skip


def check(order: Order, *, now: datetime) -> None:
    """Refuse an order that lacks something, or that is due before it is known."""
    said = order.fields()
    if not (said["title"] and said["text"] and said["reason"] and (said["items"] or said["counts"])):
        raise DirectiveIncomplete
    if order.due_at <= now:
        raise DueInThePast(due_at=timezone.localtime(order.due_at))


@transaction.atomic
def issue(
    *, order: Order, to: Recipients, outbreak: Outbreak | None, source_key: str, by: Account, now: datetime
) -> Directive:
    """
    Issue a directive in an officer's own name to all areas and teams chosen, in one go.

    Each area has a part of it; its part belongs to the part of the nearest level above that is asked too. Teams have
    parts of their own and are called out. The same `source_key` again gives the directive there is. Raise
    DirectiveIncomplete, DueInThePast, NobodyConcerned, TeamNotThere, SaidOtherwise, or the door's refusal.
    """
    access.require(by, Right.DIRECTIVE_ISSUE)
    _hold(by.area_code)
    if before := Directive.objects.filter(source_key=source_key).first():
        return _same(before, order, by)
    check(order, now=now)
    if outbreak is not None:
        outbreaks.require_open(outbreak)
    area_codes = codes(to, by=by)
    made = Directive.objects.create(
        **order.fields(), outbreak=outbreak,
        number=next_number(Directive.objects.all(), "ZL", by.area_code, timezone.localtime(now).year, digits=4),
        area_code=by.area_code, issued_at=now, issued_by=by.username, issued_name=by.display_name,
        source_key=source_key[:200],
    )  # fmt: skip
    _add_parts(made, area_codes, to, by=by, now=now)
    n_teams = add_team_parts(made, to.teams, by=by, now=now)
    journal.write("directive.issued", made, by=by, at=now, parts=len(area_codes) + n_teams, urgency=made.urgency)
    return made


@transaction.atomic
def reissue(
    *, part: DirectivePart, to: Recipients, by: Account, now: datetime, note: str = "", due_at: datetime | None = None
) -> int:
    """
    Issue a directive on to areas below one's own, under the same number; return how many are new.

    Areas that have it already are left as they are. Raise NotReceivedYet, DirectiveOver, NotBelow, DueAfterTheRoot,
    DueInThePast, NobodyConcerned, or the door's refusal.
    """
    access.require(by, Right.DIRECTIVE_ISSUE, area_code=part.area_code)
    part = DirectivePart.objects.select_for_update(of=["self"]).select_related("directive").get(pk=part.pk)
    directive = part.directive
    if part.state in OVER:
        raise DirectiveOver(number=directive.number, state=PartState(part.state))
    if part.received_at is None:
        raise NotReceivedYet(number=directive.number)
    if outside := [one for one in to.areas if not one.startswith(part.area_code)]:
        raise NotBelow(areas=", ".join(outside[:5]), area=part.area_code)
    _check_due(part, due_at, now)
    wanted = [code for code in codes(to, by=by) if code != part.area_code]
    if not wanted and not to.teams:
        raise NotBelow(areas=", ".join(to.areas[:5]), area=part.area_code)
    how = {"by": by, "now": now, "under": part, "note": note.strip()[:500], "due_at": due_at}
    made = _add_parts(directive, wanted, to, **how) + add_team_parts(directive, to.teams, **how)
    journal.write("directive.issued_on", part, by=by, at=now, number=directive.number, parts=made)
    return made


def _check_due(part: DirectivePart, due_at: datetime | None, now: datetime) -> None:
    if due_at is None:
        return
    if due_at > part.due_at:
        raise DueAfterTheRoot(number=part.directive.number, due_at=timezone.localtime(part.due_at))
    if due_at <= now:
        raise DueInThePast(due_at=timezone.localtime(due_at))


def _add_parts(
    directive: Directive, area_codes: Sequence[str], to: Recipients, *, by: Account, now: datetime,
    under: DirectivePart | None = None, note: str = "", due_at: datetime | None = None,
) -> int:  # fmt: skip
    """Add the parts that are not there yet; each knows the part above it."""
    within = under.area_code if under else by.area_code
    standing = _standing(directive, within)
    limits = [one for one in (due_at, under and under.own_due_at) if one is not None]
    own_due_at = min(limits) if limits else None
    ladder = Ladder(_with_accounts(within))
    fresh = [
        _part(code, directive, to, ladder, by, now)
        for code in area_codes
        if (code, str(to.role_at(level_of(code)))) not in standing
    ]
    bulk.number(fresh)
    holders = {code: key for (code, _), key in standing.items()} | {one.area_code: one.pk for one in fresh}
    for one in fresh:
        above = nearest(one.area_code, holders)
        one.parent_id, one.above = holders[above] if above else under and under.pk, above or within
        one.note, one.own_due_at, one.due_at = note, own_due_at, min(own_due_at or directive.due_at, directive.due_at)
    bulk.copy(fresh)
    return len(fresh)


def _part(
    area_code: str, directive: Directive, to: Recipients, ladder: Ladder, by: Account, now: datetime
) -> DirectivePart:
    level = level_of(area_code)
    return DirectivePart(
        directive=directive, area_code=area_code, level=len(area_code), role=to.role_at(level),
        answers_for=ladder.name(area_code, to.role_at(level)), issued_at=now, issued_by=by.username,
        issued_name=by.display_name,
    )  # fmt: skip


def _standing(directive: Directive, within: str) -> Mapping[tuple[str, str], int]:
    parts = DirectivePart.objects.filter(directive=directive, area_code__startswith=within, team__isnull=True)
    return {(code, role): key for code, role, key in parts.values_list("area_code", "role", "pk")}


def _with_accounts(within: str) -> list[str]:
    """Give the areas in which somebody can answer: there are far fewer than villages."""
    codes_held = Account.objects.filter(area_code__startswith=within, is_active=True).values_list(
        "area_code", flat=True
    )
    return [*codes_held.distinct(), *areas_upwards(within)]


def _same(before: Directive, order: Order, by: Account) -> Directive:
    if not access.covers(by, before.area_code):
        raise access.NotYours(what="directive", area=by.area_code)
    first = before.versions.order_by("version").first() or before
    if any(getattr(first, name) != value for name, value in order.fields().items()):
        raise SaidOtherwise(number=before.number)
    return before


def _hold(area_code: str) -> None:
    """Let one directive of a command be numbered at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, area_code])

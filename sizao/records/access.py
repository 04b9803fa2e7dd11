"""
Who may see or do what: one table of rights, one door to people, one mask.

A role is a set of rights; a right holds inside the account's jurisdiction, a prefix of the division
code. The door fetches and decides in one step, journals the reading, and does not let a stranger tell
"no such person" from "not yours".
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Account, Case, Contact, Outbreak, Person, Stay
from sizao.terms import LEVEL_OF_DIGITS, Right, Role

_READING = {Right.SITUATION_READ, Right.PROTOCOL_READ, Right.REPORT_READ}
_PEOPLE = _READING | {Right.PERSON_LIST, Right.PERSON_READ, Right.TASK_WORK}

ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.DUTY_OFFICER: frozenset(
        _PEOPLE
        | {
            Right.SIGNAL_SEND,
            Right.SIGNAL_VERIFY,
            Right.ORDER_ISSUE,
            Right.ORDER_SERVE,
            Right.TRANSFER_ASK,
            Right.REPORT_SUBMIT,
            Right.PERSON_EXPORT,
            Right.PERSON_ACCOUNT,
            Right.COOPERATE,
            Right.TESTING_FOLLOW,
            Right.RESULT_TELL,
            Right.TEAM_MANAGE,
            Right.DIRECTIVE_ISSUE,
            Right.DIRECTIVE_WORK,
            Right.FINDING_MEND,
            Right.COMPLAINT_TAKE,
            Right.CARD_FILL,
        }
    ),
    Role.INVESTIGATOR: frozenset(
        _PEOPLE
        | {
            Right.SIGNAL_SEND,
            Right.SIGNAL_VERIFY,
            Right.CASE_CLASSIFY,
            Right.CASE_INVESTIGATE,
            Right.PLACE_MATCH,
            Right.CONTACT_TRACE,
            Right.TRACE_ASK,
            Right.CARD_FILL,
            Right.DIRECTIVE_WORK,
        }
    ),
    Role.DATA_OFFICER: frozenset(
        _PEOPLE
        | {
            Right.SIGNAL_SEND,
            Right.PLACE_MATCH,
            Right.CONTACT_TRACE,
            Right.PERSON_EXPORT,
            Right.PRESENCE_SEND,
            Right.TRACE_ASK,
            Right.COOPERATE,
            Right.DIRECTIVE_WORK,
            Right.FINDING_MEND,
        }
    ),
    Role.TESTING_COORDINATOR: frozenset(
        _READING
        | {
            Right.TASK_WORK,
            Right.TESTING_PLAN,
            Right.TESTING_REGISTER,
            Right.TESTING_FOLLOW,
            Right.SAMPLE_CARRY,
            Right.RESULT_TELL,
            Right.DIRECTIVE_WORK,
            Right.FINDING_MEND,
        }
    ),
    # At a table and at the doors: totals, and what the work itself shows.
    Role.SAMPLER: frozenset({Right.SITUATION_READ, Right.TESTING_REGISTER, Right.SAMPLE_CARRY}),
    Role.COURIER: frozenset({Right.SITUATION_READ, Right.TASK_WORK, Right.SAMPLE_CARRY}),
    # A laboratory sees tubes, never who is in them.
    Role.LAB_TECHNICIAN: frozenset({Right.SITUATION_READ, Right.TASK_WORK, Right.SAMPLE_CARRY, Right.LAB_WORK}),
    Role.LAB_REVIEWER: frozenset(
        {Right.SITUATION_READ, Right.TASK_WORK, Right.SAMPLE_CARRY, Right.LAB_WORK, Right.LAB_RELEASE}
    ),
    Role.GRID_WORKER: frozenset(
        {
            Right.SITUATION_READ,
            Right.TASK_WORK,
            Right.TESTING_REGISTER,
            Right.TESTING_FOLLOW,
            Right.ORDER_SERVE,
            Right.HOME_CARE,
            Right.ZONE_SERVE,
            Right.DIRECTIVE_WORK,
        }
    ),
    Role.ISOLATION_COORDINATOR: frozenset(
        _PEOPLE
        | {
            Right.ORDER_ISSUE,
            Right.ORDER_SERVE,
            Right.SITE_MANAGE,
            Right.ROOM_ALLOCATE,
            Right.SITE_WORK,
            Right.HOME_CARE,
            Right.TRANSFER_ASK,
            Right.TRANSFER_APPROVE,
            Right.DIRECTIVE_WORK,
            Right.FINDING_MEND,
        }
    ),
    # In a site: whoever is in it, and nobody else.
    Role.SITE_WORKER: frozenset({Right.SITUATION_READ, Right.TASK_WORK, Right.SITE_WORK, Right.ORDER_SERVE}),
    Role.DISPATCHER: frozenset(
        _READING
        | {
            Right.TASK_WORK,
            Right.TRANSFER_ASK,
            Right.TRANSFER_APPROVE,
            Right.TRANSFER_DISPATCH,
            Right.TRANSFER_CARRY,
            Right.DIRECTIVE_WORK,
            Right.FINDING_MEND,
        }
    ),
    # In a vehicle: the trips of this shift.
    Role.CREW: frozenset({Right.SITUATION_READ, Right.TASK_WORK, Right.TRANSFER_CARRY}),
    Role.AREA_OFFICER: frozenset(
        _READING
        | {
            Right.TASK_WORK,
            Right.ZONE_PROPOSE,
            Right.ZONE_SERVE,
            Right.ZONE_APPROVE,
            Right.ZONE_PUBLISH,
            Right.DIRECTIVE_WORK,
            Right.FINDING_MEND,
        }
    ),
    Role.REPORTER: frozenset(
        _READING | {Right.TASK_WORK, Right.SIGNAL_SEND, Right.REPORT_SUBMIT, Right.DIRECTIVE_WORK, Right.FINDING_MEND}
    ),
    Role.COMMANDER: frozenset(
        _PEOPLE
        | {
            Right.ZONE_APPROVE,
            Right.ORDER_ISSUE,
            Right.OBJECTION_DECIDE,
            Right.TRANSFER_APPROVE,
            Right.PROTOCOL_CONFIRM,
            Right.DRILL_STEER,
            Right.TESTING_PLAN,
            Right.TESTING_FOLLOW,
            Right.TEAM_MANAGE,
            Right.DIRECTIVE_ISSUE,
            Right.DIRECTIVE_WORK,
            Right.LEVEL_DECIDE,
            Right.REPORT_APPROVE,
            Right.BULLETIN_ISSUE,
            Right.FINDING_MEND,
            Right.COMPLAINT_TAKE,
        }
    ),
    # Who looks on while others respond is the one to steer their drill.
    Role.SUPERVISOR: frozenset(
        _READING
        | {Right.JOURNAL_READ, Right.DRILL_STEER, Right.OBJECTION_DECIDE, Right.FINDING_MAKE, Right.COMPLAINT_TAKE}
    ),
    Role.ADMINISTRATOR: frozenset({Right.PROTOCOL_READ, Right.ACCOUNT_MANAGE, Right.JOURNAL_READ}),
}

PEOPLE_RIGHTS = {
    Right.PERSON_LIST, Right.PERSON_READ, Right.PERSON_EXPORT, Right.PERSON_ACCOUNT, Right.TESTING_FOLLOW,
    Right.COOPERATE, Right.CARD_FILL,
}  # fmt: skip


class NotAllowed(SizaoError):
    code = "access.not_allowed"
    message = "Your role ({role}) does not hold the right “{right}”. Ask somebody who holds it, or your administrator."


class OutOfScope(SizaoError):
    code = "access.out_of_scope"
    message = (
        "This token does not carry the right “{right}”, though its account holds it. Ask your administrator for one."
    )


class NotYours(SizaoError):
    code = "access.not_found"
    message = (
        "There is nothing under this number or name in your jurisdiction ({area}). Check it, or ask the authority "
        "it belongs to."
    )


def may(account: Account, right: Right) -> bool:
    """Tell whether an account holds a right at all: by its role, and by the scope of its token if it came by one."""
    if not account.is_active or right not in ROLE_RIGHTS[Role(account.role)]:
        return False
    return account.scope is None or right in account.scope


def require(account: Account, right: Right, *, area_code: str | None = None) -> None:
    """Refuse unless the account holds the right, and holds it for this area."""
    if not may(account, right):
        if right in ROLE_RIGHTS[Role(account.role)] and account.is_active:
            raise OutOfScope(right=right)
        raise NotAllowed(role=Role(account.role), right=right)
    if area_code is not None and not covers(account, area_code):
        raise NotYours(what="area", area=account.area_code)


def covers(account: Account, area_code: str) -> bool:
    """Tell whether an area lies in the account's jurisdiction."""
    return bool(account.area_code) and area_code.startswith(account.area_code)


def outbreak(slug: str, *, to: Right, by: Account) -> Outbreak:
    """Fetch an outbreak that concerns the account's jurisdiction: it lies in the outbreak's area, or holds it."""
    require(by, to)
    found = outbreaks(by).filter(slug=slug).first()
    if found is None:
        raise NotYours(what="outbreak", area=by.area_code)
    return found


def outbreaks(account: Account) -> QuerySet[Outbreak]:
    """Give the outbreaks that concern an account's jurisdiction."""
    code = account.area_code
    above = [code[:digits] for digits in LEVEL_OF_DIGITS if digits <= len(code)]
    return Outbreak.objects.filter(Q(area_code__startswith=code) | Q(area_code__in=above))


def row(rows: QuerySet, *, what: str, to: Right, by: Account, **lookup: object) -> Any:
    """Fetch one row that has an `area_code` and decide in one step, as for a person; acting on it is journalled."""
    require(by, to)
    found = rows.filter(area_code__startswith=by.area_code, **lookup).first()
    if found is None:
        raise NotYours(what=what, area=by.area_code)
    return found


def people(account: Account, right: Right = Right.PERSON_LIST) -> QuerySet[Person]:
    """Give the people of the jurisdiction: whose home is there, or who are a case, a contact or a guest there."""
    require(account, right)
    mine = {"person": OuterRef("pk"), "area_code__startswith": account.area_code}
    return Person.objects.filter(
        Q(area_code__startswith=account.area_code)
        | Exists(Stay.objects.filter(**mine))
        | Exists(Case.objects.filter(**mine))
        | Exists(Contact.objects.filter(**mine))
    )


def person(number: str, *, to: Right, by: Account, now: datetime, purpose: str = "") -> Person:
    """Fetch one person and decide in one step; the reading is journalled."""
    found = people(by, to).filter(number=number).first()
    if found is None:
        raise NotYours(what="person", area=by.area_code)
    journal.write("person.read", found, by=by, at=now, right=str(to), purpose=purpose)
    return found


@dataclass(frozen=True, slots=True)
class Identity:
    """What one reader may see of who a person is; hidden parts are None and `masked` says so."""

    number: str
    name: str | None
    sex: str | None
    birth_date: date | None
    phone: str | None
    id_number: str | None
    address: str | None
    masked: bool


def identity(found: Person, *, to: Account) -> Identity:
    """Show who a person is to an account whose jurisdiction covers their home; mask it for any other."""
    if may(to, Right.PERSON_READ) and covers(to, found.area_code):
        return Identity(
            number=found.number,
            name=found.name,
            sex=found.sex,
            birth_date=found.birth_date,
            phone=found.phone,
            id_number=found.id_number,
            address=found.address,
            masked=False,
        )
    return Identity(found.number, mask_name(found.name), None, None, None, None, None, masked=True)


def mask_name(name: str | None) -> str | None:
    """Keep the family name, hide the rest: 王小明 becomes 王**."""
    return None if name is None else name[:1] + "*" * max(1, len(name) - 1)

"""
Short-lived codes under which people read their own result, without an account.

Made at the table, by a grid worker, or on asking with an id number and the end of the phone number on the roster. Only
a keyed hash is kept; a wrong code, an expired one and one that never was are answered alike.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, ResultCode, RosterEntry, TestingRound
from sizao.records.secrecy import blind_index
from sizao.response.testing import answers
from sizao.response.testing.answers import Answer, Whereabouts
from sizao.response.tracing import tokens
from sizao.terms import ResultTold, Right

LASTS = timedelta(hours=48)
LENGTH = 10  # of 32 letters: 50 bits, which nobody guesses at the rate that the page allows
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
PHONE_DIGITS = 4
MOST_ASKED = 5  # codes that one person may ask for in the time that one lasts
BY_THEMSELVES = "public"


class CodeUnknown(SizaoError):
    code = "result.code_unknown"
    message = (
        "This code leads to no result. Check its ten letters and digits; after {hours} hours it works no more, and "
        "you may ask for a new one."
    )


class NobodyFound(SizaoError):
    code = "result.nobody_found"
    message = (
        "No swab is found under this id number and phone ending. Check both, or ask at the table where you were "
        "swabbed or your village committee."
    )


class TooManyCodes(SizaoError):
    code = "result.too_many_codes"
    message = "Several codes were made for you already. Use the latest, or ask again after {hours} hours."


@dataclass(frozen=True, slots=True)
class OwnResult:
    """What one person may know: their own answer, where their tube is while they wait, until when the code works."""

    answer: Answer
    round_name: str
    tube_is: Whereabouts | None
    expires_at: datetime


@transaction.atomic
def make(*, testing_round: TestingRound, by: Account, now: datetime, entry: int | None = None,
         id_number: str = "") -> tuple[str, datetime]:  # fmt: skip
    """
    Make a code for somebody on the roster, by their number or id number; return it, and until when it works.

    It is said once and not kept. Raise the door's refusal where nobody of this number lives in one's area.
    """
    right = Right.TESTING_REGISTER if access.may(by, Right.TESTING_REGISTER) else Right.RESULT_TELL
    access.require(by, right)
    listed = RosterEntry.objects.filter(round=testing_round, area_code__startswith=by.area_code)
    if entry is not None:
        found = listed.filter(number=entry).first()
    else:
        index = tokens.id_number_index(id_number)
        found = listed.filter(id_index=index).first() if index else None
    if found is None or testing_round.archived_at is not None:
        raise NotYours(what="person", area=by.area_code)
    return _made(testing_round, found.number, by, now)


@transaction.atomic
def ask(*, id_number: str, phone_ending: str, by: Account | None, now: datetime) -> tuple[str, datetime]:
    """
    Make a code for whoever knows an id number and the last four digits of the phone beside it on a roster.

    For the latest open or closed round they were swabbed in. Raise NobodyFound, alike for all that may be wrong, or
    TooManyCodes.
    """
    ending, index = phone_ending.strip(), tokens.id_number_index(id_number)
    if index is None or len(ending) != PHONE_DIGITS or not (ending.isascii() and ending.isdigit()):
        raise NobodyFound
    rounds = TestingRound.objects.filter(opened_at__isnull=False, archived_at=None).order_by("-begins_at", "-pk")
    for testing_round in rounds:
        found = RosterEntry.objects.filter(round=testing_round, id_index=index).select_related("person").first()
        if found and _ends_in(found, ending) and testing_round.swabs.filter(entry=found.number).exists():
            _not_too_many(testing_round, found.number, now)
            return _made(testing_round, found.number, by, now)
    raise NobodyFound


def _ends_in(entry: RosterEntry, ending: str) -> bool:
    phone = entry.phone or (entry.person.phone if entry.person else None) or ""
    digits = "".join(one for one in phone if one.isdigit())
    return secrets.compare_digest(digits[-PHONE_DIGITS:], ending)


def _not_too_many(testing_round: TestingRound, entry: int, now: datetime) -> None:
    hours = int(LASTS.total_seconds()) // 3600
    asked = ResultCode.objects.filter(round=testing_round, entry=entry, made_by=BY_THEMSELVES, made_at__gt=now - LASTS)
    if asked.count() >= MOST_ASKED:
        raise TooManyCodes(hours=hours)


def _made(testing_round: TestingRound, entry: int, by: Account | None, now: datetime) -> tuple[str, datetime]:
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    made = ResultCode.objects.create(
        digest=_digest(code), round=testing_round, entry=entry, made_at=now,
        made_by=by.username if by else BY_THEMSELVES, expires_at=now + LASTS,
    )  # fmt: skip
    journal.write("result.code_made", made, by=by, at=now, number=testing_round.number, entry=entry)
    return f"{code[:4]} {code[4:7]} {code[7:]}", made.expires_at


def _digest(code: str) -> str:
    return blind_index(code, column="records_resultcode.digest")


@transaction.atomic
def read(*, code: str, by: Account | None, now: datetime) -> OwnResult:
    """Say the result that a code leads to; journalled. Raise CodeUnknown for every code that leads to none."""
    plain = "".join(code.split()).replace("-", "").upper()
    found = ResultCode.objects.select_related("round__outbreak").filter(
        digest=_digest(plain), expires_at__gt=now, round__archived_at=None
    )
    one = found.first()
    if one is None:
        raise CodeUnknown(hours=int(LASTS.total_seconds()) // 3600)
    ResultCode.objects.filter(pk=one.pk).update(last_used_at=now, n_used=F("n_used") + 1)
    journal.write("result.read", one, by=by, at=now, number=one.round.number, entry=one.entry)
    answer = answers.of_entries(one.round, [one.entry], now=now)[one.entry]
    waiting = answer.told == ResultTold.WAITING
    return OwnResult(
        answer=answer,
        round_name=f"{one.round.number} {one.round.name}",
        tube_is=answers.whereabouts(one.round, answer.tube) if waiting else None,
        expires_at=one.expires_at,
    )

"""
Filled forms about people: begun from records, completed by a person, signed, corrected by another.

What a form holds is sealed as a whole; whoever opens one comes through the door, and the reading is journalled.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from sizao.errors import SizaoError
from sizao.protocol.forms import Field, Form, form
from sizao.records import access, journal
from sizao.records.models import Account, Card, Case, CaseChange, Outbreak, Person
from sizao.response import outbreaks
from sizao.response.clocks import clock
from sizao.response.numbering import next_number
from sizao.response.reports.cards_filling import About, diagnosed_at, filled, identity_of
from sizao.terms import CARD_MOVES, CardState, CaseStatus, Right

CARD = "disease-card"
CLOCK = "report.case_report_hours"
LONGEST = 2000
_REPORTED = (CaseStatus.SUSPECTED, CaseStatus.ASYMPTOMATIC, CaseStatus.CONFIRMED)


class CardExists(SizaoError):
    code = "card.exists"
    message = "{number} of this form was signed for this person already. Correct that one."


class CardLocked(SizaoError):
    code = "card.locked"
    message = "{number} is {was} and does not change any more. Correct it by another."


class FieldsUnreadable(SizaoError):
    code = "card.fields.unreadable"
    message = "These fields cannot be kept: {fields}. Choose one of their options, or write less."


class FieldsMissing(SizaoError):
    code = "card.fields_missing"
    message = "These fields must be filled before it is signed: {fields}."


@dataclass(frozen=True, slots=True)
class Without:
    """A case that has no card yet: when it was diagnosed, and by when the edition wants the card."""

    case: Case
    diagnosed_at: datetime
    due_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Tell whether the card should have been there."""
        return self.due_at is not None and self.due_at < now


@transaction.atomic
def begin(*, outbreak: Outbreak, number: str, code: str, by: Account, now: datetime) -> Card:
    """
    Begin a form about a person, filled with what records tell; a draft of it that is there is gone on with.

    Raise NoSuchForm, CardExists, or the door's refusal.
    """
    access.require(by, Right.CARD_FILL)
    wanted = form(code)
    person = _person(number, by=by, now=now, purpose=code)
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one number at a time
    known = Card.objects.filter(outbreak=outbreak, person=person, form=code).order_by("-pk").first()
    if known is not None and known.state == CardState.DRAFT:
        return known
    if known is not None:
        raise CardExists(number=known.number)
    return _begun(outbreak, person, wanted, None, by=by, now=now)


def _begun(
    outbreak: Outbreak, person: Person, wanted: Form, corrects: Card | None, *, by: Account, now: datetime
) -> Card:  # fmt: skip
    case = Case.objects.filter(outbreak=outbreak, person=person).first()
    area_code = case.area_code if case else person.area_code
    number = next_number(Card.objects.all(), "BK", by.area_code, outbreak.day_of(now).year, digits=6)
    about = About(person, identity_of(person, by), case, number, corrects is not None, by, now)
    content = filled(wanted, about)
    if corrects is not None:
        mine = {str(one.no) for one in wanted.fields if one.fill in {"number", "kind", "filler", "filled_date"}}
        content = {no: text for no, text in content.items() if no in mine} | {
            no: text for no, text in read_content(corrects).items() if no not in mine
        }
    rules, diagnosed = outbreaks.rules_at(outbreak, now), diagnosed_at(case)
    due_at, basis = clock(rules, CLOCK, diagnosed) if diagnosed and wanted.code == CARD else (None, [])
    card = Card.objects.create(
        number=number, form=wanted.code, form_version=wanted.version, outbreak=outbreak, person=person, case=case,
        area_code=area_code, corrects=corrects, content=json.dumps(content, ensure_ascii=False), drafted_at=now,
        drafted_by=by.username, due_at=due_at, basis=basis, source_key=f"card:{number}",
    )  # fmt: skip
    journal.write("card.begun", card, by=by, at=now, protocol=rules.source, form=wanted.code, number=number)
    return card


@transaction.atomic
def complete(*, card: Card, given: Mapping[str, str], by: Account, now: datetime) -> Card:
    """
    Write what a person knows into a draft; `given` maps field numbers to texts, an empty one takes the field back.

    Raise CardLocked, FieldsUnreadable, or the door's refusal.
    """
    card = _held(card, by)
    if card.state != CardState.DRAFT:
        raise CardLocked(number=card.number, was=CardState(card.state))
    fields = {str(one.no): one for one in form(card.form).fields}
    told = {no: " ".join(text.split()) for no, text in given.items() if no in fields}
    wrong = [fields[no].label for no, text in told.items() if text and not _fits(fields[no], text)]
    if wrong:
        raise FieldsUnreadable(fields="、".join(wrong))
    content = {no: text for no, text in (read_content(card) | told).items() if text}
    card.content = json.dumps(content, ensure_ascii=False)
    card.save(update_fields=["content"])
    journal.write("card.completed", card, by=by, at=now, number=card.number, fields=sorted(map(int, told)))
    return card


@transaction.atomic
def sign(*, card: Card, by: Account, now: datetime) -> Card:
    """Sign a form in one's own name. Raise CardLocked, FieldsMissing, or the door's refusal."""
    card = _held(card, by)
    if CardState.SIGNED not in CARD_MOVES[CardState(card.state)]:
        raise CardLocked(number=card.number, was=CardState(card.state))
    if needed := lacking(card):
        raise FieldsMissing(fields="、".join(one.label for one in needed))
    card.state, card.signed_at, card.signed_by = CardState.SIGNED, now, by
    card.save(update_fields=["state", "signed_at", "signed_by"])
    if card.corrects is not None:
        Card.objects.filter(pk=card.corrects_id).update(state=CardState.CORRECTED)
    journal.write("card.signed", card, by=by, at=now, number=card.number)
    return card


@transaction.atomic
def correct(*, card: Card, by: Account, now: datetime) -> Card:
    """Begin the correction of a signed form, with what it holds. Raise CardLocked for one that is not signed."""
    card = _held(card, by)
    if card.state != CardState.SIGNED:
        raise CardLocked(number=card.number, was=CardState(card.state))
    waiting = Card.objects.filter(corrects=card, state=CardState.DRAFT).first()
    return waiting or _begun(card.outbreak, card.person, form(card.form), card, by=by, now=now)


def open_card(pk: int, *, by: Account, now: datetime) -> Card:
    """Fetch one card through the door of its person; the reading is journalled."""
    rows = Card.objects.select_related("person", "outbreak", "case", "signed_by", "corrects")
    found: Card = access.row(rows, what="card", to=Right.CARD_FILL, by=by, pk=pk)
    _person(found.person.number, by=by, now=now, purpose=found.number)
    return found


def read_content(card: Card) -> dict[str, str]:
    """Read what a card holds: field numbers to texts."""
    held: dict[str, str] = json.loads(card.content or "{}")
    return held


def missing(card: Card) -> list[Field]:
    """List the fields of a card that are blank."""
    content = read_content(card)
    return [one for one in form(card.form).fields if not content.get(str(one.no))]


def lacking(card: Card) -> list[Field]:
    """List the fields that must be filled before a card is signed; of those that stand for each other one is enough."""
    content = read_content(card)
    done = {one.one_of for one in form(card.form).fields if one.one_of and content.get(str(one.no))}
    return [one for one in missing(card) if one.required and one.one_of not in done]


def without_card(outbreak: Outbreak, *, by: Account, now: datetime, most: int | None) -> Sequence[Without]:
    """List diagnosed cases of the jurisdiction that have no signed card, the first due first."""
    access.require(by, Right.CARD_FILL)
    signed = Card.objects.filter(case=OuterRef("pk"), form=CARD).exclude(state=CardState.DRAFT)
    cases = Case.objects.filter(outbreak=outbreak, area_code__startswith=by.area_code, status__in=_REPORTED)
    found = list(
        cases.filter(~Exists(signed), opened_at__lte=now).select_related("person").order_by("opened_at")[:most]
    )
    firsts = CaseChange.objects.filter(case__in=found, status__in=_REPORTED, at__lte=now).order_by("case_id", "at")
    moments = dict(firsts.distinct("case_id").values_list("case_id", "at"))
    rules = outbreaks.rules_at(outbreak, now)
    waiting = [
        Without(one, moments[one.pk], clock(rules, CLOCK, moments[one.pk])[0]) for one in found if one.pk in moments
    ]
    return sorted(waiting, key=lambda one: (one.due_at or one.diagnosed_at, one.case.pk))


def known(outbreak: Outbreak, *, by: Account, most: int) -> list[Card]:
    """List the cards of the jurisdiction by number, the newest first; what they hold stays sealed."""
    access.require(by, Right.CARD_FILL)
    rows = Card.objects.filter(outbreak=outbreak, area_code__startswith=by.area_code).defer("content")
    return list(rows.select_related("person", "signed_by").order_by("-pk")[:most])


def _person(number: str, *, by: Account, now: datetime, purpose: str) -> Person:
    return access.person(number, to=Right.CARD_FILL, by=by, now=now, purpose=purpose)


def _held(card: Card, by: Account) -> Card:
    access.require(by, Right.CARD_FILL, area_code=card.area_code)
    rows = Card.objects.select_for_update(of=["self"]).select_related("outbreak", "person", "corrects")
    return rows.get(pk=card.pk)


def _fits(field: Field, text: str) -> bool:
    return len(text) <= LONGEST and (not field.options or all(one in field.options for one in text.split("|")))

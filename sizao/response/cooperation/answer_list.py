"""
The list of people that goes with a request, and comes back with the answers filled in.

Each row bears the number of its request, so that the list of another is refused. What stands there already is not
written again: the same file a second time changes nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from sizao.adapters.spreadsheets import Cell, Sheet
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, CooperationPerson, CooperationRequest
from sizao.response.cooperation.answering import NOTE_LENGTH, answer
from sizao.response.cooperation.letters import NotSentYet
from sizao.terms import ContactKind, ListColumn, PersonAnswer, RequestState, Right

# The headings of the file that may stand over each column, and which it cannot do without.
COLUMNS: Mapping[str, Sequence[str]] = {str(one): (one.zh, one.en) for one in ListColumn}
NEEDS = (str(ListColumn.NUMBER), str(ListColumn.REF), str(ListColumn.ANSWER))


class ListOfAnother(SizaoError):
    code = "cooperation.list_of_another"
    message = "This list belongs to request {given}, not to {number}. Open that request and take it in there."


class ListRefused(SizaoError):
    code = "cooperation.list_refused.unreadable"
    message = "{count} cells of the list cannot be taken. Correct them and send the list again; nothing was kept."


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many answers of a list were new, how many stood there already, and how many people have none yet."""

    new: int
    same: int
    empty: int


def sheet(*, request: CooperationRequest, language: str, by: Account, now: datetime) -> Sheet:
    """Give the people of a request as a sheet to be filled in; that it was taken is journalled. Raise NotSentYet."""
    access.require(by, Right.COOPERATE, area_code=request.area_code)
    if request.state == RequestState.DRAFT:
        raise NotSentYet(number=request.number)
    people = list(request.people.order_by("ref"))
    journal.write("cooperation.list_taken", request, by=by, at=now, people=len(people))
    title = PEOPLE_SHEET[language]
    return Sheet(title, [one.label(language) for one in ListColumn], _rows(request, people, language))


PEOPLE_SHEET = {"zh": "协查人员名单", "en": "People"}


def _rows(
    request: CooperationRequest, people: Sequence[CooperationPerson], language: str
) -> Iterator[Sequence[Cell]]:  # fmt: skip
    for one in people:
        kind = ContactKind(one.contact_kind).label(language) if one.contact_kind else ""
        said = PersonAnswer(one.answer).label(language) if one.answer else ""
        yield (
            request.number, one.ref, one.name, one.id_number, one.phone, one.address, kind, one.last_exposure_date,
            said, one.answer_note,
        )  # fmt: skip


@transaction.atomic
def take_in_list(
    *, request: CooperationRequest, rows: Sequence[Mapping[str, str]], by: Account, now: datetime
) -> TakenIn:
    """
    Take the answers of a list that came back, `rows` by the names of the columns; rows without an answer wait.

    All of it or nothing. Raise ListOfAnother, ListRefused with `errors` (row from 1, field), or what `answer` refuses.
    """
    access.require(by, Right.COOPERATE, area_code=request.area_code)
    strange = next((row["number"] for row in rows if row["number"] != request.number), None)
    if strange is not None:
        raise ListOfAnother(given=strange[:40] or "—", number=request.number)
    people = {one.ref: one for one in request.people.select_for_update()}
    errors = list(_errors(rows, people))
    if errors:
        raise ListRefused(count=len(errors), errors=errors)
    told = {int(row["ref"]): (_word(row["answer"]), row.get("note", "").strip()) for row in rows if row["answer"]}
    new = {ref: said for ref, said in told.items() if not _stands(people[ref], said)}
    if new:
        answer(request=request, found=new, by=by, now=now)
    return TakenIn(new=len(new), same=len(told) - len(new), empty=len(people) - len(told))


def _errors(rows: Sequence[Mapping[str, str]], people: Mapping[int, CooperationPerson]) -> Iterator[dict[str, Any]]:
    times = Counter(row["ref"] for row in rows)
    for n, row in enumerate(rows, start=1):
        one = people.get(int(row["ref"])) if row["ref"].isascii() and row["ref"].isdigit() else None
        if one is None or times[row["ref"]] > 1:
            yield {"row": n, "field": "ref"}
            continue
        if row.get("name") and one.name and row["name"] != one.name:
            yield {"row": n, "field": "name"}  # a row that slipped would answer for another person
        if row["answer"] and _word(row["answer"]) is None:
            yield {"row": n, "field": "answer"}
        if len(row.get("note", "")) > NOTE_LENGTH:
            yield {"row": n, "field": "note"}


def _word(said: str) -> Any:
    return next((one for one in PersonAnswer if said.strip() in (str(one), one.zh, one.en)), None)


def _stands(one: CooperationPerson, said: tuple[PersonAnswer, str]) -> bool:
    return (one.answer, one.answer_note or "") == said

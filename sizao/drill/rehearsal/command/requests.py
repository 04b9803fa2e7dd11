"""
Requests to other authorities in a drill: each county asks the others about contacts who live there, by letter.

The answer comes by letter too, and says what stands in the records of the county that was asked.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from sizao.drill.rehearsal.command.acts import COUNTY, Waiting, counties, delay, happens, officer
from sizao.drill.rehearsal.office import Office
from sizao.records.models import Authority, Contact, CooperationPerson, CooperationRequest, IsolationOrder, Stay
from sizao.response import cooperation
from sizao.terms import AskedFor, ContactState, ExchangeWay, OrderState, PersonAnswer, RequestState, Role, StayKind

QUESTION = "演练：请协查下列密切接触者，落实管控措施并反馈。"
BASIS = "《传染病防治法》（演练）"
SETTLED = "演练：已全部反馈，办结"
ASKED = (AskedFor.FIND, AskedFor.CONTROL)
OPEN = (ContactState.FOUND, ContactState.PLACED)


def waiting(office: Office, now: datetime) -> Iterator[Waiting]:
    """Give what waits of the requests of a drill, with its moment."""
    for area_code in counties(office):
        yield from _to_send(office, area_code, now)
    sent = CooperationRequest.objects.filter(outbreak=office.outbreak, is_incoming=False).select_related("authority")
    unanswered = (RequestState.SENT, RequestState.RECEIVED, RequestState.ACCEPTED)
    for one in sent.filter(state__in=unanswered).order_by("pk"):
        if not happens(office, f"{_key(one)}: never", office.rehearsal.command.unanswered):
            yield _to_answer(office, one)
    for one in sent.filter(state=RequestState.ANSWERED).order_by("pk"):
        yield _to_close(office, one)


def _to_send(office: Office, area_code: str, now: datetime) -> Iterator[Waiting]:
    """One request for each county that contacts live in whom nobody has asked about yet."""
    about = CooperationPerson.objects.filter(
        request__outbreak=office.outbreak, request__area_code=area_code, request__withdrawn_at=None
    ).values("person")
    rows = Contact.objects.filter(
        outbreak=office.outbreak, state__in=OPEN, found_at__lte=now, index_case__area_code__startswith=area_code
    ).exclude(person__area_code__startswith=area_code)
    groups: dict[str, list[Contact]] = defaultdict(list)
    for one in rows.exclude(person__in=about).select_related("person", "index_case").order_by("found_at", "pk"):
        groups[one.person.area_code[:COUNTY]].append(one)
    for other, contacts in sorted(groups.items()):
        since = contacts[0].found_at
        key = f"request:{area_code}:{other}:{since.isoformat()}"
        yield Waiting(
            key, "ask_other_authorities", Role.DATA_OFFICER,
            since + delay(office, key, office.rehearsal.command.asking_hours),
            lambda at, other=other, contacts=contacts: _send(office, area_code, other, contacts, at),
        )  # fmt: skip


def _send(office: Office, area_code: str, other: str, contacts: list[Contact], at: datetime) -> None:
    by = officer(office, Role.DATA_OFFICER, area_code, at)
    known = [one for one in contacts if one.found_at <= at]
    request = cooperation.draft(
        outbreak=office.outbreak, authority=_authority(office, other, at), contacts=known, asked=ASKED,
        question=QUESTION, legal_basis=BASIS, by=by, now=at,
    )  # fmt: skip
    cooperation.send(request=request, by=by, now=at)


def _authority(office: Office, area_code: str, at: datetime) -> Authority:
    found = Authority.objects.filter(area_code=area_code, ended_at=None).first()
    name = f"{office.asking.life.names.get(area_code, area_code)}疾控机构（演练）"
    return found or cooperation.add_authority(
        name=name, area_code=area_code, way=ExchangeWay.LETTER, by=None, now=at
    )  # fmt: skip


def _to_answer(office: Office, request: CooperationRequest) -> Waiting:
    def answer(at: datetime) -> None:
        people = list(request.people.order_by("ref"))
        found = {one.ref: (_said(one, at), "") for one in people}
        by = officer(office, Role.DATA_OFFICER, request.area_code, at)
        cooperation.answer(request=request, found=found, by=by, now=at)

    key = f"{_key(request)}:answered"
    at = request.sent_at + delay(office, key, office.rehearsal.command.reply_hours)
    return Waiting(key, "take_answers", Role.DATA_OFFICER, at, answer)


def _said(one: CooperationPerson, at: datetime) -> PersonAnswer:
    """Say what the records of the other county know of somebody at a moment."""
    there = Stay.objects.filter(person=one.person, kind__in=(StayKind.ROOM, StayKind.BED), period__contains=at)
    if there.filter(recorded_at__lte=at).exists():
        return PersonAnswer.PLACED
    order = IsolationOrder.objects.filter(person=one.person, state=OrderState.ISSUED, issued_at__lte=at)
    return PersonAnswer.AT_HOME if order.exists() else PersonAnswer.NOT_REACHED


def _to_close(office: Office, request: CooperationRequest) -> Waiting:
    def close(at: datetime) -> None:
        by = officer(office, Role.DATA_OFFICER, request.area_code, at)
        cooperation.close(request=request, reason=SETTLED, by=by, now=at)

    return Waiting(
        f"{_key(request)}:closed", "close_requests", Role.DATA_OFFICER, request.answered_at + timedelta(hours=1), close
    )


def _key(request: CooperationRequest) -> str:
    return f"request:{request.number}"

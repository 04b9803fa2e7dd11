"""
Lists and letters of a replay: whom traces found, by where they live, and what others are asked about them.

These people are made up, and so are the letters: a question says so.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sizao.drill.commanding.actors import Actors
from sizao.drill.commanding.told import Marks, aware
from sizao.records.models import Authority, CooperationRequest, Outbreak, Trace
from sizao.response import cooperation
from sizao.response.cooperation import finding
from sizao.response.tracing import contacts, found_contacts, push_lists
from sizao.terms import AREA_DIGITS, AreaLevel, AskedFor, ContactState, ExchangeWay, PersonAnswer, Role

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
QUESTION = "下列人员曾与病例同时同处。请查找并按规定管控、检测，反馈每人去向。人员为模拟生成"
LEGAL_BASIS = "《传染病防治法》"
ANSWERED = "已核查"


class Asking:
    """Takes lists away and writes letters for one outbreak."""

    def __init__(self, outbreak: Outbreak, marks: Marks, actors: Actors) -> None:
        self.outbreak, self.marks, self.actors = outbreak, marks, actors

    def lists(self, told: Mapping[str, Any]) -> None:
        """Take away all lists of a trace, and make contacts of those on them who live outside the case's county."""
        now = aware(told["at"])
        trace = Trace.objects.select_related("outbreak", "case").get(outbreak=self.outbreak, number=told["trace"])
        officer = self.actors.of(Role.DATA_OFFICER, self.outbreak.area_code, now)
        read = push_lists.lists(trace, as_of=now)
        for one in (*read.inside, *read.outside):
            for _ in push_lists.export(trace, one.area_code, by=officer, now=now, as_of=now):
                pass  # the last row given writes into the journal that the list was taken
        known = trace.matches.exclude(person=None).exclude(area_code__startswith=trace.area_code[:COUNTY])
        investigator = self.actors.of(Role.INVESTIGATOR, trace.area_code[:COUNTY], now)
        matches = list(known.select_related("person").order_by("pk"))
        made = found_contacts.to_contacts(trace=trace, matches=matches, by=investigator, now=now)
        # Where they live they are looked after at once: no made-up person waits for a room or a vehicle.
        contacts.move_contacts(contacts=made, state=ContactState.PLACED, by=investigator, now=now)

    def ask(self, told: Mapping[str, Any]) -> None:
        """Draft a request about those who live in one county, and send it in the officer's name."""
        now = aware(told["at"])
        by = self.actors.of(Role.DUTY_OFFICER, told["area"], now)
        there = next(one for one in finding.elsewhere(self.outbreak, by=by, as_of=now) if one.area_code == told["to"])
        request = cooperation.draft(
            outbreak=self.outbreak, authority=self._authority(told, now), contacts=there.contacts,
            asked=[AskedFor.FIND, AskedFor.CONTROL, AskedFor.TEST], question=self.marks.said(QUESTION, ""),
            legal_basis=LEGAL_BASIS, by=by, now=now,
        )  # fmt: skip
        cooperation.send(request=request, by=by, now=now)

    def answer(self, told: Mapping[str, Any]) -> None:
        """Enter what the list said that came back."""
        now, request = aware(told["answered_at"]), self._request(told)
        said = (PersonAnswer(told["answer"]), self.marks.said(ANSWERED, ""))
        cooperation.answer(
            request=request, found={one.ref: said for one in request.people.all()},
            by=self.actors.of(Role.DUTY_OFFICER, told["area"], now), now=now,
        )  # fmt: skip

    def close(self, told: Mapping[str, Any]) -> None:
        """Close a request that was answered."""
        now = aware(told["closed_at"])
        by = self.actors.of(Role.DUTY_OFFICER, told["area"], now)
        cooperation.close(request=self._request(told), reason=self.marks.said("全部反馈", ""), by=by, now=now)

    def _authority(self, told: Mapping[str, Any], now: datetime) -> Authority:
        found = Authority.objects.filter(name=told["authority"], ended_at=None).first()
        return found or cooperation.add_authority(
            name=told["authority"], area_code=told["to"], way=ExchangeWay.LETTER, by=None, now=now
        )

    def _request(self, told: Mapping[str, Any]) -> CooperationRequest:
        mine = CooperationRequest.objects.filter(outbreak=self.outbreak, is_incoming=False, area_code=told["area"])
        return mine.select_related("authority").get(authority__area_code=told["to"])

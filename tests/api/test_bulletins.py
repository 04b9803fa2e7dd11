"""Bulletins for machines: the figures as the page tells them, the files, issuing and correcting."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.records.models import Bulletin, CaseChange, Event
from sizao.response.reports import bulletins, daily
from sizao.terms import CaseStatus, Role
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
DAY = date(2021, 1, 9)


class TestReading:
    def test_gives_the_figures_and_the_words_of_what_was_issued(self, drafted, machine):
        reader = machine(Role.REPORTER, "130109")
        assert listed(reader) == []
        issued = bulletins.issue(bulletin=drafted, by=commander(), now=NOW)
        (row,) = listed(reader)
        assert row["figures"] == issued.figures["cells"]
        assert row["figures"]["new_confirmed"] == {"13": 2, "1301": 2, "130109": 2}
        assert row["stocks"]["confirmed"] == {"count": 2, "date": "2021-01-09"}
        assert row["text_zh"] == bulletins.paragraphs(issued, "zh")
        assert (row["state"], row["issued_by"]) == (
            "issued",
            issued.issued_by.display_name or issued.issued_by.username,
        )

    def test_gives_no_figure_that_the_row_hides(self, drafted, machine):
        hidden = {**drafted.figures, "cells": {"new_confirmed": {"13": None}, "new_asymptomatic": {"13": 0}}}
        Bulletin.objects.filter(pk=drafted.pk).update(figures={**hidden, "stocks": {}, "whole_digits": []})
        row = machine(Role.COMMANDER, "13").get(f"bulletins/{drafted.pk}").json()
        assert row["figures"]["new_confirmed"] == {"13": None}
        assert (row["stocks"], row["told_levels_digits"]) == ({}, [])
        assert "少量" in row["text_zh"][0]

    def test_gives_the_state_of_the_moment_asked_for(self, drafted, machine):
        officer = commander()
        first = bulletins.issue(bulletin=drafted, by=officer, now=NOW)
        second = bulletins.correct(bulletin=first, reason="地名有误", by=officer, now=NOW + timedelta(hours=1))
        bulletins.issue(bulletin=second, by=officer, now=NOW + timedelta(hours=2))
        reader = machine(Role.REPORTER, "13")
        assert [(row["version"], row["state"]) for row in listed(reader)] == [(2, "issued"), (1, "replaced")]
        then = (NOW + timedelta(minutes=1)).isoformat()
        assert [(row["version"], row["state"]) for row in listed(reader, as_of=then)] == [(1, "issued")]

    def test_gives_an_issued_one_as_a_file(self, drafted, machine):
        reader, asked = machine(Role.REPORTER, "130109"), {"date": DAY.isoformat()}
        refused = reader.get("outbreaks/hebei/bulletins/file", **asked)
        assert (refused.status_code, refused.json()["code"]) == (409, "bulletin.none_issued")
        bulletins.issue(bulletin=drafted, by=commander(), now=NOW)
        for form, begins in (("pdf", b"%PDF"), ("docx", b"PK")):
            answer = reader.get("outbreaks/hebei/bulletins/file", form=form, language="en", **asked)
            assert answer.content.startswith(begins)
        assert reader.get("outbreaks/hebei/bulletins/file", form="fax", **asked).status_code == 422
        assert reader.get("outbreaks/hebei/bulletins/file", version=7, **asked).status_code == 409


class TestActing:
    def test_edits_issues_and_corrects_in_the_name_of_the_account(self, drafted, machine):
        officer = machine(Role.COMMANDER, "13")
        words = {"text_zh": "提示：{confirmed}{asymptomatic}", "text_en": "Note: {confirmed}, {asymptomatic}"}
        assert officer.post(f"bulletins/{drafted.pk}/words", words).json()["text_zh"][0].startswith("提示：新增")
        assert officer.post(f"bulletins/{drafted.pk}/issue").json()["state"] == "issued"
        made = officer.post(f"bulletins/{drafted.pk}/correct", {"reason": "地名有误"}).json()
        assert (made["version"], made["state"], made["reason"]) == (2, "draft", "地名有误")
        assert Event.objects.get(verb="bulletin.issued").actor == officer.account.username
        assert officer.get(f"bulletins/{made['id']}/file").content.startswith(b"%PDF")

    def test_is_refused_with_a_reason(self, drafted, machine):
        officer = machine(Role.COMMANDER, "13")
        by_hand = {"text_zh": "{confirmed}{asymptomatic}，另有3例", "text_en": "{confirmed}{asymptomatic}"}
        answers = {
            officer.post(f"bulletins/{drafted.pk}/words", by_hand).json()["code"],
            officer.post(f"bulletins/{drafted.pk}/correct", {"reason": "x"}).json()["code"],
        }
        assert answers == {"bulletin.figure_by_hand.unreadable", "bulletin.cannot_move"}
        assert machine(Role.COMMANDER, "1301").post(f"bulletins/{drafted.pk}/issue").status_code == 404
        assert machine(Role.REPORTER, "13").post(f"bulletins/{drafted.pk}/issue").status_code == 403
        assert Bulletin.objects.get(pk=drafted.pk).issued_at is None


def listed(reader, **asked):
    return reader.get("outbreaks/hebei/bulletins", **asked).json()["rows"]


def commander():
    return factories.account(role=Role.COMMANDER, area_code="13")


@pytest.fixture
def drafted(db):
    for code, name in {"13": "河北省", "1301": "石家庄市", "130109": "藁城区"}.items():
        factories.area(code, name)
    within = factories.outbreak(slug="hebei", first_date=date(2021, 1, 8))
    for _ in range(2):
        at = daily.day_of(DAY).start_at + timedelta(hours=9)
        case = factories.case(within=within, area_code="130109", opened_at=at)
        CaseChange.objects.create(
            case=case, status=CaseStatus.CONFIRMED, at=at, by="sizao", source_key=f"test:{case.pk}"
        )
    bulletins.advance(outbreak=within, now=NOW)
    return within.bulletins.get(date=DAY)

"""Outbreaks are opened and closed; the rules of one follow from its day, its annexes and its confirmations."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.protocol import FaultyProtocol, NeedsConfirmation, NoProtocolInForce
from sizao.records import access
from sizao.records.models import Event, Outbreak, ProtocolAnnex, ProtocolConfirmation
from sizao.response import outbreaks
from sizao.terms import OutbreakKind, Role
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
KEY = "investigation.contact_window_days"


def open_one(**facts):
    defaults = {
        "slug": "winter",
        "name": "冬季疫情",
        "name_en": "Winter",
        "disease": "covid-19",
        "kind": OutbreakKind.REAL,
        "area_code": "13",
        "first_date": date(2021, 1, 2),
        "by": factories.account(),
        "now": NOW,
    }
    return outbreaks.open(**defaults | facts)


class TestOpen:
    def test_is_journalled_with_the_edition_in_force(self, noise):
        opened = open_one()
        line = Event.objects.get(verb="outbreak.opened", subject_id=opened.pk)
        assert (line.protocol, line.outbreak_id) == ("edition-7", opened.pk)

    def test_refuses_a_short_name_that_is_taken(self):
        open_one()
        with pytest.raises(outbreaks.SlugTaken, match="winter"):
            open_one()
        assert Outbreak.objects.count() == 1

    def test_refuses_a_day_without_a_protocol(self):
        with pytest.raises(NoProtocolInForce):
            open_one(first_date=date(2019, 1, 1))
        assert not Outbreak.objects.exists()


class TestClose:
    def test_keeps_the_moment_and_the_records(self):
        opened, by = open_one(), factories.account()
        closed = outbreaks.close(outbreak=opened, by=by, now=NOW)
        assert closed.closed_at == NOW
        assert Event.objects.get(verb="outbreak.closed").actor == by.username

    def test_refuses_to_close_twice(self):
        closed = outbreaks.close(outbreak=open_one(), by=factories.account(), now=NOW)
        with pytest.raises(outbreaks.OutbreakClosed, match="2021-01-10"):
            outbreaks.close(outbreak=closed, by=factories.account(), now=NOW)


class TestCalled:
    def test_finds_by_the_short_name(self, noise):
        assert outbreaks.called(open_one().slug).name_en == "Winter"

    def test_names_what_there_is(self, noise):
        with pytest.raises(outbreaks.NoSuchOutbreak, match=noise.slug):
            outbreaks.called("summer")

    def test_says_none_where_there_is_none(self):
        with pytest.raises(outbreaks.NoSuchOutbreak, match="none"):
            outbreaks.called("summer")


class TestRulesAt:
    def test_follow_the_civil_day_of_the_place(self):
        outbreak = open_one(kind=OutbreakKind.DRILL)
        last_minute = datetime(2021, 5, 13, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
        assert outbreaks.rules_at(outbreak, last_minute).edition == "edition-7"
        assert outbreaks.rules_at(outbreak, last_minute + timedelta(minutes=1)).edition == "edition-8"

    def test_a_drill_needs_no_confirmation(self):
        assert outbreaks.rules_at(open_one(kind=OutbreakKind.DRILL), NOW).need(KEY).whole == 2

    def test_a_real_outbreak_waits_for_a_confirmation(self):
        with pytest.raises(NeedsConfirmation):
            outbreaks.rules_at(open_one(), NOW).need(KEY)

    @pytest.mark.parametrize(("area_code", "holds"), [("13", True), ("", True), ("1301", False), ("41", False)])
    def test_a_confirmation_holds_in_its_area_and_below(self, area_code, holds):
        outbreak = open_one()
        confirm(outbreak, area_code=area_code)
        assert (not outbreaks.rules_at(outbreak, NOW).unconfirmed([KEY])) == holds

    def test_a_confirmation_holds_from_its_moment_until_it_is_withdrawn(self):
        outbreak = open_one()
        confirm(outbreak, withdrawn_at=NOW + timedelta(hours=1))
        waits = [
            bool(outbreaks.rules_at(outbreak, NOW + timedelta(hours=hours)).unconfirmed([KEY])) for hours in (-1, 0, 1)
        ]
        assert waits == [True, False, True]

    def test_a_local_annex_changes_a_value_and_is_named(self):
        outbreak = open_one(kind=OutbreakKind.DRILL, area_code="4101", first_date=date(2021, 8, 12))
        annex(outbreak, published_at=datetime(2021, 8, 12, 1, tzinfo=UTC))
        at = datetime(2021, 8, 13, 1, tzinfo=UTC)
        rules = outbreaks.rules_at(outbreak, at)
        assert rules.need("investigation.full_report_hours").whole == 12
        assert "local-test" in rules.source
        elsewhere = open_one(slug="other", kind=OutbreakKind.DRILL, area_code="4101", first_date=date(2021, 8, 12))
        assert outbreaks.rules_at(elsewhere, at).need("investigation.full_report_hours").whole == 24

    def test_an_annex_out_of_bounds_is_refused_whole(self):
        outbreak = open_one(kind=OutbreakKind.DRILL, area_code="4101", first_date=date(2021, 8, 12))
        annex(outbreak, published_at=datetime(2021, 8, 12, 1, tzinfo=UTC), value=900)
        with pytest.raises(FaultyProtocol):
            outbreaks.rules_at(outbreak, datetime(2021, 8, 13, 1, tzinfo=UTC))


def confirm(outbreak, **facts):
    value = outbreaks.rules_at(outbreak, NOW).value(KEY)
    defaults = {
        "edition": value.origin,
        "key": KEY,
        "value": value.shown,
        "area_code": "13",
        "by": factories.account(),
        "at": NOW,
        "note": "document seen",
    }
    return ProtocolConfirmation.objects.create(**defaults | facts)


def annex(outbreak, *, published_at, value=12):
    return ProtocolAnnex.objects.create(
        outbreak=outbreak,
        annex_id="local-test",
        text=f"""
id = "local-test"
title = "测试"
area_code = "4101"
issuer = "测试"
document_no = ""
effective_from = 2021-08-12
effective_until = 2021-09-12
editions = ["edition-8"]
drill = true
[[overrides]]
key = "investigation.full_report_hours"
value = {value}
source = "S22"
reason = "a test"
""",
        published_by=factories.account(),
        published_at=published_at,
    )


class TestConfirmValue:
    def test_lets_a_real_outbreak_use_the_value(self):
        outbreak, officer = open_one(), commander()
        one = confirmed(outbreak, officer)
        assert (one.by, one.note, one.area_code) == (officer, "文件已核对", "13")
        assert outbreaks.rules_at(outbreak, NOW).need(KEY).whole == 2

    def test_is_refused_to_a_role_without_the_right(self):
        with pytest.raises(access.NotAllowed):
            confirmed(open_one(), factories.account())

    def test_refuses_a_value_that_needs_none(self):
        with pytest.raises(outbreaks.NothingToConfirm, match="report.case_report_hours"):
            confirmed(open_one(), commander(), key="report.case_report_hours")

    def test_refuses_without_a_ground(self):
        with pytest.raises(outbreaks.GroundMissing):
            confirmed(open_one(), commander(), note=" ")

    def test_refuses_to_confirm_twice(self):
        outbreak, officer = open_one(), commander()
        confirmed(outbreak, officer)
        with pytest.raises(outbreaks.ConfirmedAlready, match=officer.username):
            confirmed(outbreak, officer)

    def test_replaces_a_confirmation_of_what_the_value_was_before(self):
        outbreak, officer = open_one(), commander()
        earlier = confirm(outbreak, value="3")
        confirmed(outbreak, officer)
        earlier.refresh_from_db()
        assert earlier.withdrawn_at == NOW


def commander():
    return factories.account(role=Role.COMMANDER)


def confirmed(outbreak, by, *, key=KEY, note="文件已核对"):
    value = outbreaks.rules_at(outbreak, NOW).value(key)
    return outbreaks.confirm_value(value=value, note=note, by=by, now=NOW)

"""Streams: small pictures of many, and one with its corrections, every detector's verdict and a form."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sizao.records.models import CaseChange, StreamCount
from sizao.response.reports.detector_scores import detector_scores
from sizao.response.reports.standing_streams import counts_heard, pictures
from sizao.terms import CaseStatus, Role, StreamKind, StreamStep
from sizao.web.shell import end_of
from tests import factories
from tests.web import watching
from tests.web.conftest import DAY, at

pytestmark = pytest.mark.django_db


class TestPictures:
    def test_leave_a_gap_where_nobody_counted_and_keep_zero(self, outbreak):
        stream = watching.stream(outbreak)
        watching.counted(stream, {DAY: 0, DAY - timedelta(days=2): 5})
        picture = _picture(stream, days=3)
        assert [one and one.count for one in picture.heard] == [5, None, 0]

    def test_show_what_was_known_then(self, outbreak):
        stream = watching.stream(outbreak)
        watching.counted(stream, {DAY: 5})
        watching.counted(stream, {DAY: 9}, heard=DAY + timedelta(days=1))
        assert _picture(stream).latest.count == 5
        later = counts_heard([stream.pk], since=DAY, until=DAY, as_of=end_of(DAY + timedelta(days=1)))[stream.pk][0]
        assert (later.count, later.first_count, later.is_corrected) == (9, 5, True)

    def test_mark_what_came_late(self, outbreak):
        stream = watching.stream(outbreak)
        watching.counted(stream, {DAY - timedelta(days=1): 3}, heard=DAY)
        watching.counted(stream, {DAY - timedelta(days=2): 3}, heard=DAY)
        known = counts_heard([stream.pk], since=DAY - timedelta(days=5), until=DAY, as_of=end_of(DAY))[stream.pk]
        assert [one.is_late for one in known] == [True, False]

    def test_take_the_last_word_of_a_detector(self, outbreak):
        stream = watching.stream(outbreak)
        watching.counted(stream, {DAY: 9})
        watching.judged(stream, DAY, count=9, alarm=True)
        assert _picture(stream).alarms[-1] == ("ears-c2",)
        watching.judged(stream, DAY, count=9, alarm=False, looked_at=end_of(DAY))
        assert _picture(stream).alarms[-1] == ()

    def test_of_weeks_stand_on_the_days_on_which_they_begin(self, outbreak):
        stream = watching.stream(outbreak, step=StreamStep.WEEK)
        dates = _picture(stream, days=21).dates
        assert {(day - stream.first_date).days % 7 for day in dates} == {0}
        assert len(dates) == 3


class TestList:
    def test_draws_streams_of_the_jurisdiction(self, outbreak, client_of):
        watching.quiet(watching.stream(outbreak))
        watching.stream(outbreak, 2, area_code="130102", name="长安区药店")
        shown = client_of(area_code="130109").get(at("/streams/")).content.decode()
        assert "藁城区发热门诊1" in shown
        assert "长安区药店" not in shown
        assert shown.count('class="spark"') == 1

    def test_is_narrowed_by_kind_and_group_and_keeps_the_choice(self, outbreak, client_of):
        watching.stream(outbreak)
        watching.stream(outbreak, 2, kind=StreamKind.COLD_CHAIN, name="冷库")
        shown = client_of().get(at("/streams/", group="goods")).content.decode()
        assert "冷库" in shown
        assert "发热门诊1" not in shown
        assert '<option value="goods" selected>' in shown
        nothing = client_of().get(at("/streams/", group="goods", kind="fever_clinic")).content.decode()
        assert "No stream answers to these choices" in nothing

    def test_refuses_a_choice_that_is_none(self, outbreak, client_of):
        answer = client_of().get(at("/streams/", kind="horoscope"))
        assert answer.status_code == 400
        assert "horoscope" in answer.content.decode()

    def test_goes_on_behind_the_last_of_a_page(self, outbreak, client_of):
        for serial in range(30):
            watching.stream(outbreak, serial, name=f"N{serial:02}")
        first = client_of().get(at("/streams/")).content.decode()
        more = re.search(r"after=([\d-]+)", first)[1]
        second = client_of().get(at("/streams/", after=more)).content.decode()
        names = re.findall(r'tile-name">(N\d\d)', first) + re.findall(r'tile-name">(N\d\d)', second)
        assert sorted(names) == [f"N{serial:02}" for serial in range(30)]

    def test_marks_what_a_model_made(self, outbreak, client_of):
        watching.stream(outbreak, is_generated=True)
        assert 'class="tag generated"' in client_of().get(at("/streams/")).content.decode()

    def test_asks_the_database_as_often_for_many_streams_as_for_one(self, outbreak, client_of):
        asked = []
        officer = client_of()
        for serial in range(1, 21):
            watching.quiet(watching.stream(outbreak, serial), days=5)
            if serial in (1, 20):
                with CaptureQueriesContext(
                    connection,
                ) as captured:
                    officer.get(at("/streams/"))
                asked.append(len(captured))
        assert asked[0] == asked[1] < 25

    def test_shows_the_streams_of_real_life_to_a_real_outbreak_only(self, outbreak, client_of):
        watching.stream(None, name="RealLife")
        assert "RealLife" not in client_of().get(at("/streams/")).content.decode()


class TestOne:
    @pytest.fixture
    def stream(self, outbreak):
        found = watching.stream(outbreak)
        watching.quiet(found)
        watching.counted(found, {DAY: 19})
        return found

    def test_shows_every_detectors_verdict_of_the_day(self, stream, client_of):
        watching.judged(stream, DAY, count=19, alarm=True)
        watching.judged(stream, DAY, count=19, alarm=False, method="cusum", upperbound=30.0)
        shown = client_of().get(at(f"/streams/{stream.pk}/")).content.decode()
        assert "EARS C2" in shown
        assert "CUSUM" in shown
        assert "19 counted" in shown
        assert "Alarm by: EARS C2." in shown
        chosen = client_of().get(at(f"/streams/{stream.pk}/", method="cusum")).content.decode()
        assert "up to 30.0" in chosen

    def test_shows_what_was_corrected_and_what_came_late(self, stream, client_of):
        watching.counted(stream, {DAY - timedelta(days=1): 11}, heard=DAY)
        shown = client_of().get(at(f"/streams/{stream.pk}/")).content.decode()
        assert '<s class="muted">4</s> 11' in shown
        before = client_of().get(at(f"/streams/{stream.pk}/", day=DAY - timedelta(days=1))).content.decode()
        assert '<s class="muted">4</s> 11' not in before

    def test_takes_a_count_in_a_name(self, stream, client_of):
        reporter = client_of(Role.REPORTER)
        send = at(f"/streams/{stream.pk}/count/")
        answer = reporter.post(send, {"date": "2021-01-08", "count": "7", "denominator": "90"}, follow=True)
        assert "Corrected in your name" in answer.content.decode()
        said = StreamCount.objects.filter(stream=stream, date="2021-01-08").order_by("heard_at")
        assert [(one.count, one.denominator) for one in said] == [(4, None), (7, 90)]

    @pytest.mark.parametrize(("given", "told"), [("-1", "is no count"), ("3.5", "is no count"), ("", "is no count")])
    def test_refuses_what_is_no_count(self, stream, client_of, given, told):
        answer = client_of().post(at(f"/streams/{stream.pk}/count/"), {"date": str(DAY), "count": given}, follow=True)
        assert told in answer.content.decode()
        assert StreamCount.objects.filter(stream=stream, date=DAY).count() == 1

    def test_refuses_a_day_to_come(self, stream, client_of):
        count = {"date": str(DAY + timedelta(days=1)), "count": "3"}
        answer = client_of().post(at(f"/streams/{stream.pk}/count/"), count, follow=True)
        assert "still to come" in answer.content.decode()

    def test_offers_the_form_to_who_may_send_only(self, stream, client_of):
        assert "/count/" in client_of(Role.REPORTER).get(at(f"/streams/{stream.pk}/")).content.decode()
        assert "/count/" not in client_of(Role.SUPERVISOR).get(at(f"/streams/{stream.pk}/")).content.decode()

    def test_is_not_there_for_another_county_nor_before_it_was_opened(self, stream, client_of):
        assert client_of(area_code="130102").get(at(f"/streams/{stream.pk}/")).status_code == 404
        factories.outbreak(slug="there")
        other = client_of().get(f"/streams/{stream.pk}/?outbreak=there&day={DAY}")
        assert other.status_code == 404

    def test_is_exported_as_a_table_that_the_command_reads(self, stream, client_of):
        watching.counted(watching.stream(stream.outbreak, 2), {DAY: 99})
        text = client_of().get(at(f"/streams/{stream.pk}/export/", form="csv")).content.decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        assert list(rows[0]) == ["series", "index", "date", "count"]
        by_date = {row["date"]: row["count"] for row in rows}
        assert (by_date["2020-12-01"], by_date["2021-01-09"], by_date["2021-01-10"]) == ("", "4", "19")

    def test_is_exported_as_a_workbook(self, stream, client_of):
        watching.judged(stream, DAY, count=19, alarm=True)
        answer = client_of().get(at(f"/streams/{stream.pk}/export/"))
        assert b"".join(answer.streaming_content).startswith(b"PK")


def _picture(stream, *, days=1):
    return pictures([stream], since=DAY - timedelta(days=days - 1), until=DAY, as_of=end_of(DAY))[0]


class TestScores:
    @pytest.fixture
    def stream(self, outbreak):
        """A quiet clinic that sees many on two days; the first case there is reported three days later."""
        found = watching.stream(outbreak)
        counts = {DAY - timedelta(days=n): 3 + n % 3 for n in range(40, -1, -1)}
        watching.counted(found, counts | {DAY - timedelta(days=5): 30, DAY - timedelta(days=25): 30})
        return found

    def _fall_ill(self, outbreak, *, onset, reported=2):
        case = factories.case(within=outbreak, onset_date=onset, investigated_at=watching.evening(DAY))
        at = watching.evening(DAY - timedelta(days=reported))
        CaseChange.objects.create(case=case, status=CaseStatus.CONFIRMED, at=at, by="x", source_key=f"c:{case.pk}")

    def _ears(self, outbreak, stream):
        found = detector_scores(outbreak, stream, "13", as_of=end_of(DAY), day=DAY)
        return found.episodes, next(one for one in found.methods if one.detector.method == "ears-c2")

    def test_count_what_was_caught_how_early_and_what_was_cried_for_nothing(self, outbreak, stream):
        self._fall_ill(outbreak, onset=DAY - timedelta(days=7))
        self._fall_ill(outbreak, onset=DAY - timedelta(days=1), reported=0)
        episodes, ears = self._ears(outbreak, stream)
        assert [(one.county_code, one.first_date, one.last_date) for one in episodes] == [
            ("130109", DAY - timedelta(days=7), DAY)
        ]
        assert (ears.card.sensitivity.hits, ears.card.sensitivity.of, ears.card.median_delay) == (1, 1, 2.0)
        assert ears.lead_days == 3.0  # alarmed five days ago, reported two days ago
        assert ears.card.false_alarms.hits == 1

    def test_take_an_alarm_before_the_first_onset_for_a_false_one(self, outbreak, stream):
        self._fall_ill(outbreak, onset=DAY - timedelta(days=1), reported=0)
        _, ears = self._ears(outbreak, stream)
        assert (ears.card.sensitivity.hits, ears.lead_days, ears.card.false_alarms.hits) == (0, None, 2)

    def test_know_two_outbreaks_apart_by_a_long_time_without_a_case(self, outbreak, stream):
        self._fall_ill(outbreak, onset=DAY - timedelta(days=40), reported=39)
        self._fall_ill(outbreak, onset=DAY - timedelta(days=1), reported=0)
        episodes, _ = self._ears(outbreak, stream)
        assert [one.reported_date for one in episodes] == [DAY - timedelta(days=39), DAY]

    def test_show_the_cheapest_threshold_for_what_things_cost(self, outbreak, stream, client_of):
        self._fall_ill(outbreak, onset=DAY - timedelta(days=5))
        page = at(f"/streams/{stream.pk}/scores/", method="ears-c2")
        dear = client_of().get(f"{page}&false_alarm=1000&missed=1&late=0").content.decode()
        assert "0 of 1 outbreaks with 0 false alarms" in dear
        cheap = client_of().get(f"{page}&false_alarm=0&missed=1000&late=1").content.decode()
        assert "1 of 1 outbreaks" in cheap

    def test_say_that_nothing_is_on_record(self, stream, client_of):
        shown = client_of().get(at(f"/streams/{stream.pk}/scores/")).content.decode()
        assert "no outbreak is on record here" in shown

    @pytest.mark.parametrize("cost", ["-1", "many", "nan", "1e99"])
    def test_refuse_what_is_no_cost(self, stream, client_of, cost):
        assert client_of().get(at(f"/streams/{stream.pk}/scores/", missed=cost)).status_code == 400

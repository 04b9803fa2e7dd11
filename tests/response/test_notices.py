"""People are told once of what concerns them, on the pages at once, outside them quietly, and never of a person."""

import hashlib
import hmac
import json
import threading
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sizao.adapters.mail import Mail, MailAddressUnreadable, Smtp
from sizao.adapters.webhook import Http, WebhookRefused
from sizao.records.models import Notice, NoticeDelivery, NoticeSettings, Task
from sizao.response.tasks import levels, notices
from sizao.response.tasks.notices import delivering, ways
from sizao.response.tasks.notices.sources import SOURCES
from sizao.terms import DeliveryState, NoticeKind, OutbreakKind, ResponseLevel, Role, TaskKind, phrase_of
from tests import factories
from tests.mail_server import mail_server
from tests.response import ringing

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)  # noon in the place
NIGHT = datetime(2021, 1, 10, 17, 0, tzinfo=UTC)  # one in the morning of the 11th
COUNTY = "130109"
ADDRESS = "https://sizao.example"
NAME, ID_NUMBER, PHONE = "欧阳无双", "130109198001011234", "13800138000"


@pytest.fixture
def area(db):
    return factories.area(COUNTY, "藁城区")


@pytest.fixture
def officer(area):
    return factories.account(role=Role.DUTY_OFFICER, area_code=COUNTY, email="duty@example.org")


@pytest.fixture
def real(area):
    return factories.outbreak(kind=OutbreakKind.REAL)


@pytest.fixture
def server():
    with mail_server() as running:
        yield running


@pytest.fixture
def listener():
    """Listen on a real port; `answers` are given first, and a None among them hangs up in the middle."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.calls.append((dict(self.headers), body))
            status = self.server.answers.pop(0) if self.server.answers else 200
            if status is None:
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.calls, running.answers = [], []
        running.host = f"127.0.0.1:{running.server_address[1]}"
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


def task(within, *, kind=TaskKind.FULL_REPORT, role=Role.DUTY_OFFICER, due_at=NOW, **facts):
    serial = Task.objects.count()
    defaults = {
        "area_code": COUNTY, "subject_kind": "case", "subject_id": serial, "subject_label": f"{NAME} {ID_NUMBER}",
        "asked_at": NOW - timedelta(days=1), "source_key": f"task:{serial}",
    }  # fmt: skip
    return Task.objects.create(outbreak=within, kind=kind, role=role, due_at=due_at, **defaults | facts)


def choose(account, *, now=NOW, **facts):
    defaults = {
        "by_mail": True, "by_webhook": False, "webhook_url": "", "digest_hour": 8, "quiet_from": 22,
        "quiet_until": 7, "language": "zh-hans", "hosts": [],
    }  # fmt: skip
    return notices.set_ways(by=account, now=now, **defaults | facts)


def outside(server=None, listener=None):
    return notices.Outside(
        ADDRESS,
        Smtp(server.address, sender="sizao@example.org") if server else None,
        Http([listener.host]) if listener else None,
    )


def send(out, now=NOW):
    notices.prepare(outside=out, now=now)
    return notices.deliver_waiting(outside=out, clock=lambda: now)


def made(**facts):
    return list(Notice.objects.filter(**facts).order_by("pk"))


class TestMaking:
    def test_late_tasks_are_one_notice_a_day(self, real, officer, noise):
        for _ in range(3):
            task(real, due_at=NOW - timedelta(hours=1))
        assert notices.advance(outbreak=None, now=NOW) == 1
        (one,) = made()
        assert (one.account, one.kind, one.count, one.is_urgent) == (officer, NoticeKind.TASKS_LATE, 3, False)
        assert notices.advance(outbreak=None, now=NOW + timedelta(hours=1)) == 0
        assert notices.advance(outbreak=None, now=NOW + timedelta(days=1)) == 1

    def test_only_whoever_is_nearest_is_told(self, real, officer):
        above = factories.account(role=Role.DUTY_OFFICER, area_code="13")
        beside = factories.account(role=Role.DUTY_OFFICER, area_code="130183")
        task(real, due_at=NOW - timedelta(hours=1))
        task(real, due_at=NOW - timedelta(hours=1), area_code="130121")
        notices.advance(outbreak=None, now=NOW)
        assert {(one.account_id, one.count) for one in made()} == {(officer.pk, 1), (above.pk, 1)}
        assert not Notice.objects.filter(account=beside).exists()

    def test_a_task_that_came_up_to_me_is_urgent(self, real, officer):
        task(real, due_at=NOW - timedelta(hours=2), raised_to=officer, raised_at=NOW, role=Role.INVESTIGATOR)
        notices.advance(outbreak=None, now=NOW)
        (one,) = made()
        assert (one.kind, one.is_urgent, one.account) == (NoticeKind.TASK_RAISED, True, officer)

    def test_an_alert_with_its_clock_is_urgent(self, officer):
        alert = ringing.rung(None, now=NOW)
        notices.advance(outbreak=None, now=NOW)
        (one,) = made(kind=NoticeKind.ALERT_WAITS)
        assert (one.is_urgent, one.due_at, one.path) == (True, alert.due_at, f"/alerts/{alert.pk}/")

    def test_a_directive_and_a_missing_report_are_urgent(self, officer):
        task(None, kind=TaskKind.RECEIVE_DIRECTIVE, due_at=NOW + timedelta(hours=2))
        task(None, kind=TaskKind.DAILY_REPORT, due_at=NOW - timedelta(hours=2))
        notices.advance(outbreak=None, now=NOW)
        told = {one.kind for one in made(is_urgent=True)}
        assert told == {NoticeKind.DIRECTIVE, NoticeKind.REPORT_MISSING}

    def test_a_level_that_changed_is_told_to_whom_it_concerns(self, officer):
        factories.area("130183", "晋州市")
        commander = factories.account(role=Role.COMMANDER, area_code=COUNTY)
        elsewhere = factories.account(role=Role.DUTY_OFFICER, area_code="130183")
        levels.decide(
            area_code=COUNTY, level=ResponseLevel.EMERGENCY, legal_basis="预案", text="转入应急", document_no="3号",
            expected_until=date(2021, 1, 20), by=commander, now=NOW,
        )  # fmt: skip
        notices.advance(outbreak=None, now=NOW)
        told = {one.account_id: one.path for one in made(kind=NoticeKind.LEVEL_CHANGED)}
        assert told == {officer.pk: f"/level/{COUNTY}/"}
        assert elsewhere.pk not in told

    def test_what_is_days_old_wakes_nobody(self, officer):
        task(None, kind=TaskKind.RECEIVE_DIRECTIVE, asked_at=NOW - timedelta(days=3), due_at=None)
        assert notices.advance(outbreak=None, now=NOW) == 0

    def test_a_rehearsal_is_told_of_on_its_pages_and_never_outside(self, officer, area):
        choose(officer)
        replay = factories.outbreak(slug="replay")
        task(replay, due_at=NOW - timedelta(hours=1))
        assert notices.advance(outbreak=None, now=NOW) == 0
        assert notices.advance(outbreak=replay, now=NOW) == 1
        (one,) = made()
        assert one.path.endswith("?outbreak=replay")
        assert one.told_at == NOW

    def test_a_closed_account_is_not_told(self, real, officer):
        officer.is_active = False
        officer.save()
        task(real, due_at=NOW - timedelta(hours=1))
        assert notices.advance(outbreak=None, now=NOW) == 0

    def test_every_kind_has_a_source(self):
        assert {one.kind for one in SOURCES} == set(NoticeKind)


class TestReading:
    def test_counts_until_they_are_read_and_touches_nobody_elses(self, real, officer, django_assert_num_queries):
        other = factories.account(role=Role.DUTY_OFFICER, area_code=COUNTY)
        task(real, due_at=NOW - timedelta(hours=1))
        notices.advance(outbreak=None, now=NOW)
        with django_assert_num_queries(1):
            assert notices.unread(officer) == 1
        assert notices.read(notices=None, by=officer, now=NOW) == 1
        assert (notices.unread(officer), notices.unread(other)) == (0, 1)

    def test_of_others_are_not_mine_to_read(self, real, officer):
        other = factories.account(role=Role.DUTY_OFFICER, area_code="1305")
        task(real, due_at=NOW - timedelta(hours=1))
        notices.advance(outbreak=None, now=NOW)
        assert notices.read(notices=[made()[0].pk], by=other, now=NOW) == 0


class TestWays:
    @pytest.mark.parametrize(("hour", "quiet"), [(21, False), (22, True), (3, True), (6, True), (7, False)])
    def test_quiet_hours_go_over_midnight(self, hour, quiet):
        found = NoticeSettings(quiet_from=22, quiet_until=7)
        assert notices.is_quiet(found, datetime(2021, 1, 10, hour, tzinfo=UTC) - timedelta(hours=8)) is quiet

    def test_equal_hours_are_never_quiet(self):
        assert not any(
            notices.is_quiet(NoticeSettings(quiet_from=5, quiet_until=5), NOW + timedelta(hours=hour))
            for hour in range(24)
        )

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"digest_hour": 24}, ways.HourUnreadable),
            ({"by_webhook": True}, ways.NoWebhookAddress),
            ({"webhook_url": "http://169.254.169.254/latest"}, WebhookRefused),
            ({"webhook_url": "http://allowed@evil.example/"}, WebhookRefused),
            ({"webhook_url": "file:///etc/passwd"}, WebhookRefused),
        ],
    )
    def test_are_refused(self, officer, facts, refusal):
        with pytest.raises(refusal):
            choose(officer, **{"hosts": ["allowed"]} | facts)

    def test_a_mail_needs_an_address(self, area):
        with pytest.raises(ways.NoMailAddress):
            choose(factories.account())

    def test_a_new_address_has_a_new_secret(self, officer):
        facts = {"by_webhook": True, "hosts": ["a.example", "b.example"]}
        first = choose(officer, webhook_url="https://a.example/x", **facts).webhook_secret
        assert choose(officer, webhook_url="https://a.example/x", **facts).webhook_secret == first
        assert choose(officer, webhook_url="https://b.example/x", **facts).webhook_secret != first


class TestSending:
    def test_what_is_urgent_goes_at_once_also_at_night(self, officer, server):
        choose(officer)
        task(None, kind=TaskKind.RECEIVE_DIRECTIVE, asked_at=NIGHT, due_at=NIGHT + timedelta(hours=2))
        notices.advance(outbreak=None, now=NIGHT)
        assert send(outside(server), NIGHT) == (1, 0)
        (mail,) = server.mails
        assert (mail["To"], mail["Subject"]) == ("duty@example.org", "四早：1 件紧急事项")
        assert f"{ADDRESS}/directives/" in mail.get_content()

    def test_the_rest_goes_once_a_day_at_the_hour_and_not_at_night(self, real, officer, server):
        choose(officer, digest_hour=13)
        task(real, due_at=NOW - timedelta(hours=1))
        notices.advance(outbreak=None, now=NOW)
        assert send(outside(server)) == (0, 0)
        assert send(outside(server), NOW + timedelta(hours=1)) == (1, 0)
        for hours in (2, 3, 13):  # later, and in the night
            task(real, due_at=NOW)
            notices.advance(outbreak=None, now=NOW + timedelta(hours=hours))
            assert send(outside(server), NOW + timedelta(hours=hours)) == (0, 0)
        assert send(outside(server), NOW + timedelta(hours=25)) == (1, 0)

    def test_without_a_wish_nothing_leaves_the_house(self, real, officer, server):
        task(real, due_at=NOW - timedelta(hours=1))
        notices.advance(outbreak=None, now=NOW)
        assert send(outside(server)) == (0, 0)
        choose(officer)  # what was there before is not sent afterwards
        assert send(outside(server)) == (0, 0)

    def test_in_the_language_that_was_chosen(self, officer, server):
        choose(officer, language="en")
        task(None, kind=TaskKind.RECEIVE_DIRECTIVE, asked_at=NOW)
        notices.advance(outbreak=None, now=NOW)
        send(outside(server))
        assert server.mails[0]["Subject"] == "sizao: 1 urgent"

    def test_a_webhook_is_signed(self, officer, listener):
        chosen = choose(officer, by_mail=False, by_webhook=True, webhook_url=f"http://{listener.host}/in?x=1",
                        hosts=[listener.host])  # fmt: skip
        task(None, kind=TaskKind.RECEIVE_DIRECTIVE, asked_at=NOW)
        notices.advance(outbreak=None, now=NOW)
        assert send(outside(listener=listener)) == (1, 0)
        headers, body = listener.calls[0]
        stamp, sign = (part.partition("=")[2] for part in headers["Sizao-Signature"].split(","))
        expected = hmac.new(chosen.webhook_secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        assert sign == expected.hexdigest()
        assert headers["Idempotency-Key"] == json.loads(body)["id"]

    def test_says_nothing_of_any_person(self, real, officer, server, listener):
        choose(officer, by_webhook=True, webhook_url=f"http://{listener.host}/", hosts=[listener.host])
        person = factories.person(name=NAME, area_code=f"{COUNTY}110212")
        factories.case(of=person, within=real, number=f"C-{NAME}")
        for kind in (TaskKind.RECEIVE_DIRECTIVE, TaskKind.DAILY_REPORT, TaskKind.FULL_REPORT):
            task(real, kind=kind, asked_at=NOW, due_at=NOW - timedelta(minutes=1), outcome=PHONE)
        task(real, raised_to=officer, raised_at=NOW, due_at=NOW - timedelta(hours=1))
        ringing.rung(None, now=NOW)
        notices.advance(outbreak=None, now=NOW)
        assert {one.kind for one in made()} >= {
            NoticeKind.DIRECTIVE, NoticeKind.REPORT_MISSING, NoticeKind.TASKS_LATE, NoticeKind.TASK_RAISED,
            NoticeKind.ALERT_WAITS,
        }  # fmt: skip
        send(outside(server, listener))
        said = "".join(mail["Subject"] + mail.get_content() for mail in server.mails)
        said += "".join(body.decode() for _, body in listener.calls)
        assert "藁城区" in said
        assert not [secret for secret in (NAME, ID_NUMBER, PHONE, person.number) if secret in said]


class TestFailing:
    @pytest.fixture
    def waiting(self, officer, server):
        choose(officer)
        task(None, kind=TaskKind.RECEIVE_DIRECTIVE, asked_at=NOW)
        notices.advance(outbreak=None, now=NOW)
        return outside(server)

    def one(self):
        return NoticeDelivery.objects.get()

    @pytest.mark.parametrize("word", ["EHLO", "MAIL"])
    def test_a_server_that_goes_away_before_it_took_it_is_tried_again(self, waiting, server, word):
        server.gone_at = word
        assert send(waiting) == (0, 1)
        assert (self.one().state, self.one().tries) == (DeliveryState.WAITING, 1)
        assert send(waiting) == (0, 0)  # not before its time
        assert send(waiting, NOW + timedelta(minutes=1)) == (1, 0)
        assert len(server.mails) == 1

    def test_one_that_goes_away_while_it_takes_it_is_unsure_and_never_sent_twice(self, waiting, server):
        server.gone_at = "DATA"
        assert send(waiting) == (0, 1)
        assert self.one().state == DeliveryState.UNSURE
        assert send(waiting, NOW + timedelta(days=1)) == (0, 0)
        assert server.mails == []

    def test_one_that_is_not_there_is_tried_with_longer_waits_and_then_given_up(self, waiting):
        nowhere = notices.Outside(ADDRESS, Smtp("smtp://127.0.0.1:9", sender="a@b.example"), None)
        now, waits = NOW, []
        while self.one_waits(nowhere, now):
            waits.append(self.one().next_try_at - now)
            now = self.one().next_try_at
        assert waits == sorted(waits)
        assert (self.one().state, self.one().tries) == (DeliveryState.FAILED, delivering.MOST_TRIES)
        assert phrase_of(self.one().fault).label("zh") == "对方未在接收。"

    def one_waits(self, out, now):
        send(out, now)
        return self.one().next_try_at is not None

    @pytest.mark.parametrize(
        ("rcpt", "data", "state"),
        [
            (["450 later"], [], DeliveryState.WAITING),
            (["550 no such mailbox"], [], DeliveryState.FAILED),
            ([], ["451 later"], DeliveryState.WAITING),
            ([], ["554 spam"], DeliveryState.FAILED),
        ],
    )
    def test_an_answer_of_the_server_is_taken_at_its_word(self, waiting, server, rcpt, data, state):
        server.rcpt, server.data = rcpt, data
        send(waiting)
        assert self.one().state == state

    def test_a_process_killed_before_the_server_had_it_leaves_it_to_the_next(self, waiting, server, monkeypatch):
        monkeypatch.setattr(Smtp, "_ready", _killed)
        with pytest.raises(Killed):
            send(waiting)
        monkeypatch.undo()
        assert send(waiting, NOW + timedelta(minutes=1)) == (0, 0)  # another may be at it
        assert send(waiting, NOW + timedelta(minutes=3)) == (1, 0)
        assert len(server.mails) == 1

    def test_a_process_killed_while_the_server_had_it_sends_no_second_mail(self, waiting, server, monkeypatch):
        given = Smtp._hand_over

        def dies_after(self, running, content):
            given(self, running, content)
            raise Killed

        monkeypatch.setattr(Smtp, "_hand_over", dies_after)
        with pytest.raises(Killed):
            send(waiting)
        monkeypatch.undo()
        assert send(waiting, NOW + timedelta(minutes=3)) == (0, 1)
        assert self.one().state == DeliveryState.UNSURE
        assert len(server.mails) == 1

    @pytest.mark.parametrize("first", [None, 500, 429])
    def test_a_webhook_is_tried_again_under_the_same_key(self, officer, listener, first):
        choose(officer, by_mail=False, by_webhook=True, webhook_url=f"http://{listener.host}/", hosts=[listener.host])
        task(None, kind=TaskKind.RECEIVE_DIRECTIVE, asked_at=NOW)
        notices.advance(outbreak=None, now=NOW)
        listener.answers = [first]
        assert send(outside(listener=listener)) == (0, 1)
        assert send(outside(listener=listener), NOW + timedelta(minutes=1)) == (1, 0)
        assert len({headers["Idempotency-Key"] for headers, _ in listener.calls}) == 1
        assert len(listener.calls) == 2

    def test_a_host_that_is_not_allowed_any_more_is_not_called(self, officer, listener):
        choose(officer, by_mail=False, by_webhook=True, webhook_url=f"http://{listener.host}/", hosts=[listener.host])
        task(None, kind=TaskKind.RECEIVE_DIRECTIVE, asked_at=NOW)
        notices.advance(outbreak=None, now=NOW)
        send(notices.Outside(ADDRESS, None, Http(["other.example"])))
        assert self.one().state == DeliveryState.FAILED
        assert listener.calls == []

    def test_an_account_that_was_closed_gets_nothing(self, waiting, officer, server):
        notices.prepare(outside=waiting, now=NOW)
        officer.is_active = False
        officer.save()
        notices.deliver_waiting(outside=waiting, clock=lambda: NOW)
        assert self.one().state == DeliveryState.DROPPED
        assert server.mails == []


class Killed(BaseException):
    """What no except clause of the code catches, as a killed process runs none."""


def _killed(*_):
    raise Killed


@pytest.mark.parametrize("given", ["mail.example:25", "http://mail.example", "smtp://"])
def test_a_mail_server_is_named_whole_and_its_password_never_shown(given):
    with pytest.raises(MailAddressUnreadable):
        Smtp(given, sender="a@b.example")
    assert "secret" not in Smtp("smtps://me:secret@mail.example", sender="a@b.example").shown


def test_a_line_break_cannot_smuggle_a_header(server):
    mail = Mail("duty@example.org", "one\r\nBcc: x@example.org", "text", "uid", NOW)
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        Smtp(server.address, sender="a@b.example").send(mail, handing=lambda: None)

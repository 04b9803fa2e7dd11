"""The letter of an order, in two languages; its number and code; who may print it."""

from datetime import date, timedelta

import pytest

from sizao.adapters import order_letters
from sizao.records import access
from sizao.records.models import Event, IsolationOrder
from sizao.response import accounts, isolation
from sizao.response.isolation import letter_codes, letters
from sizao.response.isolation.serving import Service
from sizao.terms import FamilyTold, OutbreakKind, Role, ServedHow
from tests import factories
from tests.response import orders_world as world
from tests.response.orders_world import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbreak(db):
    factories.area("1301", "石家庄市")
    factories.area()
    return world.outbreak()


@pytest.fixture
def officer(db):
    return world.officer(display_name="张医生")


@pytest.fixture
def order(outbreak, officer):
    return world.issued(world.contact(outbreak), by=officer)


def composed(order, language, by):
    return letters.compose(order, order.person, language, by=by, now=NOW)


class TestContent:
    def test_says_all_that_the_law_asks_of_an_order(self, order, officer):
        letter = composed(order, "zh", officer)
        assert (letter.title, letter.starts, letter.ends) == ("集中隔离医学观察告知书", "2022年8月3日", "2022年8月9日")
        assert "2022-08-02 + 7 天 = 2022-08-09 24:00 止（edition-9，contacts.close.central_days）" in letter.sums
        assert "医学观察" in letter.laws[0]
        assert "第四十条第（一）项" in letter.laws[0]
        assert any("不得停止支付" in one for one in letter.owed)
        assert any("/objection/" in one and "24小时" in one and "未核实" in one for one in letter.remedies)
        assert any("自动解除" in one for one in letter.remedies)
        assert letter.issued_by == "石家庄市 · 张医生"
        assert letter.who.startswith("王小明")

    def test_names_who_issued_it_as_they_were_then(self, order, officer):
        """An account is handed on; the letter of an order is printed again years later."""
        accounts.change(account=officer, display_name="李医生", by=None, now=NOW + timedelta(days=9))
        order.refresh_from_db()
        assert composed(order, "zh", officer).issued_by == "石家庄市 · 张医生"

    def test_says_it_in_english(self, order, officer):
        letter = composed(order, "en", officer)
        assert (letter.title, letter.ends) == ("Order of central isolation", "2022-08-09")
        assert any("may not stop your pay" in one for one in letter.owed)
        assert any("within 60 days" in one for one in letter.remedies)

    def test_prints_what_an_officer_wrote_as_it_is(self, outbreak, officer):
        order = world.proposed(world.contact(outbreak))
        order = isolation.issue(order=order, by=officer, now=NOW, legal_basis="《某条例》第三条")
        assert composed(order, "en", officer).laws == ("《某条例》第三条",)

    def test_says_that_a_drill_has_no_effect(self, order, officer):
        assert composed(order, "zh", officer).drill == order.outbreak.name
        order.outbreak.kind = OutbreakKind.REAL
        assert composed(order, "zh", officer).drill == ""

    def test_hides_a_name_from_other_areas(self, outbreak, officer):
        order = world.issued(world.contact(outbreak), by=officer)
        elsewhere = world.officer(area_code="1305")
        assert composed(order, "zh", elsewhere).who.startswith("王**")


class TestPrinting:
    def test_makes_a_file_and_leaves_a_reading(self, order, officer):
        printed = letters.of_order(order=order, language="both", by=officer, now=NOW)
        assert printed.content.startswith(b"%PDF")
        assert Event.objects.get(verb="person.read").facts["purpose"] == f"letter {letter_codes.number_of(order)}"
        assert Event.objects.get(verb="order.letter_printed").actor == officer.username

    def test_prints_all_of_a_day_that_were_not_served(self, outbreak, order, officer):
        served = world.issued(world.contact(outbreak), by=officer)
        service = Service(ServedHow.IN_PERSON, FamilyTold.TOLD)
        isolation.serve(order=served, service=service, by=officer, now=NOW)
        world.issued(world.contact(outbreak), by=officer)
        printed = letters.of_day(outbreak=outbreak, day=TODAY, language="zh", by=officer, now=NOW)
        assert printed.count == 2

    def test_prints_the_own_area_only(self, outbreak, order, officer):
        other = factories.account(role=Role.GRID_WORKER, area_code="130502")
        with pytest.raises(letters.NoLetters):
            letters.of_day(outbreak=outbreak, day=TODAY, language="zh", by=other, now=NOW)

    def test_refuses_more_than_a_file_holds(self, outbreak, order, officer, monkeypatch):
        monkeypatch.setattr(letters, "AT_ONCE", 0)
        with pytest.raises(letters.TooManyLetters):
            letters.of_day(outbreak=outbreak, day=TODAY, language="zh", by=officer, now=NOW)

    def test_refuses_a_proposal(self, outbreak, officer):
        order = world.proposed(world.contact(outbreak))
        with pytest.raises(letters.NotIssued):
            letters.of_order(order=order, language="zh", by=officer, now=NOW)

    def test_refuses_another_language(self, order, officer):
        with pytest.raises(letters.LanguageUnknown, match="both"):
            letters.of_order(order=order, language="fr", by=officer, now=NOW)

    def test_refuses_who_may_neither_issue_nor_serve(self, order):
        with pytest.raises(access.NotAllowed):
            letters.of_order(order=order, language="zh", by=factories.account(role=Role.REPORTER), now=NOW)

    def test_refuses_another_area(self, order):
        with pytest.raises(access.NotYours):
            letters.of_order(order=order, language="zh", by=world.officer(area_code="1305"), now=NOW)


class TestNumberAndCode:
    def test_lead_to_the_order(self, order):
        number, code = letter_codes.number_of(order), letter_codes.code_of(order)
        assert letter_codes.read(number=number.lower(), code=code.lower(), now=NOW) == order
        assert letter_codes.read(number=number, code=code.replace(" ", "-"), now=NOW) == order
        assert Event.objects.filter(verb="order.read_by_letter").count() == 2

    def test_catch_a_slip(self, order):
        number = letter_codes.number_of(order)
        assert letter_codes.read_number(number) == order.pk
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert letter_codes.read_number(wrong) is None

    @pytest.mark.parametrize("given", ["", "GL", "GL1", "x" * 40, "9" * 40, "GL-1", "²³²³²³²³²³", "GL00000 0"])
    def test_answer_nonsense_as_unknown(self, order, given):
        with pytest.raises(letter_codes.LetterUnknown):
            letter_codes.read(number=given, code=letter_codes.code_of(order), now=NOW)

    @pytest.mark.parametrize("given", ["", "ABCD EFG HJK", "密码密码密码密码密码"])
    def test_answer_a_wrong_code_alike(self, order, given):
        with pytest.raises(letter_codes.LetterUnknown):
            letter_codes.read(number=letter_codes.number_of(order), code=given, now=NOW)

    def test_work_a_week_longer_than_the_order(self, order):
        number, code = letter_codes.number_of(order), letter_codes.code_of(order)
        assert order.ends_date == date(2022, 8, 9)
        assert letter_codes.read(number=number, code=code, now=NOW + timedelta(days=13))
        with pytest.raises(letter_codes.LetterUnknown, match="7 days"):
            letter_codes.read(number=number, code=code, now=NOW + timedelta(days=14))

    def test_are_of_one_order_each(self, outbreak, order, officer):
        other = world.issued(world.contact(outbreak), by=officer)
        assert letter_codes.code_of(order) != letter_codes.code_of(other)

    def test_do_not_exist_before_it_is_issued(self, outbreak):
        order = world.proposed(world.contact(outbreak))
        with pytest.raises(letter_codes.LetterUnknown):
            letter_codes.read(number=letter_codes.number_of(order), code=letter_codes.code_of(order), now=NOW)
        assert IsolationOrder.objects.get(pk=order.pk).issued_at is None


class TestTheQrCode:
    def test_holds_the_number_and_nothing_else(self, order):
        svg = order_letters.qr_svg(letter_codes.number_of(order))
        # 21 modules of the smallest code and the quiet zone around it: there is no room for more than the number.
        assert 'viewBox="0 0 29 29"' in svg

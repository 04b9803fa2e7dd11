"""Forms about people: filled from records, completed and signed by a person, corrected by another."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.protocol.forms import NoSuchForm, shipped_forms
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import Card, CaseChange, Event
from sizao.response.reports import cards, cards_filling
from sizao.terms import CardState, CaseStatus, Role
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
KNOWN = {"13": "河北省", "1301": "石家庄市", "130109": "藁城区"}
REST = {"13": "农民", "20": "新型冠状病毒肺炎"}


class TestForms:
    def test_have_fields_of_their_own_numbers_and_a_source(self):
        for one in shipped_forms().values():
            assert len({field.no for field in one.fields}) == len(one.fields)
            assert one.source.startswith("http")
            assert not {field.fill for field in one.fields if field.fill} - set(cards_filling._FILLS)

    def test_of_the_card_are_all_28_fields(self):
        card = shipped_forms()["disease-card"]
        assert [field.no for field in card.fields] == list(range(1, 29))
        assert sum(field.required for field in card.fields) == 13


class TestFilling:
    def test_writes_what_records_tell_and_lists_what_they_do_not(self, patient, officer):
        card = patient.begun(officer)
        told = cards.read_content(card)
        assert (told["3"], told["4"], told["5"], told["6"]) == ("王小明", "130109196801010011", "男", "1968-01-01")
        assert (told["2"], told["7"], told["11"]) == ("初次报告", "53", "本县区")
        assert told["12"] == "河北省石家庄市藁城区小果庄村3号"
        assert (told["14"], told["16"], told["17"]) == ("确诊病例", "2021-01-05", "2021-01-10 11时")
        assert {field.no for field in cards.missing(card)} >= {9, 13, 15, 19, 20}

    def test_starts_the_clock_of_the_edition_at_the_diagnosis(self, patient, officer):
        card = patient.begun(officer)
        assert card.due_at == patient.diagnosed_at + timedelta(hours=2)
        assert card.basis[0]["key"] == cards.CLOCK

    def test_leaves_blank_what_the_reader_may_not_see(self, patient, officer):
        patient.person.area_code = "410102"
        patient.person.save()
        told = cards.read_content(patient.begun(officer))
        assert not {"3", "4", "6", "10"} & set(told)

    def test_is_sealed_and_each_opening_is_journalled(self, patient, officer):
        card = patient.begun(officer)
        before = Event.objects.filter(verb="person.read").count()
        cards.open_card(card.pk, by=officer, now=NOW)
        assert Event.objects.filter(verb="person.read").count() == before + 1
        assert "王小明" not in str(list(Event.objects.values_list("facts", flat=True)))

    def test_a_second_beginning_goes_on_with_the_first(self, patient, officer):
        assert patient.begun(officer) == patient.begun(officer)

    @pytest.mark.parametrize("code", [code for code in shipped_forms() if code != "disease-card"])
    def test_of_any_form_begins(self, patient, officer, code):
        card = cards.begin(outbreak=patient.outbreak, number=patient.person.number, code=code, by=officer, now=NOW)
        assert (card.form, card.due_at) == (code, None)

    def test_refuses_what_there_is_not_and_who_may_not(self, patient, officer):
        with pytest.raises(NoSuchForm, match="disease-card"):
            patient.begun(officer, code="nothing")
        with pytest.raises(NotYours):
            patient.begun(factories.account(role=Role.INVESTIGATOR, area_code="1305"))
        with pytest.raises(NotAllowed):
            patient.begun(factories.account(role=Role.REPORTER, area_code="13"))


class TestCompletingAndSigning:
    def test_takes_what_a_person_knows_and_a_signature(self, patient, officer):
        card = patient.begun(officer)
        with pytest.raises(cards.FieldsMissing, match="人群分类、甲类传染病、乙类/丙类传染病"):
            cards.sign(card=card, by=officer, now=NOW)  # of the two lists of diseases one is enough
        cards.complete(card=card, given=REST | {"99": "x"}, by=officer, now=NOW)
        signed = cards.sign(card=card, by=officer, now=NOW)
        assert (signed.state, signed.signed_by) == (CardState.SIGNED, officer)
        with pytest.raises(cards.CardLocked):
            cards.complete(card=signed, given={"13": "工人"}, by=officer, now=NOW)
        with pytest.raises(cards.CardLocked):
            cards.sign(card=signed, by=officer, now=NOW)
        with pytest.raises(cards.CardExists):
            patient.begun(officer)

    def test_refuses_what_is_no_option_and_keeps_nothing(self, patient, officer):
        card = patient.begun(officer)
        with pytest.raises(cards.FieldsUnreadable, match="人群分类、备注"):
            cards.complete(card=card, given={"9": "学校", "13": "宇航员", "28": "x" * 2001}, by=officer, now=NOW)
        assert "9" not in cards.read_content(Card.objects.get(pk=card.pk))

    def test_a_correction_is_a_card_of_its_own_beside_the_first(self, patient, officer):
        card = patient.begun(officer)
        with pytest.raises(cards.CardLocked):
            cards.correct(card=card, by=officer, now=NOW)
        cards.complete(card=card, given=REST, by=officer, now=NOW)
        first = cards.sign(card=card, by=officer, now=NOW)
        second = cards.correct(card=first, by=officer, now=NOW)
        assert cards.correct(card=first, by=officer, now=NOW) == second
        told = cards.read_content(second)
        assert (told["1"], told["2"], told["13"]) == (second.number, "订正报告", "农民")
        cards.sign(card=second, by=officer, now=NOW)
        assert Card.objects.get(pk=first.pk).state == CardState.CORRECTED
        assert cards.read_content(first)["2"] == "初次报告"


class TestWhoHasNone:
    def test_lists_diagnosed_cases_by_their_clock_until_one_is_signed(self, patient, officer):
        (waiting,) = cards.without_card(patient.outbreak, by=officer, now=NOW, most=10)
        assert (waiting.case, waiting.is_late(NOW), waiting.is_late(NOW + timedelta(hours=2))) == (
            patient.case, False, True,
        )  # fmt: skip
        card = patient.begun(officer)
        cards.complete(card=card, given=REST, by=officer, now=NOW)
        assert cards.without_card(patient.outbreak, by=officer, now=NOW, most=10)
        cards.sign(card=card, by=officer, now=NOW)
        assert not cards.without_card(patient.outbreak, by=officer, now=NOW, most=10)


class Patient:
    def __init__(self):
        for code, name in KNOWN.items():
            factories.area(code, name)
        factories.area()
        self.outbreak = factories.outbreak()
        self.person = factories.person(
            name="王小明", id_number="130109196801010011", sex="M", birth_date=date(1968, 1, 1), address="3号",
            phone="13800000000",
        )  # fmt: skip
        self.diagnosed_at = NOW - timedelta(hours=1)
        self.case = factories.case(
            of=self.person, within=self.outbreak, onset_date=date(2021, 1, 5), opened_at=self.diagnosed_at
        )
        CaseChange.objects.create(
            case=self.case, status=CaseStatus.CONFIRMED, at=self.diagnosed_at, by="sizao", source_key="test:diagnosed"
        )

    def begun(self, officer, code="disease-card"):
        return cards.begin(outbreak=self.outbreak, number=self.person.number, code=code, by=officer, now=NOW)


@pytest.fixture
def patient():
    return Patient()


@pytest.fixture
def officer():
    return factories.account(role=Role.INVESTIGATOR, area_code="1301")

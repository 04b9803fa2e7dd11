"""What is wrong with a message of a laboratory, said in the language of whoever reads it."""

import pytest

from sizao.adapters.laboratories import MessageUnreadable, read_message
from sizao.records.models import LabOddity
from sizao.response.testing import laboratory
from sizao.terms import phrase_of
from tests.response.laboratory_world import KIT, LATER, Laboratory

HEAD = "MSH|^~\\&|LIS|LAB1|SIZAO|CDC|20210220110000||{kind}|{control}|P|2.5.1\r"
RESULT = "OBR|1|1|{tube}^LIS|94500-6^RNA^LN|||20210220103000\rOBX|1|{type}|{code}||{value}|||||F\r"


def message(tube="", *, control="M1", kind="ORU^R01", more=""):
    return HEAD.format(kind=kind, control=control) + RESULT.format(tube=tube, **_WORDS) + more


_WORDS = {"type": "ST", "code": "94500-6^RNA^LN", "value": "negative"}


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("no message at all", "no segment MSH", "没有可以读取的 MSH 段"),
        (message(kind="ADT^A01"), "it is ADT^A01", "消息类型为 ADT^A01"),
        (message(kind=""), "of no kind", "未写明消息类型"),
        (message(control=""), "no control number", "没有控制号"),
        (HEAD.format(kind="ORU^R01", control="M1"), "no OBR", "没有带结果的 OBR 段"),
    ],
)
def test_a_refused_message_says_why_in_either_language(text, english, chinese):
    with pytest.raises(MessageUnreadable) as refused:
        read_message(text)
    assert english in str(refused.value)
    assert chinese in refused.value.told("{reason}", "zh-hans")
    assert refused.value.told("{reason}", "zh-hans").isascii() is False


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("observed", "english", "chinese"),
    [
        ({"type": "NM", "code": "94511-3^ORF1ab^LN", "value": "2O.5"}, "“2O.5” is no cycle", "“2O.5”不是Ct值"),
        ({"type": "NM", "code": "94511-3^ORF1ab^LN", "value": "99"}, "99 cycles cannot be", "Ct值不可能为99"),
        ({**_WORDS, "value": "perhaps"}, "“perhaps” is no result", "“perhaps”不是检测结果"),
        ({"type": "NM", "code": "94511-3^ORF1ab^LN", "value": "20.5"}, "the gene N of the kit", "缺少试剂盒的基因N"),
    ],
)
def test_what_waits_of_a_message_says_why_in_either_language(noise, observed, english, chinese):
    world = Laboratory()
    text = HEAD.format(kind="ORU^R01", control="M1") + RESULT.format(tube=world.tubes[0], **observed)
    told = laboratory.answer(laboratory=world.laboratory, text=text, by=world.technician, now=LATER, kit=KIT)
    assert "MSA|AA" in told
    why = phrase_of(LabOddity.objects.get().facts["reason"])
    assert english in why
    assert chinese in why.zh


@pytest.mark.django_db
def test_two_results_of_one_specimen_are_told_in_either_language(noise):
    world = Laboratory()
    more = "OBX|2|ST|94500-6^RNA^LN||positive|||||F\r"
    text = message(world.tubes[0], more=more)
    laboratory.answer(laboratory=world.laboratory, text=text, by=world.technician, now=LATER, kit=KIT)
    why = phrase_of(LabOddity.objects.get().facts["reason"])
    assert "it says two results" in why
    assert why.zh == "写有两种不同的结果"


@pytest.mark.django_db
def test_an_answer_over_the_wire_is_plain_ascii_whatever_language_is_active(noise):
    """A laboratory's system may know no Chinese; its operator finds the same reason in Chinese on the page."""
    world = Laboratory()
    texts = (message(world.tubes[0]), message(world.tubes[1]), message(kind="ADT^A01"), message(control=""), "")
    for text in texts:
        told = laboratory.answer(laboratory=world.laboratory, text=text, by=world.technician, now=LATER, kit=KIT)
        assert told.isascii()

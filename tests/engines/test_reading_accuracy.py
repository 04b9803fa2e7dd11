"""How right the reading is, on reports annotated by hand; the texts stand outside the repository."""

import json

import pytest

from tests.engines import reading_accuracy as accuracy

pytestmark = [
    pytest.mark.skipif(
        not accuracy.REPORTS.exists(),
        reason=f"needs the published texts, which are not part of the repository: {accuracy.REPORTS} is missing",
    ),
]

# Just under what was measured; a change that reads better raises them.
FLOORS = {
    "date and kind": (0.985, 0.985),
    "both dates": (0.98, 0.985),
    "test result": (0.99, 0.99),
    "diagnosis": (0.99, 0.99),
    "place name": (0.96, 0.965),
    "area code": (0.95, 0.92),
}


@pytest.fixture(scope="module")
def read():
    return accuracy.readings()


@pytest.fixture(scope="module")
def scores(read):
    return accuracy.scores(accuracy.sample(), read)


@pytest.mark.parametrize("field", FLOORS)
def test_precision_and_recall_stay_above_their_floors(scores, field):
    precision, recall = FLOORS[field]
    assert scores[field].precision >= precision
    assert scores[field].recall >= recall


def test_nearly_every_sentence_with_something_to_read_is_read():
    shares = accuracy.shares()
    assert shares.reports == 934
    assert shares.with_date >= 0.975
    assert shares.with_event >= 0.975
    assert shares.unread_characters <= 0.01


def test_the_sample_names_no_person_and_no_door():
    text = accuracy.SAMPLE.read_text(encoding="utf-8")
    assert 'text": "' not in text.replace('place_text": "', "")
    assert not any(word in text for word in ("某某", "人员A", "岁", "单元", "号楼"))


def test_the_sample_holds_no_sentence_of_a_report():
    texts = {row["report_id"]: row["text"] for row in map(json.loads, accuracy.REPORTS.open(encoding="utf-8"))}
    kept = {e["place_text"] for events in accuracy.sample().values() for e in events if e["place_text"]}
    assert not any(sentence in kept for text in texts.values() for sentence in text.split("。"))

"""What is a fever, what is reported at once, and when a session is over."""

import pytest

from sizao.protocol.observation import FaultyObservationTable, read, watching
from sizao.protocol.shipped import shipped_text
from sizao.terms import Session, Symptom

TEXT = shipped_text("observation.toml")


class TestWatching:
    def test_is_unverified_and_says_so(self):
        assert watching().unverified

    def test_ends_the_morning_before_the_afternoon(self):
        assert watching().over_at[Session.MORNING] < watching().over_at[Session.AFTERNOON]

    @pytest.mark.parametrize(
        ("temperature", "symptoms", "expected"),
        [
            (37.2, (), set()),
            (37.3, (), {"fever"}),
            (36.5, (Symptom.EYES,), set()),
            (36.5, (Symptom.CHEST, Symptom.EYES), {"chest"}),
            (39.0, (Symptom.DRY_COUGH,), {"fever", "dry_cough"}),
            (None, None, set()),
        ],
    )
    def test_reports_fever_and_what_the_table_names(self, temperature, symptoms, expected):
        assert {str(one) for one in watching().alarms(temperature, symptoms)} == expected


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("37.3", "373"),
        ('"chest"]', '"toothache"]'),
        ("[sessions]", "[session]"),
        ('"12:00"', '"21:00"'),
        ('urgent = ["breathless"', 'urgent = ["eyes"'),
        ("[fever]", "[fever"),
    ],
)
def test_a_faulty_table_is_refused_with_its_name(was, becomes):
    with pytest.raises(FaultyObservationTable, match=r"observation\.toml"):
        read(TEXT.replace(was, becomes, 1))

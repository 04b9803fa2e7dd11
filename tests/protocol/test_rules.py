"""What a decision gets when it asks: a value with its provenance, or a refusal that says what to do."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.protocol import Confirmation, NeedsConfirmation, NoSuchRule, NoValue, rules_at, shipped
from sizao.protocol.schema import KEYS
from sizao.protocol.values import NotOfThatKind, Value
from sizao.terms import NEEDS_CONFIRMATION, CaseStatus, ValueStatus

JANUARY = date(2021, 1, 10)
SPRING = date(2022, 4, 1)


class TestNoValue:
    def test_is_none_and_stops_arithmetic(self):
        nothing = rules_at(JANUARY).testing.region.initial_rounds_at_least
        assert nothing is None
        with pytest.raises(TypeError):
            nothing + 1

    def test_is_refused_when_needed_naming_edition_and_key(self):
        with pytest.raises(NoValue) as refused:
            rules_at(JANUARY, drill=True).need("contacts.close.specimen")
        assert str(refused.value).startswith("edition-7 sets no contacts.close.specimen (swab). Ask the authority")

    def test_differs_from_zero_and_from_an_empty_list_that_is_a_statement(self):
        class_b = rules_at(date(2023, 2, 1))
        assert class_b.need("contacts.close.central_days").whole == 0
        assert class_b.contacts.close.central_test_days is None
        assert rules_at(date(2022, 12, 20)).need("contacts.close.central_test_days").numbers == ()

    def test_covers_a_sourced_minus_one(self):
        rules = rules_at(JANUARY)
        assert rules.value("treatment.discharge_ct_at_least").status is ValueStatus.SOURCED
        with pytest.raises(NoValue, match="-1 means negative required"):
            rules.need("treatment.discharge_ct_at_least")

    def test_covers_a_yes_or_no_that_is_unset(self):
        assert rules_at(JANUARY).contacts.close.double_sampling_at_release is None
        assert rules_at(date(2022, 8, 1)).contacts.close.double_sampling_at_release is False


class TestNeed:
    def test_gives_the_value_with_all_that_explains_it(self):
        value = rules_at(SPRING).need("contacts.close.central_days")
        assert (value.whole, value.unit, value.edition, value.sources) == (14, "days", "edition-8", ("S14", "S03"))
        assert value.id == "edition-8:contacts.close.central_days=14"

    def test_refuses_a_key_that_does_not_exist(self):
        with pytest.raises(NoSuchRule, match="Did you mean central_days"):
            rules_at(SPRING).need("contacts.close.central_day")
        with pytest.raises(NoSuchRule, match=r"There is no section \[zone\]. Did you mean zones"):
            rules_at(SPRING).need("zone")

    def test_refuses_unverified_values_outside_a_drill(self):
        with pytest.raises(NeedsConfirmation) as refused:
            rules_at(JANUARY).need("contacts.close.central_days")
        assert "contacts.close.central_days = 14 of edition-7 is unverified and must be confirmed" in str(refused.value)
        assert rules_at(JANUARY, drill=True).need("contacts.close.central_days").whole == 14

    def test_refuses_local_values_that_were_only_inherited(self):
        with pytest.raises(NeedsConfirmation, match="is local practice"):
            rules_at(date(2022, 11, 25)).need("testing.region.lab_result_hours")

    def test_accepts_a_confirmation_of_exactly_this_value(self):
        said = Confirmation(by="officer", at=datetime(2021, 1, 3, tzinfo=UTC), note="annex 4 read")
        confirmed = {"edition-7:contacts.close.central_days=14": said}
        assert rules_at(JANUARY, confirmations=confirmed).need("contacts.close.central_days").whole == 14
        of_another = {
            "edition-7:contacts.close.central_days=21": said,
            "edition-8:contacts.close.central_days=14": said,
        }
        with pytest.raises(NeedsConfirmation):
            rules_at(JANUARY, confirmations=of_another).need("contacts.close.central_days")

    @given(day=st.dates(date(2020, 9, 15), date(2023, 6, 1)), key=st.sampled_from(sorted(KEYS)))
    def test_never_hands_out_what_rests_on_memory_or_local_practice(self, day, key):
        rules = rules_at(day)
        value = rules.value(key)
        try:
            given_out = rules.need(key)
        except NoValue:
            assert value.value is None
        except NeedsConfirmation:
            assert value in rules.unconfirmed()
        else:
            assert given_out.rests_on not in NEEDS_CONFIRMATION
            assert given_out.value is not None

    def test_can_be_asked_first_whether_there_is_anything(self):
        rules = rules_at(JANUARY)
        assert rules.says("contacts.close.central_days")
        assert not rules.says("contacts.close.specimen")

    def test_lists_what_waits_for_confirmation(self):
        waiting = rules_at(JANUARY).unconfirmed(["contacts.close.central_days", "report.case_report_hours"])
        assert [value.key for value in waiting] == ["contacts.close.central_days"]
        assert rules_at(JANUARY, drill=True).unconfirmed() == ()


class TestAttributes:
    @given(day=st.dates(date(2020, 9, 15), date(2023, 6, 1)), key=st.sampled_from(sorted(KEYS)))
    def test_say_the_same_as_the_values(self, day, key):
        rules = rules_at(day)
        found = rules
        for part in key.split("."):
            found = getattr(found, part)
        assert found == rules.values[key].value

    def test_cannot_be_changed(self):
        with pytest.raises(FrozenInstanceError):
            rules_at(SPRING).contacts.close.central_days = 1


class TestAValue:
    def test_reads_only_as_what_it_is(self):
        days = shipped().edition("edition-8").values["contacts.close.central_days"]
        readers = {"whole": 14, "number": 14.0}
        for reader, expected in readers.items():
            assert getattr(days, reader) == expected
        for reader in ("flag", "text", "day", "numbers", "texts"):
            with pytest.raises(NotOfThatKind, match=r"contacts.close.central_days holds 14 in edition-8"):
                getattr(days, reader)

    def test_reads_lists_of_texts(self):
        levels = shipped().edition("edition-9").values["zones.levels"]
        assert levels.texts == ("高风险区", "中风险区", "低风险区")

    def test_that_is_yes_or_no_is_no_number(self):
        value = shipped().edition("edition-8").values["contacts.close.enabled"]
        assert value.flag is True
        for reader in ("whole", "number"):
            with pytest.raises(NotOfThatKind):
                getattr(value, reader)

    def test_cannot_be_added(self):
        value = rules_at(SPRING).value("contacts.close.central_days")
        with pytest.raises(TypeError):
            value + 1

    @pytest.mark.parametrize(
        ("key", "unit"),
        [
            ("contacts.close.transfer_hours", "hours"),
            ("contacts.secondary.days", "days"),
            ("zones.strict_final_round_day", "day number"),
            ("contacts.other.spacetime_overlap_min", "minutes"),
            ("contacts.other.spacetime_cell_m", "metres"),
            ("case.severe_resp_rate_at_least_per_minute", "per minute"),
            ("treatment.refer_fever_above_celsius", "degrees Celsius"),
            ("case.cluster_at_least_cases", ""),
        ],
    )
    def test_carries_its_unit_in_its_name(self, key, unit):
        assert Value(key, None, "e", ValueStatus.UNSET, ValueStatus.UNSET).unit == unit


class TestDefinitions:
    def test_are_handed_out_when_sourced_and_refused_when_not_confirmed(self):
        rules = rules_at(JANUARY)
        assert rules.need_definition(CaseStatus.CONFIRMED).sources == ("S87",)
        with pytest.raises(NeedsConfirmation, match=r"case.definition.asymptomatic = treatment-7 of edition-7"):
            rules.need_definition(CaseStatus.ASYMPTOMATIC)

    def test_of_a_class_that_the_edition_does_not_know_are_refused(self):
        with pytest.raises(NoValue, match="class-b sets no case.definition.suspected"):
            rules_at(date(2023, 2, 1), drill=True).need_definition(CaseStatus.SUSPECTED)

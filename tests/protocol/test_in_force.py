"""The edition in force follows from the day and the place, and so do the documents beside it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.protocol import Adoption, FaultyProtocol, NoProtocolInForce, rules_at, shipped
from sizao.protocol.adoptions import load_adoptions
from sizao.protocol.shelf import NoSuchEdition

FIRST, LAST = date(2020, 9, 15), date(2023, 12, 31)


class TestEditions:
    @pytest.mark.parametrize(
        ("day", "edition"),
        [
            (date(2020, 9, 15), "edition-7"),
            (date(2021, 1, 18), "edition-7"),  # FACTS 1.3: the article of Heilongjiang
            (date(2021, 5, 13), "edition-7"),
            (date(2021, 5, 14), "edition-8"),
            (date(2021, 11, 7), "edition-8"),
            (date(2022, 6, 27), "edition-8"),
            (date(2022, 6, 28), "edition-9"),
            (date(2022, 11, 11), "twenty-measures"),
            (date(2022, 12, 11), "new-ten"),
            (date(2023, 1, 7), "new-ten"),
            (date(2023, 1, 8), "class-b"),
            (date(2026, 11, 22), "class-b"),
        ],
    )
    def test_change_on_their_days(self, day, edition):
        assert rules_at(day, "130109").edition == edition

    def test_before_the_first_are_refused(self):
        with pytest.raises(NoProtocolInForce) as refused:
            rules_at(date(2020, 9, 14), "130109")
        assert "No protocol is in force in 130109 on 2020-09-14." in str(refused.value)
        assert "edition-7 from 2020-09-15" in str(refused.value)

    def test_are_found_by_id_or_refused(self):
        assert shipped().edition("edition-9").published_date == date(2022, 6, 28)
        with pytest.raises(NoSuchEdition, match="There is no edition called edition-6. Did you mean edition-"):
            shipped().edition("edition-6")
        with pytest.raises(NoSuchEdition, match="Add its case definitions"):
            shipped().definitions_of("edition-6")

    def test_ask_for_a_day_and_not_a_moment(self):
        with pytest.raises(TypeError, match="not at a moment"):
            rules_at(datetime(2021, 1, 10, tzinfo=UTC))


class TestAdoption:
    henan = Adoption("41", "edition-9", date(2022, 8, 15))
    zhengzhou = Adoption("4101", "edition-9", date(2022, 7, 1))

    def test_moves_the_first_day_of_a_place_and_keeps_the_old_edition_until_then(self):
        library = shipped().with_local(adoptions=[self.henan])
        assert rules_at(date(2022, 8, 14), "410500", library=library).edition == "edition-8"
        assert rules_at(date(2022, 8, 15), "410500", library=library).edition == "edition-9"
        assert rules_at(date(2022, 8, 14), "130109", library=library).edition == "edition-9"
        assert rules_at(date(2022, 8, 14), "", library=library).edition == "edition-9"

    def test_by_the_smallest_area_wins(self):
        library = shipped().with_local(adoptions=[self.zhengzhou, self.henan])
        assert rules_at(date(2022, 7, 1), "410105", library=library).edition == "edition-9"
        assert rules_at(date(2022, 6, 30), "410105", library=library).edition == "edition-8"
        assert rules_at(date(2022, 7, 1), "410500", library=library).edition == "edition-8"

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            (Adoption("41", "edition-9", date(2022, 6, 1)), "before edition-9 itself starts on 2022-06-28"),
            (Adoption("41", "edition-09", date(2022, 8, 1)), "Did you mean edition-9?"),
        ],
    )
    def test_that_cannot_be_is_refused(self, wrong, told):
        with pytest.raises(FaultyProtocol, match=told.replace("?", r"\?")):
            shipped().with_local(adoptions=[wrong])

    def test_is_read_from_its_file(self):
        text = '[[adoptions]]\narea_code = "41"\nedition = "edition-9"\nfirst_day = 2022-08-15\nsource = "S56"\n'
        assert load_adoptions(text, "a.toml") == (Adoption("41", "edition-9", date(2022, 8, 15), "S56"),)
        with pytest.raises(FaultyProtocol, match="An adoption has no frst_day. Did you mean first_day"):
            load_adoptions(text.replace("first_day", "frst_day"), "a.toml")

    @given(
        day=st.dates(FIRST, LAST),
        delays=st.lists(st.integers(0, 60), min_size=5, max_size=5),
    )
    def test_gives_every_day_exactly_one_edition_and_never_goes_back(self, day, delays):
        later = shipped().editions[1:]
        moved = [
            Adoption("41", edition.id, edition.effective_from + timedelta(days=delay))
            for edition, delay in zip(later, delays, strict=True)
        ]
        library = shipped().with_local(adoptions=moved)
        order = [edition.id for edition in library.editions]
        started = [FIRST, *(adoption.first_day for adoption in moved)]
        expected = max(place for place, first in enumerate(started) if first <= day)
        assert rules_at(day, "410105", library=library).edition == order[expected]
        next_day = rules_at(day + timedelta(days=1), "410105", library=library).edition
        assert order.index(next_day) >= expected


class TestCompanions:
    """FACTS 1.2: treatment, testing and zones changed inside edition 8."""

    @pytest.mark.parametrize(
        ("day", "key", "expected", "companion"),
        [
            (date(2022, 3, 14), "treatment.discharge_ct_at_least", None, None),
            (date(2022, 3, 15), "treatment.discharge_ct_at_least", 35, "treatment-9"),
            (date(2022, 3, 14), "treatment.after_discharge_days", 14, None),
            (date(2022, 3, 15), "treatment.after_discharge_days", 7, "treatment-9"),
            (date(2022, 3, 15), "treatment.after_discharge_mode", "home_monitoring", "treatment-9"),
            (date(2021, 9, 12), "testing.region.large_city_complete_hours", 120, None),
            (date(2021, 9, 13), "testing.region.large_city_complete_hours", 72, None),
            (date(2022, 3, 22), "testing.region.large_city_complete_hours", 24, "testing-guide-3"),
            (date(2022, 3, 21), "testing.region.people_per_sampler", None, None),
            (date(2022, 3, 22), "testing.region.people_per_sampler", 360, None),
            (date(2022, 3, 10), "testing.antigen.enabled", False, None),
            (date(2022, 3, 11), "testing.antigen.enabled", True, "antigen-plan-1"),
            (date(2022, 6, 4), "limits.local_extension_of_days", True, None),
            (date(2022, 6, 5), "limits.local_extension_of_days", False, None),
            (date(2021, 9, 12), "testing.pool.sizes_allowed", (5, 10), None),
            (date(2022, 6, 8), "testing.pool.sizes_allowed", (1, 5, 10), None),
            (date(2022, 6, 9), "testing.pool.sizes_allowed", (1, 5, 10, 20), None),
            (date(2021, 2, 8), "testing.region.small_city_complete_hours", None, None),
            (date(2021, 2, 9), "testing.region.small_city_complete_hours", 48, None),
            (date(2022, 12, 13), "bulletin.publish_asymptomatic", True, None),
            (date(2022, 12, 14), "bulletin.publish_asymptomatic", False, "bulletin-without-asymptomatic"),
            (date(2022, 12, 8), "priority_groups.enabled", False, None),
            (date(2022, 12, 9), "priority_groups.enabled", True, None),
        ],
    )
    def test_change_values_on_their_day(self, day, key, expected, companion):
        value = rules_at(day).value(key)
        assert (value.value, value.companion) == (expected, companion)

    def test_are_named_in_what_they_change(self):
        assert rules_at(date(2022, 4, 1)).value("treatment.after_discharge_days").origin == "edition-8+treatment-9"

    def test_are_listed_while_they_hold(self):
        assert "testing-guide-1" in rules_at(date(2021, 9, 12)).companions
        autumn = rules_at(date(2021, 9, 13)).companions
        assert "testing-guide-2" in autumn
        assert "testing-guide-1" not in autumn

    @given(day=st.dates(FIRST, LAST))
    def test_change_nothing_but_the_keys_they_name(self, day):
        rules = rules_at(day)
        edition = shipped().edition(rules.edition)
        named = {key for one in edition.companions for key in (*one.changes, *one.before)}
        changed = {key for key, value in edition.values.items() if rules.values[key] != value}
        assert changed <= named

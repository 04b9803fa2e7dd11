"""The library that comes with the package says what FACTS.md says."""

from collections import Counter

import pytest

from sizao.protocol.schema import KEYS, SECTIONS
from sizao.protocol.titles import SECTION_TITLES, key_title

# FACTS 14.1: how many keys of each edition have which status.
STATUSES = {
    "edition-7": {"sourced": 72, "law": 12, "local": 6, "derived": 8, "unverified": 70, "unset": 108},
    "edition-8": {"sourced": 140, "law": 11, "local": 37, "derived": 8, "unverified": 29, "unset": 51},
    "edition-9": {"sourced": 140, "law": 11, "local": 17, "derived": 8, "unverified": 43, "unset": 57},
    "twenty-measures": {
        "sourced": 42,
        "law": 11,
        "local": 1,
        "inherited": 105,
        "derived": 13,
        "unverified": 45,
        "unset": 59,
    },
    "new-ten": {"sourced": 57, "law": 11, "inherited": 61, "derived": 23, "unverified": 48, "unset": 76},
    "class-b": {"sourced": 77, "law": 13, "derived": 17, "unverified": 15, "unset": 154},
}

# FACTS 2, the one-page matrix: key, then editions 7, 8, 9, Twenty, New Ten, Class B.
MATRIX = [
    ("contacts.close.central_days", 14, 14, 7, 5, 0, 0),
    ("contacts.close.home_isolation_days", 0, 0, 0, 3, 5, 0),
    ("contacts.close.home_monitoring_days", 0, 7, 3, 0, 0, 0),
    ("contacts.close.central_test_days", (1, 4, 7, 14), (1, 4, 7, 14), (1, 2, 3, 5, 7), (1, 2, 3, 5), (), None),
    ("contacts.close.home_test_days", None, (2, 7), (3,), (1, 3), (5,), None),
    ("contacts.close.transfer_hours", 12, 12, 8, 8, None, None),
    ("contacts.secondary.enabled", True, True, True, False, False, False),
    ("investigation.contact_window_days", 2, 2, 2, 2, 2, None),
    ("zones.strict_lift_days", 14, 14, 7, 5, 5, None),
    ("zones.strict_to_middle_extra_days", None, None, 3, 0, 0, None),
    ("treatment.discharge_ct_at_least", None, None, 35, 35, 35, None),
    ("treatment.after_discharge_days", 14, 14, 7, 7, 0, 0),
    ("report.case_report_hours", 2, 2, 2, 2, 2, 24),
    ("case.cluster_at_least_cases", 5, 5, 2, 2, 2, None),
    ("case.cluster_window_days", 14, 14, 7, 7, 7, None),
]


class TestShippedEditions:
    def test_hold_the_same_276_keys_in_26_sections(self, library):
        assert len(KEYS) == 276
        assert len(SECTIONS) == 26
        assert all(list(edition.values) == list(KEYS) for edition in library.editions)

    def test_follow_each_other_without_gap_or_overlap(self, library):
        ids = [edition.id for edition in library.editions]
        assert ids == list(STATUSES)
        for earlier, later in zip(library.editions, library.editions[1:], strict=False):
            assert (later.effective_from - earlier.effective_until).days == 1

    @pytest.mark.parametrize("edition", STATUSES)
    def test_have_the_statuses_that_the_facts_count(self, library, edition):
        counted = Counter(str(value.status) for value in library.edition(edition).values.values())
        assert counted == STATUSES[edition]

    @pytest.mark.parametrize("row", MATRIX, ids=lambda row: row[0])
    def test_say_what_the_matrix_says(self, library, row):
        key, *expected = row
        assert [edition.values[key].value for edition in library.editions] == expected

    def test_cite_only_known_sources_and_each_source_is_graded(self, library):
        cited = {one for edition in library.editions for value in edition.values.values() for one in value.sources}
        assert cited <= set(library.sources)
        assert {source.grade for source in library.sources.values()} == set("ABCD")

    def test_never_keep_minus_one_or_an_empty_text(self, library):
        for edition in library.editions:
            assert not [key for key, value in edition.values.items() if value.value in (-1, "")]

    def test_keep_local_practice_visible_through_inheritance(self, library):
        inherited = library.edition("twenty-measures").values["testing.region.lab_result_hours"]
        assert (inherited.status, inherited.rests_on) == ("inherited", "local")
        assert inherited.needs_confirmation

    def test_follow_inheritance_over_two_bases(self, library):
        inherited = library.edition("new-ten").values["testing.region.lab_result_hours"]
        assert (inherited.status, inherited.rests_on) == ("inherited", "local")


class TestTitles:
    def test_name_every_section_and_key_in_both_languages(self):
        assert set(SECTION_TITLES) == set(SECTIONS)
        assert all(key_title(key, "zh") and key_title(key, "en") for key in KEYS)

    def test_are_distinct_within_a_section(self):
        for section in SECTIONS:
            names = [key_title(key, "zh") for key in KEYS if KEYS[key].section == section]
            assert len(names) == len(set(names))

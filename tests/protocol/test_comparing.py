"""Two sets of rules side by side."""

from datetime import date

from sizao.protocol import rules_at
from sizao.protocol.compare import compare
from sizao.protocol.schema import KEYS

NINE, TWENTY = rules_at(date(2022, 10, 1)), rules_at(date(2022, 11, 25))


class TestCompare:
    def test_gives_a_row_for_each_key_in_file_order(self):
        rows = list(compare(NINE, TWENTY))
        assert [row.key for row in rows] == list(KEYS)

    def test_marks_what_differs_with_both_values(self):
        rows = {row.key: row for row in compare(NINE, TWENTY)}
        home = rows["contacts.close.home_isolation_days"]
        assert (home.differs, home.left.value, home.right.value) == (True, 0, 3)
        assert (home.left.edition, home.right.edition) == ("edition-9", "twenty-measures")
        assert not rows["investigation.contact_window_days"].differs

    def test_leaves_out_what_is_the_same_when_asked(self):
        differing = list(compare(NINE, TWENTY, only_differing=True))
        assert differing == [row for row in compare(NINE, TWENTY) if row.differs]
        assert list(compare(NINE, NINE, only_differing=True)) == []

    def test_shows_what_a_companion_changed_inside_one_edition(self):
        before, after = rules_at(date(2022, 3, 14)), rules_at(date(2022, 3, 15))
        changed = {row.key for row in compare(before, after, only_differing=True)}
        assert {"treatment.discharge_ct_at_least", "treatment.after_discharge_days"} <= changed

    def test_names_section_and_key_in_both_languages(self):
        row = next(row for row in compare(NINE, TWENTY) if row.key == "contacts.close.central_days")
        assert (row.section_title("zh-hans"), row.title("zh-hans")) == ("密切接触者", "集中隔离天数")
        assert (row.section_title("en"), row.title("en")) == ("Close contacts", "Central days")

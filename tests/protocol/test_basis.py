"""What a decision keeps of a value can be read back and told, years later and without the rules."""

import re
import tomllib
from datetime import UTC, date, datetime

import pytest

from sizao.protocol import basis, deadline, numbered_dates, period_end, rules_at
from sizao.protocol.shipped import shipped_texts
from sizao.protocol.zone_schemes import ZoneRules, zone_rules
from sizao.terms import ZoneLevel

RULES = rules_at(date(2021, 1, 6), "130109", drill=True)
DAYS, HOURS = RULES.need("contacts.close.central_days"), RULES.need("contacts.close.transfer_hours")
TOTALS = [
    (DAYS, period_end(date(2021, 1, 6), DAYS)),
    (HOURS, deadline(datetime(2021, 1, 6, 12, 0, tzinfo=UTC), HOURS)),
    *((RULES.need("contacts.close.central_test_days"), test)
      for test in numbered_dates(date(2021, 1, 6), RULES.need("contacts.close.central_test_days"))),
]  # fmt: skip


class TestEntry:
    @pytest.mark.parametrize(("value", "total"), TOTALS)
    def test_the_sum_comes_back_as_it_was(self, value, total):
        assert basis.total_of(basis.entry(value, total)) == total

    @pytest.mark.parametrize(("value", "total"), TOTALS)
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_is_told_as_the_sum_itself(self, value, total, language):
        assert basis.told(basis.entry(value, total), language) == total.told(language)

    def test_names_documents_and_what_stands_behind_them(self):
        kept = basis.entry(DAYS, gives="ends_date")
        assert (kept["origin"], kept["status"], kept["value"]) == ("edition-7", "unverified", "14")
        assert basis.total_of(kept) is None
        assert basis.told(kept, "en") == "contacts.close.central_days = 14 (edition-7)."

    def test_says_in_words_what_editions_name_by_a_code(self):
        codes = {value for _, text in shipped_texts("editions") for value in _codes(tomllib.loads(text))}
        kept = [basis.entry(DAYS) | {"value": code} for code in codes]
        assert [one["value"] for one in kept if one["value"] in basis.shown(one, "zh", UTC)] == []


def _codes(table):
    """Give the single words that stand as values in an edition."""
    for value in table.values():
        if isinstance(value, dict):
            yield from _codes(value)
        elif isinstance(value, str) and re.fullmatch("[a-z][a-z0-9_]*", value):
            yield value


class TestZoneBasis:
    def test_says_nothing_that_the_rules_do_not_say(self):
        scheme = zone_rules(RULES).scheme
        without = ZoneRules(scheme, rules_at(date(2023, 2, 1), drill=True), None)
        assert without.basis(ZoneLevel.LOW, date(2023, 2, 1), whole_county=True) == []
        assert without.conditions() == []

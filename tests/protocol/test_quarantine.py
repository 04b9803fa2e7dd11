"""The stages that a contact goes through, by the edition in force."""

from datetime import date

import pytest

from sizao.protocol import quarantine, rules_at
from sizao.protocol.quarantine import age_on, stages
from sizao.terms import ContactKind, OrderKind

TODAY = date(2021, 1, 10)


class TestStages:
    """The periods of the editions, from one last exposure."""

    @pytest.mark.parametrize(
        ("day_zero", "kind", "age", "expected"),
        [
            (date(2021, 1, 6), "close", None, [("central", "2021-01-07", "2021-01-20")]),
            (date(2021, 1, 6), "close", 14, [("home", "2021-01-07", "2021-01-20")]),
            (date(2021, 1, 6), "close", 15, [("central", "2021-01-07", "2021-01-20")]),
            (date(2021, 1, 6), "secondary", None, [("central", "2021-01-07", "2021-01-20")]),
            (date(2021, 1, 6), "general", None, []),
            (
                date(2021, 9, 1), "close", None,
                [("central", "2021-09-02", "2021-09-15"), ("monitoring", "2021-09-16", "2021-09-22")],
            ),
            (
                date(2022, 8, 1), "close", None,
                [("central", "2022-08-02", "2022-08-08"), ("monitoring", "2022-08-09", "2022-08-11")],
            ),
            (date(2022, 8, 1), "secondary", None, [("home", "2022-08-02", "2022-08-08")]),
            (
                date(2022, 11, 15), "close", None,
                [("central", "2022-11-16", "2022-11-20"), ("home", "2022-11-21", "2022-11-23")],
            ),
            (date(2022, 11, 15), "secondary", None, []),
            (date(2022, 12, 10), "close", None, [("home", "2022-12-11", "2022-12-15")]),
            (date(2023, 2, 1), "close", None, []),
        ],
    )  # fmt: skip
    def test_follow_from_the_edition_in_force(self, day_zero, kind, age, expected):
        rules = rules_at(day_zero, "130109", drill=True)
        found = stages(rules, ContactKind(kind), day_zero, age_years=age)
        assert [(str(one.kind), str(one.first_date), str(one.last_date)) for one in found] == expected

    def test_home_test_days_count_from_the_first_day_at_home(self):
        _, monitoring = stages(rules_at(date(2021, 9, 1), drill=True), ContactKind.CLOSE, date(2021, 9, 1))
        assert [test.result for test in monitoring.tests] == [date(2021, 9, 17), date(2021, 9, 22)]

    def test_an_edition_that_names_no_test_days_asks_for_none(self):
        keys = "contacts.close.central_days", "contacts.close.home_test_days"  # edition 7 leaves the second open
        found = quarantine._stage(rules_at(TODAY, drill=True), OrderKind.HOME, keys, TODAY, ())
        assert found.tests == ()

    def test_age_is_counted_in_whole_years(self):
        born = date(2006, 1, 11)
        assert [age_on(born, date(2021, 1, day)) for day in (10, 11)] == [14, 15]
        assert age_on(None, TODAY) is None

"""What an order rests on is read from a file, by kind and day."""

from datetime import date

import pytest

from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.laws import load_laws, proposed_basis, shipped_laws
from sizao.protocol.shipped import shipped, shipped_text
from sizao.terms import OrderKind, ValueStatus


class TestShippedLaws:
    @pytest.mark.parametrize("kind", OrderKind)
    @pytest.mark.parametrize("day", [date(2021, 1, 10), date(2022, 12, 8), date(2025, 8, 31), date(2026, 11, 22)])
    def test_give_a_basis_to_each_kind_on_each_day(self, kind, day):
        assert proposed_basis(kind, day)

    def test_cite_the_article_on_close_contacts(self):
        assert "第四十条第（一）项" in proposed_basis(OrderKind.CENTRAL, date(2022, 8, 1))

    def test_leave_the_articles_of_2025_unverified(self):
        (law, *_) = shipped_laws().basis_of(OrderKind.HOME, date(2025, 9, 1))
        assert (law.status, law.article_zh) == (ValueStatus.UNVERIFIED, "")

    def test_owe_wages_under_isolation_and_not_under_monitoring(self):
        day = date(2022, 8, 1)
        assert "41" in shipped_laws().owed_under(OrderKind.CENTRAL, day)[0].cited("en")
        assert shipped_laws().owed_under(OrderKind.MONITORING, day) == ()

    def test_name_sources_that_the_library_knows(self):
        laws = shipped_laws()
        cited = {source for law in (*laws.bases, *laws.owed) for source in law.sources}
        assert cited <= set(shipped().sources)

    def test_mark_clocks_that_no_text_names(self):
        assert all(one.needs_confirmation and one.whole > 0 for one in shipped_laws().clocks.values())


class TestFaults:
    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ('kinds = ["monitoring"]', 'kinds = ["prison"]', "prison"),
            ('status = "law"', 'status = "gossip"', "gossip"),
            ("in_force_until = 2025-08-31", "in_force_until = 2000-01-01", "in_force_until"),
            ("serve_hours = 12", "serve_hours = 0", "above zero"),
            ('id = "disease-law-2025"', 'id = "disease-law-2013-12"', "second time"),
            ("code_days = 7", "code_days = true", "a whole number"),
        ],
    )
    def test_are_told(self, was, becomes, told):
        text = shipped_text("laws.toml")
        assert was in text
        with pytest.raises(FaultyProtocol, match=told):
            load_laws(text.replace(was, becomes), "laws.toml")

"""Who stood behind an account when it acted."""

from datetime import timedelta

import pytest

from sizao.records.officers import Officers, name_of
from sizao.response import accounts
from sizao.terms import Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def account():
    factories.area("130109", "藁城区")
    factories.area("130581", "南宫市")
    return factories.account(
        username="liss", display_name="李四", role=Role.INVESTIGATOR, area_code="130109"
    )  # fmt: skip


def change(account, at, **facts):
    return accounts.change(account=account, by=None, now=at, **facts)


class TestOfficers:
    def test_say_name_and_office_in_the_readers_language(self, account):
        found = Officers().of("liss")
        assert found.said("zh-hans") == f"李四（藁城区{Role.INVESTIGATOR.zh}）"
        assert found.said("en") == f"李四 ({Role.INVESTIGATOR.en}, 藁城区)"

    def test_are_those_of_then(self, account):
        """An account is handed on: what its former holder signed stays theirs."""
        change(account, NOW, display_name="王五")
        change(account, NOW + DAY, role=Role.REPORTER, area_code="130581")
        told = [Officers().of("liss", at).said("zh") for at in (NOW - DAY, NOW, NOW + DAY, None)]
        assert told == [
            f"李四（藁城区{Role.INVESTIGATOR.zh}）", f"王五（藁城区{Role.INVESTIGATOR.zh}）",
            f"王五（南宫市{Role.REPORTER.zh}）", f"王五（南宫市{Role.REPORTER.zh}）",
        ]  # fmt: skip
        assert name_of(account, NOW - DAY) == "李四"

    def test_without_a_persons_name_are_their_office(self, account):
        change(account, NOW, display_name="liss")
        assert Officers().of("liss").said("en") == f"{Role.INVESTIGATOR.en}, 藁城区"
        change(account, NOW + DAY, display_name=f"藁城区{Role.INVESTIGATOR.zh}")
        assert Officers().of("liss").said("en") == f"{Role.INVESTIGATOR.en}, 藁城区"

    def test_are_looked_up_together(self, account, django_assert_num_queries):
        others = [factories.account(area_code="130581").username for _ in range(5)]
        known = Officers()
        with django_assert_num_queries(3):
            known.learn(["liss", *others])
            assert all(known.of(one) for one in others)

    def test_are_nobody_where_there_is_no_such_account(self):
        assert Officers().of("sizao") is None

"""Accounts and tokens: what is recorded, what is refused."""

from datetime import timedelta

import pytest

from sizao.records import access
from sizao.records.models import Account, ApiToken, Event
from sizao.response import accounts
from sizao.terms import Right, Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def register(db):
    for code, name in (("13", "河北"), ("130109", "藁城"), ("130581", "南宫"), ("41", "河南")):
        factories.area(code, name)


@pytest.fixture
def manager():
    return factories.account(role=Role.ADMINISTRATOR, area_code="1301")


def give(**facts):
    defaults = {"username": "zhang", "role": Role.INVESTIGATOR, "area_code": "130109", "by": None, "now": NOW}
    return accounts.give(**defaults | facts)


class TestGive:
    def test_gives_a_password_that_signs_in_and_is_kept_only_as_a_hash(self):
        account, password = give()
        assert account.check_password(password)
        assert password not in Account.objects.get(pk=account.pk).password

    def test_is_journalled_without_the_password(self, manager):
        account, password = give(by=manager)
        line = Event.objects.get(verb="account.given")
        assert (line.subject_id, line.actor, line.area_code) == (account.pk, manager.username, "130109")
        assert password not in str(line.facts)

    def test_refuses_a_name_that_is_taken(self):
        give()
        with pytest.raises(accounts.AccountExists, match="zhang"):
            give()

    def test_refuses_an_area_that_is_not_in_the_register(self):
        with pytest.raises(accounts.UnknownArea, match="139999"):
            give(area_code="139999")

    def test_refuses_a_password_that_is_too_short(self):
        with pytest.raises(accounts.WeakPassword):
            give(password="short")
        assert not Account.objects.filter(username="zhang").exists()

    def test_refuses_a_manager_of_another_place(self, manager):
        with pytest.raises(access.NotYours):
            give(area_code="130581", by=manager)

    def test_refuses_an_account_that_manages_none(self):
        with pytest.raises(access.NotAllowed):
            give(by=factories.account(role=Role.COMMANDER))


class TestChange:
    def test_keeps_what_it_was_in_the_journal(self):
        account, _ = give()
        accounts.change(account=account, role=Role.REPORTER, by=None, now=NOW)
        account.refresh_from_db()
        assert account.role == Role.REPORTER
        assert Event.objects.get(verb="account.changed").facts["was"] == {"role": "investigator"}

    def test_refuses_to_change_nothing(self):
        account, _ = give()
        with pytest.raises(accounts.NothingToChange):
            accounts.change(account=account, by=None, now=NOW)

    def test_does_not_move_an_account_out_of_the_managers_area(self, manager):
        account, _ = give()
        with pytest.raises(access.NotYours):
            accounts.change(account=account, area_code="130581", by=manager, now=NOW)


class TestClose:
    def test_ends_its_tokens_with_it(self):
        account, secret = with_token()
        accounts.close(account=account, by=None, now=NOW)
        with pytest.raises(accounts.TokenNotValid):
            accounts.holder(secret, now=NOW)

    def test_refuses_to_close_twice(self):
        account, _ = give()
        accounts.close(account=account, by=None, now=NOW)
        with pytest.raises(accounts.AccountIsClosed):
            accounts.close(account=account, by=None, now=NOW)


class TestTokens:
    def test_only_the_hash_is_kept(self):
        _, secret = with_token()
        stored = ApiToken.objects.get()
        assert stored.digest == accounts.digest(secret)
        assert secret not in str(vars(stored))

    def test_narrow_the_account_to_their_scope(self):
        _, secret = with_token(rights=[Right.PERSON_LIST])
        holder = accounts.holder(secret, now=NOW)
        assert access.may(holder, Right.PERSON_LIST)
        with pytest.raises(access.OutOfScope):
            access.require(holder, Right.PERSON_READ)

    def test_end_on_their_last_moment(self):
        _, secret = with_token(expires_at=NOW + timedelta(days=1))
        with pytest.raises(accounts.TokenNotValid):
            accounts.holder(secret, now=NOW + timedelta(days=1))

    def test_lose_what_the_role_loses(self):
        account, secret = with_token(rights=[Right.PERSON_LIST])
        accounts.change(account=account, role=Role.SUPERVISOR, by=None, now=NOW)
        assert not access.may(accounts.holder(secret, now=NOW), Right.PERSON_LIST)

    def test_refuse_a_scope_beyond_the_role(self):
        with pytest.raises(accounts.TokenBeyondRole, match=r"zone\.approve"):
            with_token(rights=[Right.ZONE_APPROVE])

    def test_refuse_an_empty_scope(self):
        with pytest.raises(accounts.TokenBeyondRole):
            with_token(rights=[])

    def test_refuse_an_end_that_has_passed(self):
        with pytest.raises(accounts.TokenNeedsFuture):
            with_token(expires_at=NOW)

    def test_refuse_a_closed_account(self):
        account, _ = give()
        accounts.close(account=account, by=None, now=NOW)
        with pytest.raises(accounts.AccountIsClosed):
            token_of(account)

    def test_are_revoked_once(self):
        with_token()
        token = ApiToken.objects.get()
        accounts.revoke_token(token=token, by=None, now=NOW)
        with pytest.raises(accounts.TokenRevoked):
            accounts.revoke_token(token=token, by=None, now=NOW)

    def test_are_found_in_the_managers_area_only(self, manager):
        with_token()
        token = ApiToken.objects.get()
        assert accounts.find_token(token.pk, by=manager) == token
        with pytest.raises(accounts.NoSuchToken):
            accounts.find_token(token.pk, by=factories.account(role=Role.ADMINISTRATOR, area_code="41"))


class TestFind:
    def test_a_stranger_cannot_tell_no_such_account_from_not_yours(self):
        give()
        stranger = factories.account(role=Role.ADMINISTRATOR, area_code="41")
        with pytest.raises(accounts.NoSuchAccount) as not_yours:
            accounts.find("zhang", by=stranger)
        with pytest.raises(accounts.NoSuchAccount) as none_such:
            accounts.find("nobody", by=stranger)
        assert str(not_yours.value) == str(none_such.value).replace("nobody", "zhang")


class TestDemonstrate:
    def test_gives_one_of_each_role_and_the_desks_of_two_counties(self):
        given = accounts.demonstrate(by=None, now=NOW)
        assert {account.role for account in given.accounts if account.area_code == "13"} == {str(role) for role in Role}
        assert {account.area_code for account in given.accounts} == {"13", "130109", "130581"}
        assert all(account.check_password(given.password) for account in given.accounts)

    def test_a_second_time_renews_the_password_and_gives_no_second_account(self):
        first = accounts.demonstrate(by=None, now=NOW)
        second = accounts.demonstrate(by=None, now=NOW)
        assert Account.objects.count() == len(first.accounts)
        assert second.accounts[0].check_password(second.password)
        assert not second.accounts[0].check_password(first.password)

    def test_refuses_before_the_areas_are_loaded(self):
        from sizao.records.models import Area

        Area.objects.filter(code="130581").delete()
        with pytest.raises(accounts.UnknownArea, match="130581"):
            accounts.demonstrate(by=None, now=NOW)
        assert not Account.objects.exists()


class TestGiveClosed:
    WANTED = (("replay.reporter.13", Role.REPORTER, "13", "河北省信息报告员（复盘）"),)

    def test_gives_accounts_that_nobody_can_use_until_they_are_opened(self):
        (made,) = accounts.give_closed(wanted=self.WANTED, by=None, now=NOW)
        assert (made.is_active, made.has_usable_password()) == (False, False)
        with pytest.raises(access.NotAllowed):
            access.require(made, Right.REPORT_SUBMIT, area_code="13")

    def test_a_second_time_changes_nothing(self):
        accounts.give_closed(wanted=self.WANTED, by=None, now=NOW)
        assert accounts.give_closed(wanted=self.WANTED, by=None, now=NOW) == []
        assert Account.objects.count() == 1


def with_token(**facts):
    account, _ = give()
    return account, token_of(account, **facts)


def token_of(account, **facts):
    defaults = {
        "label": "laboratory",
        "rights": [Right.PERSON_LIST],
        "expires_at": NOW + timedelta(days=90),
        "by": None,
        "now": NOW,
    }
    return accounts.give_token(account=account, **defaults | facts)[1]

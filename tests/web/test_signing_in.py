"""Signing in: nothing is shown to strangers, and accounts are named only where nothing is real."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sizao.terms import OutbreakKind, Role
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-word"


class TestSigningIn:
    def test_opens_the_situation(self, client, officer):
        answer = client.post(reverse("account_login"), {"login": officer.username, "password": PASSWORD})
        assert answer.status_code == 302
        assert answer.url == "/"
        assert client.get("/").status_code == 200

    def test_opens_what_the_role_may_see(self, client, officer):
        officer.role = Role.ADMINISTRATOR
        officer.save()
        answer = client.post(reverse("account_login"), {"login": officer.username, "password": PASSWORD}, follow=True)
        assert answer.redirect_chain[0][0] == reverse("protocol")
        assert answer.status_code == 200

    def test_refuses_a_wrong_password(self, client, officer):
        answer = client.post(reverse("account_login"), {"login": officer.username, "password": "another-word"})
        assert answer.status_code == 200
        assert "_auth_user_id" not in client.session

    def test_refuses_a_closed_account(self, client, officer):
        officer.is_active = False
        officer.save()
        answer = client.post(reverse("account_login"), {"login": officer.username, "password": PASSWORD})
        assert answer.url == reverse("account_inactive")
        assert client.get("/").status_code == 302

    @pytest.mark.parametrize("address", ["/", "/zones/", "/protocol/", "/situation/boundaries/hebei-2021-01/"])
    def test_is_asked_of_every_stranger(self, client, address):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))

    def test_offers_no_account_to_anybody(self, client):
        assert client.get("/accounts/signup/").status_code == 404

    @pytest.mark.parametrize(("language", "word"), [("zh-CN", "登录"), ("en", "Sign in")])
    def test_speaks_the_reader_s_language(self, client, language, word):
        assert word in client.get(reverse("account_login"), headers={"Accept-Language": language}).content.decode()

    def test_switches_the_language(self, client):
        client.post(reverse("set_language"), {"language": "en"})
        assert "User name" in client.get(reverse("account_login")).content.decode()


class TestTheDemonstration:
    def test_names_its_accounts(self, client, demonstration):
        factories.outbreak(kind=OutbreakKind.REPLAY)
        page = client.get(reverse("account_login")).content.decode()
        assert "duty_officer" in page
        assert "abcd-efgh-jkmn-pqrs" in page

    def test_is_silent_beside_a_real_outbreak(self, client, demonstration):
        factories.outbreak(kind=OutbreakKind.REPLAY)
        factories.outbreak(kind=OutbreakKind.REAL)
        assert "abcd-efgh" not in client.get(reverse("account_login")).content.decode()

    def test_is_silent_unless_the_installation_says_it_is_one(self, client, demonstration, settings):
        settings.DEMONSTRATION = False
        assert "abcd-efgh" not in client.get(reverse("account_login")).content.decode()

    def test_is_silent_without_its_file(self, client, demonstration):
        demonstration.unlink()
        assert "duty_officer" not in client.get(reverse("account_login")).content.decode()


class TestTheSecondFactor:
    def test_is_set_up_after_the_password_is_given_again(self, client, officer):
        client.post(reverse("account_login"), {"login": officer.username, "password": PASSWORD})
        asked = client.get(reverse("mfa_activate_totp"))
        assert asked.url.startswith(reverse("account_reauthenticate"))
        page = client.post(asked.url, {"password": PASSWORD}, follow=True)
        assert "data:image/svg+xml" in page.content.decode()

    def test_is_not_set_up_by_whoever_finds_the_screen_open(self, client, officer):
        client.force_login(officer)
        asked = client.get(reverse("mfa_activate_totp"))
        page = client.post(asked.url, {"password": "another-word"}, follow=True)
        assert "data:image/svg+xml" not in page.content.decode()


@pytest.fixture
def officer():
    factories.outbreak()
    account = factories.account()
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def demonstration(settings, tmp_path):
    path = tmp_path / "demonstration-accounts.txt"
    path.write_text("Password of all: abcd-efgh-jkmn-pqrs\n\nduty_officer      河北省值班员 (13)\n", encoding="utf-8")
    settings.DEMONSTRATION = True
    settings.DEMONSTRATION_ACCOUNTS = path
    return path


class TestASessionThatIsOver:
    WROTE = "现场未见消毒记录\n两个垃圾桶未加盖"

    def test_keeps_what_was_written_and_sends_it_again(self, client, officer):
        form = {"what": self.WROTE, "severity": "serious", "item": "isolation-site:zones"}
        answer = client.post("/findings/new/?day=2021-01-10", form)
        page = answer.content.decode()
        assert answer.status_code == 401
        assert page.count(self.WROTE) == 2  # to be read, and to be sent
        assert 'action="/findings/new/?day=2021-01-10"' in page
        assert '<input type="hidden" name="severity" value="serious">' in page
        assert ">serious<" not in page
        assert ">isolation-site:zones<" not in page  # no code is shown to be read
        assert reverse("account_login") in page

    def test_says_that_photographs_are_chosen_again(self, client):
        photo = SimpleUploadedFile("a.jpg", b"x", "image/jpeg")
        page = client.post("/findings/new/", {"what": "x", "photo": photo}).content.decode()
        assert "choose them again" in page or "重新选择" in page

    @pytest.mark.parametrize("sent", [{"accept": "application/json"}, {"sec-fetch-mode": "cors"}])
    def test_is_told_to_scripts_as_before(self, client, sent):
        answer = client.post("/findings/new/", {"what": "x"}, headers=sent)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, reverse("account_login"))

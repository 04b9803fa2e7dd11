"""The menu is written once for readers of the same rights on the same page, and each reader sees their own."""

import re

import pytest
from django.test import Client

from sizao.terms import Role
from sizao.web.shell import NAVIGATION
from tests import factories
from tests.web.conftest import at

pytestmark = pytest.mark.django_db


def menu(client, address):
    html = client.get(address).content.decode()
    inside = re.search(r'<nav class="menu".*?</nav>', html, re.DOTALL)[0]
    here = re.findall(r'<a href="([^"?]+)[^"]*" aria-current="page">', inside)
    return re.findall(r'<a href="([^"?]+)[^"]*"', inside), here, inside


class TestTheMenu:
    def test_holds_what_each_role_may_see_whoever_came_before(self, outbreak, client_of):
        commander, grid = client_of(Role.COMMANDER), client_of(Role.GRID_WORKER, "130109")
        seen = [menu(client, at("/tasks/"))[0] for client in (commander, grid, commander, grid)]
        assert seen[:2] == seen[2:]
        assert ["/doors/" in one for one in seen[:2]] == [False, True]
        assert ["/complaints/" in one for one in seen[:2]] == [True, False]
        assert "/journal/" not in seen[0]
        assert "/journal/" in menu(client_of(Role.SUPERVISOR), at("/journal/"))[0]

    def test_marks_the_page_that_is_open_and_keeps_the_day(self, outbreak, client_of):
        client = client_of(Role.COMMANDER)
        for address in ("/tasks/", "/directives/", "/tasks/"):
            _, here, inside = menu(client, at(address))
            assert here == [address]
            assert "day=2021-01-10" in inside
        assert "day=2021-01-12" in menu(client, at("/tasks/").replace("01-10", "01-12"))[2]

    def test_speaks_the_language_of_each_reader(self, outbreak):
        account = factories.account(role=Role.COMMANDER, area_code="13")
        told = {}
        for language in ("en", "zh-hans", "en"):
            client = Client(headers={"accept-language": language})
            client.force_login(account)
            told[language] = menu(client, at("/tasks/"))[2]
        assert ("My tasks" in told["en"], "我的任务" in told["en"]) == (True, False)
        assert ("My tasks" in told["zh-hans"], "我的任务" in told["zh-hans"]) == (False, True)

    def test_names_every_page_once(self):
        names = [place.name for place in NAVIGATION]
        assert len(names) == len(set(names))

"""A machine at the door: a token, and what it gets."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from sizao.records.access import ROLE_RIGHTS
from sizao.response import accounts
from sizao.terms import Role
from tests import factories

FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Machine:
    """A client that holds a token and speaks JSON."""

    def __init__(self, account, rights=None):
        self.account = account
        rights = ROLE_RIGHTS[Role(account.role)] if rights is None else rights
        factories.area(account.area_code)
        _, secret = accounts.give_token(
            account=account, label="test", rights=rights, expires_at=FAR, by=None, now=factories.NOW
        )
        self.headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
        self._client = Client(headers=self.headers)

    def get(self, path, **query):
        return self._client.get(f"/api/{path}", query)

    def post(self, path, body=None):
        return self._client.post(f"/api/{path}", body or {}, content_type="application/json")


@pytest.fixture
def machine(db):
    """Make a machine for a role in a place, with all rights of the role or some."""

    def make(role=Role.INVESTIGATOR, area_code="130109", rights=None):
        return Machine(factories.account(role=role, area_code=area_code), rights)

    return make


@pytest.fixture
def in_january(monkeypatch):
    """Let requests arrive in January 2021, whose edition has zones."""

    class Clock:
        @staticmethod
        def now(_):
            return factories.NOW

    monkeypatch.setattr("sizao.web.clock.datetime", Clock)


@pytest.fixture
def within(db):
    return factories.outbreak(slug="hebei")

"""Every refusal is JSON with a code, a sentence and facts."""

import pytest
from django.db import OperationalError
from django.test import Client

from sizao.terms import Right, Role
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(answer, status):
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert set(body) == {"code", "message", "facts"}
    assert body["message"].endswith((".", "。"))
    return body


class TestDoor:
    def test_asks_for_a_token(self):
        answer = Client().get("/api/outbreaks")
        assert refusal(answer, 401)["code"] == "api.no_token"
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_refuses_a_token_that_was_never_given(self):
        answer = Client(headers={"Authorization": "Bearer sizao_guess"}).get("/api/outbreaks")
        assert refusal(answer, 401)["code"] == "token.not_valid"

    def test_a_session_opens_nothing_here(self, client):
        client.force_login(factories.account())
        assert refusal(client.get("/api/outbreaks"), 401)

    def test_refuses_what_the_role_does_not_hold(self, machine, within):
        answer = machine(Role.AREA_OFFICER).get("outbreaks/hebei/cases")
        assert refusal(answer, 403)["code"] == "access.not_allowed"

    def test_refuses_what_the_token_does_not_carry(self, machine, within):
        answer = machine(rights=[Right.SITUATION_READ]).get("outbreaks/hebei/cases")
        assert refusal(answer, 403)["code"] == "access.out_of_scope"

    def test_does_not_tell_no_such_outbreak_from_not_yours(self, machine):
        factories.outbreak(slug="henan", area_code="41")
        mine = machine()
        assert mine.get("outbreaks/henan/cases").content == mine.get("outbreaks/nowhere/cases").content

    def test_an_address_that_is_not_there_is_refused_in_words(self, machine):
        assert refusal(machine().get("no/such"), 404)["code"] == "api.not_found"

    def test_a_method_that_is_not_answered_is_refused_in_words(self, machine):
        body = refusal(machine().post("outbreaks"), 405)
        assert body["facts"]["allowed"] == "GET"

    def test_an_area_outside_the_jurisdiction_is_refused(self, machine, within):
        refusal(machine().get("outbreaks/hebei/cases", area="130581"), 404)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"size": "many"}, "size"),
            ({"day": "2021-02-30"}, "day"),
            ({"day": "9999-12-31"}, "day"),
            ({"as_of": "2021-01-10T08:00:00"}, "as_of"),
            ({"as_of": "0001-01-01T00:00:00+14:00"}, "as_of"),
        ],
    )
    def test_an_unreadable_question_names_the_field(self, machine, within, query, field):
        body = refusal(machine().get("outbreaks/hebei/cases", **query), 422)
        assert [error["field"] for error in body["facts"]["errors"]] == [field]

    def test_a_page_that_is_none_is_refused(self, machine, within):
        assert refusal(machine().get("outbreaks/hebei/cases", after="x"), 409)["code"] == "keyset.no_such_page"

    def test_a_character_that_no_text_has_is_refused(self, machine, within):
        refusal(machine().get("outbreaks/hebei/cases", search="\0"), 422)

    @pytest.mark.parametrize("path", ["orders/9", "tasks/9", "zones/9"])
    def test_a_number_beyond_every_row_is_not_found(self, machine, within, path):
        mine = machine(Role.COMMANDER)
        answer = mine.get(path + "9" * 40) if "tasks" not in path else mine.post(path + "9" * 40 + "/receive")
        assert refusal(answer, 404)["code"] == "access.not_found"

    def test_a_lost_database_is_told(self, machine, within, monkeypatch):
        def lost(*_, **__):
            raise OperationalError("the connection is closed")

        mine = machine()
        monkeypatch.setattr("sizao.records.access.outbreaks", lost)
        assert refusal(mine.get("outbreaks"), 503)["code"] == "api.database_lost"

    def test_the_schema_is_open_to_read(self, client):
        assert client.get("/api/openapi.json").json()["openapi"].startswith("3.1")

    def test_speaks_the_language_asked_for(self, machine, within):
        client = machine()._client
        english = client.get("/api/no/such").json()["message"]
        assert "The API has no address" in english

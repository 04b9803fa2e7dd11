"""Every address, every role, inside, outside and anonymous, against the one table of expectations."""

import io
import json
import re
import zipfile

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from sizao.records.access import ROLE_RIGHTS
from sizao.records.models import (
    Event,
)
from sizao.response import accounts
from sizao.terms import (
    Role,
)
from tests import factories
from tests.factories import NOW, VILLAGE
from tests.house.access_table import expectations
from tests.house.walk_world import FAR, INSIDE, NAME, NUMBER, OUTSIDE, Everything

EXPECTED = expectations()
DECIDED = [one for one in EXPECTED if one.right not in ("anyone", "account", "nothing")]
ZONE = {"level": "high", "measures": [], "legal_basis": "walk"}
SQUARE = {"type": "Polygon", "coordinates": [[[114.8, 38], [114.81, 38], [114.81, 38.01], [114.8, 38]]]}
# What an address answers to who may be there; a refusal of how things stand (409, 422) is past the door.
PAST_THE_DOOR = {200, 302, 400, 409, 422}


def addresses(patterns=None, before=""):
    """Every address that Django knows."""
    for pattern in patterns or get_resolver().url_patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield route


class TestTheTable:
    def test_holds_every_address(self):
        assert set(addresses()) - {one.address for one in EXPECTED} == set(), "say in access_table.py who may be here"

    def test_holds_no_address_that_is_gone(self):
        assert {one.address for one in EXPECTED} - set(addresses()) == set()

    @pytest.mark.parametrize("address", sorted({one.address for one in DECIDED}))
    def test_holds_every_method_that_an_address_answers_to(self, address, world):
        methods = {one.method for one in DECIDED if one.address == address}
        commander = world.caller(Role.COMMANDER, INSIDE)
        for method in {"GET", "POST", "PUT", "DELETE"} - methods:
            assert commander.ask(method, address).status_code == 405, method


@pytest.mark.parametrize("expected", DECIDED, ids=str)
class TestWalk:
    def test_anonymous_is_asked_who_it_is(self, expected, world):
        answer = world.caller(None, None).ask(expected.method, expected.address)
        if expected.address.startswith("api/"):
            assert answer.status_code == 401
        elif expected.method == "POST":  # a form keeps what was written
            assert answer.status_code == 401
            assert 'href="/accounts/login/"' in text_of(answer)
        else:
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")

    def test_every_role_from_inside(self, expected, world):
        for role in Role:
            answer, readings = world.caller(role, INSIDE).ask_and_undo(expected.method, expected.address)
            holds = expected.right in ROLE_RIGHTS[role]
            assert answer.status_code in (PAST_THE_DOOR if holds else {403}), (role, answer.status_code)
            assert readings == (1 if holds and expected.reads else 0), role

    def test_every_role_from_outside(self, expected, world):
        for role in Role:
            answer, readings = world.caller(role, OUTSIDE).ask_and_undo(expected.method, expected.address)
            holds = expected.right in ROLE_RIGHTS[role]
            there = {404} if expected.bound else PAST_THE_DOOR
            assert answer.status_code in (there if holds else {403}), (role, answer.status_code)
            assert readings == 0, role
            said = text_of(answer)
            assert NAME not in said, role
            assert NUMBER not in said.replace(expected_path(expected, world), ""), role

    def test_a_stranger_cannot_tell_no_such_from_not_yours(self, expected, world):
        if not expected.bound:
            return
        role = next(role for role in Role if expected.right in ROLE_RIGHTS[role])
        stranger = world.caller(role, OUTSIDE)
        not_yours = stranger.ask(expected.method, expected.address)
        none_such = stranger.ask(expected.method, expected.address, missing=True)
        assert not_yours.status_code == none_such.status_code
        assert plain(not_yours, world.path(expected.address)) == plain(
            none_such, world.path(expected.address, missing=True)
        )


class TestAccountPages:
    @pytest.mark.parametrize("address", [one.address for one in EXPECTED if one.right == "account"])
    def test_are_for_who_is_signed_in(self, address, world):
        answer = world.caller(None, None).ask("GET", address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) in (
            (302, "/accounts/login/"),
            (302, "/"),
        )

    @pytest.mark.parametrize("address", [one.address for one in EXPECTED if one.right == "nothing"])
    def test_nothing_answers_where_nothing_is(self, address, world):
        assert world.caller(Role.COMMANDER, INSIDE).ask("GET", address).status_code == 404


class World(Everything):
    """One of everything, and callers who ask for it."""

    def __init__(self):
        super().__init__()
        self._callers = {(role, area): Caller(self, role, area) for role in Role for area in (INSIDE, OUTSIDE)}
        self._callers[None, None] = Caller(self, None, None)

    def caller(self, role, area_code):
        return self._callers[role, area_code]


class Caller:
    """Somebody who asks: with a session on the web, with a token of all their rights at the API."""

    def __init__(self, world, role, area_code):
        self.world = world
        self.web = self.api = Client()
        if role is None:
            return
        account = factories.account(role=role, area_code=area_code)
        self.web.force_login(account)
        _, secret = accounts.give_token(
            account=account, label="walk", rights=ROLE_RIGHTS[role], expires_at=FAR, by=None, now=NOW
        )
        self.api = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(self, method, address, *, missing=False):
        path = self.world.path(address, missing=missing)
        if address.startswith("api/"):
            return self.api.generic(method, path + api_question(address), api_body(address), "application/json")
        return self.web.generic(method, path, web_body(address), "application/x-www-form-urlencoded")

    def ask_and_undo(self, method, address):
        """Ask, count the readings of people that were journalled, and leave the world as it was."""
        with transaction.atomic():
            before = Event.objects.filter(verb="person.read").count()
            answer = self.ask(method, address)
            said = text_of(answer)  # before the rows are gone
            readings = Event.objects.filter(verb="person.read").count() - before
            transaction.set_rollback(True)
        answer.said = said
        return answer, readings


def api_question(address):
    if address.endswith("/parquet"):
        return "?source=walk&source_key=walk"
    if address.endswith("/runs/file"):
        return "?name=walk"
    if address.endswith("/bulletins/file"):
        return "?date=2021-01-10"
    return "?day=2021-01-10" if address == "api/protocol/rules" else ""


def api_body(address):
    hint = (
        '{"signals": [{"source_key": "walk", "kind": "self_report", "area_code": "%s",'
        ' "occurred_at": "2021-01-10T08:00:00+08:00", "source": "walk"}]}'
    )
    if address.endswith("/signals"):
        return hint % VILLAGE
    if address.endswith("/stream-counts"):
        count = '{"stream": "walk", "kind": "fever_clinic", "area_code": "%s", "date": "2021-01-10", "count": 3}'
        return '{"counts": [%s]}' % (count % VILLAGE)
    presence = {"number": "walk", "place": "walk", "start": "2021-01-10T08:00:00+08:00"}
    bodies = {
        "push-lists/<number>/results": {"results": [{"ref": 1, "result": "tested"}]},
        "/presences": {"source_key": "walk", "source": "walk", "presences": [presence]},
        "/swabs": {"swabs": [{"source_key": "walk", "tube": "walk", "taken_at": "2021-01-10T08:00:00+08:00"}]},
        "/results": {"id_numbers": ["walk"], "purpose": "walk"},
        "/box-acts": {
            "acts": [{"source_key": "walk", "act": "closed", "box": "walk", "happened_at": "2021-01-10T08:00:00+08:00"}]
        },
        "/rounds": {"name": "walk", "areas": [INSIDE], "pool_size": 5, "begins_at": "2021-01-10T08:00:00+08:00"},
        "/sites": {"name": "walk", "area_code": INSIDE, "n_tables": 1},
        "/plans": {"villages": []},
        "/observations": {
            "observations": [{"source_key": "walk", "person": "walk", "observed_at": "2021-01-10T08:00:00+08:00"}]
        },
        "/receipts": {"source_key": "walk", "laboratory": "walk", "tubes": ["walk"]},
        "/plates": {"code": "walk", "wells": {"A1": "walk"}},
        "/runs": {"source_key": "walk", "readings": [{"tube": "walk", "found": "negative"}]},
        "/laboratories": {"code": "WALK-2", "name": "walk", "area_code": INSIDE, "tubes_per_hour": 9},
        "/traces": {"cases": [NUMBER], "purpose": "find_contacts", "reason": "walk"},
        "/isolation-sites": {"name": "walk", "area_code": INSIDE},
        "/rooms": [{"number": "102"}],
        "/move": {"state": "closed", "reason": "walk"},
        "/push": {"area_code": INSIDE},
        "/push-again": {"area_code": INSIDE},
        "push-lists/<number>/receive": {"name": "walk"},
        "directives/parts/<number>/receive": {"source_key": "walk", "answers_for": "walk"},
        "directives/parts/<number>/report": {"source_key": "walk", "text": "walk"},
        "directives/parts/<number>/close": {"source_key": "walk", "text": "walk", "signed_as": "walk"},
        "/placements/<number>/change": {"room": 1, "reason": "walk"},
        "/room": {"room": 987654, "reason": "walk"},
        "/words": {"text_zh": "walk", "text_en": "walk"},
        "/needs": {"kind": "diet"},
        "/orders/<number>/serve": {"how": "in_person", "family": "told"},
        "/orders/<number>/extend": {"because": "new_exposure", "on": "2021-01-10", "reason": "walk"},
        "/objections": {"about": "order", "subject_id": 987654, "text": "walk", "channel": "phone"},
        "/objections/<number>/decide": {"decision": "granted", "reason": "walk"},
        "/transfers": {"person": NUMBER, "kind": "care", "reason": "walk"},
        "/zones/proposed": ZONE | {"area": INSIDE, "units": ["walk"]},
        "/zones/drawn": ZONE | {"area": INSIDE, "boundary": SQUARE},
        "zones/<number>/extend": {"until": "2021-01-20", "reason": "walk"},
        "zones/<number>/regrade": {"level": "high"},
        "zones/<number>/measures": {"measures": [], "legal_basis": "walk", "reason": "walk"},
        "zones/<number>/redraw": {"boundary": SQUARE, "reason": "walk"},
        "zones/<number>/requests": {"person": NUMBER, "kind": "care"},
        "/trip-acts": {
            "acts": [{"source_key": "walk", "trip": 1, "kind": "set_out", "happened_at": "2021-01-10T08:00:00+08:00"}]
        },
        "/people": {"people": [{"name": "walk", "phone": "13800000000", "area_code": INSIDE}]},
        "data-value-sets": {
            "dataSet": "DsDailyCov1",
            "dataValues": [
                {"dataElement": "De000000001", "period": "20210108", "orgUnit": "Ou000000001", "value": "1"}
            ],
        },
    }
    for ending, body in bodies.items():
        if address.endswith(ending):
            return json.dumps(body)
    return '{"reason": "walk", "outcome": "walk", "note": "walk", "outbreak": "hebei-2021-01"}'


def web_body(address):
    decision = {"zones": "approved", "orders": "issue", "signals": "verify", "alerts": "verifying"}.get(
        address.partition("/")[0], ""
    )
    return f"decision={decision}&reason=walk&outcome=walk&key=contacts.close.central_days&note=walk"


def text_of(answer):
    """Say all that an answer holds as text, a spreadsheet's cells included."""
    if hasattr(answer, "said"):
        return answer.said
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            raw = b"".join(book.read(name) for name in book.namelist())
    return raw.decode("utf-8", errors="replace")


def plain(answer, path):
    """Leave out of a page what differs from one showing to the next: form tokens, and its own address."""
    said = text_of(answer).replace(path, "")
    return re.sub(r'(name="csrfmiddlewaretoken" value="|"X-CSRFToken": ?"|nonce=")[^"]*', "", said)


def expected_path(expected, world):
    return world.path(expected.address)


@pytest.fixture(scope="module")
def db(django_db_setup, django_db_blocker):
    """Give all tests here one transaction: to make the world for each of two thousand was most of their time."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def one_world(db):
    return World()


@pytest.fixture
def world(one_world):
    """Give the world, and leave it as it was."""
    with transaction.atomic():
        yield one_world
        transaction.set_rollback(True)

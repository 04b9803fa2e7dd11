"""Rubbish in each question and field of each page: refused in a sentence or passed over, never a fault."""

import inspect
import re

import pytest
from django.db import transaction
from django.urls import get_resolver

from sizao.terms import Role
from tests.house.access_table import expectations
from tests.house.test_access_walk import addresses, db, one_world, world  # noqa: F401 — fixtures
from tests.house.walk_world import INSIDE

ALONE = ("²", "9" * 40)  # what passes for a number until it is read as one
TOGETHER = (*ALONE, "zzz", "-1", "\0", "１２", "2021-02-30", "1e999", "nan", "x" * 10_000, "' OR 1=1 --", "<b>")
NAMES = re.compile(r"""(?:GET|POST|given|asked|query)(?:\.get|\.getlist)?[(\[]["'](\w+)["']""")
HOLDS = {one.right: one for one in expectations()}
PAGES = sorted({(one.method, one.address, one.right) for one in expectations() if not one.address.startswith("api/")})


def fields_of(view):
    """Name what the module of a view, and what all pages share, reads of a question or form."""
    module = inspect.getmodule(inspect.unwrap(view))
    return sorted({"day", "outbreak", *NAMES.findall(inspect.getsource(module))}) if module else ["day", "outbreak"]


def asker(one_world, right):  # noqa: F811
    from sizao.records.access import ROLE_RIGHTS

    role = next((role for role in Role if right in ROLE_RIGHTS[role]), Role.COMMANDER)
    return one_world.caller(role, INSIDE).web


@pytest.mark.parametrize(("method", "address", "right"), PAGES)
def test_is_never_a_fault(method, address, right, world):  # noqa: F811
    client, path = asker(world, right), world.path(address)
    fields = fields_of(get_resolver().resolve(path).func)
    client.raise_request_exception = False
    faults = []
    # Each alone, since what is refused of one field hides what the next would do; of what is sent, all at once.
    asked = [{name: text} for name in fields for text in ALONE] if method == "GET" else []
    asked += [dict.fromkeys(fields, text) for text in TOGETHER]
    for given in asked:
        with transaction.atomic():
            answer = client.get(path, given) if method == "GET" else client.post(path, given)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            faults.append({name: text[:20] for name, text in given.items()})
    assert not faults

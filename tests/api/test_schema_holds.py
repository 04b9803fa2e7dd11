"""The schema is a promise: whatever is sent, each address answers as it declares, and never with a fault of its own."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from sizao.api.urls import api
from sizao.records.access import ROLE_RIGHTS
from tests import factories
from tests.api.conftest import Machine

CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance)
EACH = 12  # requests to each address, made up from its schema: some as declared, some not


@pytest.fixture
def officers(db):
    """Machines of the whole province, each of another role, so that every address is open to one of them."""
    # A test lives in one transaction, whose connection a server would drop after each request.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    factories.outbreak(slug="hebei")
    yield [Machine(factories.account(role=role, area_code="13")) for role in ROLE_RIGHTS]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schemathesis.serializer("application/vnd.apache.parquet")
def as_it_is(_, body):
    return body


schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
schema.app = get_wsgi_application()
OPERATIONS = [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_answers_as_declared(operation, officers):
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EACH, derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case):
        if "slug" in case.path_parameters:
            case.path_parameters["slug"] = "hebei"
        for officer in officers:
            answer = case.call(headers=officer.headers)
            if answer.status_code != 403:
                break
        case.validate_response(answer, checks=CHECKS)

    ask()

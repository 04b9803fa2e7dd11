"""An outbreak under way, and people who look at it."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from sizao.terms import Role
from tests import factories

DAY = date(2021, 1, 10)
MORNING = datetime(2021, 1, 10, 1, 0, tzinfo=UTC)  # 09:00 of that day where it happens


@pytest.fixture
def outbreak(noise):
    factories.area("130109", "藁城区")
    factories.area()
    return factories.outbreak(slug="here", last_date=date(2021, 2, 14))


@pytest.fixture
def client_of(db):
    """Sign somebody in: `client_of(Role.INVESTIGATOR, "130109")`."""

    def sign_in(role=Role.DUTY_OFFICER, area_code="13", **facts):
        client = Client(headers={"accept-language": "en"})
        client.force_login(factories.account(role=role, area_code=area_code, **facts))
        return client

    return sign_in


def at(path: str, day: date = DAY, **asked) -> str:
    """Give an address of the outbreak on a day."""
    more = "".join(f"&{key}={value}" for key, value in asked.items())
    return f"{path}?outbreak=here&day={day}{more}"

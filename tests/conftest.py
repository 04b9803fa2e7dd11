"""No network, no clock, no global dice; a real PostgreSQL of the tests' own."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ["SIZAO_VAR"] = str(ROOT / "var" / "tests")
os.environ.pop("DATABASE_URL", None)

from sizao.cli import start  # noqa: E402 — the settings above must stand before Django reads them

start.django_ready()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402

# A test's rows are never committed, so that statistics gathered on the way say the tables are empty; a question
# planned by them may take minutes. Without any, PostgreSQL plans for tables of some size.
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
    server.execute("ALTER SYSTEM SET autovacuum = off")
    server.execute("SELECT pg_reload_conf()")

# Two people testing at once on one machine each name a database of their own.
settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = "test_" + os.environ.get("SIZAO_TEST_DB", "sizao")

# The tests guard no secret, so a password need not cost a twentieth of a second.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A client is made for most tests of a page; listing every static file each time would cost more than the page.
settings.WHITENOISE_AUTOREFRESH = True

import numpy as np  # noqa: E402
import pytest  # noqa: E402

from tests import slowness  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--took", type=Path, help="Note in this file how long each test took, for `make slow`.")


def pytest_configure(config):
    if config.option.took and not hasattr(config, "workerinput"):
        config.pluginmanager.register(slowness.Stopwatch(config.option.took))


def pytest_collection_modifyitems(items):
    slow = slowness.listed()
    for item in items:
        if slowness.function_of(item.nodeid) in slow:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def no_global_dice():
    """Fail a test that touched the global random generator."""
    before = np.random.get_state()[1].copy()
    yield
    assert (np.random.get_state()[1] == before).all(), "the global dice were thrown; pass a Generator in"


@pytest.fixture(scope="session")
def spark():
    """A cluster of two workers and a session that joined it; one for all tests on Spark."""
    from tests.spark_cluster import session_of

    with session_of(n_workers=2) as (cluster, session):
        yield cluster, session


@pytest.fixture
def noise(db):
    """Create unrelated rows, so that a query that forgot its filter fails."""
    from tests import factories

    elsewhere = factories.outbreak(area_code="41")
    factories.case(of=factories.person(area_code="410102001001"), within=elsewhere)
    factories.place(area_code="410102")
    return elsewhere


@pytest.fixture(autouse=True)
def presences_of_their_own(settings, tmp_path):
    """Let bulk presences of a test lie in its own folder, and go with it."""
    settings.PRESENCES_DIR = tmp_path / "presences"

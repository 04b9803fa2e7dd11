"""Versions of stages: counted by the database, for every table, without writers waiting for one another."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from sizao.records import changes
from sizao.records.models import Area
from tests import factories

NOT_WATCHED = {"records_account", "records_apitoken", "records_changemark", "records_event"}
NOW = datetime(2021, 1, 8, 9, tzinfo=UTC)


@pytest.fixture
def afresh(db):
    """Give a way to begin as a new transaction does, which marks again what it changes."""

    def begin():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('sizao.marked', '', true)")

    begin()
    return begin


@pytest.mark.django_db
def test_every_table_is_watched_but_those_named():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'mark_change' AND tgparentid = 0")
        watched = {name for (name,) in cursor.fetchall()}
    tables = {model._meta.db_table for model in apps.get_app_config("records").get_models()}
    assert tables - watched == NOT_WATCHED
    assert not watched & NOT_WATCHED


class TestAVersion:
    def test_is_another_one_after_a_change_of_its_stage_alone(self, afresh):
        before = changes.versions()
        factories.case(within=factories.outbreak())
        after = changes.versions()
        assert after["cases"] > before.get("cases", 0)
        assert after.get("zoning") == before.get("zoning")

    @pytest.mark.parametrize("write", ["UPDATE records_area SET name = name", "DELETE FROM records_area"])
    def test_changes_with_updates_and_deletions(self, afresh, write):
        Area.objects.create(code="13", name="河北省", short_name="河北", level="province")
        afresh()
        before = changes.versions()["register"]
        with connection.cursor() as cursor:
            cursor.execute(write)
        assert changes.versions()["register"] == before + 1

    def test_grows_once_a_transaction(self, afresh):
        factories.area("1301")
        before = changes.versions()["register"]
        factories.area("1302")
        assert changes.versions()["register"] == before

    def test_stays_when_a_change_is_taken_back(self, afresh):
        before = changes.versions()
        with transaction.atomic():
            factories.area("1301")
            transaction.set_rollback(True)  # noqa: FBT003 — Django takes it so
        assert changes.versions() == before
        factories.area("1302")  # whoever tries again marks it again
        assert changes.versions()["register"] == before.get("register", 0) + 1

    def test_stays_when_something_is_read(self, afresh):
        factories.case(within=factories.outbreak())
        before = changes.versions()
        list(Area.objects.all())
        assert changes.versions() == before


class TestTogether:
    def test_counts_what_no_stage_claims_for_every_reader(self):
        found = {"cases": 3, "zoning": 5, "other": 2}
        assert changes.together(found, ["cases"]) == 5
        assert changes.together(found, ["testing"]) == 2


@pytest.mark.django_db(transaction=True)
def test_writers_of_one_stage_do_not_wait_for_each_other():
    address = settings.DATABASES["default"]
    with connect(address) as one, connect(address) as other:
        for number, writer in enumerate((one, other)):
            # Neither has committed when the other writes; whoever had to wait would be refused after a second.
            writer.execute("SET lock_timeout = '1s'")
            writer.execute(
                "INSERT INTO records_area (code, name, short_name, level) VALUES (%s, 'x', 'x', 'province')",
                [f"{13 + number}"],
            )
        before = changes.versions().get("register", 0)
        one.commit()
        other.commit()
        assert changes.versions()["register"] == before + 2


def connect(address):
    return psycopg.connect(
        dbname=connection.settings_dict["NAME"],
        user=address["USER"],
        host=address["HOST"],
        port=address["PORT"] or None,
    )

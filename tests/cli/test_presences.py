"""`sizao presences`: a file of presences into the running installation, and what is refused."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sizao.cli import main
from sizao.cli.presences import command
from sizao.records.models import PresenceBatch
from tests import factories

pytestmark = pytest.mark.django_db

ROWS = """id_number,place,start,end
13010919800101001X,shop,2021-01-08T10:00,2021-01-08T11:00
13010919800101002X,shop,2021-01-08T10:00,
,shop,2021-01-08T10:00,
"""


class TestPresences:
    def test_of_a_table_are_taken_once(self, run, tmp_path):
        file = tmp_path / "scans.csv"
        file.write_text(ROWS, encoding="utf-8")
        for _ in range(2):
            assert "2 presences taken, 1 rows refused (1 nobody named)." in run(file).output
        batch = PresenceBatch.objects.get()
        assert (batch.rows_taken, batch.source, batch.is_generated) == (2, "venues", False)

    def test_of_parquet_are_taken_too(self, run, tmp_path):
        file = tmp_path / "scans.parquet"
        pq.write_table(pa.table({"number": ["P-1"], "place": ["shop"], "start": [1610071200], "end": [None]}), file)
        assert "1 presences taken" in run(file, "--generated").output
        assert PresenceBatch.objects.get().is_generated

    def test_are_taken_in_parts_under_keys_of_their_own(self, run, tmp_path, monkeypatch):
        monkeypatch.setattr("sizao.cli.presences.ROWS_AT_ONCE", 2)
        file = tmp_path / "scans.csv"
        file.write_text(ROWS, encoding="utf-8")
        run(file, "--key", "monday")
        assert sorted(PresenceBatch.objects.values_list("source_key", "rows_taken")) == [
            ("file:monday:0", 2), ("file:monday:1", 0),
        ]  # fmt: skip


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("a.csv", b"place,start\nshop,1\n", "end"),
            ("a.csv", b"place,start,end\nshop,1,2\n", "nothing says who"),
            ("a.csv", b"\xff\xfe", "line 1"),
            ("a.parquet", b"PAR1", "not a whole Parquet file"),
            ("a.parquet", None, "no such file"),
        ],
    )
    def test_are_one_sentence(self, refused, tmp_path, name, content, said):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        told = refused(tmp_path / name)
        assert said in told
        assert "Traceback" not in told
        assert not PresenceBatch.objects.exists()

    def test_name_the_outbreaks_there_are(self, refused, tmp_path):
        file = tmp_path / "scans.csv"
        file.write_text(ROWS, encoding="utf-8")
        assert "hebei" in refused(file, slug="atlantis")


@pytest.fixture
def run(outbreak):
    """Run the command as at the end of a day of the replay."""

    def run(file, *more):
        arguments = [str(file), "--outbreak", "hebei", "--source", "venues", "--day", "2021-01-10", *more]
        return CliRunner().invoke(command, arguments, catch_exceptions=False)

    return run


@pytest.fixture
def refused(outbreak):
    """Run the whole program, expect a refusal, and give what it said."""

    def refused(file, slug="hebei"):
        done = CliRunner().invoke(main, ["presences", str(file), "--outbreak", slug, "--source", "venues"])
        assert done.exit_code == 1
        return done.output

    return refused


@pytest.fixture
def outbreak(db):
    return factories.outbreak(slug="hebei", last_date=date(2021, 2, 14))

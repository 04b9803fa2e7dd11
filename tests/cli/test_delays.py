"""`sizao delays`: what goes in, what comes out, and what is refused with which sentence."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from sizao.cli import main

MADE = Path(__file__).parents[1] / "reference" / "delays"
HEADER = "onset,hospital\n"


@pytest.fixture
def run(tmp_path):
    def invoke(text, *options):
        pairs = tmp_path / "pairs.csv"
        pairs.write_text(text, encoding="utf-8")
        arguments = ["delays", str(pairs), "--from", "onset", "--to", "hospital", "--out", str(tmp_path / "fits.csv")]
        return CliRunner().invoke(main, [*arguments, *options])

    return invoke


def rows_of(path):
    with path.open() as rows:
        return list(csv.DictReader(rows))


def h7n9():
    return (MADE / "pairs.csv").read_text()


class TestDelays:
    @pytest.mark.parametrize("now", ["", "2013-04-15"])
    def test_gives_the_fits_of_r_the_best_first(self, run, tmp_path, now):
        assert run(h7n9(), *(["--now", now] if now else [])).exit_code == 0
        made = {
            row["family"]: row
            for row in rows_of(MADE / "fits.csv")
            if row["by"] == "optim" and row["now"] == now and row["growth"] == "0"
        }
        fits = rows_of(tmp_path / "fits.csv")
        assert sorted(made) == sorted(fit["family"] for fit in fits)
        assert [float(fit["aic"]) for fit in fits] == sorted(float(fit["aic"]) for fit in fits)
        for fit in fits:
            names = ("meanlog", "sdlog") if fit["family"] == "lognormal" else ("shape", "scale")
            theirs = [float(made[fit["family"]][name]) for name in ("first", "second")]
            assert [float(fit[name]) for name in names] == pytest.approx(theirs, rel=2e-5)
            assert fit["n"] == made[fit["family"]]["n"]
            assert float(fit["mean_lower"]) < float(fit["mean"]) < float(fit["mean_upper"])

    def test_fits_the_families_that_were_asked_for(self, run, tmp_path):
        assert run(h7n9(), "--family", "gamma").exit_code == 0
        (fit,) = rows_of(tmp_path / "fits.csv")
        assert fit["family"] == "gamma"
        assert fit["meanlog"] == ""

    def test_tells_what_is_left_out(self, run):
        result = run(h7n9() + "2013-04-01,\n,2013-04-02\n", "--now", "2013-04-15")
        assert "2 rows without one of the two days were left out." in result.output
        assert "21 rows end after 2013-04-15 and were left out; the fit allows for them." in result.output

    def test_draws_a_picture(self, run, tmp_path):
        assert run(h7n9(), "--plot", str(tmp_path / "fits.svg")).exit_code == 0
        assert b"<svg" in (tmp_path / "fits.svg").read_bytes()


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "options", "reason"),
        [
            (HEADER + "2013-04-05,2013-04-04\n", (), "line 2: it ends on 2013-04-04, before it begins on 2013-04-05"),
            (HEADER + "2013-04-05,x\n", (), "hospital is 'x'; it should be a day like"),
            ("onset,admission\n2013-04-05,2013-04-06\n", (), "the column hospital is missing"),
            (HEADER, (), "there is no row below the header"),
            (HEADER + "2013-04-05,2013-04-06\n" * 4, (), "There are 4 delays, and a fit needs at least 5"),
            (HEADER + "2013-04-05,2013-04-06\n" * 9, ("--now", "2013-04-01"), "There are 0 delays"),
        ],
    )
    def test_one_sentence_and_nothing_is_written(self, run, tmp_path, text, options, reason):
        result = run(text, *options)
        assert result.exit_code == 1
        assert reason in result.output
        assert not (tmp_path / "fits.csv").exists()

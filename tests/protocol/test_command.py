"""`sizao protocol check` and `show`."""

from datetime import date

import pytest
from click.testing import CliRunner

from sizao.cli.protocol import command
from sizao.protocol import FaultyProtocol
from sizao.protocol.escalation import shipped_escalation
from sizao.protocol.read_triggers import shipped_watch_at
from sizao.protocol.shipped import shipped_text
from sizao.terms import VehicleKind


@pytest.fixture
def sizao():
    return lambda *words: CliRunner().invoke(command, [str(word) for word in words])


class TestCheck:
    def test_finds_no_fault_in_what_is_shipped(self, sizao):
        done = sizao("check")
        assert done.exit_code == 0
        assert "No fault: 6 editions, 1 annex, 3 sets of case definitions, 107 sources." in done.stdout

    def test_prints_each_fault_and_ends_with_1(self, sizao, tmp_path, edition_8):
        wrong = tmp_path / "mine.toml"
        wrong.write_text(edition_8.replace("transfer_hours = 12", "tranfer_hours = 12", 1), encoding="utf-8")
        done = sizao("check", wrong)
        assert done.exit_code == 1
        assert len(done.stdout.splitlines()) == 2
        assert f"{wrong}:" in done.stdout
        assert "Did you mean transfer_hours?" in done.stdout
        assert "2 faults found. Mend the files and check again." in done.stderr

    def test_accepts_a_copy_of_each_shipped_file(self, sizao, tmp_path):
        for name in ("editions/new-ten.toml", "annexes/drill-zhengzhou-2021.toml", "definitions/treatment-8.toml"):
            copy = tmp_path / "copy.toml"
            copy.write_text(shipped_text(name), encoding="utf-8")
            done = sizao("check", copy)
            assert (done.exit_code, "No fault in 1 file" in done.stdout) == (0, True)

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (None, "cannot be read: No such file or directory."),
            (b"\xff\xfe", "is not UTF-8 text. Save it as UTF-8."),
            (b"a = 1", "is no edition ([meta]), no annex"),
            (b"a = ", "is not TOML: invalid value"),
        ],
    )
    def test_refuses_what_is_no_such_file(self, sizao, tmp_path, content, told):
        file = tmp_path / "odd.toml"
        if content is not None:
            file.write_bytes(content)
        done = sizao("check", file)
        assert (done.exit_code, told in done.stdout) == (1, True)


class TestShow:
    def test_shows_values_with_status_sources_and_document(self, sizao):
        done = sizao("show", "--on", "2022-04-01", "treatment.after_discharge_days", "contacts.close.specimen")
        assert done.stdout.splitlines() == [
            "contacts.close.specimen = nasopharyngeal  [sourced S03 S15; edition-8]",
            "treatment.after_discharge_days = 7 days  [sourced S43; edition-8+treatment-9]",
        ]

    def test_shows_all_rules_and_what_is_not_set(self, sizao):
        done = sizao("show", "--on", "2021-01-10", "--area", "130109")
        early_warning = shipped_watch_at(date(2021, 1, 10), "130109").values()
        shown = done.stdout.splitlines()
        steps = [one for one in shown if one.startswith("escalation.")]
        assert len(steps) == len(shipped_escalation().values)
        assert len(shown) == 276 + len(list(early_warning)) + len(VehicleKind) + len(steps)
        assert "contacts.close.specimen = not set  [unset; edition-7]" in done.stdout

    def test_refuses_a_wrong_key_and_a_day_without_protocol(self, sizao):
        assert "Did you mean contacts.close?" in str(sizao("show", "--on", "2022-04-01", "contacts.clse.x").exception)
        assert "No protocol is in force" in str(sizao("show", "--on", "2019-04-01").exception)
        assert sizao("show", "--on", "2022-02-30").exit_code == 2


def test_the_error_gathers_and_sorts_faults():
    from sizao.protocol import Fault

    faulty = FaultyProtocol([Fault("b", 2, "k", "x."), Fault("a", 1, "", "y."), Fault("b", 2, "k", "x.")])
    assert str(faulty).splitlines()[1:] == ["a:1: y.", "b:2: k: x."]
    assert str(faulty).startswith("2 faults")

"""Whatever is done to a file of the library, it still reads or is refused: nothing crashes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.protocol import FaultyProtocol, load_annex, shipped
from sizao.protocol.adoptions import load_adoptions
from sizao.protocol.bounds import load_bounds
from sizao.protocol.check import check_texts
from sizao.protocol.load import load_edition
from sizao.protocol.read_definitions import load_criteria, load_definitions
from sizao.protocol.read_triggers import load_early_warning
from sizao.protocol.shipped import load_each, shipped_text
from sizao.protocol.sources import load_sources

ADOPTION = '[[adoptions]]\narea_code = "41"\nedition = "edition-9"\nfirst_day = 2022-08-15\nsource = "S56"\n'


def define(text, file):
    return load_definitions(text, file, shipped().criteria)


FILES = [
    ("editions/edition-8.toml", load_edition),
    ("annexes/drill-zhengzhou-2021.toml", load_annex),
    ("definitions/treatment-8.toml", define),
    ("definitions/criteria.toml", load_criteria),
    ("bounds.toml", load_bounds),
    ("sources.toml", load_sources),
    ("surveillance/early-warning-2020.toml", load_early_warning),
]
JUNK = ["3", "-7", '"x"', '""', "[]", "{}", "[{}]", "true", "1.5", "2021-01-01", "[3]", "[[1]]", "{ a = 1 }", "=", "["]


CHANGES = ["", "[meta]", "[[companions]]", "[x", "{line}\n{line}", *(f"{{key}}= {junk}" for junk in JUNK)]


def faults(load, text):
    """Load a text; give its faults, None when it was read. Anything else that is raised fails the test."""
    try:
        load(text, "file.toml")
    except FaultyProtocol as refused:
        return refused.faults
    return None


@settings(max_examples=300, deadline=None)
@given(file=st.sampled_from(FILES), place=st.integers(0, 10_000), change=st.sampled_from(CHANGES))
def test_one_damaged_line_is_read_or_refused(file, place, change):
    name, load = file
    lines = shipped_text(name).split("\n")
    line = lines[place % len(lines)]
    lines[place % len(lines)] = change.replace("{line}", line).replace("{key}", line.partition("=")[0])
    assert faults(load, "\n".join(lines)) != ()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([load for _, load in FILES] + [load_adoptions]), st.text(max_size=40))
def test_any_text_is_read_or_refused(load, text):
    assert faults(load, text) != ()


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("load", [load for _, load in FILES] + [load_adoptions])
def test_junk_under_any_name_is_read_or_refused(load, junk):
    for name in ("meta", "overrides", "bounds", "adoptions", "classes", "criteria", "S1", "provenance", "companions"):
        assert faults(load, f"{name} = {junk}") != ()


@pytest.mark.parametrize("junk", JUNK)
def test_a_damaged_companion_is_refused(junk):
    text = shipped_text("editions/edition-8.toml")
    head, _ = text.split("[[companions]]", 1)
    assert junk == "[]" or faults(load_edition, f"companions = {junk}\n{head}")
    assert faults(load_edition, text.replace("\n[companions.changes]\n", f"\nchanges = {junk}\n[x]\n", 1))


def test_the_faults_of_several_files_are_told_together():
    with pytest.raises(FaultyProtocol) as refused:
        load_each(
            load_adoptions, [("a.toml", ADOPTION.replace("41", "4")), ("b.toml", "="), ("c.toml", "adoptions = 1")]
        )
    assert [fault.file for fault in refused.value.faults] == ["b.toml", "c.toml"]


def test_checking_any_of_them_together_finds_the_damage():
    found = check_texts([("e.toml", shipped_text("editions/edition-8.toml").replace("[zones]", "[zone]"))])
    assert any("Did you mean zones?" in fault.text for fault in found)

"""Text becomes an edition, or every fault is told at once, each naming itself and what was allowed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.protocol import FaultyProtocol
from sizao.protocol.check import check_texts
from sizao.protocol.load import load_edition
from sizao.protocol.schema import KEYS, Kind
from sizao.protocol.shipped import shipped_text

WRONG_FOR = {
    Kind.FLAG: "1",
    Kind.WHOLE: "true",
    Kind.NUMBER: '"0.1"',
    Kind.TEXT: "7",
    Kind.DAY: '"2021-05-14"',
    Kind.WHOLES: '["1"]',
    Kind.TEXTS: "[1]",
}


def spoil(text, key, change):
    """Change the line of a key in its section."""
    section, _, name = key.rpartition(".")
    head, rest = text.split(f"[{section}]\n", 1)
    return f"{head}[{section}]\n" + re.sub(rf"(?m)^{name} = .*$", change, rest, count=1)


class TestAMisspeltKey:
    def test_names_itself_file_line_and_what_was_meant(self, edition_8, faults_of):
        wrong = edition_8.replace("transfer_hours = 12", "tranfer_hours = 12", 1)
        line = wrong[: wrong.index("tranfer_hours")].count("\n") + 1
        told = "\n".join(faults_of(wrong))
        assert f"file.toml:{line}: contacts.close.tranfer_hours: [contacts.close] has no rule called" in told
        assert "Did you mean transfer_hours? It may hold: central_days, central_test_days," in told

    def test_says_which_key_is_now_missing(self, edition_8, faults_of):
        told = faults_of(edition_8.replace("transfer_hours = 12", "tranfer_hours = 12", 1))
        assert any("contacts.close.transfer_hours: is missing. Add it to [contacts.close]" in one for one in told)

    def test_also_names_a_section(self, edition_8, faults_of):
        told = "\n".join(faults_of(edition_8.replace("[fever_clinic]", "[fever_clinics]")))
        assert "fever_clinics: An edition has no rule called fever_clinics. Did you mean fever_clinic?" in told

    @settings(max_examples=40, deadline=None)
    @given(key=st.sampled_from(sorted(KEYS)), place=st.integers(0, 40))
    def test_is_refused_wherever_it_stands(self, key, place):
        text = shipped_text("editions/edition-8.toml")
        name = key.rpartition(".")[2]
        misspelt = name[: place % len(name)] + "q" + name[place % len(name) :]
        with pytest.raises(FaultyProtocol) as refused:
            load_edition(spoil(text, key, lambda found: found[0].replace(name, misspelt, 1)), "e.toml")
        told = str(refused.value)
        assert f"has no rule called {misspelt}" in told
        assert f"{key}: is missing" in told


class TestAWrongValue:
    @settings(max_examples=40, deadline=None)
    @given(key=st.sampled_from(sorted(KEYS)))
    def test_of_another_kind_says_what_it_must_be(self, key):
        text = shipped_text("editions/edition-8.toml")
        wrong = WRONG_FOR[KEYS[key].kind]
        with pytest.raises(FaultyProtocol) as refused:
            load_edition(spoil(text, key, lambda found: re.sub(r"= .*?  #", f"= {wrong}  #", found[0])), "e.toml")
        assert [fault.key for fault in refused.value.faults] == [key]
        assert f"but must be {KEYS[key].kind}." in str(refused.value)

    @pytest.mark.parametrize(
        ("key", "line", "told"),
        [
            ("case.cluster_window_days", "= -3  # unverified", "is -3, but must be 0 or more, or -1 for no value."),
            ("case.severe_spo2_at_most_percent", "= 193  # sourced S42", "a percentage is at most 100"),
            ("contacts.close.home_test_days", "= [7, 2]  # sourced S14", "must rise from 1 or more"),
            ("contacts.close.home_test_days", "= [2, 9]  # sourced S14", "has a test on day 9 of a period of 7 days"),
            ("inbound.positive_ct_below", "= 35  # unset", "is marked unset but holds 35"),
            ("meta.published", "= 2021-05-20  # sourced S15", "below meta.published = 2021-05-20"),
            ("meta.title_zh", '= ""  # sourced S02', "must be set in every edition"),
            ("testing.region.site_people_to", "= 5  # sourced S47", "is 5, below testing.region.site_people_from"),
            ("limits.blocking_of_exits", "= true  # unverified", "may never be true"),
        ],
    )
    def test_that_cannot_be_is_told(self, edition_8, faults_of, key, line, told):
        wrong = spoil(edition_8, key, f"{key.rpartition('.')[2]} {line}")
        assert told in "\n".join(faults_of(wrong))


class TestProvenance:
    def test_of_an_unknown_status_is_refused(self, edition_8, faults_of):
        wrong = spoil(edition_8, "case.cluster_window_days", "cluster_window_days = 14  # rumoured")
        assert "has the unknown status rumoured" in "\n".join(faults_of(wrong))

    def test_without_a_comment_is_refused(self, edition_8, faults_of):
        wrong = spoil(edition_8, "case.cluster_window_days", "cluster_window_days = 14")
        assert "has no comment with its status. Write `meaning | status" in "\n".join(faults_of(wrong))

    def test_must_agree_with_the_table(self, edition_8, faults_of):
        wrong = spoil(edition_8, "case.cluster_window_days", "cluster_window_days = 14  # sourced S66")
        assert "is sourced by its comment, but [provenance] lists it as unverified" in "\n".join(faults_of(wrong))

    def test_lists_each_key_once_and_only_keys(self, edition_8, faults_of):
        wrong = edition_8.replace("local = [\n", 'local = [\n  "case.cluster_window_day",\n  "case.suspected_rule",\n')
        wrong = wrong.replace("inherited = [\n]", "inherited = 3\nguessed = []")
        told = "\n".join(faults_of(wrong))
        assert "provenance.inherited: must be a list of texts, but is 3." in told
        assert "provenance.guessed: is no status." in told
        assert "lists case.cluster_window_day, which is no rule" in told
        assert "Did you mean cluster_window_days?" in told
        assert "lists case.suspected_rule, which sourced lists already" in told

    def test_reads_meaning_sources_and_note(self, edition_8):
        value = load_edition(edition_8, "e").values["zones.strict_test_days"]
        assert value.sources == ("S25",)
        assert value.meaning == "test days of residents"
        assert value.note == "other local tables use 1, 4, 7"


class TestABrokenFile:
    def test_tells_all_faults_at_once(self, edition_8, faults_of):
        wrong = edition_8.replace("effective_until = 2022-06-27", "effective_until = 2022-06-31")
        wrong = wrong.replace("transfer_hours = 12", "tranfer_hours = 12", 1)
        wrong = wrong.replace("core_info_hours = 4", 'core_info_hours = "4"')
        told = faults_of(wrong)
        assert len(told) == 4
        assert "effective_until: is not TOML: invalid date or datetime" in told[0]

    def test_with_an_open_bracket_stops_at_it(self, edition_8, faults_of):
        told = faults_of(edition_8.replace('"防范区"]', '"防范区"'))
        assert len(told) == 1
        assert "is not TOML: unclosed array" in told[0]

    @pytest.mark.parametrize("text", ["", "]", "meta = 3", "[meta]\nid = 'x'  # derived"])
    def test_is_refused_and_never_crashes(self, text, faults_of):
        assert faults_of(text)

    @given(st.text(max_size=60))
    def test_of_any_text_is_refused_and_never_crashes(self, text):
        with pytest.raises(FaultyProtocol):
            load_edition(text, "e.toml")


class TestCompanions:
    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ('kind = "limits"', 'knd = "limits"', "A companion has no knd. Did you mean kind?"),
            ('kind = "limits"', 'kind = "limits"\neffective_until = 3', "must be a date, but is 3"),
            ('id = "nine-donts"', 'id = "treatment-9"', "repeats the id treatment-9"),
            ("effective_from = 2022-06-05", "effective_from = 2023-06-05", "after the edition ends on 2022-06-27"),
            ('discharge_ct_at_least" = 35', 'discharge_ct" = 35', "[treatment] has no discharge_ct."),
            ('discharge_ct_at_least" = 35', 'discharge_ct_at_least" = "35"', "must be a whole number"),
            ("[companions.changes]", "[companions.chnges]", "A companion has no chnges. Did you mean changes?"),
            ("[[companions]]", "[companions]", "is not TOML"),
        ],
    )
    def test_are_checked_like_sections(self, edition_8, faults_of, was, becomes, told):
        assert was in edition_8
        assert told in "\n".join(faults_of(edition_8.replace(was, becomes)))


class TestTheLibraryAsAWhole:
    def test_refuses_overlapping_editions(self, edition_8):
        wrong = edition_8.replace("effective_until = 2022-06-27", "effective_until = 2022-07-10")
        told = [str(fault) for fault in check_texts([("e8.toml", wrong)])]
        assert len(told) == 1
        assert "Two editions cannot be in force on one day: end it by 2022-06-27." in told[0]

    def test_refuses_an_unknown_base_and_what_is_inherited_from_none(self):
        text = shipped_text("editions/twenty-measures.toml")
        told = "\n".join(map(str, check_texts([("t.toml", text.replace('base = "edition-9"', 'base = "edition-09"'))])))
        assert "meta.base: is edition-09. Did you mean edition-9?" in told
        told = "\n".join(map(str, check_texts([("t.toml", text.replace('base = "edition-9"', 'base = ""'))])))
        assert "is inherited, but the edition names no base" in told

    def test_refuses_an_inherited_value_that_the_base_does_not_state(self):
        text = shipped_text("editions/twenty-measures.toml")
        wrong = spoil(text, "case.epi_history_days", "epi_history_days = 10  # inherited S18")
        told = [str(fault) for fault in check_texts([("t.toml", wrong)])]
        assert "t.toml:32: case.epi_history_days: is inherited as 10, but edition-9 states 14." in told

    def test_refuses_a_source_that_nobody_lists(self, edition_8):
        wrong = edition_8.replace("# sourced S83", "# sourced S983")
        assert "cites S983, which sources.toml does not hold" in str(check_texts([("e8.toml", wrong)])[0])

    def test_refuses_the_same_id_twice_and_finds_no_fault_in_the_shipped_files(self, edition_8):
        assert check_texts([("a.toml", edition_8)]) == []
        told = "\n".join(map(str, check_texts([("a.toml", edition_8), ("b.toml", edition_8)])))
        assert "b.toml:18: meta.id: is edition-8, which a.toml is already." in told

"""A local annex changes values inside its bounds, says so in each of them, and is refused beyond."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.protocol import FaultyProtocol, NeedsConfirmation, load_annex, rules_at, shipped
from sizao.protocol.bounds import load_bounds, refusal
from sizao.protocol.shipped import shipped_text
from sizao.terms import ValueStatus

HEAD = """
id = "{id}"
title = "补充规定"
area_code = "{area}"
issuer = "指挥部"
document_no = "1号"
effective_from = {start}
effective_until = {until}
editions = ["{edition}"]
"""
OVERRIDE = """
[[overrides]]
key = "{key}"
value = {value}
source = "1号第三条"
reason = "本地风险"
"""


def annex(*overrides, id="local-1", area="4101", start="2021-08-01", until="2021-12-31", edition="edition-8"):
    head = HEAD.format(id=id, area=area, start=start, until=until, edition=edition)
    return head + "".join(OVERRIDE.format(key=key, value=value) for key, value in overrides)


def admitted(*texts):
    return shipped().with_local(annexes=[load_annex(text, f"{n}.toml") for n, text in enumerate(texts)])


def refused(text):
    with pytest.raises(FaultyProtocol) as beyond:
        admitted(text)
    return [str(fault) for fault in beyond.value.faults]


WINDOW = "investigation.contact_window_days"
AUTUMN = date(2021, 10, 1)


class TestAnAnnex:
    def test_puts_its_value_in_place_of_the_national_one_and_is_named(self):
        library = admitted(annex((WINDOW, 4)))
        value = rules_at(AUTUMN, "410105", drill=True, library=library).need(WINDOW)
        assert (value.whole, value.annex, value.status) == (4, "local-1", ValueStatus.LOCAL)
        assert (value.instead_of.whole, value.sources) == (2, ("1号第三条",))
        assert value.origin == "edition-8+local-1"
        assert rules_at(AUTUMN, "410105", library=library).source == "edition-8+local-1"

    def test_must_be_confirmed_outside_a_drill(self):
        rules = rules_at(AUTUMN, "410105", library=admitted(annex((WINDOW, 4))))
        assert rules.investigation.contact_window_days == 4
        with pytest.raises(NeedsConfirmation, match=r"= 4 of edition-8\+local-1 is local practice"):
            rules.need(WINDOW)

    @pytest.mark.parametrize(
        ("day", "area"),
        [(date(2021, 7, 31), "410105"), (date(2022, 1, 1), "410105"), (AUTUMN, "41"), (AUTUMN, "1301")],
    )
    def test_holds_only_there_and_then(self, day, area):
        rules = rules_at(day, area, library=admitted(annex((WINDOW, 4))))
        assert (rules.annexes, rules.need(WINDOW).whole) == ((), 2)

    def test_of_the_smaller_area_has_the_last_word(self):
        city, district = annex((WINDOW, 4)), annex((WINDOW, 5), id="local-2", area="410105")
        library = admitted(district, city)
        assert rules_at(AUTUMN, "410105001", drill=True, library=library).need(WINDOW).whole == 5
        assert rules_at(AUTUMN, "410106", drill=True, library=library).need(WINDOW).whole == 4

    def test_for_drills_never_touches_a_real_outbreak(self):
        assert rules_at(AUTUMN, "410105", drill=True).annexes == ("drill-zhengzhou-2021",)
        assert rules_at(AUTUMN, "410105").annexes == ()


class TestBounds:
    @pytest.mark.parametrize(
        ("key", "value", "told"),
        [
            (WINDOW, 6, "is 6, above the bound of 5 (investigation.contact_window_local_longest_days)"),
            (WINDOW, 1, "is 1, below the national 2 of edition-8. An annex may only raise it"),
            ("contacts.close.transfer_hours", 24, "is 24, above the national 12 of edition-8"),
            ("contacts.close.transfer_hours", 0, "is 0, below the bound of 1"),
            ("contacts.close.central_days", 21, "is not open to an annex"),
            ("contacts.close.central_test_days", "[1, 4, 14]", "leaves out 7 of edition-8. An annex may only add"),
            ("contacts.close.central_test_days", "[1, 4, 7, 14, 15]", "has a test on day 15 of a period of 14 days"),
            ("testing.pool.sizes_allowed", "[5, 10, 30]", "adds 30 to the list"),
            ("testing.pool.sizes_allowed", "[]", "takes everything away"),
            ("zones.approved_by_next_level", "false", "is fixed by law (L1) and is not open to an annex"),
            ("limits.blocking_of_exits", "true", "is not open to an annex"),
            ("limits.refusal_of_urgent_care", "true", "is fixed by law (L2) and is not open to an annex"),
            ("limits.local_extension_of_days", "true", "is not open to an annex"),
            ("meta.effective_until", "2030-01-01", "is not open to an annex"),
            ("report.institution_to_county_hours", 1, "is fixed by law (L2)"),
        ],
    )
    def test_refuse_in_one_sentence(self, key, value, told):
        sentences = refused(annex((key, value)))
        assert len(sentences) == 1
        assert told in sentences[0]
        assert "(On 2021-08-01, edition-8.)" in sentences[0]

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            (WINDOW, 5),
            ("contacts.close.transfer_hours", 6),
            ("contacts.close.central_test_days", "[1, 2, 4, 7, 10, 14]"),
            ("testing.pool.sizes_allowed", "[5]"),
            ("testing.region.result_push_hours", 2),  # unset nationally
            ("isolation_site.rooms_per_10k_people", 60),
        ],
    )
    def test_admit_what_lies_inside(self, key, value):
        assert admitted(annex((key, value)))

    def test_forbid_longer_days_from_the_day_of_the_nine_donts(self):
        assert admitted(annex((WINDOW, 4), until="2022-06-04"))
        (told,) = refused(annex((WINDOW, 4), until="2022-06-05"))
        assert "limits.local_extension_of_days is false in edition-8. (On 2022-06-05, edition-8.)" in told

    def test_forbid_longer_days_in_later_editions_but_not_shorter_clocks(self):
        later = {"start": "2022-07-01", "until": "2022-09-01", "edition": "edition-9"}
        assert "may not be changed locally" in refused(annex((WINDOW, 4), **later))[0]
        assert admitted(annex(("contacts.close.transfer_hours", 4), **later))

    @settings(max_examples=60, deadline=None)
    @given(
        key=st.sampled_from(sorted(shipped().bounds)),
        number=st.integers(0, 40),
        day=st.dates(date(2020, 9, 15), date(2023, 3, 1)),
    )
    def test_never_let_a_number_pass_beyond_them(self, key, number, day):
        bound = shipped().bounds[key]
        national = rules_at(day).value(key)
        if bound.direction not in ("raise", "lower"):
            return
        edition = national.edition
        try:
            library = admitted(annex((key, number), area="41", start=day, until=day, edition=edition))
        except FaultyProtocol:
            return
        value = rules_at(day, "41", drill=True, library=library).need(key)
        assert value.whole == number
        assert bound.needs is None or rules_at(day).value(bound.needs).flag
        if national.value is not None:
            assert number >= national.whole if bound.direction == "raise" else number <= national.whole
        most = rules_at(day).value(bound.at_most_key).value if bound.at_most_key else bound.at_most
        assert most is None or number <= most

    def test_that_rest_on_an_unset_key_are_closed(self):
        values = rules_at(date(2023, 2, 1)).values
        bound = replace(shipped().bounds[WINDOW], needs=None)
        told = refusal(bound, WINDOW, 3, values)
        assert told == "has no upper bound: investigation.contact_window_local_longest_days is not set in class-b."


class TestAnAnnexFile:
    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ("issuer", "isuer", "An annex has no isuer. Did you mean issuer?"),
            ('document_no = "1号"', 'document_no = ""', "Name the document, or mark the annex `drill = true`."),
            ("effective_until = 2021-12-31", "effective_until = 2021-02-31", "is not TOML: invalid date"),
            ("effective_until = 2021-12-31", "effective_until = 2021-07-01", "before the annex starts"),
            ('area_code = "4101"', 'area_code = "郑州市"', "must be a division code, such as 4101"),
            (f'key = "{WINDOW}"', 'key = "investigation.contact_windw_days"', "Did you mean contact_window_days?"),
            ("value = 4", 'value = "4"', "must be a whole number for investigation.contact_window_days, but is '4'"),
            ("value = 4", "value = -1", "must be a whole number for investigation.contact_window_days, but is -1"),
            ("value = 4\n", "", "but is 'missing'"),
            ('reason = "本地风险"', "", "reason: is missing. Add it: a text."),
            ("[[overrides]]", "[overrides]", "must be tables [[overrides]]"),
        ],
    )
    def test_with_a_fault_says_which(self, was, becomes, told):
        text = annex((WINDOW, 4))
        assert was in text
        with pytest.raises(FaultyProtocol) as faulty:
            load_annex(text.replace(was, becomes), "a.toml")
        assert told in str(faulty.value)

    def test_tells_all_faults_with_their_lines(self):
        text = annex((WINDOW, '"4"'), ("zoes.levels", "[]"), (WINDOW, 4)).replace("issuer", "isuer")
        with pytest.raises(FaultyProtocol) as faulty:
            load_annex(text, "a.toml")
        told = [str(fault) for fault in faulty.value.faults]
        assert len(told) == 5
        assert any(one.startswith("a.toml:13: overrides[0].value: ") for one in told)

    def test_that_changes_nothing_or_names_a_wrong_edition_is_refused(self):
        with pytest.raises(FaultyProtocol, match="changes one value at least"):
            load_annex(annex(), "a.toml")
        assert "names edition-08. Did you mean edition-8?" in refused(annex((WINDOW, 4), edition="edition-08"))[0]
        assert "is not in force from 2021-08-01" in refused(annex((WINDOW, 2), edition="edition-9"))[0]

    def test_beside_another_of_the_same_place_days_and_key_is_refused(self):
        with pytest.raises(FaultyProtocol, match=f"sets {WINDOW}, which local-1 sets there on the same days"):
            admitted(annex((WINDOW, 4)), annex((WINDOW, 5), id="local-2"))
        assert admitted(annex((WINDOW, 4)), annex((WINDOW, 5), id="local-2", start="2022-01-01", until="2022-02-01"))
        with pytest.raises(FaultyProtocol, match="is local-1, which"):
            admitted(annex((WINDOW, 4)), annex((WINDOW, 4), area="13"))


class TestTheFileOfBounds:
    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ('direction = "add"', 'direction = "ad"', "is ad. Did you mean add?"),
            (
                'direction = "remove"',
                'direction = "raise"',
                "which is a list of whole numbers and has no direction raise",
            ),
            ("testing.pool.sizes_allowed", "limits.blocking_of_exits", "[limits] is never open to an annex"),
            ("testing.pool.sizes_allowed", "testing.pool.size_allowed", "Did you mean sizes_allowed?"),
            (
                "limits.local_extension_of_days",
                "limits.local_extension_of_day",
                "Did you mean local_extension_of_days?",
            ),
            ("at_most = 7", "at_mst = 7", "A bound has no at_mst. Did you mean at_most?"),
        ],
    )
    def test_with_a_fault_says_which(self, was, becomes, told):
        text = shipped_text("bounds.toml")
        assert was in text
        with pytest.raises(FaultyProtocol) as faulty:
            load_bounds(text.replace(was, becomes), "bounds.toml")
        assert told in str(faulty.value)

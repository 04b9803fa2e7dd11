"""The case definitions of the editions, on people as FACTS 3.1 describes them."""

from datetime import date

import pytest

from sizao.engines.classification import classify, criteria
from sizao.protocol import FaultyProtocol, rules_at, shipped
from sizao.protocol.check import check_texts
from sizao.protocol.read_definitions import load_criteria, load_definitions
from sizao.protocol.shipped import shipped_text

EDITION_7, EDITION_8, CLASS_B = date(2021, 1, 10), date(2021, 8, 1), date(2023, 2, 1)
FEVER, IMAGE, CELLS = "clinical.fever_or_respiratory", "clinical.typical_imaging", "clinical.early_white_cells"
SYMPTOM, SWAB, IGM, IGG = "clinical.any_symptom", "lab.nucleic_acid_positive", "lab.igm_positive", "lab.igg_positive"
CONTACT, RECENT, VACCINATED = "history.contact_with_infected", "vaccination.recent", "vaccination.any"


def judged(day, yes=(), no=()):
    facts = {**dict.fromkeys(yes, True), **dict.fromkeys(no, False)}
    return classify(rules_at(day).definitions.trees, facts)


class TestSuspected:
    @pytest.mark.parametrize(
        ("yes", "no", "expected"),
        [
            ((CONTACT, FEVER, IMAGE), (SWAB, IGM), "suspected"),
            ((FEVER, IMAGE, CELLS), (SWAB, IGM), "suspected"),
            ((CONTACT, FEVER), (IMAGE, CELLS, SWAB), None),
        ],
    )
    def test_needs_history_and_two_features_or_all_three(self, yes, no, expected):
        assert judged(EDITION_8, yes, no).meets == expected

    def test_by_antibody_belongs_to_edition_8_and_to_those_not_recently_vaccinated(self):
        yes, no = (FEVER, IMAGE, IGM), (CELLS, SWAB)
        assert judged(EDITION_8, yes, (*no, RECENT)).meets == "suspected"
        assert judged(EDITION_8, (*yes, RECENT), no).meets != "suspected"
        assert judged(EDITION_7, yes, (*no, RECENT)).meets != "suspected"


class TestConfirmed:
    def test_is_suspected_with_a_positive_test(self):
        found = judged(EDITION_8, (CONTACT, FEVER, IMAGE, SWAB))
        assert found.meets == "confirmed"
        assert found.reasons == (CONTACT, FEVER, IMAGE, SWAB)

    def test_by_antibodies_only_in_the_unvaccinated(self):
        yes, no = (CONTACT, FEVER, IMAGE, IGM, IGG), (SWAB,)
        assert judged(EDITION_8, yes, (*no, VACCINATED)).meets == "confirmed"
        assert judged(EDITION_8, (*yes, VACCINATED), no).meets == "suspected"
        assert judged(EDITION_8, yes, no).could_be == ("confirmed",)

    def test_in_the_class_b_time_by_antigen_alone(self):
        assert judged(CLASS_B, ("lab.antigen_positive",)).meets == "confirmed"
        assert list(rules_at(CLASS_B).definitions.classes) == ["confirmed"]


class TestAsymptomatic:
    def test_is_positive_with_nothing_to_be_felt_or_seen(self):
        assert judged(EDITION_7, (SWAB,), (SYMPTOM, FEVER, IMAGE, CELLS)).meets == "asymptomatic"

    def test_ends_with_a_symptom(self):
        assert judged(EDITION_7, (SWAB, SYMPTOM, FEVER), (IMAGE, CELLS)).meets is None

    def test_waits_for_the_image(self):
        found = judged(EDITION_7, (SWAB,), (SYMPTOM, FEVER, CELLS))
        assert (found.meets, IMAGE in found.ask) == (None, True)


class TestDefinitionFiles:
    known = load_criteria(shipped_text("definitions/criteria.toml"), "criteria.toml")

    def test_use_only_criteria_with_labels_and_all_of_them(self):
        asked = {name for one in shipped().definitions for tree in one.trees.values() for name in criteria(tree)}
        assert asked == set(self.known)

    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ("[classes.confirmed]", "[classes.confirmd]", "is no class of case. Did you mean confirmed?"),
            ('"lab.sequence_homologous"', '"lab.sequence"', "asks for lab.sequence, which is no criterion."),
            ("at_least = 2", "at_least = 4", "asks for 4 of 3. Ask for 1 to 3."),
            ("at_least = 2", "at_last = 2", "which is no branch. A branch is one of: all, any, at_least"),
            ('class = "suspected"', 'class = "suspect"', "rests on the class suspect. Did you mean suspected?"),
            ('class = "suspected"', 'class = "confirmed"', "rests on itself: confirmed → confirmed."),
            ('status = "sourced"', 'status = "sorced"', "is sorced. Did you mean sourced?"),
            (
                '{ not = { any = ["clinical.any_symptom"',
                '{ not = { any = ["lab.nucleic_acid_positive"',
                "both plain and",
            ),
            ('id = "treatment-7"', 'idd = "treatment-7"', "idd: is unknown. Did you mean id?"),
            ('editions = ["edition-7"]', "", "editions: is missing"),
            (
                'sources = ["S87"]',
                'sources = "S87"',
                "classes.confirmed.sources: must be a list of texts, but is 'S87'.",
            ),
            ("[classes.", "[clases.", "classes: is missing: a file defines one class of case at least."),
            ('id = "treatment-7"', 'id = "treatment-7', "is not TOML"),
            ("[classes.confirmed]", "[classes]\nconfirmed = 3\n[other]", "must be tables such as [classes.confirmed]"),
        ],
    )
    def test_with_a_fault_say_which(self, was, becomes, told):
        text = shipped_text("definitions/treatment-7.toml")
        assert was in text
        with pytest.raises(FaultyProtocol) as refused:
            load_definitions(text.replace(was, becomes), "d.toml", self.known)
        assert told in str(refused.value)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "criteria: is missing, empty or no table"),
            ('[criteria]\n"a.b" = "c"', "a.b: must be a list of two texts: Chinese and English."),
        ],
    )
    def test_need_criteria_with_two_labels(self, text, told):
        with pytest.raises(FaultyProtocol, match=told):
            load_criteria(text, "criteria.toml")

    def test_must_fit_the_categories_of_their_editions(self):
        text = shipped_text("definitions/treatment-10.toml")
        wrong = text + '\n[classes.suspected]\nstatus = "unverified"\nsources = []\nany = ["lab.antigen_positive"]\n'
        told = "\n".join(map(str, check_texts([("d.toml", wrong)])))
        assert "classes.suspected: class-b does not know this class, but its definitions define it." in told

    def test_must_name_known_editions(self):
        text = shipped_text("definitions/treatment-10.toml").replace('["class-b"]', '["class-b", "class-c"]')
        assert "names class-c. Did you mean class-b?" in str(check_texts([("d.toml", text)])[0])

    def test_must_cover_each_edition_once(self):
        text = shipped_text("definitions/treatment-10.toml")
        told = "\n".join(map(str, check_texts([("d.toml", text.replace('["class-b"]', '["edition-9"]'))])))
        assert "names edition-9, which treatment-8 defines already." in told
        assert "class-b: case: has no case definitions." in told

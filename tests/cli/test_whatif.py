"""`sizao whatif`: policies in, a table, a sentence and a picture out; or one sentence on what is wrong."""

import csv

import pytest
from click.testing import CliRunner

from sizao.cli import main, whatif
from sizao.engines.simulation.comparing import ready_city
from sizao.engines.simulation.slots import VILLAGE_SLOTS, slot_table

POLICIES = """
variant = "ancestral"
people = 4000
imported = 40
days = 20
zero_by = 15

[[policy]]
name = "nothing"
testing = 0.0

[[policy]]
name = "homes"
traced = { household = 1.0, class = 0, work = 0, venue = 0, transport = 0 }
"""


def run(folder, text, *options):
    path = folder / "POLICIES.toml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["whatif", str(path), "--seeds", "4", *options])


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whatif")
    result = run(folder, POLICIES, "--out", str(folder / "t.csv"), "--plot", str(folder / "t.png"))
    return folder, result


class TestWhatif:
    def test_gives_a_row_for_each_policy(self, done):
        folder, result = done
        assert result.exit_code == 0, result.output
        with (folder / "t.csv").open(encoding="utf-8") as file:
            nothing, homes = csv.DictReader(file)
        assert (nothing["policy"], homes["policy"], homes["runs"]) == ("nothing", "homes", "4")
        assert float(nothing["size_median"]) >= float(homes["size_median"]) >= 40
        assert float(nothing["found_median"]) == float(nothing["rooms_q90"]) == 0 < float(homes["rooms_median"])
        assert nothing["size_mean_ratio"] == ""
        assert 0 < float(homes["size_low"]) <= float(homes["size_mean_ratio"]) <= float(homes["size_high"])
        assert 0 <= float(homes["zero_low"]) <= float(homes["zero"]) <= float(homes["zero_high"]) <= 1

    def test_says_it_in_a_sentence_and_a_picture(self, done):
        folder, result = done
        assert "homes: " in result.stderr
        assert "infections in the median run" in result.stderr
        assert "times the size of nothing" in result.stderr
        assert "people in rooms" in result.stderr
        assert (folder / "t.png").read_bytes().startswith(b"\x89PNG")

    def test_gives_the_same_table_again(self, done, tmp_path):
        folder, _ = done
        run(tmp_path, POLICIES, "--out", str(tmp_path / "again.csv"))
        assert (tmp_path / "again.csv").read_bytes() == (folder / "t.csv").read_bytes()

    def test_takes_populations_from_a_table(self, tmp_path):
        rows = ["community,town,county,city,province,population", "1,1,1,1,1,700", "2,1,1,1,1,900", "3,2,1,1,1,400"]
        (tmp_path / "areas.csv").write_text("\n".join(rows), encoding="utf-8")
        text = POLICIES.replace("people = 4000", 'areas = "areas.csv"')
        (tmp_path / "p.toml").write_text(text, encoding="utf-8")
        question, policies = whatif.load_question(tmp_path / "p.toml")
        assert question.city.people == 2000
        assert [policy.traced for policy in policies][1] == (1.0, 0, 0, 0, 0)

    def test_lets_people_live_as_in_villages(self, tmp_path):
        (tmp_path / "p.toml").write_text(POLICIES.replace("people = 4000", 'people = 4000\nhabits = "village"'))
        question, _ = whatif.load_question(tmp_path / "p.toml")
        place, _ = ready_city(question)
        assert place.slots.most.tolist() == slot_table(VILLAGE_SLOTS).most.tolist() != slot_table().most.tolist()

    @pytest.mark.parametrize(
        ("wrong", "right", "reason"),
        [
            ("people = 4000", "poeple = 4000", "unknown key poeple"),
            ("people = 4000", "people = 0.5", "not a whole number"),
            ("people = 4000", 'habits = "island"', "there are town, village"),
            ("testing = 0.0", "testing = 2.0", "no share from 0 to 1"),
            ("testing = 0.0", 'testing = "much"', "not of the kind"),
            ("testing = 0.0", "trace_days = 1.5", "not of the kind"),
            ("testing = 0.0", "speed = 3", "unknown key speed"),
            ("testing = 0.0", 'close_level = "street"', "there are community, town"),
            ("testing = 0.0", "rooms = -2", "below -1"),
            ("testing = 0.0", "edition = 8", "not a name"),
            ("household = 1.0", "home = 1.0", "unknown key home"),
            ('name = "homes"', 'name = "nothing"', "two policies have one name"),
            ('name = "homes"', "round_every = 3", "has no name"),
            ('variant = "ancestral"', 'variant = "unheard"', "There is no variant called unheard"),
            ('variant = "ancestral"', "", "`variant` is missing"),
            ("[[policy]]", "[[policy", "cannot be read"),
        ],
    )
    def test_refuses_what_it_does_not_understand(self, tmp_path, wrong, right, reason):
        result = run(tmp_path, POLICIES.replace(wrong, right))
        assert result.exit_code == 1
        assert reason in result.output

    def test_takes_lengths_from_editions(self, tmp_path):
        text = POLICIES.replace("zero_by = 15", 'zero_by = 15\nedition = "edition-9"')
        text = text.replace('name = "nothing"', 'name = "nothing"\nedition = "edition-8"\nquarantine_days = 10')
        (tmp_path / "p.toml").write_text(text, encoding="utf-8")
        _, (eight, nine) = whatif.load_question(tmp_path / "p.toml")
        assert (eight.quarantine_days, eight.home_days, eight.secondary_at_home) == (10, 7, False)
        assert (nine.quarantine_days, nine.home_days, nine.secondary_at_home) == (7, 3, True)

    def test_refuses_an_edition_that_is_not_there(self, tmp_path):
        result = run(tmp_path, POLICIES.replace("people = 4000", 'edition = "edition-99"'))
        assert result.exit_code == 1
        assert "There is no edition called edition-99" in result.output

    def test_refuses_a_file_without_policies(self, tmp_path):
        assert "there is no [[policy]]" in run(tmp_path, 'variant = "ancestral"').output

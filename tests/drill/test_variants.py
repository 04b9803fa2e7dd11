"""Variants: what the files say comes out, all of it has a source, and what is wrong is said."""

import numpy as np
import pytest

from sizao.drill import variants
from sizao.engines.simulation.disease import NotADisease
from sizao.engines.simulation.variants import NotAVariant

TEXTS = {name: (variants.files("sizao.drill.variants") / f"{name}.toml").read_text() for name in variants.names()}


def mean(chances):
    return float(chances @ np.arange(len(chances)))


@pytest.mark.parametrize("name", variants.names())
class TestEachVariant:
    def test_says_where_every_part_is_from(self, name):
        told = variants.published(TEXTS[name], name)
        assert all(len(source) > 20 for source in told.sources.values())
        assert {"latent", "incubation", "infectiousness", "pcr", "antigen", "severe", "death"} <= told.sources.keys()

    def test_keeps_the_days_and_the_share_before_onset_that_are_published(self, name):
        told, made = variants.published(TEXTS[name], name), variants.read(name)
        assert mean(made.incubation) == pytest.approx(told.incubation[0], abs=0.05)
        assert mean(made.latent) == pytest.approx(told.latent[0], abs=0.05)
        assert made.infectiousness[: -made.first_day].sum() == pytest.approx(told.infectiousness.before_onset)

    def test_finds_by_pcr_what_was_published_and_less_by_antigen(self, name):
        told, made = variants.published(TEXTS[name], name), variants.read(name)
        for day, chance in told.pcr:
            assert made.pcr[int(day)] == pytest.approx(chance)
        assert (made.antigen <= made.pcr).all()
        assert made.pcr.max() == told.pcr[:, 1].max()
        late = variants.read(name, late_pcr=True)
        assert late.pcr[1:4].sum() < made.pcr[1:4].sum()

    def test_is_worse_for_the_old_and_milder_with_every_dose(self, name):
        made = variants.read(name)
        for table in (made.severe, made.critical, made.death):
            assert (np.diff(table, axis=0) >= 0).all()
            assert (np.diff(table, axis=1) <= 1e-12).all()
        assert (made.critical <= made.severe).all()
        assert (np.diff(made.susceptibility, axis=1) <= 0).all()


class TestPublishedNumbers:
    def test_of_the_ancestral_are_those_of_the_table(self):
        made = variants.read("ancestral")
        assert made.severe[[0, 2, 4, 7], 0] == pytest.approx([0.0005, 0.0072, 0.0343, 0.20655])
        assert made.pcr[[4, 10]] == pytest.approx([0.77, 0.50])

    def test_of_delta_multiply_the_odds(self):
        ours, theirs = variants.read("delta").severe[:, 0], variants.read("ancestral").severe[:, 0]
        assert ours / (1 - ours) == pytest.approx(2.08 * theirs / (1 - theirs))

    def test_of_omicron_average_to_those_of_shanghai(self):
        told, made = variants.published(TEXTS["ba2"], "ba2"), variants.read("ba2")
        weights = told.severe.ages[:, None] * told.severe.doses
        for table, average in ((made.severe, 0.0027), (made.death, 0.0009)):
            assert (weights * table).sum() / weights.sum() == pytest.approx(average)
        # The effect against death of two doses in all, 74.8 %: spared from infection, or from death in spite of it.
        both = 1 - made.susceptibility[8, 2] * made.death[8, 2] / made.death[8, 0]
        assert both == pytest.approx(0.748)

    def test_of_households_come_out_where_people_differ(self):
        """Infect one companion of each of many index people as the engine would; the share is the published one."""
        rng = np.random.default_rng(1)
        for name in variants.names():
            told, made = variants.published(TEXTS[name], name), variants.read(name)
            ill = rng.random(400_000) < made.symptomatic.mean()
            scale = rng.gamma(made.variation, 1 / made.variation, len(ill))
            scale = scale * np.where(ill, 1, made.asymptomatic_factor)
            share = -np.expm1(-made.rates[0] * scale).mean()
            assert share == pytest.approx(told.passing.household, abs=0.004)


class TestRefusals:
    def test_an_unknown_variant_is_told_which_there_are(self):
        with pytest.raises(variants.NoSuchVariant, match=r"ancestral, ba2, bf7, delta"):
            variants.read("omega")

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("[latent]", "[late]", "late is not known"),
            ("mean = 3.5\n", "", "mean is missing"),
            ("household = 0.189", 'household = "some"', "household is 'some' and should be a number"),
            ("work = 0.019", "wrok = 0.019", "wrok is not known"),
            ("by_band = [0.50, ", "by_band = [", "should be a row of 9 numbers"),
            ("[pcr]", "[pcr", "is not TOML"),
        ],
    )
    def test_a_typo_is_named(self, tmp_path, old, new, told):
        path = tmp_path / "mine.toml"
        path.write_text(TEXTS["ancestral"].replace(old, new, 1))
        with pytest.raises(variants.VariantUnreadable, match=told):
            variants.read(path)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("sd = 1.6", "sd = 0"),
            ("days = [0, 1, 2, 4,", "days = [1, 1, 2, 4,"),
            ("share_causing_80 = 0.19", "share_causing_80 = 0.9"),
            ("share_causing_80 = 0.19", "share_causing_80 = 0.001"),
            ("household = 0.189", "household = 1.2"),
            ("household = 0.189", "household = 0.99"),
            ("last_day = 10", "last_day = -5"),
            ("before_onset = 0.44", "before_onset = 1"),
        ],
    )
    def test_numbers_that_cannot_be_are_refused(self, tmp_path, old, new):
        path = tmp_path / "mine.toml"
        path.write_text(TEXTS["ancestral"].replace(old, new, 1))
        with pytest.raises((NotAVariant, NotADisease)):
            variants.read(path)

    def test_a_file_that_is_not_there_is_one_sentence(self, tmp_path):
        with pytest.raises(variants.VariantUnreadable, match="cannot be read"):
            variants.read(tmp_path / "nowhere.toml")

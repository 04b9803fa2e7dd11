"""The table of detectors: settings are read strictly, and every row can be run."""

import importlib
import inspect

import numpy as np
import pytest

from sizao.engines.detection import methods
from sizao.engines.detection.methods import METHODS, MethodUnknown
from sizao.engines.detection.settings import SettingUnknown, SettingUnreadable, read_settings


class TestTable:
    @pytest.mark.parametrize("name", METHODS)
    def test_names_a_function_that_takes_exactly_its_keys(self, name):
        module, function = METHODS[name].function.split(":")
        detect = getattr(importlib.import_module(f"sizao.engines.detection.{module}"), function)
        series, *keys = inspect.signature(detect).parameters
        assert series == "series"
        assert set(keys) == set(METHODS[name].keys)

    @pytest.mark.parametrize("name", METHODS)
    def test_gives_defaults_that_its_own_keys_allow(self, name):
        assert set(read_settings(name, METHODS[name].keys, {})) == set(METHODS[name].keys)

    def test_refuses_a_method_that_is_not_there_and_lists_those_that_are(self):
        with pytest.raises(MethodUnknown, match="ears-c1"):
            methods.run("ears-c4", counts=np.zeros((1, 9)))


class TestSettings:
    def test_are_found_as_r_writes_them(self):
        keys = METHODS["glrnb"].keys
        assert read_settings("glrnb", keys, {"c.ARL": "3", "Mtilde": 2, "xMax": "50"}) == {
            **read_settings("glrnb", keys, {}),
            "c_arl": 3.0,
            "m_tilde": 2,
            "x_max": 50,
        }

    def test_refuse_a_key_and_list_the_allowed(self):
        with pytest.raises(SettingUnknown, match="alpha, baseline, min_sigma"):
            methods.run("ears-c1", counts=np.zeros((1, 9)), settings={"alhpa": 0.1})

    @pytest.mark.parametrize(
        ("name", "key", "value", "wanted"),
        [
            ("ears-c1", "alpha", "1", "between 0 and 1"),
            ("ears-c1", "alpha", "nan", "between 0 and 1"),
            ("ears-c1", "baseline", "2", "a whole number, 3 or more"),
            ("ears-c1", "baseline", "7.5", "a whole number"),
            ("cusum", "h", "0", "a number above 0"),
            ("cusum", "h", "inf", "a number above 0"),
            ("cusum", "m", "median", "or mean or glm"),
            ("cusum", "trans", "rosi", "one of rossi"),
            ("cusum", "range", "9:5", "FIRST or FIRST:LAST"),
            ("glrnb", "trend", "maybe", "true or false"),
            ("essence", "b", "27", "a multiple of 7"),
            ("percentile", "percentile", "101", "from 0 to 100"),
        ],
    )
    def test_refuse_a_value_and_say_what_it_must_be(self, name, key, value, wanted):
        with pytest.raises(SettingUnreadable, match=wanted):
            methods.run(name, counts=np.zeros((1, 9)), settings={key: value})

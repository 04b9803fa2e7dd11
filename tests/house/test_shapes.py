"""Each shape of the API has a name of its own: of two alike, the schema would tell one only."""

import importlib
import pkgutil
from collections import defaultdict

from ninja import Schema

import sizao.api


def test_no_two_shapes_of_the_api_share_a_name():
    homes = defaultdict(set)
    for found in pkgutil.iter_modules(sizao.api.__path__):
        for one in vars(importlib.import_module(f"sizao.api.{found.name}")).values():
            if isinstance(one, type) and issubclass(one, Schema) and one.__module__.startswith("sizao.api."):
                homes[one.__name__].add(one.__module__)
    assert homes
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}

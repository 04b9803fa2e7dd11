"""Which counties border on which, from the boundaries that ship with sizao."""

import json
from functools import cache
from importlib.resources import files

from sizao.engines.adjoining import adjoining


def beside(area_code: str) -> frozenset[str] | None:
    """Give the counties that border on one; None where no map holds it, which is not known, not none."""
    return _shipped().get(area_code)


@cache
def _shipped() -> dict[str, frozenset[str]]:
    features = []
    for one in sorted(files("sizao").joinpath("drill", "scenarios").iterdir(), key=lambda place: place.name):
        found = one.joinpath("counties.geojson")
        if found.is_file():
            features += json.loads(found.read_bytes())["features"]
    return adjoining(features)

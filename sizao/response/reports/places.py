"""Which registered places a text may mean."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from sizao.records.models import Place, UnmatchedPlace

COUNTY_DIGITS = 6
MOST_CANDIDATES = 4
LIKENESS_AT_LEAST = 60  # percent; below it a suggestion misleads more than it helps


def candidates(texts: Iterable[UnmatchedPlace]) -> dict[int, list[Place]]:
    """Suggest, by row, registered places of the same county whose names are like a text, the likest first."""
    registered: dict[str, dict[int, str]] = {}
    likest: dict[int, list[int]] = {}
    for one in texts:
        county = one.area_code[:COUNTY_DIGITS]
        if county not in registered:
            within = Place.objects.filter(area_code__startswith=county).exclude(name="")
            registered[county] = dict(within.values_list("pk", "name"))
        found = process.extract(
            one.text, registered[county], scorer=fuzz.ratio, score_cutoff=LIKENESS_AT_LEAST, limit=MOST_CANDIDATES
        )
        likest[one.pk] = [key for _, _, key in found]
    places = Place.objects.in_bulk({key for keys in likest.values() for key in keys})
    return {row: [places[key] for key in keys] for row, keys in likest.items()}

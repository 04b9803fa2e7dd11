"""
Build the facts of the outbreak of January 2021 in Hebei from the published source files.

`python -m sizao.drill.build_scenario SOURCES OUT`: SOURCES holds the folders admin_divisions, boundaries,
population, reported_figures, risk_areas and time_series. Running it again gives the same bytes. Needs
shapely, which is a tool of development only. Where each file comes from stands in SOURCES.md.
"""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from sizao.engines.area_names import Register, short_name
from sizao.engines.official_areas import OfficialArea, intervals
from sizao.engines.official_lists import Notice, notice_days, read

PROVINCE, PROVINCE_EN = "13", "Hebei"
LISTS_FROM, LISTS_TO = date(2021, 1, 7), date(2021, 2, 28)
CURVE_FROM, CURVE_TO = "2020-12-30", "2021-02-14"
FIGURES_MONTH = "2021-01"
# Degrees: a bend is dropped when its area is below the square of this (about 1 km²).
BOUNDARY_TOLERANCE, BOUNDARY_DECIMALS = 0.01, 4

Row = Mapping[str, str]


def build(sources: Path, out: Path) -> None:
    """Write every file of the scenario that comes from a table."""
    out.mkdir(parents=True, exist_ok=True)
    areas = list(_areas(sources / "admin_divisions"))
    _write_gzip(out / "areas.csv.gz", _csv_text(("code", "name", "short"), areas))
    register = Register({code: name for code, name, _ in areas})
    official = official_areas(_notices(sources / "risk_areas"), register)
    _write(out / "official_areas.csv", OFFICIAL_COLUMNS, map(_official_row, official))
    _write_counties(sources / "boundaries" / "hebei_county.geojson", out / "counties.geojson")
    _write_population(sources / "population" / "population.csv", out / "population.csv")
    _write_curve(sources / "time_series", out / "daily_official.csv")
    _write_figures(sources / "reported_figures" / "reported_figures.csv", out / "reported_figures.csv")


def _areas(folder: Path) -> Iterator[tuple[str, str, str]]:
    """All provinces, cities, counties and townships of the country; the villages of one province."""
    for name in ("provinces", "cities", "areas", "streets", "villages_hebei"):
        for row in _rows(folder / f"{name}.csv"):
            yield row["code"], row["name"], short_name(row["name"])


def _notices(folder: Path) -> list[Notice]:
    return [
        Notice(
            published_date=date.fromisoformat(row["date"]),
            level=row["level"],
            place=row["place"],
            text=row["areas"],
            n_areas=int(row["n_areas"]) if row["n_areas"] else None,
        )
        for row in _rows(folder / "risk_areas_2020-07_2022-04_three_provinces.csv")
    ]


def official_areas(notices: Sequence[Notice], register: Register) -> tuple[OfficialArea, ...]:
    """Read the province's lists of the scenario's days into areas with a first and a last day."""
    within = [notice for notice in notices if LISTS_FROM <= notice.published_date <= LISTS_TO]
    listed = [item for notice in within for item in read(notice, register)]
    ours = [item for item in listed if (item.city_code or "").startswith(PROVINCE)]
    return intervals(ours, notice_days(within), register)


OFFICIAL_COLUMNS = (
    "name", "area_code", "unit", "level", "first_date", "last_date", "listed_days", "city", "county",
    "earliest_first_date", "latest_last_date", "exceptions", "other_spellings",
)  # fmt: skip


def _official_row(area: OfficialArea) -> list[str]:
    values = (getattr(area, column) for column in OFFICIAL_COLUMNS)
    return ["、".join(v) if isinstance(v, tuple) else "" if v is None else str(v) for v in values]


def _write_counties(source: Path, target: Path) -> None:
    # Imported here: the running application never simplifies a map.
    from shapely import coverage_simplify, set_precision  # noqa: PLC0415
    from shapely.geometry import mapping, shape  # noqa: PLC0415

    features = json.loads(source.read_text(encoding="utf-8"))["features"]
    # As one coverage, so that neighbours keep their common border.
    shapes = coverage_simplify([shape(feature["geometry"]) for feature in features], BOUNDARY_TOLERANCE)
    kept = [
        {
            "type": "Feature",
            "properties": {key: feature["properties"][key] for key in ("adcode", "name")},
            "geometry": mapping(set_precision(simplified, 10**-BOUNDARY_DECIMALS)),
        }
        for feature, simplified in zip(features, shapes, strict=True)
    ]
    kept.sort(key=lambda feature: feature["properties"]["adcode"])
    text = json.dumps(
        {"type": "FeatureCollection", "features": _rounded(kept)}, ensure_ascii=False, separators=(",", ":")
    )
    target.write_text(text + "\n", encoding="utf-8")


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, BOUNDARY_DECIMALS)
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return value


def _write_population(source: Path, target: Path) -> None:
    columns = ("area_code", "area", "year", "basis", "population", "households", "source_url", "note")
    rows = [
        row
        for row in _rows(source)
        if row["source_url"] and (row["area_code"].startswith(PROVINCE) or row["level"] == "villages")
    ]
    _write(target, columns, ([row[column] for column in columns] for row in rows))


def _write_curve(folder: Path, target: Path) -> None:
    columns = ("date", "confirmed_cumulative", "recovered_cumulative", "deaths_cumulative")
    rows = [
        (row["date"], *(str(int(float(row[column]))) for column in ("Confirmed", "Recovered", "Deaths")))
        for row in _rows(folder / "china_province_daily_jhu_to_2021-03-17.csv")
        if row["province_en"] == PROVINCE_EN and CURVE_FROM <= row["date"] <= CURVE_TO
    ]
    _write(target, columns, rows)


def _write_figures(source: Path, target: Path) -> None:
    rows = [row for row in _rows(source) if row["as_of"].startswith(FIGURES_MONTH)]
    columns = tuple(rows[0])
    _write(target, columns, ([row[column] for column in columns] for row in rows))


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    path.write_text(_csv_text(columns, rows), encoding="utf-8")


def _write_gzip(path: Path, text: str) -> None:
    # No moment and no name inside, so that the same text gives the same bytes.
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
        file.write(text.encode())


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))

"""
Build `divisions.csv.gz`, the names of all divisions above the village.

`python -m sizao.adapters.build_divisions SOURCES` writes it beside this file; SOURCES is the folder
admin_divisions. Running it again gives the same bytes.
"""

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from pathlib import Path

LEVELS = ("provinces", "cities", "areas", "streets")
COUNTY_LEVEL = "3"


def rows(sources: Path) -> Iterator[tuple[str, str, str]]:
    """Code, name and a mark for former names of counties that exist today under another name."""
    today = {}
    for level in LEVELS:
        for row in _table(sources / f"{level}.csv"):
            today[row["code"]] = row["name"]
            yield row["code"], row["name"], ""
    seen = set()
    for row in _table(sources / "code_changes_1980_2026.csv"):
        code, name = row["new_code"][:6], row["old_name"]
        lasting = row["level"] == COUNTY_LEVEL and today.get(code) == row["new_name"]
        if lasting and name not in ("", today[code]) and (code, name) not in seen:
            seen.add((code, name))
            yield code, name, "1"


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def main(sources: str) -> None:
    """Write the packed table."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["code", "name", "former"])
    writer.writerows(rows(Path(sources)))
    packed = gzip.compress(out.getvalue().encode(), mtime=0)
    Path(__file__).with_name("divisions.csv.gz").write_bytes(packed)


if __name__ == "__main__":
    main(sys.argv[1])

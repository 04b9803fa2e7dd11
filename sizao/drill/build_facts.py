"""
Build the facts that the published activity reports of Hebei, January and February 2021, tell.

`python -m sizao.drill.build_facts SOURCES OUT`: SOURCES holds the folders case_reports_hebei_2021 and
admin_divisions. The reports are read by `sizao.engines.reading`; of their text nothing is kept but
names of villages and venues. Running it again gives the same bytes. See FACTS.md beside the result.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sizao.adapters.place_register import load_gazetteer
from sizao.engines.reading import Event, Reading, Report, read_all
from sizao.terms import PlaceKind

REPORTS = "case_reports_hebei_2021/hebei_reports.jsonl"
VILLAGES = "admin_divisions/villages_hebei.csv"

# From this row on the workbook tells of Harbin, Daqing and Qiqihar in early 2020 (哈医大, 道里区, 甘南,
# 肇源县, 兰西县), which the collection counted as Hebei for want of a place name.
FIRST_ROW_ELSEWHERE = 1487

_NOBODY = re.compile(
    r"人员|单元|店主|[#\[\]*@]|某某|患者|病例|先生|女士|家中?$|家里$|丈夫|妻子|父母|父亲|母亲|儿子|女儿|岳|婆|姐|妹|哥|弟|叔|姑|舅|姨|爷|奶奶"
)
_NO_NAME = re.compile(r"^(?:[本该同居在自己]*村[里内中]?|村|家|自己|当地|附近|指定|集中)$")
_ADDRESS = re.compile(
    r"(?:[A-Za-z]?\d+(?:\s*-\s*\d+)*\s*(?:号楼?|栋|幢|单元|室|楼|层|组|户|排|门)(?!线)"
    r"|负?[一二三四五六七八九十]+(?:号楼|单元|楼|层|组|室)|[（(]).*$|[\d-]+$"
)
_UNNAMED_KINDS = {PlaceKind.HOME, PlaceKind.VEHICLE}


def facts(sources: Path) -> Iterator[dict[str, object]]:
    """One row per report of the outbreak, without anything that names a person or a door."""
    rows = [json.loads(line) for line in (sources / REPORTS).read_text(encoding="utf-8").splitlines()]
    here = [row for row in rows if row["source_row"] < FIRST_ROW_ELSEWHERE]
    gazetteer = load_gazetteer(sources / VILLAGES)
    for reading in read_all([Report(row["report_id"], row["text"]) for row in here], gazetteer):
        yield _row(reading)


def venue(event: Event) -> str | None:
    """The name of a village or venue, or None when it could lead to a person or a door."""
    words = event.place_text
    if not words or event.place_kind in _UNNAMED_KINDS or _NOBODY.search(words):
        return None
    words = _ADDRESS.sub("", words).strip()
    return words if len(words) >= 2 and not _NO_NAME.match(words) else None


def _row(reading: Reading) -> dict[str, object]:
    events = []
    for event in reading.events:
        row = event.row() | {"place_text": venue(event)}
        del row["span"]
        events.append(row)
    return {"report_id": reading.report_id, "home_area_code": reading.home_area_code, "events": events}


def main(sources: str, out: str) -> None:
    """Write events.jsonl into the folder OUT."""
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in facts(Path(sources))]
    (Path(out) / "events.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

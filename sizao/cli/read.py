"""`sizao read`: published activity reports in, dated events out. Needs no database."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from sizao.adapters.place_register import load_gazetteer
from sizao.adapters.tables import write_whole
from sizao.engines.reading import Reading, Report, read_all
from sizao.errors import SizaoError


class ReportUnreadable(SizaoError):
    """A line of the input that is no report."""

    code = "read.report_unreadable"
    message = "{path}, line {line}: {reason} Correct that line and read again; nothing was written."


@click.command("read")
@click.argument("reports", type=click.Path(path_type=Path))
@click.option("--places", required=True, type=click.Path(path_type=Path), help="Village register (CSV).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the events go (JSON lines).")
@click.option("--year", type=click.IntRange(1900, 2100), help="Year of the first date, where a line gives none.")
def command(reports: Path, places: Path, out: Path | None, year: int | None) -> None:
    """
    Read Chinese activity reports into dated events.

    REPORTS is a file of JSON lines with report_id, text and, where known, year (of its first date).
    A line of the result holds report_id, events and the spans of the text that stayed unread.
    """
    lines = load_reports(reports, year)
    gazetteer = load_gazetteer(places)
    with click.progressbar(length=len(lines), label="Reading reports", file=sys.stderr) as shown:
        readings = read_all(lines, gazetteer, tick=shown.update)
    if out:
        write_readings(readings, out)
    else:
        click.echo("".join(f"{_line(reading)}\n" for reading in readings), nl=False)
    click.echo(_summary(lines, readings), err=True)


def load_reports(path: Path, year: int | None = None) -> list[Report]:
    """Read the input; ReportUnreadable names the line at fault."""
    seen: dict[str, int] = {}
    reports = []
    for number, line in _lines(path):
        report = _report(path, number, line, year)
        if report.report_id in seen:
            reason = f"report_id {report.report_id} was already given in line {seen[report.report_id]}."
            raise ReportUnreadable(path=path, line=number, reason=reason)
        seen[report.report_id] = number
        reports.append(report)
    return reports


def write_readings(readings: Iterable[Reading], path: Path) -> None:
    """Write all readings or nothing."""
    write_whole(path, "".join(f"{_line(reading)}\n" for reading in readings).encode())


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        data = path.read_bytes()
    except OSError as fault:
        reason = f"it cannot be opened ({fault.strerror})."
        raise ReportUnreadable(path=path, line=1, reason=reason) from fault
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            line = raw.decode("utf-8").strip()
        except UnicodeDecodeError as fault:
            raise ReportUnreadable(path=path, line=number, reason="it is not UTF-8 text.") from fault
        if line:
            yield number, line


def _report(path: Path, number: int, line: str, year: int | None) -> Report:
    def refuse(reason: str) -> ReportUnreadable:
        return ReportUnreadable(path=path, line=number, reason=reason)

    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise refuse("it is not JSON.") from fault
    if not isinstance(row, dict):
        raise refuse("it is not a JSON object with report_id and text.")
    report_id, text, first = row.get("report_id"), row.get("text"), row.get("year", year)
    if isinstance(report_id, int) and not isinstance(report_id, bool):
        report_id = str(report_id)
    if not isinstance(report_id, str) or not report_id:
        raise refuse("report_id is missing.")
    if not isinstance(text, str):
        raise refuse("text is missing or is not a string.")
    return Report(report_id, text, _year(first, year, refuse))


def _year(given: object, fallback: int | None, refuse: Callable[[str], ReportUnreadable]) -> int | None:
    if given is None or given == "":
        return fallback
    if isinstance(given, str) and given.isdigit():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 1900 <= given <= 2100:
        raise refuse(f"year {given!r} is not a year between 1900 and 2100.")
    return given


def _line(reading: Reading) -> str:
    # Escaped where half a character stands alone, so that every line can be written.
    line = json.dumps(reading.row(), ensure_ascii=False)
    return line if line.isascii() or _is_utf8(line) else json.dumps(reading.row())


def _is_utf8(line: str) -> bool:
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _summary(reports: Sequence[Report], readings: Sequence[Reading]) -> str:
    letters = sum(len(report.text) for report in reports)
    unread = sum(end - start for reading in readings for start, end in reading.unread)
    events = sum(len(reading.events) for reading in readings)
    share = 0 if letters == 0 else 100 * unread / letters
    return f"{len(reports)} reports, {events} events; {share:.1f} % of the characters stayed unread."

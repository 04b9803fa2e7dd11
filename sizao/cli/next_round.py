"""`sizao next-round`: which areas are tested again, when, and how far a round reaches. Needs no database."""

from datetime import date, datetime
from pathlib import Path

import click
import numpy as np

from sizao.adapters.tables import Table, read_table, write_table
from sizao.cli.plan_inputs import rules_of
from sizao.engines.sampling.next_rounds import NEVER, clean_rounds, next_rounds, scope
from sizao.errors import SizaoError
from sizao.protocol.testing_rounds import round_rule

PATH = click.Path(path_type=Path)
RECENT = 14  # days for which a case makes an area affected, as in the rules of streets
COUNTY = 6  # digits of a county's code: what a street's begins with
DAY = click.DateTime(["%Y-%m-%d"])


class CaseElsewhere(SizaoError):
    code = "next_round.case_elsewhere"
    message = "{path}: {area} is no area of the rounds. Name the area as the rounds do."


class RoundNotTold(SizaoError):
    code = "next_round.round_not_told"
    message = "{path} says nothing of {area} on {day}. Give a row for each area and each round; 0 where none was found."


@click.command("next-round")
@click.argument("rounds", type=PATH)
@click.option("--cases", type=PATH, help="CSV with area and day of cases found by whatever means.")
@click.option("--today", required=True, type=DAY, help="The day on which it is asked.")
@click.option("--edition", help="The edition as it stood last, such as edition-8.")
@click.option("--on", "day", type=DAY, help="The rules of this day instead.")
@click.option("--area", default="", help="Division code, for local annexes; national rules without it.")
@click.option("--source-unknown", is_flag=True, help="Nobody knows where it came from: the first rounds come first.")
@click.option("--chain-known", is_flag=True, help="All cases are linked, so that their streets alone are tested.")
@click.option("--wide-from-counties", type=click.IntRange(1), help="Affected counties from which it is the city's.")
@click.option("--out", type=PATH, help="Where the table goes (CSV); else the standard output.")
def command(  # noqa: PLR0913 — one option each
    rounds: Path, cases: Path | None, today: datetime, edition: str | None, day: datetime | None, area: str,
    source_unknown: bool, chain_known: bool, wide_from_counties: int | None, out: Path | None,  # noqa: FBT001 — click passes flags so
) -> None:  # fmt: skip
    """
    Say for each area when it is tested next and why, by the edition's rules; and how far the next round reaches.

    ROUNDS is a CSV file with area, day and positives (infections found in the community, 0 in a clean round): one
    row for each area and round. Columns out: area, next_date, reason, clean_rounds, in_scope. It is a proposal: a
    named person plans the round. An area is affected by a positive of a round or a case within 14 days.
    """
    rules = rules_of(edition, day, area)
    rule = round_rule(rules, ask=rules.value)
    areas, days, positives = _rounds(read_table(rounds, needs=("area", "day", "positives")))
    last_case = _last_cases(cases, areas)
    now = today.date().toordinal()
    steps = next_rounds(
        rule, round_days=days, positives=positives, last_case_day=last_case, today=now, source_unknown=source_unknown
    )
    affected = ((positives > 0) & (now - days < RECENT)).any(axis=1) | (
        (last_case != NEVER) & (now - last_case < RECENT)
    )
    counties = np.unique([code[:COUNTY] for code in areas], return_inverse=True)[1]
    word, inside = scope(
        rule=rule, affected=affected, county=counties, chain_known=chain_known, wide_from_counties=wide_from_counties
    )
    write_table(
        out,
        {
            "area": areas,
            "next_date": [None if one.next_day is None else date.fromordinal(one.next_day) for one in steps],
            "reason": [one.reason.value for one in steps],
            "clean_rounds": [clean_rounds(row) for row in positives],
            "in_scope": inside.astype(int).tolist(),
        },
    )
    decided = f"; decided by: {rule.city_wide_decided_by}" if rule.city_wide_decided_by else ""
    click.echo(f"Scope proposed: {word.en} ({int(inside.sum())} of {len(areas)} areas){decided}.", err=True)


def _rounds(table: Table) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Read areas, days of rounds, and what each round found in each area."""
    named, told = table.read("area", str, what="an area"), table.days("day")
    found = table.counts("positives")
    areas = sorted(set(named))
    days = sorted({one.toordinal() for one in told if one})
    positives = np.full((len(areas), len(days)), -1, np.int64)
    for row, (area, moment) in enumerate(zip(named, told, strict=True)):
        assert moment is not None
        place = areas.index(area), days.index(moment.toordinal())
        if positives[place] >= 0:
            raise table.refuse(row, f"{area} on {moment} stands there already.")
        positives[place] = int(found[row])
    for area, day in zip(*np.nonzero(positives < 0), strict=True):
        raise RoundNotTold(path=table.path, area=areas[area], day=date.fromordinal(days[day]))
    return areas, np.array(days, np.int64), positives


def _last_cases(path: Path | None, areas: list[str]) -> np.ndarray:
    latest = np.full(len(areas), NEVER, np.int64)
    if path is None:
        return latest
    table = read_table(path, needs=("area", "day"))
    for area, moment in zip(table.read("area", str, what="an area"), table.days("day"), strict=True):
        if area not in areas:
            raise CaseElsewhere(path=path, area=area)
        assert moment is not None
        row = areas.index(area)
        latest[row] = max(latest[row], moment.toordinal())
    return latest

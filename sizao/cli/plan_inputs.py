"""What `sizao plan` reads: villages, sites, laboratories, an earlier plan, and the edition's terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from sizao.adapters.tables import Table, read_table
from sizao.engines.planning.replanning import Earlier
from sizao.engines.planning.round_inputs import (
    Costs,
    Laboratories,
    Means,
    RoundQuestion,
    Sites,
    Terms,
    Villages,
    in_metres,
)
from sizao.errors import SizaoError
from sizao.protocol import Rules, rules_at, shipped
from sizao.protocol.testing_rounds import LABORATORY_KEY, TERM_KEYS, WALKING_KMH, round_terms

LAST_DAY_KNOWN = date(2100, 1, 1)  # an edition without an end is asked on this day


class EditionUnsaid(SizaoError):
    code = "plan.edition_unsaid"
    message = "Say --edition NAME or --on DAY, so that the round follows somebody's rules."


class ResultHoursUnsaid(SizaoError):
    code = "plan.result_hours_unsaid"
    message = (
        "{path} has no column result_hours, and {edition} does not say how long a laboratory takes. Add the column; "
        "nothing was written."
    )


@dataclass(frozen=True, slots=True)
class Places:
    """The files of a round as arrays, the codes behind their rows, and the keys of the rules that were read."""

    villages: list[str]
    sites: list[str]
    laboratories: list[str]
    question: RoundQuestion
    rules: Rules
    keys: tuple[str, ...] = TERM_KEYS


def rules_of(edition: str | None, day: datetime | None, area: str) -> Rules:
    """
    Find the rules: of a day and place, or those of an edition as it stood last.

    Raise EditionUnsaid, or what the library raises.
    """
    if day is not None:
        return rules_at(day.date(), area)
    if edition is None:
        raise EditionUnsaid
    return rules_at(min(shipped().edition(edition).effective_until, LAST_DAY_KNOWN), area)


def read_places(files: Mapping[str, Path], rules: Rules, asked: Mapping[str, Any]) -> Places:
    """Read the three files and compose the question. Raise TableUnreadable, or what the edition's terms raise."""
    villages = read_table(files["villages"], needs=("code", "population", "longitude", "latitude"))
    sites = read_table(files["sites"], needs=("code", "tables", "longitude", "latitude"))
    laboratories = read_table(
        files["laboratories"], needs=("code", "tubes_per_hour", "longitude", "latitude"), may_have=("result_hours",)
    )
    people = villages.counts("population").astype(np.int64)
    terms = terms_of(rules, int(people.sum()), asked)
    degrees = [_degrees(table) for table in (villages, sites, laboratories)]
    middle = (float(degrees[0][:, 0].mean()), float(degrees[0][:, 1].mean()))
    at = [in_metres(one[:, 0], one[:, 1], around=middle) for one in degrees]
    question = RoundQuestion(
        Villages(people, at[0]),
        Sites(sites.counts("tables").astype(np.int64), at[1]),
        Laboratories(_amounts(laboratories, "tubes_per_hour"), _result_hours(laboratories, rules), at[2]),
        terms,
        Means(asked["samplers"], asked["tubes"]),
        Costs(asked["site_staff"], asked["table_staff"], asked["walking_counts"]),
    )
    keys = TERM_KEYS if "result_hours" in laboratories else (*TERM_KEYS, LABORATORY_KEY)
    return Places(*(codes(table) for table in (villages, sites, laboratories)), question, rules, keys)


def terms_of(rules: Rules, people: int, asked: Mapping[str, Any]) -> Terms:
    """Compose the terms from the edition and what was said on the command line."""
    given = {name: asked[name] for name in ("people_per_table_hour", "opens", "closes", "starts_at", "detour")}
    given |= {name: asked[name] for name in ("complete_hours", "ready_hours") if asked[name] is not None}
    if asked["walk_minutes"] is not None:
        # No minutes at all: any walk will do.
        metres = asked["walk_minutes"] / 60 * WALKING_KMH * 1000
        given["walk_metres"] = metres if metres > 0 else None
    return round_terms(rules, people=people, pool_size=asked["pool_size"], ask=rules.value, **given)


def tell_unconfirmed(places: Places) -> None:
    """Say on which values without a public source the plan rests."""
    waiting = [f"{one.key} = {one.shown}" for one in places.rules.unconfirmed(places.keys) if one.value is not None]
    if waiting:
        click.echo(f"Not confirmed by an authority: {'; '.join(waiting)}.", err=True)


def codes(table: Table) -> list[str]:
    """Read the codes of a file, each once."""
    found = table.read("code", str, what="a code")
    seen: dict[str, int] = {}
    for row, code in enumerate(found):
        if code in seen:
            raise table.refuse(row, f"the code {code} stands on line {table.lines[seen[code]]} already.")
        seen[code] = row
    return found


def read_earlier(path: Path, places: Places) -> Earlier:
    """
    Read an earlier plan: PLAN.csv with PLAN-sites.csv and PLAN-laboratories.csv beside it.

    What it says of villages, sites and laboratories that are no longer in the files is left aside: their people are
    sent anew. Raise TableUnreadable.
    """
    sent = read_table(path, needs=("village", "site", "people"))
    tables = read_table(beside(path, "sites"), needs=("site", "tables"))
    carried = read_table(beside(path, "laboratories"), needs=("site", "laboratory", "tubes"))
    rows = [
        {code: row for row, code in enumerate(codes_)}
        for codes_ in (places.villages, places.sites, places.laboratories)
    ]
    village, site, people = _known(sent, ("village", rows[0]), ("site", rows[1]), "people")
    from_site, laboratory, tubes = _known(carried, ("site", rows[1]), ("laboratory", rows[2]), "tubes")
    of_site, _, opened = _known(tables, ("site", rows[1]), ("site", rows[1]), "tables")
    all_tables = np.zeros(len(places.sites), np.int64)
    all_tables[of_site] = opened
    return Earlier(village, site, people, all_tables, from_site, laboratory, tubes)


def beside(path: Path, what: str) -> Path:
    """Name a file of the same plan: PLAN.csv, PLAN-sites.csv."""
    return path.with_name(f"{path.stem}-{what}{path.suffix}")


def _known(table: Table, one: tuple[str, dict[str, int]], other: tuple[str, dict[str, int]], count: str) -> list[Any]:
    ends = [np.array([rows.get(code, -1) for code in table.columns[name]], np.int64) for name, rows in (one, other)]
    kept = (ends[0] >= 0) & (ends[1] >= 0)
    return [*(end[kept] for end in ends), table.counts(count)[kept].astype(np.int64)]


def _degrees(table: Table) -> np.ndarray:
    columns = []
    for name, most in (("longitude", 180), ("latitude", 90)):
        found = table.numbers(name)
        wrong = np.flatnonzero(np.abs(found) > most)
        if len(wrong):
            row = int(wrong[0])
            raise table.refuse(row, f"{name} is {found[row]}; it should be degrees (WGS-84) up to {most}.")
        columns.append(found)
    return np.stack(columns, axis=1)


def _amounts(table: Table, name: str) -> np.ndarray:
    found = table.numbers(name)
    wrong = np.flatnonzero(found < 0)
    if len(wrong):
        raise table.refuse(int(wrong[0]), f"{name} is {found[wrong[0]]}; it should be 0 or more.")
    return found


def _result_hours(table: Table, rules: Rules) -> np.ndarray:
    if "result_hours" in table:
        return _amounts(table, "result_hours")
    said = rules.testing.region.lab_result_hours
    if said is None:
        raise ResultHoursUnsaid(path=table.path, edition=rules.source)
    return np.full(len(table), float(said))

"""`sizao prevalence`: results of pooled tubes in, the share of infected people out. Needs no database."""

from pathlib import Path
from typing import Any

import click
import numpy as np

from sizao.adapters.tables import Table, read_table, write_table
from sizao.cli.amounts import Amount
from sizao.engines.sampling.pooled_test import LOSS_PER_DOUBLING, PooledTest
from sizao.engines.sampling.prevalence import Pools, prevalence
from sizao.terms import PoolInterval

SHARE = Amount(0, 1)


@click.command("prevalence")
@click.argument("pools", type=click.Path(path_type=Path))
@click.option("--sensitivity", default=1.0, show_default=True, type=SHARE, help="Of a single swab.")
@click.option("--specificity", default=1.0, show_default=True, type=SHARE, help="Of a tube.")
@click.option("--loss-per-doubling", default=LOSS_PER_DOUBLING, show_default=True, type=Amount(0, 10),
              help="Logarithm of the odds of being found that each doubling of the tube costs.")  # fmt: skip
@click.option("--interval", type=click.Choice([one.value for one in PoolInterval]), default="skew-score",
              show_default=True, help="How the interval is made.")  # fmt: skip
@click.option("--level", default=0.95, show_default=True, type=Amount(0, 1, min_open=True, max_open=True),
              help="Confidence of the interval.")  # fmt: skip
@click.option("--by", help="Column of a group, such as an area or a round: one row each.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the table goes (CSV); else the standard output.")
def command(pools: Path, by: str | None, out: Path | None, **asked: Any) -> None:
    """
    Estimate the share of infected people from pooled tubes.

    POOLS is a CSV file with size, tubes and positive: a row for each size of tube (several rows of one size are
    added up). Columns out: people, tubes, positive, prevalence (maximum likelihood), firth (less biased where tubes are
    few), lower, upper. Members of a tube are taken as independent: where positives gather, the share is higher.
    """
    table = read_table(pools, needs=("size", "tubes", "positive", *((by,) if by else ())))
    columns = [table.counts(name) for name in ("size", "tubes", "positive")]
    _check(table, *columns)
    groups = table.columns[by] if by else [""] * len(table)
    test = _test(asked)
    rows = [
        _row(group, *(one[np.array(groups) == group] for one in columns), test, asked)
        for group in dict.fromkeys(groups)
    ]
    named = {by: [row["group"] for row in rows]} if by else {}
    told = {name: [row[name] for row in rows] for name in rows[0] if name != "group"}
    write_table(out, named | told)


def _row(group: str, size: np.ndarray, tubes: np.ndarray, positive: np.ndarray, test: PooledTest | None,
         asked: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
    results = Pools(positive, tubes, size)
    found = prevalence(results, test=test, level=asked["level"], interval=PoolInterval(asked["interval"]))
    return {
        "group": group, "people": results.people, "tubes": int(tubes.sum()), "positive": int(positive.sum()),
        "prevalence": found.value, "firth": found.firth, "lower": found.lower, "upper": found.upper,
    }  # fmt: skip


def _test(asked: dict[str, Any]) -> PooledTest | None:
    if asked["sensitivity"] == 1 and asked["specificity"] == 1:
        return None  # a perfect test, which no dilution weakens
    return PooledTest(asked["sensitivity"], asked["specificity"], asked["loss_per_doubling"])


def _check(table: Table, size: np.ndarray, tubes: np.ndarray, positive: np.ndarray) -> None:
    """Refuse a row that can be none, by its line."""
    for row in range(len(table)):
        if size[row] < 1:
            raise table.refuse(row, "size is 0; a tube holds one swab or more.")
        if positive[row] > tubes[row]:
            raise table.refuse(row, f"{positive[row]:.0f} tubes are positive of {tubes[row]:.0f}.")

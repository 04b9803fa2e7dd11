"""`sizao whatif`: policies in, what would probably come of each out. Needs no database."""

import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from sizao.adapters.tables import read_table, write_table
from sizao.cli import pictures
from sizao.drill import variants
from sizao.engines.simulation import city
from sizao.engines.simulation.areas import Areas, made_up_areas
from sizao.engines.simulation.comparing import OUTCOMES, Answer, Question, chance, compare, difference, interval
from sizao.engines.simulation.disease import LAYERS
from sizao.engines.simulation.policy import Policy
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS = {"people": 1_000_000, "imported": 10, "days": 60, "zero_by": 45, "city_seed": 1}
KEYS = (*NUMBERS, "areas", "variant", "policy")
LEVELS = ("community", "town", "county", "city", "province")


class PoliciesUnreadable(SizaoError):
    code = "whatif.policies_unreadable"
    message = "{path}: {reason} Correct the file and try again; nothing was written."


@click.command("whatif")
@click.argument("policies", type=click.Path(path_type=Path))
@click.option("--seeds", default=50, show_default=True, type=click.IntRange(2), help="Runs of each policy, in pairs.")
@click.option("--first-seed", default=1, show_default=True, help="Seed of the first pair; the others follow.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw a picture (.png, .svg, .pdf).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the table goes (CSV); else the standard output.")
def command(policies: Path, seeds: int, first_seed: int, plot: Path | None, out: Path | None) -> None:
    """
    Compare policies in a simulated city, on paired seeds.

    POLICIES is a TOML file: `variant`, `people` (or `areas`, a CSV file with community, town, county, city,
    province and population), `imported` infections on day 0, `days`, `zero_by`, and a [[policy]] for each
    policy with its `name` and what differs from the reference (docs/guide/simulation.md lists the keys). The table has
    a row for each policy: medians with the interval of 80 % of runs, the chance of nobody being
    infected from day `zero_by` on, and the size beside that of the first policy, pair by pair.
    """
    pictures.check(plot)
    question, named = load_question(policies)
    with click.progressbar(length=len(named) * seeds, label="Runs", file=sys.stderr) as bar:
        answers = compare(
            question, named, seeds=range(first_seed, first_seed + seeds), told=lambda _done, _of: bar.update(1)
        )
    write_table(out, columns_of(answers))
    for answer in answers:
        click.echo(sentence_of(answer, answers[0], question), err=True)
    if plot:
        _draw(answers, question, plot)


def load_question(path: Path) -> tuple[Question, list[Policy]]:
    """Read a file of policies. Raise PoliciesUnreadable, PolicyImpossible, or what reading variant and areas raises."""
    told = _toml(path)
    _known(path, told, KEYS, "the file")
    numbers = {key: _whole(path, told, key, default) for key, default in NUMBERS.items()}
    named = [_policy(path, one) for one in told.get("policy", [])]
    if not named:
        raise PoliciesUnreadable(path=path, reason="there is no [[policy]].")
    if len({policy.name for policy in named}) < len(named):
        raise PoliciesUnreadable(path=path, reason="two policies have one name.")
    disease = variants.read(_variant(path, told))
    areas = _areas(path.parent / told["areas"]) if "areas" in told else made_up_areas(numbers["people"])
    question = Question(
        city=city.build(areas, seed=numbers["city_seed"]),
        disease=disease,
        imported=numbers["imported"],
        days=numbers["days"],
        zero_by=numbers["zero_by"],
        city_seed=numbers["city_seed"],
    )
    return question, named


def columns_of(answers: list[Answer]) -> dict[str, list[Any]]:
    """Give the table: a row for each policy."""
    rows = []
    for answer in answers:
        row: dict[str, Any] = {"policy": answer.policy, "runs": len(answer.size)}
        for name in OUTCOMES:
            ends = interval(getattr(answer, name))
            row |= dict(zip((f"{name}_median", f"{name}_q10", f"{name}_q90"), ends, strict=True))
        row |= dict(zip(("zero", "zero_low", "zero_high"), chance(answer.zero), strict=True))
        apart = difference(answer, answers[0])
        first = answer is answers[0]
        for name in ("mean_ratio", "low", "high", "gain"):
            row[f"size_{name}"] = None if first else getattr(apart, name)
        rows.append(row)
    return {name: [row[name] for row in rows] for name in rows[0]}


def sentence_of(answer: Answer, first: Answer, question: Question) -> str:
    """Say in one sentence what would probably come of a policy."""
    middle, low, high = interval(answer.size)
    share, from_, to = chance(answer.zero)
    said = (
        f"{answer.policy}: {middle:,.0f} infections in the median run, {low:,.0f} to {high:,.0f} in four of five;"
        f" none from day {question.zero_by} on in {share:.0%} of runs ({from_:.0%} to {to:.0%})"
    )
    if answer is first:
        return f"{said}."
    apart = difference(answer, first)
    return f"{said}; {apart.mean_ratio:.2f} times the size of {first.policy} ({apart.low:.2f} to {apart.high:.2f})."


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise PoliciesUnreadable(path=path, reason=f"it cannot be read ({fault}).") from fault


def _known(path: Path, told: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    unknown = [key for key in told if key not in keys]
    if unknown:
        reason = f"{where} has the unknown key {unknown[0]}; there are {', '.join(keys)}."
        raise PoliciesUnreadable(path=path, reason=reason)


def _whole(path: Path, told: dict[str, Any], key: str, default: int) -> int:
    value = told.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise PoliciesUnreadable(path=path, reason=f"{key} is {value!r} and not a whole number from 1.")
    return value


def _variant(path: Path, told: dict[str, Any]) -> str | Path:
    name = told.get("variant")
    if not isinstance(name, str):
        raise PoliciesUnreadable(path=path, reason=f"`variant` is missing; there are {', '.join(variants.names())}.")
    return path.parent / name if name.endswith(".toml") else name


def _policy(path: Path, told: Any) -> Policy:
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        raise PoliciesUnreadable(path=path, reason="a [[policy]] has no name.")
    kinds = {field.name: field.type for field in fields(Policy)}
    _known(path, told, tuple(kinds), f"policy {told['name']}")
    values = {key: _value(path, key, value, kinds[key]) for key, value in told.items()}
    return Policy(**values)


def _value(path: Path, key: str, value: Any, kind: Any) -> Any:
    """Check one value against the type its field has; shares of tracing are given by layer."""
    if key == "traced" and isinstance(value, dict):
        _known(path, value, LAYERS, "`traced`")
        reference = dict(zip(LAYERS, Policy("reference").traced, strict=True))
        value = [{**reference, **value}[layer] for layer in LAYERS]
    allowed: tuple[type, ...] = {"float": (int, float), "int": (int,), "bool": (bool,), "str": (str,)}.get(
        str(kind), ()
    )
    if not allowed and isinstance(value, list) and all(type(one) in (int, float) for one in value):
        return tuple(value)
    if isinstance(kind, type):
        allowed = (int, float) if kind is float else (kind,)
    if type(value) not in allowed:
        raise PoliciesUnreadable(path=path, reason=f"{key} is {value!r}, which is not of the kind it should be.")
    return value


def _areas(path: Path) -> Areas:
    table = read_table(path, needs=(*LEVELS, "population"))
    codes = [table.read(level, int, what="a whole number") for level in LEVELS]
    population = table.read("population", int, what="a whole number")
    return Areas(np.column_stack([np.array(code, np.int64) for code in codes]), np.array(population, np.int64))


def _draw(answers: list[Answer], question: Question, path: Path) -> None:
    figure = pictures.blank(rows=1)
    figure.set_figheight(1.2 + 0.45 * len(answers))
    sizes, zeros = figure.subplots(1, 2, sharey=True, width_ratios=(2, 1))
    _draw_sizes(sizes, answers)
    at = np.arange(len(answers))
    ends = np.array([chance(answer.zero) for answer in answers])
    zeros.errorbar(ends[:, 0], at, xerr=np.abs(ends[:, 1:] - ends[:, :1]).T, fmt="o", color="#1f4e79", capsize=3)
    zeros.set_xlim(-0.02, 1.02)
    zeros.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    zeros.set_title(f"Nobody from day {question.zero_by} on")
    pictures.save(figure, path)


def _draw_sizes(axes: "Axes", answers: list[Answer]) -> None:
    from matplotlib.ticker import LogLocator, NullLocator  # slow to import, and wanted by --plot only

    at = np.arange(len(answers))
    ends = np.array([interval(answer.size) for answer in answers])
    axes.errorbar(ends[:, 0], at, xerr=np.abs(ends[:, 1:] - ends[:, :1]).T, fmt="o", color="#1f4e79", capsize=3)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(at, [answer.policy for answer in answers])
    axes.invert_yaxis()
    axes.set_title(f"Infections: median and 80 % of {len(answers[0].size)} runs")

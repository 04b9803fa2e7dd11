"""Reading a file of policies: a city, a variant, a start, and what each policy changes."""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from sizao.adapters.tables import read_table
from sizao.drill import variants
from sizao.engines.simulation import city
from sizao.engines.simulation.areas import Areas, made_up_areas
from sizao.engines.simulation.comparing import Question
from sizao.engines.simulation.disease import LAYERS
from sizao.engines.simulation.policy import Policy
from sizao.errors import SizaoError
from sizao.protocol import shipped
from sizao.protocol.measures import measures

NUMBERS = {"people": 1_000_000, "imported": 10, "days": 60, "zero_by": 45, "city_seed": 1}
HABITS = ("town", "village")
KEYS = (*NUMBERS, "areas", "habits", "variant", "edition", "policy")
LEVELS = ("community", "town", "county", "city", "province")
BY_LAYER = ("traced", "secondary")


class PoliciesUnreadable(SizaoError):
    code = "whatif.policies_unreadable"
    message = "{path}: {reason} Correct the file and try again; nothing was written."


def load_question(path: Path) -> tuple[Question, list[Policy]]:
    """
    Read a file of policies.

    Raise PoliciesUnreadable, PolicyImpossible, NoSuchEdition, or what reading variant and areas raises.
    """
    told = _toml(path)
    _known(path, told, KEYS, "the file")
    numbers = {key: _whole(path, told, key, default) for key, default in NUMBERS.items()}
    named = [_policy(path, one, told.get("edition")) for one in told.get("policy", [])]
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
        villages=_habits(path, told) == "village",
    )
    return question, named


def of_edition(name: str) -> dict[str, Any]:
    """Give what an edition of the protocol decides of a policy, as of its first day. Raise NoSuchEdition."""
    edition = shipped().edition(name)
    values, _ = edition.values_on(edition.effective_from)
    return dict(measures(values))


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


def _habits(path: Path, told: dict[str, Any]) -> str:
    habits: str = told.get("habits", HABITS[0])
    if habits not in HABITS:
        raise PoliciesUnreadable(path=path, reason=f"habits is {habits!r}; there are {', '.join(HABITS)}.")
    return habits


def _variant(path: Path, told: dict[str, Any]) -> str | Path:
    name = told.get("variant")
    if not isinstance(name, str):
        raise PoliciesUnreadable(path=path, reason=f"`variant` is missing; there are {', '.join(variants.names())}.")
    return path.parent / name if name.endswith(".toml") else name


def _policy(path: Path, told: Any, edition: Any) -> Policy:
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        raise PoliciesUnreadable(path=path, reason="a [[policy]] has no name.")
    kinds = {field.name: field.type for field in fields(Policy)}
    _known(path, told, (*kinds, "edition"), f"policy {told['name']}")
    named = told.get("edition", edition)
    if not (named is None or isinstance(named, str)):
        raise PoliciesUnreadable(path=path, reason=f"edition is {named!r} and not a name.")
    given = {key: value for key, value in told.items() if key != "edition"}
    values = {key: _value(path, key, value, kinds[key]) for key, value in given.items()}
    return Policy(**((of_edition(named) if named else {}) | values))


def _value(path: Path, key: str, value: Any, kind: Any) -> Any:
    """Check one value against the type its field has; shares of companions found are given by layer."""
    if key in BY_LAYER and isinstance(value, dict):
        _known(path, value, LAYERS, f"`{key}`")
        reference = dict(zip(LAYERS, getattr(Policy("reference"), key), strict=True))
        value = [{**reference, **value}[layer] for layer in LAYERS]
    if isinstance(value, list) and all(type(one) in (int, float) for one in value) and not isinstance(kind, type):
        return tuple(value)
    allowed = (int, float) if kind is float else (kind,)
    if type(value) not in allowed:
        raise PoliciesUnreadable(path=path, reason=f"{key} is {value!r}, which is not of the kind it should be.")
    return value


def _areas(path: Path) -> Areas:
    table = read_table(path, needs=(*LEVELS, "population"))
    codes = [table.read(level, int, what="a whole number") for level in LEVELS]
    population = table.read("population", int, what="a whole number")
    return Areas(np.column_stack([np.array(code, np.int64) for code in codes]), np.array(population, np.int64))

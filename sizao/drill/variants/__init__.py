"""
Variants of a disease for simulations: TOML files with published numbers and where each is from.

Numbers of nature, one home each. Engines read no files and adapters do not know a simulated city, so the files lie
with their reader here (docs/decisions/0016). Needs no database.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sizao.engines.simulation import variants as engine
from sizao.engines.simulation.disease import N_BANDS, N_DOSES, Disease
from sizao.engines.simulation.rng import Floats
from sizao.errors import SizaoError

Part = TypeVar("Part")
OUTCOMES = ("severe", "critical", "death")


class NoSuchVariant(SizaoError):
    code = "variants.no_such_variant"
    message = "There is no variant called {name}. There are {known}; or give the path of a file."


class VariantUnreadable(SizaoError):
    code = "variants.unreadable"
    message = "{file}: {reason} Correct the file and try again."


def names() -> list[str]:
    """List the variants that come with the package."""
    return sorted(file.name.removesuffix(".toml") for file in files(__name__).iterdir() if file.name.endswith(".toml"))


def read(name: str | Path, *, late_pcr: bool = False) -> Disease:
    """
    Read a variant by name, or a file by its path; with `late_pcr`, the pessimistic sensitivity of PCR it gives.

    Raise NoSuchVariant, VariantUnreadable, NotAVariant or NotADisease.
    """
    if isinstance(name, Path):
        try:
            text = name.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise VariantUnreadable(file=name, reason=f"it cannot be read ({fault}).") from fault
    elif name in names():
        text = (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
    else:
        raise NoSuchVariant(name=name, known=", ".join(names()))
    return engine.disease(published(text, str(name), late_pcr=late_pcr))


def published(text: str, file: str, *, late_pcr: bool = False) -> engine.Published:
    """Read the text of a variant. Raise VariantUnreadable, naming what is missing, unknown or no number."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise VariantUnreadable(file=file, reason=f"it is not TOML ({fault}).") from fault
    try:
        return _published(told, late_pcr=late_pcr)
    except KeyError as fault:
        raise VariantUnreadable(file=file, reason=f"{fault.args[0]} is missing.") from fault
    except (TypeError, ValueError) as fault:
        raise VariantUnreadable(file=file, reason=f"{fault}.") from fault


def _published(told: dict[str, Any], *, late_pcr: bool) -> engine.Published:
    known = {"name", "latent", "incubation", "infectiousness", "individual", "symptoms", "passing", "doses", "pcr",
             "pcr_late", "antigen", "population", *OUTCOMES}  # fmt: skip
    if unknown := sorted(told.keys() - known):
        raise ValueError(f"{unknown[0]} is not known; there are {', '.join(sorted(known))}")
    doses = told["doses"]
    population = told.get("population", {})
    pcr = told["pcr_late" if late_pcr else "pcr"]
    return engine.Published(
        name=told["name"],
        latent=_days(told["latent"]),
        incubation=_days(told["incubation"]),
        infectiousness=_part(engine.Infectiousness, told["infectiousness"]),
        variation=_variation(told["individual"]),
        symptomatic=_row(told["symptoms"]["by_band"], N_BANDS),
        asymptomatic_factor=float(told["symptoms"]["asymptomatic_factor"]),
        passing=_part(engine.Passing, told["passing"]),
        effect_infection=_row(doses["infection"], N_DOSES),
        effect_passing=_row(doses["passing"], N_DOSES),
        pcr=np.column_stack((_row(pcr["days"]), _row(pcr["chances"], len(pcr["days"])))),
        antigen=_part(engine.Antigen, told["antigen"]),
        **{name: _severity(told[name], population) for name in OUTCOMES},
        sources={name: part["source"] for name, part in told.items() if name != "name"},
    )


def _variation(part: Mapping[str, Any]) -> float:
    if "shape" in part:
        return float(part["shape"])
    return engine.gamma_shape(float(part["share_causing_80"]), float(part["at_reproduction"]))


def _days(part: Mapping[str, Any]) -> tuple[float, float]:
    return float(part["mean"]), float(part["sd"])


def _part(kind: Callable[..., Part], part: Mapping[str, Any]) -> Part:
    """Fill a part with its numbers, all of them and no others."""
    needed = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if unknown := sorted(part.keys() - {*needed, "source"}):
        raise ValueError(f"{unknown[0]} is not known; there are {', '.join(needed)}")
    for name in needed:
        if not isinstance(part[name], int | float):
            raise TypeError(f"{name} is {part[name]!r} and should be a number")
    return kind(**{name: part[name] for name in needed})


def _severity(part: Mapping[str, Any], population: Mapping[str, Any]) -> engine.Severity:
    average = part.get("average")
    return engine.Severity(
        by_band=_row(part["by_band"], N_BANDS),
        effect=_row(part["effect"], N_DOSES),
        odds=float(part.get("odds", 1.0)),
        average=None if average is None else float(average),
        ages=None if average is None else _row(population["ages"], N_BANDS),
        doses=None if average is None else np.array([_row(row, N_DOSES) for row in population["doses"]]),
    )


def _row(values: Any, length: int | None = None) -> Floats:
    row = np.array(values, dtype=np.float64)
    if row.ndim != 1 or (length is not None and len(row) != length):
        raise ValueError(f"{values!r} should be a row of {length} numbers")
    return row

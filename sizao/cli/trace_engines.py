"""`sizao trace --engine`: the same question through DuckDB or Spark, over tables of presences."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sizao.errors import SizaoError

if TYPE_CHECKING:
    from sizao.adapters.presence_tables import PresenceTables

KERNEL, DUCKDB, SPARK = ENGINES = ("kernel", "duckdb", "spark")
# What only the store answers.
OF_THE_STORE = (
    "common_source", "second_ring", "hotspots", "keep", "neighbours", "neighbours_of", "by_layer", "imputed",
    "pad_minutes", "ranked", "seats", "space_time",
)  # fmt: skip


class OnlyCompanions(SizaoError):
    code = "trace.only_companions"
    message = "--engine {engine} answers who was there with the cases; ask --{option} of a store. Nothing was written."


def tables_of(presences: Path, asked: Mapping[str, Any], held: ExitStack) -> "PresenceTables":
    """
    Open tables of presences through the engine that was asked for.

    Raise OnlyCompanions, TablesMissing, EngineMissing or ClusterUnreachable.
    """
    from sizao.adapters.presence_tables import PresenceTables
    from sizao.adapters.presence_tables.on_duckdb import duckdb_engine
    from sizao.adapters.presence_tables.on_spark import spark_engine

    engine = asked["engine"]
    for option in OF_THE_STORE:
        if asked.get(option) or (option == "keep" and asked["keep"] is not None):
            raise OnlyCompanions(engine=engine, option=option.replace("_", "-"))
    opened = duckdb_engine(presences) if engine == DUCKDB else spark_engine(presences, master=asked["master"])
    return PresenceTables(presences, held.enter_context(opened))

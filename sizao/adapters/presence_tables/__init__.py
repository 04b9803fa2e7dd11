"""
Presences as tables of Parquet, for engines that spread over many machines; one definition of each question.

A store of `adapters/visits` answers faster on one machine. What is too large for one is written as tables and
asked through DuckDB or Apache Spark, which get the very same text.
"""

from sizao.adapters.presence_tables.asking import Engine, PresenceTables
from sizao.adapters.presence_tables.collecting import presences_file
from sizao.adapters.presence_tables.errors import ClusterUnreachable, EngineMissing, TablesMissing
from sizao.adapters.presence_tables.exporting import export
from sizao.adapters.presence_tables.layout import Tables, are_tables, read

__all__ = [
    "ClusterUnreachable", "Engine", "EngineMissing", "PresenceTables", "Tables", "TablesMissing", "are_tables",
    "export", "presences_file", "read",
]  # fmt: skip

"""What tables of presences and the engines over them refuse."""

from sizao.errors import SizaoError


class TablesMissing(SizaoError):
    code = "presence_tables.missing"
    message = "{path} holds no tables of presences. Make them with `sizao visits export STORE --out {path}`."


class TablesDamaged(SizaoError):
    code = "presence_tables.damaged"
    message = "{path} does not hold what was written ({reason}). Export the store again; nothing was read from it."


class FolderTaken(SizaoError):
    code = "presence_tables.folder_taken"
    message = "{path} is there already. Name a folder that is not, or move that one away; nothing was written."


class NothingToExport(SizaoError):
    code = "presence_tables.nothing_to_export"
    message = "{path} holds no presence. Ingest some first; nothing was written."


class EngineMissing(SizaoError):
    code = "presence_tables.engine_missing"
    message = "The engine {engine} cannot start: {reason}. Install {install}, or use --engine kernel."


class ClusterUnreachable(SizaoError):
    code = "presence_tables.cluster_unreachable"
    message = "The Spark cluster {master} cannot be used: {reason}. Check --master and that its workers run."


class EngineFailed(SizaoError):
    code = "presence_tables.engine_failed"
    message = "The engine {engine} could not read {path}: {reason}. Export the store again; nothing was written."


def first_line(fault: Exception) -> str:
    """Give the telling part of what an engine said."""
    return str(fault).strip().partition("\n")[0][:300].rstrip(".") or type(fault).__name__

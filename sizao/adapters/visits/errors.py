"""What a store refuses."""

from sizao.errors import SizaoError


class StoreMissing(SizaoError):
    code = "visits.store_missing"
    message = "{path} is no store of presences. Make one with `sizao visits ingest PRESENCES.parquet --store {path}`."


class StoreDamaged(SizaoError):
    code = "visits.store_damaged"
    message = (
        "{path} does not hold what was written ({reason}). Restore it from its copy, or ingest its days again; "
        "nothing was read from it."
    )


class StoreBusy(SizaoError):
    code = "visits.store_busy"
    message = "Another process writes to {path}. Wait until it is done, and try again."


class TokensDiffer(SizaoError):
    code = "visits.tokens_differ"
    message = (
        "The column {column} holds {given}, and the store holds {held}. Numbers and texts are different tokens; "
        "convert the column and try again. Nothing was written."
    )


class PresencesUnreadable(SizaoError):
    code = "visits.presences_unreadable"
    message = "{path}: {reason} Correct the file and try again; nothing was written."

"""What a store refuses."""

from sizao.errors import SizaoError
from sizao.terms import Phrase


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


class SegmentsMerged(SizaoError):
    code = "visits.segments_merged"
    message = "Segments of {path} were merged while others were made of them. Try again; nothing was written."


class StoreFull(SizaoError):
    code = "visits.store_full"
    message = (
        "There is no room left to write to {path} ({reason}). The store is as it was before; make room, and send "
        "the same again."
    )


class WriterStopped(SizaoError):
    code = "visits.writer_stopped"
    message = (
        "The disk failed while {path} was written, and what it holds now is not known to this writer. Open the store "
        "anew; all that was acknowledged is there."
    )


class TokensDiffer(SizaoError):
    code = "visits.tokens_differ"
    message = (
        "The column {column} holds {given}, and the store holds {held}. Numbers and texts are different tokens; "
        "convert the column and try again. Nothing was written."
    )


class KindUnusable(SizaoError):
    code = "visits.kind_unusable"
    message = (
        "The column {column} holds {given}, and it should hold {wanted}. Convert the column and try again; nothing "
        "was written."
    )


class TokenTooLarge(SizaoError):
    code = "visits.token_too_large"
    message = (
        "A person or place is a number above 9,223,372,036,854,775,807, the largest that a store can hold. Give "
        "these columns as texts; nothing was written."
    )


class NotAFolder(SizaoError):
    code = "visits.not_a_folder"
    message = "{path} is a file, and a store is a folder. Name another; nothing was written."


class EpochsDiffer(SizaoError):
    code = "visits.epochs_differ"
    message = (
        "{path} bears tokens of {given}, and those of the store are of {held}. One person has another token in "
        "another epoch; take these presences into a store of their own. Nothing was written."
    )


class TooManyShifts(SizaoError):
    code = "visits.too_many_shifts"
    message = (
        "{path} can remember {limit} shifts of clocks, and these would be more. Take sources that need another "
        "shift into a store of their own. Nothing was written."
    )


class ShiftUnused(SizaoError):
    code = "visits.shift_unused"
    message = (
        "No presence of {path} is of the source {source}, whose times were to be shifted; there is {there}. Name the "
        "source as the file does, or leave the shift out; nothing was written."
    )


class PlaceCodesUnusable(SizaoError):
    code = "visits.place_codes_unusable"
    message = "The codes that places had before cannot be used: {reason}. Correct them; nothing was written."


class PresencesUnreadable(SizaoError):
    code = "visits.presences_unreadable"
    message = "{path}: {reason} Correct the file and try again; nothing was written."


NOT_WHOLE = Phrase("it is not a whole Parquet file.", "不是完整的 Parquet 文件。")

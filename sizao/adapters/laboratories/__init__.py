"""What laboratories send: files of instruments, tables, and messages in HL7 v2."""

from sizao.adapters.laboratories.files import (
    MOST_BYTES,
    InstrumentFileUnreadable,
    Layout,
    LayoutUnknown,
    read_file,
    text_of,
)
from sizao.adapters.laboratories.messages import (
    Message,
    MessageUnreadable,
    Observed,
    Specimen,
    acknowledgement,
    read_message,
)
from sizao.adapters.laboratories.wells import InstrumentFile, RowFault, WellRead, WellRole, reading_of

__all__ = [
    "MOST_BYTES",
    "InstrumentFile",
    "InstrumentFileUnreadable",
    "Layout",
    "LayoutUnknown",
    "Message",
    "MessageUnreadable",
    "Observed",
    "RowFault",
    "Specimen",
    "WellRead",
    "WellRole",
    "acknowledgement",
    "read_file",
    "read_message",
    "reading_of",
    "text_of",
]

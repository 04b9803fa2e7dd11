"""The catalogue of Chinese texts: written by hand as text, compiled for Django."""

import io
from datetime import UTC, datetime

from sizao.cli import start

FOLDER = start.ROOT / "sizao" / "web" / "locale" / "zh_Hans" / "LC_MESSAGES"
WRITTEN = FOLDER / "django.po"
COMPILED = FOLDER / "django.mo"
UNDATED = datetime(2021, 1, 1, tzinfo=UTC)  # the header holds a date; the real one would differ at each compiling


def compiled() -> bytes:
    """Compile the catalogue; the same text gives the same bytes."""
    from babel.messages import mofile, pofile  # a tool of the workshop: not installed where sizao only runs

    with WRITTEN.open("rb") as file:
        catalogue = pofile.read_po(file, locale="zh_Hans")
    catalogue.creation_date = catalogue.revision_date = UNDATED
    written = io.BytesIO()
    mofile.write_mo(written, catalogue)
    return written.getvalue()

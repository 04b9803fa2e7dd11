"""The catalogue of Chinese texts: written by hand as text, compiled for Django."""

import io

from sizao.cli import start

FOLDER = start.ROOT / "sizao" / "web" / "locale" / "zh_Hans" / "LC_MESSAGES"
WRITTEN = FOLDER / "django.po"
COMPILED = FOLDER / "django.mo"


def compiled() -> bytes:
    """Compile the catalogue; the same text gives the same bytes."""
    from babel.messages import mofile, pofile  # a tool of the workshop: not installed where sizao only runs

    with WRITTEN.open("rb") as file:
        catalogue = pofile.read_po(file, locale="zh_Hans")
    written = io.BytesIO()
    mofile.write_mo(written, catalogue)
    return written.getvalue()

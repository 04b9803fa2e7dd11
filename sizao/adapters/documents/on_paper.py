"""A document as PDF, and its drawings as pictures for other layouts, by Typst."""

import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from sizao.adapters import typesetting
from sizao.adapters.documents.content import Block, Document, Facts, Heading, Picture, Table, Text

_DOTS_PER_INCH = 200.0


def pdf(document: Document) -> bytes:
    """Typeset a document. Raise NotTypeset."""
    pictures = [one for one in document.blocks if isinstance(one, Picture)]
    drawn = {f"picture-{n}.svg": one.svg.encode() for n, one in enumerate(pictures)}
    content = json.dumps(_told(document), ensure_ascii=False).encode()
    template = files("sizao.adapters.documents").joinpath("document.typ").read_text(encoding="utf-8")
    return typesetting.pdf(template, {"document.json": content, **drawn})


def png(picture: Picture) -> bytes:
    """Draw a picture in dots, for what cannot show SVG."""
    page = f'#set page(width: {picture.width_mm}mm, height: auto, margin: 0mm)\n#image("picture.svg", width: 100%)\n'
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "picture.svg").write_text(picture.svg, encoding="utf-8")
        (root / "main.typ").write_text(page, encoding="utf-8")
        made = typst.compile(
            root / "main.typ", root=root, format="png", ppi=_DOTS_PER_INCH,
            font_paths=[typesetting.font_folder()], ignore_system_fonts=True,
        )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def _told(document: Document) -> dict[str, Any]:
    pictures = 0
    blocks = []
    for one in document.blocks:
        blocks.append(_block(one, pictures))
        pictures += isinstance(one, Picture)
    return {
        "language": document.language, "issuer": document.issuer, "title": document.title, "number": document.number,
        "to": document.to, "lead": document.lead, "blocks": blocks, "signed": document.signed, "seal": document.seal,
        "notes": document.notes, "drill": document.drill,
    }  # fmt: skip


def _block(block: Block, n: int) -> dict[str, Any]:
    match block:
        case Heading(text):
            return {"kind": "heading", "text": text}
        case Text(text):
            return {"kind": "text", "text": text}
        case Facts(rows):
            return {"kind": "facts", "rows": rows}
        case Picture(_, caption, width_mm):
            return {"kind": "picture", "file": f"picture-{n}.svg", "caption": caption, "width": width_mm}
        case Table(heads, rows, note, widths, numbers):
            shares = list(widths) or [1.0] * len(heads)
            return {
                "kind": "table", "heads": heads, "rows": rows, "note": note, "widths": shares, "numbers": numbers
            }  # fmt: skip

"""
Pages of paper from a template and its data, by Typst, with one font for all scripts that comes with the package.

Content is handed over as JSON and never as markup, so that no name can change what is printed. A character that the
font lacks would be printed as an empty box: it is written as its code instead, and nobody's name is dropped.
"""

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc
import typst
from fontTools.ttLib import TTCollection

from sizao.errors import SizaoError

FONT = "Noto Sans CJK SC"
_FIRST_PRINTED = 0x20  # below are controls: line ends and the like


class NotTypeset(SizaoError):
    """A template that does not fit its data, which is a fault of ours."""

    code = "typesetting.failed"
    message = "The document could not be typeset ({reason}). Tell who maintains this installation."


def pdf(template: str, files: Mapping[str, bytes]) -> bytes:
    """
    Typeset a template to a PDF; it finds `files` beside it by their names. Raise NotTypeset.

    In files of JSON, characters without a glyph are written as their codes.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in files.items():
            (root / name).write_bytes(_printable_json(content) if name.endswith(".json") else content)
        (root / "main.typ").write_text(template, encoding="utf-8")
        try:
            made = typst.compile(root / "main.typ", root=root, font_paths=[font_folder()], ignore_system_fonts=True)
        except RuntimeError as fault:
            raise NotTypeset(reason=str(fault)[:300]) from fault
    assert isinstance(made, bytes)
    return made


def printable(text: str) -> str:
    """Write a text so that all of it is printed: what the font lacks becomes its code, as 〔U+2A6D6〕."""
    return "".join(
        one if ord(one) < _FIRST_PRINTED or ord(one) in _glyphs() else f"〔U+{ord(one):04X}〕" for one in text
    )


def font_folder() -> Path:
    """Say where the font lies."""
    return Path(noto_cjk_sans_otc.__file__).parent


@cache
def _glyphs() -> frozenset[int]:
    collection = TTCollection(next(font_folder().glob("*.ttc")), lazy=True)
    (font,) = (one for one in collection.fonts if one["name"].getDebugName(1) == FONT)
    return frozenset(font.getBestCmap())


def _printable_json(content: bytes) -> bytes:
    return json.dumps(_each_text(json.loads(content)), ensure_ascii=False).encode()


def _each_text(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case list():
            return [_each_text(one) for one in value]
        case dict():
            return {name: _each_text(one) for name, one in value.items()}
        case _:
            return value

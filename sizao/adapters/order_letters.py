"""The letters of orders on paper: content comes whole, and this lays it out, with the number as a QR code."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from sizao.adapters import typesetting

_TEMPLATE = "order_letter.typ"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language; `drill` names the outbreak where nothing acts on people, and is printed on top."""

    language: str
    number: str
    code: str
    title: str
    who: str
    place: str
    asked: str
    starts: str
    ends: str
    tests: tuple[str, ...]
    reason: str
    sums: tuple[str, ...]
    waits: str
    laws: tuple[str, ...]
    owed: tuple[str, ...]
    remedies: tuple[str, ...]
    call: str
    issued_by: str
    issued_at: str
    drill: str


def pdf(letters: Sequence[Letter]) -> bytes:
    """Typeset letters into one PDF, each on pages of its own. Raise NotTypeset."""
    codes = {f"{one.number}.svg": qr_svg(one.number).encode() for one in letters}
    content = json.dumps([asdict(one) for one in letters], ensure_ascii=False).encode()
    template = files("sizao.adapters").joinpath(_TEMPLATE).read_text(encoding="utf-8")
    return typesetting.pdf(template, {"letters.json": content, **codes})


def qr_svg(text: str) -> str:
    """Draw a text as a QR code: a square of modules with the quiet zone that readers need."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    side = len(rows)
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{dark}" fill="#000"/></svg>'
    )

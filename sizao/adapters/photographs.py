"""
Photographs without what the camera wrote into them: place, time, owner, a small copy of the picture before it was cut.

The picture itself is not opened. Of a JPEG or PNG only the parts are kept that are needed to show it; how it is to be
turned is written anew. What cannot be taken apart surely is refused.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from sizao.errors import SizaoError

MOST_BYTES = 5_000_000
MOST_PIXELS = 60_000_000
PNG = b"\x89PNG\r\n\x1a\n"
_SOI, _EOI, _SOS, _APP0, _APP1, _APP14, _COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xEE, 0xFE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDING_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_KEPT_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD"})
_ORIENTATION = 0x0112


class PhotographUnreadable(SizaoError):
    code = "photograph.unreadable"
    message = "{name} cannot be taken as a photograph: {reason}. Send a JPEG or PNG of at most 5 MB; nothing was kept."


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture without its camera's notes; `media_type` is image/jpeg or image/png."""

    content: bytes
    media_type: str


def stripped(content: bytes, name: str) -> Photograph:
    """Take a JPEG or PNG apart and keep only what shows it. Raise PhotographUnreadable."""
    if len(content) > MOST_BYTES:
        raise PhotographUnreadable(name=name, reason="it is larger than 5 MB")
    try:
        if content[:2] == b"\xff\xd8":
            return Photograph(_jpeg(content), "image/jpeg")
        if content[:8] == PNG:
            return Photograph(_png(content), "image/png")
    except (_Broken, struct.error, IndexError) as fault:
        reason = str(fault) if isinstance(fault, _Broken) else "it is damaged"
        raise PhotographUnreadable(name=name, reason=reason) from fault
    raise PhotographUnreadable(name=name, reason="it is neither JPEG nor PNG")


class _Broken(Exception):  # noqa: N818 — never leaves this module
    pass


# --- JPEG --------------------------------------------------------------------------------------


def _jpeg(content: bytes) -> bytes:
    kept, turned, has_frame = [b"\xff\xd8"], 1, False
    for marker, part in _segments(content):
        if marker == _APP1:
            turned = _turn(part) or turned
        if marker in _FRAMES:
            has_frame = True
            _check_size(*struct.unpack(">HH", part[5:9]))
        if not (_APP1 <= marker <= 0xEF and marker != _APP14) and marker != _COM:
            kept.append(part)
    if not has_frame:
        raise _Broken("there is no picture in it")
    if turned != 1:
        # After the leading JFIF part, where there is one, as readers expect it.
        kept.insert(2 if len(kept) > 1 and kept[1][1] == _APP0 else 1, _turning(turned))
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Give each part with its marker; the coded picture goes with the scan before it. Nothing after the end counts."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise _Broken("it is damaged")
        while content[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = content[at + 1]
        if marker == _EOI:
            yield marker, b"\xff\xd9"
            return
        if marker in _STANDING_ALONE:
            end = at + 2
        else:
            (length,) = struct.unpack(">H", content[at + 2 : at + 4])
            end = at + 2 + length
            if length < 2 or end > len(content):
                raise _Broken("it is damaged")
        if marker == _SOS:
            end = _scan_end(content, end)
        yield marker, content[at:end]
        at = end


def _scan_end(content: bytes, at: int) -> int:
    """Find where coded data ends: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise _Broken("it ends in the middle of the picture")
        if content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
            at += 2
        elif content[at + 1] == 0xFF:
            at += 1
        else:
            return at


def _turn(part: bytes) -> int | None:
    """Read how the picture is to be turned from a camera's notes; None where they do not say."""
    if part[4:10] != b"Exif\0\0":
        return None
    notes = part[10:]
    order = {b"II": "<", b"MM": ">"}.get(notes[:2])
    if order is None:
        return None
    try:
        (start,) = struct.unpack(order + "I", notes[4:8])
        (count,) = struct.unpack(order + "H", notes[start : start + 2])
        for row in range(min(count, 200)):
            entry = notes[start + 2 + 12 * row : start + 14 + 12 * row]
            tag, kind, _, value = struct.unpack(order + "HHIH", entry[:10])
            if tag == _ORIENTATION and kind == 3 and 1 <= value <= 8:  # noqa: PLR2004 — a short, as EXIF says
                return int(value)
    except struct.error:
        return None
    return None


def _turning(turned: int) -> bytes:
    """Write notes that say nothing but how the picture is to be turned."""
    notes = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)
    body = b"Exif\0\0" + notes
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# --- PNG ---------------------------------------------------------------------------------------


def _png(content: bytes) -> bytes:
    kept, at, seen = [PNG], len(PNG), set[bytes]()
    while True:
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise _Broken("it is damaged")
        (told,) = struct.unpack(">I", content[end - 4 : end])
        if zlib.crc32(content[at + 4 : end - 4]) != told:
            raise _Broken("it is damaged")
        if kind == b"IHDR":
            _check_size(*struct.unpack(">II", content[at + 8 : at + 16]))
        if kind in _KEPT_CHUNKS:
            kept.append(content[at:end])
        seen.add(kind)
        if kind == b"IEND":
            break
        at = end
    if not {b"IHDR", b"IDAT"} <= seen:
        raise _Broken("there is no picture in it")
    return b"".join(kept)


def _check_size(height: int, width: int) -> None:
    if not 0 < height * width <= MOST_PIXELS:
        raise _Broken("it has no size, or is larger than 60 million points")

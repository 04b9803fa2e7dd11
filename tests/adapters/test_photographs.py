"""A photograph is kept without what the camera wrote into it, and what cannot be taken apart is refused."""

import struct
import zlib

import pytest

from sizao.adapters.photographs import PNG, PhotographUnreadable, stripped

PLACE = b"GPS 38.04N 114.51E"


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(turned, order=">"):
    tiff = (b"MM" if order == ">" else b"II") + struct.pack(order + "HI", 42, 8)
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, turned, 0)
    return segment(0xE1, b"Exif\0\0" + tiff + struct.pack(order + "H", 1) + entry + struct.pack(order + "I", 0) + PLACE)


FRAME = segment(0xC0, struct.pack(">BHHB", 8, 600, 800, 1) + b"\1\x11\0")
SCAN = segment(0xDA, b"\1\1\0\0?\0") + b"coded\xff\x00data\xff\xd0more"
JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def jpeg(*parts):
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xd9"


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HEAD = chunk(b"IHDR", struct.pack(">IIBBBBB", 800, 600, 8, 0, 0, 0, 0))
DATA, END = chunk(b"IDAT", zlib.compress(b"\0" * 10)), chunk(b"IEND", b"")


class TestJpeg:
    def test_loses_notes_comments_and_what_follows_the_end(self):
        given = jpeg(JFIF, exif(1), segment(0xE2, b"MPF" + PLACE), segment(0xFE, PLACE), FRAME, SCAN) + PLACE
        kept = stripped(given, "门口.jpg")
        assert (kept.content, kept.media_type) == (jpeg(JFIF, FRAME, SCAN), "image/jpeg")

    @pytest.mark.parametrize("order", ["<", ">"])
    def test_keeps_how_it_is_to_be_turned_and_nothing_else(self, order):
        kept = stripped(jpeg(JFIF, exif(6, order), FRAME, SCAN), "a.jpg").content
        assert PLACE not in kept
        assert kept.startswith(b"\xff\xd8" + JFIF + b"\xff\xe1")
        again = stripped(kept, "a.jpg").content
        assert again == kept

    def test_keeps_several_scans(self):
        given = jpeg(FRAME, SCAN, segment(0xC4, b"table"), SCAN)
        assert stripped(given, "a.jpg").content == given


class TestPng:
    def test_loses_texts_times_and_notes(self):
        given = PNG + HEAD + chunk(b"tEXt", PLACE) + chunk(b"eXIf", PLACE) + chunk(b"tIME", b"1234567") + DATA + END
        kept = stripped(given + PLACE, "a.png")
        assert (kept.content, kept.media_type) == (PNG + HEAD + DATA + END, "image/png")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "neither JPEG nor PNG"),
        (b"GIF89a", "neither JPEG nor PNG"),
        (b"<svg onload=alert(1)>", "neither JPEG nor PNG"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\xff\xd8" + JFIF + b"x", "damaged"),
        (jpeg(JFIF), "no picture"),
        (jpeg(FRAME, SCAN)[:-2], "middle of the picture"),
        (jpeg(segment(0xC0, struct.pack(">BHHB", 8, 0, 800, 1)), SCAN), "no size"),
        (PNG + HEAD + DATA[:-1] + b"x" + END, "damaged"),
        (PNG + HEAD + END, "no picture"),
        (PNG + HEAD + DATA, "damaged"),
        (jpeg(FRAME, SCAN) + b"\0" * 5_000_000, "larger than 5 MB"),
    ],
)
def test_refuses_what_cannot_be_taken_apart(content, why):
    with pytest.raises(PhotographUnreadable, match=why):
        stripped(content, "a.jpg")

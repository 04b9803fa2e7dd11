"""Typesetting: what is printed is what was said, rare characters included."""

import re
import zlib

import pytest

from sizao.adapters import typesetting

TEMPLATE = """
#let told = json("told.json")
#set text(font: "Noto Sans CJK SC")
#told.name
"""
# Of surnames and villages: in common use, rare and in the font, and one that the font lacks.
COMMON, RARE, LACKING = "藁城", "㙟𠮷㛃", "𪚥"


def printed(name):
    return typesetting.pdf(TEMPLATE, {"told.json": b'{"name": "%s"}' % name.encode()})


def characters(pdf):
    """Say which characters a PDF can be searched for: those its glyphs are mapped to."""
    found = ""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, flags=re.DOTALL):
        try:
            text = zlib.decompress(packed).decode("latin-1")
        except zlib.error:
            continue
        if "beginbfchar" not in text and "beginbfrange" not in text:
            continue
        for code in re.findall(r"<[0-9A-Fa-f]+>\s*<([0-9A-Fa-f]+)>", text):
            found += bytes.fromhex(code).decode("utf-16-be", errors="ignore")
    return set(found)


class TestPrinting:
    def test_keeps_rare_names(self):
        assert typesetting.printable(COMMON + RARE) == COMMON + RARE
        assert characters(printed(COMMON + RARE)) >= set(COMMON + RARE)

    def test_writes_what_the_font_lacks_as_its_code(self):
        assert typesetting.printable(f"王{LACKING}") == "王〔U+2A6A5〕"
        assert characters(printed(f"王{LACKING}")) >= set("王〔U+2A65〕")

    def test_leaves_line_ends_alone(self):
        assert typesetting.printable("a\nb") == "a\nb"

    def test_takes_a_name_as_a_name_and_not_as_markup(self):
        assert characters(printed("#pagebreak() *x*")) >= set("#pagebreak()*x")

    def test_says_what_a_template_lacks(self):
        with pytest.raises(typesetting.NotTypeset, match="nothing"):
            typesetting.pdf("#nothing", {})

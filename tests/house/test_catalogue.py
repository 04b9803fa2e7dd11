"""Every text that people see stands in the Chinese catalogue, nothing else does, and the compiled one is current."""

import importlib
import io
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.extract import extract
from django.utils.translation.template import templatize

import sizao
from sizao.cli.pages import catalogue
from sizao.errors import SizaoError

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "sizao"
# Refusals of these rooms reach a reader of the web; those of files and the machine stay with whoever runs it.
ROOMS_THAT_REFUSE_READERS = (
    "sizao.web", "sizao.api", "sizao.response", "sizao.records", "sizao.protocol.rules",
    "sizao.protocol.testing_rounds", "sizao.drill.screens", "sizao.drill.rehearsal.steering",
    "sizao.drill.rehearsal.lodging", "sizao.adapters.laboratories", "sizao.adapters.photographs", "sizao.protocol.kits",
    "sizao.protocol.teams", "sizao.protocol.forms", "sizao.adapters.webhook", "sizao.adapters.exchange.envelope",
    "sizao.adapters.exchange.channel", "sizao.protocol.escalation", "sizao.protocol.observation",
    "sizao.adapters.uploads",
)  # fmt: skip
KEYWORDS = {"gettext": None, "gettext_lazy": None, "_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


class TestTheCatalogue:
    def test_has_every_text_in_chinese(self, texts, catalogued):
        missing = sorted(texts - {message for message, chinese in catalogued.items() if chinese})
        assert not missing, "add these to the catalogue:\n" + "\n".join(missing)

    def test_has_no_text_that_nobody_uses(self, texts, catalogued):
        assert not sorted(set(catalogued) - texts)

    def test_is_compiled(self):
        assert catalogue.COMPILED.read_bytes() == catalogue.compiled(), "run `sizao docs`"

    def test_holds_each_text_once(self):
        """A text that is there twice, once as the singular of another, would be said as that other."""
        written = re.findall(
            r'^(?:msgctxt "[^"]*"\n)?msgid "(?:[^"\\]|\\.)+"$', catalogue.WRITTEN.read_text(), re.MULTILINE
        )
        assert [one for one, times in Counter(written).items() if times > 1] == []

    def test_keeps_the_gaps_of_each_sentence(self):
        for message in _written():
            # Chinese has one form: it may name what only the English plural names.
            known = _gaps(" ".join(_forms(message.id)))
            assert _gaps(" ".join(_forms(message.string))) <= known, f"{message.id!r}: its Chinese names other facts"


@pytest.fixture(scope="module")
def texts() -> set[str]:
    return set(_in_templates()) | set(_in_code()) | set(_in_refusals())


@pytest.fixture(scope="module")
def catalogued() -> dict[str, str]:
    return {_forms(message.id)[0]: _forms(message.string)[0] for message in _written()}


def _written() -> list:
    with catalogue.WRITTEN.open("rb") as file:
        return [message for message in pofile.read_po(file, locale="zh_Hans") if message.id]


def _forms(texts) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _in_templates() -> Iterator[str]:
    for path in [*(PACKAGE / "web" / "templates").rglob("*.html"), *(PACKAGE / "drill").rglob("*.html")]:
        calls = templatize(path.read_text(encoding="utf-8"))
        # What is no text of ours comes out as crosses; their indentation would not be Python's.
        yield from _found("\n".join(line.strip() for line in calls.splitlines()).encode())


def _in_code() -> Iterator[str]:
    for path in [file for room in ("web", "response", "drill") for file in (PACKAGE / room).rglob("*.py")]:
        yield from _found(path.read_bytes())


def _found(source: bytes) -> Iterator[str]:
    for _, message, _, _ in extract("python", io.BytesIO(source), keywords=KEYWORDS):
        yield _forms(message)[0]


def _in_refusals() -> Iterator[str]:
    for module in pkgutil.walk_packages(sizao.__path__, "sizao."):
        if module.name.startswith(ROOMS_THAT_REFUSE_READERS) and ".migrations" not in module.name:
            importlib.import_module(module.name)
    pending = [SizaoError]
    while pending:
        refusal = pending.pop()
        pending += refusal.__subclasses__()
        if refusal.__module__.startswith(ROOMS_THAT_REFUSE_READERS):
            yield refusal.message


def _gaps(text: str) -> set[tuple[str, str]]:
    return set(re.findall(r"%\((\w+)\)|(?<!\{)\{(\w+)", text))

"""Every refusal has a code of its own and says what to do next."""

import ast
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import sizao
from sizao.errors import SizaoError


def refusals() -> Iterator[type[SizaoError]]:
    for module in pkgutil.walk_packages(sizao.__path__, "sizao."):
        if ".migrations" not in module.name and module.name not in ("sizao.wsgi", "sizao.settings"):
            importlib.import_module(module.name)
    pending = [SizaoError]
    while pending:
        one = pending.pop()
        pending += one.__subclasses__()
        if one is not SizaoError and one.__module__.startswith("sizao."):
            yield one


class TestRefusals:
    def test_have_codes_of_their_own(self):
        # What the API cannot read has one code, whatever it was: a machine does the same about it.
        counts = Counter(one.code for one in set(refusals()) if one.code != "api.unreadable")
        assert [code for code, times in counts.items() if times > 1] == []

    def test_have_a_code_and_a_sentence(self):
        bare = [one.__name__ for one in refusals() if one.code == "error" or one.message == "{reason}"]
        assert not bare

    def test_end_as_sentences_do(self):
        # A message that ends with a gap is completed by a sentence or a list that stands there.
        assert not [one.__name__ for one in refusals() if one.message[-1] not in ".?}"]

    def test_give_reasons_that_know_their_chinese(self):
        """A reason within a sentence is a `Phrase`: an English one would stand inside a Chinese sentence."""
        assert not list(_plain_reasons())


# Below the rooms of readers, these too tell their reasons on pages.
_BELOW = (
    "adapters/exchange/*.py",
    "adapters/laboratories/*.py",
    "adapters/uploads.py",
    "adapters/webhook.py",
    "adapters/visits/[bcp]*.py",
    "protocol/[eo]*.py",
)


def _plain_reasons() -> Iterator[str]:
    package = Path(sizao.__file__).parent
    rooms = [path for room in ("web", "api", "response", "records") for path in (package / room).rglob("*.py")]
    for path in [*rooms, *(path for one in _BELOW for path in sorted(package.glob(one)))]:
        name = path.relative_to(package).as_posix()
        raised = (one.exc for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Raise))
        for call in raised:
            gaps = call.keywords if isinstance(call, ast.Call) else []
            plain = [one for one in gaps if one.arg == "reason" and isinstance(one.value, ast.Constant | ast.JoinedStr)]
            yield from (f"{name}:{one.value.lineno}" for one in plain)

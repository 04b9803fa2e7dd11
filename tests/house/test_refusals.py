"""Every refusal has a code of its own and says what to do next."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator

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

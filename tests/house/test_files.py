"""What the files of the repository must not hold, and how long they may be."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from sizao.protocol import shipped
from sizao.protocol.shipped import shipped_texts

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 500
# Put together here, so that this page does not find itself.
HOSTS = re.compile(r"(?:" + "|".join((r"py" + r"pi\.", r"npm" + r"js\.", r"python" + r"hosted\.")) + r")[a-z]")
MACHINE = re.compile(r"(?<![\w.~-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers")) + r")/\w")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return "" if b"\0" in raw else raw.decode("utf-8", errors="replace")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): text_of(path) for path in tracked()}


class TestFiles:
    def test_name_no_registry(self, texts):
        assert not [name for name, text in texts.items() if HOSTS.search(text)]

    def test_name_no_path_of_a_machine(self, texts):
        assert not [name for name, text in texts.items() if MACHINE.search(text)]

    def test_are_not_longer_than_a_reader_can_hold(self, texts):
        code = {name: text for name, text in texts.items() if name.endswith(".py") and "/migrations/" not in name}
        assert not [name for name, text in code.items() if text.count("\n") > LONGEST]

    def test_are_utf_8_with_a_newline_at_the_end(self, texts):
        code = {name: text for name, text in texts.items() if name.endswith((".py", ".md", ".toml", ".html", ".js"))}
        assert not [name for name, text in code.items() if "\ufffd" in text or (text and not text.endswith("\n"))]


class TestLocks:
    @pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
    def test_of_python_hold_no_address(self, texts, name):
        assert texts[name]
        assert "://" not in texts[name]

    def test_of_the_front_end_says_what_but_not_from_where(self, texts):
        packages = json.loads(texts["package-lock.json"])["packages"]
        libraries = {name: entry for name, entry in packages.items() if name}
        assert not [name for name, entry in libraries.items() if "resolved" in entry]
        assert not [name for name, entry in libraries.items() if not entry.get("integrity")]

    @pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
    def test_hold_a_hash_for_each_package(self, texts, name):
        entries = texts[name].replace("\\\n", " ").splitlines()
        assert len(entries) > 10
        assert not [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]

    def test_hold_every_dependency(self, texts):
        project = tomllib.loads(texts["pyproject.toml"])
        wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
        names = {re.match(r"[A-Za-z0-9_.-]+", one)[0].lower().replace("_", "-") for one in wanted}
        locked = set(re.findall(r"^([a-z0-9_.-]+)==", texts["requirements-dev.lock"], flags=re.MULTILINE))
        assert names <= locked


class TestTestCommand:
    def test_is_the_one_of_the_readme(self, texts):
        lines = [line for line in texts[".ci/run"].splitlines() if line.strip() and not line.startswith("#")]
        command = lines[-1]
        assert command == "make test"
        assert re.search(rf"^\s*{command}\b", texts["README.md"], flags=re.MULTILINE)


class TestProtocolFiles:
    def test_all_read(self):
        assert {edition.file for edition in shipped().editions} == {name for name, _ in shipped_texts("editions")}

"""The specifications as a page: docstrings and tables of `tests/specs`, read without running them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from sizao.cli.pages.tables import page


def specs(folder: Path) -> str:
    """Write a chapter for each spec file: its title, then each example in words and as its table."""
    parts = [
        "# What it does, by example",
        "Every example runs as a test, on each engine that claims it.",
    ]
    for file in sorted(folder.glob("test_*.py")):
        parts += chapter(file.read_text(encoding="utf-8"), file.name)
    return page(*parts)


def chapter(source: str, name: str) -> list[str]:
    """Write one spec file: `title`, the docstring of the file, and its examples in order."""
    tree = ast.parse(source, filename=name)
    parts = [f"## {_title(tree) or name}"]
    if told := ast.get_docstring(tree):
        parts.append(told)
    for test in _tests(tree):
        parts.append(f"**{test.name.removeprefix('test_').replace('_', ' ').capitalize()}.**")
        if told := ast.get_docstring(test):
            parts.append(told)
        parts += [f"{label}:\n\n```\n{text}\n```" if label else f"```\n{text}\n```" for label, text in _examples(test)]
    return parts


def _title(tree: ast.Module) -> str | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="title" | "TITLE")], value=ast.Constant(value=str() as text)):
                return text
    return None


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _examples(test: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield what a reader needs of an example: tables of text with their names, and what is expected."""
    for node in ast.walk(test):
        if not isinstance(node, ast.Call):
            continue
        for word in node.keywords:
            if isinstance(word.value, ast.Constant) and isinstance(word.value.value, str) and "\n" in word.value.value:
                yield word.arg or "", _aligned(word.value.value)
            elif word.arg and word.arg.startswith("expect"):
                yield word.arg, ast.unparse(word.value)


def _aligned(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())

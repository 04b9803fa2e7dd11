"""Every command, and every option of it, says what it is for."""

import importlib
from collections.abc import Iterator

import click
import pytest

from sizao.cli import COMMANDS


def commands() -> Iterator[tuple[str, click.Command]]:
    for name in COMMANDS:
        yield from _below(name, importlib.import_module(f"sizao.cli.{name.replace('-', '_')}").command)


def _below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for part, below in command.commands.items():
            yield from _below(f"{name} {part}", below)


@pytest.fixture(scope="module")
def every() -> dict[str, click.Command]:
    return dict(commands())


class TestCommands:
    def test_have_help(self, every):
        assert not [name for name, command in every.items() if not command.help]

    def test_have_options_with_help(self, every):
        options = [
            (name, option.name)
            for name, command in every.items()
            for option in command.params
            if isinstance(option, click.Option) and not option.help
        ]
        assert not options

    def test_are_all_listed(self, every):
        from click.testing import CliRunner

        from sizao.cli import main

        shown = CliRunner().invoke(main, ["--help"]).output
        assert all(name in shown for name in COMMANDS)

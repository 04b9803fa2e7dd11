"""Run a command of Django."""

import click
from django.core.management import execute_from_command_line

from sizao.cli import start


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run a command of Django, for example `sizao manage makemigrations records`."""
    start.django_ready()
    execute_from_command_line(["sizao manage", *arguments])

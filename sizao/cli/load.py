"""`sizao load`: areas of a scenario into the database."""

from pathlib import Path

import click

from sizao.cli import start


@click.command("load")
@click.option("--scenario", "slug", default="hebei-2021-01", show_default=True, help="Which shipped scenario.")
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    help="For development: a file of report texts; what was not read of each is put on its case.",
)
def command(slug: str, reports: Path | None) -> None:
    """
    Load the areas of a scenario. Loading again changes nothing that is right already.

    Prints how many areas are new or changed. The facts of an outbreak enter with `sizao replay`, which
    comes before `--reports`.
    """
    start.django_ready()
    from django.core.management import call_command

    from sizao.cli import clock
    from sizao.drill import scenario
    from sizao.response import register

    call_command("migrate", verbosity=0)
    chosen = scenario.load(slug)
    click.echo(f"Loading the areas of {chosen.name_en} …", err=True)
    changed = register.load_areas(chosen.areas(), by=None, now=clock.now())
    click.echo(f"{changed} areas are new or changed.")
    if reports:
        from sizao.cli.read import load_reports
        from sizao.drill import unread

        changed = unread.note(chosen, load_reports(reports), now=clock.now())
        click.echo(f"{changed} cases now show what was not read of their reports.")

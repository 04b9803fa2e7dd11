"""`sizao bulletin`: the bulletin of a day as a file, and our numbers of each day beside the published ones."""

from datetime import date, datetime
from pathlib import Path

import click

from sizao.cli import clock, start
from sizao.errors import SizaoError


class NoBulletin(SizaoError):
    code = "bulletin.none_of_day"
    message = "No bulletin of {slug} for {day} is there{issued}. Advance the outbreak past that day, or choose another."


@click.group("bulletin")
def command() -> None:
    """Write bulletins to files; compare them with what was published."""


@command.command("write")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A .pdf or .docx file.")
@click.option("--outbreak", "slug", default="hebei-2021-01", show_default=True, help="Of which outbreak.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="The language of the file."
)
@click.option("--draft", is_flag=True, help="Also one that nobody has issued.")
def write(day: datetime, out: Path, slug: str, language: str, draft: bool) -> None:  # noqa: FBT001 — click passes so
    """Write the newest bulletin of DAY to a file; only an issued one, unless --draft."""
    start.django_ready()
    from sizao.response import outbreaks
    from sizao.response.reports import bulletin_documents
    from sizao.terms import BulletinState

    found = outbreaks.called(slug).bulletins.filter(date=day.date()).order_by("-version")
    found = found if draft else found.exclude(state=BulletinState.DRAFT)
    bulletin = found.select_related("outbreak", "issued_by").first()
    if bulletin is None:
        raise NoBulletin(slug=slug, day=day.date(), issued="" if draft else " that was issued (--draft gives drafts)")
    form = out.suffix.lower().lstrip(".")
    out.write_bytes(bulletin_documents.made(bulletin, form=form, language=language, now=clock.here()))
    click.echo(f"Version {bulletin.version} of the bulletin of {bulletin.date} written to {out}.")


@command.command("beside")
@click.option("--outbreak", "slug", default="hebei-2021-01", show_default=True, help="Of which outbreak.")
def beside(slug: str) -> None:
    """Print new confirmed cases of each day by our rows beside the published ones."""
    start.django_ready()
    from sizao.response import outbreaks
    from sizao.response.reports.published_curve import published_beside

    outbreak, now = outbreaks.called(slug), clock.here()
    until: date = outbreak.last_date or outbreak.day_of(now)
    click.echo("date        ours  published  difference  ours so far  published so far")
    for one in reversed(published_beside(outbreak, outbreak.area_code, until=until, as_of=now)):
        cells = (one.ours, one.published, one.difference, one.ours_so_far, one.published_so_far)
        told = ["-" if cell is None else str(cell) for cell in cells]
        widths = (4, 9, 10, 11, 16)
        click.echo(f"{one.day}  " + "  ".join(text.rjust(width) for text, width in zip(told, widths, strict=True)))

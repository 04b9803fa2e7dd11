"""Rebuild the pages that are made from code and data, or say which of them are stale."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from sizao.cli import start
from sizao.cli.pages import catalogue, protocols, rights, schema, specs, words


@dataclass(frozen=True, slots=True)
class Page:
    """A file of the repository and what makes it."""

    path: str
    make: Callable[[], str | bytes]


PAGES = (
    Page("GLOSSARY.md", words.glossary),
    Page("docs/generated/lifecycles.md", words.lifecycles),
    Page("docs/generated/rights.md", rights.rights),
    Page("docs/generated/protocol.md", protocols.protocols),
    Page(str(catalogue.COMPILED.relative_to(start.ROOT)), catalogue.compiled),
    Page("sizao/api/schema.json", schema.schema),
    Page("docs/generated/specs.md", lambda: specs.specs(start.ROOT / "tests" / "specs")),
)


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 and name the pages that are stale.")
def command(*, check: bool) -> None:
    """Rebuild the generated pages, or check that they are current."""
    start.django_ready(database=False)
    stale = stale_pages(start.ROOT)
    if check:
        if stale:
            named = ", ".join(page.path for page in stale)
            message = f"Not current: {named}. Run `sizao docs` and commit what it changes."
            raise click.ClickException(message)
        click.echo(f"{len(PAGES)} generated pages are current.")
        return
    for page in stale:
        write(start.ROOT / page.path, page.make())
        click.echo(f"Rebuilt {page.path}.")
    if not stale:
        click.echo("Nothing to rebuild.")


def stale_pages(root: Path) -> list[Page]:
    """List the pages that differ from what their source makes now, or are missing."""
    return [page for page in PAGES if read(root / page.path) != _bytes(page.make())]


def read(path: Path) -> bytes | None:
    """Read a page as it is committed; None when there is none."""
    return path.read_bytes() if path.exists() else None


def write(path: Path, made: str | bytes) -> None:
    """Write a page whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_bytes(made))


def _bytes(made: str | bytes) -> bytes:
    return made.encode() if isinstance(made, str) else made

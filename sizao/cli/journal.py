"""`sizao journal`: link the journal's lines, and check that none was changed."""

import json
import sys
from pathlib import Path

import click

from sizao.cli import start
from sizao.errors import SizaoError


class JournalBroken(SizaoError):
    code = "journal.broken"
    message = (
        "Between lines {first} and {last} of the journal a line was changed, taken out or put in. Keep this database "
        "as it is, and compare it with a backup."
    )


class DigestUnknown(SizaoError):
    code = "journal.digest_unknown"
    message = (
        "The chain holds, but it never gave the digest that you kept: it was made anew since. Keep this database as it "
        "is, and compare it with a backup."
    )


@click.group("journal")
def command() -> None:
    """
    Link the journal's lines, and check that none was changed.

    `sizao run` links new lines by itself. Keep the digest that `verify` prints somewhere else: whoever owns the
    database can make a whole chain anew, and only a digest kept elsewhere shows it.
    """


@command.command("seal")
def seal() -> None:
    """Link all lines that are surely written."""
    start.django_ready()
    from sizao.cli import clock
    from sizao.response.oversight import chain

    click.echo(f"Lines linked: {chain.seal(now=clock.now())}.")


@command.command("verify")
@click.option("--known", metavar="DIGEST", help="A digest kept elsewhere, which the chain must still hold.")
def verify(known: str | None) -> None:
    """Work the whole chain out anew; end with 1 where it does not hold."""
    start.django_ready()
    from sizao.response.oversight import chain

    lines, at = 0, 0
    while True:
        found = chain.verify(from_link=at, most_seconds=1.0)
        lines += found.lines
        if found.broken_lines:
            raise JournalBroken(first=found.broken_lines[0], last=found.broken_lines[1])
        if found.next_link is None:
            break
        at = found.next_link
        click.echo(f"{lines} lines hold …", file=sys.stderr)
    if known and chain.knows(known) is None:
        raise DigestUnknown
    click.echo(f"{lines} lines hold, {chain.unlinked()} are not linked yet. Digest: {found.head or 'none'}")


class ProofBroken(SizaoError):
    code = "journal.proof_broken"
    message = "{file} does not hold: a line in it was changed, or stands in no link. Export it anew."


@command.command("proof")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def proof(file: Path) -> None:
    """Check an exported FILE by itself: its lines against their digests, these against their links."""
    start.django_ready()
    from sizao.response.oversight import chain

    try:
        exported = json.loads(file.read_text(encoding="utf-8"))
        holds = chain.proves(exported)
    except (ValueError, KeyError, TypeError) as fault:
        raise ProofBroken(file=file.name) from fault
    if not holds:
        raise ProofBroken(file=file.name)
    click.echo(f"{len(exported['lines'])} lines hold. Digest of the newest link: {exported['head'] or 'none'}")

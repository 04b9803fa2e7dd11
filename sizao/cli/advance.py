"""`sizao advance`: one step of the loop."""

import click

from sizao.cli import start


@click.command("advance")
@click.argument("outbreak")
def command(outbreak: str) -> None:
    """
    Carry all that is known of OUTBREAK (its short name) one step through the response.

    Proposals wait for an officer; nothing reaches anybody by itself. Running it twice changes nothing
    the second time. A replayed outbreak is carried by `sizao replay` instead.
    """
    start.django_ready()
    from sizao.cli import clock
    from sizao.response import flow, outbreaks

    found = outbreaks.called(outbreak)
    bar = click.progressbar(length=len(flow.STAGES), label="Advancing", file=click.get_text_stream("stderr"))
    with bar as shown:
        changed = flow.advance(outbreak=found, now=clock.now(), tell=lambda _: shown.update(1))
    told = ", ".join(f"{name} {count}" for name, count in changed.items())
    click.echo(f"Rows new or changed: {told}.")

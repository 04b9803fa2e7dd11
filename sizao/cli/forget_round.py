"""`sizao forget-round`: destroy the people of a closed testing round, and print the certificate."""

import json
from datetime import datetime

import click

from sizao.cli import start


@click.command("forget-round")
@click.option("--outbreak", "slug", required=True, help="The outbreak that the round belongs to.")
@click.option("--round", "number", required=True, help="The number of the round, such as R001.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="In a replay or drill: at the end of this day.")
def command(slug: str, number: str, day: datetime | None) -> None:
    """
    Destroy roster, tubes, swabs, steps and readings of a closed round before its last day; its figures stay.

    On the last day (testing.region.roster_keep_days after it was closed) the loop does the same. What is printed is
    the certificate: rows and digest of each table. It stands in the journal too.
    """
    start.django_ready()
    from sizao.cli import clock
    from sizao.cli.advance import end_of, present
    from sizao.response import outbreaks, testing
    from sizao.response.testing import rounds

    outbreak = outbreaks.called(slug)
    now = end_of(outbreak, day) if day else present(outbreak, clock.now())
    said = testing.destroy_round(testing_round=rounds.called(outbreak, number), by=None, now=now)
    click.echo(json.dumps(said, ensure_ascii=False, indent=1))

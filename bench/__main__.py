"""Measure: `make bench` for everything, `python -m bench NAME` for one part."""

import importlib

import click

# One module a part, each with a click object called `command` that prints what it measured.
PARTS = {
    "scan": "Clusters in space and time, beside SpatialEpi and scanstatistics.",
    "presences": "Who was there: the store beside a sorted DuckDB table.",
    "visits": "Writing to the store: bulk beside DuckDB, small batches until seen, questions meanwhile.",
    "spark": "Presences as tables, as they grow: DuckDB and Spark.",
    "detection": "Series-weeks per second of each detector, beside R.",
    "daily_reports": "Daily figures of a province counted from rows; pages of 2,200 reports a day.",
    "four_clears": "The four clears of 100,000 people: the question of their cells, the whole answer.",
    "lists": "Each list page at 100,000 people.",
    "reproduction": "The reproduction number beside R's EpiEstim.",
    "simulation": "A simulated city: containment, a wave, look-backs, pairs; beside Covasim.",
    "truth": "The simulated city beside published outbreaks, attack rates and growth.",
    "planning": "Rounds of testing laid out: time, gap, beside a plain solve.",
    "rooms": "Rooms for 20,000 people on 400 sites: time, gap to the bound, beside the nearest first.",
    "transfers": "A shift of 200 vehicles: lateness beside a dispatcher's and the bound.",
    "testing": "A testing round: roster, swabs through the API, coverage; beside bare COPY.",
    "command": "The command centre under 300 watching screens: processor, p95, delay to a new number.",
    "province": "A week of routine of a province: 50 people over the real pages, p95 by page.",
    "directives": "A directive to every village of a province: issuing it, its board, the lists.",
    "nowcast": "Nowcasts and fits of delays, beside R's surveillance.",
}


class Parts(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(PARTS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        return importlib.import_module(f"bench.{name}").command if name in PARTS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Parts"):
            formatter.write_dl(list(PARTS.items()))


@click.group(cls=Parts, invoke_without_command=True)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Print ratios and percentiles of one run on this machine; without a part, all of them."""
    if ctx.invoked_subcommand is None:
        for name in PARTS:
            click.echo(f"\n=== {name} ===\n")
            ctx.invoke(main.get_command(ctx, name))


main()

"""
The command `sizao`. Each command is a module with a click object called `command`.

Modules are imported only when their command is asked for, so that an analyst's `sizao read` starts
without a database and help is quick.
"""

import importlib

import click

from sizao.cli import faults

COMMANDS = {
    "run": "Load the shown outbreak if needed and serve the platform.",
    "load": "Load areas, boundaries and facts of a scenario into the database.",
    "replay": "Carry a past outbreak through the response, day by day.",
    "drill": "Rehearse the whole response on a simulated city.",
    "streams": "Take in counts of streams from a file.",
    "presences": "Take in who was where from a file, under tokens.",
    "roster": "Take in who is expected in a testing round.",
    "forget-round": "Destroy the people of a closed testing round; print the certificate.",
    "lab": "Register laboratories, take in their results, listen to their systems.",
    "vehicles": "Take in vehicles for closed transport, and list them.",
    "teams": "Take in teams and their people, and list how counties stand against the standard.",
    "advance": "Carry all that is known one step through the response.",
    "protocol": "Check and show the rules of the authority.",
    "detect": "Judge series of counts: is this more than expected?",
    "read": "Read Chinese investigation reports into events.",
    "visits": "Keep who was where in a store: ingest, compact, verify, forget.",
    "trace": "Find who was there with these cases.",
    "links": "Find who probably infected whom.",
    "nowcast": "Say how many there really are, from a line list.",
    "delays": "Fit how long things take, from pairs of days.",
    "rt": "Estimate reproduction numbers from new cases a day.",
    "scan": "Find where, and since when, there are more cases than elsewhere.",
    "sites": "Register isolation sites, make up rooms where none are published, list them.",
    "plan": "Plan a round of testing, rooms for people who wait, or the trips of a shift.",
    "pools": "Compare pool sizes: tests, call-backs, people missed.",
    "prevalence": "Estimate the share of infected people from pooled tubes.",
    "next-round": "Say which areas are tested again, when, and how far a round reaches.",
    "freedom": "Say what clean rounds prove, and how many more are needed.",
    "zones": "Say how long official risk areas stood against the rule of their day.",
    "whatif": "Compare policies in a simulated city.",
    "answer": "Work out plans of rounds and what-if questions asked on the pages.",
    "exchange": "Give and take requests with other authorities: keys, addresses, delivery.",
    "notify": "Send what waits for people by e-mail and webhook; try the mail server.",
    "reports": "Write daily figures to files, compare files with them, take in what units state.",
    "bulletin": "Write the bulletin of a day to a file; compare ours with the published figures.",
    "export": "Write people, cases or reports to a spreadsheet.",
    "account": "Give, change or close accounts and tokens.",
    "docs": "Rebuild the generated pages.",
    "journal": "Link the journal's lines, and check that none was changed.",
    "manage": "Run a command of Django (migrations, shell).",
}


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        return importlib.import_module(f"sizao.cli.{name.replace('-', '_')}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Exception as fault:
            # Here, once for all commands, whatever can be expected becomes one sentence and an exit code.
            refusal = faults.refusal_of(fault)
            if refusal is None:
                raise
            raise click.ClickException(str(refusal)) from fault


@click.group(cls=Commands)
@click.version_option(package_name="sizao")
def main() -> None:
    """四早: early detection, early reporting, early isolation, early treatment."""

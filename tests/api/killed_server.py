"""
A server that is to be killed: its own database, a round, a laboratory, and a copy of this process for each life.

Tells on its output what it does, a JSON object a line. Each line on its input asks for something: `serve PORT`,
`database` (start it again after it was killed), `told` (what the database holds).
"""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

PEOPLE, LABELS, POOL_SIZE = 6_000, 20_000, 5
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def tell(**facts):
    os.write(1, (json.dumps(facts) + "\n").encode())


def make():
    """Open a round and register a laboratory; say where they are and by which tokens they are written to."""
    from sizao.records.access import ROLE_RIGHTS
    from sizao.response import accounts
    from sizao.response.testing import laboratory, tubes
    from sizao.terms import Role
    from tests import factories
    from tests.response.testing_world import BEGIN, COUNTY, World

    world = World(people=PEOPLE, pool_size=POOL_SIZE)
    codes = tubes.codes_of(world.print(LABELS))
    laboratory.add_laboratory(
        laboratory_code="GC-1", name="检验所", area_code=COUNTY, tubes_per_hour=2000, by=world.coordinator, now=BEGIN
    )
    secrets = {}
    for role in (Role.SAMPLER, Role.LAB_TECHNICIAN, Role.LAB_REVIEWER):
        account = factories.account(role=role, area_code=COUNTY)
        _, secrets[str(role)] = accounts.give_token(
            account=account, label="tests", rights=ROLE_RIGHTS[role], expires_at=FAR, by=None, now=BEGIN
        )
    rounds = f"/api/outbreaks/{world.outbreak.slug}/rounds/{world.round.number}"
    tell(swabs=f"{rounds}/swabs", laboratory="/api/laboratories/GC-1", secrets=secrets, codes=codes)
    return world.round


def told(testing_round):
    """Say what the database holds, and whether the kept counts are those of the rows."""
    from django.db import connection

    from sizao.records.models import Event, LabReading, LabRun, Swab, Tube
    from sizao.response.testing import coverage

    kept = coverage.by_area(testing_round, as_of=FAR, digits=12)
    swabs = Swab.objects.filter(round=testing_round)
    facts = {
        "swabs": [f"{key.partition(':')[2]} {tube}" for key, tube in swabs.values_list("source_key", "tube")],
        "doubled": swabs.filter(is_double=True).count(),
        "runs": [f"{one.source_key.rpartition(':')[2]} {one.state} {one.n_readings}" for one in LabRun.objects.all()],
        "readings": [f"{run} {tube}" for run, tube in LabReading.objects.values_list("run_id", "tube")],
        "results": dict(Tube.objects.filter(round=testing_round).values_list("code", "result")),
        "released": list(Event.objects.filter(verb="run.released").values_list("facts__run", flat=True)),
        "written": sum(Event.objects.filter(verb="swabs.registered").values_list("facts__swabs", flat=True)),
        "counts_hold": {one: each for one, each in kept.items() if each != coverage.Coverage()}
        == coverage.recount(testing_round),
    }
    connection.close()
    tell(**facts)


def serve(port):
    """Serve in a copy of this process, with workers of its own, until it is killed."""
    copy = os.fork()
    if copy:
        tell(serving=copy)
        os.waitpid(copy, 0)
        tell(ended=copy)
        return
    os.setsid()
    os.dup2(2, 1)
    from sizao.cli import run

    run.serve(port, beside=())
    os._exit(0)


def start_again(folder):
    """Start PostgreSQL after it was killed: what is left of it ends by itself, and it does not start beside that."""
    from sizao.adapters.postgres import get_server

    for _ in range(20):
        with suppress(subprocess.SubprocessError, AssertionError):  # it may still be recovering
            get_server(folder).ensure_postgres_running()
            tell(database="runs")
            return
        time.sleep(0.5)


def main():
    folder = Path(sys.argv[1])
    os.environ["SIZAO_VAR"] = str(folder)
    from sizao.cli import start

    start.django_ready()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    testing_round = make()
    for line in sys.stdin:
        connection.close()
        connection.close_pool()
        word, *given = line.split()
        if word == "serve":
            serve(int(given[0]))
        elif word == "database":
            start_again(folder / "postgres")
        else:
            told(testing_round)


if __name__ == "__main__":
    main()

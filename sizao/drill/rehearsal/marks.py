"""What a drill notes of the city that it was begun with, so that nobody goes on with it in another one."""

from dataclasses import fields
from hashlib import sha256

import numpy as np

from sizao.drill.rehearsal.parts import Command
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.engines.simulation.disease import Disease
from sizao.engines.simulation.ledger import Ledger


def of_scenario(rehearsal: Rehearsal) -> str:
    """Sum up a scenario; what it says of command counts only where it says anything."""
    of_command = (rehearsal.command, rehearsal.directives)
    told = repr(of_command) if of_command != (Command(), ()) else ""
    return sha256(f"{rehearsal!r}{told}".encode()).hexdigest()


def of_variant(disease: Disease) -> str:
    """Sum up what a variant says; where its numbers are from changes no city."""
    digest = sha256()
    for one in fields(disease):
        told = getattr(disease, one.name)
        if one.name != "sources":
            digest.update(f"{one.name}:{np.asarray(told).tolist()!r};".encode())
    return digest.hexdigest()


def of_infections(ledger: Ledger, since: int) -> str:
    """Sum up who was infected, by whom, where and when, from a row of the ledger on: what the engine made of a day."""
    digest = sha256()
    for column in (ledger.person, ledger.infector, ledger.place, ledger.day, ledger.onset):
        digest.update(np.ascontiguousarray(column[since:], np.int64).tobytes())
    return digest.hexdigest()[:16]

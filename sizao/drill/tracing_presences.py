"""Lets the made-up presences of a replay arrive day by day, and asks the traces that its scenario names."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sizao.drill.feed import Feed
from sizao.drill.made_up_presences import Batch, made_up_batches, made_up_identities, told_of
from sizao.drill.places import Placed
from sizao.drill.scenario import Scenario
from sizao.records.models import Account, Case, Outbreak, Trace
from sizao.response import tracing
from sizao.response.tracing import tokens
from sizao.terms import TracePurpose

# Who asks where there is such an account; else the loop does, as it does everything in a replay.
OFFICER = "data_officer"


class TracingPresences:
    """The bulk presences of one replay."""

    def __init__(self, scenario: Scenario, outbreak: Outbreak, facts: Feed, placed: Mapping[str, Placed]) -> None:
        self.outbreak = outbreak
        self.arriving: dict[date, list[Batch]] = made_up_batches(scenario, facts, placed)
        self.identities = {tokens.phone_index(one.phone): one for one in made_up_identities(scenario, facts, placed)}
        self.told: list[dict[str, Any]] = (told_of(scenario) or {}).get("traces", [])

    def arrive(self, day: date, now: datetime) -> None:
        """Take in what arrives on a day."""
        for batch in self.arriving.get(day, ()):
            tracing.receive(
                outbreak=self.outbreak, source=batch.source, source_key=batch.source_key, rows=batch.rows,
                by=None, now=now, is_generated=True,
            )  # fmt: skip

    def ask(self, day: date, now: datetime) -> None:
        """Ask the traces of a day."""
        officer = Account.objects.filter(username=OFFICER).first()
        for one in self.told:
            if one["day"] == day:
                self._ask(one, officer, now)

    def _ask(self, one: Mapping[str, Any], officer: Account | None, now: datetime) -> None:
        cases = list(self._cases(one["cases"]))
        asked = {"outbreak": self.outbreak, "reason": one["reason"], "by": officer, "now": now}
        if len(cases) > 1:
            tracing.ask_common_source(cases=cases, **asked)
        else:
            trace = tracing.ask(case=cases[0], purpose=TracePurpose(one["purpose"]), **asked)
            self._name(trace, officer, now)

    def _name(self, trace: Trace, officer: Account | None, now: datetime) -> None:
        """Say who those are of whom the made-up authority knows it, as an upload does."""
        key = tokens.standing_key(self.outbreak)
        found = set(trace.matches.filter(person=None).values_list("token", flat=True))
        rows = [one for index, one in self.identities.items() if set(tokens.of_indices(key, None, index)) & found]
        if rows:
            tracing.name_people(trace=trace, rows=rows, by=officer, now=now, is_generated=True)

    def _cases(self, numbers: list[str]):
        found = Case.objects.filter(outbreak=self.outbreak, person__number__in=numbers)
        return found.select_related("person", "outbreak").order_by("pk")

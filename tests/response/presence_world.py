"""An outbreak with a case, a data officer and a way to send presences, for the tests of traces."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa
from django.utils import timezone

from sizao.records.models import Account, Case, Outbreak, PresenceBatch
from sizao.response.tracing import presences, tokens, traces
from sizao.terms import CaseStatus, Role, TracePurpose
from tests import factories

NOW = datetime.fromisoformat("2021-01-10T20:00+08:00")
ONSET = date(2021, 1, 8)  # its window of two days begins on 6 January


def at(clock: str, day: int = 8) -> int:
    """Give the second of a clock time on a day of January 2021."""
    moment = timezone.make_aware(datetime.fromisoformat(f"2021-01-{day:02}T{clock}"))
    return int(moment.timestamp())


@dataclass
class World:
    """One outbreak, one confirmed case in it, one officer of its area."""

    outbreak: Outbreak
    case: Case
    officer: Account
    sent: int = 0

    def send(self, *rows, **more) -> PresenceBatch:
        """Send rows of (who, place, start, end): register numbers, codes, seconds."""
        who, place, start, end = (list(column) for column in zip(*rows, strict=True))
        return self.send_columns(more, number=who, place=place, start=start, end=end)

    def send_columns(self, more=None, **columns) -> PresenceBatch:
        """Send columns as they are; `more` says under which key, from whom and when."""
        return self._receive(columns, **(more or {}))

    def _receive(self, columns, *, key=None, source="venue", now=NOW, by=None, **more) -> PresenceBatch:
        self.sent += 1
        return presences.receive(
            outbreak=self.outbreak,
            source=source,
            source_key=key or f"batch-{self.sent}",
            rows=pa.table(columns),
            by=by or self.officer,
            now=now,
            **more,
        )

    def ask(self, *, case=None, now=NOW, **more):
        asked = {"purpose": TracePurpose.FIND_CONTACTS, "reason": "find who must be tested", "by": self.officer}
        return traces.ask(outbreak=self.outbreak, case=case or self.case, now=now, **asked | more)

    def another_case(self, number: str, onset: date = ONSET, **facts) -> Case:
        return factories.case(of=factories.person(number=number), within=self.outbreak, onset_date=onset, **facts)


def world(**outbreak) -> World:
    within = factories.outbreak(**outbreak)
    case = factories.case(
        of=factories.person(number="P-CASE"), within=within, status=CaseStatus.CONFIRMED, onset_date=ONSET,
        opened_at=NOW - timedelta(days=2),
    )  # fmt: skip
    return World(within, case, factories.account(role=Role.DATA_OFFICER))


def token(here: World, number: str) -> str:
    """Give the token under which a register number stands in this outbreak."""
    return tokens.maker("number", tokens.standing_key(here.outbreak))(number)


def found(trace) -> dict[str, float]:
    """Say whom a trace returns now: minutes by token."""
    return dict(trace.matches.filter(gone_at=None).values_list("token", "minutes"))

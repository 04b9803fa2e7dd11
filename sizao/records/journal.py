"""The journal: one line for each change and each reading of a person. It never changes afterwards."""

import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from sizao.records.models import Account, Event
from sizao.records.quick import Question

# COPY, because a day of an outbreak writes thousands of lines; `id` and `written_at` are the database's own.
_COLUMNS = (
    "verb", "subject_kind", "subject_id", "person_id", "actor", "area_code", "outbreak_id", "at", "facts", "protocol",
)  # fmt: skip

SYSTEM = "sizao"  # the name under which the loop acts by rule


def actor_name(by: Account | None) -> str:
    """Name the one who acts: an account, or the loop itself."""
    return by.username if by else SYSTEM


def line(verb: str, subject: models.Model, *, by: Account | None, at: datetime, **facts: Any) -> Event:
    """Compose one line without writing it, so that many can be written at once."""
    person_id = subject.pk if subject._meta.model_name == "person" else getattr(subject, "person_id", None)
    outbreak_id = subject.pk if subject._meta.model_name == "outbreak" else getattr(subject, "outbreak_id", None)
    return Event(
        verb=verb,
        subject_kind=subject._meta.model_name,
        subject_id=subject.pk,
        person_id=person_id,
        actor=actor_name(by),
        area_code=getattr(subject, "area_code", "") or "",
        outbreak_id=outbreak_id,
        at=at,
        protocol=facts.pop("protocol", ""),
        facts=facts,
    )


def write(verb: str, subject: models.Model, *, by: Account | None, at: datetime, **facts: Any) -> Event:
    """Write one line: what was done to what, by whom, when, under which protocol."""
    event = line(verb, subject, by=by, at=at, **facts)
    event.save(force_insert=True)
    return event


def write_many(events: list[Event]) -> None:
    """Write lines that were composed with `line`, in one statement. They get no primary keys here."""
    if not events:
        return
    with connection.cursor() as cursor, cursor.copy(f"COPY records_event ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for one in events:
            copy.write_row(_row(one))


def writing(events: list[Event]) -> Question | None:
    """Put the writing of a few lines as a question, to be asked with others; None where there is none."""
    rows = ", ".join([f"({', '.join(['%s'] * len(_COLUMNS))})"] * len(events))
    facts = [value for one in events for value in _row(one)]
    return (f"INSERT INTO records_event ({', '.join(_COLUMNS)}) VALUES {rows}", facts) if events else None  # noqa: S608


def _row(one: Event) -> list[object]:
    facts = json.dumps(one.facts, cls=DjangoJSONEncoder, ensure_ascii=False)
    return [facts if name == "facts" else getattr(one, name) for name in _COLUMNS]


def history(subject: models.Model) -> models.QuerySet[Event]:
    """All lines about one record, oldest first."""
    return Event.objects.filter(subject_kind=subject._meta.model_name, subject_id=subject.pk).order_by("at", "id")

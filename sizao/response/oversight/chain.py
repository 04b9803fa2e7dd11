"""
The journal's chain: links that hold the digest of the lines since the link before, so that a changed line shows.

A line's digest is SHA-256 of its columns as JSON; a link's digest is SHA-256 of the digest of the link before and
those of its lines. The database refuses to change lines and links; whoever can overrule it still cannot make an earlier
digest come out that somebody else has kept. Lines get their numbers before they are committed, so a link is closed only
over numbers that no transaction under way can still use: nobody who writes waits for it.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Event, JournalSeal
from sizao.terms import Right

MOST_LINES = 2000  # of one link: a proof of one line holds the digests of all lines of its link
MOST_EXPORTED = 5000
_LOCK = 4107202
_PATIENCE_SECONDS = 2.0
# Every column, in one order; moments in UTC to the microsecond, so that no setting of a session changes the text.
_PLAIN = """
json_build_array(
    e.id, e.verb, e.subject_kind, e.subject_id, e.person_id, e.actor, e.area_code, e.outbreak_id,
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    to_char(e.written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.facts::text, e.protocol
)::text
"""
_DIGESTS = f"""
SELECT encode(sha256(convert_to({_PLAIN}, 'UTF8')), 'hex') FROM records_event e
WHERE e.id BETWEEN %s AND %s ORDER BY e.id
"""  # noqa: S608
COLUMNS = (
    "id", "verb", "subject_kind", "subject_id", "person_id", "actor", "area_code", "outbreak_id", "at", "written_at",
    "facts", "protocol",
)  # fmt: skip


class JournalBusy(SizaoError):
    code = "journal.busy"
    message = "Somebody has been writing for a long time, so the newest lines cannot be linked yet. Try again later."


class TooManyLines(SizaoError):
    code = "journal.too_many_lines"
    message = "An export holds at most {most} lines. Narrow the list by day, person, verb or account."


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of looking at a part of the chain: links and lines looked at, and the first that does not hold."""

    links: int
    lines: int
    first_line: int | None
    last_line: int | None
    broken_link: int | None = None
    broken_lines: tuple[int, int] | None = None  # the range of line numbers in which something was changed
    next_link: int | None = None  # where to go on; None when the end was reached
    head: str = ""  # digest of the last link looked at

    @property
    def holds(self) -> bool:
        return self.broken_link is None


def link_of(before: str, digests: list[str]) -> str:
    """Work out the digest of a link from that of the link before and those of its lines, all as hexadecimal text."""
    return hashlib.sha256((before + "".join(digests)).encode("ascii")).hexdigest()


@transaction.atomic
def seal(*, now: datetime, patience: float = _PATIENCE_SECONDS) -> int:  # noqa: ARG001 — links bear the database's clock
    """
    Link all lines that are surely written; return how many. Raise JournalBusy where others write for too long.

    One at a time; lines of one's own transaction that are not committed count as written.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        latest = JournalSeal.objects.order_by("-last_line").first()
        cursor.execute("SELECT last_value FROM records_event_id_seq")
        until = int(cursor.fetchone()[0])
        done = latest.last_line if latest else 0
        if until > done:
            _wait_for_writers(cursor, patience)
        return _link(cursor, latest, done, until)


def _link(cursor: Any, latest: JournalSeal | None, done: int, until: int) -> int:
    before, linked = latest.digest if latest else "", 0
    while True:
        cursor.execute(
            "SELECT id FROM records_event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s", [done, until, MOST_LINES]
        )
        numbers = [one for (one,) in cursor.fetchall()]
        if not numbers:
            return linked
        cursor.execute(_DIGESTS, [numbers[0], numbers[-1]])
        digests = [one for (one,) in cursor.fetchall()]
        before = link_of(before, digests)
        JournalSeal.objects.create(
            first_line=done + 1, last_line=numbers[-1], lines=len(digests), digest=before,
            before=latest.digest if latest else "",
        )  # fmt: skip
        latest = JournalSeal.objects.get(last_line=numbers[-1])
        done, linked = numbers[-1], linked + len(digests)


def _wait_for_writers(cursor: Any, patience: float) -> None:
    """Wait until each transaction that holds the journal for writing now has ended; those that begin later have
    larger numbers."""
    holders = _writers(cursor)
    until = time.monotonic() + patience
    while holders & _writers(cursor):
        if time.monotonic() > until:
            raise JournalBusy
        time.sleep(0.02)


def _writers(cursor: Any) -> set[str]:
    cursor.execute(
        """SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND relation = 'records_event'::regclass AND pid IS DISTINCT FROM pg_backend_pid()"""
    )
    return {one for (one,) in cursor.fetchall()}


def verify(*, from_link: int = 0, most_links: int | None = None, most_seconds: float | None = None) -> Checked:
    """
    Work the digests of links out anew, from a link on; stop at the first that does not hold, or after some seconds.

    A link holds when its lines give its digest, their count is right, and it names the link before it.
    """
    began, links, lines, head = time.monotonic(), 0, 0, ""
    first_line = last_line = None
    found = JournalSeal.objects.order_by("last_line")
    before = found.filter(pk__lt=from_link).last() if from_link else None
    for one in found.filter(pk__gte=from_link).iterator(chunk_size=200):
        over = most_seconds is not None and time.monotonic() - began > most_seconds
        if over or (most_links is not None and links >= most_links):
            return Checked(links, lines, first_line, last_line, next_link=one.pk, head=head)
        if not _holds(one, before):
            return Checked(
                links, lines, first_line, last_line, one.pk, (one.first_line, one.last_line), head=head
            )  # fmt: skip
        links, lines, head = links + 1, lines + one.lines, one.digest
        first_line, last_line = first_line or one.first_line, one.last_line
        before = one
    return Checked(links, lines, first_line, last_line, head=head)


def _holds(one: JournalSeal, before: JournalSeal | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_DIGESTS, [one.first_line, one.last_line])
        digests = [digest for (digest,) in cursor.fetchall()]
    follows = (before.digest, before.last_line + 1) if before else ("", 1)
    return (
        (one.before, one.first_line) == follows
        and len(digests) == one.lines
        and link_of(one.before, digests) == one.digest
    )


def knows(digest: str) -> JournalSeal | None:
    """Find the link with a digest that somebody kept; None says that the chain was replaced since."""
    return JournalSeal.objects.filter(digest=digest.strip().lower()).first()


def unlinked() -> int:
    """Count the newest lines that no link holds yet, up to some thousands."""
    latest = JournalSeal.objects.order_by("-last_line").values_list("last_line", flat=True).first() or 0
    return Event.objects.filter(pk__gt=latest)[: MOST_LINES * 5].count()


@transaction.atomic
def export(*, lines: QuerySet[Event], by: Account, now: datetime) -> dict[str, Any]:
    """
    Give lines with their proof: each as it was digested, the digests of all lines of its link, and the links.

    Whoever holds it can work out each link anew without this installation, and see that no line was changed; the head
    is to be compared with one that was kept elsewhere. Raise the door's refusal, TooManyLines.
    """
    access.require(by, Right.JOURNAL_READ)
    chosen = list(lines.order_by("pk").values_list("pk", flat=True)[: MOST_EXPORTED + 1])
    if len(chosen) > MOST_EXPORTED:
        raise TooManyLines(most=MOST_EXPORTED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.id, {_PLAIN} FROM records_event e WHERE e.id = ANY(%s) ORDER BY e.id",  # noqa: S608
            [chosen],
        )
        texts = dict(cursor.fetchall())
        links = list(_links_of(cursor, chosen))
    head = JournalSeal.objects.order_by("-last_line").values_list("digest", flat=True).first() or ""
    journal.write("journal.exported", by, by=by, at=now, lines=len(texts))
    return {
        "columns": list(COLUMNS),
        "how": "sha256 of each text in `lines` is its digest; sha256 of `before` and all digests of a link, joined as "
        "hexadecimal text, is the link's digest.",
        "lines": [{"id": key, "text": text} for key, text in texts.items()],
        "links": links,
        "head": head,
        "exported_at": now.isoformat(),
    }


def _links_of(cursor: Any, numbers: list[int]) -> Iterator[dict[str, Any]]:
    at = 0
    for one in JournalSeal.objects.filter(last_line__gte=numbers[0] if numbers else 0).order_by("last_line"):
        if at >= len(numbers):
            return
        if numbers[at] > one.last_line:
            continue
        while at < len(numbers) and numbers[at] <= one.last_line:
            at += 1
        cursor.execute(_DIGESTS, [one.first_line, one.last_line])
        digests = [digest for (digest,) in cursor.fetchall()]
        yield {
            "link": one.pk, "first_line": one.first_line, "last_line": one.last_line, "before": one.before,
            "digests": digests, "digest": one.digest,
        }  # fmt: skip


def proves(exported: dict[str, Any]) -> bool:
    """Tell whether an export holds: each line stands in its link, each link gives its digest."""
    known = {one["digest"]: one for one in exported["links"]}
    digests = {digest for one in known.values() for digest in one["digests"]}
    lines = (hashlib.sha256(one["text"].encode()).hexdigest() for one in exported["lines"])
    numbers = (json.loads(one["text"])[0] == one["id"] for one in exported["lines"])
    return (
        all(link_of(one["before"], one["digests"]) == digest for digest, one in known.items())
        and all(digest in digests for digest in lines)
        and all(numbers)
    )

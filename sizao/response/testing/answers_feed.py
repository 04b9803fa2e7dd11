"""What was released since somebody last asked, for health codes and hospitals that keep their own lists."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, TestingRound
from sizao.terms import Right, TestResult

# A release is told of some time after its moment, so that one that took longer to be written is not passed over.
SLACK = timedelta(minutes=2)
MOST_TUBES = 1000


class CursorUnreadable(SizaoError):
    code = "results.cursor.unreadable"
    message = "“{cursor}” is no place in the feed of results. Send `next` of the page before as it is, or nothing."


@dataclass(frozen=True, slots=True)
class Released:
    """One tube whose result was released, and who is in it by their numbers on the roster of the round."""

    number: str
    tube: str
    kind: str
    result: TestResult
    resulted_at: datetime
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Tubes in the order of release, and where the next page begins; the same place again when nothing came."""

    tubes: tuple[Released, ...]
    next: str


def released(*, outbreak: Outbreak, by: Account, now: datetime, after: str = "", size: int = MOST_TUBES) -> Page:
    """
    Give the tubes released after a place in the feed, with those in them who live in the account's area; journalled.

    A result that was corrected comes again, with what it is now. Raise CursorUnreadable, or the door's refusal.
    """
    access.require(by, Right.RESULT_TELL)
    since, round_id, code = _read(after)
    rounds = dict(
        TestingRound.objects.filter(outbreak=outbreak, opened_at__isnull=False, archived_at=None).values_list(
            "pk", "number"
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _RELEASED,
            {"rounds": list(rounds), "since": since, "round": round_id, "code": code, "until": now - SLACK,
             "slack": SLACK, "within": f"{by.area_code}%", "size": min(max(size, 1), MOST_TUBES)},
        )  # fmt: skip
        rows = cursor.fetchall()
    tubes = tuple(
        Released(rounds[at], tube, kind, TestResult(result), moment, tuple(entries))
        for at, tube, kind, result, moment, entries in rows
    )
    ends = _written(rows[-1][4], rows[-1][0], rows[-1][1]) if rows else after
    if tubes:
        journal.write("results.fed", outbreak, by=by, at=now, tubes=len(tubes), since=after, next=ends)
    return Page(tubes, ends)


# Results being written this moment bear the moment at which their release began: what is younger waits.
_RELEASED = """
    WITH writing AS (
        SELECT min(xact_start) AS oldest FROM pg_stat_activity
        WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
    ), fresh AS (
        SELECT t.round_id, t.code, t.kind, t.result, t.resulted_at
        FROM records_tube t, writing
        WHERE t.round_id = ANY(%(rounds)s::bigint[]) AND t.resulted_at IS NOT NULL
            AND t.resulted_at <= %(until)s AND t.resulted_at < coalesce(writing.oldest - %(slack)s, 'infinity')
            AND (t.resulted_at, t.round_id, t.code) > (%(since)s, %(round)s, %(code)s)
            AND EXISTS (
                SELECT FROM records_swab s
                WHERE s.round_id = t.round_id AND s.tube = t.code AND s.area_code LIKE %(within)s
            )
        ORDER BY t.resulted_at, t.round_id, t.code LIMIT %(size)s
    )
    SELECT f.round_id, f.code, f.kind, f.result, f.resulted_at, ARRAY(
        SELECT DISTINCT s.entry FROM records_swab s
        WHERE s.round_id = f.round_id AND s.tube = f.code AND s.area_code LIKE %(within)s ORDER BY s.entry
    ) FROM fresh f ORDER BY f.resulted_at, f.round_id, f.code
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(\d{1,17})-(\d{1,18})-(\d{0,12})")


def _written(moment: datetime, round_id: int, code: str) -> str:
    return f"{(moment - _EPOCH) // _MICROSECOND}-{round_id}-{code}"


def _read(cursor: str) -> tuple[datetime, int, str]:
    found = _CURSOR.fullmatch(cursor or "0-0-")
    if found is None or not cursor.isascii():
        raise CursorUnreadable(cursor=cursor[:80])
    return _EPOCH + int(found[1]) * _MICROSECOND, int(found[2]), found[3]

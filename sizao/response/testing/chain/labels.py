"""Labels for boxes: printed for a round before anything lies in them, under codes that no other box bears."""

from datetime import datetime

from django.db import connection, transaction

from sizao.engines import tube_codes
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, SampleBox, TestingRound
from sizao.response.testing.tubes import RoundOver
from sizao.terms import Right

MOST_BOXES = 10_000
_SERIALS_LOCK = 7_408_120


class BoxesOutside(SizaoError):
    code = "testing.boxes.unreadable"
    message = "{count} labels for boxes cannot be printed at once. Choose between 1 and {most:,}."


@transaction.atomic
def print_boxes(*, testing_round: TestingRound, count: int, by: Account, now: datetime) -> list[SampleBox]:
    """Print labels for boxes of a round. Raise BoxesOutside, RoundOver, or the door's refusal."""
    access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    if not 1 <= count <= MOST_BOXES:
        raise BoxesOutside(count=count, most=MOST_BOXES)
    if testing_round.closed_at is not None:
        raise RoundOver(number=testing_round.number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SERIALS_LOCK])
    # Codes are of one length and begin with the serial number: the highest code bears the highest number.
    last = SampleBox.objects.order_by("-code").values_list("code", flat=True).first()
    first = (tube_codes.box_serial_of(last) or 0) + 1 if last else 1
    made = SampleBox.objects.bulk_create(
        SampleBox(
            round=testing_round,
            code=tube_codes.box_code_of(serial),
            printed_at=now,
            printed_by=by.username,
            area_code=testing_round.area_code,
        )
        for serial in range(first, first + count)
    )
    journal.write("boxes.printed", testing_round, by=by, at=now, first=made[0].code, count=count)
    return made

"""Documents of one series count up without a gap, however many are begun at once."""

from threading import Barrier, Thread

import pytest
from django.db import close_old_connections, transaction

from sizao.records.models import Directive
from sizao.response.numbering import next_number
from tests.response.directives_world import CITY, NOW, PROVINCE, order

AT_ONCE = 6


def numbered(area_code=PROVINCE, year=2026):
    number = next_number(Directive.objects.all(), "ZL", area_code, year, digits=4)
    Directive.objects.create(
        **order().fields(), number=number, area_code=area_code, issued_at=NOW, issued_by="one", issued_name="一",
        source_key=number,
    )  # fmt: skip
    return number


@pytest.mark.django_db
def test_counts_by_area_and_year():
    told = [numbered(), numbered(), numbered(CITY), numbered(year=2027), numbered()]
    assert told == ["ZL13-2026-0001", "ZL13-2026-0002", "ZL1301-2026-0001", "ZL13-2027-0001", "ZL13-2026-0003"]


@pytest.mark.django_db(transaction=True)
def test_gives_no_number_twice_to_those_who_ask_at_once():
    begin, told = Barrier(AT_ONCE), []

    def ask():
        begin.wait(30)
        with transaction.atomic():
            told.append(numbered())
        close_old_connections()

    threads = [Thread(target=ask) for _ in range(AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(told) == [f"ZL13-2026-{n:04}" for n in range(1, AT_ONCE + 1)]

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from sizao.records import bulk
from sizao.records.models import Event, Team, TeamMember

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def team(n, **more):
    return Team(name=f"队{n}", kind="testing", area_code="130102", registered_at=AT, registered_by="x", **more)


class TestCopy:
    def test_writes_what_saving_would_have_written(self):
        rows = [team(1, lead="王\t小\n明", phone=None), team(2, lead="\\N", in_closed_loop=True)]
        bulk.number(rows)
        bulk.copy(rows)
        told = Team.objects.order_by("pk").values_list("pk", "name", "lead", "phone", "in_closed_loop", "registered_at")
        assert list(told) == [
            (rows[0].pk, "队1", "王\t小\n明", None, False, AT), (rows[1].pk, "队2", "\\N", None, True, AT),
        ]  # fmt: skip
        assert rows[0].pk < rows[1].pk < Team.objects.create(name="队3", area_code="1", registered_at=AT).pk

    def test_writes_lists_and_documents(self):
        of = team(1)
        of.save()
        member = TeamMember(team=of, number="1", skills=["swabbing", "data"], joined_at=AT, recorded_by="x")
        event = Event(verb="x", subject_kind="x", subject_id=1, actor="x", at=AT, facts={"键": [1, "“"]}, written_at=AT)
        for row in (member, event):
            bulk.number([row])
            bulk.copy([row])
        assert TeamMember.objects.get().skills == ["swabbing", "data"]
        assert Event.objects.get().facts == {"键": [1, "“"]}

    def test_asks_what_the_table_asks_and_writes_all_or_none(self):
        rows = [team(1), team(2), team(1)]
        bulk.number(rows)
        with pytest.raises(IntegrityError), transaction.atomic():
            bulk.copy(rows)
        assert not Team.objects.exists()

    def test_of_nothing_asks_nothing(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            bulk.number([])
            bulk.copy([])

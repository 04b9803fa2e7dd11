"""Values are put into long questions as the database reads them, whatever stands in them."""

from datetime import date

import pytest
from django.db import connection

from sizao.records import quick

pytestmark = pytest.mark.django_db


class TestFilled:
    @pytest.mark.parametrize("word", ["石家庄", "it's", '"; DROP TABLE', "100 %", "%(day)s", "a\\b", ""])
    def test_gives_each_value_back(self, word):
        facts = {"word": word, "none": None, "day": date(2026, 3, 2), "words": [word, "x"], "yes": True}
        text = "SELECT %(word)s, %(none)s::bigint, %(day)s, %(words)s::text[], %(yes)s, 7 %% 4, %(word)s"
        with connection.cursor() as cursor:
            cursor.execute(quick.filled(text, facts))
            assert cursor.fetchone() == (word, None, date(2026, 3, 2), [word, "x"], True, 3, word)

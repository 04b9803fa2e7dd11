"""
What the replay of January 2021 counts, kept in a file.

`python -m tests.drill.baseline ADDRESS` writes the file anew from a database through which the whole
scenario was just replayed. That is a commit of its own, which says how much which number moved and why.
"""

import json
import sys
from pathlib import Path

import psycopg

BASELINE = Path(__file__).parent / "baselines" / "hebei-2021-01.json"


# Days of counties on which a laboratory said a positive; what a model made up is no part of a baseline.
_POSITIVES = "records_streamcount c JOIN records_stream s ON s.id = c.stream_id AND NOT s.is_generated"
_CONTACTS = "records_contact c JOIN records_person p ON p.id = c.person_id AND NOT p.is_generated"
_COUNTED = "SELECT {day} AS day, count(*) FROM {table} GROUP BY 1 ORDER BY 1"


def told(address):
    """What a baseline holds: rows by day of knowledge, statuses, and the first five exposures of some days."""
    day = "(({}) AT TIME ZONE 'Asia/Shanghai')::date::text"
    counted = {
        "cases": ("records_case", "opened_at"),
        "investigated": ("records_case WHERE investigated_at IS NOT NULL", "investigated_at"),
        "visits": ("records_visit", "recorded_at"),
        "tests": ("records_test", "recorded_at"),
        "contacts": (_CONTACTS, "found_at"),
        "encounters": ("records_encounter", "found_at"),
        "positives_heard": (_POSITIVES, "c.heard_at"),
        "alerts_escalated": ("records_alert WHERE signal_id IS NOT NULL", "opened_at"),
    }
    with psycopg.connect(address) as open_to:
        counts = {
            name: dict(open_to.execute(_COUNTED.format(day=day.format(at), table=table)))
            for name, (table, at) in counted.items()
        }
        statuses = dict(open_to.execute("SELECT status, count(*) FROM records_case GROUP BY 1 ORDER BY 1"))
        ranked = open_to.execute(
            "SELECT as_of::text, name, first_date::text, observed FROM records_sharedexposure e"
            " JOIN records_place p ON p.id = e.place_id WHERE rank <= 5 ORDER BY as_of, rank"
        ).fetchall()
    days = sorted({as_of for as_of, *_ in ranked})
    exposures = [{"as_of": one, "first": [list(row) for as_of, *row in ranked if as_of == one]} for one in days]
    return {"counts": counts, "statuses": statuses, "exposures": exposures[::5] + exposures[-1:]}


if __name__ == "__main__":
    content = json.dumps(told(sys.argv[1]), ensure_ascii=False, indent=1)
    BASELINE.write_text(content + "\n", encoding="utf-8")

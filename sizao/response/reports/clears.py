"""The four clears (四个查清): for the contacts of every area, is each counted, named, located and under control?"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from sizao.records.models import Area, Outbreak
from sizao.response.reports.line_list import LOOKED_AFTER, UNDER_CONTROL_AT
from sizao.terms import CaseStatus, Clear, Lack, LineList

COUNTY_DIGITS = 6


@dataclass(frozen=True, slots=True)
class AreaClears:
    """
    How many contacts of an area are looked after, and of how many something is still to be found out.

    The number (人数) is clear when every case of the area has been investigated: until then its contacts
    are not counted. Identity (人头): a name, an identity number or a telephone. Location (位置): a stay at
    the moment. Control (管控状态): an issued order in force, or an isolation room or a hospital bed.
    """

    area_code: str
    name: str
    contacts: int
    lacking: tuple[tuple[Clear, LineList, Lack, int], ...]

    @property
    def is_clear(self) -> bool:
        return not any(count for *_, count in self.lacking)


# What was open then in two parts, so that the database knows how many to expect: most are told by their
# row; only those closed since are looked up in their history.
_CONTACTS = """
WITH here AS NOT MATERIALIZED (
    SELECT c.id, c.person_id, left(c.area_code, %(digits)s) AS area, c.state, c.closed_at
    FROM records_contact c
    WHERE c.outbreak_id = %(outbreak)s AND c.found_at <= %(as_of)s AND c.area_code LIKE %(within)s
), open AS (
    SELECT person_id, area FROM here WHERE closed_at IS NULL AND state = ANY(%(open)s)
    UNION ALL
    SELECT person_id, area FROM here WHERE closed_at > %(as_of)s AND (
        SELECT k.state FROM records_contactchange k
        WHERE k.contact_id = here.id AND k.at <= %(as_of)s ORDER BY k.at DESC, k.id DESC LIMIT 1
    ) = ANY(%(open)s)
), staying AS (
    SELECT s.person_id, s.kind = ANY(%(controlled)s) AS controlled
    FROM records_stay s WHERE s.period @> %(as_of)s AND s.recorded_at <= %(as_of)s
), ordered AS (
    SELECT o.person_id FROM records_isolationorder o
    WHERE o.outbreak_id = %(outbreak)s AND o.issued_at <= %(as_of)s
      AND (o.ended_at IS NULL OR o.ended_at > %(as_of)s)
    GROUP BY o.person_id
)
SELECT open.area, count(*), count(nameless.id),
    count(*) FILTER (WHERE staying.person_id IS NULL),
    count(*) FILTER (WHERE staying.controlled IS NOT TRUE AND ordered.person_id IS NULL)
FROM open
LEFT JOIN records_person nameless ON nameless.id = open.person_id
    AND nameless.name_index IS NULL AND nameless.id_number_index IS NULL AND nameless.phone_index IS NULL
LEFT JOIN staying ON staying.person_id = open.person_id
LEFT JOIN ordered ON ordered.person_id = open.person_id
GROUP BY open.area
"""
_UNCOUNTED = """
SELECT left(c.area_code, %(digits)s), count(*)
FROM records_case c
WHERE c.outbreak_id = %(outbreak)s AND c.opened_at <= %(as_of)s AND c.area_code LIKE %(within)s
  AND (c.investigated_at IS NULL OR c.investigated_at > %(as_of)s)
  AND NOT EXISTS (
      SELECT 1 FROM records_casechange k
      WHERE k.case_id = c.id AND k.status = %(discarded)s AND k.at <= %(as_of)s AND NOT EXISTS (
          SELECT 1 FROM records_casechange later
          WHERE later.case_id = k.case_id AND later.at <= %(as_of)s AND (later.at, later.id) > (k.at, k.id)
      )
  )
GROUP BY 1
"""


def clears(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> list[AreaClears]:
    """Say for each county of an area what lacked at `as_of`; what is known only to a city or province stands there."""
    given = {
        "outbreak": outbreak.pk,
        "as_of": as_of,
        "within": f"{area_code}%",
        "digits": max(COUNTY_DIGITS, len(area_code)),
        "open": [str(state) for state in LOOKED_AFTER],
        "controlled": [str(kind) for kind in UNDER_CONTROL_AT],
        "discarded": str(CaseStatus.DISCARDED),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONTACTS, given)
        contacts = {area: counts for area, *counts in cursor.fetchall()}
        cursor.execute(_UNCOUNTED, given)
        uncounted = dict(cursor.fetchall())
    codes = sorted(contacts.keys() | uncounted.keys())
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        _area(code, names.get(code, code), contacts.get(code, [0, 0, 0, 0]), uncounted.get(code, 0)) for code in codes
    ]


def _area(code: str, name: str, counts: list[int], uncounted: int) -> AreaClears:
    n_contacts, nameless, unlocated, uncontrolled = counts
    lacking = (
        (Clear.NUMBER, LineList.CASES, Lack.INVESTIGATION, uncounted),
        (Clear.IDENTITY, LineList.CONTACTS, Lack.IDENTITY, nameless),
        (Clear.LOCATION, LineList.CONTACTS, Lack.LOCATION, unlocated),
        (Clear.CONTROL, LineList.CONTACTS, Lack.CONTROL, uncontrolled),
    )
    return AreaClears(code, name, n_contacts, lacking)

"""How homes inside a zone are read: one pass over its people, their stays, their needs and what was brought."""

from sizao.response.ledger import DIED, whereabouts

# Whoever has no household stands alone, under the negative of their row.
_PEOPLE = f"""
died AS ({DIED}
), people AS MATERIALIZED (
    SELECT p.id, coalesce(p.household_id, -p.id) AS home
    FROM records_person p
    WHERE p.area_code LIKE %(within)s AND (%(places)s::bigint[] IS NULL OR p.household_id IN (
        SELECT id FROM records_household WHERE place_id = ANY(%(places)s::bigint[])))
), staying AS (
    SELECT p.id, p.home, {whereabouts("died.person_id", "s.kind")} AS place
    FROM people p LEFT JOIN records_stay s ON s.person_id = p.id AND s.period @> %(as_of)s
        AND s.recorded_at <= %(as_of)s
    LEFT JOIN died ON died.person_id = p.id
    -- narrowed
), needing AS (
    SELECT p.id, p.home, n.kind FROM records_personneed n JOIN people p ON p.id = n.person_id
    WHERE n.recorded_at <= %(as_of)s AND (n.ended_at IS NULL OR n.ended_at > %(as_of)s)
), brought AS (
    SELECT coalesce(r.household_id, -r.person_id) AS home, max(s.happened_at) AS at
    FROM records_zonerequest r JOIN records_zoneserving s ON s.request_id = r.id
    WHERE r.zone_id = %(zone)s AND r.kind = 'goods' AND s.outcome = 'served' AND s.recorded_at <= %(as_of)s
    GROUP BY 1
)
"""  # noqa: S608 — constants

# Where some people are.
WHERE = f"""
WITH died AS ({DIED})
SELECT p.id, {whereabouts("died.person_id", "s.kind")}
FROM unnest(%(people)s::bigint[]) AS p(id)
LEFT JOIN records_stay s ON s.person_id = p.id AND s.period @> %(as_of)s AND s.recorded_at <= %(as_of)s
LEFT JOIN died ON died.person_id = p.id
"""  # noqa: S608 — constants

SUMMARY = f"""
WITH {_PEOPLE}, homes AS (
    SELECT home, count(*) FILTER (WHERE place IN ('home', 'unknown')) AS inside FROM staying GROUP BY home
)
SELECT
    (SELECT json_object_agg(place, n) FROM (SELECT place, count(*) AS n FROM staying GROUP BY place) AS by_place),
    count(*), count(*) FILTER (WHERE inside > 0),
    count(*) FILTER (WHERE inside > 0 AND coalesce(brought.at, %(since)s) + %(every)s <= %(as_of)s),
    (SELECT json_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM needing GROUP BY kind) AS by_need)
FROM homes LEFT JOIN brought USING (home)
"""  # noqa: S608 — constants

# A page of homes. Where few homes can be meant, only their people are looked at: the rest of a city need not be.
_PAGE = f"""
WITH {_PEOPLE}, counted AS (
    SELECT home, count(*) FILTER (WHERE place IN ('home', 'unknown')) AS inside,
        count(*) FILTER (WHERE place = 'outside') AS away, count(*) FILTER (WHERE place = 'unknown') AS unknown
    FROM staying GROUP BY home
)
SELECT home, brought.at FROM counted LEFT JOIN brought USING (home)
WHERE home > %(after)s AND -- which
ORDER BY home LIMIT %(most)s
"""  # noqa: S608 — constants


def _page(which: str, narrowed: str = "") -> str:
    return _PAGE.replace("-- which", which).replace("-- narrowed", narrowed and f"WHERE p.home IN ({narrowed})")


_WAITING = "SELECT coalesce(household_id, -person_id) FROM records_zonerequest WHERE id = ANY(%(open)s)"
_NEEDING = "SELECT q.home FROM people q JOIN records_personneed n ON n.person_id = q.id"

PAGES = {
    "all": _page("TRUE"),
    "waiting": _page("TRUE", _WAITING),
    "needs": _page("home IN (SELECT home FROM needing)", _NEEDING),
    "due": _page("inside > 0 AND coalesce(brought.at, %(since)s) + %(every)s <= %(as_of)s"),
    "away": _page("away > 0"),
    "unknown": _page("unknown > 0"),
}

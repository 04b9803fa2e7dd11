"""The questions of the four clears as they were asked until 23 November 2026: the cells, and the groups reconciled."""

_DISCARDED_THEN = """
    SELECT FROM records_casechange k
    WHERE k.case_id = c.id AND k.status = %(discarded)s AND k.at <= %(as_of)s AND NOT EXISTS (
        SELECT FROM records_casechange later
        WHERE later.case_id = k.case_id AND later.at <= %(as_of)s AND (later.at, later.id) > (k.at, k.id)
    )
"""

EVERYBODY = f"""
WITH RECURSIVE inside(id) AS (
    SELECT unnest(%(zone_places)s::bigint[])
    UNION SELECT below.id FROM records_place below JOIN inside ON below.parent_id = inside.id
), contact AS NOT MATERIALIZED (
    SELECT c.id, c.person_id, c.kind, c.area_code, c.state, c.closed_at, c.found_at
    FROM records_contact c WHERE c.outbreak_id = %(outbreak)s AND c.found_at <= %(as_of)s
), concern(person_id, rank, area_code, since, issued, proposed) AS (
    SELECT c.person_id, 0, c.area_code, c.opened_at, NULL::int, false FROM records_case c
    WHERE c.outbreak_id = %(outbreak)s AND c.opened_at <= %(as_of)s AND NOT EXISTS ({_DISCARDED_THEN})
    UNION ALL
    SELECT person_id, array_position(%(kinds)s::text[], kind::text), area_code, found_at, NULL, false FROM contact
    WHERE closed_at IS NULL AND state = ANY(%(open)s)
    UNION ALL
    SELECT person_id, array_position(%(kinds)s::text[], kind::text), area_code, found_at, NULL, false FROM contact
    WHERE closed_at > %(as_of)s AND (
        SELECT k.state FROM records_contactchange k
        WHERE k.contact_id = contact.id AND k.at <= %(as_of)s ORDER BY k.at DESC, k.id DESC LIMIT 1
    ) = ANY(%(open)s)
    UNION ALL
    SELECT m.person_id, 4, m.area_code, m.added_at, NULL, false
    FROM records_poolmember m
    JOIN records_poolhold h ON h.id = m.hold_id JOIN records_testinground r ON r.id = h.round_id
    WHERE r.outbreak_id = %(outbreak)s AND m.person_id IS NOT NULL AND m.added_at <= %(as_of)s
      AND (m.ended_at IS NULL OR m.ended_at > %(as_of)s)
      AND (h.ended_at IS NULL OR h.ended_at > %(as_of)s) AND (h.declined_at IS NULL OR h.declined_at > %(as_of)s)
    UNION ALL
    SELECT o.person_id, 5, o.area_code, o.proposed_at,
        CASE WHEN o.issued_at <= %(as_of)s THEN array_position(%(order_kinds)s::text[], o.kind::text) END,
        (o.issued_at <= %(as_of)s) IS NOT TRUE
    FROM records_isolationorder o
    WHERE o.outbreak_id = %(outbreak)s AND o.proposed_at <= %(as_of)s
      AND (o.ended_at IS NULL OR o.ended_at > %(as_of)s) AND (o.declined_at IS NULL OR o.declined_at > %(as_of)s)
    UNION ALL
    SELECT p.id, 6, p.area_code, p.registered_at, NULL, false
    FROM unnest(%(zone_codes)s::text[]) AS z(code)
    JOIN records_person p ON p.area_code ~>=~ z.code AND p.area_code ~<~ (z.code || 'a')
    WHERE p.registered_at <= %(as_of)s
    UNION ALL
    SELECT p.id, 6, p.area_code, p.registered_at, NULL, false
    FROM records_household h JOIN records_person p ON p.household_id = h.id
    WHERE h.place_id IN (SELECT id FROM inside) AND p.registered_at <= %(as_of)s
), somebody AS (
    SELECT person_id, min(rank) AS rank, substr(min(rank || area_code COLLATE "C"), 2) AS area_code,
        min(since) FILTER (WHERE rank < 4) AS since, min(issued) AS issued, bool_or(proposed) AS proposed,
        min(since) FILTER (WHERE proposed) AS proposed_at,
        bool_or(rank = 4) AS held, bool_or(rank = 6) AS in_zone,
        (bool_or(rank = 0)::int + bool_or(rank BETWEEN 1 AND 3)::int + bool_or(rank = 4)::int) > 1 AS twice
    FROM concern GROUP BY person_id
-- Asked as one sorted array: as a join the planner, who cannot guess how many people there are, looks up one by one.
), ledger AS (
    SELECT s.person_id, max(s.kind) FILTER (WHERE s.period @> %(as_of)s) AS kind,
        max(s.place_id) FILTER (WHERE s.period @> %(as_of)s) AS place_id,
        bool_or(s.kind = 'bed' AND upper(s.period) <= %(as_of)s) AS treated
    FROM records_stay s WHERE s.person_id = ANY(ARRAY(SELECT person_id FROM somebody))
        AND s.recorded_at <= %(as_of)s GROUP BY s.person_id
), died AS (
    SELECT c.person_id FROM records_casefact f JOIN records_case c ON c.id = f.case_id
    WHERE c.outbreak_id = %(outbreak)s AND f.kind = 'died' AND f.recorded_at <= %(as_of)s
      AND f.happened_at <= %(as_of)s AND (f.withdrawn_at IS NULL OR f.withdrawn_at > %(as_of)s)
    GROUP BY c.person_id
-- Joined before it is narrowed: how many live in an area is a guess that makes the planner look up one by one.
), located AS MATERIALIZED (
    SELECT somebody.*, died.person_id IS NOT NULL AS died,
        CASE WHEN died.person_id IS NOT NULL THEN 'died' ELSE coalesce(ledger.kind, 'unknown') END AS place,
        CASE WHEN died.person_id IS NULL THEN ledger.place_id END AS place_id,
        CASE WHEN died.person_id IS NOT NULL THEN 'none' WHEN ledger.kind = 'bed' THEN 'hospital'
            WHEN ledger.kind = 'vehicle' THEN 'transfer'
            WHEN issued IS NOT NULL THEN (%(order_kinds)s::text[])[issued] WHEN held THEN 'hold'
            WHEN proposed THEN 'proposed' WHEN in_zone THEN 'zone' ELSE 'none' END AS control,
        ledger.treated IS TRUE AS treated, nameless.id IS NOT NULL AS no_name
    FROM somebody LEFT JOIN ledger USING (person_id)
    LEFT JOIN died USING (person_id)
    LEFT JOIN records_person nameless ON nameless.id = somebody.person_id AND nameless.name_index IS NULL
        AND nameless.id_number_index IS NULL AND nameless.phone_index IS NULL
), standing AS (
    SELECT located.*,
        place = 'unknown' AS no_place,
        rank IN (1, 2) AND control IN ('none', 'zone') AND NOT died AS no_order,
        control = 'proposed' AS not_decided,
        control = 'central' AND place <> 'room' AS not_there,
        place = 'outside' AND control IN ('central', 'home', 'hold') AS outside,
        rank = 0 AND place NOT IN ('bed', 'vehicle') AND NOT treated AND NOT died AS no_hospital,
        place = 'room' AND issued IS NULL AND NOT held AS no_basis,
        twice AS two_concerns,
        length(located.area_code) < %(below)s AS wide_area
    FROM located WHERE area_code LIKE %(within)s
)
"""  # noqa: S608 — composed of constants

UNCLEAR_COLUMNS = (
    "no_name", "no_place", "no_order", "not_decided", "not_there", "outside", "no_hospital", "no_basis", "two_concerns",
    "wide_area",
)  # fmt: skip
NO_CONTROL = "(no_order OR not_decided OR not_there OR outside OR no_hospital OR no_basis)"

CELLS = f"""{EVERYBODY}
SELECT left(area_code, %(below)s), rank, place, control, count(*), count(*) FILTER (WHERE {NO_CONTROL}),
    {", ".join(f"count(*) FILTER (WHERE {name})" for name in UNCLEAR_COLUMNS)}
FROM standing GROUP BY 1, 2, 3, 4
"""  # noqa: S608

# Each row of a group in the area: the one by which somebody is counted, another of theirs, or of another group.
RECONCILED = f"""{EVERYBODY}, numbered AS (
    SELECT rank, area_code, row_number() OVER person AS turn, min(rank) OVER person AS first
    FROM concern WINDOW person AS (
        PARTITION BY person_id ORDER BY rank, area_code COLLATE "C"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
)
SELECT rank, count(*), count(*) FILTER (WHERE turn = 1), count(*) FILTER (WHERE turn > 1 AND first < rank),
    count(*) FILTER (WHERE turn > 1 AND first = rank)
FROM numbered WHERE area_code LIKE %(within)s GROUP BY rank
"""  # noqa: S608

"""
Three outbreaks with known links, as presences: who was probably infected by whom, found from visits.

None of these sets holds visits. What each holds of places and days is made into presences by stated rules, none
of which looks at the known links; what is believed of the disease is taken from the literature, not fitted here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from sizao.adapters.visits import Window
from sizao.engines.transmission.links import Course, Interval, Links, Meetings, likely_sources
from tests.real import rows_of, store_of

DAY = 86_400
HOUR = 3600
SURE = 0.8

Presence = tuple[str, str, int, int]


@dataclass(frozen=True)
class Outbreak:
    """
    Cases with their onset (None: unknown), presences, beliefs, and the known sources.

    `lanes` are for the picture; `known` maps a case to whoever may have infected it.
    """

    onset: dict[str, date | None]
    presences: list[Presence]
    course: Course
    known: dict[str, set[str]]
    lanes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """
    How well sources were found, of the cases with a known source among the cases.

    `met` is the share whose known source is among the candidates, `first` and `third` the share whose known
    source is the likeliest or among the first three, `chance` the mean chance given to it (0 where it is none),
    `claimed` the mean chance of the likeliest, and `guessed` what guessing among the candidates would get right.
    Of the `sure` share, whose likeliest has a chance of 0.8 or more, `sure_right` is right.
    """

    cases: int
    met: float
    first: float
    third: float
    chance: float
    claimed: float
    guessed: float
    sure: float
    sure_right: float


def midnight(day: date) -> int:
    """Give the second from 1970 at which a day begins."""
    return (day - date(1970, 1, 1)).days * DAY


def found(outbreak: Outbreak, *, course: Course | None = None) -> tuple[list[str], Links]:
    """Ask the store who met the cases while these were infectious, and look for sources among them."""
    course = course or outbreak.course
    names = sorted(outbreak.onset)
    number = {name: row for row, name in enumerate(names)}
    met = companions(outbreak, course)
    days = np.array([np.nan if outbreak.onset[name] is None else midnight(outbreak.onset[name]) / DAY
                     for name in names])  # fmt: skip
    ends = (np.array([number[row[name]] for row in met], dtype=np.int64) for name in ("case", "person"))
    minutes, first, last = (np.array([row[name] for row in met], float) for name in ("minutes", "first", "last"))
    return names, likely_sources(days, Meetings(*ends, minutes, first / DAY, last / DAY), course)


def companions(outbreak: Outbreak, course: Course) -> list[dict]:
    """Ask the store who shared a minute or more with each case while that one was infectious."""
    store, _ = store_of(outbreak.presences)
    windows = [
        Window(case, midnight(onset) - int(course.infectious_before * DAY),
               midnight(onset) + int((course.infectious_after + 1) * DAY))
        for case, onset in outbreak.onset.items() if onset
    ]  # fmt: skip
    return [row for row in store.companions(windows, least_seconds=60).to_pylist() if row["person"] in outbreak.onset]


def score(outbreak: Outbreak, names: list[str], links: Links) -> Score:
    """Hold the links against what is known."""
    rows = []
    for case, known in outbreak.known.items():
        mine = links.case == names.index(case)
        sources, chances = [names[one] for one in links.source[mine]], links.probability[mine]
        true = np.array([source in known for source in sources], dtype=bool)
        rows.append((
            true.any(), true[:1].any(), true[:3].any(), chances[true].sum(), chances[:1].sum(),
            true.mean() if len(true) else 0.0,
        ))  # fmt: skip
    table = np.array(rows, float)
    sure = table[:, 4] >= SURE
    right = table[sure, 1].mean() if sure.any() else np.nan
    return Score(len(rows), *table.mean(axis=0).tolist(), float(sure.mean()), float(right))


def hagelloch(*, at_school_until: str = "date_of_rash") -> Outbreak:
    """
    Measles among 188 children of a village, 1861 (Pfeilsticker; Oesterle 1992 worked out the known sources).

    Homes: each child is at home but for school. Schools: classes 1 and 2 sit together 07:00 to 12:00 but on
    Sundays, until a child's rash shows what it has. No visits, no church, no street. Days are shifted by whole
    weeks, since a store counts from 1970.
    """
    shift = timedelta(weeks=7000)
    rows = rows_of("contacts", "measles_hagelloch_1861.csv")
    onset = {row["case_ID"]: date.fromisoformat(row["date_of_prodrome"]) + shift for row in rows}
    leaves = {row["case_ID"]: date.fromisoformat(row[at_school_until]) + shift for row in rows}
    presences = [one for row in rows for one in _childhood(row, leaves[row["case_ID"]], min(onset.values()))]
    return Outbreak(
        dict(onset),
        presences,
        # Serial interval of measles 11.7 days (Vink et al. 2014); its sd as that of the incubation, of a median
        # of 12.5 days and a dispersion of 1.23 (Lessler et al. 2009). Infectious from a day before the prodrome
        # to four days after the rash (Heymann's Control of Communicable Diseases: four days before and after).
        Course(Interval.gamma(11.7, 2.6), infectious_before=1, infectious_after=8, incubation_least=6),
        {row["case_ID"]: {row["infector"]} for row in rows if row["infector"]},
        {row["case_ID"]: f"family {row['family_ID']}" for row in rows},
    )


def _childhood(row: dict[str, str], leaves: date, first: date) -> Iterator[Presence]:
    child, home, school = row["case_ID"], f"home {row['family_ID']}", f"class {row['class']}"
    for after in range(-14, 60):
        day = first + timedelta(after)
        start = midnight(day)
        if row["class"] == "0" or day.weekday() == 6 or day >= leaves:
            yield child, home, start, start + DAY
        else:
            yield child, home, start, start + 7 * HOUR
            yield child, school, start + 7 * HOUR, start + 12 * HOUR
            yield child, home, start + 12 * HOUR, start + DAY


# Where and when the three who infected most were in hospital while ill, beyond the hospital that the line list
# names for them: 1 (Korea Centers for Disease Control, Osong Public Health Res Perspect 2015;6:269), 14 (Cho et
# al., Lancet 2016;388:994), 16 (Park et al., Clin Infect Dis 2017: Dae Cheong and Konyang, Daejeon).
MERS_STAYS = {
    "SK_1": [("Pyeongtaek St. Mary", date(2015, 5, 15), date(2015, 5, 17)),
             ("365 Yeollin Clinic", date(2015, 5, 17), date(2015, 5, 17)),
             ("Samsung Medical Center", date(2015, 5, 17), date(2015, 5, 20)),
             ("Seoul Clinic", date(2015, 5, 12), date(2015, 5, 15))],
    "SK_14": [("Pyeongtaek goodmorning", date(2015, 5, 25), date(2015, 5, 27)),
              ("Samsung Medical Center", date(2015, 5, 27), date(2015, 5, 29))],
    "SK_16": [("Dae Cheong Hospital", date(2015, 5, 22), date(2015, 5, 28)),
              ("Konyang University Hospital", date(2015, 5, 28), date(2015, 5, 30))],
}  # fmt: skip


def mers(*, stays: dict[str, list[tuple[str, date, date]]] | None = None) -> Outbreak:
    """
    Middle East respiratory syndrome in hospitals of South Korea, 2015.

    Each case is at its hospital in its window of exposure, and again from onset to diagnosis, for eight hours a
    day. `stays` adds hospital stays that investigations published. Infectious from onset on; serial interval
    12.6 days (Cowling et al. 2015), incubation 2 to 14 days (WHO).
    """
    rows = rows_of("contacts", "mers_korea_2015_linelist.csv")
    spans = [(row["id"], _hospital(row["loc_hosp"]), _day(row["dt_start_exp"]), _day(row["dt_end_exp"]))
             for row in rows]  # fmt: skip
    spans += [(row["id"], _hospital(row["loc_hosp"]), _day(row["dt_onset"]), _day(row["dt_diag"])) for row in rows]
    spans += [(case, *stay) for case, added in (stays or {}).items() for stay in added]
    presences = {
        (case, place, midnight(first) + 9 * HOUR + DAY * day, midnight(first) + 17 * HOUR + DAY * day)
        for case, place, first, last in spans
        if first and last
        for day in range((last - first).days + 1)
    }
    known: dict[str, set[str]] = {}
    onset = {row["id"]: _day(row["dt_onset"]) for row in rows}
    for link in rows_of("contacts", "mers_korea_2015_contacts.csv"):
        if link["from"] in onset and onset.get(link["to"]):
            known.setdefault(link["to"], set()).add(link["from"])
    course = Course(Interval.gamma(12.6, 2.8), infectious_before=0, infectious_after=21, incubation_least=2,
                    incubation_most=14)  # fmt: skip
    lanes = {row["id"]: _hospital(row["loc_hosp"]) for row in rows}
    return Outbreak(onset, sorted(presences), course, known, lanes)


def _hospital(text: str) -> str:
    """Give the name of a hospital without town and ward."""
    return text.split(",")[0].strip().removesuffix(" hospital")


def singapore() -> Outbreak:
    """
    The first 93 cases of COVID-19 in Singapore, 2020.

    Each case is at each cluster it is counted to for two hours a day of its window of exposure, cut at its
    onset. The known links say who is related to whom, in neither direction: whoever fell ill later of a
    related pair has the other as a known source. Serial interval 5.8 days, sd 4.0, may be negative, infectious
    from three days before onset (He et al. 2020); incubation up to 14 days.
    """
    rows = rows_of("contacts", "singapore_2020_linelist.csv")
    onset = {row["CaseID"]: _day(row["date_onset_symptoms"]) for row in rows}
    presences, lanes = set(), {}
    for row in rows:
        lanes[row["CaseID"]] = row["cluster"] if row["cluster"] != "NA" else ""
        first, last = _day(row["start_source"]), _day(row["end_source"])
        days = range((min(last, onset[row["CaseID"]] or last) - first).days + 1) if first and last else range(0)
        for place in lanes[row["CaseID"]].split(", "):
            if place and place != "Wuhan":  # a city is no place to meet at
                presences |= {
                    (
                        row["CaseID"],
                        place,
                        midnight(first) + DAY * day + 10 * HOUR,
                        midnight(first) + DAY * day + 12 * HOUR,
                    )
                    for day in days
                }
    known: dict[str, set[str]] = {}
    for pair in rows_of("contacts", "singapore_2020_related_pairs.csv"):
        one, other = pair["case_a"], pair["case_b"]
        if onset.get(one) and onset.get(other) and onset[one] != onset[other]:
            early, late = sorted((one, other), key=lambda case: onset[case])
            known.setdefault(late, set()).add(early)
    course = Course(Interval.normal(5.8, 4.0), infectious_before=3, infectious_after=14, incubation_most=14)
    return Outbreak(onset, sorted(presences), course, known, lanes)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text not in ("", "NA") else None

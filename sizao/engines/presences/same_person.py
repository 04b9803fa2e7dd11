"""
Stretches of time told under several tokens of one person, made those of one person.

A phone and an id card may tell one visit twice, or half of it each: pieces that overlap or touch at one place are one
stretch, and it counts when the whole of it lasts long enough.
"""

import numpy as np

from sizao.engines.presences.meetings import Meetings
from sizao.engines.presences.summing import Ints

PLACE, PERSON, START, END = range(4)


def rejoined(rows: Ints, *, least_seconds: int) -> Ints:
    """
    Join rows (place, person, start, end) of one place and person that overlap or touch, ordered by all four.

    A stretch of exactly `least_seconds` counts, one of no length never does.
    """
    if not len(rows):
        return rows
    ordered = rows[np.lexsort((rows[:, START], rows[:, PERSON], rows[:, PLACE]))]
    new = np.append(True, (ordered[1:, [PLACE, PERSON]] != ordered[:-1, [PLACE, PERSON]]).any(axis=1))
    # Shifted so that no group reaches into the next, the latest end so far is one running maximum.
    shift = np.cumsum(new) * (int(rows[:, END].max()) - int(rows[:, START].min()) + 1)
    reach = np.maximum.accumulate(ordered[:, END] + shift)
    begins = np.flatnonzero(np.append(True, ordered[1:, START] + shift[1:] > reach[:-1]) | new)
    found = ordered[begins]
    found[:, END] = np.append((reach - shift)[begins[1:] - 1], (reach - shift)[-1])
    kept: Ints = found[found[:, END] - found[:, START] >= max(least_seconds, 1)]
    return kept


def as_one(own: Ints, others: Ints, *, least_seconds: int) -> tuple[Ints, Meetings]:
    """
    Give the stays of a case and its meetings, both told under any of their tokens.

    `own` and `others` are rows (place, person, start, end); those of `own` bear one number, each person of `others`
    one, and no row of `others` reaches beyond `own`. Of the stays give rows like these; a meeting names its stay by
    row.
    Nothing is known of missing ends and clocks: `imputed` and `padded` are 0.
    """
    stays = rejoined(own, least_seconds=1)
    met = rejoined(others, least_seconds=least_seconds)
    # Of the stays of its place, a meeting lies in the last that began by its start.
    span = int(max(own[:, END].max(initial=0), others[:, END].max(initial=0))) + 1
    run = np.searchsorted(stays[:, PLACE] * span + stays[:, START], met[:, PLACE] * span + met[:, START], "right") - 1
    rank = np.lexsort((met[:, START], met[:, PERSON], run))
    none = np.zeros(len(met), np.int64)
    person, start, end = met[rank][:, [PERSON, START, END]].T.copy()
    return stays, Meetings(run[rank], person, start, end, none, none)

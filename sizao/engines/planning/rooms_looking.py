"""
Which sites a group looks at first: near, not crowded; and where many live at one point, not all at the same ones.

People of one compound ask for the same and have the same way everywhere. If all of them looked at the same few sites,
these would be full, and the rest would find free rooms only after many searches, or never.
"""

from typing import NamedTuple

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.planning.rooms_flow import GroupArrays, KindArrays, crowding
from sizao.engines.planning.rooms_parties import Groups
from sizao.engines.sampling.pooled_test import Ints

# Nearest sites looked at first, and how many of them everybody at one point looks at.
NEAREST, COMMON, GUESSES = 10, 4, 15
# Homes are at one point when they are alike to so many digits of a degree: about a kilometre.
DIGITS = 2
# Sites that those at one point look at together have so many rooms for each of them: others come there too.
ROOMS_EACH = 2


class Alike(NamedTuple):
    """Groups that are alike: what each asks for; its rank among those at its point who ask for it, and their number."""

    ask: Ints
    rank: Ints
    many: Ints


def asks(groups: GroupArrays) -> Ints:
    """Number what groups ask for: needs, size and staff."""
    keys = np.column_stack((groups.needs, groups.size, groups.staff))
    return np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def alike(arrays: GroupArrays, groups: Groups) -> Alike:
    """Find groups of one point that ask for the same; without coordinates the county is the point."""
    ask = asks(arrays)
    point = np.column_stack((np.round(groups.at, DIGITS), np.where(np.isnan(groups.at[:, 0]), groups.area, 0), ask))
    _, of, counts = np.unique(np.nan_to_num(point, nan=-999.0), axis=0, return_inverse=True, return_counts=True)
    of = of.reshape(-1)
    order = np.argsort(of, kind="stable")
    rank = np.empty(len(of), np.int64)
    rank[order] = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Alike(ask, rank, counts[of].astype(np.int64))


def nearest(groups: GroupArrays, kinds: KindArrays, like: Alike) -> Bools:
    """Mark where each group looks first: sites with a room that fits, near and not crowded; shape (groups, sites)."""
    near = np.zeros(groups.travel.shape, np.bool_)
    room = np.bincount(kinds.site, kinds.room, len(near[0])).astype(np.int64)
    each = groups.travel + crowding(groups.travel, room, GUESSES)
    for one in range(int(like.ask.max()) + 1):
        rows = np.flatnonzero(like.ask == one)
        needs, size, staff = groups.needs[rows[0]], groups.size[rows[0]], groups.staff[rows[0]]
        fitting = ((kinds.has & needs) == needs) & (kinds.beds >= size) & (kinds.staff == staff)
        some = np.unique(kinds.site[fitting])
        most = min(NEAREST, len(some))
        if most:
            order = np.argpartition(each[np.ix_(rows, some)], most - 1, axis=1)[:, :most]
            near[rows[:, None], some[order]] = True
            fits = np.bincount(kinds.site[fitting], kinds.room[fitting], len(room))[some]
            _spread(near, groups, like, rows[like.many[rows] > most], some, fits)
    return near


def _spread(near: Bools, groups: GroupArrays, like: Alike, rows: Ints, some: Ints, fits: Ints) -> None:
    """Let those at one point look at sites in turn, as many as hold them all, beside the nearest that all look at."""
    for row in rows.tolist():
        order = np.argsort(groups.travel[row, some], kind="stable")
        held = np.cumsum(fits[order])
        span = int(np.searchsorted(held, ROOMS_EACH * like.many[row])) + 1
        span = min(span, len(some))
        if span <= NEAREST:
            continue
        turn = COMMON + (like.rank[row] * (NEAREST - COMMON) + np.arange(NEAREST - COMMON)) % (span - COMMON)
        near[row] = False
        near[row, some[order[:COMMON]]] = True
        near[row, some[order[turn]]] = True

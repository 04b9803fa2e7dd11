"""
The outlook of an outbreak on a day: how many really, how fast, how late, what next, and until when.

Everything is computed from rows as they were known on the day; what comes from a model is kept apart from what
was counted and never enters a report. The same rows give the same outlook: all chance comes from a seed
made of the outbreak's name and the day.
"""

import zlib
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

import numpy as np
from django.core.cache import cache

from sizao.records.models import Outbreak
from sizao.response.reports.outlook_ahead import EndingTold, ForecastTold, ending, forecast
from sizao.response.reports.outlook_beliefs import belief
from sizao.response.reports.outlook_curve import OnsetCurve, by_found, by_onset
from sizao.response.reports.outlook_delays import DelayTold, delays
from sizao.response.reports.outlook_rows import OutlookRows, gather
from sizao.response.reports.outlook_said import TooFew
from sizao.response.reports.outlook_spread import (
    GrowthTold,
    Reproduction,
    SerialTold,
    growth,
    offspring,
    reproduction,
    serial_interval,
)

KEPT_SECONDS = 24 * 3600
VERSION = 2  # of the computation; a new one forgets what was kept


@dataclass(frozen=True, slots=True)
class Found:
    """Cases found by the chosen day, and how: `n_isolated_before` were in a room or bed when they were found."""

    n_cases: int
    n_onsets: int
    n_isolated_before: int
    n_isolated_before_week: int
    n_week: int
    days: tuple[date, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The outlook of one area on one day. A part is TooFew where there is too little to say it."""

    day: date
    found: Found
    serial: SerialTold
    curve: OnsetCurve | TooFew
    reproduction: Reproduction
    growth: GrowthTold | TooFew
    delays: tuple[DelayTold, ...]
    forecast: ForecastTold | TooFew
    ending: EndingTold | TooFew


def read(outbreak: Outbreak, area_code: str, *, day: date, as_of: datetime) -> Outlook:
    """
    Read the outlook of an area on `day` by what was known at `as_of`; raise NothingKnownOfDisease.

    The rows are read each time. What follows from them is kept by their content, so that a late or corrected
    row is never overlooked and equal rows are not computed twice.
    """
    rows = gather(outbreak, area_code, day=day, as_of=as_of)
    key = f"outlook:{VERSION}:{sha256(repr(rows).encode()).hexdigest()}"
    kept = cache.get(key)
    if kept is None:
        kept = work_out(rows)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def work_out(rows: OutlookRows) -> Outlook:
    """Work out the outlook from rows alone."""
    known = belief(rows.disease)
    serial = serial_interval(rows, known)
    onsets = by_onset(rows, _stream(rows, "curve"))
    curve, drawn = (onsets, None) if isinstance(onsets, TooFew) else onsets
    curves = drawn or by_found(rows)
    spread, now = reproduction(curves, serial, _stream(rows, "reproduction"))
    return Outlook(
        day=rows.day,
        found=_found(rows),
        serial=serial,
        curve=curve,
        reproduction=spread,
        growth=growth(rows),
        delays=delays(rows),
        forecast=forecast(rows, serial, _stream(rows, "forecast")),
        ending=ending(rows, curves, now, serial, offspring(rows, serial, known), _stream(rows, "ending")),
    )


def _stream(rows: OutlookRows, name: str) -> np.random.Generator:
    """A random stream of its own for each part, so that one part never shifts another."""
    return np.random.default_rng([zlib.crc32(rows.slug.encode()), rows.day.toordinal(), zlib.crc32(name.encode())])


def _found(rows: OutlookRows) -> Found:
    before = [one for one in rows.cases if one.isolated is not None and one.isolated < one.found]
    week = [one for one in rows.cases if (rows.day - one.found).days < 7]
    counts = rows.found_by_day()
    return Found(
        n_cases=rows.n_cases,
        n_onsets=rows.n_onsets,
        n_isolated_before=sum(one.count for one in before),
        n_isolated_before_week=sum(one.count for one in before if (rows.day - one.found).days < 7),
        n_week=sum(one.count for one in week),
        days=tuple(counts),
        counts=tuple(counts.values()),
    )

"""
Rounds of a drill that go through the stage, as a source: swabs in tubes, tubes at the laboratory, readings of it.

Who is infected stays in the city. What reaches the platform is what tables and laboratories send in a real round, and
through the same doors: swabs under their keys, receipts, runs that a second person signs. What follows from a positive
pool, or from somebody's own positive swab, is the stage's doing and nobody else's.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

import numpy as np

from sizao.drill.rehearsal.laboratory import swab
from sizao.drill.rehearsal.office import staff_of
from sizao.drill.rehearsal.round_people import Listing, Swabbed, rounds_of, swabbed
from sizao.drill.rehearsal.sending import Sending
from sizao.engines.simulation.rng import Ints
from sizao.engines.tube_codes import serial_of
from sizao.records.models import Laboratory, Swab, TestingRound, TubeLot
from sizao.response.testing import chain, generated, laboratory
from sizao.response.testing.generated import SwabBatch
from sizao.response.testing.laboratory import ReadingSent, RunSent
from sizao.response.testing.tubes import codes_of
from sizao.terms import LabFeed, MissedReason, Reading, Role, TubeKind

OPENS, HOURS_OPEN = time(8), 9  # tables
MOST_READINGS = 5_000  # of one run


def take(sending: Sending, day: int, now: datetime) -> int:
    """Register the swabs of the rounds of yesterday, and bring their tubes to the laboratory; say how many swabs."""
    staff, taken = staff_of(sending.rehearsal, now=now), 0
    for found, listing, day_of_round in _rounds(sending, day):
        codes = _codes(found, listing, sending)[: day_of_round.held.tubes]
        entries = listing.entries(day_of_round.people)
        sites = list(found.sites.order_by("number"))
        at = np.array([_site(one, sites) for one in listing.villages])[_rows(listing, day_of_round)]
        batch = SwabBatch(
            begins_at=sending.life.moment(day - 1, OPENS),
            entry=entries,
            tube=day_of_round.tube,
            second=_seconds(day_of_round, len(codes)),
            codes=codes,
            sites=[sites[one].pk for one in at],
            tables=[1 + place % sites[one].n_tables for place, one in enumerate(at.tolist())],
        )
        taken += generated.register_generated(testing_round=found, batch=batch, by=staff[Role.SAMPLER], now=now)
        kept = listing.entries(day_of_round.kept)
        if len(kept):
            generated.explain_generated(
                testing_round=found, entries=kept.tolist(), reason=MissedReason.IN_CARE,
                by=staff[Role.TESTING_COORDINATOR], now=now,
            )  # fmt: skip
        _receive(sending, codes, now)
        sending.bench.bring_round(day - 1, day_of_round.held)
    return taken


def bring_again(sending: Sending, day: int) -> None:
    """Bring to the laboratory what came on the morning of a day that is over; nothing is sent."""
    for _, _, day_of_round in _rounds(sending, day):
        sending.bench.bring_round(day - 1, day_of_round.held)


def recalled(sending: Sending, day: int, now: datetime) -> list[int]:
    """Receive at the laboratory the single tubes of those who were called back yesterday; give their serials."""
    codes = _called_back(sending, day)
    _receive(sending, codes, now)
    return recalled_again(sending, day)


def recalled_again(sending: Sending, day: int) -> list[int]:
    """Give the serials of the single tubes that came on the morning of a day, in the same order whenever asked."""
    return [serial for code in _called_back(sending, day) if (serial := serial_of(code)) is not None]


def _called_back(sending: Sending, day: int) -> list[str]:
    yesterday = (sending.life.moment(day - 1), sending.life.moment(day) - timedelta(microseconds=1))
    mine = Swab.objects.filter(round__in=_all(sending), is_recall=True, recorded_at__range=yesterday)
    return list(mine.order_by("round", "entry").values_list("tube", flat=True))


# --- What the laboratory says ------------------------------------------------------------------


def read(sending: Sending, day: int, now: datetime, singles: Sequence[int]) -> int:
    """Send what the laboratory found by this morning: tubes of rounds in the order they came, and single ones."""
    done = 0
    for found, codes, positive in (*_pools(sending, day), *_singles(sending, singles)):
        _name(sending, found, positive, now)
        for start in range(0, len(codes), MOST_READINGS):
            some = codes[start : start + MOST_READINGS]
            readings = [ReadingSent(code, Reading.POSITIVE if code in positive else Reading.NEGATIVE) for code in some]
            _run(sending, f"{found.pk}:{day}:{some[0]}", readings, now)
        done += len(codes)
    return done


def _run(sending: Sending, key: str, readings: Sequence[ReadingSent], now: datetime) -> None:
    staff = staff_of(sending.rehearsal, now=now)
    sent = RunSent(LabFeed.SPREADSHEET, sending.key("run", key), "drill", readings)
    told = laboratory.record_run(laboratory=_laboratory(sending), sent=sent, by=staff[Role.LAB_TECHNICIAN], now=now)
    laboratory.release_run(run=told.run, by=staff[Role.LAB_REVIEWER], now=now)


def _pools(sending: Sending, day: int) -> Iterator[tuple[TestingRound, list[str], set[str]]]:
    """Give the tubes of rounds that are told by this morning and were not before, and which are positive."""
    first, last = sending.bench.told_tubes.get(day, (0, 0))
    before = 0
    for found in _all(sending):
        codes = list(found.tubes.filter(kind=TubeKind.POOL).order_by("code").values_list("code", flat=True))
        told = range(max(first - before, 0), min(last - before, len(codes)))
        if told:
            chosen = [codes[place] for place in told]
            positive = {codes[place] for place in told if place + before in sending.bench.positive_tubes}
            yield found, chosen, positive
        before += len(codes)


def _singles(sending: Sending, serials: Sequence[int]) -> Iterator[tuple[TestingRound, list[str], set[str]]]:
    wanted = set(serials)
    for found in _all(sending):
        rows = (
            found.swabs.filter(is_recall=True, is_double=False)
            .order_by("tube")
            .values_list("tube", "entry", "taken_at")
        )
        mine = [row for row in rows if serial_of(row[0]) in wanted]
        people = Listing(sending.life, found.areas).people(np.array([entry for _, entry, _ in mine], np.int64))
        positive = {
            code
            for (code, _, taken_at), person in zip(mine, people, strict=True)
            if swab(sending.life, np.array([person]), sending.life.day_of(taken_at))[0]
        }
        if mine:
            yield found, [code for code, _, _ in mine], positive


def _name(sending: Sending, found: TestingRound, tubes: set[str], now: datetime) -> None:
    """Say who the people in positive tubes are in the register, before anything is recorded about them."""
    swabs = found.swabs.filter(tube__in=tubes).order_by("entry")
    entries = np.array(list(swabs.values_list("entry", flat=True).distinct()), np.int64)
    people = Listing(sending.life, found.areas).people(entries)
    known = sending.life.registered(people, now)
    named = {int(entry): known[sending.life.number(int(one))] for entry, one in zip(entries, people, strict=True)}
    by = staff_of(sending.rehearsal, now=now)[Role.TESTING_COORDINATOR]
    generated.name_generated(testing_round=found, people=named, by=by, now=now)


# --- Where and with what -----------------------------------------------------------------------


def _rounds(sending: Sending, day: int) -> Iterator[tuple[TestingRound, Listing, Swabbed]]:
    since = 0
    away = sending.chance("stays away", np.arange(sending.life.city.people), day - 1, sending.rehearsal.means.stay_away)
    for found in rounds_of(sending.outbreak, sending.life.moment(day - 1), sending.life, day - 1):
        listing = Listing(sending.life, found.areas)
        told = swabbed(listing, day - 1, away, since=since)
        since += told.held.tubes
        yield found, listing, told


def _all(sending: Sending) -> list[TestingRound]:
    """Give the rounds whose tubes are at the laboratory, in the order in which they came."""
    mine = TestingRound.objects.filter(outbreak=sending.outbreak, is_generated=True, opened_at__isnull=False)
    return list(mine.select_related("outbreak").order_by("begins_at", "pk"))


def _codes(found: TestingRound, listing: Listing, sending: Sending) -> list[str]:
    lot = TubeLot.objects.filter(round=found).order_by("pk").first()
    return codes_of(lot, most=listing.most_tubes(sending.rehearsal.means.pool_size))


def _rows(listing: Listing, told: Swabbed) -> Ints:
    """Say in which row of the listing the people of each tube live."""
    first = np.unique(told.tube, return_index=True)[1]
    return np.searchsorted(listing.communities, listing.life.city.community[told.people[first]])


def _site(village: str, sites: Sequence) -> int:
    return max((place for place, one in enumerate(sites) if village.startswith(one.area_code)), default=0)


def _seconds(told: Swabbed, tubes: int) -> Ints:
    """Spread the tubes over the hours in which tables are open."""
    return told.tube * (HOURS_OPEN * 3600) // max(tubes, 1)


def _receive(sending: Sending, codes: Sequence[str], now: datetime) -> None:
    by = staff_of(sending.rehearsal, now=now)[Role.LAB_TECHNICIAN]
    for start in range(0, len(codes), chain.receiving.MOST_AT_ONCE):
        some = codes[start : start + chain.receiving.MOST_AT_ONCE]
        chain.receive_tubes(laboratory=_laboratory(sending), tubes=some, by=by, now=now)


def laboratory_code(slug: str) -> str:
    """Name the laboratory of a drill."""
    return f"D-{slug}"[:20].upper()


def _laboratory(sending: Sending) -> Laboratory:
    return Laboratory.objects.get(code=laboratory_code(sending.rehearsal.slug))

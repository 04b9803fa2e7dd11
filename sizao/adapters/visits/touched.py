"""Whose meetings, by stretches and neighbours, can have changed since somebody last looked."""

from collections.abc import Sequence
from typing import Any

from sizao.adapters.visits.meetings import Manner, own_stays
from sizao.adapters.visits.reading import OpenStore, Window
from sizao.adapters.visits.segment_file import MappedSegment
from sizao.engines.presences.companions import meets, ranges
from sizao.engines.presences.stays import own_rows, stays
from sizao.engines.presences.summing import Ints


def touched(store: OpenStore, windows: Sequence[Window], manner: Manner, *, since: int) -> list[Any]:
    """
    List the cases (tokens) whose answers in a manner (`meetings.met`) can differ from those at a mark.

    As `arrivals.affected`, but a piece of any length may make a stretch long enough, and who was at a neighbour
    counts too: a case is listed where what arrived since holds any time of it within its windows, or anybody at a
    place and time of its stays, widened as the manner says.
    """
    known = store.windows_by_number(windows)
    tokens = store.persons.known
    if not 0 <= since <= store.mark:
        return [tokens[number].as_py() for number in known]
    found = []
    for number, within in known.items():
        news = [mapped for entry, mapped in store.segments_during(manner.widened(within)) if entry.arrived > since]
        fresh = own_rows([mapped.segment for mapped in news], number)
        if len(stays(fresh, within, pad_seconds=manner.pad_seconds)):
            found.append(tokens[number].as_py())
            continue
        rows = own_stays(store, number, within, manner).rows
        if any(_meets(mapped, rows, number) for mapped in news):
            found.append(tokens[number].as_py())
    return found


def _meets(mapped: MappedSegment, rows: Ints, number: int) -> bool:
    mapped.will_need(ranges(mapped.segment, rows, least_seconds=1))
    return meets(mapped.segment, rows, number, least_seconds=1)

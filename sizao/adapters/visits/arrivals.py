"""What came in since somebody last looked: which answers can have changed."""

from collections.abc import Sequence
from typing import Any

from sizao.adapters.visits.manifest import SegmentEntry
from sizao.adapters.visits.reading import OpenStore, Window, near
from sizao.adapters.visits.segment_file import MappedSegment
from sizao.engines.presences.companions import Ints, long_enough, meets, own_presences, ranges

Parts = Sequence[tuple[SegmentEntry, MappedSegment]]


def affected(store: OpenStore, windows: Sequence[Window], *, least_seconds: int, since: int) -> list[Any]:
    """
    List the cases (tokens) whose companions can differ from those at a mark.

    A case is listed where what arrived since holds a presence of it long enough in its windows, or somebody who
    met it long enough. Only segments with news are read, and the cases' own few records. A segment that merges
    news with what was known counts as news altogether, so that a case may be listed without need, but none is
    missed. That rows were destroyed (`forget`) is no reason. A mark that this store never gave lists all cases.
    """
    known = store.windows_by_number(windows)
    tokens = store.persons.known
    if not 0 <= since <= store.mark:
        return [tokens[number].as_py() for number in known]
    found = []
    for number, within in known.items():
        parts = store.segments_during(within)
        news = [pair for pair in parts if pair[0].arrived > since]
        if news and _touches(news, parts, number, within, least_seconds):
            found.append(tokens[number].as_py())
    return found


def _touches(news: Parts, parts: Parts, number: int, windows: Ints, least_seconds: int) -> bool:
    fresh = own_presences([mapped.segment for _, mapped in news], number, windows)
    if len(long_enough(fresh, least_seconds)):
        return True
    own = own_presences([mapped.segment for _, mapped in parts], number, windows)
    return any(_meets(mapped, near(own, entry), number, least_seconds) for entry, mapped in news)


def _meets(mapped: MappedSegment, presences: Ints, number: int, least_seconds: int) -> bool:
    mapped.will_need(ranges(mapped.segment, presences, least_seconds=least_seconds))
    return meets(mapped.segment, presences, number, least_seconds=least_seconds)

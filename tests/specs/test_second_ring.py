"""Examples of contacts of contacts: on the plain twin and on the kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.presences import common_sources
from sizao.engines.presences import second_ring as engine
from tests.reference import presences as plain
from tests.specs.test_companions import MINUTE, _seconds, presence_rows, segment_of

title = "Who met a contact after its first exposure"


def test_before_the_first_exposure_nothing_counts(ring):
    """Con was exposed at ten: who met con at nine did not meet a contact."""
    ring(
        presences="""
            person | place | from  | to
            con    | cafe  | 09:00 | 09:30
            early  | cafe  | 09:00 | 09:30
            con    | bank  | 11:00 | 11:30
            late   | bank  | 11:10 | 11:40
        """,
        contacts={"con": ("10:00", "24:00")},
        expect={"late": (20, 1, "con")},
    )


def test_the_stay_is_cut_at_the_first_exposure_and_at_being_set_apart(ring):
    """Con sat there from nine to one, exposed at ten, set apart at noon."""
    ring(
        presences="""
            person | place | from  | to
            con    | cafe  | 09:00 | 13:00
            first  | cafe  | 09:00 | 10:09
            second | cafe  | 11:45 | 12:30
            third  | cafe  | 11:51 | 12:30
        """,
        contacts={"con": ("10:00", "12:00")},
        expect={"second": (15, 1, "con")},
    )


def test_contacts_and_who_is_known_are_left_out(ring):
    """Two contacts meet each other and somebody who is known already."""
    ring(
        presences="""
            person | place | from  | to
            con    | cafe  | 09:00 | 10:00
            other  | cafe  | 09:00 | 10:00
            known  | cafe  | 09:00 | 10:00
        """,
        contacts={"con": ("08:00", "24:00"), "other": ("08:00", "24:00")},
        known={"known"},
        expect={},
    )


def test_short_meetings_with_several_contacts_do_not_make_a_long_one(ring):
    """Six minutes with one and six with another are not ten; time with two at once counts once."""
    ring(
        presences="""
            person | place | from  | to
            con    | cafe  | 09:00 | 09:30
            other  | cafe  | 09:30 | 10:00
            both   | cafe  | 09:24 | 09:36
            long   | cafe  | 09:10 | 09:50
        """,
        contacts={"con": ("08:00", "24:00"), "other": ("08:00", "24:00")},
        expect={"long": (40, 1, "con")},
    )


@pytest.fixture(params=["plain", "kernel"])
def ring(request):
    """Ask for the second ring of meetings of at least ten minutes; compare minutes, meetings and the contact."""

    def run(presences, contacts, expect, known=()):
        _, *lines = [[cell.strip() for cell in line.split("|")] for line in presences.strip().splitlines()]
        people = {name: number for number, name in enumerate(dict.fromkeys(line[0] for line in lines))}
        places = {name: number for number, name in enumerate(dict.fromkeys(line[1] for line in lines))}
        rows = [(people[who], places[where], _seconds(low), _seconds(high)) for who, where, low, high in lines]
        spans = {people[who]: tuple(map(_seconds, span)) for who, span in contacts.items()}
        left_out = {people[who] for who in {*contacts, *known}}
        found = {"plain": plain.second_ring, "kernel": kernel}[request.param](rows, spans, left_out, 10 * MINUTE)
        names = list(people)
        told = {names[who]: (one[0] / MINUTE, one[1], names[min(one[4])]) for who, one in found.items()}
        assert told == expect

    return run


def kernel(rows, contacts, left_out, least, parts=1, shares=1):
    """Lay the rows out in some segments and ask the kernel; the contact comes as a set of one, as the twin's."""
    dated = []
    for part in range(parts):
        if mine := rows[part::parts]:
            times = min(row[2] for row in mine), max(row[3] for row in mine)
            dated.append(common_sources.Dated(segment_of(mine)[0], *times))
    n_persons = max(row[0] for row in rows) + 1
    who = [one for one in contacts if one < n_persons]
    first = engine.Contacts(np.array(who, np.uint32), np.array([contacts[one][0] for one in who], np.int64),
                            np.array([contacts[one][1] for one in who], np.int64))  # fmt: skip
    gathered = engine.presences_of(dated, first, least_seconds=least)
    unwanted = np.isin(np.arange(n_persons), list(left_out))
    rooms = []
    for share in engine.shares(gathered, shares):
        rooms.append(engine.Room(n_persons))
        engine.sweep(dated, share, rooms[-1], left_out=unwanted, least_seconds=least)
    found = engine.summed(rooms) if rooms else engine.nobody()
    columns = (found.person, found.seconds, found.meetings, found.first, found.last, found.contact)
    return {
        row[0]: (*row[1:-1], {row[-1]}) for row in zip(*(one.tolist() for one in columns), strict=True)
    }  # fmt: skip


def agree(found, wanted):
    assert found.keys() == wanted.keys()
    for who, told in found.items():
        assert told[:4] == wanted[who][:4]
        assert told[4] <= wanted[who][4]


class TestGenerated:
    @settings(max_examples=400, deadline=None)
    @given(presence_rows, st.dictionaries(st.integers(0, 3), st.tuples(st.integers(0, 30), st.integers(0, 60)),
                                          min_size=1), st.sets(st.integers(0, 5)), st.integers(0, 8),
           st.integers(1, 3), st.integers(1, 3))  # fmt: skip
    def test_the_kernel_agrees_with_its_twin(self, rows, contacts, known, least, parts, shares):
        rows = sorted(set(rows))
        left_out = known | set(contacts)
        agree(
            kernel(rows, contacts, left_out, least, parts, shares), plain.second_ring(rows, contacts, left_out, least)
        )

    @pytest.mark.parametrize("parts", [1, 3])
    def test_many_records_agree_too(self, parts):
        rng = np.random.default_rng(parts)
        n = 6_000
        start = rng.integers(0, 20_000, n)
        end = start + np.where(rng.random(n) < 0.02, 9_000, rng.integers(1, 400, n))
        rows = sorted(set(zip(rng.integers(0, 900, n).tolist(), rng.integers(0, 9, n).tolist(),
                              start.tolist(), end.tolist(), strict=True)))  # fmt: skip
        contacts = {who: (1_000 * who, 15_000 + 500 * who) for who in range(8)}
        wanted = plain.second_ring(rows, contacts, set(contacts), 120)
        assert len(wanted) > 100
        agree(kernel(rows, contacts, set(contacts), 120, parts, shares=4), wanted)

"""Acts on a directive may arrive in any order and any number of times: one state comes of them."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.errors import SizaoError
from sizao.records.models import DirectiveAct, DirectivePart
from sizao.response.tasks import directives
from sizao.response.tasks.directives.standing import Standing
from sizao.terms import PART_MOVES, DirectiveActKind, PartState
from tests.response.directives_world import CITY, NOW, PROVINCE, Province, part_of

DOING = [str(DirectiveActKind.RECEIVED), str(DirectiveActKind.PROGRESS), str(DirectiveActKind.CLOSED)]
STATES = {str(one): one for one in PartState}
kinds = st.sampled_from([*map(str, DirectiveActKind)])
acts = st.lists(st.tuples(kinds, st.integers(1, 6), st.integers(0, 9)), min_size=1, max_size=8)


def act(number, kind, hour, count):
    moment = NOW + timedelta(hours=hour)
    return DirectiveAct(
        kind=kind, happened_at=moment, recorded_at=moment, made_name=f"n{number}", version=1, n_done=count,
        signed_as=f"s{number}", source_key=f"k{number}", checks=[count],
    )  # fmt: skip


def plain(told, withdrawn_hour):
    """Walk the table of moves, one act after the other: the slow twin."""
    state, done = PartState.ISSUED, None
    for _, one in sorted(
        (((hour, f"k{number}"), (kind, hour, count)) for number, (kind, hour, count) in enumerate(told))
    ):
        kind, hour, count = one
        if withdrawn_hour is not None and hour >= withdrawn_hour:
            continue
        if state == PartState.ACCEPTED:
            continue
        if kind in DOING:
            done = count
            state = PartState.RECEIVED if state == PartState.ISSUED else state
        wanted = STATES.get(kind)
        if wanted in PART_MOVES[state]:
            state = wanted
    if withdrawn_hour is not None and state != PartState.ACCEPTED:
        state = PartState.WITHDRAWN
    return state, done


class TestAnyOrder:
    @given(told=acts, data=st.data(), withdrawn=st.none() | st.integers(1, 6))
    def test_gives_one_state_by_the_table_of_moves(self, told, data, withdrawn):
        made = [act(number, *one) for number, one in enumerate(told)]
        gone = None if withdrawn is None else NOW + timedelta(hours=withdrawn)
        mixed = data.draw(st.permutations(made + made[: len(made) // 2]))
        stood = directives.follow(mixed, withdrawn_at=gone)
        assert stood == directives.follow(made, withdrawn_at=gone)
        assert (stood.state, stood.n_done) == plain(told, withdrawn)

    def test_of_nothing_is_not_yet_received(self):
        assert directives.follow([]) == Standing()


@pytest.mark.django_db
class TestArriving:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_in_any_order_and_again_leaves_one_part(self, transaction_each, data):
        """A device without a signal sends what it kept, late, mixed and twice; a refused act is sent again later."""
        with transaction_each():
            world = Province()
            made = world.issue(areas=(CITY,))
            part = part_of(made, CITY)
            sent = [("receive", 1), ("report", 2), ("close", 3), ("accept", 9), ("report", 4)]
            waiting = data.draw(st.permutations(sent + sent[:3]))
            for _ in range(3):
                waiting = [one for one in waiting if not _arrives(world, part, *one)]
            assert not waiting
            found = DirectivePart.objects.get(pk=part.pk)
            assert (found.state, found.received_at, found.closed_at, found.n_done) == (
                PartState.ACCEPTED, NOW + timedelta(hours=1), NOW + timedelta(hours=3), 40,
            )  # fmt: skip
            assert DirectiveAct.objects.filter(part=part).count() == 5
            assert directives.by_level(made, PROVINCE, as_of=NOW + timedelta(hours=10))[0][1].accepted == 1


@pytest.fixture
def transaction_each(db):
    from contextlib import contextmanager

    from django.db import transaction

    @contextmanager
    def rolled_back():
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return rolled_back


def _arrives(world, part, what, hour):
    now, at = NOW + timedelta(hours=9), NOW + timedelta(hours=hour)
    key = {"part": part, "by": world.city, "now": now, "source_key": f"{what}{hour}", "happened_at": at}
    try:
        match what:
            case "receive":
                directives.receive(answers_for="张三", **key)
            case "report":
                directives.report(told=directives.Told(n_done=hour * 10, n_total=90), **key)
            case "close":
                directives.close(told=directives.Told(text="done", checks=(0, 1)), signed_as="张三", **key)
            case "accept":
                directives.accept(part=part, by=world.commander, now=now, source_key="accept")
    except SizaoError:
        return False
    return True

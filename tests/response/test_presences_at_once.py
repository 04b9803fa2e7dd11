"""Presences that arrive at once, from processes of their own, some of them killed: nothing is lost, nothing twice."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from django.db import connection

from sizao.adapters.visits import VisitStore, verify
from sizao.cli import start
from sizao.records.models import PresenceBatch
from sizao.response import tracing
from sizao.response.tracing import presences
from tests.response.presence_world import NOW, at, found, world

pytestmark = pytest.mark.django_db(transaction=True)

SENDERS, BATCHES, ROWS = 3, 8, 40
# One sender: it sends batch after batch and says each that was acknowledged.
SENDER = """
    import sys
    from pathlib import Path
    from sizao.cli import start
    start.django_ready()
    from datetime import datetime
    import pyarrow as pa
    from django.conf import settings
    from sizao.records.models import Outbreak
    from sizao.response import tracing
    settings.PRESENCES_DIR = Path(sys.argv[1])
    outbreak = Outbreak.objects.get()
    for number in range({batches}):
        who = [f"P-{{sys.argv[2]}}-{{number}}-{{row}}" for row in range({rows})]
        spans = [{start} + 60 * row for row in range({rows})]
        ends = [one + 1200 for one in spans]
        rows = pa.table({{"number": who, "place": ["shop"] * {rows}, "start": spans, "end": ends}})
        tracing.receive(
            outbreak=outbreak, source=sys.argv[2], source_key=f"{{sys.argv[2]}}:{{number}}", rows=rows, by=None,
            now=datetime.fromisoformat("{now}"),
        )
        print(number, flush=True)
"""


class TestAtOnce:
    def test_every_batch_is_there_once_though_senders_are_killed(self, here, settings):
        trace = here.ask()
        senders = [self._start(settings, name) for name in range(SENDERS)]
        said = [sender.stdout.readline() for sender in senders]  # each has had one batch acknowledged
        assert said == ["0\n"] * SENDERS, senders[0].stderr.read()
        senders[0].send_signal(signal.SIGKILL)
        loops = 0
        while any(sender.poll() is None for sender in senders):
            tracing.advance(outbreak=here.outbreak, now=NOW)  # the loop asks while batches arrive
            loops += 1
            time.sleep(0.02)
        assert loops
        assert [sender.wait() for sender in senders] == [-signal.SIGKILL, 0, 0]
        self._finish(settings, 0)
        tracing.advance(outbreak=here.outbreak, now=NOW)
        keys = {f"{name}:{number}" for name in range(SENDERS) for number in range(BATCHES)}
        assert set(PresenceBatch.objects.exclude(source="venue").values_list("source_key", flat=True)) == keys
        store = presences.store_of(here.outbreak)
        assert VisitStore(store).manifest.rows == SENDERS * BATCHES * ROWS + 1
        assert verify(store) == []
        assert len(found(trace)) == SENDERS * BATCHES * ROWS
        assert PresenceBatch.objects.filter(rows_taken=ROWS).count() == SENDERS * BATCHES

    def _start(self, settings, name):
        code = textwrap.dedent(SENDER).format(batches=BATCHES, rows=ROWS, start=at("10:00"), now=NOW.isoformat())
        database = os.environ["DATABASE_URL"].replace("/sizao?", f"/{connection.settings_dict['NAME']}?")
        return subprocess.Popen(
            [sys.executable, "-c", code, str(settings.PRESENCES_DIR), str(name)], cwd=start.ROOT,
            env=os.environ | {"DATABASE_URL": database}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _finish(self, settings, name):
        """Send all again, as a sender does that was stopped: what is there stays as it is."""
        sender = self._start(settings, name)
        _, errors = sender.communicate(timeout=300)
        assert sender.returncode == 0, errors


@pytest.fixture
def here(transactional_db):
    one = world()
    one.send(("P-CASE", "shop", at("09:00"), at("21:00")))
    return one

"""A drill whose process is killed in the middle of a day: nothing that was over is lost, and nothing is done twice."""

import os
import signal
import subprocess
import sys
from datetime import time
from pathlib import Path

import psycopg.conninfo
import pytest
from django.db import connection
from django.test import override_settings

from sizao.drill.rehearsal import run, steering
from sizao.records import clock
from tests.drill.test_rehearsal import apart, begun, told

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
IN_THE_MIDDLE = "in the middle of the day"
# Lives a day, comes to the next morning, and hangs where officers work: a day's transaction is open then.
CHILD = f"""
import sys, time
from pathlib import Path
from sizao.cli import start
start.django_ready()
from django.conf import settings
settings.PRESENCES_DIR = Path(sys.argv[1])
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from sizao.drill.rehearsal import officers
from tests.drill.test_rehearsal import begun
running = begun()
running.carry()
running.wake()
work = officers.work
def hang(office, now, roles):
    work(office, now, roles)
    print({IN_THE_MIDDLE!r}, flush=True)
    time.sleep(600)
officers.work = hang
running.carry()
"""


def test_goes_on_as_if_nothing_had_happened(tmp_path):
    def straight():
        run.run(begun(), until=2, tell=lambda *_: None)
        return told()

    expected = apart(tmp_path / "straight", straight)
    _live_until_killed(tmp_path / "killed")
    with override_settings(PRESENCES_DIR=tmp_path / "killed"):
        again = begun()
        assert again.next_day == steering.days_done(again.outbreak) == 1
        assert again.is_awake
        morning = again.life.moment(1, time(again.rehearsal.habits.morning_hour))
        assert clock.present(again.outbreak, again.life.moment(0)) == morning
        run.run(again, until=2, tell=lambda *_: None)
        assert told() == expected


def _live_until_killed(folder):
    database = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], cwd=ROOT, env=os.environ | {"DATABASE_URL": database},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stdout.readline().strip() == IN_THE_MIDDLE
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()

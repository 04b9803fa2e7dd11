"""
Two installations exchange requests over HTTPS with each other's keys, and each is killed in the middle.

Two real servers with databases of their own. Whatever one side acknowledged is there once; what it did not is given
again.
"""

import datetime as dt
import http.client
import json
import os
import random
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sizao.cli import clock
from tests.api.exchange_side import PEOPLE, REQUESTS
from tests.serving import SIZAO, data_folder, free_port, surroundings

ROOT = Path(__file__).resolve().parents[2]
KILLS = 2


class Installation:
    """One side: a folder, a port, a certificate, and a server that is started and killed."""

    def __init__(self, folder, area):
        self.folder, self.port, self.area, self.server = folder, free_port(), area, None
        self.certificate, self.key_file = certificate(folder)
        self.address = f"https://127.0.0.1:{self.port}"
        self.around = surroundings(folder) | {
            "SIDE_AREA": area, "SIDE_CERTIFICATE": str(self.certificate), "SIDE_KEY": str(self.key_file),
            "SIDE_PORT": str(self.port),
        }  # fmt: skip

    def tell(self, *words):
        done = subprocess.run([SIZAO, *words], env=self.around, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def act(self, name):
        command = [sys.executable, "-m", "tests.api.exchange_side", name]
        done = subprocess.run(command, env=self.around, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self):
        command = [sys.executable, "-m", "tests.api.exchange_side", "serve"]
        log = (self.folder / "run.log").open("ab")
        self.server = subprocess.Popen(
            command, env=self.around, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
        )
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = False
        for _ in range(1500):
            if self.server.poll() is not None:
                break
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=context)
            try:
                connection.request("GET", "/api/openapi.json")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.2)
            finally:
                connection.close()
        raise AssertionError((self.folder / "run.log").read_text(encoding="utf-8")[-3000:])

    def kill(self):
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait(30)

    def deliver(self):
        return subprocess.Popen(
            [SIZAO, "exchange", "deliver"], env=self.around, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )


def test_both_sides_come_to_the_same_though_each_was_killed(two):
    asking, answering = two
    dice = random.Random(7)
    asking.act("ask")
    killed_while_delivering(asking, answering, dice)
    assert delivered(asking)["waiting"] == 0
    assert set(answering.act("look")["states"].values()) == {"received"}

    answering.act("answer")
    killed_while_delivering(answering, asking, dice)
    answered, asked = delivered(answering), delivered(asking)
    assert len(asked["states"]) == REQUESTS
    assert asked["states"] == answered["states"] == dict.fromkeys(asked["states"], "answered")
    assert asked["answers"] == answered["answers"]
    assert len(asked["answers"]) == REQUESTS * PEOPLE
    assert (asked["given"], answered["given"]) == (answered["taken"], asked["taken"])


def killed_while_delivering(giving, taking, dice):
    """Let one side deliver while the other is killed and started again, and kill the delivering process too."""
    for _ in range(KILLS):
        running = giving.deliver()
        time.sleep(dice.uniform(0.5, 3))
        taking.kill()
        if dice.random() < 0.5:
            running.kill()
        running.wait(60)
        taking.start()


def delivered(side):
    """Deliver until nothing waits: what failed is tried again after a while, what a killed process held too."""
    for _ in range(60):
        side.deliver().wait(60)
        told = side.act("look")
        if not told["waiting"]:
            return told
        time.sleep(5)
    return told


@pytest.fixture
def two():
    with data_folder() as asking, data_folder() as answering:
        yield from _served([Installation(asking, "1301"), Installation(answering, "4101")])


def _served(sides):
    try:
        for one in sides:
            one.start()
            one.act("officer")
        for one, other in (sides, sides[::-1]):
            one.tell(
                "exchange", "add", f"疾控中心 {other.area}", "--area", other.area, "--address", other.address,
                "--key", other.tell("exchange", "key"), "--certificate", str(other.certificate),
            )  # fmt: skip
        yield sides
    finally:
        for one in sides:
            if one.server and one.server.poll() is None:
                one.kill()
            database = one.folder / "postgres" / "postmaster.pid"
            if database.exists():
                os.kill(int(database.read_text().splitlines()[0]), signal.SIGINT)


def certificate(folder):
    """Make a certificate that nobody vouches for, as an office without a public name would."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sizao.test")])
    day = clock.now()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(day - dt.timedelta(days=1))
        .not_valid_after(day + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "cert.pem", folder / "cert.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths

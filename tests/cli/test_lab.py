"""Laboratories at the terminal and over MLLP: real sockets, real messages, real connections to the database."""

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sizao.cli import clock, main
from sizao.cli.lab_listener import END, START, listener
from sizao.records.models import ApiToken, LabMessage, LabOddity, LabReading, LabRun
from sizao.response import accounts
from sizao.terms import LabOddityKind, Reading, Right
from tests import factories
from tests.response.laboratory_world import KIT, Laboratory, quantstudio

ORDER = "OBR|{n}|{n}|{tube}^LIS|94500-6^SARS-CoV-2 RNA^LN|||20210220103000\r"
CT = "OBX|{n}|NM|{code}||{ct}|||||F\r"


def message(control, *tubes, kind="ORU^R01^ORU_R01", ct="28.5", extra=""):
    """Write a message of results: for each tube the Ct of both genes and of the internal control."""
    text = f"MSH|^~\\&|LIS|LAB1|SIZAO|CDC|20210220110000||{kind}|{control}|P|2.5.1|||||CHN|UNICODE UTF-8\r"
    for n, tube in enumerate(tubes, start=1):
        text += f"PID|{n}||13010919800101001^^^CN||王^小明\r" + ORDER.format(n=n, tube=tube)
        genes = (("94511-3^ORF1ab^LN", ct), ("94510-5^N^LN", ct), ("IC^IC^L", "27.1"))
        text += "".join(CT.format(n=k, code=code, ct=value) for k, (code, value) in enumerate(genes, start=1))
    return text + extra


def said(answer):
    """Give the code, the control number and the sentence of an answer."""
    msa = next(segment for segment in answer.split("\r") if segment.startswith("MSA"))
    return (msa.split("|") + [""])[1:4]


@pytest.fixture
def world(transactional_db):
    return Laboratory()


@contextmanager
def listening(world, **more):
    now = clock.now()
    _, secret = accounts.give_token(
        account=world.technician, label="LIS", rights=[Right.LAB_WORK], expires_at=now + timedelta(days=1), by=None,
        now=now,
    )  # fmt: skip
    facts = {
        "code": "GC-1",
        "secret": secret,
        "kit": KIT,
        "address": ("127.0.0.1", 0),
        "certificate": None,
        "key": None,
    }
    with listener(**facts | more) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address
        finally:
            server.shutdown()
            thread.join()


class Sender:
    """The other end of the line."""

    def __init__(self, address, wrap=None):
        self.socket = socket.create_connection(address, timeout=30)
        if wrap:
            self.socket = wrap(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.socket.close()

    def send(self, text):
        self.socket.sendall(START + text.encode() + END)
        held = b""
        while not held.endswith(END):
            chunk = self.socket.recv(65536)
            assert chunk, "the line went dead"
            held += chunk
        return said(held[1 : -len(END)].decode())


@pytest.mark.django_db(transaction=True)
class TestListen:
    def test_takes_results_and_says_so(self, world):
        with listening(world) as address, Sender(address) as sender:
            code, control, sentence = sender.send(message("M1", *world.tubes[:2]))
        assert (code, control) == ("AA", "M1")
        assert "2 of 2" in sentence
        assert set(LabReading.objects.values_list("tube", "found")) == {
            (tube, Reading.POSITIVE) for tube in world.tubes[:2]
        }
        run = LabRun.objects.get()
        assert (run.recorded_by, run.n_readings) == (world.technician.username, 2)
        # Who is in the tube is left aside, wherever a system writes it.
        assert not LabOddity.objects.filter(sent__isnull=False).exists()

    def test_answers_a_message_once_and_gathers_many_into_one_run(self, world):
        with listening(world) as address, Sender(address) as sender:
            first = message("M1", world.tubes[0])
            assert sender.send(first)[0] == "AA"
            again = sender.send(first)
            assert (again[0], LabReading.objects.count()) == ("AA", 1)
            assert "nothing was changed" in again[2]
            assert sender.send(message("M2", world.tubes[1]))[0] == "AA"
            assert sender.send(message("M1", world.tubes[2]))[0] == "AE"
        assert LabMessage.objects.count() == 2
        assert LabReading.objects.values("run").distinct().count() == 1

    def test_refuses_in_a_sentence_and_changes_nothing(self, world):
        wrong = {
            message("M1", world.tubes[0], kind="ADT^A01"): "AR",
            "no message at all": "AR",
            message("", world.tubes[0]): "AR",
            message("M2"): "AE",
            "": "AR",
        }
        with listening(world) as address, Sender(address) as sender:
            for text, code in wrong.items():
                told = sender.send(text)
                assert told[0] == code
                assert told[2]
        assert not LabMessage.objects.exists()
        assert not LabRun.objects.exists()

    def test_keeps_in_the_queue_what_it_cannot_read(self, world):
        mistyped = world.tubes[1][:-1] + str((int(world.tubes[1][-1]) + 1) % 10)
        with listening(world) as address, Sender(address) as sender:
            assert sender.send(message("M1", world.tubes[0], mistyped, ct="28.5"))[0] == "AA"
            assert sender.send(message("M2", world.tubes[2], ct="2O.5"))[0] == "AA"
            assert sender.send(message("M3", mistyped))[0] == "AA"
        assert sorted(LabOddity.objects.values_list("kind", flat=True)) == [
            LabOddityKind.UNREADABLE_ROW, LabOddityKind.UNREADABLE_TUBE, LabOddityKind.UNREADABLE_TUBE,
        ]  # fmt: skip

    def test_takes_words_where_there_are_no_cycles(self, world):
        text = (
            message("M1").rstrip("\r")
            + "\r"
            + ORDER.format(n=1, tube="")
            + (f"OBX|1|CWE|94500-6^RNA^LN||260415000^Not detected^SCT|||N|||F\rSPM|1|{world.tubes[0]}&LIS\r")
        )
        with listening(world, kit=None) as address, Sender(address) as sender:
            assert sender.send(text)[0] == "AA"
        assert LabReading.objects.get().found == Reading.NEGATIVE

    def test_hears_nothing_of_a_message_that_breaks_off(self, world):
        whole = START + message("M1", *world.tubes).encode() + END
        with listening(world) as address:
            for size in (1, 40, len(whole) // 2, len(whole) - 1):
                with Sender(address) as sender:
                    sender.socket.sendall(whole[:size])
            with Sender(address) as sender:
                assert sender.send("nothing")[0] == "AR"  # the others have been read by then, or never are
                assert not LabRun.objects.exists()
                assert sender.send(message("M1", *world.tubes))[0] == "AA"
        assert LabReading.objects.count() == len(world.tubes)

    def test_listens_to_several_at_once(self, world):
        def send(place):
            with Sender(address) as sender:
                return sender.send(message(f"M{place % 4}", world.tubes[place % 4]))[0]

        with listening(world) as address, ThreadPoolExecutor(8) as pool:
            assert set(pool.map(send, range(12))) == {"AA"}
        assert LabReading.objects.count() == 4
        assert LabMessage.objects.count() == 4

    def test_stops_listening_when_its_token_ends(self, world):
        with listening(world) as address, Sender(address) as sender:
            assert sender.send(message("M1", world.tubes[0]))[0] == "AA"
            accounts.revoke_token(token=ApiToken.objects.get(), by=None, now=clock.now())
            assert sender.send(message("M2", world.tubes[1]))[0] == "AR"
        assert LabReading.objects.count() == 1

    def test_speaks_tls(self, world, tmp_path):
        certificate, key = certified(tmp_path)
        trust = ssl.create_default_context(cafile=certificate)

        def wrap(plain):
            return trust.wrap_socket(plain, server_hostname="localhost")

        with listening(world, certificate=certificate, key=key) as address, Sender(address, wrap) as sender:
            assert sender.send(message("M1", world.tubes[0]))[0] == "AA"


def certified(folder):
    """Make a certificate of this test's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(made)
        .not_valid_after(made + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(secret)
    return folder / "certificate.pem", folder / "key.pem"


@pytest.mark.django_db
class TestCommands:
    def run(self, *words):
        return CliRunner().invoke(main, ["lab", *map(str, words)])

    def test_take_in_a_file_once(self, noise, tmp_path):
        world = Laboratory()
        file = tmp_path / "run.txt"
        file.write_text(quantstudio(world.tubes), encoding="utf-8")
        words = ("read", file, "--laboratory", "GC-1", "--kit", "orf1ab-n", "--by", world.technician.username)
        first, again = self.run(*words), self.run(*words)
        assert "(recorded): 4 tubes, 0 positive" in first.output
        assert "(known already)" in again.output
        assert LabRun.objects.count() == 1

    def test_register_and_list(self, noise):
        world = Laboratory()
        words = ("add", "GC-9", "--name", "九号", "--area", "130109", "--tubes-per-hour", 500, "--by")
        assert self.run(*words, world.coordinator.username).exit_code == 0
        assert "GC-9\t九号\t130109\t500\t0" in self.run("list").output
        refused = self.run(*words, factories.account().username)
        assert refused.exit_code == 1
        assert "Your role" in refused.output

    def test_list_kits(self):
        assert "orf1ab-n\tORF1ab, N\tCt 40\tUnverified" in self.run("kits").output

"""A laboratory on screen: tubes into a plate, a file in, a second person signs, what is odd is settled."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sizao.records.models import LabOddity, LabRun, Plate
from sizao.terms import OutbreakKind, Role
from tests.response.laboratory_world import Laboratory, quantstudio
from tests.response.testing_world import COUNTY, ELSEWHERE

pytestmark = pytest.mark.django_db
DAY = date(2021, 2, 20)


@pytest.fixture
def world(noise):
    return Laboratory(kind=OutbreakKind.REPLAY)


@pytest.fixture
def technician(world, client_of):
    return client_of(Role.LAB_TECHNICIAN, COUNTY)


@pytest.fixture
def reviewer(world, client_of):
    return client_of(Role.LAB_REVIEWER, COUNTY)


@pytest.fixture
def at(world):
    def address(path):
        return f"/{path}?outbreak={world.outbreak.slug}&day={DAY}"

    return address


def shown(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def upload(text, **more):
    return {"what": "file", "file": SimpleUploadedFile("run.txt", text.encode()), "kit": "orf1ab-n", **more}


class TestLaboratories:
    def test_are_registered_by_a_coordinator(self, world, client_of, at):
        form = {"code": "nw-1", "name": "新检验所", "area_code": COUNTY, "tubes_per_hour": "400"}
        planner = client_of(Role.TESTING_COORDINATOR, COUNTY)
        page = shown(planner.post(at("laboratories/"), form, follow=True))
        assert "Registered: NW-1." in page
        assert "GC-1检验所" in page
        assert "already" in shown(planner.post(at("laboratories/"), form))

    def test_read_another_number_from_now_on(self, world, client_of, at):
        planner = client_of(Role.TESTING_COORDINATOR, COUNTY)
        form = {"what": "capacity", "laboratory": "GC-1", "tubes_per_hour": "2500"}
        assert "GC-1 reads 2500 tubes an hour from now on." in shown(
            planner.post(at("laboratories/"), form, follow=True)
        )
        assert "already" in shown(planner.post(at("laboratories/"), form))
        assert client_of(Role.REPORTER, COUNTY).post(at("laboratories/"), form).status_code == 403

    def test_of_another_area_are_not_there(self, world, client_of, at):
        assert client_of(Role.LAB_TECHNICIAN, ELSEWHERE).get(at("laboratories/GC-1/")).status_code == 404
        assert client_of(Role.REPORTER, COUNTY).get(at("laboratories/GC-1/")).status_code == 403


class TestWork:
    def test_goes_from_a_file_to_a_second_signature(self, world, technician, reviewer, at):
        assert world.tubes[0] in shown(technician.get(at("laboratories/GC-1/")))
        file = quantstudio(world.tubes, positive=world.tubes[:1])
        page = shown(technician.post(at("laboratories/GC-1/"), upload(file), follow=True))
        assert "Recorded in your name: 4 tubes, 0 to be checked." in page
        assert "another person releases it" in page
        run = LabRun.objects.get()
        assert "recorded before" in shown(technician.post(at("laboratories/GC-1/"), upload(file), follow=True))
        waits = shown(reviewer.get(at("laboratories/GC-1/")))
        assert "<b>1</b> run waits" in waits
        page = shown(reviewer.get(at(f"lab-runs/{run.pk}/")))
        assert "Release in my name" in page
        assert page.index(world.tubes[0]) < page.index(world.tubes[1])  # the positive stands first
        done = shown(reviewer.post(at(f"lab-runs/{run.pk}/release/"), {"seen": "4"}, follow=True))
        assert "Released in your name." in done
        assert set(world.results().values()) == {"positive", "negative"}
        again = shown(reviewer.post(at(f"lab-runs/{run.pk}/release/"), {"seen": "4"}, follow=True))
        assert "is Released already" in again
        back = shown(reviewer.post(at(f"lab-runs/{run.pk}/withdraw/"), {"reason": "mixed up"}, follow=True))
        assert "Withdrawn in your name." in back
        assert world.results() == {}

    def test_by_hand_is_one_run_however_often_it_is_sent(self, world, technician, at):
        form = {"what": "hand", "source_key": "k1", "found": "negative", "tubes": "\n".join(world.tubes)}
        for _ in range(2):
            shown(technician.post(at("laboratories/GC-1/"), form, follow=True))
        assert (LabRun.objects.count(), LabRun.objects.get().n_readings) == (1, 4)
        cycles = {"what": "hand", "source_key": "k2", "found": "negative", "tubes": world.tubes[0], "kit": "orf1ab-n",
                  "ct": "ORF1ab 28.1，N=27.4; IC 29"}  # fmt: skip
        shown(technician.post(at("laboratories/GC-1/"), cycles, follow=True))
        assert LabRun.objects.latest("pk").n_positive == 1

    @pytest.mark.parametrize(
        "form",
        [
            {"what": "hand", "tubes": ""},
            {"what": "hand", "tubes": "1", "ct": "ORF1ab much"},
            {"what": "file"},
            {"what": "hand", "tubes": "1 2", "found": "", "ct": ""},
        ],
    )
    def test_says_what_cannot_be_entered(self, world, technician, at, form):
        page = shown(technician.post(at("laboratories/GC-1/"), form))
        assert "laboratory" in page
        assert not LabRun.objects.exists()

    def test_never_shows_who_is_in_a_tube(self, world, technician, at):
        shown(technician.post(at("laboratories/GC-1/"), upload(quantstudio(world.tubes)), follow=True))
        run = LabRun.objects.get()
        for path in ("laboratories/GC-1/", f"lab-runs/{run.pk}/", "laboratories/GC-1/queue/"):
            page = shown(technician.get(at(path)))
            assert "王1" not in page
            assert "130109198001" not in page


class TestPlates:
    def test_are_scanned_in_order_and_shown_as_a_map(self, world, technician, at):
        form = {"code": "P7", "tubes": "\n".join([*world.tubes, "nc", "PC"])}
        page = shown(technician.post(at("laboratories/GC-1/plates/"), form, follow=True))
        assert "The plate is kept." in page
        made = Plate.objects.get()
        assert made.wells[:6] == [*world.tubes, "NC", "PC"]
        assert world.tubes[3] in shown(technician.get(at(f"lab-plates/{made.pk}/")))

    def test_say_what_is_wrong_and_keep_what_was_scanned(self, world, technician, at):
        page = shown(technician.post(at("laboratories/GC-1/plates/"), {"code": "P7", "tubes": "123"}))
        assert "123 in A1 is no code of a tube" in page
        assert not Plate.objects.exists()


class TestQueue:
    def test_settles_with_the_right_code(self, world, technician, at):
        wrong = world.tubes[0][:-1] + str((int(world.tubes[0][-1]) + 1) % 10)
        form = {"what": "hand", "source_key": "k1", "found": "positive", "tubes": wrong}
        shown(technician.post(at("laboratories/GC-1/"), form, follow=True))
        one = LabOddity.objects.get()
        assert wrong in shown(technician.get(at("laboratories/GC-1/queue/")))
        refused = shown(technician.post(at("laboratories/GC-1/queue/"), {"oddity": one.pk}, follow=True))
        assert "right code of the tube" in refused
        settled = {"oddity": one.pk, "tube": world.tubes[0]}
        assert "Settled in your name." in shown(technician.post(at("laboratories/GC-1/queue/"), settled, follow=True))
        assert LabRun.objects.latest("pk").n_positive == 1

    def test_says_in_the_readers_language_why_a_row_waits(self, world, technician, at):
        changes = {("A1", "N"): "2O.5"}.items()
        shown(technician.post(at("laboratories/GC-1/"), upload(quantstudio(world.tubes, changes=changes)), follow=True))
        form = {"what": "hand", "source_key": "k1", "found": "negative", "tubes": world.tubes[1], "kit": "orf1ab-n"}
        shown(technician.post(at("laboratories/GC-1/"), {**form, "ct": "ORF1ab 28.1"}, follow=True))
        said = {
            "en": ("“2O.5” is no cycle threshold", "the gene N of the kit is missing"),
            "zh-hans": ("“2O.5”不是Ct值", "缺少试剂盒的基因N"),
        }
        for language, other in (("en", "zh-hans"), ("zh-hans", "en")):
            technician.cookies["django_language"] = language
            page = shown(technician.get(at("laboratories/GC-1/queue/")))
            assert all(one in page for one in said[language])
            assert not any(one in page for one in said[other])

    def test_lets_only_a_reviewer_correct_a_result(self, world, technician, reviewer, at):
        for key, found in (("k1", "negative"), ("k2", "positive")):
            form = {"what": "hand", "source_key": key, "found": found, "tubes": world.tubes[0]}
            shown(technician.post(at("laboratories/GC-1/"), form, follow=True))
            shown(reviewer.post(at(f"lab-runs/{LabRun.objects.latest('pk').pk}/release/"), {}, follow=True))
        one = LabOddity.objects.get(kind="contradiction")
        assert "correct the result" not in shown(technician.get(at("laboratories/GC-1/queue/")))
        assert "correct the result" in shown(reviewer.get(at("laboratories/GC-1/queue/")))
        takes = {"oddity": one.pk, "takes": "1"}
        shown(technician.post(at("laboratories/GC-1/queue/"), takes, follow=True))
        assert world.results() == {world.tubes[0]: "negative"}
        shown(reviewer.post(at("laboratories/GC-1/queue/"), takes, follow=True))
        assert world.results() == {world.tubes[0]: "positive"}

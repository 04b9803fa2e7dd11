"""Boxes on screen: packed and handed over by devices, listed with their clocks, received at a desk."""

import json
from datetime import date, timedelta

import pytest

from sizao.records.models import HandOver, LabOddity, SampleBox, TubeStep
from sizao.terms import OutbreakKind, Role, TubeStepKind
from tests.response.chain_world import ChainWorld
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    world = ChainWorld(kind=OutbreakKind.REPLAY)
    world.outbreak.last_date = date(2021, 2, 25)
    world.outbreak.save()
    return world


def at(world, path, **more):
    asked = "".join(f"&{key}={value}" for key, value in more.items())
    return f"/testing/{path}?outbreak={world.outbreak.slug}&day=2021-02-21{asked}"


def shown(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def send(somebody, world, body):
    return somebody.post(
        at(world, f"{world.round.pk}/boxes/acts/"), body if isinstance(body, str) else json.dumps(body),
        content_type="application/json", headers={"accept": "application/json"},
    )  # fmt: skip


def sent(*acts):
    return {"sent_at": "2021-02-21T23:59:59.999999+08:00", "acts": list(acts)}


def act(key, what, box, **facts):
    return {"key": key, "act": what, "box": box.code, "happened_at": NOW.isoformat()} | facts


class TestDesks:
    @pytest.mark.parametrize(("page", "words"), [("pack", "Close this box"), ("carry", "Plate number of the vehicle")])
    def test_are_for_who_carries(self, world, client_of, page, words):
        address = at(world, f"{world.round.pk}/{page}/")
        assert words in shown(client_of(Role.COURIER, COUNTY).get(address))
        assert client_of(Role.COURIER, ELSEWHERE).get(address).status_code == 404
        assert client_of(Role.GRID_WORKER, COUNTY).get(address).status_code == 403

    def test_have_a_worker_that_keeps_them(self, world, client_of):
        script = client_of(Role.COURIER, COUNTY).get("/testing/worker.js").content.decode()
        assert "/static/web/testing-boxes.js" in script
        assert "/static/web/outbox.js" in script

    def test_send_what_was_done_and_hear_of_each(self, world, client_of):
        box, [code] = world.boxes[0], world.filled(1)
        acts = sent(
            act("a", "put_in", box, tube=code, site=world.site.pk),
            act("b", "closed", box, site=world.site.pk),
            act("c", "handed_over", box, kind="picked_up", vehicle="冀A12345", giver="李四"),
            act("d", "handed_over", SampleBox(code="B1"), kind="picked_up"),
        )
        sampler = client_of(Role.SAMPLER, COUNTY)
        told = send(sampler, world, acts).json()["acts"]
        assert [(one["key"], one["answer"]) for one in told] == [
            ("a", "taken"), ("b", "taken"), ("c", "taken"), ("d", "queued"),
        ]  # fmt: skip
        assert told[0]["n_tubes"] == 1
        assert [one["answer"] for one in send(sampler, world, acts).json()["acts"]] == [
            "repeated", "repeated", "repeated", "queued",
        ]  # fmt: skip
        picked = HandOver.objects.get(kind="picked_up")
        assert (picked.vehicle, picked.giver, picked.happened_at) == ("冀A12345", "李四", NOW)

    @pytest.mark.parametrize(
        "body",
        ["", "[]", '{"acts": [], "sent_at": 3}', '{"acts": [{"key": "a"}], "sent_at": "2021-02-20T10:00:00Z"}',
         '{"acts": [{"key": "a", "act": "eaten", "box": "B", "happened_at": "2021-02-20T10:00:00Z"}],'
         ' "sent_at": "2021-02-20T10:00:00Z"}'],
    )  # fmt: skip
    def test_say_what_they_cannot_read(self, world, client_of, body):
        answer = send(client_of(Role.SAMPLER, COUNTY), world, body)
        assert answer.status_code == 400
        assert "keeps what it holds" in answer.json()["message"]


class TestList:
    def test_says_what_is_out_and_late(self, world, client_of):
        world.pack(world.boxes[0], world.filled(2))
        page = shown(client_of(Role.TESTING_COORDINATOR, "1301").get(at(world, f"{world.round.pk}/boxes/")))
        assert "<b>1</b> box with 2 tubes is not at a laboratory yet, <b>1</b> of them late" in page
        assert world.boxes[0].code in page
        assert world.boxes[1].code not in page  # nothing lies in it

    def test_lets_somebody_set_right_what_waits(self, world, client_of):
        [code] = world.filled(1)
        world.act(world.put("a", "B1", code))
        officer = client_of(Role.TESTING_COORDINATOR, "1301")
        address = at(world, f"{world.round.pk}/boxes/")
        assert "This code of a box was never printed, or is mistyped" in shown(officer.get(address))
        form = {"oddity": LabOddity.objects.get().pk, "box": world.boxes[1].code}
        assert "Settled in your name." in shown(officer.post(address, form, follow=True))
        assert TubeStep.objects.get(tube=code).box == world.boxes[1]

    def test_is_empty_in_words(self, world, client_of):
        page = shown(client_of(Role.COURIER, COUNTY).get(at(world, f"{world.round.pk}/boxes/")))
        assert "No tube has been packed yet." in page


class TestBox:
    def test_tells_its_history_and_its_clocks(self, world, client_of):
        box = world.boxes[0]
        world.pack(box, world.filled(2))
        world.act(world.handed("c", box, vehicle="冀A12345", at=NOW + timedelta(hours=2)), by=world.courier)
        world.receive(box, all_there=True)
        page = shown(client_of(Role.COURIER, COUNTY).get(at(world, f"box/{box.pk}/")))
        for words in ("Closed at the site", "Picked up at the site", "冀A12345", "Received by the laboratory",
                      "Transport hours", "Pooled result hours"):  # fmt: skip
            assert words in page
        assert client_of(Role.COURIER, ELSEWHERE).get(at(world, f"box/{box.pk}/")).status_code == 404

    def test_says_why_a_clock_is_empty(self, noise, client_of):
        world = ChainWorld(kind=OutbreakKind.REAL)
        world.pack(world.boxes[0], world.filled(1))
        address = f"/testing/box/{world.boxes[0].pk}/?outbreak={world.outbreak.slug}"
        assert "It waits for an authority to confirm it." in shown(client_of(Role.COURIER, COUNTY).get(address))


class TestLabels:
    def test_are_printed_and_drawn(self, world, client_of):
        officer = client_of(Role.TESTING_COORDINATOR, "1301")
        address = at(world, f"{world.round.pk}/boxes/labels/")
        page = shown(officer.post(address, {"count": "38"}, follow=True))
        assert "38 boxes have codes now; print their labels." in page
        assert page.count('<ol class="label-sheet">') == 2  # with the three that were there
        assert "cannot be printed at once" in shown(officer.post(address, {"count": "-1"}))


class TestReceive:
    def ask(self, world, **facts):
        return {"laboratory": world.laboratory.pk, "source_key": "k"} | facts

    def test_shows_what_should_lie_in_a_box(self, world, client_of):
        codes = world.filled(2)
        box = world.pack(world.boxes[0], codes)
        desk = client_of(Role.LAB_TECHNICIAN, COUNTY)
        page = shown(desk.get(at(world, "receiving/", laboratory=world.laboratory.pk, box=box.code)))
        assert all(f'data-code="{code}"' in page for code in codes)
        page = shown(desk.get(at(world, "receiving/", laboratory=world.laboratory.pk, box="B12")))
        assert "No box bears the code B12 here." in page

    def test_takes_what_was_scanned_and_tells_what_lacks(self, world, client_of):
        here, lost = world.filled(2)
        box = world.pack(world.boxes[0], [here, lost])
        desk = client_of(Role.LAB_TECHNICIAN, COUNTY)
        form = self.ask(world, box=box.code, tubes=f"{here}\n{here}\n12\n")
        page = shown(desk.post(at(world, "receiving/"), form, follow=True))
        assert "Received: 1. Received before: 0." in page
        assert f"On the list and not here: {lost}." in page
        assert "they wait to be checked: 12." in page
        assert "recorded before" in shown(desk.post(at(world, "receiving/"), form, follow=True))
        page = shown(desk.post(at(world, "receiving/"), self.ask(world, box=box.code, all_there="1", source_key="l"),
                               follow=True))  # fmt: skip
        assert "Received: 1. Received before: 1." in page
        assert "was received, with all tubes on its list" in page

    def test_takes_tubes_without_a_box(self, world, client_of):
        codes = world.filled(2)
        desk = client_of(Role.LAB_TECHNICIAN, COUNTY)
        shown(desk.post(at(world, "receiving/"), self.ask(world, tubes="\n".join(codes)), follow=True))
        received = TubeStep.objects.filter(step=TubeStepKind.RECEIVED)
        assert set(received.values_list("tube", "laboratory")) == {(code, world.laboratory.pk) for code in codes}

    def test_asks_which_laboratory(self, world, client_of):
        desk = client_of(Role.LAB_TECHNICIAN, COUNTY)
        page = shown(desk.post(at(world, "receiving/"), {"tubes": "1", "laboratory": "987"}, follow=True))
        assert "Say in which laboratory you receive" in page
        nowhere = client_of(Role.LAB_TECHNICIAN, ELSEWHERE).get(at(world, "receiving/"))
        assert "No laboratory of your area is open." in shown(nowhere)
        assert client_of(Role.COURIER, COUNTY).get(at(world, "receiving/")).status_code == 403

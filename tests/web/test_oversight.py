"""Oversight on screen: numbers that open to their rows, findings and complaints, the journal's chain."""

import re
import struct
import zlib
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sizao.protocol.oversight import shipped_oversight
from sizao.records import journal
from sizao.records.models import Area, Complaint, Event, Finding, FindingAct, FindingPhoto, Reward, Task
from sizao.response.oversight import chain, complaints
from sizao.terms import (
    AreaLevel,
    ComplaintState,
    FindingSource,
    FindingState,
    Gravity,
    Role,
    Stage,
    TaskKind,
    TaskState,
)
from tests import factories
from tests.web.conftest import DAY, MORNING, at

pytestmark = pytest.mark.django_db
COUNTY = "130109"
FOUR = {"territory": "藁城区", "department": "卫健局", "unit": "某采样点", "individual": "张三"}


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = [
        (b"IHDR", header),
        (b"tEXt", b"GPS\x0038.02,114.85"),
        (b"IDAT", zlib.compress(b"\0\0\0\0")),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in parts)


def late_task(outbreak, n=0, **facts) -> Task:
    known = {"kind": TaskKind.FULL_REPORT, "area_code": COUNTY, "due_at": MORNING - timedelta(hours=3)}
    return Task.objects.create(
        outbreak=outbreak, role=Role.INVESTIGATOR, subject_kind="case", subject_id=n, subject_label=f"HB-{n}",
        asked_at=MORNING - timedelta(hours=27), source_key=f"web:{n}", **{**known, **facts},
    )  # fmt: skip


class TestTheScorecard:
    def test_says_first_what_is_late_and_opens_each_number(self, outbreak, client_of):
        late_task(outbreak)
        late_task(outbreak, 1, done_at=MORNING - timedelta(hours=5), state=TaskState.DONE)
        client = client_of(Role.COMMANDER)
        page = client.get(at("/oversight/")).content.decode()
        assert "1 late now" in page
        assert "50 % were kept" in page
        assert "too few to compare" in page
        links = set(re.findall(r'href="(/oversight/rows/[^"]+)"', page))
        assert len(links) == 5 - 1  # the measure's name and its count open the same rows
        for link in links:
            rows = client.get(unescape(link)).content.decode()
            shown = {"kept": 1, "late_now": 1, "unknown": 0}.get(re.sub(r".*state=(\w+)$|.*", r"\1", link), 2)
            assert (f"{shown} row." if shown == 1 else f"{shown} rows.") in rows
            assert len(set(re.findall(r">HB-\d<", rows))) == shown

    def test_opens_without_an_outbreak(self, db, client_of):
        factories.area("13", "河北")
        for address in ("/oversight/", "/findings/", "/complaints/", "/rewards/", "/journal/", "/findings/new/"):
            assert client_of(Role.SUPERVISOR).get(address).status_code == 200, address

    def test_narrows_to_an_area_inside_only(self, outbreak, client_of):
        late_task(outbreak)
        client = client_of(Role.COMMANDER, COUNTY)
        assert client.get(at("/oversight/", area=COUNTY)).status_code == 200
        assert client.get(at("/oversight/", area="1305")).status_code == 404
        assert client.get(at("/oversight/", days="9")).status_code == 400
        assert client.get(at("/oversight/", stage="no")).status_code == 400
        assert client.get(at("/oversight/rows/", measure="no")).status_code == 400

    def test_shows_a_past_day(self, outbreak, client_of):
        late_task(outbreak, due_at=MORNING + timedelta(days=3))
        page = client_of(Role.COMMANDER).get(at("/oversight/")).content.decode()
        assert "Nothing is late now" in page
        later = client_of(Role.COMMANDER).get(at("/oversight/", DAY + timedelta(days=4))).content.decode()
        assert "1 late now" in later


class TestAFinding:
    def test_goes_its_way_on_the_screens(self, outbreak, client_of):
        supervisor, other = client_of(Role.SUPERVISOR), client_of(Role.SUPERVISOR)
        mender = factories.account(role=Role.TESTING_COORDINATOR, area_code=COUNTY)
        Area.objects.get_or_create(code="13", defaults={"name": "河北", "short_name": "河北", "level": "province"})
        answer = supervisor.post(at("/findings/new/"), {
            "what": "样本超时未送检", "area": COUNTY, "stage": "testing", "severity": "major", "source": "field",
            "item": "testing-site:transport", "form": "one", **FOUR,
            "photos": SimpleUploadedFile("p.png", png(), "image/png"),
        })  # fmt: skip
        found = Finding.objects.get()
        assert answer["Location"].startswith(f"/findings/{found.pk}/")
        assert b"114.85" not in bytes(FindingPhoto.objects.get().image)
        assert supervisor.get(f"/finding-photos/{FindingPhoto.objects.get().pk}/")["Content-Type"] == "image/png"

        supervisor.post(at(f"/findings/{found.pk}/act/"), {"act": "notify", "account": mender.username, **FOUR})
        client = Client(headers={"accept-language": "en"})
        client.force_login(mender)
        page = client.get(at(f"/findings/{found.pk}/")).content.decode()
        assert "Report that it is mended" in page
        assert "Samples leave in time" in page
        client.post(at(f"/findings/{found.pk}/mend/"), {"note": "已增派车辆", "signed_as": "李四"})
        other.post(at(f"/findings/{found.pk}/act/"), {"act": "close", "note": "复查到位", "signed_as": "王五"})
        found.refresh_from_db()
        assert found.state == FindingState.CLOSED
        history = other.get(at(f"/findings/{found.pk}/")).content.decode()
        assert history.index("样本超时未送检") < history.index("已增派车辆") < history.index("复查到位")

    def test_is_not_closed_by_whoever_may_not(self, outbreak, client_of):
        client_of(Role.SUPERVISOR).post(at("/findings/new/"), {
            "what": "…", "area": COUNTY, "stage": "testing", "severity": "minor", "source": "desk",
        })  # fmt: skip
        found = Finding.objects.get()
        assert client_of(Role.COMMANDER).post(at(f"/findings/{found.pk}/act/"), {"act": "dismiss"}).status_code == 403
        assert client_of(Role.SUPERVISOR, "1305").get(at(f"/findings/{found.pk}/")).status_code == 404

    def test_form_comes_back_as_it_was_filled_in(self, outbreak, client_of):
        page = client_of(Role.SUPERVISOR).post(at("/findings/new/"), {
            "what": "看到的情况", "area": "999999", "stage": "testing", "severity": "minor", "source": "desk",
        }).content.decode()  # fmt: skip
        assert "看到的情况" in page
        assert not Finding.objects.exists()


class TestAComplaint:
    @pytest.fixture(autouse=True)
    def no_rates_from_before(self):
        cache.clear()

    def test_is_about_one_county_of_many_with_its_name(self, outbreak):
        for code, name in (("14", "山西省"), ("13", "河北省"), ("11", "北京市")):
            factories.area(code, name, level=AreaLevel.PROVINCE)
        for code, name in (("1402", "大同市"), ("1309", "沧州市")):
            factories.area(code, name, level=AreaLevel.CITY)
        for code, name in (("140215", "新华区"), ("130902", "新华区"), ("110101", "东城区")):
            factories.area(code, name, level=AreaLevel.COUNTY)
        page = Client().get("/complaint/").content.decode()
        labels = re.findall('<optgroup label="([^"]*)">', page)
        assert set(labels) >= {"河北省 沧州市", "山西省 大同市", "北京市"}
        assert labels[0].startswith("河北省")  # where the outbreak is
        assert '<optgroup label="河北省 沧州市"><option value="130902">新华区</option>' in page

    def test_is_said_and_answered_on_the_public_page(self, outbreak, client_of):
        resident = Client(headers={"accept-language": "en"})
        said = {"text": "三天没有送菜", "kind": "supplies", "area": COUNTY, "form": "f"}
        page = resident.post("/complaint/", said).content.decode()
        one = Complaint.objects.get()
        assert one.number in page
        assert complaints.code_of(one) in page
        officer = client_of(Role.DUTY_OFFICER, COUNTY)
        Complaint.objects.update(received_at=MORNING)
        one.refresh_from_db()
        assert "三天没有送菜" in officer.get(at(f"/complaints/{one.pk}/")).content.decode()
        officer.post(at(f"/complaints/{one.pk}/act/"), {"act": "answer", "answer": "已安排配送"})
        one.refresh_from_db()
        assert one.state == ComplaintState.ANSWERED
        known = {"what": "read", "number": one.number, "code": complaints.code_of(one)}
        assert "已安排配送" in resident.post("/complaint/", known).content.decode()
        assert resident.post("/complaint/", known | {"code": "WRONG"}).status_code == 409

    def test_is_turned_over_page_by_page_and_each_late_one_counted(self, outbreak, client_of, monkeypatch):
        monkeypatch.setattr("sizao.web.oversight_complaints.PAGE_ROWS", 3)
        for n in range(7):
            Complaint.objects.create(
                number=f"TS-{n}", area_code=COUNTY, kind="other", channel="phone", text="…", received_by="x",
                received_at=MORNING - timedelta(days=2), due_at=MORNING - timedelta(hours=n // 2), source_key=f"c{n}",
            )  # fmt: skip
        officer, address, seen = client_of(Role.DUTY_OFFICER, COUNTY), at("/complaints/"), []
        while address:
            page = officer.get(address).content.decode()
            assert "7 residents were not answered" in page
            seen.append(re.findall(r"TS-(\d)", page))
            more = re.search(r'rel="next" href="([^"]+)"', page)
            address = unescape(more[1]) if more else ""
        assert seen == [["6", "4", "5"], ["2", "3", "0"], ["1"]]

    def test_cannot_flood(self, outbreak):
        resident = Client()
        said = {"text": "…", "kind": "other", "area": COUNTY}
        statuses = [resident.post("/complaint/", said).status_code for _ in range(7)]
        assert statuses[0] == 200
        assert statuses[-1] == 429

    def test_becomes_a_finding(self, outbreak, client_of):
        officer = client_of(Role.DUTY_OFFICER, COUNTY)
        officer.post(at("/complaints/take/"), {
            "text": "大门被焊死", "kind": "beyond", "area": COUNTY, "channel": "phone", "form": "x", "name": "赵六",
        })  # fmt: skip
        one = Complaint.objects.get()
        officer.post(
            at(f"/complaints/{one.pk}/act/"), {"act": "finding", "what": "通道硬质封堵", "severity": "critical"}
        )
        assert Finding.objects.get().state == FindingState.PROPOSED
        page = client_of(Role.SUPERVISOR).get(at("/findings/", show="proposed")).content.decode()
        assert "通道硬质封堵" in page
        assert "赵六" not in page


def test_findings_open_with_what_waits_and_a_line_of_a_checklist_is_not_met(outbreak, client_of):
    """A checklist says how it is to be: as the name of a finding its words alone would say that all is well."""
    client = client_of(Role.SUPERVISOR)
    facts = {"stage": Stage.ISOLATION, "severity": Gravity.MINOR, "found_at": MORNING, "area_code": COUNTY}
    item = shipped_oversight().checklists[0].items[0]
    made = Finding.objects.create(
        number="DC9", source=FindingSource.RULE, state=FindingState.PROPOSED, what="x", item=item.key, source_key="f:9",
        **facts,
    )  # fmt: skip
    FindingAct.objects.create(finding=made, state=FindingState.PROPOSED, at=MORNING, by="sizao", source_key="a:9")
    page = client.get(at("/findings/")).content.decode()
    assert f"Not met: {item.en}" in page
    assert 'aria-current="true">Proposed' in page


def test_a_reward_shows_no_identity_and_is_decided(outbreak, client_of):
    made = Reward.objects.create(
        number="XS1", area_code=COUNTY, proposed_at=MORNING, evidence={"case": "HB-1"}, source_key="r:1"
    )
    Reward.objects.create(
        number="XS2", area_code=COUNTY, proposed_at=MORNING, evidence={"case": "HB-2"}, source_key="r:2"
    )
    client = client_of(Role.SUPERVISOR)
    assert "led to case HB-1" in client.get(at("/rewards/")).content.decode()
    client.post(at(f"/rewards/{made.pk}/decide/"), {"state": "granted", "yuan": "500", "reason": "属实"})
    page = client.get(at("/rewards/")).content.decode()
    assert "¥500" in page
    assert page.index("<b>XS2</b>") < page.index("<b>XS1</b>")  # what waits comes first


class TestTheJournal:
    @pytest.fixture
    def written(self, outbreak):
        one = factories.place(area_code=COUNTY)
        for n in range(3):
            journal.write("zone.test", one, by=None, at=MORNING, n=n)
        chain.seal(now=MORNING)
        return one

    def test_checks_its_chain(self, written, client_of):
        client = client_of(Role.SUPERVISOR)
        assert "data-chain-start" in client.get(at("/journal/")).content.decode()
        said = client.get("/journal/check/").json()
        assert (said["holds"], said["lines"], said["next"]) == (True, Event.objects.count(), None)
        assert client.get("/journal/check/?from=x").status_code == 400

    def test_is_narrowed_by_object_and_day(self, written, client_of):
        client = client_of(Role.SUPERVISOR)

        def found(**asked):
            return client.get(at("/journal/", part="other", **asked)).content.decode().count(">zone.test<")

        assert found(object=f"place {written.pk}") == 3
        assert found(object="place 1") == 0
        assert found(on="2021-01-10") == 3
        assert found(on="2021-01-11") == 0
        assert client.get(at("/journal/", object="place")).status_code == 400
        assert client.get(at("/journal/", on="tomorrow")).status_code == 400

    def test_is_exported_with_its_proof(self, written, client_of):
        made = client_of(Role.SUPERVISOR).get(at("/journal/export/", part="other", verb="zone.")).json()
        assert len(made["lines"]) == 3
        assert chain.proves(made)

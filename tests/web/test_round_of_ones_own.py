"""The walk of docs/guide/testing-at-the-table.md, step by step: from the sample spreadsheet to the number missed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile

from sizao.cli import main
from sizao.records.models import TestingRound, TubeLot
from sizao.response.testing import tubes
from sizao.terms import AreaLevel, Role
from tests import factories
from tests.web.conftest import at

pytestmark = pytest.mark.django_db

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide"
SAMPLE = GUIDE / "testing-rounds" / "roster.csv"
CAME = 22


@pytest.fixture
def areas(outbreak):
    factories.area("13", "河北省", level=AreaLevel.PROVINCE)
    factories.area("1301", "石家庄市", level=AreaLevel.CITY)
    factories.area("130109110211", "刘家佐村")


@pytest.fixture
def officer(areas, client_of):
    return client_of(Role.TESTING_COORDINATOR, "1301")


def posted(somebody, path, form):
    answer = somebody.post(at(path), form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_goes_from_the_sample_spreadsheet_to_the_number_missed(officer, client_of):
    plan = {"name": "我的第一轮", "areas": "130109110211 130109110212", "pool_size": "10", "begins_at": ""}
    assert "Planned: R001" in posted(officer, "/testing/", plan)
    mine = TestingRound.objects.get()
    here = f"/testing/{mine.pk}/"

    asked = ["roster", str(SAMPLE), "--outbreak", "here", "--round", "R001", "--day", "2021-01-10", "--dry-run"]
    checked = CliRunner().invoke(main, asked)
    assert checked.exit_code == 0, checked.output
    assert "24 people are expected. Nothing was kept." in checked.output
    upload = {"roster": SimpleUploadedFile("roster.csv", SAMPLE.read_bytes())}
    assert "24 people are expected" in posted(officer, f"{here}roster/", upload)

    assert "10 labels have codes now" in posted(officer, f"{here}labels/", {"size": "10"})
    site = {"what": "site", "name": "小果庄村委会", "area_code": "130109110212", "n_tables": "1"}
    assert "Site 1 was added." in posted(officer, f"{here}labels/", site)
    assert "Opened in your name: R001." in posted(officer, f"{here}act/", {"act": "open"})

    codes = tubes.codes_of(TubeLot.objects.get(round=mine))
    sampler = client_of(Role.SAMPLER, "130109")
    swabs = [
        {
            "key": f"k{number}", "tube": codes[number // 10], "taken_at": "2021-01-10T10:00:00+08:00", "kind": "pool",
            "id_number": f"SAMPLE{number + 1:08}",
        }
        for number in range(CAME)
    ]  # fmt: skip
    sent = {"sent_at": "2021-01-10T10:05:00+08:00", "swabs": swabs}
    told = sampler.post(
        at(f"{here}table/"), json.dumps(sent), content_type="application/json", headers={"accept": "application/json"}
    ).json()
    assert [one["answer"] for one in told["swabs"]] == ["taken"] * CAME

    page = officer.get(at(here)).content.decode()
    assert "<b>22</b> of 24 people are registered; <b>2</b> are missed" in page
    closed = posted(officer, f"{here}act/", {"act": "close"})
    assert "Closed in your name: 2 of 24 people were missed." in closed


def test_the_guide_names_the_sample_and_its_steps_in_order():
    text = (GUIDE / "testing-at-the-table.md").read_text(encoding="utf-8")
    steps = ["testing-rounds/roster.csv", "130109110211 130109110212", "24 people are expected", "2 of 24 people"]
    found = [text.index(step) for step in steps]
    assert found == sorted(found)

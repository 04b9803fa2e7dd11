"""Forms about people on screen: begun, completed, signed, and given as files."""

import json

import pytest

from sizao.records.models import Card
from sizao.terms import CardState, Role
from tests.response.test_cards import REST, Patient
from tests.web.conftest import at as at_day

pytestmark = pytest.mark.django_db


class TestOnScreen:
    def test_leads_from_the_case_without_a_card_to_a_signed_one(self, patient, client_of):
        client = client_of(Role.INVESTIGATOR, "130109")
        assert "1</b> case has no signed card" in client.get(at("/cards/", patient)).text
        form = {"form": "disease-card", "number": patient.person.number}
        page = client.post(at("/cards/begin/", patient), form, follow=True)
        card = Card.objects.get()
        assert "fields must still be filled before it is signed" in page.text
        given = {f"field-{no}": text for no, text in REST.items()}
        page = client.post(at(f"/cards/{card.pk}/act/", patient), given | {"act": "sign"}, follow=True)
        assert Card.objects.get().state == CardState.SIGNED
        assert "Begin a correction" in page.text
        assert "Every diagnosed case has its card" in client.get(at("/cards/", patient)).text

    def test_says_what_is_missing_and_keeps_what_was_written(self, patient, client_of):
        client = client_of(Role.INVESTIGATOR, "130109")
        client.post(at("/cards/begin/", patient), {"form": "disease-card", "number": patient.person.number})
        card = Card.objects.get()
        page = client.post(at(f"/cards/{card.pk}/act/", patient), {"field-9": "某校", "act": "keep"}, follow=True)
        assert 'value="某校"' in page.text
        page = client.post(at(f"/cards/{card.pk}/act/", patient), {"field-13": "宇航员", "act": "sign"}, follow=True)
        assert "人群分类" in page.text
        assert Card.objects.get().state == CardState.DRAFT

    def test_gives_its_files(self, patient, client_of):
        client = client_of(Role.INVESTIGATOR, "130109")
        client.post(at("/cards/begin/", patient), {"form": "disease-card", "number": patient.person.number})
        address = f"/cards/{Card.objects.get().pk}/file/"
        assert client.get(at(address, patient, "pdf")).content.startswith(b"%PDF")
        assert b"".join(client.get(at(address, patient, "xlsx")).streaming_content).startswith(b"PK")
        told = json.loads(client.get(at(address, patient, "json")).content)
        assert {"no": 3, "label": "姓名", "value": "王小明"} in told["fields"]
        assert client.get(at(address, patient, "fax")).status_code == 400


def at(address, patient, form=""):
    more = {"form": form} if form else {}
    return at_day(address, **more).replace("outbreak=here", f"outbreak={patient.outbreak.slug}")


@pytest.fixture
def patient():
    return Patient()

"""One side of an exchange between two installations, in a process of its own."""

import json
import os
import sys
from pathlib import Path

LAW = "《中华人民共和国传染病防治法》第三十九条"
REQUESTS, PEOPLE = 12, 3


def main(act):
    from sizao.cli import clock, start

    start.django_ready()
    if act == "serve":
        serve()
    from sizao.records.models import Account, Authority, CooperationPerson, CooperationRequest, ExchangeMessage
    from sizao.response import cooperation
    from sizao.terms import AskedFor, PersonAnswer, Role
    from tests import factories

    now = clock.now()
    if act == "officer":
        factories.account(role=Role.DATA_OFFICER, area_code=os.environ["SIDE_AREA"], username="officer")
    elif act == "ask":
        officer, authority = Account.objects.get(username="officer"), Authority.objects.get()
        outbreak = factories.outbreak()
        index = factories.case(within=outbreak, area_code="130109110212")
        for _ in range(REQUESTS):
            contacts = [factories.contact(within=outbreak, index_case=index, found_at=now) for _ in range(PEOPLE)]
            drafted = cooperation.draft(
                outbreak=outbreak, authority=authority, contacts=contacts, asked=[AskedFor.FIND], question="请协助查找",
                legal_basis=LAW, by=officer, now=now,
            )  # fmt: skip
            cooperation.send(request=drafted, by=officer, now=now)
    elif act == "answer":
        officer = Account.objects.get(username="officer")
        for one in CooperationRequest.objects.filter(is_incoming=True).exclude(state="answered").order_by("pk"):
            cooperation.accept(request=one, by=officer, now=now)
            found = dict.fromkeys(range(1, PEOPLE + 1), (PersonAnswer.PLACED, ""))
            cooperation.answer(request=one, found=found, by=officer, now=now)
    told = {
        "states": dict(CooperationRequest.objects.order_by("number").values_list("number", "state")),
        "answers": list(
            CooperationPerson.objects.order_by("request__number", "ref").values_list("request__number", "ref", "answer")
        ),
        "taken": sorted(str(uid) for uid in _uids(ExchangeMessage, is_incoming=True)),
        "given": sorted(str(uid) for uid in _uids(ExchangeMessage, is_incoming=False)),
        "waiting": ExchangeMessage.objects.filter(is_incoming=False, delivered_at__isnull=True).count(),
    }
    print(json.dumps(told))  # noqa: T201 — what the test reads


def serve():
    """Serve over HTTPS until killed; the loop and the deliverer are left to the test."""
    from django.core.management import call_command

    from sizao.cli import run

    call_command("migrate", verbosity=0)
    certificate, key, port = (os.environ[name] for name in ("SIDE_CERTIFICATE", "SIDE_KEY", "SIDE_PORT"))
    run.serve(int(port), beside=(), certificate=Path(certificate), certificate_key=Path(key))


def _uids(model, **facts):
    return model.objects.filter(**facts).values_list("uid", flat=True)


if __name__ == "__main__":
    main(sys.argv[1])

"""
Messages in HL7 v2 of a laboratory's system: each is answered once, and gathered with the others of its hour into a run.

A message under a control number that was answered before is answered as before and changes nothing.
"""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from sizao.adapters import laboratories as files
from sizao.adapters.laboratories import Message, MessageUnreadable, Specimen
from sizao.adapters.laboratories.wells import CtUnreadable, ct_of
from sizao.errors import SizaoError
from sizao.protocol.kits import Kit
from sizao.records import access, journal
from sizao.records.models import Account, LabMessage, Laboratory, LabReading, LabRun
from sizao.response.testing.laboratory import judging, laboratories, runs
from sizao.response.testing.laboratory.sent import MOST_REASON, Held, ReadingSent, RunSent, no_result
from sizao.terms import LabFeed, LabOddityKind, Phrase, Reading, Right, RunState

ACCEPTED, ERROR, REJECTED = "AA", "AE", "AR"
_ANOTHERS = Phrase(
    "its control number was another message's; give it its own", "该控制号已用于另一条消息，请改用新的控制号"
)


def answer(*, laboratory: Laboratory, text: str, by: Account, now: datetime, kit: Kit | None = None) -> str:
    """
    Take a message and write its answer: AA taken, AE wrong in content, AR of a wrong kind; with a sentence.

    Nothing is half-written: what is not answered with AA has changed nothing.
    """
    message = None
    try:
        message = files.read_message(text)
        said = take_message(laboratory=laboratory, message=message, text=text, by=by, now=now, kit=kit)
    except MessageUnreadable as refusal:
        return files.acknowledgement(message, refusal.facts["answer"], str(refusal), now=now)
    except SizaoError as refusal:
        return files.acknowledgement(message, ERROR, str(refusal), now=now)
    return files.acknowledgement(message, ACCEPTED, said, now=now)


@transaction.atomic
def take_message(
    *, laboratory: Laboratory, message: Message, text: str, by: Account, now: datetime, kit: Kit | None = None
) -> str:
    """
    Take one message; say in a sentence what became of it.

    Raise MessageUnreadable where its control number stands for another message, or what `record_run` raises.
    """
    access.require(by, Right.LAB_WORK, area_code=laboratory.area_code)
    laboratories.check_open(laboratory, now)
    # One message of a laboratory after the other.
    Laboratory.objects.select_for_update(no_key=True).get(pk=laboratory.pk)
    digest = hashlib.sha256(text.strip().encode()).hexdigest()
    kept, is_new = LabMessage.objects.get_or_create(
        laboratory=laboratory,
        control_id=message.control_id,
        defaults={"digest": digest, "received_at": now, "answer": ACCEPTED},
    )
    if not is_new:
        if kept.digest != digest:
            raise MessageUnreadable(reason=_ANOTHERS, answer=ERROR)
        return "Taken before; nothing was changed."
    sent = _sent(laboratory, message, now, kit)
    columns, held = judging.judged(sent)
    run = _gathering(laboratory, sent, columns.tubes.tolist(), by=by, now=now)
    told = runs.fill(run, columns, held, by=by, now=now, adds=f"{digest[:16]}-")
    kept.run = run
    kept.save(update_fields=["run"])
    journal.write("message.taken", laboratory, by=by, at=now, run=run.pk, readings=len(columns), odd=sum(told.values()))
    return f"{len(columns)} of {len(message.specimens)} taken into run {run.pk}; {sum(told.values())} to be checked."


def _sent(laboratory: Laboratory, message: Message, now: datetime, kit: Kit | None) -> RunSent:
    readings: list[ReadingSent] = []
    held: list[Held] = []
    number = hashlib.sha256(message.control_id.encode()).hexdigest()[:16]
    for one in message.specimens:
        try:
            readings.append(_reading(one))
        except CtUnreadable as fault:
            facts = {"row": one.number, "reason": fault.why.kept(MOST_REASON), "message": message.control_id[:40]}
            kept = "\n".join(f"{it.gene}={it.value}" for it in one.observed)
            held.append(
                Held(
                    LabOddityKind.UNREADABLE_ROW, f"{number}-{one.number}", one.tube[:40], facts, f"{one.tube}\n{kept}"
                )
            )
    return RunSent(
        feed=LabFeed.HL7,
        source_key=f"hl7:{laboratory.code}:{timezone.localtime(now):%Y%m%d%H}",
        name=message.sender or laboratory.code,
        readings=readings,
        kit=kit,
        ran_at=timezone.make_aware(message.ran_at) if message.ran_at else None,
        held=held,
    )


def _reading(one: Specimen) -> ReadingSent:
    said = [it.value for it in one.observed if not it.is_ct]
    found = {files.reading_of(value) for value in said}
    if None in found:
        raise CtUnreadable(no_result(next(value for value in said if files.reading_of(value) is None)))
    if len(found) > 1:
        raise CtUnreadable(Phrase("it says two results", "写有两种不同的结果"))
    ct = {it.gene: ct_of(it.value) for it in one.observed if it.is_ct}
    result: Reading | None = found.pop() if found else None
    return ReadingSent(one.tube, result, ct, row=one.number)


def _gathering(laboratory: Laboratory, sent: RunSent, tubes: list[str], *, by: Account, now: datetime) -> LabRun:
    """
    Hold the run of this hour, or make the next one where that is signed already, or has read one of the tubes.

    A tube that is told a second time is another reading of it, and is released by itself.
    """
    begun = LabRun.objects.filter(laboratory=laboratory, source_key__startswith=sent.source_key)
    for run in begun.select_for_update(of=["self"]).select_related("laboratory").order_by("-pk"):
        same = run.state == RunState.RECORDED and run.recorded_by == by.username and run.genes == _genes(sent)
        if same and not LabReading.objects.filter(run=run, tube__in=tubes).exists():
            return run
    run, _ = LabRun.objects.get_or_create(
        source_key=f"{sent.source_key}-{begun.count() + 1}",
        defaults={
            "laboratory": laboratory,
            "feed": LabFeed.HL7,
            "name": sent.name[:200],
            "genes": _genes(sent),
            "cutoff_ct": sent.kit.cutoff_ct if sent.kit else None,
            "ran_at": sent.ran_at,
            "recorded_at": now,
            "recorded_by": by.username,
        },
    )
    return LabRun.objects.select_for_update(of=["self"]).select_related("laboratory").get(pk=run.pk)


def _genes(sent: RunSent) -> list[str]:
    return list(sent.kit.genes) if sent.kit else []

"""
Files of instruments and tables: each is one run under its digest; one that was cut off is completed by the whole.

A file cut off half-way is known by its last row. What is whole of it becomes a run marked so; when a file comes that
begins with the same text, its readings take the place of those, as long as nobody has released them.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from sizao.adapters import laboratories as files
from sizao.adapters.laboratories import InstrumentFile, Layout, RowFault, WellRead
from sizao.protocol.kits import Kit
from sizao.records import access, journal
from sizao.records.models import Account, LabOddity, Laboratory, LabRun, Plate
from sizao.response.testing.laboratory import judging, runs
from sizao.response.testing.laboratory.sent import MOST_REASON, Held, ReadingSent, RunSent, RunTold, no_result
from sizao.terms import LabFeed, LabOddityKind, Right, RunState


@transaction.atomic
def take_file(
    *,
    laboratory: Laboratory,
    content: bytes,
    name: str,
    by: Account,
    now: datetime,
    layout: Layout | None = None,
    kit: Kit | None = None,
    cutoff_ct: float | None = None,
    plate: Plate | None = None,
) -> RunTold:
    """
    Take in a file of a laboratory as one run.

    Its layout is found out unless it is named. The same file twice is one run. Raise LayoutUnknown,
    InstrumentFileUnreadable, UploadUnreadable, or what `record_run` raises.
    """
    access.require(by, Right.LAB_WORK, area_code=laboratory.area_code)
    key = f"file:{laboratory.code}:{hashlib.sha256(content).hexdigest()}"
    known = _known(key)
    if known is not None:
        return RunTold(known, is_new=False)
    read = files.read_file(content, name, layout=layout)
    text = "" if content[:2] == b"PK" else files.text_of(content)
    sent = RunSent(
        feed=LabFeed.SPREADSHEET if read.layout == Layout.TABLE else LabFeed.INSTRUMENT,
        source_key=key,
        name=name,
        readings=[_reading(one) for one in read.wells if not _unsaid(one)],
        kit=kit,
        cutoff_ct=cutoff_ct,
        plate=plate,
        instrument=read.instrument,
        ran_at=timezone.make_aware(read.ran_at) if read.ran_at else None,
        held=tuple(_held(read, text)),
    )
    begun = _begun(laboratory, text)
    if begun is not None:
        return _complete(begun, sent, by=by, now=now)
    told = runs.record_run(laboratory=laboratory, sent=sent, by=by, now=now)
    _mark_beginnings(told.run, text)
    return told


def _known(key: str) -> LabRun | None:
    """Find the run of a file that came before, also of one that was cut off and has been completed since."""
    cut = LabOddity.objects.filter(source_key=f"{key}:cut", kind=LabOddityKind.CUT_OFF).select_related("run").first()
    return cut.run if cut else LabRun.objects.filter(source_key=key).first()


def _reading(one: WellRead) -> ReadingSent:
    return ReadingSent(one.sample, files.reading_of(one.said), one.ct, one.well, one.line, one.role)


def _unsaid(one: WellRead) -> bool:
    """Tell whether a result in words stands there that is none of those known."""
    return bool(one.said) and files.reading_of(one.said) is None


def _held(read: InstrumentFile, text: str) -> Iterator[Held]:
    for fault in read.faults:
        yield _fault(fault)
    for one in read.wells:
        if _unsaid(one):
            kept = judging.packed(_reading(one))
            yield _fault(RowFault(one.line, "result", no_result(one.said), f"{one.said}\n{kept}"))
    if read.cut_at is not None:
        facts = {"characters": read.cut_at, "digest": _digest(text[: read.cut_at])}
        yield Held(LabOddityKind.CUT_OFF, "cut", facts=facts, sent=read.cut_text)


def _fault(fault: RowFault) -> Held:
    facts = {"row": fault.line, "column": fault.column, "reason": fault.reason.kept(MOST_REASON)}
    return Held(LabOddityKind.UNREADABLE_ROW, f"row{fault.line}", facts=facts, sent=fault.text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# --- A file that was cut off -------------------------------------------------------------------


def _begun(laboratory: Laboratory, text: str) -> LabRun | None:
    """Find a run of which this file is the whole: it was cut off, nobody has released it, and its text begins so."""
    cuts = LabOddity.objects.filter(
        laboratory=laboratory, run__state=RunState.RECORDED, facts__has_key="characters"
    ).order_by("-recorded_at", "-pk")
    for cut in cuts:
        size = cut.facts["characters"]
        if size < len(text) and _digest(text[:size]) == cut.facts["digest"]:
            held = LabRun.objects.select_for_update(of=["self"]).select_related("laboratory").get(pk=cut.run_id)
            return held if held.state == RunState.RECORDED else None
    return None


def _mark_beginnings(run: LabRun, text: str) -> None:
    """
    Where controls lack, keep how the file begins: one cut off between two rows shows nothing else.

    The whole file then takes its place as well.
    """
    lacking = run.oddities.filter(kind=LabOddityKind.CONTROL_FAILED, facts__has_key="missing")
    if text and not run.oddities.filter(kind=LabOddityKind.CUT_OFF).exists():
        for one in lacking:
            one.facts |= {"characters": len(text), "digest": _digest(text)}
            one.save(update_fields=["facts"])


def _complete(run: LabRun, sent: RunSent, *, by: Account, now: datetime) -> RunTold:
    """Let the whole file take the place of its beginning; who sent it has recorded the run."""
    columns, held = judging.judged(replace(sent, plate=sent.plate or run.plate))
    runs.empty_again(run)
    run.oddities.filter(settled_at=None).update(
        settled_at=now, settled_by=by.username, outcome=f"completed by {sent.name}"[:300], sent=None
    )
    run.source_key, run.name, run.recorded_at, run.recorded_by = sent.source_key, sent.name[:200], now, by.username
    run.genes = list(sent.kit.genes) if sent.kit else []
    run.cutoff_ct = sent.kit.rule(sent.cutoff_ct).cutoff_ct if sent.kit else None
    run.save()
    told = runs.fill(run, columns, held, by=by, now=now)
    journal.write("run.completed", run.laboratory, by=by, at=now, run=run.pk, name=run.name, readings=run.n_readings)
    return RunTold(run, is_new=False, oddities=told, completed=True)

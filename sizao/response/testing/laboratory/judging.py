"""From what was sent to readings: which tube it is of, what the kit's rule says, and whether the controls hold."""

import json
from collections.abc import Sequence

import numpy as np

from sizao.adapters.laboratories import WellRole
from sizao.adapters.laboratories.wells import well_of
from sizao.engines.readings import POSITIVE, blank_holds, found_of
from sizao.errors import SizaoError
from sizao.protocol.kits import Kit
from sizao.records.models import Plate
from sizao.response.testing.laboratory.plates import CONTROLS, tube_in
from sizao.response.testing.laboratory.sent import FOUND, MOST_REASON, Columns, Held, ReadingSent, RunSent
from sizao.terms import LabFeed, LabOddityKind, Phrase, Reading

_SAYS_NOTHING = Phrase("it says neither a result nor a Ct", "既没有结果也没有Ct值")
_NO_TUBE = Phrase("no tube is named", "没有管码")


class KitMissing(SizaoError):
    code = "laboratory.kit_missing.unreadable"
    message = "Cycle thresholds were sent, and nothing says by which kit they are judged. Choose the kit that was used."


def judged(sent: RunSent) -> tuple[Columns, list[Held]]:
    """
    Judge what was sent; give the readings of tubes in columns, and what must wait for somebody.

    Raise KitMissing where cycles are to be judged and no kit is named.
    """
    if sent.kit is None and any(one.ct for one in sent.readings):
        raise KitMissing
    held = list(sent.held)
    fit: list[tuple[ReadingSent, list[float] | None]] = []
    controls: list[tuple[ReadingSent, list[float] | None]] = []
    for one in sent.readings:
        role, tube, wrong = _stands_for(one, sent.plate)
        cycles, lacking = _cycles(one, sent.kit)
        wrong = wrong or lacking or (None if cycles or one.found else _SAYS_NOTHING)
        if wrong:
            held.append(_unreadable(one, wrong))
        elif role is WellRole.SAMPLE:
            fit.append((_renamed(one, tube), cycles))
        else:
            controls.append((ReadingSent(role.value, one.found, one.ct, one.well, one.row, role), cycles))
    columns, contradictory = _columns(fit, sent)
    return columns, held + contradictory + _failed(controls, sent)


def _stands_for(one: ReadingSent, plate: Plate | None) -> tuple[WellRole, str, Phrase | None]:
    """Say which tube, or which control, a reading is of: by its name, else by the well of the plate."""
    there = tube_in(plate, one.well) if plate else None
    named = one.tube.replace(" ", "")
    if there in CONTROLS:
        return WellRole(there), there or "", None
    if one.role is not WellRole.SAMPLE:
        return one.role, named, _elsewhere(one, there) if there else None
    if there and named and named != there:
        return one.role, named, _elsewhere(one, there)
    if not (named or there):
        return one.role, named, _NO_TUBE
    return one.role, named or there or "", None


def _elsewhere(one: ReadingSent, there: str) -> Phrase:
    return Phrase(f"on the plate {one.well} holds {there}", f"板上{one.well}孔登记的是{there}")


def _renamed(one: ReadingSent, tube: str) -> ReadingSent:
    return ReadingSent(tube, one.found, one.ct, one.well, one.row) if tube != one.tube else one


def _cycles(one: ReadingSent, kit: Kit | None) -> tuple[list[float] | None, Phrase | None]:
    """Give the Ct of each gene of the kit, or what is wrong: a gene that is not told is not one that was not found."""
    if not one.ct or kit is None:
        return None, None
    told = {kit.gene(written) or written: ct for written, ct in one.ct.items()}
    missing = [gene for gene in kit.genes if gene not in told]
    if missing:
        return None, Phrase(f"the gene {missing[0]} of the kit is missing", f"缺少试剂盒的基因{missing[0]}")
    return [np.nan if told[gene] is None else float(told[gene] or 0) for gene in kit.genes], None


def _unreadable(one: ReadingSent, reason: Phrase) -> Held:
    facts = {"row": one.row, "reason": reason.kept(MOST_REASON)}
    return Held(LabOddityKind.UNREADABLE_ROW, f"row{one.row}", one.tube[:40], facts, packed(one))


def packed(one: ReadingSent) -> str:
    """Write a reading down as it was sent, to be kept until somebody has settled it."""
    kept = {"tube": one.tube, "found": str(one.found) if one.found else None, "ct": dict(one.ct), "well": one.well,
            "row": one.row}  # fmt: skip
    return json.dumps(kept, ensure_ascii=False)


# --- Tubes -------------------------------------------------------------------------------------


def _columns(fit: Sequence[tuple[ReadingSent, list[float] | None]], sent: RunSent) -> tuple[Columns, list[Held]]:
    n_genes = len(sent.kit.genes) if sent.kit else 0
    ct = np.array([cycles or [np.nan] * n_genes for _, cycles in fit], dtype=float).reshape(len(fit), n_genes)
    has_ct = np.array([cycles is not None for _, cycles in fit], dtype=bool)
    said = np.array([FOUND.index(one.found) if one.found else -1 for one, _ in fit], dtype=np.int8)
    found = said.copy()
    if sent.kit and has_ct.any():
        found[has_ct] = found_of(ct[has_ct], sent.kit.rule(sent.cutoff_ct))
    # A file whose words and cycles differ is asked about; neither is taken for the truth.
    apart = has_ct & (said >= 0) & (said != found)
    held = [
        _unreadable(fit[place][0], _apart(FOUND[said[place]], FOUND[found[place]])) for place in np.flatnonzero(apart)
    ]
    kept = np.flatnonzero(~apart)
    return (
        Columns(
            tubes=np.array([fit[place][0].tube for place in kept], dtype=np.str_),
            found=found[kept],
            ct=ct[kept] if n_genes else None,
            has_ct=has_ct[kept] if n_genes else None,
            wells=[well_of(fit[place][0].well or "") for place in kept],
        ),
        held,
    )


def _apart(said: Reading, found: Reading) -> Phrase:
    return Phrase(
        f"it says {said.en}, its Ct by the kit {found.en}", f"文字结果为{said.zh}，按试剂盒判读Ct值为{found.zh}"
    )


# --- Controls ----------------------------------------------------------------------------------


def _failed(controls: Sequence[tuple[ReadingSent, list[float] | None]], sent: RunSent) -> list[Held]:
    """Say which controls of a plate failed, or lack. Lists that a laboratory's system sends come without any."""
    failed = [
        Held(LabOddityKind.CONTROL_FAILED, f"control-{one.row}", one.role.value, {"well": one.well, "row": one.row})
        for one, cycles in controls
        if not _holds(one, cycles, sent)
    ]
    there = {one.role for one, _ in controls}
    expected = {WellRole.POSITIVE_CONTROL, WellRole.NEGATIVE_CONTROL} if sent.feed == LabFeed.INSTRUMENT else set()
    if sent.plate:
        expected |= {WellRole(well) for well in sent.plate.wells if well in CONTROLS}
    return failed + [
        Held(LabOddityKind.CONTROL_FAILED, f"control-{role.value}", role.value, {"missing": role.value})
        for role in sorted(expected - there)
    ]


def _holds(one: ReadingSent, cycles: list[float] | None, sent: RunSent) -> bool:
    positive = one.role is WellRole.POSITIVE_CONTROL
    if cycles is None or sent.kit is None:
        return one.found == (Reading.POSITIVE if positive else Reading.NEGATIVE)
    ct, rule = np.array([cycles]), sent.kit.rule(sent.cutoff_ct)
    return bool(found_of(ct, rule)[0] == POSITIVE) if positive else bool(blank_holds(ct, rule)[0])

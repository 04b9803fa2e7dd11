"""Plates: which tube, or which control, stands in which of 96 wells. Codes are checked as they are scanned."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from sizao.engines import tube_codes
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Laboratory, Plate
from sizao.response.testing.laboratory import laboratories, placing
from sizao.terms import Phrase, Right

ROWS, COLUMNS = "ABCDEFGH", range(1, 13)
WELLS = tuple(f"{row}{column}" for row in ROWS for column in COLUMNS)
CONTROLS = ("PC", "NC")


class PlateUnreadable(SizaoError):
    code = "laboratory.plate.unreadable"
    message = "The plate cannot be kept: {reason}. Set it right and send all its wells again."


class PlateExists(SizaoError):
    code = "laboratory.plate_exists"
    message = "Laboratory {laboratory} has a plate {given} already, with other tubes. Give this one another code."


@transaction.atomic
def make_plate(
    *, laboratory: Laboratory, plate_code: str, wells: Mapping[str, str], by: Account, now: datetime
) -> Plate:
    """
    Keep a plate: what stands in which well, A1 to H12; PC and NC are its controls. The same again changes nothing.

    Raise PlateUnreadable, PlateExists, LaboratoryClosed, or the door's refusal.
    """
    access.require(by, Right.LAB_WORK, area_code=laboratory.area_code)
    laboratories.check_open(laboratory, now)
    if not 0 < len(plate_code.strip()) <= 40:  # noqa: PLR2004 — of the column
        raise PlateUnreadable(reason=Phrase("its code has between 1 and 40 characters", "反应板编号须为1至40个字符"))
    filled = _filled(wells)
    standing = Plate.objects.filter(laboratory=laboratory, code=plate_code.strip()).first()
    if standing is not None:
        if standing.wells != filled:
            raise PlateExists(laboratory=laboratory.code, given=plate_code.strip())
        return standing
    made = Plate.objects.create(
        laboratory=laboratory, code=plate_code.strip(), wells=filled, made_at=now, made_by=by.username
    )
    n_tubes = sum(well is not None and well not in CONTROLS for well in filled)
    journal.write("plate.made", laboratory, by=by, at=now, plate=made.code, tubes=n_tubes)
    return made


def in_order(codes: Sequence[str]) -> dict[str, str]:
    """Say in which well each of some codes stands, as they were scanned one after the other: A1, A2 … H12."""
    return dict(zip(WELLS, codes, strict=False))


def tube_in(plate: Plate, well: str | None) -> str | None:
    """Say what stands in a well of a plate; None for an empty one or none."""
    return plate.wells[WELLS.index(well)] if well in WELLS else None


def _phrase(english: str, chinese: str, *gaps: str) -> Phrase:
    return Phrase(english.format(*gaps), chinese.format(*gaps))


def _filled(wells: Mapping[str, str]) -> list[str | None]:
    unknown = [well for well in wells if well not in WELLS]
    if unknown:
        raise PlateUnreadable(reason=_phrase("{} is no well of A1 to H12", "{} 不是 A1 至 H12 的孔位", unknown[0][:8]))
    told = {well: text.replace(" ", "") for well, text in wells.items() if text.strip()}
    tubes = [text for text in told.values() if text.upper() not in CONTROLS]
    if not tubes:
        raise PlateUnreadable(reason=Phrase("no tube stands in it", "板上没有采样管"))
    for well, text in told.items():
        if text.upper() not in CONTROLS and tube_codes.serial_of(text) is None:
            told_zh = "{1} 孔的 {0} 不是采样管编码，请重新扫描"
            raise PlateUnreadable(
                reason=_phrase("{0} in {1} is no code of a tube; scan it again", told_zh, text[:20], well)
            )
        if text.upper() not in CONTROLS and tubes.count(text) > 1:
            raise PlateUnreadable(reason=_phrase("{} stands in two wells", "{} 占用了两个孔位", text))
    never = placing.never_printed(tubes)
    if never:
        raise PlateUnreadable(reason=_phrase("{} was never printed", "{} 未曾打印", never[0]))
    return [told[well].upper() if well in told else None for well in WELLS]

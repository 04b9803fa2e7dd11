"""What a device says was done with a box, and when that was by the clock of this machine."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sizao.engines import tube_codes
from sizao.records.models import Account, SampleBox, TestingRound
from sizao.response.testing.incoming import CLOCK_SLACK, CLOCK_WRONG, LONGEST_KEY
from sizao.terms import BoxAct, BoxAnswer, HandOverKind, LabOddityKind

# With one of these an act waits for a person; with any other it is recorded, and somebody is told.
HOLDS_BACK = frozenset(
    {
        LabOddityKind.UNKNOWN_BOX,
        LabOddityKind.UNREADABLE_TUBE,
        LabOddityKind.UNKNOWN_TUBE,
        LabOddityKind.NOT_OPEN,
    }
)
LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class BoxActSent:
    """
    One act as a device tells it, under a key of the device's own.

    `tube` where one was put in; `kind`, `giver` and `vehicle` where the box went from one hand to the next. `site` is
    where it was packed, `laboratory` where it is to go.
    """

    source_key: str
    act: BoxAct
    box: str
    happened_at: datetime
    tube: str = ""
    kind: HandOverKind | None = None
    giver: str = ""
    vehicle: str = ""
    note: str = ""
    site: int | None = None
    laboratory: int | None = None


@dataclass(frozen=True, slots=True)
class BoxActTold:
    """What became of an act: recorded, recorded before, or waiting; what was odd; how many tubes the box holds."""

    source_key: str
    answer: BoxAnswer
    oddities: tuple[LabOddityKind, ...] = ()
    n_tubes: int | None = None


@dataclass(slots=True)
class Acting:
    """An act on its way through the desk."""

    sent: BoxActSent
    key: str
    happened_at: datetime
    oddities: list[LabOddityKind] = field(default_factory=list)
    box: SampleBox | None = None
    round_id: int | None = None  # of the tube
    answer: BoxAnswer | None = None

    @property
    def is_held_back(self) -> bool:
        return any(one in HOLDS_BACK for one in self.oddities)

    @property
    def tube(self) -> str:
        return self.sent.tube.replace(" ", "")


def box_code(given: str) -> str | None:
    """Write the code of a box as its label does; None for what is no such code, or a mistyped one."""
    serial = tube_codes.box_serial_of(given)
    return None if serial is None else tube_codes.box_code_of(serial)


def read(within: TestingRound, sent: BoxActSent, *, by: Account, now: datetime, sent_at: datetime | None) -> Acting:
    """Set the moment of an act right by what the device's clock is off, and note a clock that cannot be."""
    off = sent_at - now if sent_at else timedelta()
    happened_at = sent.happened_at - off
    is_wrong = abs(off) > CLOCK_WRONG or happened_at > now + CLOCK_SLACK
    oddities = [LabOddityKind.CLOCK] if is_wrong and within.outbreak.acts_on_people else []
    # Two senders do not take each other's keys.
    key = f"{by.username[:35]}:{sent.source_key[:LONGEST_KEY]}"
    return Acting(sent, key, min(happened_at, now), oddities)


def packed(one: Acting) -> str:
    """Write down all that a device said of an act that must wait."""
    sent = one.sent
    kept = {
        "act": str(sent.act), "box": sent.box, "tube": sent.tube, "kind": str(sent.kind) if sent.kind else None,
        "giver": sent.giver, "vehicle": sent.vehicle, "note": sent.note, "site": sent.site,
        "laboratory": sent.laboratory, "happened_at": one.happened_at.isoformat(),
    }  # fmt: skip
    return json.dumps(kept, ensure_ascii=False)


def unpacked(text: str, *, key: str, box: str = "", tube: str = "") -> BoxActSent:
    """Read such an act back, with the right codes where somebody gave them."""
    kept = json.loads(text)
    return BoxActSent(
        source_key=key,
        act=BoxAct(kept["act"]),
        box=box or kept["box"],
        happened_at=datetime.fromisoformat(kept["happened_at"]),
        tube=tube or kept["tube"],
        kind=HandOverKind(kept["kind"]) if kept["kind"] else None,
        giver=kept["giver"],
        vehicle=kept["vehicle"],
        note=kept["note"],
        site=kept["site"],
        laboratory=kept["laboratory"],
    )

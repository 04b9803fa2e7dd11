"""What a crew's phone says was done, and when that was by the clock of this machine."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sizao.records.models import Account, TransferLeg, TransferTrip
from sizao.response.testing.incoming import CLOCK_SLACK, CLOCK_WRONG, LONGEST_KEY
from sizao.terms import CrewAnswer, NotBoarded, Symptom, TransferOddityKind, TripActKind

COLDEST_C, HOTTEST_C = 30.0, 45.0
OF_A_TRIP = frozenset({TripActKind.SET_OUT, TripActKind.DISINFECTED, TripActKind.RETURNED})
OF_A_LEG = frozenset(TripActKind) - OF_A_TRIP


@dataclass(frozen=True, slots=True)
class ActSent:
    """
    One act as a phone tells it, under a key of the phone's own.

    `leg` for what was done with one person. What was checked before boarding: who they are, temperature in °C (None:
    not taken), symptoms (None: not asked). `reason` where they could not be picked up, `receiver` who took over.
    """

    source_key: str
    trip: int
    kind: TripActKind
    happened_at: datetime
    leg: int | None = None
    identity_checked: bool = False
    temperature_c: float | None = None
    symptoms: tuple[Symptom, ...] | None = None
    reason: NotBoarded | None = None
    receiver: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ActTold:
    """What became of an act, what is odd about its trip now, and for a refused one what to correct."""

    source_key: str
    answer: CrewAnswer
    oddities: tuple[TransferOddityKind, ...] = ()
    why: str = ""


@dataclass(slots=True)
class Acting:
    """An act on its way through the desk."""

    sent: ActSent
    key: str
    happened_at: datetime
    has_wrong_clock: bool
    trip: TransferTrip | None = None
    leg: TransferLeg | None = None
    answer: CrewAnswer | None = None
    why: str = ""
    oddities: list[TransferOddityKind] = field(default_factory=list)


# Sentences for a phone: they stand in the catalogue as refusals do.
NO_PERSON = "Say which person of the trip this is about."
NO_IDENTITY = "Check who they are against the list before they board, and say so."
NO_REASON = "Say why they could not be picked up."
NO_RECEIVER = "Say who took over: a name or a post."
NO_FEVER_READ = "A temperature lies between 30 and 45 °C. Take it again, or leave it out."


def fault(sent: ActSent) -> str:
    """Say what is lacking in an act, in one sentence; nothing where it can be taken."""
    if sent.kind in OF_A_LEG and sent.leg is None:
        return NO_PERSON
    if sent.kind == TripActKind.BOARDED and not sent.identity_checked:
        return NO_IDENTITY
    if sent.kind == TripActKind.NOT_BOARDED and sent.reason is None:
        return NO_REASON
    if sent.kind == TripActKind.HANDED_OVER and not sent.receiver.strip():
        return NO_RECEIVER
    if sent.temperature_c is not None and not COLDEST_C <= sent.temperature_c <= HOTTEST_C:
        return NO_FEVER_READ
    return ""


def read(sent: ActSent, *, by: Account, now: datetime, sent_at: datetime | None, is_real: bool) -> Acting:
    """Set the moment of an act right by what the phone's clock is off, and note a clock that cannot be."""
    off = sent_at - now if sent_at else timedelta()
    happened_at = sent.happened_at - off
    is_wrong = is_real and (abs(off) > CLOCK_WRONG or happened_at > now + CLOCK_SLACK)
    # Two senders do not take each other's keys.
    key = f"{by.username[:35]}:{sent.source_key[:LONGEST_KEY]}"
    return Acting(sent, key, min(happened_at, now), is_wrong, why=fault(sent))


def packed(one: Acting) -> str:
    """Write down all that a phone said of an act that must wait."""
    sent = one.sent
    kept = {
        "trip": sent.trip, "leg": sent.leg, "kind": str(sent.kind), "happened_at": one.happened_at.isoformat(),
        "identity_checked": sent.identity_checked, "temperature_c": sent.temperature_c,
        "symptoms": None if sent.symptoms is None else [str(one) for one in sent.symptoms],
        "reason": str(sent.reason or ""), "receiver": sent.receiver, "note": sent.note,
    }  # fmt: skip
    return json.dumps(kept, ensure_ascii=False)

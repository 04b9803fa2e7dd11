"""What a device tells of a swab, and when it was taken by the clock of this machine."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.utils import timezone

from sizao.engines import tube_codes
from sizao.records import quick
from sizao.records.access import NotYours
from sizao.records.models import Account, TestingRound
from sizao.response.tracing import tokens
from sizao.terms import HOLDS_BACK, OddityKind, SwabAnswer, TubeKind

LONGEST_KEY = 80  # the account's name comes before it
CLOCK_SLACK = timedelta(minutes=10)  # clocks of phones differ by seconds; more is told
CLOCK_WRONG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody on the roster of a round."""

    number: int
    id_index: str | None
    area_code: str
    is_expected: bool
    single_only: bool


@dataclass(frozen=True, slots=True)
class SwabSent:
    """
    One swab as a device tells it, under a key of the device's own.

    Who it was: the number on the roster, or an id number, or at least a name.
    """

    source_key: str
    tube: str
    taken_at: datetime
    kind: TubeKind = TubeKind.POOL
    entry: int | None = None
    id_number: str = ""
    name: str = ""
    phone: str = ""
    site: int | None = None
    table: int | None = None


@dataclass(frozen=True, slots=True)
class SwabTold:
    """What became of a swab: registered, registered before, or waiting; what was odd; how full its tube is."""

    source_key: str
    answer: SwabAnswer
    oddities: tuple[OddityKind, ...] = ()
    in_tube: int | None = None
    tube_size: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outbox:
    """What one device sends at once: who sends it, when it came, and what the device's own clock said then."""

    swabs: Sequence[SwabSent]
    by: Account
    now: datetime
    sent_at: datetime | None = None


@dataclass(slots=True, eq=False)
class Incoming:
    """A swab on its way through the desk."""

    sent: SwabSent
    key: str
    taken_at: datetime
    off_seconds: int | None
    area_code: str
    by: Account
    now: datetime
    id_index: str | None
    oddities: list[OddityKind] = field(default_factory=list)
    is_late: bool = False
    person: Found | None = None
    answer: SwabAnswer | None = None
    is_double: bool = False
    is_recall: bool = False
    place_in_tube: int | None = None

    @property
    def is_held_back(self) -> bool:
        return any(one in HOLDS_BACK for one in self.oddities)


def sites_of(found: TestingRound, swabs: Sequence[SwabSent], by: Account) -> dict[int, str]:
    """Give the areas of the sites that are named, by their ids. Raise NotYours for one of elsewhere."""
    wanted = {one.site for one in swabs if one.site is not None}
    return mine(known_sites(found, wanted), wanted, by)


def known_sites(found: TestingRound, wanted: Collection[int]) -> dict[int, str]:
    """Give the areas of those sites of a round that there are."""
    return dict(quick.asked(of_sites(found, wanted))[0])


def of_sites(found: TestingRound, wanted: Collection[int]) -> quick.Question | None:
    """Put `known_sites` as a question, to be asked with others; None where no site is named."""
    text = "SELECT id, area_code FROM records_testingsite WHERE round_id = %s AND id = ANY(%s::bigint[])"
    return (text, [found.pk, list(wanted)]) if wanted else None


def mine(known: Mapping[int, str], wanted: Collection[int], by: Account) -> dict[int, str]:
    """Narrow sites to those of an account. Raise NotYours if one of them is not."""
    near = {pk: known[pk] for pk in wanted if pk in known and _near(known[pk], by.area_code)}
    if len(near) < len(set(wanted)):
        raise NotYours(what="site", area=by.area_code)
    return near


def _near(code: str, other: str) -> bool:
    return code.startswith(other) or other.startswith(code)


def read(found: TestingRound, sent: SwabSent, sites: Mapping[int, str], outbox: Outbox) -> Incoming:
    by, now, sent_at = outbox.by, outbox.now, outbox.sent_at
    off = sent_at - now if sent_at else timedelta()
    taken_at = sent.taken_at - off
    acts = found.outbreak.acts_on_people
    oddities = [OddityKind.CLOCK] if acts and (abs(off) > CLOCK_WRONG or taken_at > now + CLOCK_SLACK) else []
    off_seconds = round(off.total_seconds()) if abs(off) > CLOCK_SLACK else None
    area_code = sites[sent.site] if sent.site is not None else max(found.area_code, by.area_code, key=len)
    # A box that was scanned for a person is nobody.
    is_box = tube_codes.box_serial_of(sent.id_number) is not None
    index = tokens.id_number_index(sent.id_number) if sent.id_number.strip() and not is_box else None
    # Two senders do not take each other's keys.
    key = f"{by.username[:35]}:{sent.source_key[:LONGEST_KEY]}"
    one = Incoming(sent, key, min(taken_at, now), off_seconds, area_code, by, now, index, oddities)
    _place_in_round(found, one)
    return one


def _place_in_round(found: TestingRound, one: Incoming) -> None:
    """Hold back what was not taken while the round was open; mark what was, and came after it was closed."""
    if found.opened_at is None or found.archived_at is not None or one.taken_at < _earliest(found):
        one.oddities.append(OddityKind.NOT_OPEN)
    elif found.closed_at is not None:
        if one.taken_at <= found.closed_at:
            one.is_late = True
        else:
            one.oddities.append(OddityKind.NOT_OPEN)


def _earliest(found: TestingRound) -> datetime:
    if found.outbreak.acts_on_people:
        return found.opened_at - CLOCK_SLACK
    # A rehearsal is looked at day by day: all that is done on one day bears its end.
    return timezone.make_aware(datetime.combine(found.outbreak.day_of(found.opened_at), time()))

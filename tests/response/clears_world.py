"""Records of an outbreak thrown at random, and the plain twin of the four clears that reads them row by row."""

from datetime import timedelta

import numpy as np

from sizao.records.models import (
    Case,
    CaseChange,
    CaseFact,
    Contact,
    ContactChange,
    Household,
    IsolationOrder,
    Person,
    PoolHold,
    PoolMember,
    Stay,
    TestingRound,
    Zone,
    ZoneChange,
)  # fmt: skip
from sizao.terms import (
    CaseFactKind,
    CaseStatus,
    ContactKind,
    ContactState,
    HoldState,
    OrderKind,
    OrderState,
    PlaceKind,
    StayKind,
    ZoneAct,
    ZoneLevel,
    ZoneState,
    ZoneUnit,
)  # fmt: skip
from tests import factories
from tests.response.home_world import DAY, NOW

VILLAGES = ("130109110212", "130109110213", "130109111201", "130109", "130102001001")
RANKS = ("case", "close", "secondary", "general", "pool", "ordered", "zone")


class World:
    def __init__(self, seed: int, n_people: int = 40) -> None:
        self.dice = np.random.default_rng(seed)
        self.outbreak = factories.outbreak()
        self.other = factories.outbreak()
        self.officer = factories.account()
        for code in VILLAGES:
            factories.area(code, code)
        self.hold, self.orphans = self._hold(), 0
        self.building = factories.place(kind=PlaceKind.RESIDENTIAL, area_code=VILLAGES[2])
        self.flat = factories.place(kind=PlaceKind.HOME, area_code=VILLAGES[2], parent=self.building)
        self.people = [self._person() for _ in range(n_people)]
        for person in self.people:
            for add in (self._case, self._contact, self._orders, self._member, self._stays):
                if self.chance(0.45):
                    add(person)
        self._zones()

    def chance(self, share):
        return self.dice.random() < share

    def one_of(self, values):
        return list(values)[self.dice.integers(len(list(values)))]

    def moment(self, earliest=-96, latest=24):
        return NOW + timedelta(hours=int(self.dice.integers(earliest, latest)))

    def later(self, moment, share):
        return moment + timedelta(hours=int(self.dice.integers(1, 60))) if self.chance(share) else None

    def _person(self):
        home = None
        if self.chance(0.2):
            home = Household.objects.create(
                area_code=VILLAGES[2], place=self.flat, source_key=f"home:{self.dice.integers(2**60)}"
            )
        name = "王小明" if self.chance(0.7) else None
        registered = NOW - timedelta(days=9) if self.chance(0.9) else NOW + timedelta(days=1)
        return factories.person(area_code=self.one_of(VILLAGES), household=home, name=name, registered_at=registered)

    def _case(self, person):
        opened = self.moment()
        status = self.one_of([CaseStatus.CONFIRMED, CaseStatus.ASYMPTOMATIC])
        within = self.outbreak if self.chance(0.9) else self.other
        case = factories.case(
            of=person, within=within, opened_at=opened, status=status, area_code=self.one_of(VILLAGES)
        )
        self._changes(CaseChange, "case", case, "status", [(opened, status)])
        if gone := self.later(opened, 0.3):
            again = self.later(gone, 0.5)
            moves = [(gone, CaseStatus.DISCARDED)] + ([(again, CaseStatus.POSITIVE)] if again else [])
            self._changes(CaseChange, "case", case, "status", moves)

        if self.chance(0.25):
            known = self.moment()
            CaseFact.objects.create(
                case=case, kind=self.one_of([CaseFactKind.DIED, CaseFactKind.DISCHARGED]), area_code=case.area_code,
                happened_at=known - timedelta(hours=3), recorded_at=known, by="t",
                withdrawn_at=self.later(known, 0.3),
            )  # fmt: skip

    def _contact(self, person):
        found = self.moment()
        closed = self.later(found, 0.4)
        end = self.one_of([ContactState.RELEASED, ContactState.BECAME_CASE, ContactState.EXCLUDED])
        contact = Contact.objects.create(
            outbreak=self.outbreak, person=person, kind=self.one_of(ContactKind),
            state=end if closed else ContactState.FOUND, area_code=self.one_of(VILLAGES),
            found_at=found, closed_at=closed,
            source="test", source_key=f"contact:{person.pk}",
        )  # fmt: skip
        moves = [(found, ContactState.FOUND)] + ([(closed, end)] if closed else [])
        self._changes(ContactChange, "contact", contact, "state", moves)

    def _changes(self, model, owner, row, field, moves):
        for at, value in moves:
            key = f"{owner}:{row.pk}:{value}:{at.isoformat()}"
            model.objects.create(**{owner: row, field: value, "at": at, "by": "t", "source_key": key})

    def _orders(self, person):
        proposed = self.moment()
        issued = self.later(proposed, 0.6)
        ended = self.later(issued or proposed, 0.3)
        IsolationOrder.objects.create(
            outbreak=self.outbreak, person=person, kind=self.one_of(OrderKind), area_code=self.one_of(VILLAGES),
            state=OrderState.ENDED if ended else OrderState.ISSUED if issued else OrderState.PROPOSED,
            starts_date=DAY, ends_date=DAY + timedelta(days=7), proposed_at=proposed, issued_at=issued, ended_at=ended,
            issued_by=self.officer if issued else None, source_key=f"order:{person.pk}",
        )  # fmt: skip

    def _hold(self):
        testing_round = TestingRound.objects.create(
            outbreak=self.outbreak, number=f"R{self.outbreak.pk}", name="第一轮", area_code="13", pool_size=10,
            protocol="", begins_at=NOW, planned_at=NOW, planned_by="t",
        )  # fmt: skip
        return PoolHold.objects.create(
            round=testing_round, tube="1", state=HoldState.PROPOSED, area_code="130109",
            proposed_at=NOW - timedelta(days=5),
        )  # fmt: skip

    def _member(self, person):
        added = self.moment()
        ended = self.later(added, 0.4)
        known = person if self.chance(0.8) else None
        PoolMember.objects.create(
            hold=self.hold, round=self.hold.round, entry=person.pk, person=known, area_code=self.one_of(VILLAGES),
            added_at=added, ended_at=ended, end_reason="negative" if ended else "",
        )  # fmt: skip

    def _stays(self, person):
        start = self.moment(-96, -60)
        for turn in range(int(self.dice.integers(1, 4))):
            end = self.later(start, 0.7)
            Stay.objects.create(
                person=person, kind=self.one_of(StayKind), area_code=person.area_code, period=(start, end),
                party=-person.pk, recorded_at=start + timedelta(hours=int(self.dice.integers(0, 30))),
                source_key=f"stay:{person.pk}:{turn}",
            )  # fmt: skip
            if end is None:
                return
            start = end

    def _zones(self):
        for unit, code, place in (
            (ZoneUnit.VILLAGE, VILLAGES[0], None), (ZoneUnit.STREET, VILLAGES[0][:9], None),
            (ZoneUnit.BUILDING, VILLAGES[2], self.building), (ZoneUnit.COMPOUND, VILLAGES[4], None),
        ):  # fmt: skip
            published = self.moment(-96, -24)
            zone = Zone.objects.create(
                outbreak=self.outbreak, area_code=code, name=f"{unit}", unit=unit, level=ZoneLevel.HIGH, place=place,
                state=ZoneState.PUBLISHED, proposed_at=published, since_date=DAY,
                source_key=f"zone:{self.outbreak.pk}:{unit}",
            )  # fmt: skip
            lifted = self.later(published, 0.3)
            acts = [(published, ZoneAct.PROPOSED), (published, ZoneAct.PUBLISHED)]
            for turn, (at, act) in enumerate([*acts, *([(lifted, ZoneAct.LIFTED)] if lifted else [])]):
                ZoneChange.objects.create(
                    zone=zone, act=act, level=ZoneLevel.HIGH, at=at, by="t", source_key=f"{zone.source_key}:{turn}"
                )


def latest(changes, field, as_of):
    known = sorted((one for one in changes if one.at <= as_of), key=lambda one: (one.at, one.pk))
    return getattr(known[-1], field) if known else None


def is_open(row, as_of, *moments):
    return all(getattr(row, name) is None or getattr(row, name) > as_of for name in moments)


def plain(world: World, as_of) -> list[tuple[str, tuple[str, str, str]]]:
    """Put every person into a cell of an area by reading all rows about them, one rule after the other."""
    zones = []
    for zone in Zone.objects.filter(outbreak=world.outbreak):
        acts = [one.act for one in zone.changes.all() if one.at <= as_of]
        if ZoneAct.PUBLISHED in acts and ZoneAct.LIFTED not in acts:
            zones.append(zone)
    cells = []
    for person in Person.objects.select_related("household__place"):
        reasons = [*_episodes(world, person, as_of), *_measures(world, person, zones, as_of)]
        if reasons:
            rank, area_code = min(reasons)
            place = "died" if _died(world, person, as_of) else _place(person, as_of)
            cells.append((area_code, (RANKS[rank], place, _control(world, person, reasons, place, as_of))))
    return cells


def _episodes(world, person, as_of):
    for case in Case.objects.filter(outbreak=world.outbreak, person=person, opened_at__lte=as_of):
        if latest(case.changes.all(), "status", as_of) != CaseStatus.DISCARDED:
            yield 0, case.area_code
    for contact in Contact.objects.filter(outbreak=world.outbreak, person=person, found_at__lte=as_of):
        if latest(contact.changes.all(), "state", as_of) in (ContactState.FOUND, ContactState.PLACED):
            yield RANKS.index(contact.kind), contact.area_code


def _measures(world, person, zones, as_of):
    for member in PoolMember.objects.filter(person=person, added_at__lte=as_of):
        if is_open(member, as_of, "ended_at"):
            yield 4, member.area_code
    for order in _orders(world, person, as_of):
        yield 5, order.area_code
    if person.registered_at <= as_of:
        for zone in zones:
            by_place = zone.place_id and person.household and person.household.place.parent_id == zone.place_id
            by_code = zone.unit in (ZoneUnit.VILLAGE, ZoneUnit.STREET) and person.area_code.startswith(zone.area_code)
            if by_place or by_code:
                yield 6, person.area_code


def _orders(world, person, as_of):
    found = IsolationOrder.objects.filter(outbreak=world.outbreak, person=person, proposed_at__lte=as_of)
    return [one for one in found if is_open(one, as_of, "ended_at", "declined_at")]


def _died(world, person, as_of):
    facts = CaseFact.objects.filter(case__outbreak=world.outbreak, case__person=person, kind=CaseFactKind.DIED)
    return any(is_open(one, as_of, "withdrawn_at") and max(one.recorded_at, one.happened_at) <= as_of for one in facts)


def _place(person, as_of):
    for stay in person.stays.all():
        begun = stay.period.lower <= as_of and (stay.period.upper is None or as_of < stay.period.upper)
        if begun and stay.recorded_at <= as_of:
            return str(stay.kind)
    return "unknown"


def _control(world, person, reasons, place, as_of):
    if place == "died":
        return "none"
    if place == "bed":
        return "hospital"
    if place == "vehicle":
        return "transfer"
    orders = _orders(world, person, as_of)
    issued = {one.kind for one in orders if one.issued_at is not None and one.issued_at <= as_of}
    for kind in ("central", "home", "monitoring"):
        if kind in issued:
            return kind
    ranks = {rank for rank, _ in reasons}
    if 4 in ranks:
        return "hold"
    if orders:
        return "proposed"
    return "zone" if 6 in ranks else "none"

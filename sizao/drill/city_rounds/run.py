"""
The rounds carried through the stage's doors, hour by hour, each hour one transaction that ends with a journal line.

A run that was killed goes on after the last whole hour: what happens in an hour is worked out from the seed alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction

from sizao.drill.city_rounds import layout
from sizao.drill.city_rounds.layout import CityPlan
from sizao.drill.city_rounds.story import NEWCOMER, carriers, story_of
from sizao.drill.city_rounds.told import Told, ToldRound, read
from sizao.drill.replay import AreasMissing
from sizao.drill.scenario import Scenario
from sizao.engines import tube_codes
from sizao.engines.simulation.rng import Ints
from sizao.records import journal
from sizao.records.models import Account, Area, Event, Laboratory, LabRun, Outbreak, TestingRound, TestingSite, TubeLot
from sizao.response import accounts, outbreaks, testing
from sizao.response.testing import generated, generated_chain, laboratory
from sizao.response.testing.generated import GeneratedSite, SwabBatch
from sizao.response.testing.generated_chain import GeneratedBox
from sizao.response.testing.laboratory import ReadingSent, RunSent
from sizao.response.testing.tubes import MOST_LABELS
from sizao.terms import LabFeed, OutbreakKind, Reading, Role, TubeKind

STEP_DONE = "city_rounds.step_done"
ROLES = (Role.TESTING_COORDINATOR, Role.SAMPLER, Role.COURIER, Role.LAB_TECHNICIAN, Role.LAB_REVIEWER)
PLANNED_BEFORE = timedelta(hours=12)
CLOSED_AFTER = timedelta(hours=1)
AT_ONCE = 500
# The last second of an hour: what is recorded then is counted in it.
HOUR, LAST = timedelta(hours=1), timedelta(seconds=1)
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Carried:
    """What a run did: the outbreak of the rounds, the rounds, and how many steps were carried through now."""

    outbreak: Outbreak
    rounds: tuple[TestingRound, ...]
    steps: int


def carry(scenario: Scenario, *, one_in: int = 1, until_steps: int | None = None, tell: Tell | None = None) -> Carried:
    """
    Carry the rounds of a scenario from plan to coverage; steps that are done are passed over.

    `one_in` 100 does so for a hundredth of the people. `until_steps` stops after so many steps; run again to go on.
    `tell` is called with the name of each step, its place in the round and how many the round has. Raise AreasMissing,
    NoRounds, or what the doors raise.
    """
    told = read(scenario)
    if not Area.objects.filter(code=told.area_code).exists():
        raise AreasMissing(area_code=told.area_code)
    outbreak = opened(told, scenario, one_in)
    city = layout.planned(told, layout.homes_of(told, scenario, one_in=one_in), one_in=one_in)
    taken = 0
    for number, one in enumerate(told.rounds):
        runner = _Runner(told, one, number, city, outbreak, one_in)
        steps = list(runner.steps())
        for place, (name, step) in enumerate(steps):
            if name in runner.done:
                continue
            if until_steps is not None and taken >= until_steps:
                return _carried(outbreak, taken)
            runner.take(name, step)
            taken += 1
            if tell:
                tell(f"{number + 1} {name}", place + 1, len(steps))
    return _carried(outbreak, taken)


def _carried(outbreak: Outbreak, taken: int) -> Carried:
    return Carried(outbreak, tuple(TestingRound.objects.filter(outbreak=outbreak).order_by("number")), taken)


@transaction.atomic
def opened(told: Told, scenario: Scenario, one_in: int = 1) -> Outbreak:
    """Open the outbreak of the rounds, or find it open; its people are generated and it is a replay."""
    slug = told.slug if one_in == 1 else f"{told.slug}-1-in-{one_in}"
    found = Outbreak.objects.filter(slug=slug).first()
    return found or outbreaks.open(
        slug=slug, name=told.name, name_en=told.name_en, disease=scenario.disease, kind=OutbreakKind.REPLAY,
        area_code=told.area_code, first_date=scenario.first_date, last_date=scenario.last_date, by=None,
        now=told.rounds[0].begins_at - 2 * PLANNED_BEFORE,
    )  # fmt: skip


def staff_of(told: Told) -> dict[Role, Account]:
    """Give each role an account that nobody signs in with; the same ones again later."""
    staff = {}
    for role in ROLES:
        name = f"replay_{role}_{told.area_code}"
        staff[role] = (
            Account.objects.filter(username=name).first()
            or accounts.give(
                username=name, role=role, area_code=told.area_code, display_name=f"回放脚本·{role.zh}", by=None,
                now=told.rounds[0].begins_at - 2 * PLANNED_BEFORE,
            )[0]
        )  # fmt: skip
    return staff


class _Runner:
    """Carries one round."""

    def __init__(
        self, told: Told, one: ToldRound, number: int, city: CityPlan, outbreak: Outbreak, one_in: int
    ) -> None:
        self.told, self.one, self.number, self.city, self.outbreak = told, one, number, city, outbreak
        self.story = story_of(one, number, city, told.made, one_in=one_in)
        self.staff = staff_of(told)
        self.done = _steps_done(outbreak, number)
        self._round: TestingRound | None = None
        self._codes: list[str] = []
        self._sites: list[TestingSite | None] = []
        self._laboratories: list[Laboratory] = []
        self._tubes_of_box = np.argsort(self.story.carriage.box, kind="stable")
        self._box_ends = np.cumsum(self.story.carriage.tubes)

    def steps(self) -> Iterator[tuple[str, Callable[[], datetime]]]:
        """List the steps of the round by name, with what each does."""
        yield "plan", self._plan
        for hour in range(self.story.n_hours):
            yield f"hour {hour:03}", lambda hour=hour: self._hour(hour)
        yield "close", self._close

    def take(self, name: str, step: Callable[[], datetime]) -> None:
        """Take one step, all or nothing."""
        with transaction.atomic():
            at = step()
            facts = {"round": self.number, "step": name}
            journal.write(STEP_DONE, self.outbreak, by=None, at=at, **facts)

    # --- The steps ---

    def _plan(self) -> datetime:
        coordinator, now = self.staff[Role.TESTING_COORDINATOR], self.one.begins_at - PLANNED_BEFORE
        planned = testing.plan_round(
            outbreak=self.outbreak, name=self.one.name, areas=[self.told.area_code],
            pool_size=self.told.made.pool_size, begins_at=self.one.begins_at, by=coordinator, now=now,
            is_generated=True,
        )  # fmt: skip
        generated.add_generated_sites(
            testing_round=planned, sites=self._planned_sites(_laboratories(self, now)), by=coordinator, now=now
        )
        planned.plan = self._sums()
        planned.save(update_fields=["plan"])
        former = TestingRound.objects.filter(outbreak=self.outbreak).exclude(pk=planned.pk).order_by("-number").first()
        if former is None:
            homes = self.city.homes
            generated.make_generated_roster(
                testing_round=planned, villages=homes.codes, people=homes.people.tolist(), by=coordinator, now=now
            )
        else:
            testing.take_over_roster(testing_round=planned, former=former, by=coordinator, now=now)
        for start in range(0, len(self.story.run), MOST_LABELS):
            size = min(MOST_LABELS, len(self.story.run) - start)
            testing.print_lot(testing_round=planned, size=size, by=coordinator, now=now)
        testing.open_round(testing_round=planned, by=coordinator, now=self.one.begins_at)
        return now

    def _hour(self, hour: int) -> datetime:
        self._look_up()
        now = self.one.begins_at + (hour + 1) * HOUR - LAST
        self._swab(hour, now)
        self._pack(hour, now)
        self._receive(hour, now)
        self._read(hour, now)
        self._release(hour, now)
        return now

    def _close(self) -> datetime:
        self._look_up()
        coordinator = self.staff[Role.TESTING_COORDINATOR]
        now = self.one.begins_at + self.story.n_hours * HOUR + CLOSED_AFTER
        made, missed = self.told.made, self.story.missed
        dice = np.random.default_rng([made.seed, self.number, len(missed)])
        known = dice.permutation(missed)[: round(len(missed) * made.explained)]
        ends = np.rint(np.cumsum(list(made.reasons.values())) * len(known)).astype(np.int64)
        for reason, part in zip(made.reasons, np.split(known, ends[:-1]), strict=True):
            generated.explain_generated(
                testing_round=self.round, entries=np.sort(part).tolist(), reason=reason, by=coordinator, now=now
            )
        testing.close_round(testing_round=self.round, by=coordinator, now=now)
        return now

    # --- Parts of an hour ---

    def _swab(self, hour: int, now: datetime) -> None:
        begins_at = self.one.begins_at + hour * HOUR
        swabs = self.story.swabs
        if hour + 1 < len(swabs.starts):
            rows = slice(int(swabs.starts[hour]), int(swabs.starts[hour + 1]))
            used, tube = np.unique(swabs.tube[rows], return_inverse=True)
            batch = SwabBatch(
                begins_at=begins_at, entry=swabs.entry[rows], tube=tube, second=swabs.second[rows],
                codes=[self._codes[one] for one in used.tolist()], sites=self._site_ids(used),
                tables=[1] * len(used),
            )  # fmt: skip
            generated.register_generated(testing_round=self.round, batch=batch, by=self.staff[Role.SAMPLER], now=now)
        self._at_desk(hour, now)

    def _at_desk(self, hour: int, now: datetime) -> None:
        """Register who came without being on the roster, who came twice, and who was called back."""
        sent = []
        for desk, kind in ((self.story.others, TubeKind.POOL), (self.story.recalled, TubeKind.SINGLE)):
            rows = desk.of(hour)
            ids = self._site_ids(desk.tube[rows.start : rows.stop])
            sent += [
                testing.SwabSent(
                    source_key=f"{kind}-{row}", tube=self._codes[desk.tube[row]], taken_at=now, kind=kind, site=site,
                    table=1, **_who(int(desk.entry[row]), row),
                )
                for row, site in zip(rows, ids, strict=True)
            ]  # fmt: skip
        for start in range(0, len(sent), AT_ONCE):
            testing.register_swabs(
                testing_round=self.round, swabs=sent[start : start + AT_ONCE], by=self.staff[Role.SAMPLER], now=now
            )

    def _pack(self, hour: int, now: datetime) -> None:
        carriage = self.story.carriage
        boxes = []
        for box in np.flatnonzero(carriage.packed == hour).tolist():
            end = int(self._box_ends[box])
            tubes = self._tubes_of_box[end - int(carriage.tubes[box]) : end]
            site = self._sites[int(carriage.site[box])]
            assert site is not None
            assert site.laboratory is not None
            codes = [self._codes[tube] for tube in tubes.tolist()]
            boxes.append(GeneratedBox(self._box_key(box), site, site.laboratory, codes))
        if boxes:
            generated_chain.pack_generated(
                testing_round=self.round, boxes=boxes, coordinator=self.staff[Role.TESTING_COORDINATOR],
                by=self.staff[Role.COURIER], now=now,
            )  # fmt: skip

    def _receive(self, hour: int, now: datetime) -> None:
        keys = [self._box_key(box) for box in np.flatnonzero(self.story.carriage.received == hour).tolist()]
        if keys:
            generated_chain.receive_generated(
                testing_round=self.round, keys=keys, packed_by=self.staff[Role.COURIER],
                by=self.staff[Role.LAB_TECHNICIAN], now=now,
            )  # fmt: skip

    def _read(self, hour: int, now: datetime) -> None:
        story = self.story
        due = np.flatnonzero(story.run == hour)
        for number in np.unique(story.laboratory[due]).tolist():
            where = self._laboratories[number]
            readings = [
                ReadingSent(self._codes[tube], Reading.POSITIVE if story.is_positive[tube] else Reading.NEGATIVE)
                for tube in due[story.laboratory[due] == number].tolist()
            ]
            sent = RunSent(LabFeed.SPREADSHEET, self._run_key(number, hour), f"{where.code} {hour:03}", readings)
            laboratory.record_run(laboratory=where, sent=sent, by=self.staff[Role.LAB_TECHNICIAN], now=now)

    def _release(self, hour: int, now: datetime) -> None:
        read_in = hour - self.told.made.release_after_hours
        keys = [self._run_key(number, read_in) for number in range(len(self._laboratories))]
        for run in LabRun.objects.filter(source_key__in=keys).order_by("pk"):
            laboratory.release_run(run=run, by=self.staff[Role.LAB_REVIEWER], now=now)

    # --- What is there ---

    @property
    def round(self) -> TestingRound:
        """Give the round, which is planned."""
        assert self._round is not None
        return self._round

    def _look_up(self) -> None:
        if self._round is not None:
            return
        number = f"R{self.number + 1:03}"
        self._round = TestingRound.objects.select_related("outbreak").get(outbreak=self.outbreak, number=number)
        for lot in TubeLot.objects.filter(round=self._round).order_by("first_serial"):
            self._codes += [tube_codes.code_of(lot.first_serial + place) for place in range(lot.size)]
        self._laboratories = _laboratories(self, self.one.begins_at)
        sites = TestingSite.objects.filter(round=self._round).select_related("laboratory").order_by("number")
        self._sites = [None] * len(self.city.site_village)
        for row, site in zip(self._open_sites().tolist(), sites, strict=True):
            self._sites[row] = site

    def _open_sites(self) -> Ints:
        return np.flatnonzero(self.city.plan.layout.tables)

    def _site_ids(self, tubes: Ints) -> list[int]:
        found = [self._sites[site] for site in self.story.tubes.site[tubes].tolist()]
        return [site.pk for site in found if site is not None]

    def _box_key(self, box: int) -> str:
        return f"{self.outbreak.slug}:{self.number}:box:{box}"

    def _run_key(self, number: int, hour: int) -> str:
        return f"{self.outbreak.slug}:{self.number}:run:{number}:{hour}"

    def _planned_sites(self, laboratories: Sequence[Laboratory]) -> list[GeneratedSite]:
        city, plan = self.city, self.city.plan
        people, (carrier, _) = plan.layout.site_people(), carriers(city)
        found = []
        for row in self._open_sites().tolist():
            village = city.homes.codes[int(city.site_village[row])]
            longitude, latitude = city.site_at[row].tolist()
            found.append(
                GeneratedSite(
                    name=f"模拟采样点{row + 1:05}", area_code=_known(village), latitude=latitude, longitude=longitude,
                    n_tables=int(plan.layout.tables[row]), n_samplers=int(plan.samplers[row]),
                    people=int(people[row]), laboratory=laboratories[int(carrier[row])],
                )
            )  # fmt: skip
        return found

    def _sums(self) -> dict[str, object]:
        plan = self.city.plan
        return {
            "people": self.city.n_people, "unplaced": int(plan.layout.unplaced.sum()),
            "sites": len(self._open_sites()), "tables": int(plan.layout.tables.sum()),
            "samplers": int(plan.samplers.sum()), "tubes": int(plan.tubes.sum()),
            "people_per_table_hour": layout.TABLE_PEOPLE_HOUR,
            "swabbed_hours": plan.course.swabbed_hours, "ends_hours": plan.course.ends_hours,
            "hours": {
                "swabbed": np.round(plan.course.swabbed.sum(axis=1), 1).tolist(),
                "taken": np.round(plan.course.taken.sum(axis=1), 1).tolist(),
                "waiting": np.round(plan.course.waiting.sum(axis=1), 1).tolist(),
            },
            "shortages": [], "begins_at": self.one.begins_at.isoformat(),
        }  # fmt: skip


def _laboratories(runner: _Runner, now: datetime) -> list[Laboratory]:
    """Find the laboratories of the rounds, or register them."""
    found = []
    city = runner.city
    for number, (county, tubes) in enumerate(zip(city.laboratory_counties, city.tubes_per_hour.tolist(), strict=True)):
        code = f"SIM-{runner.told.area_code}-{number + 1:02}"
        found.append(
            Laboratory.objects.filter(code=code).first()
            or laboratory.add_laboratory(
                laboratory_code=code, name=f"模拟检测机构{number + 1:02}", area_code=county, tubes_per_hour=tubes,
                by=runner.staff[Role.TESTING_COORDINATOR], now=now,
            )
        )  # fmt: skip
    return found


def _known(village: str) -> str:
    """Give the area of the register that holds a community under a code of our own."""
    digits = [len(village), 9, 6]
    return next(village[:one] for one in digits if Area.objects.filter(code=village[:one]).exists())


def _who(entry: int, row: int) -> dict[str, object]:
    return {"name": f"模拟来人{row + 1}"} if entry == NEWCOMER else {"entry": entry}


def _steps_done(outbreak: Outbreak, number: int) -> set[str]:
    lines = Event.objects.filter(outbreak_id=outbreak.pk, verb=STEP_DONE, facts__round=number)
    return set(lines.values_list("facts__step", flat=True))


def analyse() -> None:
    """Let the database know how large the tables have become, so that boards ask it well."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

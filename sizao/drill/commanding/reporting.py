"""
The morning of a replay: the reports of the day before go up, county by county and city by city, and the bulletin out.

All of it by the verbs of production. What was not published, who signed and when, is made up.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sizao.drill.commanding.actors import Actors
from sizao.drill.commanding.told import Reports, at
from sizao.records.models import Bulletin, DailyReport, Outbreak
from sizao.response.reports import bulletins, daily, daily_acts
from sizao.terms import AREA_DIGITS, AreaLevel, BulletinState, Role

CITY, COUNTY = AREA_DIGITS[AreaLevel.CITY], AREA_DIGITS[AreaLevel.COUNTY]
LATE_ROWS = "前期数据已补录，按现有记录更正。"  # the words of a reporter whose figures changed behind them


class Morning:
    """The reports of one outbreak, of one day at a time."""

    def __init__(self, outbreak: Outbreak, told: Reports, actors: Actors) -> None:
        self.outbreak, self.told, self.actors = outbreak, told, actors

    def carry(self, day: date) -> None:
        """Report the day before, on the morning of a day."""
        over = day - timedelta(days=1)
        counted = self._at(day, "counted_at")
        daily.advance(outbreak=self.outbreak, now=counted)
        bulletins.advance(outbreak=self.outbreak, now=counted)
        self._reporters(counted)
        standing = self._standing(over)
        by_size = {size: [one for one in standing if len(one.area_code) == size] for size in (2, CITY, COUNTY)}
        self._correct_what_differs(day)
        self._submit(by_size[COUNTY], self._at(day, "counties_at"))
        self._judge(by_size[COUNTY], day, self._at(day, "cities_judge_at"))
        self._submit(by_size[CITY], self._at(day, "cities_at"))
        self._judge(by_size[CITY], day, self._at(day, "province_judges_at"))
        self._submit(by_size[2], self._at(day, "province_at"))
        self._judge(by_size[2], day, self._at(day, "province_approves_at"))
        self._tell_everybody(over, self._at(day, "bulletin_at"))

    def _at(self, day: date, name: str) -> datetime:
        return at(day, self.told.times[name])

    def _reporters(self, now: datetime) -> None:
        codes = daily.reporting_areas(self.outbreak)
        roles = [(Role.REPORTER, code) for code in codes]
        self.actors.prepare([*roles, *((Role.COMMANDER, code) for code in codes if len(code) < COUNTY)], now)

    def _standing(self, over: date) -> list[DailyReport]:
        rows = DailyReport.objects.filter(outbreak=self.outbreak, date=over).of_areas().standing()
        return [one for one in rows.order_by("area_code") if (over, one.area_code) not in self.told.missing]

    def _submit(self, reports: Iterable[DailyReport], now: datetime) -> None:
        drafts = [one for one in reports if one.submitted_at is None]  # a newcomer may have submitted one already
        by = {one.area_code: self.actors.of(Role.REPORTER, one.area_code, now) for one in drafts}
        daily_acts.submit_many(reports=drafts, by=by, now=now)

    def _judge(self, reports: list[DailyReport], day: date, now: datetime) -> None:
        """Let each level above return what it returns, and approve the rest; what comes back is approved then."""
        returned = [one for one in reports if (one.date, one.area_code) in self.told.returned]
        self._approve([one for one in reports if one not in returned and one.approved_at is None], now)
        for one in returned:
            told = self.told.returned[one.date, one.area_code]
            daily_acts.send_back(report=one, reason=told.reason, by=self._above(one, now), now=now)
            again = max(now, self._at(day, "corrected_at"))
            by = self.actors.of(Role.REPORTER, one.area_code, again)
            new = daily_acts.correct(report=one, reason=told.corrected, by=by, now=again)
            self._approve([new], max(again, self._at(day, "judged_again_at")))

    def _approve(self, reports: Iterable[DailyReport], now: datetime) -> None:
        together: dict[str, list[DailyReport]] = {}
        for one in reports:
            together.setdefault(self._judging(one.area_code), []).append(one)
        for code, mine in together.items():
            daily_acts.approve_many(reports=mine, by=self.actors.judge(code, now), now=now)

    def _above(self, one: DailyReport, now: datetime):  # noqa: ANN202 — an account
        return self.actors.judge(self._judging(one.area_code), now)

    def _judging(self, area_code: str) -> str:
        """Name the area that judges a report: the level above, the highest its own."""
        return area_code[:CITY] if len(area_code) > CITY else self.outbreak.area_code

    def _correct_what_differs(self, day: date) -> None:
        """Let reporters correct what rows tell otherwise by now."""
        now = self._at(day, "counties_at")
        rows = DailyReport.objects.filter(outbreak=self.outbreak, differs_at__isnull=False).of_areas().standing()
        for one in rows.filter(submitted_at__isnull=False).order_by("date", "area_code"):
            by = self.actors.of(Role.REPORTER, one.area_code, now)
            new = daily_acts.correct(report=one, reason=LATE_ROWS, by=by, now=now)
            self._approve([new], self._at(day, "cities_judge_at"))

    def _tell_everybody(self, over: date, now: datetime) -> None:
        drafted = Bulletin.objects.filter(outbreak=self.outbreak, date=over, state=BulletinState.DRAFT)
        for one in drafted.order_by("version"):
            bulletins.issue(bulletin=one, by=self.actors.judge(self.outbreak.area_code, now), now=now)

"""The bulletin of a day: what it tells, what it hides, who may change its words, and that all versions stay."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.protocol.disclosure import Disclosure, shipped_disclosure
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import Bulletin, CaseChange, Event
from sizao.response.reports import bulletin_text, bulletins, daily
from sizao.response.reports.bulletin_figures import may_be_told, told_of
from sizao.terms import AreaLevel, BulletinState, CaseStatus, Figure, Role, ValueStatus
from tests import factories

pytestmark = pytest.mark.django_db
FIRST = date(2021, 1, 2)
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
LEAST = shipped_disclosure().least
# Authorities that tell less: no county below the least number; and nothing at all below it.
NO_SMALL_COUNTY, NOTHING_SMALL = (
    Disclosure(frozenset(levels), LEAST, ValueStatus.LOCAL, (), "")
    for levels in ((AreaLevel.PROVINCE, AreaLevel.CITY), ())
)


class TestDrafting:
    def test_makes_one_for_each_day_that_is_over(self, town):
        assert bulletins.advance(outbreak=town.outbreak, now=NOW) == 8
        assert bulletins.advance(outbreak=town.outbreak, now=NOW) == 0
        assert list(town.outbreak.bulletins.order_by("date").values_list("date", flat=True))[-1] == date(2021, 1, 9)

    def test_takes_what_the_reports_of_the_same_turn_counted(self, town, monkeypatch):
        town.confirmed("130102", 7, day=2)
        daily.advance(outbreak=town.outbreak, now=NOW)
        counted = may_be_told(
            "13", daily.by_day(town.outbreak, FIRST + timedelta(days=2), NOW.date(), as_of=NOW)[0], None
        )
        monkeypatch.setattr(daily, "by_day", None)  # nothing is counted a second time
        told = town.drafted(2).figures
        assert told["cells"] == counted["cells"]
        assert told["cells"][Figure.NEW_CONFIRMED] == {"13": 7, "1301": 7, "130102": 7}

    def test_says_first_what_matters(self, town):
        town.confirmed("130102", 7, day=2)
        town.confirmed("130109", 9, day=2)
        told = bulletins.paragraphs(town.drafted(2), "zh")
        assert told[0] == (
            "2021年1月4日0—24时，河北省新增确诊病例16例（石家庄市16例）；无新增无症状感染者。"
        )  # fmt: skip
        assert told[1] == "截至2021年1月4日24时，累计报告确诊病例16例，尚在医学观察的无症状感染者0例。"
        assert bulletins.paragraphs(town.drafted(2), "en")[0].endswith("and no new asymptomatic infection.")

    def test_says_for_how_long_there_was_nothing(self, town):
        town.confirmed("130102", 7, day=0)
        assert "已连续3日无新增感染者" in bulletins.paragraphs(town.drafted(3), "zh")[0]

    def test_tells_the_totals_of_province_city_and_county_whatever_their_size(self, town):
        town.confirmed("130109", 2, day=2)
        bulletin = town.drafted(2)
        assert bulletin.figures["cells"][Figure.NEW_CONFIRMED] == {"13": 2, "1301": 2, "130109": 2}
        told = bulletins.paragraphs(bulletin, "zh")
        assert told[0].startswith("2021年1月4日0—24时，河北省新增确诊病例2例（石家庄市2例）")
        assert told[1].startswith("截至2021年1月4日24时，累计报告确诊病例2例")

    def test_names_no_area_below_the_county(self, town):
        town.confirmed("130109104", 6, day=2)
        assert set(town.drafted(2).figures["cells"][Figure.NEW_CONFIRMED]) == {"13", "1301", "130109"}

    def test_of_an_authority_that_protects_counties_neither_tells_nor_names_a_small_one(self):
        told = told_of(may_be_told("13", counted_of(0, [day_of_counties(7, 9, 2)]), None, NO_SMALL_COUNTY))
        assert told.cells[Figure.NEW_CONFIRMED] == {"13": 18, "1301": 16, "130102": 7, "130109": 9, "1305": 2}
        assert told.cell(Figure.NEW_CONFIRMED, "130502") is None
        assert told.leaves_out
        alone = told_of(may_be_told("13", counted_of(0, [day_of_counties(7, 2, 0)]), None, NO_SMALL_COUNTY))
        assert alone.cells[Figure.NEW_CONFIRMED] == {"13": 9, "1301": 9}  # 7 would give the 2 away

    def test_keeps_what_is_hidden_out_of_the_row(self):
        counted = counted_of(0, [day_of_counties(0, 3, 0)])
        kept = may_be_told("13", counted, None, NOTHING_SMALL)
        assert kept["cells"][Figure.NEW_CONFIRMED] == {"13": None}
        assert Figure.CONFIRMED not in kept["stocks"]

    def test_leaves_out_a_total_older_than_a_few_days(self, town, monkeypatch):
        monkeypatch.setattr("sizao.response.reports.bulletin_figures.shipped_disclosure", lambda: NOTHING_SMALL)
        town.confirmed("130109", 8, day=1)
        town.confirmed("130109", 2, day=2)
        told = {day: "".join(bulletins.paragraphs(town.drafted(day), "zh")) for day in (4, 5)}
        assert {day: "累计报告确诊病例" in text for day, text in told.items()} == {4: True, 5: False}


class TestWhatAnybodyCanWorkOut:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.fixed_dictionaries(
                {
                    "130102": st.integers(0, 9), "130109": st.integers(0, 9), "130502": st.integers(0, 9),
                    "1305": st.integers(0, 3), "converted": st.integers(0, 9), "asymptomatic": st.integers(0, 12),
                }
            ),
            min_size=1, max_size=6,
        )
    )  # fmt: skip
    def test_no_told_number_and_no_difference_of_told_numbers_is_a_few_people(self, days):
        before, rows = None, []
        for n, day in enumerate(days):
            before = may_be_told("13", counted_of(n, days[: n + 1]), before, NOTHING_SMALL)
            rows.append((day, told_of(before)))
        for _, told in rows:
            for figure, cells in told.cells.items():
                assert not [one for one in cells.values() if one is not None and 0 < one < LEAST], figure
                assert_inner_differences_wide(cells)
            new, converted = told.cell(Figure.NEW_CONFIRMED, "13"), told.cell(Figure.CONVERTED, "13")
            if new is not None and converted:
                assert wide(new - converted)
        for figure in (Figure.CONFIRMED, Figure.ASYMPTOMATIC):
            values = [told.stocks[figure] for _, told in rows if figure in told.stocks]
            for (one, _), (next_one, _) in pairwise(values):
                assert wide(next_one - one)
        assert_flows_do_not_complete_stocks([told for _, told in rows])

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1, max_size=4))
    def test_what_authorities_publish_is_told_and_no_small_county_follows(self, days):
        shipped = before = None
        drawn = [day_of_counties(*one) for one in days]
        for n, _ in enumerate(drawn):
            counted = counted_of(n, drawn[: n + 1])
            shipped = may_be_told("13", counted, shipped)
            truth = {code: found[Figure.NEW_CONFIRMED] for code, found in counted.items()}
            assert shipped["cells"][Figure.NEW_CONFIRMED] == {"13": 0} | {
                c: count for c, count in truth.items() if count
            }
            assert shipped["stocks"][Figure.CONFIRMED][0] == counted.of("13")[Figure.CONFIRMED]
            before = may_be_told("13", counted, before, NO_SMALL_COUNTY)
            cells = before["cells"][Figure.NEW_CONFIRMED]
            for city in ("1301", "1305"):
                named = [count for code, count in cells.items() if code.startswith(city) and len(code) == 6]
                assert cells.get(city, 0) == truth[city]
                assert not [count for count in named if count < LEAST]
                assert not named or wide(truth[city] - sum(named))


class TestEditing:
    def test_changes_words_and_no_figure(self, town, officer):
        town.confirmed("130102", 7, day=2)
        draft = town.drafted(2)
        text = "各地要抓紧抓实。\n{day}，{area}{confirmed}，{asymptomatic}。请拨打12320。第一人民医院不接诊。"
        bulletins.edit(bulletin=draft, text_zh=text, text_en=draft.text_en, by=officer, now=NOW)
        told = bulletins.paragraphs(Bulletin.objects.get(pk=draft.pk), "zh")
        assert told[0] == "各地要抓紧抓实。"
        assert "新增确诊病例7例" in told[1]
        assert Event.objects.get(verb="bulletin.edited").actor == officer.username

    @pytest.mark.parametrize(
        ("text", "refusal"),
        [
            ("{confirmed}{asymptomatic}，另有3例待查", bulletin_text.FigureByHand),
            ("{confirmed}{asymptomatic}，另有三名待查", bulletin_text.FigureByHand),
            ("{confirmed}{asymptomatic}, 12 more cases wait", bulletin_text.FigureByHand),
            ("{confirmed}{asymptomatic}{deaths}", bulletin_text.GapUnknown),
            ("{confirmed}{asymptomatic}{", bulletin_text.GapUnknown),
            ("{confirmed}", bulletin_text.GapMissing),
            (" ", bulletin_text.TextUnfit),
            ("x" * 4001, bulletin_text.TextUnfit),
        ],
    )
    def test_refuses_a_text_that_could_say_other_than_the_rows(self, town, officer, text, refusal):
        draft = town.drafted(2)
        with pytest.raises(refusal):
            bulletins.edit(bulletin=draft, text_zh=text, text_en=draft.text_en, by=officer, now=NOW)
        assert Bulletin.objects.get(pk=draft.pk).edited_at is None

    def test_of_an_issued_one_is_refused(self, town, officer):
        issued = bulletins.issue(bulletin=town.drafted(2), by=officer, now=NOW)
        with pytest.raises(bulletins.BulletinLocked):
            bulletins.edit(bulletin=issued, text_zh=issued.text_zh, text_en=issued.text_en, by=officer, now=NOW)


class TestIssuing:
    def test_is_what_everybody_reads_from_then_on(self, town, officer):
        draft = town.drafted(2)
        assert not bulletins.public().exists()
        bulletins.issue(bulletin=draft, by=officer, now=NOW)
        assert [one.date for one in bulletins.public()] == [FIRST + timedelta(days=2)]
        with pytest.raises(bulletins.BulletinCannotMove):
            bulletins.issue(bulletin=draft, by=officer, now=NOW)

    def test_takes_the_right_over_the_whole_area(self, town):
        draft = town.drafted(2)
        with pytest.raises(NotAllowed):
            bulletins.issue(bulletin=draft, by=factories.account(role=Role.REPORTER, area_code="13"), now=NOW)
        with pytest.raises(NotYours):
            bulletins.issue(bulletin=draft, by=factories.account(role=Role.COMMANDER, area_code="1301"), now=NOW)

    def test_a_correction_stands_beside_what_it_corrects(self, town, officer):
        town.confirmed("130102", 7, day=2)
        first = bulletins.issue(bulletin=town.drafted(2), by=officer, now=NOW)
        town.confirmed("130102", 1, day=2)  # one who came to be known later changes nothing of the locked figures
        second = bulletins.correct(bulletin=first, reason="地名有误", by=officer, now=NOW)
        with pytest.raises(bulletins.CorrectionWaits):
            bulletins.correct(bulletin=first, reason="地名有误", by=officer, now=NOW)
        bulletins.issue(bulletin=second, by=officer, now=NOW)
        kept = {one.version: one for one in bulletins.public()}
        assert {n: one.state for n, one in kept.items()} == {1: BulletinState.REPLACED, 2: BulletinState.ISSUED}
        assert kept[1].figures == kept[2].figures

    def test_a_correction_says_why(self, town, officer):
        issued = bulletins.issue(bulletin=town.drafted(2), by=officer, now=NOW)
        with pytest.raises(bulletins.CorrectionUnexplained):
            bulletins.correct(bulletin=issued, reason=" ", by=officer, now=NOW)


class Town:
    """A province with a city of two counties and cases by day."""

    def __init__(self):
        names = {"13": "河北省", "1301": "石家庄市", "130102": "长安区", "130109": "藁城区"}
        for code, name in names.items():
            factories.area(code, name)
        self.outbreak = factories.outbreak(first_date=FIRST)

    def confirmed(self, area_code, count, *, day):
        at = daily.day_of(FIRST + timedelta(days=day)).start_at + timedelta(hours=9)
        for _ in range(count):
            case = factories.case(within=self.outbreak, area_code=area_code, opened_at=at)
            CaseChange.objects.create(
                case=case, status=CaseStatus.CONFIRMED, at=at, by="sizao", source_key=f"test:{case.pk}"
            )

    def drafted(self, day):
        bulletins.advance(outbreak=self.outbreak, now=NOW)
        return self.outbreak.bulletins.get(date=FIRST + timedelta(days=day))


@pytest.fixture
def town():
    return Town()


@pytest.fixture
def officer():
    return factories.account(role=Role.COMMANDER, area_code="13")


def counted_of(n, days):
    """Make a day's figures as rows would count them: cases of some counties, and of a city without a county."""
    flows = ("130102", "130109", "130502", "1305")
    found = {}
    for code in {code[:size] for code in flows for size in (2, 4, 6) if len(code) >= size}:
        new = sum(days[n][one] for one in flows if one.startswith(code))
        found[code] = daily.zeros() | {str(Figure.NEW_CONFIRMED): new}
    whole = found["13"]
    converted = [min(day["converted"], sum(day[one] for one in flows)) for day in days]
    whole[Figure.NEW_ASYMPTOMATIC] = days[n]["asymptomatic"] + converted[n]
    whole[Figure.CONVERTED] = converted[n]
    whole[Figure.CONFIRMED] = sum(day[one] for day in days for one in flows)
    whole[Figure.ASYMPTOMATIC] = sum(day["asymptomatic"] for day in days)
    return daily.DayFigures(FIRST + timedelta(days=n), found, {}, daily.Kept(()))


def day_of_counties(one, other, third):
    """Make a day with new cases in three counties of two cities, and nothing else."""
    zeros = dict.fromkeys(("1305", "converted", "asymptomatic"), 0)
    return zeros | {"130102": one, "130109": other, "130502": third}


def wide(count):
    return count == 0 or abs(count) >= LEAST


def assert_inner_differences_wide(cells):
    told = {code: count for code, count in cells.items() if count is not None}
    for code, count in told.items():
        below = [one for one in told if one != code and one.startswith(code)]
        nearest = [one for one in below if not any(one != other and one.startswith(other) for other in below)]
        assert wide(count - sum(told[one] for one in nearest)), (code, cells)


def assert_flows_do_not_complete_stocks(days):
    flows = {
        Figure.CONFIRMED: {Figure.NEW_CONFIRMED: 1},
        Figure.ASYMPTOMATIC: {Figure.NEW_ASYMPTOMATIC: 1, Figure.CONVERTED: -1},
    }
    for figure, parts in flows.items():
        last, since = 0, 0
        for n, told in enumerate(days):
            since += sum(sign * (told.cell(part, "13") or 0) for part, sign in parts.items())
            if figure in told.stocks and told.stocks[figure][1] == (FIRST + timedelta(days=n)).isoformat():
                assert wide(told.stocks[figure][0] - last - since), (figure, days)
                last, since = told.stocks[figure][0], 0

"""A small province with accounts at each level, and the acts on a directive in short."""

from datetime import UTC, datetime, timedelta

from sizao.records.models import DirectivePart
from sizao.response.tasks import directives
from sizao.terms import AreaLevel, Role
from tests import factories

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PROVINCE, CITY, OTHER_CITY, COUNTY, STREET, VILLAGE = "13", "1301", "1302", "130109", "130109001", "130109001001"
AREAS = {
    PROVINCE: "河北", CITY: "石家庄", OTHER_CITY: "唐山", COUNTY: "藁城", "130110": "鹿泉", STREET: "廉州镇",
    VILLAGE: "一村", "130109001002": "二村",
}  # fmt: skip
DOWN_TO_COUNTIES = (AreaLevel.CITY, AreaLevel.COUNTY)


def at(hours):
    return NOW + timedelta(hours=hours)


class Province:
    """Areas, one commander and one duty officer an office, one grid worker in the street."""

    def __init__(self):
        self.areas = {code: factories.area(code, name) for code, name in AREAS.items()}
        self.commander = factories.account(role=Role.COMMANDER, area_code=PROVINCE, display_name="省指挥长")
        self.officer = factories.account(role=Role.DUTY_OFFICER, area_code=PROVINCE, display_name="省值班员")
        self.city = factories.account(role=Role.COMMANDER, area_code=CITY, display_name="市指挥长")
        self.county = factories.account(role=Role.DUTY_OFFICER, area_code=COUNTY, display_name="县值班员")
        self.county_commander = factories.account(role=Role.COMMANDER, area_code=COUNTY, display_name="县指挥长")
        self.street = factories.account(role=Role.GRID_WORKER, area_code=STREET, display_name="镇网格员")

    def issue(self, *, areas=(PROVINCE,), levels=(AreaLevel.CITY,), by=None, key="d1", now=NOW, outbreak=None, **said):
        to = directives.Recipients(areas, levels, said.pop("role", None))
        by = by or self.commander
        return directives.issue(order=order(**said), to=to, outbreak=outbreak, source_key=key, by=by, now=now)


def order(**said):
    defaults = {
        "title": "设置卡点", "text": "各村主要路口设置卡点，24小时值守。", "reason": "防止疫情外溢",
        "basis": "传染病防治法", "due_at": at(48), "items": ("落实人员", "公布电话"),
    }  # fmt: skip
    return directives.Order(**defaults | said)


def part_of(directive, area_code):
    return DirectivePart.objects.select_related("directive").get(directive=directive, area_code=area_code)


def receive(part, by, *, hours=1.0, key=None, happened=None, who="张三"):
    key = key or f"r:{part.pk}:{hours}"
    return directives.receive(
        part=part, answers_for=who, by=by, now=at(hours), source_key=key, happened_at=happened
    )  # fmt: skip


def close(part, by, *, hours=2.0, key=None, checks=(0, 1), text="已全部落实", **more):
    told = directives.Told(text=text, checks=checks, n_done=more.pop("n_done", None), n_total=more.pop("n_total", None))
    key = key or f"c:{part.pk}:{hours}"
    return directives.close(part=part, told=told, signed_as="张三", by=by, now=at(hours), source_key=key, **more)


def accept(part, by, *, hours=3.0):
    return directives.accept(part=part, by=by, now=at(hours), source_key=f"a:{part.pk}:{hours}")


def send_back(part, by, *, hours=3.0, reason="照片缺失"):
    return directives.send_back(part=part, reason=reason, by=by, now=at(hours), source_key=f"b:{part.pk}:{hours}")

"""What the sections and keys of a protocol are called on screen."""

import tomllib
from functools import cache
from typing import Any

from sizao.protocol.escalation import shipped_escalation
from sizao.protocol.read_triggers import shipped_early_warning
from sizao.protocol.read_vehicles import shipped_seat_rules
from sizao.protocol.schema import KEYS
from sizao.protocol.shipped import shipped_text

# Section: Chinese, English. A test holds this list to the sections of the schema.
SECTION_TITLES: dict[str, tuple[str, str]] = {
    "meta": ("文件", "Document"),
    "case": ("病例定义与分型", "Case definition and clinical types"),
    "report": ("报告时限", "Reporting clocks"),
    "bulletin": ("信息发布", "Public bulletin"),
    "investigation": ("流行病学调查", "Investigation"),
    "contacts.close": ("密切接触者", "Close contacts"),
    "contacts.secondary": ("密接的密接", "Secondary contacts"),
    "contacts.other": ("一般接触者、涉疫场所暴露人员、时空伴随者", "Other contacts"),
    "inbound": ("入境人员", "International arrivals"),
    "spillover": ("风险区外溢人员", "People from risk areas elsewhere"),
    "zones": ("风险区划定与解除", "Risk areas"),
    "testing.region": ("区域核酸检测", "Screening of areas"),
    "testing.pool": ("混采混检", "Pooled testing"),
    "testing.occupational": ("重点人群例行检测", "Routine testing by occupation"),
    "testing.antigen": ("抗原检测", "Antigen tests"),
    "isolation_site": ("集中隔离点", "Isolation sites"),
    "transport": ("转运", "Transport"),
    "treatment": ("治疗与出院", "Treatment and discharge"),
    "priority_groups": ("重点人群健康服务", "Priority groups"),
    "vaccination": ("疫苗接种", "Vaccination"),
    "movement": ("人员流动", "Movement"),
    "health_code": ("健康码", "Health code"),
    "cold_chain": ("冷链物品", "Cold chain"),
    "medicines": ("四类药品", "Medicines"),
    "fever_clinic": ("发热门诊", "Fever clinics"),
    "limits": ("不得突破的界限", "Limits"),
}

# What companions say that no edition has a key for: they grade whole counties by their cumulative cases.
BESIDE_THE_EDITIONS = {"zones.county_more_than_cases": "整县划为最严等级的累计病例数（超过）"}


_CALLED = {
    "edition-7": ("第七版", "Edition 7"),
    "edition-8": ("第八版", "Edition 8"),
    "edition-9": ("第九版", "Edition 9"),
    "twenty-measures": ("二十条", "Twenty measures"),
    "new-ten": ("新十条", "New ten"),
    "class-b": ("乙类乙管", "Class B"),
    # Tables that come with the program, where no document says anything.
    "escalation": ("本系统默认值", "default of this system"),
    "oversight": ("本系统默认值", "default of this system"),
    "levels-default": ("本系统默认值", "default of this system"),
    "teams-default": ("本系统默认值", "default of this system"),
}


def edition_called(name: str, language: str) -> str:
    """Call an edition or a table as people do, in `zh` or `en`; nothing where people have no name for it."""
    zh, en = _CALLED.get(name, ("", ""))
    return zh if language.startswith("zh") else en


def citation(edition: str, key: str, language: str, *, annex: str = "") -> str:
    """Cite a value for a reader: the edition and what the value is called there; as they are written, where unnamed."""
    try:
        title = key_title(key, language)
    except KeyError:
        title = key
    zh, document = language.startswith("zh"), edition_called(edition, language) or edition
    if annex.startswith("level-"):  # what a response level changes, written down beside the edition
        document += "，按响应级别" if zh else ", by the response level"
    elif annex:
        document += f"，{annex}" if zh else f", {annex}"
    return f"{document}：{title}" if zh else f"{document}: {title}"


def section_title(section: str, language: str) -> str:
    """Name a section in `zh` or `en`."""
    zh, en = SECTION_TITLES[section]
    return zh if language.startswith("zh") else en


def key_title(key: str, language: str) -> str:
    """Name a key in `zh` or `en`, without its section; the English name is the key with its words parted."""
    if key in _of_other_files():
        zh, en = _of_other_files()[key]
        return zh if language.startswith("zh") else en
    if language.startswith("zh"):
        return BESIDE_THE_EDITIONS.get(key) or _chinese()[key]
    return key.rpartition(".")[2].replace("_", " ").capitalize()


@cache
def _chinese() -> dict[str, str]:
    tables = tomllib.loads(shipped_text("titles.toml"))
    return {key: _inside(tables, key) for key in KEYS}


@cache
def _of_other_files() -> dict[str, tuple[str, str]]:
    told = [file.titles() for file in shipped_early_warning()] + [file.titles() for file in shipped_seat_rules()]
    told.append(shipped_escalation().titles())
    return {key: (zh, en) for titles in told for key, zh, en in titles}


def _inside(tables: Any, key: str) -> str:
    for part in key.split("."):
        tables = tables[part]
    return str(tables)

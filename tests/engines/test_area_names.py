import pytest

from sizao.engines import area_names
from sizao.engines.area_names import Register


@pytest.mark.parametrize(
    ("official", "short"),
    [
        ("小果庄村民委员会", "小果庄村"),
        ("杨马村村民委员会", "杨马村"),
        ("增村村民委员会", "增村"),
        ("赵村村委会", "赵村"),
        ("大孔村委会", "大孔村"),
        ("棉一东社区居民委员会", "棉一东社区"),
        ("十里铺居民委员会", "十里铺居委会"),
        ("凤岗街道", "凤岗街道"),
        ("虚拟生活区", "虚拟生活区"),
    ],
)
def test_short_name_is_the_name_people_use(official, short):
    assert area_names.short_name(official) == short


def test_spellings_of_one_village_have_one_key():
    spellings = ["小果庄村民委员会", "小果庄村", "小果庄", "小果庄 村"]
    assert {area_names.village_key(name) for name in spellings} == {"小果庄"}


def test_a_village_called_only_village_keeps_its_name():
    assert area_names.village_key("王村") == "王村"


def test_township_is_one_with_or_without_its_office():
    assert area_names.township_key("凤岗街道办事处") == area_names.township_key("凤岗街道")
    assert area_names.township_key("凤岗街道") != area_names.township_key("凤岗镇")


def test_the_tree_follows_from_the_codes():
    assert [area_names.parent(code) for code in ("130109110212", "130109110", "130109", "1301", "13")] == [
        "130109110", "130109", "1301", "13", "",
    ]  # fmt: skip
    assert area_names.covers("130109", "130109110212")
    assert not area_names.covers("130109110212", "130109")
    assert not area_names.covers("", "130109")


def test_a_spelling_that_two_counties_share_names_neither():
    register = Register({"13": "河北省", "1301": "甲市", "1305": "乙市", "130104": "桥西区", "130503": "桥西区"})
    assert register.county_names("1301") == {"桥西区": "130104"}
    assert register.county_names("13") == {}

"""Areas and their levels."""

from sizao.terms.word import Word


class AreaLevel(Word):
    """The levels of the official division code, by its length in digits."""

    PROVINCE = "province", "省", "Province"
    CITY = "city", "市", "City"
    COUNTY = "county", "县", "County"
    STREET = "street", "乡镇街道", "Township"
    VILLAGE = "village", "村居", "Village"


AREA_DIGITS = {
    AreaLevel.PROVINCE: 2,
    AreaLevel.CITY: 4,
    AreaLevel.COUNTY: 6,
    AreaLevel.STREET: 9,
    AreaLevel.VILLAGE: 12,
}
LEVEL_OF_DIGITS = {digits: level for level, digits in AREA_DIGITS.items()}


class AreaPart(Word):
    """What official lists name below the village: parts of an area that have no code of their own."""

    COMPOUND = "compound", "居民小区", "Residential compound"
    BUILDING = "building", "楼栋单元", "Building or stairwell"
    SPOT = "spot", "其他地点", "Other named spot"

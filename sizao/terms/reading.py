"""What a published activity report tells."""

from sizao.terms.word import Word


class EventKind(Word):
    """What somebody did, or what was done for them, as an activity report tells it."""

    HOME = "home", "居家", "At home"
    WORK = "work", "工作", "Work"
    SCHOOL = "school", "上学及接送", "School and school run"
    MEAL = "meal", "就餐", "Meal"
    GATHERING = "gathering", "聚集聚会", "Gathering"
    SHOPPING = "shopping", "购物", "Shopping"
    CLINIC = "clinic", "就诊", "Seeing a doctor"
    TRAVEL = "travel", "出行", "Travel"
    OTHER_VISIT = "other_visit", "其他到访", "Other visit"
    SYMPTOM_ONSET = "symptom_onset", "出现症状", "Onset of symptoms"
    TEST = "test", "检测", "Test"
    ISOLATION = "isolation", "隔离观察", "Isolation or quarantine"
    HOSPITAL = "hospital", "转运住院", "Transfer to hospital"
    DIAGNOSIS = "diagnosis", "诊断", "Diagnosis"


class PlaceKind(Word):
    """What sort of place a visit was to; decides who else may have been there."""

    VILLAGE = "village", "村庄", "Village"
    TOWN = "town", "城镇区县", "Town, county or city"
    HOME = "home", "住家", "Home"
    RESIDENTIAL = "residential", "居民小区", "Residential compound"
    RESTAURANT = "restaurant", "餐饮场所", "Restaurant"
    BANQUET = "banquet", "婚宴宴席场所", "Banquet venue"
    CLINIC = "clinic", "诊所卫生室", "Clinic"
    PHARMACY = "pharmacy", "药店", "Pharmacy"
    HOSPITAL = "hospital", "医院", "Hospital"
    MARKET = "market", "市场集市", "Market"
    SUPERMARKET = "supermarket", "超市", "Supermarket"
    MALL = "mall", "商场", "Shopping centre"
    SHOP = "shop", "商店门市", "Shop"
    SERVICE = "service", "服务场所", "Service (bank, parcels, repair, barber)"
    SCHOOL = "school", "学校及培训机构", "School or training centre"
    WORKPLACE = "workplace", "工作单位", "Workplace"
    FACTORY = "factory", "工厂", "Factory"
    GOVERNMENT = "government", "机关办事场所", "Public office"
    WORSHIP = "worship", "宗教场所", "Place of worship"
    LEISURE = "leisure", "休闲娱乐场所", "Leisure"
    TRANSPORT_HUB = "transport_hub", "交通场站", "Station, airport or toll gate"
    VEHICLE = "vehicle", "交通工具", "Vehicle"
    HOTEL = "hotel", "宾馆酒店", "Hotel"
    ISOLATION_SITE = "isolation_site", "隔离点", "Isolation site"
    PUBLIC_PLACE = "public_place", "公共场所", "Street, square or other public place"

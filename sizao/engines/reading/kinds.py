# ruff: noqa: E501  (a list of words is read as a list; broken lines hide doubles)
"""What a clause says that somebody did: the words that name each kind of event."""

import re

from sizao.engines.reading.results import is_diagnosis
from sizao.terms import EventKind, PlaceKind

_NOT = r"(?<![未无没])(?<!没有)(?<!未曾)(?<!无法)(?<!禁止)(?<!拒绝)"

_TEST = re.compile(
    r"核酸(?!.{0,8}(?:志愿|信息录入|登记))|[咽鼻口]?[、和]?[鼻咽]?拭子|采样(?!点|工作)|抗原|抗体检|(?:检测|复检|复核|复测|筛查|初筛)(?:结果)?[均再次也都全部]*[为呈是]?[弱双]?[阴阳]性|结果[^，。]{0,16}[阴阳]性|(?:^\s*|[均全都][部]?)[均呈为是]{1,2}[阴阳]性|IgM|采集[^，。]{0,8}(?:标本|样本)|新冠(?:肺炎)?病毒检测|样本检测|采集\d+次"
)
_CARES_FOR = re.compile(
    r"(?:护理|陪护|照顾|照料|看望|探望|探视|陪[同伴]?)[^，。]{0,10}(?:住院|父|母|病人|老人|家人|亲|妻|丈夫|孩子|儿|女)|陪[护床]"
)
_TESTED_SO_DIAGNOSED = re.compile(r"经[^，。]{0,10}检测[^，。阴阳]{0,6}(?:诊断|确诊|确认)")
_ISOLATION = re.compile(
    r"(?<!解除)(?<!负压)隔离(?!治疗|病[区房]|措施解除|期满|衣)|医学观察(?!期满)|闭环(?:管理|管控|转运)|落实管控|健康监测|集中观察|留观"
)
_RELEASED = re.compile(r"解除[^，。]{0,6}(?:隔离|观察)|(?:隔离|观察)(?:期满|结束|期结束|解除)|解除")
_HOSPITAL = re.compile(
    r"救护车|急救车|负压|120|转运|转送|转院|转[至到入往]|收治|收入|住院(?!部)|入院|隔离治疗|接受治疗|抢救|ICU|重症监护|由[^，。]{0,8}接[至到]|住进|[送运][往至][^，。]{0,20}(?:隔离|定点)|在[^，。到去]{2,16}医院(?:[^，。析]{0,6})?治疗|转诊|(?:^|[^进住加收])入[^，。]{2,14}医院|在院治疗|医院[^，。]{0,4}隔离"
)
_SYMPTOM = re.compile(
    r"出现[^，。]{0,24}?(?:症状|发热|发烧|低热|高热|咳|咽|不适|乏力|头[痛晕疼]|鼻|腹泻|味觉|嗅觉|肌肉|酸痛|寒战|畏寒|感冒|胸闷|体温|嗓子|恶心|呕吐|疼)|(?<![人])发病(?!前|人)"
    r"|(?:自觉|自感|自述|感到|感觉|感|身体|身感|因|体感|突发|突然|偶有|伴有?|有|自诉|出现|加重)[^，。]{0,8}?(?:胃痛|流涕|鼻炎|体温异常|不适|不舒服|发热(?!门诊)|发烧|低热|咳嗽|乏力|头[痛晕疼]|咽[痛喉干部]|嗓子|感冒|难受|发冷|畏寒|鼻塞|流涕|症状|胸闷|腹泻)"
    r"|(?<![退无未测])(?:发热|发烧|低烧|高烧)(?!门诊|病人|患者|诊室|哨点|科)|体温[^，。]{0,6}3[7-9]|咳嗽|(?:嗅觉|味觉)(?:减退|丧失|异常)|^\s*发病"
)
_NO_SYMPTOM = re.compile(
    r"(?:无|未见|未出现|没有|否认|未有)[^，。]{0,8}(?:发热|症状|不适|咳嗽|异常)|症状(?:未缓解|无好转|未见好转|加重|好转|减轻|消失|缓解)|病情|退热|退烧|无症状|临床症状|加重|(?:孩子|父亲?|母亲?|妻子|丈夫|儿子|女儿|家人|老人|孙子|孙女)(?:身体)?(?:不适|发热|发烧|咳嗽|感冒)"
)

_KIN = r"(?:丈夫|妻子|母亲|父亲|儿子|女儿|儿媳|女婿|孙子|孙女|婆婆|公公|岳父|岳母|姐姐|妹妹|哥哥|弟弟|亲家母?|亲家公)"
_RELATIVE = re.compile(
    rf"^[#@\s]*(?:其|该患者的|他的|她的)?{_KIN}(?:[^，。]{{0,4}})(?:于|被|确诊|核酸)|^[#@\s]*其{_KIN}[^，。]{{0,24}}来(?:家|探亲|访|串门|看望|做客|探望)"
)
_CONTACTS = re.compile(
    r"(?<!作为)(?<!作为其)(?<!判定为)(?<!确定为)(?<!列为)(?<!病例的)(?<!患者的)(?<!病例\d的)(?<!感染者的)(?:密切接触|密接|次密接|同住|同车)(?:者|人员)?[^，。]{0,6}(?:\d+[人名]|正在|均|现已|已全部|已落实|全部)|^[\s#@]*(?:现|目前)?(?:均|全部|都)已?[^，。]{0,6}(?:隔离|管控|观察)|\d+名?密切接触|其密切接触"
)
_COMPANIONS = r"(?:孩子|儿子|女儿|孙子|孙女|孙儿|外孙女?|小孩|学生|侄子|侄女|外甥女?|弟弟|妹妹|儿女|子女|娃|[大小二三]女|[大小二]儿|孙)"
_EVERYDAY: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    (
        EventKind.SCHOOL,
        re.compile(
            _NOT
            + r"(?:上学|放学|家长会|补课|补习|上下学|在校|住校|到校|返校|离校|自习|期末考|考试(?!院)|听课|学习|学(?:舞蹈|跳舞|书法|画画|钢琴|古筝|英语|珠算|武术|车)|上(?:课|[^，。]{0,14}课(?!本)|[^，。]{0,6}(?:小学|幼儿园|中学|初中|高中|大学|辅导班|兴趣班|学前班|培训班))"
            rf"|(?:接送|接|送){_COMPANIONS}?[^，。]{{0,14}}(?:上学|放学|幼儿园|小学|学校|培训|上课|下课|中学|辅导|补课|下学)|参加[^，。]{{0,8}}(?:培训班|辅导班|课程)|军训|取(?:书包|成绩单))"
        ),
    ),
    (
        EventKind.WORK,
        re.compile(
            _NOT
            + r"(?:上下班|上[早中晚夜白]?班(?!路)|工作(?!人员|室|日|服|证|单位的|地|专班|组|群|站)|打工|干活|务工|做工|值班(?!室)|值守|执勤|加班|夜班|早班|晚班|施工|装修|监工|[装卸拉运送接进配发出取]货(?!物?车|点|站)|货运|搬货|(?<![特买外专])卖(?!部|店|场|铺|点|废)|授课|任教|兼职|教课|代课|当厨师|上岗|拉(?:油|石|煤|沙|土|料|砖|粮|钢|菜|运)|卸(?:煤|料|油|砖|沙)|采[^，。]{0,6}水样|清扫|打扫|提货|收银"
            r"|摆摊|出摊|营业(?!厅|部|时间|执照)|营运|运营|跑车|出车|跑出租|跑滴滴|拉客(?!服)|载客|接单|经营|看店|守店|配送|送(?:快递|外卖|水|菜|馒头|牛奶|桶装水|报|餐|件)|派件|派送|打扫卫生|保洁|农活|下地|地里|浇地|种地|种菜|喂[猪牛羊鸡]|做饭给|单位办公|开(?:会|例会)|参加[^，。]{0,8}(?:培训(?!班)|例会|宣传活动)"
            r"|志愿者|备课|监考|帮工|干零活|干零工|零工|做家政|做保姆|当保安|收(?:废品|粮|菜|奶)|巡逻|巡查|防疫工作|卡点|安装|谈业务|跑业务|采访|干装修|盖房|建房|刷墙|粉刷|贴砖|装车|卸车|理货|送水样|出诊|(?<!居家)(?<!在家)(?<!居村)办公(?!楼|室|用品|购物)|复工|[修调试装检]{2,4}设备|修设备|开门营业|开店|收银|执法|外派)"
        ),
    ),
    (
        EventKind.GATHERING,
        re.compile(
            _NOT
            + r"(?:婚宴(?!结束|后)|婚礼(?!结束|后)|参加[^，。]{0,10}(?:会议|大会|研讨会|推进会|座谈会|展销会|见面会|茶话会)|喜宴|喜酒|喜事|酒席|宴席|宴会(?!厅|楼|中心)|宴请|寿宴|家宴|酒宴|生日(?!蛋糕)|满月|升学宴|聚会(?!点)|聚餐|聚集(?!性)|相聚|团聚|聚聚|葬礼|丧事|白事|丧礼|丧葬|吊唁|奔丧|出殡|下葬|送葬|祭祀|做?礼拜(?!堂|[一二三四五六天日])|弥撒|宗教|集会|庙会|打(?:扑克|纸)?牌|麻将(?!馆|机)|打麻|下棋|棋牌(?!室)|广场舞|演出|联欢|年会|吃席|坐席|随礼|随份子|婚事|守灵|烧纸|唱歌|订婚|定亲|相亲|典礼|开业|结婚|迎亲|娶亲|过事|吃喜|参加[^，。]{0,4}(?:活动|仪式|比赛)|宴)"
        ),
    ),
    (
        EventKind.MEAL,
        re.compile(
            _NOT
            + r"(?:就餐|用餐(?!人)|(?<!送)进餐|共餐|同餐|会餐|堂食|共进[早午晚]餐|同?吃(?!药|席|喜|住|惊|力|完|过|后)|喝(?:酒|茶|咖啡|汤|粥|奶茶|羊汤|豆浆)|小酌|撸串|(?<![买取送做卖])(?:[早午晚夜中]餐|[早午晚中]饭|宵夜|夜宵)(?!后|馆|店|铺|摊|点)|吃饭)"
        ),
    ),
    (
        EventKind.SHOPPING,
        re.compile(
            _NOT
            + r"(?:购物(?!中心|广场|袋|城|街|公园)|购买|购(?:药|票|菜|车|房|置|年货|买)|选购|采购|(?<!外)(?<!购)买(?!卖|单|房)|赶集|赶大集|赶[^，。]{0,3}集|逛|置办|办年货|打酱油|挑选|试穿|打油|称肉|割肉|兑换)"
        ),
    ),
    (
        EventKind.CLINIC,
        re.compile(
            _NOT
            + r"(?:就诊|看病(?!人)|看牙|看眼|看医生|看大夫|看(?:中医|急诊|门诊|嗓子|感冒|腰|腿)|问诊|求诊|求医|诊治|诊疗|(?<!确)诊病|问病|输液|输水|打针|挂水|点滴|拿药|取药|抓药|开药|配药|换药|买药|购药|复诊|复查|体检|就医|(?<!药)(?<!药物)(?<!隔离)(?<!居家)治疗|治病|拔牙|补牙|洗牙|接种|疫苗|产检|孕检|针灸|推拿|理疗|透析|化疗|放疗|手术|挂号|做CT|拍CT|CT|B超|做检查|(?:进行|身体|接受|做)[^，。]{0,4}检查|检查身体|化验|验血|抽血|包扎|艾灸|量体温|陪诊|血透|分娩|生产$)"
        ),
    ),
    (
        EventKind.OTHER_VISIT,
        re.compile(
            _NOT
            + r"(?:探亲|串门|串亲|走亲|走访|看望|探望|探视|护理|探病|练车|拜年|做客|拜访|访友|会友|停留|逗留|陪[护床]|照[顾看料]|伺候|取(?!得|样|消|暖|药|货|书包|成绩)|办(?!公|喜|年)|存款|存钱|缴费|交费|充值|充电|加油|加气|维修|修(?!养|建|路)|洗车|理发|剪发|剪头|烫发|染发|美容|美发|美甲|做头发|洗澡|洗浴|泡澡|汗蒸|足疗|按摩|健身|锻炼|散步|遛弯|溜达|跑步|打球|游泳|爬山|游玩|玩耍|玩|参观|看(?:电影|房|车|演出|戏|店)|拿(?!药)|(?<![密直间交衔])[接送](?!货|到|至|往|诊|种|受|触|单|检|样|报|医|治|入|回|水|餐|件|快递|外卖|牛奶|桶)|住宿|入住|借住|留宿|暂住|祭祖|上坟|扫墓|上香|烧香|帮忙|帮助|遛狗|遛娃|钓鱼|摘|采摘|看(?:孩子|父母|母亲|父亲|岳|亲|朋友|老人|病人)|见面|见(?:朋友|客户)|会面|聊天|闲聊|闲坐|寄|考察|面试|租房|搬家|收拾|打水|拉水|检车|验车|过户|咨询|照相|拍照|签[字约到合]|领(?!导)|[更兑调]换|归还|还[书车钱款]|缴|打印|复印|过夜|洗牌|上网|消费|体验|唠嗑|烤火|晒太阳|转悠|活动$)"
        ),
    ),
)
_SEEN_OFF = re.compile(r"接[^，。]{1,8}(?:下班|上班)|送[^，。]{1,8}(?:上班|下班)")
_SELF_DIRECTED = re.compile(r"在家|家中|家里|居家|自家|居村")
_TRAVEL = re.compile(
    r"出发|启程|返回|返程|返乡|返[抵至]|返(?=[一-龥]{1,3}$)|回到|抵达|抵|到达|到了|途[经径]|路过|前往|去往|转[乘车机]|换乘|下车|上车|[下上出][^，。]{0,2}高速|高速[^，。]{0,4}[下上出]|乘|搭|坐(?!在)|出差|离村|出院|旅[游行]|往返|飞往|飞抵|出站|进站|离开|驶|开往|行至|走[^，。]{0,8}(?:高速|国道)|自驾|驾车|驾驶|开车|骑|步行|车次|航班|列车|中转|落地|[到去赴返抵往回]"
)
_STAYED = re.compile(
    r"居家|在家|宅家|居村|在村(?!口|头|委)|[未无没不][曾有再]*(?:外出|出门|出村|出户|出小区|出过|离开|出家门|出院门|出入|离家|离村)|家中|家里|自家|回家|返家|到家|回了?家|回到家|归家|抵家|自己家|家务|[租借寄]住[于在]|^[\s#@]*(?:一直)?休息|居住|居所|住处|宿舍(?:无|未|休|居)|其他时间[^，。]{0,4}居"
)
_STRICT_STAY = re.compile(
    r"[未无没][曾有再]*(?:外出|出门|出村|出户|出过|离开|出家门|离家)|居家|在家|居村|宅家|在村|家中|家里"
)
_OTHERS_HOME = re.compile(
    r"(?:亲属|亲戚|亲友|朋友|同学|同事|邻居|村民|父母|父亲|母亲|爸爸?|妈妈?|奶奶|爷爷|姥姥|姥爷|外婆|外公|婆婆|公公|岳父|岳母|丈母娘|娘|婆|女儿|儿子|孙子|孙女|姐姐?|妹妹?|哥哥?|弟弟?|叔叔?|伯伯?|姑姑?|姨|舅舅?|嫂子?|工友|老乡|战友|客户|某某?)家"
)
_SELLING = (PlaceKind.SHOP, PlaceKind.SUPERMARKET, PlaceKind.RESTAURANT, PlaceKind.PHARMACY, PlaceKind.SERVICE)
_NOT_OUT = re.compile(r"[未无没][曾有再]*(?:外出|离开|出门)")
_ON_THE_WAY = {EventKind.OTHER_VISIT, EventKind.SCHOOL}
_CHANGED = re.compile(r"下车|上车|换乘|转乘|转车|中转")
_BARE_RETURN = re.compile(r"(?:^|[#@\s]|后|当[日天晚]|[上下中]午|晚上?|原路(?:线)?)(?:返回|返程)后?$")
_LODGED = re.compile(r"住宿|入住|留宿")
_DENIED = re.compile(
    r"[未没无][曾有]*(?:去|到|下车|接触|与|参加|乘坐|途经|[^，。]{0,8}(?:出行|旅行|旅居|居住|接触|外出)史)"
)
_RETURNED = re.compile(
    r"(?:回|返|返回|回到|到|归|抵)(?:到|了|自己|自家|其)?(?:住处|家|家中|家里|居住地|住所|自家)|返家|回家|到家|归家"
)

_BY_PLACE: dict[PlaceKind, EventKind] = {
    PlaceKind.SUPERMARKET: EventKind.SHOPPING,
    PlaceKind.MALL: EventKind.SHOPPING,
    PlaceKind.MARKET: EventKind.SHOPPING,
    PlaceKind.SHOP: EventKind.SHOPPING,
    PlaceKind.PHARMACY: EventKind.SHOPPING,
    PlaceKind.RESTAURANT: EventKind.MEAL,
    PlaceKind.BANQUET: EventKind.GATHERING,
    PlaceKind.CLINIC: EventKind.CLINIC,
    PlaceKind.HOSPITAL: EventKind.CLINIC,
    PlaceKind.SCHOOL: EventKind.SCHOOL,
    PlaceKind.FACTORY: EventKind.WORK,
    PlaceKind.WORKPLACE: EventKind.WORK,
    PlaceKind.TRANSPORT_HUB: EventKind.TRAVEL,
    PlaceKind.VEHICLE: EventKind.TRAVEL,
    PlaceKind.TOWN: EventKind.TRAVEL,
    PlaceKind.ISOLATION_SITE: EventKind.ISOLATION,
    PlaceKind.HOME: EventKind.OTHER_VISIT,
    PlaceKind.VILLAGE: EventKind.OTHER_VISIT,
}


def of_others(text: str) -> bool:
    """Whether the clause tells what a relative did (其丈夫于…确诊, 其女儿来家), not the case."""
    return _RELATIVE.match(text) is not None


def of_contacts(text: str) -> bool:
    """Whether the clause speaks of the contacts of a case (密切接触者5人, 均已隔离), not of the case."""
    return _CONTACTS.search(text) is not None


def care(text: str, places: list[PlaceKind | None]) -> list[EventKind]:
    """The medical events of a clause: test, isolation, transfer to hospital, diagnosis, symptoms."""
    kinds = []
    if _SYMPTOM.search(text) and not _NO_SYMPTOM.search(text):
        kinds.append(EventKind.SYMPTOM_ONSET)
    if _TEST.search(text) and not _TESTED_SO_DIAGNOSED.search(text):
        kinds.append(EventKind.TEST)
    isolated = _ISOLATION.search(text) is not None and not _RELEASED.search(text)
    in_hospital = PlaceKind.HOSPITAL in places and PlaceKind.ISOLATION_SITE not in places
    if (isolated and not in_hospital) or PlaceKind.ISOLATION_SITE in places:
        kinds.append(EventKind.ISOLATION)
    if _taken_to_hospital(text, places, isolated=EventKind.ISOLATION in kinds):
        kinds.append(EventKind.HOSPITAL)
    if is_diagnosis(text):
        kinds.append(EventKind.DIAGNOSIS)
    return kinds


def everyday(text: str, place: PlaceKind | None, *, placed: bool) -> list[EventKind]:
    """
    What else was done: the acts that the words name, else what one does at such a place.

    `place` is the kind of the place that the clause names, `placed` whether it names one.
    """
    named = acts(text, place)
    if place in (None, PlaceKind.HOME) and _RETURNED.search(text) and set(named) <= _ON_THE_WAY:
        return [EventKind.HOME]  # 接儿子返回家中, 放学步行回家
    if named and not (named == [EventKind.OTHER_VISIT] and _STRICT_STAY.search(text) and not placed):
        return named
    return _unnamed(text, place, placed=placed)


def acts(text: str, place: PlaceKind | None) -> list[EventKind]:
    """The everyday events that the words of a clause name, the telling ones before mere visits."""
    named = [kind for kind, words in _EVERYDAY if words.search(text)]
    if _SEEN_OFF.search(text):
        named = [EventKind.OTHER_VISIT]
    if EventKind.CLINIC in named and place is PlaceKind.PHARMACY:
        named = [EventKind.SHOPPING, *(k for k in named if k not in (EventKind.CLINIC, EventKind.SHOPPING))]
    elif EventKind.CLINIC in named and place in (PlaceKind.CLINIC, PlaceKind.HOSPITAL, None):
        named = [k for k in named if k is not EventKind.SHOPPING]
    strong: list[EventKind] = [kind for kind in named if kind is not EventKind.OTHER_VISIT]
    if not strong and place is PlaceKind.SCHOOL and re.search("[接送]", text):
        return [EventKind.SCHOOL]
    if strong and _LODGED.search(text) and EventKind.OTHER_VISIT in named:
        return [EventKind.OTHER_VISIT, *strong]
    return strong or named


def others_home(words: str) -> bool:
    """Whether a place is the home of somebody else than the case (奶奶家, 同学家)."""
    return _OTHERS_HOME.search(words) is not None


def stayed(text: str) -> bool:
    """Whether the clause says that somebody was, or stayed, at home or in the village."""
    return _STAYED.search(text) is not None


def only_returned(text: str) -> bool:
    """Whether the clause tells of the way home and of nothing after it."""
    return _RETURNED.search(text) is not None and not _STRICT_STAY.search(_RETURNED.sub("", text))


def _unnamed(text: str, place: PlaceKind | None, *, placed: bool) -> list[EventKind]:
    if place in _SELLING and _NOT_OUT.search(text):
        return [EventKind.WORK]  # who does not leave a shop all day works there
    if _DENIED.search(text) and not _STRICT_STAY.search(text):
        return []
    if place is PlaceKind.HOME and _OTHERS_HOME.search(text):
        return [EventKind.OTHER_VISIT]
    if placed and _CHANGED.search(text):
        return [EventKind.TRAVEL]
    if not placed and _BARE_RETURN.search(text):
        return [EventKind.HOME]
    if stayed(text) and (
        not placed or place in (PlaceKind.HOME, PlaceKind.VILLAGE, PlaceKind.RESIDENTIAL, PlaceKind.TOWN)
    ):
        return [EventKind.HOME]
    if placed and place:
        return [_BY_PLACE.get(place, EventKind.OTHER_VISIT)]
    return [EventKind.TRAVEL] if _TRAVEL.search(text) else []


def _taken_to_hospital(text: str, places: list[PlaceKind | None], *, isolated: bool) -> bool:
    if not _HOSPITAL.search(text) or _CARES_FOR.search(text):
        return False
    if PlaceKind.HOSPITAL in places or "医院" in text or "隔离治疗" in text or "住院" in text:
        return not (PlaceKind.ISOLATION_SITE in places and PlaceKind.HOSPITAL not in places)
    return (
        not isolated
        and not places
        and any(word in text for word in ("救护车", "急救车", "120", "负压", "入院", "收治"))
    )

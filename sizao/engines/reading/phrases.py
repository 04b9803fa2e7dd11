# ruff: noqa: E501  (a list of words is read as a list; broken lines hide doubles)
"""Where a clause says that somebody was: the phrases after 到, 去, 在, 转运至 and the like."""

import re
from dataclasses import dataclass

from sizao.engines.reading.venues import KIND_OF_ENDING, kind_of
from sizao.terms import PlaceKind


@dataclass(frozen=True)
class Phrase:
    """
    A place phrase: its span, its words, and the preposition that leads it.

    `begin` is where the preposition stands; `listed` marks the second and later places of a list,
    which share the preposition of the first.
    """

    start: int
    end: int
    words: str
    lead: str
    begin: int
    listed: bool = False


_ENDINGS = (
    "|".join(sorted(map(re.escape, KIND_OF_ENDING), key=len, reverse=True)).replace("中|", "中(?!学)|")
    + r"|\d号(?![楼线院厅])"
)
# A place has no way inside it: 在丈夫陪同下乘车到医院 is not one long name.
_WORD = r"(?:(?!乘|骑|驾车|自驾|陪同|步行|前往|返回|大约|短暂)[^，。；\s#@、])"
_TRAILER = r"(?:的?(?:大?门口|附近|旁边?|对面|楼下|门前|院内|楼上|周边|一带|东侧|西侧|南侧|北侧|东边|西边|南边|北边|[东西南北]门(?:口|外)?|内|里|外(?!科|语|国)|中(?!心|医|学|国|西|山)|负?\d+楼|负?\d+层|负?[一二三四五]层|室外|室内|等地|等处|等))*"
# What may follow a place: an act, a link, or the end. Anything else means the name goes on.
STOP = (
    r"串亲|定[做制蛋]|订|提货|归还|清扫|打扫|学(?!校|院|生)|调试|游玩|观[看影]|卸|采(?!样点|摘|血|石)|从事|组织|开展|应聘|办|搭|租|调|贷|配[货送]|充|刷|帮|护理|陪|看|参[加与观]|就[诊餐医读]|看[病望电护诊]|问诊|诊[治疗断]|购|买|选购|上[班课学夜]|上下班|下[班车]|工作|打[工针牌麻点卡疫扫印车]|务工|干[活农]|吃|用餐|进餐|聚|探|接[受送种诊孩儿女子妻人孙丈]?|送|取|拿|办|停(?!车场)|逗留"
    r"|住(?!宅)|入住|休息|活动|进行|采(?:集|样(?!点)|购|核)|做|核酸|检测|隔离(?!点|区|酒店|宾馆)|转|串门|走亲|拜年|理发|洗[澡浴车]|装[货修卸]|卸货|赶集|逛|游|玩|输液|陪|治疗|后|并|再|又|与(?![^，。]{1,9}(?:交|十字|路口))|和(?![^，。]{1,9}交[叉口汇])|及|途经|期间|无外|未|没|居家|无症状|诊断"
    r"|确诊|祭|吊唁|帮|领|维修|修|施工|值[班守]|执勤|加[班油气]|开[会药车]|出发|返|回|乘|坐|骑|步行|驾|自驾|换乘|经|至|到|去|前往|往|集中|医学观察|健[身康]|锻炼|散步|跑步|存|缴|交(?:费|付|钱|谈)|付(?:款|钱|费)|还|寄|发货|送货|拉[货水]|运|搬|打|"
    r"学习|培训|考试|补[课习]|监测|观察|出现|因|由|被|为|等|之间|遛|溜|带|找|跳|唱|喝|品|体检|体[验育]|检查|复[查诊检核]|抢救|收治|留观|收[货割]|种|浇|卖|售|摆|出摊|经营(?!的)|批发(?!市场|城|部|店|商|门|超|点)|检车|验车|练|安装|结账|营业|处理|谈|见|联系|咨询|报[名到案]|面试|照[相顾]|拍|剪|染|烫|美[容甲发]|做客|访|会面|会友|聊|闲|下[班车课高站]|上[班课学夜车岗网]|大约|短暂|看|听|约|签|验|换|完成|登|安检|候|中转|停车|过(?!街)|拜|晨|夜|晚|早(?!点|餐)|午|生活|居|无|有|曾|也|均|共|每|各|发(?:快递|货|放|烧|现|热(?!门诊))|先|然|随|最|只|仅|，|、|。|（|-|#|@|\s|$"
)
_LEADS = (
    r"往返于?|(?<![租居入借寄常暂现])住(?![地处所院宿校址])(?=[^，。#@]{0,12}(?:家|酒店|宾馆|旅馆|旅店|小区|宿舍))|转运[至到往入]|转运(?=[^，。]{2,18}(?:医院|隔离))|转送[至到往]|转移[至到]|转院[至到]|转[至到入往]|运[至到送往]|护送[至到]|送[至到往入]|收治[于在入]?|分流至|专车接?送?[至到]"
    r"|前往|去往|去到|赶往|赶赴|奔赴|开往|驶往|飞往|飞抵|返回[至到]?|返[至抵]|来到|回到|抵达|到达|直达|到访|走访|光顾|入住[于在]?|(?<![进收住加])入(?=[^，。]{2,14}医院)|转诊[至到]|住[进在入于]|途[经径]|路过|经过|进入|坐到|开到|骑到|跑到|走到|送货[至到去]?|位于|寄宿于?|就诊于|逛"
    r"|(?<![感接收见遇直得拿找达报看听想等受碰提来回抵赶送转运飞])到|(?<![出过下除回进失])去(?!年|世|除|向|过)|(?<![存旨所])在(?!途|此|校|岗|职|其|线|外)|(?<![由关处属至鉴在位])于"
    r"|(?<![甚乃直冬])至|(?<![往前交])往(?!返|来|常)|赴|回(?!家|国|来|程|族|民|访)|返(?!回|程|家|乡|校|京|岗|工|还)|抵(?!达)|(?<![跃前先改促增推演])进(?!行|货|餐|食|一步|展|城|修|步|出)"
)
_PLACE = re.compile(
    rf"(?P<lead>{_LEADS})\s*(?P<words>(?![达了到至于在]){_WORD}{{0,28}}?(?:{_ENDINGS}){_TRAILER}(?:（[^（）]{{1,24}}）)?{_TRAILER})(?={STOP})"
)
_NEXT = re.compile(
    rf"\s*(?P<lead>、|及|和|与|以及|或)\s*(?P<words>[^，。；\s#@、到去在]{{0,24}}?(?:{_ENDINGS}){_TRAILER}(?:（[^（）]{{1,24}}）)?)(?={STOP})"
)
# No known ending, but an act that needs a place follows at once: 到好运来就餐.
_NAMED = re.compile(
    r"(?P<lead>(?<![感接收见遇直得])到达?|前往|(?<![存])在|去|至)\s*(?P<words>(?!达)[^，。；\s#@、到去在乘骑驾]{2,14}?)(?:进行|参加|里|内)?"
    r"(?=就餐|用餐|吃饭|聚餐|购物|购买|买[^卖]|上班|打工|工作|就诊|看病|输液|理发|洗澡|停留|上课|取快递|住宿|婚宴|婚礼|做饭|喝|唱歌|健身|咨询|观看|游玩|送货|装货|卸货|接人|取药|拿药|探亲|串门)"
)
# The last resort: all words up to an act or the end (到荣和世纪后).
_ANY = re.compile(
    r"(?P<lead>(?<![感接收见遇直得拿找达报看听想等受碰提来回抵赶送转运飞])到|前往|去往|抵达|到达|赶往|入住[于在]?|赴|返回|回到|(?<!往)返(?![回程家乡校京岗工还])|回(?![家国来程族民访到])|(?<![出过下除回进失没未])去)\s*"
    r"(?P<words>(?![了过达于至到在并校岗]|\d+[人名例次]|[一二三两]次|扫|赶|买|购|办|取|接|送|看|玩|吃|上[班课]|参加|打|洗|做|探|串|外地|现场)[^，。；\s#@、到去在乘骑驾]{2,16}?)"
    r"(?=购|买|取|办[理事残卡]|参[加观]|探|看[望病]|就[诊餐]|上[班课]|打[工针牌]|送|接|装|卸|拉[东货]|玩|停|住|进行|维修|修[理车]|保养|理发|洗|游|串|聚|吃|喝|用餐|后|并|归还|消费|核酸|采集|加油|复印|学习|扫墓|咨询|体检|报案|处理|室外|，|#|@|$)"
)
_FROM = re.compile(
    r"(?P<lead>从|由|自)\s*(?P<words>[^，。；\s#@]{1,20}?)(?=出发|乘|坐|自驾|驾|骑|步行|打车|返|回|前往|到|至|飞|来|开车|转|换|离开|-|抵|去|往)"
)
# No preposition at all: 塔北路菜市场购物.
_LEADLESS = re.compile(
    rf"^[#@\s]*(?:后|又|再|并|先|先后|曾|下午|上午|中午|晚上)*(?P<lead>)(?P<words>[^，。；\s#@、到去在回返乘骑驾从往由未无]{{1,20}}?(?:{_ENDINGS}){_TRAILER})(?=就餐|用餐|吃|购物|购买|买|上班|工作|就诊|看病|上课|聚餐|取|打工|值班|理发|输液|授课|任教|住校)"
)
_AREAS = (PlaceKind.VILLAGE, PlaceKind.TOWN)
_PERSONS = re.compile(r"^(?:其|他|她|患者|本人|自己)$")
_FALSE_WORDS = re.compile(
    r"^(?:外地|外|途|家家户户|一起|目前|现|此|这|那|外出|途中|期|底|整|全|同|院|各|多|不同|其他|其它|某|本|该|当|指定|定点|线)$"
)


def phrases(text: str) -> list[Phrase]:
    """Find the places of a clause in which dates and times are masked, in reading order."""
    found: list[Phrase] = []
    position = 0
    while match := _first(text, position):
        found.append(_phrase(match))
        position = max(match.end("words"), position + 1)
        while more := _NEXT.match(text, position):
            same = _same_name(found[-1], more)
            found.append(_joined(text, found.pop(), more) if same else _listed(found[-1], more))
            position = more.end("words")
    if not found and (bare := _LEADLESS.search(text)):
        found = [_phrase(bare)]
    return [phrase for phrase in found if not _FALSE_WORDS.match(phrase.words)]


def origin(text: str) -> str | None:
    """Where a journey began (从武汉乘…), as written."""
    found = _FROM.search(text)
    return found["words"] if found and not _PERSONS.match(found["words"]) else None


def _same_name(left: Phrase, more: re.Match[str]) -> bool:
    # 芦新村和合家园: a village is seldom listed beside a venue with 和; the venue's name begins with it.
    return more["lead"] == "和" and kind_of(left.words) in _AREAS and kind_of(more["words"]) not in _AREAS


def _joined(text: str, left: Phrase, more: re.Match[str]) -> Phrase:
    words = text[left.start : more.end("words")]
    return Phrase(left.start, more.end("words"), words, left.lead, left.begin, left.listed)


def _listed(left: Phrase, more: re.Match[str]) -> Phrase:
    return Phrase(more.start("words"), more.end("words"), more["words"], left.lead, more.start("lead"), listed=True)


def _first(text: str, position: int) -> re.Match[str] | None:
    tried = [pattern.search(text, position) for pattern in (_PLACE, _NAMED, _ANY)]
    found = [match for match in tried if match]
    # The earliest place wins; of those that begin together, the one with a known ending.
    return min(found, key=lambda match: match.start("words"), default=None)


def _phrase(match: re.Match[str]) -> Phrase:
    return Phrase(match.start("words"), match.end("words"), match["words"], match["lead"], match.start("lead"))

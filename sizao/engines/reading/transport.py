# ruff: noqa: E501  (a list of words is read as a list; broken lines hide doubles)
"""How somebody moved, as it is written: 私家车, 511路公交车, G1278次高铁, 120负压救护车."""

import re

_TRANSPORT = re.compile(
    r"120\s*(?:负压)?(?:救护车|急救车|转运车|车)|负压(?:救护|转运)?车|救护车|急救车|转运车|120(?=[送转接将把])"
    r"|(?:[A-Z]?\d{1,4}|[一-龥]{0,3}专线|旅游\d)\s*路(?:、[A-Z]?\d{1,4}路)*(?:公共汽车|公交车|公交|大巴|汽车)?(?!口|\d*号|\d*米|段|与|交|北|南|东|西|附)"
    r"|(?:地铁|轨道交通|轻轨)\s*(?:[A-Z]?\d{1,2}|[一二三四五六七八九十]{1,3})\s*号线|\d{1,2}号线(?:地铁)?|地铁(?!站)|轻轨(?!站)"
    r"|(?:高铁|动车|火车|列车|航班)?\s*(?<![A-Za-z])[GDCZTKYL]\d{2,4}\s*次?\s*(?:高铁|动车组?|火车|列车|车)?(?!高速|国道)"
    r"|(?<![A-Za-z0-9])(?:[A-Z]{2}|\d[A-Z])\d{3,4}\s*次?\s*(?:航班|飞机)?|(?<![A-Za-z0-9])[A-Z]\d{4,5}\s*次?\s*航班"
    r"|自驾(?:车|私家车|轿车|小汽车|货车|电动车|三轮车|面包车|摩托车|大货车|游)?|私家车|自家车|家用?轿车|驾车|驾驶\w{0,4}车|开私?家?车|轿车|小汽车|面包车|皮卡车?"
    r"|电动三轮车?|三轮车|电动自行车|电动车|电瓶车|电车|摩托车|共享单车|共享电单车|自行车|单车|骑车|步行|徒步|走路"
    r"|网约车|滴滴(?:出行|打车|快车|顺风车)?|顺风车|拼车|出租车|打车|的士"
    r"|公共汽车|公交车?|长途(?:汽车|客车|大巴)|班车|大巴车?|客车|中巴车?|校车|通勤车|厢?式?大?货车|卡车|挂车|拉货车"
    r"|高铁|动车|火车|列车|飞机|航班|轮渡|客轮|轮船"
)
_NOT_USED = re.compile(r"(?:维修|修理|买|卖|修|洗|租|购|卸|装|学|停)(?:\w{0,2})$")
_PLACE_TAIL = re.compile(r"(?:站|厂|店|行|棚|库|间|场|上(?!下)|维修|配件|城|公司|充电|司机|收费)")


def transport(text: str) -> str | None:
    """The first means of transport of a clause, as written; None when none is named."""
    for found in _TRANSPORT.finditer(text):
        used = not _NOT_USED.search(text[max(0, found.start() - 4) : found.start()])
        if used and not _PLACE_TAIL.match(text[found.end() : found.end() + 2]):
            return found[0].strip()
    return None

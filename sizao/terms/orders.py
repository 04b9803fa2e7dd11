"""What is done with an order after it was issued, and what its letter says."""

from sizao.terms.word import Word


class OrderCause(Word):
    """Why an order may be extended: a fact that the edition knows, or a local wish."""

    NEW_EXPOSURE = "new_exposure", "发生新的暴露", "A new exposure"
    POSITIVE_TEST = "positive_test", "同住或共同暴露者检测阳性", "Somebody exposed together tested positive"
    SITE_EXPOSURE = "site_exposure", "隔离点内暴露", "An exposure in the site"
    LOCAL = "local", "地方加强措施", "A local precaution"


class FamilyTold(Word):
    """Whether the family was told by whom, where and how long (administrative coercion law, article 20)."""

    TOLD = "told", "已告知家属", "The family was told"
    WITH_THEM = "with_them", "家属在场或同住", "The family is there"
    NOT_REACHED = "not_reached", "未能联系到家属", "The family could not be reached"
    NOT_WANTED = "not_wanted", "本人不要求告知", "The person does not want it"
    NO_FAMILY = "no_family", "无家属", "There is no family"


class ObjectionChannel(Word):
    """How an objection came."""

    PHONE = "phone", "电话", "By telephone"
    PAPER = "paper", "书面", "On paper"
    DOOR = "door", "上门或当面", "At the door or in person"
    PUBLIC = "public", "本人网上提出", "By themselves, on the public page"


class Dependency(Word):
    """Why the release of a secondary contact waits, or does not."""

    FREE = "free", "密接前几次检测均为阴性，可按期解除", "The close contact's first tests are negative: release on time"
    WAITS = "waits", "等待密接的检测结果", "Waits for the close contact's tests"
    UPGRADE = (
        "upgrade",
        "密接检测阳性，应转为密接管理",
        "The close contact is positive: treat as a close contact",
    )
    NO_LINK = "no_link", "未记录其密接，请补录", "The close contact is not recorded: name them"
    NOT_ASKED = "not_asked", "现行方案不要求", "The edition in force asks no such thing"


class OrderText(Word):
    """The sentences of an order's letter."""

    TITLE_CENTRAL = "title_central", "集中隔离医学观察告知书", "Order of central isolation"
    TITLE_HOME = "title_home", "居家隔离医学观察告知书", "Order of isolation at home"
    TITLE_MONITORING = "title_monitoring", "居家健康监测告知书", "Notice of health monitoring at home"
    ASKED_CENTRAL = (
        "asked_central",
        "请在指定的集中隔离点单独居住，不离开房间，按时测温和接受核酸检测。",
        "Stay in your room at the site named, alone, have your temperature taken and be tested on the days below.",
    )
    ASKED_HOME = (
        "asked_home",
        "请居家隔离，不外出；尽量单独居住一个房间，按时测温和接受核酸检测。就医须告知社区，由专车接送。",
        "Stay at home and do not go out, in a room of your own if there is one; take your temperature and be tested on "
        "the days below. For medical care tell the community; a vehicle will take you.",
    )
    ASKED_MONITORING = (
        "asked_monitoring",
        "请居家健康监测，非必要不外出；就医等确需外出时做好个人防护，按时测温和接受核酸检测。",
        "Stay at home unless you must go out, for instance for medical care, and protect yourself and others then; "
        "take your temperature and be tested on the days below.",
    )
    OBJECT = (
        "object",
        "如有异议，可随时向送达人提出，或凭本决定编号和异议码在“/objection/”页面提出；应在{hours}小时内由签发人以外的人员答复{unverified}。"
        "提出异议不影响紧急就医。",
        "If you object, say so at any time to whoever serves this, or on the page “/objection/” with the number and "
        "the code of this letter; somebody other than who issued it answers within {hours} hours{unverified}. "
        "Objecting never costs you urgent care.",
    )
    NOT_IN_TIME = (
        "not_in_time",
        "逾期未答复且本措施不以本人病原学检测阳性为依据的，本措施自行终止。",
        "If nobody answers in time and the measure does not rest on a positive test of yours, it ends by itself.",
    )
    GOODS = (
        "goods",
        "隔离期间的食品、药品和生活用品由社区或隔离点保障，请告知工作人员。",
        "Food, medicines and what you need to live are seen to by the community or the site: tell the staff.",
    )
    UNVERIFIED = "unverified", "（时限未核实）", " (these hours are unverified)"
    WAITS = (
        "waits",
        "解除还取决于您接触的密接前{count}次检测均为阴性；最迟等到{date}，之后不再等待。",
        "Release also depends on the first {count} tests of the close contact whom you met being negative; that is "
        "waited for until {date} at the latest.",
    )


class HomeGroup(Word):
    """Groups that editions let isolate at home in any case, under the names the editions give them."""

    CHILD = "age_14_or_under", "14岁及以下儿童", "Children of 14 or under"
    PREGNANT = "pregnant", "孕产妇", "Pregnant women"
    NOT_SELF_CARING = "partly_or_not_self_caring", "半自理及无自理能力人员", "People who cannot look after themselves"
    DISEASE = "serious_underlying_disease", "严重基础疾病患者", "People with a serious illness"


class DecisionText(Word):
    """The words of the letter of a decision on an objection."""

    TITLE = "title", "异议处理决定书", "Decision on an objection"
    TO = "to", "异议人", "To"
    AGAINST = "against", "针对", "Against"
    RECEIVED = "received", "收到", "Received"
    SAID = "said", "异议内容", "What was said"
    DECISION = "decision", "决定", "Decision"
    REASON = "reason", "理由", "Reason"
    BY = "by", "决定人", "Decided by"
    RULE = "rule", "逾期未处理，依规自动解除", "By rule: nobody decided in time"
    AT = "at", "决定时间", "Decided at"
    FURTHER = "further", "进一步救济", "If you still disagree"
    DRILL = "drill", "演练或复盘，不产生效力", "A DRILL OR A REPLAY: THIS HAS NO EFFECT"

"""Contacts, stays and orders."""

from sizao.terms.word import Word


class ContactKind(Word):
    """How near a person came to a case."""

    CLOSE = "close", "密切接触者", "Close contact"
    SECONDARY = "secondary", "密接的密接", "Secondary contact"
    GENERAL = "general", "一般接触者", "General contact"


class ContactState(Word):
    """Where a contact stands in being looked after."""

    FOUND = "found", "待落位", "Found, not yet placed"
    PLACED = "placed", "已落位", "Placed"
    RELEASED = "released", "已解除", "Released"
    BECAME_CASE = "became_case", "已转阳", "Became a case"
    EXCLUDED = "excluded", "已排除", "Excluded"


CONTACT_MOVES: dict[ContactState, set[ContactState]] = {
    ContactState.FOUND: {ContactState.PLACED, ContactState.BECAME_CASE, ContactState.EXCLUDED},
    ContactState.PLACED: {ContactState.RELEASED, ContactState.BECAME_CASE, ContactState.EXCLUDED},
    ContactState.RELEASED: {ContactState.BECAME_CASE},
    ContactState.BECAME_CASE: set(),
    ContactState.EXCLUDED: {ContactState.FOUND, ContactState.BECAME_CASE},
}


class StayKind(Word):
    """Where a person is: at every moment exactly one of these."""

    HOME = "home", "居家", "At home"
    ROOM = "room", "隔离房间", "Isolation room"
    BED = "bed", "病床", "Hospital bed"
    VEHICLE = "vehicle", "转运途中", "In transfer"
    OUTSIDE = "outside", "外出", "Outside"


class OrderKind(Word):
    """What a person is asked to do. Isolation and monitoring at home are two different things."""

    CENTRAL = "central", "集中隔离医学观察", "Central isolation"
    HOME = "home", "居家隔离", "Home isolation"
    MONITORING = "monitoring", "居家健康监测", "Home health monitoring"


class OrderState(Word):
    """A proposal touches nobody; an order issued by a named officer does, until it ends."""

    PROPOSED = "proposed", "待签发", "Waiting for an officer"
    ISSUED = "issued", "已签发", "Issued"
    DECLINED = "declined", "不予签发", "Declined"
    ENDED = "ended", "已解除", "Ended"


ORDER_MOVES: dict[OrderState, set[OrderState]] = {
    OrderState.PROPOSED: {OrderState.ISSUED, OrderState.DECLINED, OrderState.ENDED},
    OrderState.ISSUED: {OrderState.ENDED},
    OrderState.DECLINED: set(),
    OrderState.ENDED: set(),
}


class OrderAct(Word):
    """What happened to an order; its history is a list of these."""

    PROPOSED = "proposed", "提出建议", "Proposed"
    ISSUED = "issued", "签发", "Issued"
    DECLINED = "declined", "不予签发", "Declined"
    SERVED = "served", "送达", "Served"
    EXTENDED = "extended", "延长", "Extended"
    SHORTENED = "shortened", "缩短", "Shortened"
    MOVED = "moved", "变更隔离地点", "Moved to another place"
    OBJECTED = "objected", "提出异议", "Objected to"
    DECIDED = "decided", "异议处理", "Objection decided"
    ENDED = "ended", "解除", "Ended"


class ServedHow(Word):
    """How a person was told."""

    IN_PERSON = "in_person", "当面送达", "In person"
    HOUSEHOLD = "household", "同住成年家属签收", "To an adult of the household"
    LEFT = "left", "留置送达", "Left at the door, with a witness"
    PHONE = "phone", "电话告知，书面补送", "By telephone, the letter to follow"
    ELECTRONIC = "electronic", "经同意电子送达", "Electronically, with consent"


class ObjectionAbout(Word):
    """What a person objects to."""

    ORDER = "order", "隔离决定", "An isolation order"
    ZONE = "zone", "风险区", "A risk area"
    HOLD = "hold", "阳性混管暂留", "A hold for a positive pool"


class ObjectionState(Word):
    """Where an objection stands."""

    RECEIVED = "received", "待处理", "Received"
    DECIDED = "decided", "已决定", "Decided"
    WITHDRAWN = "withdrawn", "已撤回", "Withdrawn"


class ObjectionDecision(Word):
    """What was decided on an objection."""

    GRANTED = "granted", "异议成立，解除", "Granted: the measure ends"
    IN_PART = "in_part", "部分成立，变更", "Granted in part: the measure is changed"
    UPHELD = "upheld", "异议不成立，维持", "Refused: the measure stands"
    NOT_IN_TIME = "not_in_time", "逾期未处理，依规解除", "Not decided in time: the measure ends"


class CountedFrom(Word):
    """The day zero of a period of isolation, and why that day."""

    LAST_EXPOSURE = "last_exposure", "末次暴露", "last exposure"
    ISOLATED = "isolated", "隔离之日（末次暴露不详，不会更晚）", "day of isolation (last exposure unknown, not later)"
    FOUND = "found", "判定之日（末次暴露不详，不会更晚）", "day found (last exposure unknown, not later)"


class OrderEnd(Word):
    """Why an order or a proposal ended without an officer's act."""

    EXPIRED = "expired", "期满，自动解除", "The period is over"
    NOT_DECIDED = "not_decided", "期满未签发，建议失效", "The period passed before an officer decided"
    BECAME_CASE = "became_case", "已转为病例，转入医疗机构", "The person became a case"
    NO_CONTACT = "no_contact", "已排除密接或已解除", "The person is no contact any more"
    REPLACED = "replaced", "末次暴露更新，另提建议", "A later exposure became known; proposed anew"
    NOT_ASKED = "not_asked", "现行方案不再要求", "The edition in force asks it no more"
    UPGRADED = "upgraded", "转为密接管理，另行签发", "Treated as a close contact now, by an order of its own"
    MOVED = "moved", "变更隔离方式，另行签发", "The kind was changed, by an order of its own"
    OBJECTION = "objection", "异议成立", "An objection was granted"
    NOT_HEARD = "not_heard", "异议逾期未处理，依规解除", "An objection was not decided in time"


class ReviewBody(Word):
    """Who reviews a decision on somebody's freedom (review law, article 12 and on)."""

    ABOVE = "above", "上一级主管部门或本级人民政府", "the government of this level or the department above"


class Remedy(Word):
    """What a person may do against an order, told on the order itself (review law, articles 20 and 62)."""

    REVIEW = (
        "review",
        "如不服本决定，可自收到之日起{days}日内向{body}申请行政复议；复议期间请继续遵守本决定。",
        "If you disagree, you may ask {body} to review this order within {days} days of receiving it; "
        "it stands until that body decides otherwise.",
    )
    CARE = (
        "care",
        "如需急诊、透析、分娩等医疗服务，请随时告知工作人员，不得被拒绝。",
        "If you need urgent care, dialysis or to give birth, say so at any time; you may not be refused.",
    )
    ENDS = (
        "ends",
        "本决定至{date} 24:00自动解除，无需申请；延长须另行决定。",
        "This order ends by itself on {date} at 24:00; to lengthen it takes a new decision.",
    )


REVIEW_DAYS = 60  # days to apply for an administrative review, by law

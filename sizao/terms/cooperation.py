"""Requests between authorities about named people (协查), and what goes back and forth about them."""

from sizao.terms.word import Word


class AskedFor(Word):
    """What another authority is asked to do about the people of a request."""

    FIND = "find", "查找人员并反馈去向", "Find them and say where they are"
    CONTROL = "control", "落实相应管控措施", "Look after them as their kind asks"
    TEST = "test", "开展核酸检测", "Test them"
    INVESTIGATE = "investigate", "开展流行病学调查", "Investigate"
    INFORM = "inform", "知悉", "For information"


class RequestState(Word):
    """Where a request stands, on either side of it."""

    DRAFT = "draft", "起草中", "Draft"
    SENT = "sent", "已发出", "Sent"
    RECEIVED = "received", "已送达", "Received"
    ACCEPTED = "accepted", "已受理", "Accepted"
    REFUSED = "refused", "不予受理", "Refused"
    ANSWERED = "answered", "已全部反馈", "Answered for everybody"
    CLOSED = "closed", "已办结", "Closed"
    WITHDRAWN = "withdrawn", "已撤回", "Withdrawn"


REQUEST_MOVES: dict[RequestState, set[RequestState]] = {
    RequestState.DRAFT: {RequestState.SENT, RequestState.WITHDRAWN},
    RequestState.SENT: {
        RequestState.RECEIVED, RequestState.ACCEPTED, RequestState.REFUSED, RequestState.ANSWERED,
        RequestState.WITHDRAWN, RequestState.CLOSED,
    },
    RequestState.RECEIVED: {
        RequestState.ACCEPTED, RequestState.REFUSED, RequestState.ANSWERED, RequestState.WITHDRAWN,
        RequestState.CLOSED,
    },
    RequestState.ACCEPTED: {RequestState.ANSWERED, RequestState.WITHDRAWN, RequestState.CLOSED},
    RequestState.REFUSED: {RequestState.ACCEPTED, RequestState.CLOSED},
    RequestState.ANSWERED: {RequestState.CLOSED},
    RequestState.CLOSED: set(),
    RequestState.WITHDRAWN: set(),
}  # fmt: skip


class PersonAnswer(Word):
    """What became of one person of a request."""

    PLACED = "placed", "已集中隔离", "In an isolation site"
    AT_HOME = "at_home", "已居家管控", "Looked after at home"
    NEGATIVE = "negative", "已检测，阴性", "Tested: negative"
    POSITIVE = "positive", "已检测，阳性", "Tested: positive"
    EXCLUDED = "excluded", "经核实排除", "Checked: not concerned"
    LEFT = "left", "已离开本地", "Has left this area"
    NOT_REACHED = "not_reached", "未能联系上", "Could not be reached"
    NOT_FOUND = "not_found", "查无此人", "Nobody of this identity here"


# With one of these the work about a person is not over: the asking side is told, and may ask elsewhere.
OPEN_ANSWERS = frozenset({PersonAnswer.LEFT, PersonAnswer.NOT_REACHED, PersonAnswer.NOT_FOUND})


class MessageKind(Word):
    """What one message between two authorities says; each stands for itself, in whatever order they come."""

    REQUEST = "request", "协查函", "Request"
    ACCEPTED = "accepted", "受理", "Accepted"
    REFUSED = "refused", "不予受理", "Refused"
    ANSWER = "answer", "反馈", "Answer"
    REMINDER = "reminder", "催办", "Reminder"
    CLOSED = "closed", "办结", "Closed"
    WITHDRAWN = "withdrawn", "撤回", "Withdrawn"


class ExchangeWay(Word):
    """How an authority is reached."""

    SYSTEM = "system", "系统对接", "From system to system"
    LETTER = "letter", "公函", "By official letter"

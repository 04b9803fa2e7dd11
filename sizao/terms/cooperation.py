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


class ListColumn(Word):
    """The columns of the list that goes with a letter, and comes back with the answers."""

    NUMBER = "number", "协查函编号", "Request"
    REF = "ref", "序号", "No."
    NAME = "name", "姓名", "Name"
    ID_NUMBER = "id_number", "证件号码", "Identity number"
    PHONE = "phone", "联系电话", "Phone"
    ADDRESS = "address", "现住址", "Address"
    KIND = "kind", "人员类别", "Kind"
    LAST_EXPOSURE = "last_exposure", "末次暴露日期", "Last exposure"
    ANSWER = "answer", "核查结果", "Answer"
    NOTE = "note", "说明", "Note"


class LetterText(Word):
    """The sentences of a letter that asks another authority for help."""

    TITLE = "title", "关于请协助核查{n}名疫情相关人员的函", "Request for help about {n} people"
    WHY = (
        "why",
        "我地在疫情处置工作中，经流行病学调查发现，以下{n}名人员与我地病例存在流行病学关联，现住地或去向在贵地辖区。依据{law}，请予协助：",
        "While responding to an outbreak we found by investigation that the {n} people below are linked to cases of "
        "ours and live in, or went to, your area. By {law} we ask you to:",
    )
    BY = (
        "by",
        "请于{due}前反馈核查结果。可在所附名单（表格文件）“核查结果”“说明”两栏填写后退回，其他各栏请勿改动；可分批反馈。",
        "Please answer by {due}. You may fill in the columns “Answer” and “Note” of the attached list (workbook) and "
        "send it back; leave the other columns as they are. Answers may come in parts.",
    )
    NO_CLOCK = (
        "no_clock",
        "请尽快反馈核查结果。可在所附名单（表格文件）“核查结果”“说明”两栏填写后退回，其他各栏请勿改动；可分批反馈。",
        "Please answer as soon as you can. You may fill in the columns “Answer” and “Note” of the attached list "
        "(workbook) and send it back; leave the other columns as they are. Answers may come in parts.",
    )
    ANSWERS = "answers", "核查结果请从下列各项中选填：{words}。", "The answer is one of: {words}."
    PEOPLE = "people", "附件：协查人员名单（{n}人）", "Attached: the people ({n})"
    CONTACT = "contact", "联系人及电话：____________________", "Whom to call: ____________________"
    PRIVACY = (
        "privacy",
        "本函及名单含个人信息，仅限用于本次疫情防控协查，请控制知悉范围，用毕按规定销毁。",
        "This letter and its list hold personal data, for this request alone. Let only those read them who need to, "
        "and destroy them when they are no longer needed.",
    )
    DRILL = "drill", "演练或复盘，不产生效力 · {name}", "A DRILL OR A REPLAY: THIS HAS NO EFFECT · {name}"

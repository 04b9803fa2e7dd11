"""People whom a trace found, pushed to the authority where they live (大数据推送), and what became of them."""

from sizao.terms.word import Word


class PushState(Word):
    """Where a push list stands."""

    PUSHED = "pushed", "待签收", "Not received yet"
    RECEIVED = "received", "核查中", "Received, being worked on"
    RETURNED = "returned", "有退回待处理", "Some came back undelivered"
    DONE = "done", "已全部反馈", "A result for everybody"


class PushResult(Word):
    """What became of one person of a push list."""

    CONTROLLED = "controlled", "已落实管控", "Looked after as their kind asks"
    TESTED = "tested", "已检测", "Tested"
    EXCLUDED = "excluded", "经核实排除", "Checked: not concerned"
    NO_SUCH_PERSON = "no_such_person", "查无此人", "Nobody of this identity here"
    MOVED = "moved", "已不在本地居住", "Does not live here any more"
    WRONG_NUMBER = "wrong_number", "号码错误，无法联系", "The number is wrong; nobody was reached"


# With one of these the list did not reach the person: it goes back to who sent it.
UNDELIVERED = frozenset({PushResult.NO_SUCH_PERSON, PushResult.MOVED, PushResult.WRONG_NUMBER})


class PushEnd(Word):
    """What the sender did about somebody who came back undelivered."""

    PUSHED_AGAIN = "pushed_again", "已改推", "Pushed again"
    GIVEN_UP = "given_up", "已说明，不再推送", "Not pushed again, with a reason"

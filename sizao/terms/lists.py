"""Lists of people."""

from sizao.terms.word import Word


class LineList(Word):
    """Whom the line list shows."""

    CASES = "cases", "病例", "Cases"
    CONTACTS = "contacts", "密接", "Contacts"
    PEOPLE = "people", "全部人员", "All people"


class Sex(Word):
    """As the identity card says it; not known is NULL."""

    FEMALE = "F", "女", "Female"
    MALE = "M", "男", "Male"


class LineColumn(Word):
    """What a line of the line list may tell about a person."""

    NUMBER = "number", "编号", "Number"
    NAME = "name", "姓名", "Name"
    SEX = "sex", "性别", "Sex"
    BIRTH_DATE = "birth_date", "出生日期", "Date of birth"
    COUNTY = "county", "县区", "County"
    HOME = "home", "现住地", "Home area"
    STATUS = "status", "状态", "Status"
    KIND = "kind", "类别", "Kind"
    FOUND_BY = "found_by", "发现途径", "Found by"
    ONSET = "onset", "发病日期", "Onset"
    POSITIVE = "positive", "首次阳性", "First positive"
    EXPOSURE = "exposure", "末次接触", "Last exposure"
    INDEX_CASE = "index_case", "关联病例", "Index case"
    WHEREABOUTS = "whereabouts", "当前位置", "Where now"
    UNREAD = "unread", "未读文字", "Unread text"
    KNOWN_SINCE = "known_since", "知晓时间", "Known since"


class Lack(Word):
    """What is still to be found out about somebody; the first three are of the four clears."""

    IDENTITY = "identity", "人头未查清", "Identity not known"
    LOCATION = "location", "位置未查清", "Location not known"
    CONTROL = "control", "管控状态未查清", "Control status not known"
    ONSET = "onset", "发病日期未知", "Onset not known"
    INVESTIGATION = "investigation", "流调未完成", "Not yet investigated"
    UNREAD = "unread", "有未读文字", "Unread text"


class Clear(Word):
    """The four clears (四个查清) that must stand for the contacts of every area."""

    NUMBER = "number", "人数", "Number"
    IDENTITY = "identity", "人头", "Identity"
    LOCATION = "location", "位置", "Location"
    CONTROL = "control", "管控状态", "Control status"


class Moment(Word):
    """What an entry in a person's timeline is about."""

    VISIT = "visit", "活动轨迹", "Visit"
    ONSET = "onset", "发病", "Onset"
    TEST = "test", "检测", "Test"
    STAY = "stay", "位置", "Stay"
    ORDER = "order", "隔离决定", "Order"
    SIGNAL = "signal", "信号", "Signal"
    CASE = "case", "病例判定", "Classification"
    CONTACT = "contact", "密接管理", "Contact"
    ENCOUNTER = "encounter", "接触", "Encounter"
    JOURNAL = "journal", "日志", "Journal"

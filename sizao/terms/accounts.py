"""The people who use it: roles and rights."""

from sizao.terms.word import Word


class Role(Word):
    """Who signs in. What a role may do is one table, in `records.access`."""

    DUTY_OFFICER = "duty_officer", "值班员", "Duty officer"
    INVESTIGATOR = "investigator", "流调员", "Case investigator"
    DATA_OFFICER = "data_officer", "数据专员", "Data officer"
    TESTING_COORDINATOR = "testing_coordinator", "核酸检测专员", "Testing coordinator"
    SAMPLER = "sampler", "采样登记员", "Registrar at a swabbing table"
    GRID_WORKER = "grid_worker", "网格员", "Grid worker"
    ISOLATION_COORDINATOR = "isolation_coordinator", "隔离转运专员", "Isolation coordinator"
    AREA_OFFICER = "area_officer", "风险区专员", "Area officer"
    REPORTER = "reporter", "信息报告员", "Reporter"
    COMMANDER = "commander", "指挥长", "Commander"
    SUPERVISOR = "supervisor", "督查员", "Supervisor"
    ADMINISTRATOR = "administrator", "系统管理员", "Administrator"


class Right(Word):
    """One thing that a role may or may not do inside its jurisdiction."""

    SITUATION_READ = "situation.read", "查看态势", "See the situation"
    PERSON_LIST = "person.list", "查看人员列表", "See lists of people"
    PERSON_READ = "person.read", "查看人员详情", "Read a person"
    PERSON_EXPORT = "person.export", "导出人员名单", "Export people"
    SIGNAL_SEND = "signal.send", "报送信号", "Send signals"
    SIGNAL_VERIFY = "signal.verify", "核实信号", "Verify signals"
    CASE_CLASSIFY = "case.classify", "病例判定", "Classify cases"
    CASE_INVESTIGATE = "case.investigate", "流行病学调查", "Record an investigation"
    PLACE_MATCH = "place.match", "核对地点", "Match places"
    CONTACT_TRACE = "contact.trace", "密接判定", "Determine contacts"
    PRESENCE_SEND = "presence.send", "报送轨迹数据", "Send presence records"
    TRACE_ASK = "trace.ask", "轨迹数据查询", "Ask who was where"
    PERSON_ACCOUNT = "person.account", "出具个人查询记录", "Tell people who asked about them"
    TESTING_PLAN = "testing.plan", "组织检测轮次", "Plan, open and close testing rounds"
    TESTING_REGISTER = "testing.register", "采样登记", "Register swabs"
    TESTING_FOLLOW = "testing.follow", "核实未检人员", "Look after who was missed"
    ORDER_ISSUE = "order.issue", "签发隔离决定", "Issue isolation orders"
    ZONE_APPROVE = "zone.approve", "批准风险区", "Approve zones"
    ZONE_PUBLISH = "zone.publish", "公布与解除风险区", "Publish and lift zones"
    TASK_WORK = "task.work", "接收和完成任务", "Receive and finish tasks"
    REPORT_READ = "report.read", "查看日报", "Read daily reports"
    REPORT_SUBMIT = "report.submit", "报送日报", "Submit daily reports"
    PROTOCOL_READ = "protocol.read", "查看方案", "Read the protocol"
    PROTOCOL_CONFIRM = "protocol.confirm", "确认参数", "Confirm values of the protocol"
    JOURNAL_READ = "journal.read", "查看日志", "Read the journal"
    DRILL_STEER = "drill.steer", "主持演练", "Steer a drill"
    ACCOUNT_MANAGE = "account.manage", "管理账号", "Manage accounts"

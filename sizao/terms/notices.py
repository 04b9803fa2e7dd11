"""Notices: what somebody is told of, on which way, and what became of it."""

from sizao.terms.word import Word


class NoticeKind(Word):
    """What a notice is about."""

    TASKS_LATE = "tasks_late", "任务超时", "Overdue tasks"
    TASK_RAISED = "task_raised", "超时任务升级至本人", "Overdue tasks that came up to me"
    DIRECTIVE = "directive", "指令待签收", "Directives to receive"
    ALERT_WAITS = "alert_waits", "预警待核实", "Alert to be answered"
    LEVEL_PROPOSED = "level_proposed", "响应级别调整建议", "Proposed response level"
    LEVEL_CHANGED = "level_changed", "响应级别调整", "Response level changed"
    REPORT_MISSING = "report_missing", "日报未报送", "Daily report missing"


class NoticeChannel(Word):
    """How a notice leaves the house; on the pages it always stands."""

    MAIL = "mail", "电子邮件", "E-mail"
    WEBHOOK = "webhook", "网络回调", "Webhook"


class DeliveryState(Word):
    """What became of one message out of the house."""

    WAITING = "waiting", "待发送", "Waiting"
    HANDING = "handing", "正在交付", "Being handed over"
    SENT = "sent", "已发送", "Sent"
    FAILED = "failed", "发送失败", "Failed"
    UNSURE = "unsure", "是否送达不明，不再重发", "Not known whether it arrived; not sent again"
    DROPPED = "dropped", "已取消", "Dropped"

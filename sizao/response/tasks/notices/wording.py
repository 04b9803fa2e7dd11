"""What a message says: kinds, counts, areas, hours and addresses of pages; nothing else can get in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from sizao.records.models import Notice
from sizao.terms import NoticeKind

MOST_LINES = 50


def facts_of(notices: Sequence[Notice], names: Mapping[str, str], *, language: str) -> dict[str, Any]:
    """Write down what a message tells, as plain JSON; `names` are short names of areas by code."""
    return {
        "language": language,
        "notices": [
            {
                "kind": one.kind,
                "label": NoticeKind(one.kind).label(language),  # type: ignore[call-arg]
                "urgent": one.is_urgent,
                "count": one.count,
                "area_code": one.area_code,
                "area": names.get(one.area_code, one.area_code),
                "due_at": one.due_at.isoformat() if one.due_at else None,
                "path": one.path,
            }
            for one in notices[:MOST_LINES]
        ],
        "more": max(len(notices) - MOST_LINES, 0),
    }


def subject(facts: Mapping[str, Any]) -> str:
    """Say in one line what waits."""
    told = facts["notices"]
    urgent = sum(one["urgent"] for one in told)
    if str(facts["language"]).startswith("zh"):
        return f"四早：{urgent} 件紧急事项" if urgent else f"四早：今日汇总 {len(told) + facts['more']} 项"
    return f"sizao: {urgent} urgent" if urgent else f"sizao: {len(told) + facts['more']} today"


def text(facts: Mapping[str, Any], *, address: str) -> str:
    """Write the lines of a mail; `address` is where the pages are."""
    zh = str(facts["language"]).startswith("zh")
    lines = [_line(one, address, zh=zh) for one in facts["notices"]]
    if facts["more"]:
        lines.append(f"另有 {facts['more']} 项，见系统" if zh else f"{facts['more']} more on the pages")
    end = (
        f"本邮件由系统自动发送，不含个人信息。通知设置：{address}/notices/settings/"
        if zh
        else f"Sent by the system, without personal data. Your settings: {address}/notices/settings/"
    )
    return "\n\n".join([*lines, end]) + "\n"


def called(facts: Mapping[str, Any], *, address: str) -> dict[str, Any]:
    """Give what a webhook is told: the same, with whole addresses."""
    told = [{**one, "link": f"{address}{one['path']}"} for one in facts["notices"]]
    return {"notices": [{key: one[key] for key in one if key != "path"} for one in told], "more": facts["more"]}


def _line(one: Mapping[str, Any], address: str, *, zh: bool) -> str:
    head = f"{'【紧急】' if zh else '[urgent] '}" if one["urgent"] else ""
    count = f" × {one['count']}" if one["count"] > 1 else ""
    due = ""
    if one["due_at"]:
        moment = timezone.localtime(datetime.fromisoformat(one["due_at"]))
        due = f"，时限 {moment:%m-%d %H:%M}" if zh else f", due {moment:%m-%d %H:%M}"
    return f"{head}{one['label']}{count} · {one['area']}{due}\n{address}{one['path']}"

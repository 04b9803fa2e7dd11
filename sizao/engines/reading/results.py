# ruff: noqa: E501  (a list of words is read as a list; broken lines hide doubles)
"""Results of tests and what a diagnosis says."""

import re

from sizao.terms import CaseStatus, TestResult

_RESULT = re.compile(
    r"(?:[呈为是示]|结果|检测|复核|复检|复测|核酸|均|双|弱|初筛|筛查|检出|抗原|抗体|[gG]|[mM]|报告|反馈|提示|显示|（)\s*(?:弱|双|复?检?|全部|均)?(?P<sign>[阳阴])(?:性|转)?|转(?P<turn>[阳阴])"
)
_DIAGNOSIS = re.compile(
    r"(?:诊断|确诊|判定|确定|认定|核定|订正|更正|转归|会诊|判断|确认|定|列|转|修正|纳入|评定|归)(?:结果)?(?:为|成|属|系)(?!疑似)[^，。]{0,22}?(?P<what>无症状|确诊|新冠|新型冠状|病例|感染者|肺炎|普通型|轻型|重型)"
    r"|(?:诊断|确认|被诊|转)(?P<bare>确诊|无症状|新冠肺炎|新型冠状)"
    r"|(?<![与为是系经因和名例者及位到将似护此其的未])(?:被|已|后|经\w{2,20}|[日时#@，]|^|\s|于)?(?P<alone>确诊)(?!患|病|者|的|人|前|后(?!隔)|期|阳|案|例数)"
)
_SUSPECT = re.compile(r"(?:诊断|确诊|判定|列|定|会诊|确定|报告)为?[^，。]{0,10}疑似")
_OTHERS = re.compile(
    r"(?:其|该)?(?:丈夫|妻子|母亲|父亲|儿子|女儿|儿媳|女婿|孙子|孙女|婆婆|公公|岳父|岳母|姐姐|妹妹|哥哥|弟弟|同事|朋友|邻居|亲属|家人|舅舅|叔叔|姑姑|姨)[^，。]{0,6}(?:被)?确诊|与[^，。]{0,10}确诊"
)


def test_result(text: str) -> str | None:
    """Read 阳性 or 阴性 as the result of a test; None when none is told."""
    found = list(_RESULT.finditer(text))
    if not found:
        return None
    last = found[-1]
    return str(TestResult.POSITIVE if (last["sign"] or last["turn"]) == "阳" else TestResult.NEGATIVE)


def is_diagnosis(text: str) -> bool:
    """Whether the clause tells of a diagnosis of the person whom the report is about."""
    if _OTHERS.search(text):
        return False
    return _DIAGNOSIS.search(text) is not None or _SUSPECT.search(text) is not None


def diagnosis_result(text: str) -> str | None:
    """Read what was diagnosed: confirmed, asymptomatic, or None (a suspected case)."""
    found = _DIAGNOSIS.search(text)
    if not found:
        return None
    # 由无症状感染者转为确诊病例: what counts is what stands after the verb.
    said = text[found.start() :]
    if "疑似" in said:
        return None
    return str(CaseStatus.ASYMPTOMATIC if "无症状" in said else CaseStatus.CONFIRMED)

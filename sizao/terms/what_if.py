"""What would come of it if: the measures that are compared, and how far an answer is."""

from sizao.terms.word import Word


class Lever(Word):
    """One change against the measures of today that a question can ask about."""

    TODAY = "today", "维持现有措施", "Keep today's measures"
    RESULTS_FASTER = "results_faster", "检测结果提前1天", "Results one day faster"
    TRACING_FASTER = "tracing_faster", "流调追踪提前1天", "Tracing one day faster"
    RESULTS_SLOWER = "results_slower", "检测结果推迟1天", "Results one day slower"
    MORE_FOUND = "more_found", "密接应追尽追", "Find nearly all contacts"
    SECOND_RING = "second_ring", "加管次密接", "Keep contacts of contacts too"
    ROUNDS = "rounds", "每3天一轮全员核酸", "Rounds of testing every 3 days"
    CLOSE = "close", "有1例即封控小区（村）", "Close each community with a case"
    SHUT = "shut", "有1例即关停本县场所", "Shut the venues of each county with a case"
    VACCINATE = "vaccinate", "两周内为七成老人补种", "Vaccinate 70 % of the old in two weeks"
    ANTIVIRALS = "antivirals", "老年感染者及时用抗病毒药", "Antivirals for the old who are found"
    LIFT = "lift", "不再追踪和隔离密接", "Trace and keep contacts no more"
    OWN = "own", "自定方案", "Own policy"


class WhatIfState(Word):
    """How far an answer is."""

    WAITING = "waiting", "等待推算", "Waiting"
    RUNNING = "running", "正在推算", "Being worked out"
    ANSWERED = "answered", "已推算", "Answered"
    FAILED = "failed", "未能推算", "Could not be worked out"


class Variant(Word):
    """Which virus a simulated city is given, by the files of `drill/variants`."""

    ANCESTRAL = "ancestral", "原始株", "Ancestral"
    DELTA = "delta", "德尔塔", "Delta"
    BA2 = "ba2", "奥密克戎BA.2", "Omicron BA.2"
    BF7 = "bf7", "奥密克戎BF.7", "Omicron BF.7"

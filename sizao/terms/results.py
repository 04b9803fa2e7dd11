"""What people are told of their own tests, and of a positive pool."""

from sizao.terms.word import Word


class ResultTold(Word):
    """What can be said of somebody's latest test. A pool's positive result is nobody's: it asks for a single test."""

    NEGATIVE = "negative", "阴性", "Negative"
    POSITIVE = "positive", "阳性", "Positive"
    COME_BACK = "come_back", "请单采复核", "Come for a single test"
    WAITING = "waiting", "结果未出", "No result yet"
    NOT_SWABBED = "not_swabbed", "本轮未登记采样", "No swab registered in this round"


class PoolText(Word):
    """What a member of a positive pool is told on the notice (coercion law, articles 18 to 20)."""

    REASON = (
        "reason",
        "您于{taken}在{round}采样的{tube}号混采管检测为阳性。这是整管结果，不是您本人的结果；管内共{count}人，须逐人单采复核。",
        "The pooled tube {tube}, in which you were swabbed on {taken} ({round}), tested positive. This is the result "
        "of the tube, not yours: {count} people were swabbed into it, and each is now tested singly.",
    )
    ASKED = (
        "asked",
        "请留在现住处单独居住，等候工作人员上门或通知单采；就诊、急救不受限制。",
        "Please stay where you are, apart from others, until you are swabbed singly; medical care is never refused.",
    )
    FREED = (
        "freed",
        "您的单采结果为阴性即时解除，不必等候他人结果。",
        "As soon as your own test is negative you are free, whatever the others' tests say.",
    )
    ENDS = (
        "ends",
        "本决定至{moment}自动解除，无需申请；延长须另行作出决定。",
        "This order ends by itself at {moment}; to lengthen it takes a new decision.",
    )
    OBJECT = (
        "object",
        "您可当场或随时向工作人员陈述、申辩并提出异议；异议成立的立即解除。",
        "You may object at once or at any time to the staff; if the objection is upheld you are free at once.",
    )
    FAMILY = (
        "family",
        "作出决定的机关、地点和期限应当告知您的家属。",
        "Your family is told which authority decided, where you are and until when.",
    )


HOLD_HOURS_AT_MOST = 24  # a hold in urgency is reported and decided on within 24 hours (coercion law, article 19)

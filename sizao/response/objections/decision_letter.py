"""The letter of a decision on an objection: what was decided, by whom, why, and where to go from there."""

import json
from datetime import datetime
from importlib.resources import files

from django.utils import timezone

from sizao.adapters import typesetting
from sizao.errors import SizaoError
from sizao.records import access, journal, officers
from sizao.records.models import Account, Objection
from sizao.response.isolation.letters import who_of
from sizao.response.objections.measures import measure_of
from sizao.terms import REVIEW_DAYS, DecisionText, ObjectionAbout, ObjectionDecision, Remedy, ReviewBody, Right

_LANGUAGES = ("zh", "en")


class NotDecided(SizaoError):
    code = "objection.not_decided"
    message = "Objection {number} was not decided yet, so there is no letter. Decide on it first."


class LanguageUnknown(SizaoError):
    code = "objection.letter_language.unreadable"
    message = "Letters of decisions are printed in: {allowed}. Choose one of them."


def pdf(*, objection: Objection, language: str, by: Account, now: datetime) -> bytes:
    """Print the letter of a decision; reading the person is journalled. Raise NotDecided, or the door's refusal."""
    access.require(by, Right.OBJECTION_DECIDE, area_code=objection.area_code)
    if language not in _LANGUAGES:
        raise LanguageUnknown(allowed=", ".join(_LANGUAGES))
    if not objection.decision:
        raise NotDecided(number=objection.number)
    content = json.dumps(_content(objection, language, by, now), ensure_ascii=False).encode()
    template = files("sizao.response.objections").joinpath("decision_letter.typ").read_text(encoding="utf-8")
    journal.write("objection.letter_printed", objection, by=by, at=now, language=language)
    return typesetting.pdf(template, {"letter.json": content})


def _content(objection: Objection, language: str, by: Account, now: datetime) -> dict[str, object]:
    measure = measure_of(ObjectionAbout(objection.about), objection.subject_id)
    who = ""
    if objection.person:
        purpose = f"decision {objection.number}"
        found = access.person(
            objection.person.number, to=Right.OBJECTION_DECIDE, by=by, now=now, purpose=purpose
        )  # fmt: skip
        who = who_of(found, by)
    decider = objection.decided_by
    facts = {"days": REVIEW_DAYS, "body": ReviewBody.ABOVE.label(language)}
    rows = (
        (DecisionText.TO, who),
        (DecisionText.AGAINST, f"{ObjectionAbout(objection.about).label(language)} {measure.label}"),
        (DecisionText.RECEIVED, _moment(objection.received_at)),
        (DecisionText.SAID, objection.text or ""),
        (DecisionText.DECISION, ObjectionDecision(objection.decision).label(language)),
        (DecisionText.REASON, objection.decision_reason or ""),
        (
            DecisionText.BY,
            officers.name_of(decider, objection.decided_at) if decider else DecisionText.RULE.label(language),
        ),
        (DecisionText.AT, _moment(objection.decided_at) if objection.decided_at else ""),
        (DecisionText.FURTHER, Remedy.REVIEW.label(language).format(**facts)),
    )
    return {
        "language": language,
        "title": DecisionText.TITLE.label(language),
        "number": objection.number,
        "rows": [[label.label(language), text] for label, text in rows if text],
        "drill": "" if objection.outbreak.acts_on_people else DecisionText.DRILL.label(language),
    }


def _moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"

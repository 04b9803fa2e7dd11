"""
What a decision keeps of the rules it followed, as plain data that explains itself years later.

One entry a value: its key and what it was, the documents it stood in, what stands behind it, and for
a date or deadline the whole sum.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from sizao.protocol.days import Sum
from sizao.protocol.titles import citation
from sizao.protocol.values import Value
from sizao.terms import Phrase

# Values that name what is done, as people say them.
_SAID = {
    "hold_members_singly_and_resample_single": Phrase(
        "hold its members singly, and swab each of them singly", "管内人员就地单独管控，逐人单采复核"
    ),
    "central": Phrase("central isolation", "集中隔离医学观察"),
    "home": Phrase("at home", "居家"),
    "central_or_home": Phrase("central isolation or at home", "集中或居家"),
    "province": Phrase("the province", "省级"),
    "home_monitoring": Phrase("health monitoring at home", "居家健康监测"),
    "isolation_observation": Phrase("observation in isolation", "隔离医学观察"),
    "cabin_hospital": Phrase("cabin hospital", "方舱医院"),
    "designated_hospital": Phrase("designated hospital", "定点医院"),
    "designated_hospital_icu": Phrase("intensive care of a designated hospital", "定点医院重症监护室"),
    "tertiary_hospital_icu": Phrase("intensive care of a tertiary hospital", "三级医院重症监护室"),
    "last_exposure": Phrase("the last exposure", "末次暴露"),
    "restart": Phrase("counted anew", "重新计算"),
    "reassess": Phrase("assessed anew", "重新评估"),
    "reassess_and_extend_all_or_part": Phrase("assessed anew, all or a part extended", "重新评估，整体或部分延长"),
    "point_to_point": Phrase("from door to door", "点对点"),
    "negative_pressure_ambulance_preferred": Phrase("a negative pressure ambulance if there is one", "首选负压救护车"),
    "oropharyngeal": Phrase("throat swab", "口咽拭子"),
    "nasopharyngeal": Phrase("nose swab", "鼻咽拭子"),
}


def entry(value: Value, total: Sum[Any] | None = None, *, gives: str = "") -> dict[str, Any]:
    """
    Write one value down as it was when it decided; `gives` names what it led to.

    `total` is the sum that was made with it. All parts are plain JSON.
    """
    kept: dict[str, Any] = {
        "key": value.key,
        "value": value.shown,
        "unit": value.unit,
        "edition": value.edition,
        "companion": value.companion,
        "annex": value.annex,
        "origin": value.origin,
        "status": str(value.rests_on),
        "source": list(value.sources),
        "gives": gives,
    }
    if total is not None:
        kept["sum"] = {
            "start": total.start.isoformat(),
            "amount": total.amount,
            "unit": total.unit,
            "result": total.result.isoformat(),
        }
    return kept


def total_of(kept: Mapping[str, Any]) -> Sum[Any] | None:
    """Read the sum of an entry back; None when the value was not counted with."""
    stored = kept.get("sum")
    if stored is None:
        return None
    return Sum(
        start=_read(stored["start"]),
        amount=stored["amount"],
        unit=stored["unit"],
        result=_read(stored["result"]),
        edition=kept["origin"],
        key=kept["key"],
    )


def shown(kept: Mapping[str, Any], language: str, zone: tzinfo) -> str:
    """Tell an entry on a screen: as `told`, by the clocks there, the value by its name instead of its key."""
    cited = citation(
        str(kept.get("edition") or kept["origin"]), kept["key"], language, annex=str(kept.get("annex") or "")
    )
    if (total := total_of(kept)) is not None:
        return total.told(language, zone, cited)
    said = _SAID.get(kept["value"])
    if language.startswith("zh"):
        return f"{cited}：{said.label(language)}" if said else f"{cited} = {kept['value']}"
    return f"{cited}: {said}." if said else f"{cited} = {kept['value']}."


def told(kept: Mapping[str, Any], language: str) -> str:
    """Tell an entry in one line, in `zh` or `en`: the sum where there is one, else the value and its origin."""
    total = total_of(kept)
    if total is not None:
        return total.told(language)
    if language.startswith("zh"):
        return f"{kept['key']} = {kept['value']}（{kept['origin']}）"
    return f"{kept['key']} = {kept['value']} ({kept['origin']})."


def _read(written: str) -> date:
    return datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)

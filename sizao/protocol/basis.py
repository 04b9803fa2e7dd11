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

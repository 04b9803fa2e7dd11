"""
What a level switches in the rules: clocks that it shortens, by a local annex of the decision.

An annex is how a place changes values inside its bounds, so every stage that asks for the rules of the area follows it
without knowing of levels. It ends with the day that the decision states, or with the next decision.
"""

import json
from datetime import datetime

from sizao.protocol import Rules, load_annex, shipped
from sizao.protocol.annexes import inadmissible
from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.protocol.response_levels import ShorterClock
from sizao.records import journal, officers
from sizao.records.models import LevelDecision, Outbreak, ProtocolAnnex
from sizao.response import outbreaks
from sizao.response.tasks.levels.standing import Levels
from sizao.terms import OutbreakKind, ResponseLevel


def annex_id(decision: LevelDecision) -> str:
    """Name the annexes of a decision; each edition's has the edition behind it."""
    return f"level-{decision.pk}"


def shortened(level: ResponseLevel, rules: Rules) -> list[tuple[ShorterClock, int]]:
    """List the clocks that a level shortens under some rules, with the hours of the rules."""
    found = []
    for one in shipped_level_rules().shorter(level):
        hours = rules.value(one.key).value
        if isinstance(hours, int) and hours > one.at_most:
            found.append((one, hours))
    return found


def switch(*, decision: LevelDecision, was: LevelDecision | None, now: datetime) -> list[dict[str, object]]:
    """
    Put in force what a decision shortens, for each open outbreak it concerns, and withdraw what the last one did.

    Return what was shortened: key, hours before and after.
    """
    if was is not None:
        _withdraw(annex_id(was), decision.starts_at)
    told: dict[str, dict[str, object]] = {}
    for outbreak in concerned(decision):
        for clock, hours in _put_in_force(decision, outbreak, max(decision.starts_at, now)):
            told[clock.key] = {"key": clock.key, "was": hours, "hours": clock.at_most}
    return list(told.values())


def concerned(decision: LevelDecision) -> list[Outbreak]:
    """List the open outbreaks that a decision concerns: those of its area, and those whose area holds it."""
    if decision.outbreak is not None:
        return [decision.outbreak]
    found = Outbreak.objects.filter(kind=OutbreakKind.REAL, closed_at__isnull=True).order_by("pk")
    return [one for one in found if _touches(decision, one)]


def keep_in_force(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Put in force what standing decisions shorten where an outbreak or an edition came after them; withdraw the rest.

    Return how many annexes were published or withdrawn.
    """
    latest = Levels.at(now, outbreak).latest.values()
    decided = [one for one in latest if one.level != ResponseLevel.ROUTINE and _touches(one, outbreak)]
    changed = sum(bool(_put_in_force(one, outbreak, now)) for one in decided)
    standing = {annex_id(one) for one in decided}
    mine = ProtocolAnnex.objects.filter(outbreak=outbreak, annex_id__startswith="level-", withdrawn_at=None)
    for annex in mine:
        if annex.annex_id.rpartition(":")[0] not in standing and annex.published_at <= now:
            changed += _withdraw(annex.annex_id.rpartition(":")[0], now)
    return changed


def _touches(decision: LevelDecision, outbreak: Outbreak) -> bool:
    return outbreak.area_code.startswith(decision.area_code) or decision.area_code.startswith(outbreak.area_code)


def _put_in_force(decision: LevelDecision, outbreak: Outbreak, at: datetime) -> list[tuple[ShorterClock, int]]:
    area_code = max(decision.area_code, outbreak.area_code, key=len)
    rules = outbreaks.rules_at(outbreak, at, area_code=area_code)
    name = f"{annex_id(decision)}:{rules.edition}"
    if decision.expected_until is None or ProtocolAnnex.objects.filter(outbreak=outbreak, annex_id=name).exists():
        return []
    found = shortened(ResponseLevel(decision.level), rules)  # type: ignore[call-arg]
    if not found:
        return []
    text = _text(decision, outbreak, name, rules, [clock for clock, _ in found])
    _check(text, name)
    annex = ProtocolAnnex.objects.create(
        outbreak=outbreak, annex_id=name, text=text, published_by=decision.decided_by, published_at=at
    )
    journal.write("protocol.annex_published", annex, by=decision.decided_by, at=at, annex=name)
    _confirm(decision, outbreak, area_code, [clock.key for clock, _ in found], at)
    return found


def _check(text: str, name: str) -> None:
    """Refuse what no annex may say; the file of levels is checked against the bounds by a test, so this is a guard."""
    library = shipped()
    faults = list(inadmissible(load_annex(text, name), library.editions, library.bounds))
    if faults:
        raise ValueError(str(faults[0]))


def _text(decision: LevelDecision, outbreak: Outbreak, name: str, rules: Rules, clocks: list[ShorterClock]) -> str:
    level = ResponseLevel(decision.level)  # type: ignore[call-arg]
    start = outbreak.day_of(decision.starts_at)
    head = {
        "id": name,
        "title": f"{decision.area_code} {level.zh}：{decision.document_no or decision.text}"[:100],
        "area_code": decision.area_code,
        "issuer": officers.name_of(decision.decided_by, decision.decided_at),
        "document_no": decision.document_no,
    }
    lines = [f"{key} = {_quoted(value)}" for key, value in head.items()]
    lines += [
        f"effective_from = {start}",
        f"effective_until = {decision.expected_until}",
        f"editions = [{_quoted(rules.edition)}]",
        f"drill = {'false' if outbreak.acts_on_people else 'true'}",
    ]
    for one in clocks:
        source = one.value.sources[0] if one.value.sources else shipped_level_rules().id
        lines += [
            "", "[[overrides]]", f"key = {_quoted(one.key)}", f"value = {one.at_most}", f"source = {_quoted(source)}",
            f"reason = {_quoted(one.value.note)}",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic string of TOML is one of JSON


def _confirm(decision: LevelDecision, outbreak: Outbreak, area_code: str, keys: list[str], at: datetime) -> None:
    """Whoever decides answers for the hours: the document of the decision is what they rest on."""
    if not outbreak.acts_on_people:
        return
    rules = outbreaks.rules_at(outbreak, at, area_code=area_code)
    for key in keys:
        value = rules.value(key)
        if rules.awaits_confirmation(value):
            outbreaks.confirm_value(value=value, note=decision.document_no, by=decision.decided_by, now=at)


def _withdraw(name: str, at: datetime) -> int:
    """Withdraw the annexes of a decision in all outbreaks."""
    found = list(ProtocolAnnex.objects.filter(annex_id__startswith=f"{name}:", withdrawn_at__isnull=True))
    for annex in found:
        annex.withdrawn_at = at
        annex.save(update_fields=["withdrawn_at"])
        journal.write("protocol.annex_withdrawn", annex, by=None, at=at, annex=annex.annex_id)
    return len(found)

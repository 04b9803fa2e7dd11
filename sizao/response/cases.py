"""A verified hint is judged by the case definition in force and becomes a case; the case is investigated."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from sizao.engines.classification import Classification, Facts, classify
from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import access, journal
from sizao.records.models import Account, Case, CaseChange, Contact, Outbreak, Person, Place, Signal, Visit
from sizao.response import outbreaks
from sizao.terms import CASE_MOVES, CaseStatus, EventKind, FoundBy, PlaceKind, Right, Severity, SignalKind, SignalState

_FOUND_BY = {
    SignalKind.POSITIVE_TEST: FoundBy.SCREENING,
    SignalKind.FEVER_CLINIC: FoundBy.FEVER_CLINIC,
    SignalKind.REQUEST: FoundBy.REQUEST,
    SignalKind.SELF_REPORT: FoundBy.SELF_REPORT,
    SignalKind.ALERT: FoundBy.SCREENING,  # somebody went and tested where the streams pointed
    SignalKind.OBSERVATION: FoundBy.CONTACT,
}


class CaseCannotMove(SizaoError):
    code = "case.cannot_move"
    message = "Case {number} is {was} and cannot become {status}. From here it may become: {allowed}."


class SignalNotVerified(SizaoError):
    code = "case.signal_not_verified"
    message = "This signal is {state}. Verify it first; only a verified signal becomes a case."


class NobodyNamed(SizaoError):
    code = "case.nobody_named"
    message = "This signal names no person. Find out whom it is about and register them; then it can become a case."


class OnsetInFuture(SizaoError):
    code = "case.onset_in_future"
    message = "Case {number}: the onset {onset} lies after {day}, the day it is recorded on. Correct the date."


class VisitDaysReversed(SizaoError):
    code = "case.visit_days_reversed"
    message = "Case {number}: a visit ends on {last} before it begins on {first}. Correct the dates."


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a case is found to be, on what ground. Two of one `source_key` are one."""

    case: Case
    status: CaseStatus
    source_key: str
    severity: Severity | None = None
    basis: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """Where a case was and what it did there; `place` is None while the place waits to be matched."""

    kind: EventKind
    first_date: date
    last_date: date
    source_key: str
    place: Place | None = None
    place_text: str = ""
    place_kind: PlaceKind | None = None
    area_code: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    transport: str = ""


@dataclass(frozen=True, slots=True)
class Investigation:
    """What an investigation of one case found: onset if there was one, visits, and what could not be read."""

    case: Case
    onset_date: date | None = None
    visits: Sequence[VisitEntry] = ()
    unread_spans: int = 0
    unread: Sequence[str] = field(default_factory=list)


def _allow(by: Account | None, right: Right, area_code: str) -> None:
    if by is not None:
        access.require(by, right, area_code=area_code)


# --- Judging -----------------------------------------------------------------------------------


def judge(rules: Rules, facts: Facts) -> Classification:
    """
    Judge what is known of a person by the case definitions in force.

    Where decisions act on people, a definition that waits for confirmation decides nothing.
    """
    if rules.definitions is None:
        return Classification(meets=None, could_be=(), reasons=(), ask=())
    usable = {
        status: definition.tree
        for status, definition in rules.definitions.classes.items()
        if not rules.awaits_confirmation(rules.definitions.as_value(status, rules.edition))
    }
    return classify({str(status): tree for status, tree in usable.items()}, facts)


def facts_about(outbreak: Outbreak, people: Iterable[int]) -> dict[int, dict[str, bool | None]]:
    """
    Gather what is known of people (by id) as answers to the criteria of the case definitions.

    From their verified signals, their contacts and their onset. What nobody has said is unknown, never
    false: a person without recorded symptoms has not been found free of them.
    """
    ids = set(people)
    facts: dict[int, dict[str, bool | None]] = {one: {} for one in ids}
    verified = Signal.objects.filter(outbreak=outbreak, person__in=ids, state=SignalState.VERIFIED)
    for signal in verified.order_by("received_at", "id"):
        said = {key: value for key, value in signal.facts.items() if isinstance(value, bool) and "." in key}
        facts[signal.person_id] |= said
        if signal.kind == SignalKind.POSITIVE_TEST:
            facts[signal.person_id]["lab.nucleic_acid_positive"] = True
    for person_id in Contact.objects.filter(outbreak=outbreak, person__in=ids).values_list("person_id", flat=True):
        facts[person_id]["history.contact_with_infected"] = True
    with_onset = Case.objects.filter(outbreak=outbreak, person__in=ids, onset_date__isnull=False)
    for person_id in with_onset.values_list("person_id", flat=True):
        facts[person_id]["clinical.any_symptom"] = True
    return facts


def _basis(rules: Rules, found: Classification) -> list[dict[str, object]]:
    """Say which definition was applied, what carried the verdict, and what could still be asked."""
    name = rules.definitions.id if rules.definitions else ""
    verdict: dict[str, object] = {
        "edition": rules.edition,
        "origin": rules.source,
        "key": f"case.definition.{found.meets}" if found.meets else "case.definition",
        "value": name,
        "reasons": list(found.reasons),
        "could_be": list(found.could_be),
        "ask": list(found.ask),
        "sum": None,
    }
    if found.meets and rules.definitions:
        verdict |= {"status": str(rules.definitions.classes[CaseStatus(found.meets)].standing)}
    return [verdict]


# --- Opening -----------------------------------------------------------------------------------


@transaction.atomic
def open(*, signal: Signal, by: Account | None, now: datetime) -> Case | None:  # noqa: A001 — the field's verb
    """
    Make a verified signal a case by the definition in force; return the case it belongs to.

    None when the signal meets no definition and is no positive test. Raise SignalNotVerified,
    NobodyNamed or the door's refusal.
    """
    _allow(by, Right.CASE_CLASSIFY, signal.area_code)
    if signal.state != SignalState.VERIFIED:
        raise SignalNotVerified(state=signal.state)
    if signal.person_id is None:
        raise NobodyNamed
    _open_all(signal.outbreak, [signal], by=by, now=now)
    return Case.objects.filter(outbreak=signal.outbreak_id, person=signal.person_id).first()


def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Open a case for each verified signal that meets a definition; return how many were opened.

    Preliminary positives whom the definition now calls something else are re-classified by rule.
    """
    with transaction.atomic():
        # The lock keeps two runs at once from opening one case twice.
        Outbreak.objects.select_for_update().get(pk=outbreak.pk)
        waiting = Signal.objects.filter(outbreak=outbreak, state=SignalState.VERIFIED, person__isnull=False)
        waiting = waiting.exclude(person__in=Case.objects.filter(outbreak=outbreak).values("person"))
        opened = _open_all(outbreak, list(waiting.order_by("received_at", "id")), by=None, now=now)
        return len(opened) + _rejudge(outbreak, now)


def _open_all(outbreak: Outbreak, signals: Sequence[Signal], *, by: Account | None, now: datetime) -> list[Case]:
    first: dict[int, Signal] = {}
    for signal in signals:
        first.setdefault(signal.person_id, signal)
    taken = Case.objects.filter(outbreak=outbreak, person__in=first).values_list("person_id", flat=True)
    for person_id in list(taken):
        del first[person_id]
    if not first:
        return []
    rules = outbreaks.rules_at(outbreak, now)
    facts = facts_about(outbreak, first)
    people = Person.objects.in_bulk(list(first))
    contacts = set(Contact.objects.filter(outbreak=outbreak, person__in=first).values_list("person_id", flat=True))
    opened: list[Case] = []
    judged: list[Classification] = []
    for person_id, signal in first.items():
        found = judge(rules, facts[person_id])
        if found.meets is None and signal.kind != SignalKind.POSITIVE_TEST:
            continue  # a hint that meets no definition yet stays a verified hint
        judged.append(found)
        opened.append(_case(outbreak, people[person_id], signal, found, contact=person_id in contacts, now=now))
    Case.objects.bulk_create(opened)
    _note(opened, [_basis(rules, found) for found in judged], by=by, now=now, protocol=rules.source)
    lines = [journal.line("case.opened", one, by=by, at=now, protocol=rules.source) for one in opened]
    journal.write_many(lines)
    return opened


def _case(
    outbreak: Outbreak, person: Person, signal: Signal, found: Classification, *, contact: bool, now: datetime
) -> Case:
    positive = signal.kind == SignalKind.POSITIVE_TEST
    return Case(
        outbreak=outbreak,
        person=person,
        number=person.number,
        status=CaseStatus(found.meets) if found.meets else CaseStatus.POSITIVE,
        area_code=person.area_code,
        first_positive_date=outbreak.day_of(signal.occurred_at) if positive else None,
        found_by=FoundBy.CONTACT if contact else _FOUND_BY[SignalKind(signal.kind)],
        opened_at=now,
    )


def _note(
    cases: Sequence[Case], bases: Sequence[Sequence[Mapping[str, object]]], *, by: Account | None, now: datetime,
    protocol: str,
) -> None:  # fmt: skip
    CaseChange.objects.bulk_create(
        CaseChange(
            case=case,
            status=case.status,
            at=now,
            by=journal.actor_name(by),
            basis=list(basis),
            source_key=f"case:{case.outbreak.slug}:{case.number}:opened",
        )
        for case, basis in zip(cases, bases, strict=True)
    )


def _rejudge(outbreak: Outbreak, now: datetime) -> int:
    positives = list(Case.objects.filter(outbreak=outbreak, status=CaseStatus.POSITIVE).order_by("id"))
    if not positives:
        return 0
    rules = outbreaks.rules_at(outbreak, now)
    facts = facts_about(outbreak, [case.person_id for case in positives])
    diagnoses = []
    verdicts: dict[frozenset[tuple[str, bool | None]], Classification] = {}
    for case in positives:
        known = facts[case.person_id]
        # Hundreds of people of whom the same is known are judged once.
        same = frozenset(known.items())
        found = verdicts[same] = verdicts.get(same) or judge(rules, known)
        if found.meets is not None:
            key = f"case:{outbreak.slug}:{case.number}:{found.meets}:{now.isoformat()}"
            diagnoses.append(Diagnosis(case, CaseStatus(found.meets), key, basis=_basis(rules, found)))
    return len(reclassify_many(diagnoses=diagnoses, by=None, now=now))


# --- Moving ------------------------------------------------------------------------------------


@transaction.atomic
def reclassify(
    *,
    case: Case,
    status: CaseStatus,
    basis: Sequence[Mapping[str, object]],
    by: Account | None,
    now: datetime,
    severity: Severity | None = None,
) -> Case:
    """
    Move a case to another class, on a stated ground.

    Raise CaseCannotMove where the lifecycle has no such move, or the door's refusal.
    """
    _allow(by, Right.CASE_CLASSIFY, case.area_code)
    key = f"case:{case.outbreak.slug}:{case.number}:{status}:{now.isoformat()}"
    reclassify_many(diagnoses=[Diagnosis(case, status, key, severity, basis)], by=by, now=now)
    case.refresh_from_db()
    return case


@transaction.atomic
def reclassify_many(*, diagnoses: Sequence[Diagnosis], by: Account | None, now: datetime) -> list[Case]:
    """
    Move cases to other classes, in the order given; a diagnosis that was entered already is passed over.

    Raise CaseCannotMove at the first move that the lifecycle does not have, and change nothing then.
    """
    keys = [one.source_key for one in diagnoses]
    done = set(CaseChange.objects.filter(source_key__in=keys).values_list("source_key", flat=True))
    new = [one for one in diagnoses if one.source_key not in done]
    cases = {
        case.pk: case
        for case in Case.objects.filter(pk__in={one.case.pk for one in new}).select_for_update().order_by("pk")
    }
    changes = []
    for one in new:
        case = cases[one.case.pk]
        allowed = CASE_MOVES[CaseStatus(case.status)]
        if one.status not in allowed:
            raise CaseCannotMove(
                number=case.number,
                was=case.status,
                status=one.status,
                allowed=", ".join(sorted(allowed)) or "none",
            )
        case.status = one.status
        case.severity = one.severity or case.severity
        changes.append(
            CaseChange(
                case=case,
                status=one.status,
                at=now,
                by=journal.actor_name(by),
                basis=list(one.basis),
                source_key=one.source_key,
            )
        )
    Case.objects.bulk_update(cases.values(), ["status", "severity"])
    CaseChange.objects.bulk_create(changes)
    journal.write_many(
        [journal.line("case.reclassified", one.case, by=by, at=now, status=str(one.status)) for one in changes]
    )
    return list(cases.values())


# --- Investigating -----------------------------------------------------------------------------


@transaction.atomic
def record_investigation(*, found: Investigation, by: Account | None, now: datetime) -> Case:
    """Record what an investigation of one case found; see `record_investigations`. The door may refuse."""
    _allow(by, Right.CASE_INVESTIGATE, found.case.area_code)
    return record_investigations(found=[found], by=by, now=now)[0]


@transaction.atomic
def record_investigations(*, found: Sequence[Investigation], by: Account | None, now: datetime) -> list[Case]:
    """
    Record onset and visits of cases, each visit once; a case counts as investigated from the first time on.

    A later investigation adds visits and corrects the onset. Raise OnsetInFuture or VisitDaysReversed
    with the number of the case, and change nothing then.
    """
    for one in found:
        _check(one, now)
    cases = {
        case.pk: case
        for case in Case.objects.filter(pk__in={one.case.pk for one in found}).select_for_update().order_by("pk")
    }
    keys = [visit.source_key for one in found for visit in one.visits]
    done = set(Visit.objects.filter(source_key__in=keys).values_list("source_key", flat=True))
    visits: dict[str, Visit] = {}
    counts: dict[int, int] = defaultdict(int)
    for one in found:
        case = cases[one.case.pk]
        case.onset_date = one.onset_date or case.onset_date
        case.investigated_at = case.investigated_at or now
        case.unread_spans = max(case.unread_spans, one.unread_spans)
        case.unread = list(one.unread) or case.unread
        for entry in one.visits:
            if entry.source_key not in done:
                visits[entry.source_key] = _visit(case, entry, now)
                counts[case.pk] += 1
    Case.objects.bulk_update(cases.values(), ["onset_date", "investigated_at", "unread_spans", "unread"])
    Visit.objects.bulk_create(visits.values(), batch_size=2000)
    journal.write_many(
        [
            journal.line("case.investigated", case, by=by, at=now, visits=counts[pk], unread=case.unread_spans)
            for pk, case in cases.items()
        ]
    )
    return list(cases.values())


@transaction.atomic
def note_unread(*, unread: Mapping[Case, Sequence[str]], by: Account | None, now: datetime) -> int:
    """Put on cases the text of their reports that no event was read from; return on how many it changed."""
    changed = [case for case, spans in unread.items() if list(case.unread) != list(spans)]
    for case in changed:
        case.unread, case.unread_spans = list(unread[case]), len(unread[case])
    Case.objects.bulk_update(changed, ["unread", "unread_spans"])
    lines = [journal.line("case.unread_noted", one, by=by, at=now, spans=one.unread_spans) for one in changed]
    journal.write_many(lines)
    return len(changed)


def _check(one: Investigation, now: datetime) -> None:
    day = one.case.outbreak.day_of(now)
    if one.onset_date and one.onset_date > day:
        raise OnsetInFuture(number=one.case.number, onset=one.onset_date, day=day)
    for visit in one.visits:
        if visit.last_date < visit.first_date:
            raise VisitDaysReversed(number=one.case.number, first=visit.first_date, last=visit.last_date)


def _visit(case: Case, entry: VisitEntry, now: datetime) -> Visit:
    return Visit(
        outbreak_id=case.outbreak_id,
        person_id=case.person_id,
        kind=entry.kind,
        place=entry.place,
        place_text=entry.place_text[:200],
        place_kind=entry.place_kind or "",
        area_code=entry.area_code,
        first_date=entry.first_date,
        last_date=entry.last_date,
        started_at=entry.started_at,
        ended_at=entry.ended_at,
        transport=entry.transport[:40],
        recorded_at=now,
        source_key=entry.source_key,
    )

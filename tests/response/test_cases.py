"""Verified hints become cases by the definition in force; cases keep to their lifecycle and are investigated."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.protocol import Rules
from sizao.records import access
from sizao.records.models import Case, CaseChange, Contact, Event, Visit
from sizao.response import cases, outbreaks, signals
from sizao.response.cases import Diagnosis, Investigation, VisitEntry
from sizao.response.signals import Hint
from sizao.terms import (
    CASE_MOVES,
    CaseStatus,
    ContactKind,
    ContactState,
    EventKind,
    FoundBy,
    OutbreakKind,
    Role,
    SignalKind,
)
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=20)
SUSPECTED = {
    "history.contact_with_infected": True,
    "clinical.fever_or_respiratory": True,
    "clinical.typical_imaging": True,
}


def verified(outbreak, person, *, kind=SignalKind.POSITIVE_TEST, facts=None, key="s1"):
    hint = Hint(kind, "130109", NOW, "laboratory", key, person=person, facts=facts or {})
    return signals.verify(signal=signals.receive(outbreak=outbreak, hint=hint, by=None, now=NOW), by=None, now=NOW)


class TestAdvance:
    def test_a_verified_positive_becomes_a_preliminary_positive(self, noise):
        outbreak, someone = factories.outbreak(), factories.person(number="HB-0244")
        verified(outbreak, someone)
        assert cases.advance(outbreak=outbreak, now=NOW) == 1
        case = Case.objects.get(outbreak=outbreak)
        assert (case.number, case.status, case.found_by) == ("HB-0244", CaseStatus.POSITIVE, FoundBy.SCREENING)
        assert (case.first_positive_date, case.opened_at) == (date(2021, 1, 10), NOW)

    def test_doing_it_again_opens_nothing(self, noise):
        outbreak = factories.outbreak()
        verified(outbreak, factories.person())
        cases.advance(outbreak=outbreak, now=NOW)
        assert cases.advance(outbreak=outbreak, now=NOW) == 0
        assert Case.objects.filter(outbreak=outbreak).count() == 1

    def test_two_hints_about_one_person_are_one_case(self):
        outbreak, someone = factories.outbreak(), factories.person()
        verified(outbreak, someone)
        verified(outbreak, someone, key="s2")
        assert cases.advance(outbreak=outbreak, now=NOW) == 1

    def test_what_waits_or_names_nobody_opens_nothing(self):
        outbreak = factories.outbreak()
        hint = Hint(SignalKind.POSITIVE_TEST, "130109", NOW, "laboratory", "s1", person=factories.person())
        signals.receive(outbreak=outbreak, hint=hint, by=None, now=NOW)
        verified(outbreak, None, key="s2")
        assert cases.advance(outbreak=outbreak, now=NOW) == 0

    def test_the_basis_names_edition_definition_and_what_to_ask(self):
        outbreak = factories.outbreak()
        verified(outbreak, factories.person())
        cases.advance(outbreak=outbreak, now=NOW)
        basis = CaseChange.objects.get().basis[0]
        assert (basis["edition"], basis["value"]) == ("edition-7", "treatment-7")
        assert "confirmed" in basis["could_be"]
        assert "clinical.typical_imaging" in basis["ask"]

    def test_a_fever_clinic_patient_who_meets_the_definition_is_suspected(self):
        outbreak = factories.outbreak()
        verified(outbreak, factories.person(), kind=SignalKind.FEVER_CLINIC, facts=SUSPECTED)
        cases.advance(outbreak=outbreak, now=NOW)
        case = Case.objects.get()
        assert (case.status, case.found_by) == (CaseStatus.SUSPECTED, FoundBy.FEVER_CLINIC)
        assert case.first_positive_date is None
        assert CaseChange.objects.get().basis[0]["status"] == "sourced"

    def test_a_fever_clinic_patient_who_does_not_meet_it_yet_is_no_case(self):
        outbreak = factories.outbreak()
        verified(outbreak, factories.person(), kind=SignalKind.FEVER_CLINIC, facts={"clinical.any_symptom": True})
        assert cases.advance(outbreak=outbreak, now=NOW) == 0

    def test_a_positive_who_meets_the_definition_is_confirmed(self):
        outbreak = factories.outbreak()
        verified(outbreak, factories.person(), facts=SUSPECTED)
        cases.advance(outbreak=outbreak, now=NOW)
        assert Case.objects.get().status == CaseStatus.CONFIRMED

    def test_a_contact_who_turns_positive_was_found_among_contacts(self):
        outbreak, someone = factories.outbreak(), factories.person()
        contact(outbreak, someone)
        verified(outbreak, someone)
        cases.advance(outbreak=outbreak, now=NOW)
        assert Case.objects.get().found_by == FoundBy.CONTACT

    def test_a_preliminary_positive_is_judged_anew_when_more_is_known(self):
        outbreak, someone = factories.outbreak(), factories.person()
        verified(outbreak, someone)
        cases.advance(outbreak=outbreak, now=NOW)
        verified(outbreak, someone, kind=SignalKind.FEVER_CLINIC, facts=SUSPECTED, key="s2")
        assert cases.advance(outbreak=outbreak, now=LATER) == 1
        assert Case.objects.get().status == CaseStatus.CONFIRMED
        assert cases.advance(outbreak=outbreak, now=LATER) == 0

    def test_in_a_real_outbreak_an_unconfirmed_definition_decides_nothing(self):
        outbreak = factories.outbreak(kind=OutbreakKind.REAL)
        symptomless = {"clinical.any_symptom": False, "clinical.fever_or_respiratory": False}
        symptomless |= {"clinical.typical_imaging": False}
        verified(outbreak, factories.person(), facts=symptomless)
        cases.advance(outbreak=outbreak, now=NOW)
        assert Case.objects.get().status == CaseStatus.POSITIVE
        drill = factories.outbreak()
        verified(drill, factories.person(), facts=symptomless, key="s2")
        cases.advance(outbreak=drill, now=NOW)
        assert Case.objects.get(outbreak=drill).status == CaseStatus.ASYMPTOMATIC

    def test_rules_without_definitions_judge_nothing(self):
        rules = outbreaks.rules_at(factories.outbreak(), NOW)
        bare = Rules(**{name: getattr(rules, name) for name in rules.__dataclass_fields__} | {"definitions": None})
        assert cases.judge(bare, SUSPECTED).meets is None


class TestOpen:
    def test_answers_with_the_case(self):
        outbreak, someone = factories.outbreak(), factories.person()
        case = cases.open(signal=verified(outbreak, someone), by=investigator(), now=NOW)
        again = cases.open(signal=verified(outbreak, someone, key="s2"), by=investigator(), now=NOW)
        assert case.pk == again.pk

    def test_answers_with_nothing_where_no_definition_is_met(self):
        one = verified(factories.outbreak(), factories.person(), kind=SignalKind.SELF_REPORT)
        assert cases.open(signal=one, by=investigator(), now=NOW) is None

    def test_refuses_an_unverified_signal(self):
        hint = Hint(SignalKind.POSITIVE_TEST, "130109", NOW, "laboratory", "s1")
        one = signals.receive(outbreak=factories.outbreak(), hint=hint, by=None, now=NOW)
        one.refresh_from_db()
        with pytest.raises(cases.SignalNotVerified, match="new"):
            cases.open(signal=one, by=investigator(), now=NOW)

    def test_refuses_a_signal_about_nobody(self):
        with pytest.raises(cases.NobodyNamed):
            cases.open(signal=verified(factories.outbreak(), None), by=investigator(), now=NOW)

    def test_is_refused_outside_the_jurisdiction(self):
        one = verified(factories.outbreak(), factories.person())
        with pytest.raises(access.NotYours):
            cases.open(signal=one, by=investigator(area_code="41"), now=NOW)


class TestReclassify:
    def test_keeps_what_it_rests_on(self, noise):
        case = factories.case(status=CaseStatus.POSITIVE)
        ground = [{"key": "case.definition.confirmed"}]
        moved = cases.reclassify(case=case, status=CaseStatus.CONFIRMED, basis=ground, by=investigator(), now=NOW)
        change = CaseChange.objects.get(case=case)
        assert (moved.status, change.basis, change.at) == (CaseStatus.CONFIRMED, ground, NOW)
        assert Event.objects.get(verb="case.reclassified").facts["status"] == "confirmed"

    def test_refuses_a_move_that_the_lifecycle_does_not_have(self):
        case = factories.case(status=CaseStatus.CONFIRMED)
        with pytest.raises(cases.CaseCannotMove, match="discarded"):
            cases.reclassify(case=case, status=CaseStatus.ASYMPTOMATIC, basis=[], by=None, now=NOW)

    def test_one_refusal_in_a_list_moves_nobody(self):
        outbreak = factories.outbreak()
        fits = factories.case(within=outbreak, status=CaseStatus.POSITIVE)
        never = factories.case(within=outbreak, status=CaseStatus.CONFIRMED)
        both = [Diagnosis(fits, CaseStatus.CONFIRMED, "a"), Diagnosis(never, CaseStatus.SUSPECTED, "b")]
        with pytest.raises(cases.CaseCannotMove):
            cases.reclassify_many(diagnoses=both, by=None, now=NOW)
        fits.refresh_from_db()
        assert fits.status == CaseStatus.POSITIVE

    def test_a_diagnosis_entered_twice_moves_once(self):
        case = factories.case(status=CaseStatus.POSITIVE)
        one = Diagnosis(case, CaseStatus.ASYMPTOMATIC, "a")
        cases.reclassify_many(diagnoses=[one], by=None, now=NOW)
        assert cases.reclassify_many(diagnoses=[one], by=None, now=LATER) == []
        assert CaseChange.objects.filter(case=case).count() == 1

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(st.sampled_from(list(CaseStatus)), max_size=8))
    def test_no_path_leaves_the_lifecycle(self, steps):
        case = factories.case(status=CaseStatus.POSITIVE)
        for number, status in enumerate(steps):
            was = CaseStatus(case.status)
            at = NOW + timedelta(minutes=number)
            try:
                case = cases.reclassify(case=case, status=status, basis=[], by=None, now=at)
            except cases.CaseCannotMove:
                case.refresh_from_db()
                assert case.status == was
                assert status not in CASE_MOVES[was]
            else:
                assert case.status in CASE_MOVES[was]


class TestInvestigation:
    def test_records_onset_and_each_visit_once(self, noise):
        case = factories.case()
        investigate(case, onset_date=date(2021, 1, 8), visits=[a_visit(), a_visit("v2")])
        investigate(case, visits=[a_visit(), a_visit("v3")], at=LATER)
        case.refresh_from_db()
        assert (case.onset_date, case.investigated_at) == (date(2021, 1, 8), NOW)
        assert Visit.objects.filter(person=case.person).count() == 3

    def test_a_later_onset_corrects_the_earlier(self):
        case = factories.case()
        investigate(case, onset_date=date(2021, 1, 8))
        investigate(case, onset_date=date(2021, 1, 7))
        case.refresh_from_db()
        assert case.onset_date == date(2021, 1, 7)

    def test_refuses_an_onset_to_come(self):
        with pytest.raises(cases.OnsetInFuture, match="2021-01-11"):
            investigate(factories.case(), onset_date=date(2021, 1, 11))

    def test_refuses_days_in_the_wrong_order_and_records_nothing(self):
        case = factories.case()
        wrong = a_visit(first_date=date(2021, 1, 3))
        with pytest.raises(cases.VisitDaysReversed, match=case.number):
            investigate(case, visits=[a_visit("v2"), wrong])
        assert not Visit.objects.exists()

    def test_is_refused_to_a_role_without_the_right(self):
        found = Investigation(factories.case())
        with pytest.raises(access.NotAllowed):
            cases.record_investigation(found=found, by=factories.account(role=Role.REPORTER), now=NOW)

    def test_unread_text_is_put_on_the_case_once(self):
        case = factories.case()
        assert cases.note_unread(unread={case: ["未读"]}, by=None, now=NOW) == 1
        assert cases.note_unread(unread={case: ["未读"]}, by=None, now=NOW) == 0
        case.refresh_from_db()
        assert (case.unread, case.unread_spans) == (["未读"], 1)


class TestFacts:
    def test_what_nobody_said_is_unknown_and_never_false(self, noise):
        outbreak, someone = factories.outbreak(), factories.person()
        assert cases.facts_about(outbreak, [someone.pk]) == {someone.pk: {}}

    def test_come_from_signals_contacts_and_onset(self, noise):
        outbreak, someone = factories.outbreak(), factories.person()
        verified(outbreak, someone, facts={"clinical.typical_imaging": False, "told_by": "test", "age": True})
        contact(outbreak, someone)
        factories.case(of=someone, within=outbreak, onset_date=date(2021, 1, 8))
        assert cases.facts_about(outbreak, [someone.pk])[someone.pk] == {
            "clinical.typical_imaging": False,
            "lab.nucleic_acid_positive": True,
            "history.contact_with_infected": True,
            "clinical.any_symptom": True,
        }


def investigator(**facts):
    return factories.account(role=Role.INVESTIGATOR, **facts)


def investigate(case, *, at=NOW, **facts):
    return cases.record_investigation(found=Investigation(case, **facts), by=investigator(), now=at)


def a_visit(key="v1", *, first_date=date(2021, 1, 2)):
    return VisitEntry(EventKind.SHOPPING, first_date, date(2021, 1, 2), key)


def contact(outbreak, person):
    return Contact.objects.create(
        outbreak=outbreak,
        person=person,
        kind=ContactKind.CLOSE,
        state=ContactState.FOUND,
        area_code=person.area_code,
        found_at=NOW,
        source="interview",
        source_key=f"contact:{person.pk}",
    )

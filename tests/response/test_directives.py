"""A directive goes down the tree under one number, and what became of it comes up again."""

from datetime import timedelta

import pytest

from sizao.adapters.photographs import Photograph
from sizao.records import access
from sizao.records.models import DirectiveAct, DirectivePart, DirectivePhoto, Event
from sizao.response.tasks import directives
from sizao.response.tasks.answering import CannotAnswer, name_answerable
from sizao.response.tasks.directives import acting, changing, issuing, recipients
from sizao.terms import AreaLevel, PartState, Role
from tests import factories
from tests.response.directives_world import (
    CITY,
    COUNTY,
    DOWN_TO_COUNTIES,
    NOW,
    OTHER_CITY,
    PROVINCE,
    VILLAGE,
    Province,
    accept,
    at,
    close,
    order,
    part_of,
    receive,
    send_back,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def province(noise):
    return Province()


def to(areas, *levels):
    return directives.Recipients(areas, levels or (AreaLevel.COUNTY,))


class TestIssuing:
    def test_gives_each_area_a_part_below_the_nearest_that_has_one(self, province):
        made = province.issue(levels=(AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.VILLAGE))
        above = {one.area_code: (one.parent and one.parent.area_code, one.above) for one in made.parts.all()}
        assert above == {
            CITY: (None, PROVINCE), OTHER_CITY: (None, PROVINCE), COUNTY: (CITY, CITY), "130110": (CITY, CITY),
            VILLAGE: (COUNTY, COUNTY), "130109001002": (COUNTY, COUNTY),
        }  # fmt: skip
        assert made.number == "ZL13-2026-0001"

    def test_names_who_answers_where_somebody_does(self, province):
        name_answerable(
            area_code=COUNTY, role=Role.DUTY_OFFICER, account=province.county_commander, by=province.commander, now=NOW
        )  # fmt: skip
        made = province.issue(levels=DOWN_TO_COUNTIES)
        named = dict(made.parts.values_list("area_code", "answers_for"))
        assert named == {CITY: "市指挥长", OTHER_CITY: "", COUNTY: "县指挥长", "130110": ""}

    def test_twice_under_one_key_is_once(self, province):
        first, second = province.issue(), province.issue()
        assert first == second
        assert DirectivePart.objects.count() == 2
        assert Event.objects.filter(verb="directive.issued").count() == 1
        with pytest.raises(issuing.SaidOtherwise):
            province.issue(title="别的事")

    def test_numbers_each_of_a_command_by_itself(self, province):
        numbers = [province.issue(key="a").number, province.issue(key="b").number]
        assert numbers == ["ZL13-2026-0001", "ZL13-2026-0002"]
        assert province.issue(by=province.city, areas=(CITY,), levels=(AreaLevel.COUNTY,), key="c").number == (
            "ZL1301-2026-0001"
        )

    @pytest.mark.parametrize("lack", [{"title": " "}, {"text": ""}, {"reason": ""}, {"items": (), "counts": ""}])
    def test_needs_what_why_and_what_counts_as_done(self, province, lack):
        with pytest.raises(issuing.DirectiveIncomplete):
            province.issue(**lack)

    def test_refuses_a_time_that_has_passed_and_areas_that_are_nowhere(self, province):
        with pytest.raises(issuing.DueInThePast):
            province.issue(due_at=NOW)
        with pytest.raises(recipients.NobodyConcerned):
            province.issue(areas=(OTHER_CITY,), levels=(AreaLevel.VILLAGE,))

    def test_is_for_who_holds_the_right_in_the_area(self, province):
        with pytest.raises(access.NotAllowed):
            province.issue(by=province.street)
        with pytest.raises(access.NotYours):
            province.issue(by=province.city, areas=(OTHER_CITY,))

    def test_refuses_more_areas_than_a_province_has(self, province, monkeypatch):
        monkeypatch.setattr(recipients, "MOST_PARTS", 1)
        with pytest.raises(recipients.TooManyAreas):
            province.issue()


class TestReceipt:
    def test_bears_a_name_and_a_moment(self, province):
        part = receive(part_of(province.issue(), CITY), province.city, who="李四")
        assert (part.state, part.received_at, part.received_by, part.answers_for) == (
            PartState.RECEIVED, at(1), "市指挥长", "李四",
        )  # fmt: skip

    def test_needs_somebody_who_answers(self, province):
        with pytest.raises(acting.AnswerableMissing):
            receive(part_of(province.issue(), OTHER_CITY), factories.account(area_code=OTHER_CITY), who="")

    def test_is_given_by_the_area_asked_not_by_whoever_asks(self, province):
        part = part_of(province.issue(levels=DOWN_TO_COUNTIES), COUNTY)
        for by in (province.commander, province.city):
            with pytest.raises(acting.AskedOfOthers):
                receive(part, by)
        with pytest.raises(access.NotYours):
            receive(part, factories.account(area_code="130110"))
        with pytest.raises(access.NotAllowed):
            receive(part, factories.account(role=Role.SUPERVISOR, area_code=COUNTY))

    def test_of_a_village_may_be_given_by_its_street(self, province):
        made = province.issue(by=province.county, areas=(COUNTY,), levels=(AreaLevel.VILLAGE,))
        assert receive(part_of(made, VILLAGE), province.street).state == PartState.RECEIVED


class TestThreeLevels:
    def test_one_number_runs_from_the_province_to_the_county_and_back(self, province):
        made = province.issue()
        city = receive(part_of(made, CITY), province.city)
        new = directives.reissue(part=city, to=to((CITY,)), by=province.city, now=at(1.5), note="今晚完成")
        assert new == 2
        county = part_of(made, COUNTY)
        assert (county.parent_id, county.above, county.note) == (city.pk, CITY, "今晚完成")
        with pytest.raises(acting.BelowNotDone):
            close(city, province.city)
        close(county, province.county)
        accept(county, province.city)
        close(part_of(made, "130110"), factories.account(area_code="130110"))
        assert close(part_of(made, CITY), province.city, hours=4).state == PartState.CLOSED
        assert accept(part_of(made, CITY), province.commander, hours=5).state == PartState.ACCEPTED
        shares = dict(directives.by_level(made, PROVINCE, as_of=at(6)))
        assert {level: (one.parts, one.received, one.done, one.accepted) for level, one in shares.items()} == {
            AreaLevel.CITY: (2, 1, 1, 1), AreaLevel.COUNTY: (2, 2, 2, 1),
        }  # fmt: skip

    def test_a_level_may_close_with_a_named_exception(self, province):
        made = province.issue(levels=DOWN_TO_COUNTIES)
        part = receive(part_of(made, CITY), province.city)
        done = close(part, province.city, exception="鹿泉断电，明日补")
        assert done.state == PartState.CLOSED
        assert DirectiveAct.objects.get(kind="closed").exception == "鹿泉断电，明日补"

    def test_issuing_on_twice_adds_nothing(self, province):
        made = province.issue()
        city = receive(part_of(made, CITY), province.city)
        again = [directives.reissue(part=city, to=to((CITY,)), by=province.city, now=at(n)) for n in (2, 3)]
        assert again == [2, 0]

    def test_issuing_on_is_refused_upwards_outside_unreceived_and_for_longer(self, province):
        city = part_of(province.issue(), CITY)
        with pytest.raises(issuing.NotReceivedYet):
            directives.reissue(part=city, to=to((CITY,)), by=province.city, now=at(1))
        receive(city, province.city)
        with pytest.raises(issuing.NotBelow):
            directives.reissue(part=city, to=to((OTHER_CITY,)), by=province.city, now=at(2))
        with pytest.raises(issuing.NotBelow):
            directives.reissue(part=city, to=to((CITY,), AreaLevel.CITY), by=province.city, now=at(2))
        with pytest.raises(issuing.DueAfterTheRoot):
            directives.reissue(part=city, to=to((CITY,)), by=province.city, now=at(2), due_at=at(99))
        with pytest.raises(issuing.DueInThePast):
            directives.reissue(part=city, to=to((CITY,)), by=province.city, now=at(2), due_at=at(1))

    def test_a_lower_command_may_give_less_time(self, province):
        made = province.issue()
        city = receive(part_of(made, CITY), province.city)
        directives.reissue(part=city, to=to((CITY,)), by=province.city, now=at(2), due_at=at(24))
        assert part_of(made, COUNTY).due_at == at(24)


class TestClosing:
    @pytest.fixture
    def part(self, province):
        return receive(part_of(province.issue(counts="设卡村"), CITY), province.city)

    def test_needs_words_a_signature_all_items_and_the_count(self, province, part):
        def refused(reason, **more):
            with pytest.raises(reason):
                close(part, province.city, **{"n_done": 5, "n_total": 5} | more)

        refused(acting.NotSigned, text=" ")
        refused(acting.ItemsLeft, checks=(0,))
        refused(acting.CountLeft, n_done=4)
        refused(acting.CountLeft, n_done=None)
        refused(acting.MoreThanAll, n_done=6)
        refused(acting.NoSuchItem, checks=(0, 1, 2))
        assert close(part, province.city, n_done=5, n_total=5).n_total == 5

    def test_keeps_photographs(self, province, part):
        photos = [Photograph(b"\xff\xd8x", "image/jpeg")]
        close(part, province.city, n_done=1, n_total=1, photos=photos)
        kept = DirectivePhoto.objects.get()
        assert directives.photo(kept.pk, by=province.commander) == kept
        with pytest.raises(directives.NotConcerned):
            directives.photo(kept.pk, by=province.county)

    def test_what_is_returned_is_done_anew(self, province, part):
        close(part, province.city, n_done=1, n_total=1)
        back = send_back(part, province.commander)
        assert (back.state, back.closed_at) == (PartState.RETURNED, None)
        assert close(part, province.city, hours=4).state == PartState.CLOSED
        with pytest.raises(acting.PartCannotMove):
            close(part, province.city, hours=5)

    def test_is_decided_by_the_level_above_and_never_by_whoever_did_it(self, province, part):
        with pytest.raises(acting.PartCannotMove):
            accept(part, province.commander)
        close(part, province.city, n_done=1, n_total=1)
        with pytest.raises(access.NotYours):
            accept(part, province.city)
        with pytest.raises(acting.ReturnReasonMissing):
            send_back(part, province.commander, reason=" ")
        own = province.issue(key="own", levels=(AreaLevel.PROVINCE,))
        mine = receive(part_of(own, PROVINCE), province.officer)
        close(mine, province.officer)
        with pytest.raises(acting.NotYourOwnWork):
            accept(mine, province.officer)
        assert accept(mine, province.commander, hours=4).state == PartState.ACCEPTED

    def test_nothing_is_done_with_what_is_accepted(self, province, part):
        close(part, province.city, n_done=1, n_total=1)
        accept(part, province.commander)
        with pytest.raises(issuing.DirectiveOver):
            directives.report(
                part=part, told=directives.Told(text="又"), by=province.city, now=at(9), source_key="late"
            )  # fmt: skip

    def test_numbers_of_a_level_are_those_below_it(self, province):
        made = province.issue(key="n", counts="设卡村", levels=DOWN_TO_COUNTIES)
        for code, done in ((COUNTY, 3), ("130110", 4)):
            told = directives.Told(n_done=done, n_total=10)
            by = factories.account(area_code=code)
            directives.report(part=part_of(made, code), told=told, by=by, now=at(1), source_key=code)
        told = directives.Told(n_done=1, n_total=1)
        directives.report(part=part_of(made, CITY), told=told, by=province.city, now=at(1), source_key="city")
        counted = dict(directives.by_area(made, PROVINCE, as_of=at(2)))
        assert (counted[CITY].n_done, counted[CITY].n_total) == (7, 20)
        assert counted[OTHER_CITY].n_done is None


class TestChange:
    def test_asks_for_a_new_receipt_and_keeps_what_was_said(self, province):
        made = province.issue()
        receive(part_of(made, CITY), province.city)
        changed = directives.change(
            directive=made, order=order(title="检查点", due_at=at(12)), reason="名称", by=province.commander, now=at(2)
        )  # fmt: skip
        assert (changed.version, changed.versions.get().title, part_of(made, CITY).due_at) == (2, "设置卡点", at(12))
        received = [one.received for _, one in directives.by_level(made, PROVINCE, as_of=at(3))]
        made.refresh_from_db()
        assert [one.received for _, one in directives.by_level(made, PROVINCE, as_of=at(3))] == [0]
        receive(part_of(made, CITY), province.city, hours=4)
        assert [one.received for _, one in directives.by_level(made, PROVINCE, as_of=at(5))] == [1]
        assert received == [1]  # of the version that the reader held

    def test_leaves_an_earlier_time_of_a_lower_command(self, province):
        made = province.issue()
        city = receive(part_of(made, CITY), province.city)
        directives.reissue(part=city, to=to((CITY,)), by=province.city, now=at(2), due_at=at(24))
        directives.change(directive=made, order=order(due_at=at(72)), reason="延期", by=province.commander, now=at(3))
        assert (part_of(made, CITY).due_at, part_of(made, COUNTY).due_at) == (at(72), at(24))

    def test_of_nothing_changes_nothing_and_needs_a_reason(self, province):
        made = province.issue()
        assert (
            directives.change(directive=made, order=order(), reason="x", by=province.commander, now=at(1)).version == 1
        )
        with pytest.raises(changing.ChangeReasonMissing):
            directives.change(directive=made, order=order(text="y"), reason="", by=province.commander, now=at(1))
        with pytest.raises(changing.ItemsMayNotGo):
            directives.change(
                directive=made, order=order(items=("公布电话",)), reason="x", by=province.commander, now=at(1)
            )
        with pytest.raises(access.NotYours):
            directives.change(directive=made, order=order(text="y"), reason="x", by=province.city, now=at(1))

    def test_withdrawn_ends_everywhere_but_where_it_was_accepted(self, province):
        made = province.issue()
        close(part_of(made, CITY), province.city)
        accept(part_of(made, CITY), province.commander)
        with pytest.raises(changing.ChangeReasonMissing):
            directives.withdraw(directive=made, reason=" ", by=province.commander, now=at(4))
        for hours in (4, 5):
            gone = directives.withdraw(directive=made, reason="不再需要", by=province.commander, now=at(hours))
        assert gone.withdrawn_at == at(4)
        assert dict(made.parts.values_list("area_code", "state")) == {CITY: "accepted", OTHER_CITY: "withdrawn"}
        with pytest.raises(issuing.DirectiveOver):
            receive(part_of(made, OTHER_CITY), factories.account(area_code=OTHER_CITY), hours=6)
        early = receive(part_of(made, OTHER_CITY), factories.account(area_code=OTHER_CITY), hours=6, happened=at(3))
        assert (early.state, early.received_at) == (PartState.WITHDRAWN, at(3))


class TestSeeing:
    def test_late_is_what_is_not_done_in_time_and_stays_so_for_a_past_moment(self, province):
        made = province.issue()
        assert [one.late for _, one in directives.by_level(made, PROVINCE, as_of=at(50))] == [2]
        close(part_of(made, CITY), province.city, hours=49)
        assert [one.late for _, one in directives.by_level(made, PROVINCE, as_of=at(50))] == [1]
        assert [one.late for _, one in directives.by_level(made, PROVINCE, as_of=at(48.5))] == [2]
        assert set(directives.late(made.parts.all(), at(50)).values_list("area_code", flat=True)) == {OTHER_CITY}

    def test_a_part_stands_at_a_moment_as_it_was_known(self, province):
        part = receive(part_of(province.issue(), CITY), province.city, hours=5, happened=at(1))
        assert directives.state_at(part, at(2)) == PartState.ISSUED
        assert directives.state_at(part, at(5)) == PartState.RECEIVED

    def test_the_parts_of_a_past_moment_are_those_of_then(self, province):
        made = province.issue()
        part = close(receive(part_of(made, CITY), province.city, hours=1), province.city, hours=5)
        accept(part, province.commander, hours=6)
        for hours, state, closed in ((0.5, "issued", False), (3, "received", False), (7, "accepted", True)):
            (shown,) = (
                one for one in directives.parts_at(made, PROVINCE, as_of=at(hours)) if one.area_code == CITY
            )  # fmt: skip
            assert (shown.state, shown.closed_at is not None) == (state, closed), hours
        assert DirectivePart.objects.get(pk=part.pk).state == "accepted"

    def test_is_for_who_is_concerned(self, province):
        made = province.issue(areas=(CITY,))
        assert directives.called(made.pk, by=province.city) == made
        for by in (factories.account(area_code=OTHER_CITY), province.county):
            with pytest.raises(directives.NotConcerned):
                directives.called(made.pk, by=by)
        listed = directives.concerning(province.city, outbreaks=[], as_of=at(1))
        assert list(listed) == [made]

    def test_waits_for_the_role_it_is_asked_of_and_for_who_leads(self, province):
        made = province.issue(areas=(CITY,))
        investigator = factories.account(role=Role.INVESTIGATOR, area_code=CITY)
        waiting = {
            by.pk: directives.waiting_for(by, outbreaks=[], as_of=at(1)).count()
            for by in (province.city, province.commander, investigator)
        }
        assert waiting == {province.city.pk: 1, province.commander.pk: 0, investigator.pk: 0}
        close(part_of(made, CITY), province.city)
        decide = directives.to_decide(province.commander, outbreaks=[], as_of=at(3))
        assert [one.area_code for one in decide] == [CITY]

    def test_one_of_another_outbreak_is_left_out(self, province):
        outbreak = factories.outbreak()
        province.issue(outbreak=outbreak)
        assert not directives.waiting_for(province.city, outbreaks=[], as_of=at(1)).exists()
        assert directives.waiting_for(province.city, outbreaks=[outbreak], as_of=at(1)).exists()


class TestTimes:
    def test_nothing_happens_before_it_was_issued_or_in_the_future(self, province):
        part = part_of(province.issue(), CITY)
        for moment in (NOW - timedelta(hours=1), at(2)):
            with pytest.raises(acting.ActOutside):
                receive(part, province.city, happened=moment)

    def test_a_key_names_one_act(self, province):
        made = province.issue()
        receive(part_of(made, CITY), province.city, key="k")
        receive(part_of(made, CITY), province.city, key="k", hours=2)
        assert DirectiveAct.objects.count() == 1
        with pytest.raises(acting.ActSaidOtherwise):
            close(part_of(made, CITY), province.city, key="k")

    def test_who_answers_must_be_able_to(self, province):
        with pytest.raises(CannotAnswer):
            name_answerable(
                area_code=CITY, role=Role.DUTY_OFFICER, account=province.county, by=province.commander, now=NOW
            )

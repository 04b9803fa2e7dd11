"""Files of instruments: each layout, the same file twice, one that is cut off, controls that fail."""

import io

import pytest
import xlsxwriter

from sizao.adapters.laboratories import InstrumentFileUnreadable, Layout, LayoutUnknown
from sizao.adapters.uploads import UploadUnreadable
from sizao.records.models import LabOddity, LabReading, LabRun
from sizao.response.testing import laboratory
from sizao.response.testing.laboratory import plates, releasing
from sizao.terms import LabFeed, LabOddityKind, Reading, TestResult, phrase_of
from tests.response.laboratory_world import LATER, Laboratory, cfx, quantstudio, sds7500

pytestmark = pytest.mark.django_db
LAYOUTS = {"quantstudio": quantstudio, "sds7500": sds7500, "cfx": cfx}


@pytest.fixture
def world(noise):
    return Laboratory()


@pytest.fixture(params=LAYOUTS)
def write(request):
    return LAYOUTS[request.param]


def found(run):
    return dict(LabReading.objects.filter(run=run).values_list("tube", "found"))


def kinds(run):
    return sorted(run.oddities.filter(settled_at=None).values_list("kind", flat=True))


class TestLayouts:
    def test_of_instruments_are_found_out(self, world, write):
        told = world.file(write(world.tubes, positive=world.tubes[1:2]))
        assert found(told.run) == {
            code: Reading.POSITIVE if code == world.tubes[1] else Reading.NEGATIVE for code in world.tubes
        }
        assert kinds(told.run) == []
        assert LabReading.objects.get(run=told.run, tube=world.tubes[1]).ct == [28.413, 28.413, 28.413]
        assert (told.run.feed, told.run.n_positive) == (LabFeed.INSTRUMENT, 1)
        world.release(told.run)
        assert world.results()[world.tubes[1]] == TestResult.POSITIVE

    def test_say_which_instrument_it_was_and_when(self, world):
        run = world.file(quantstudio(world.tubes)).run
        assert run.instrument == "QuantStudio(TM) 5 System"
        assert run.ran_at.isoformat() == "2021-02-20T12:41:07+08:00" or f"{run.ran_at:%H:%M}" == "04:41"
        assert world.file(sds7500(world.tubes)).run.instrument == "sds7500"

    def test_may_be_in_any_encoding_of_office_programs(self, world):
        text = cfx(world.tubes[:1]).replace(",,", ",一院,", 1)
        for encoding in ("utf-8-sig", "gb18030", "utf-16"):
            assert world.file(text.encode(encoding)).run.n_readings == 1

    def test_of_our_own_is_a_row_for_each_tube(self, world):
        one, two, three, four = world.tubes
        rows = (f"{one},未检出,/,27.1,阴性", f"{two},30.5,31,28,", f"{three},,,,阳性(+)", f"{four},,,,可疑")
        text = "\n".join(("管码,ORF1ab Ct,N(Ct值),内标,结果", *rows, ""))
        run = world.file(text, name="结果.csv").run
        assert run.feed == LabFeed.SPREADSHEET
        assert list(found(run).values()) == [
            Reading.NEGATIVE, Reading.POSITIVE, Reading.POSITIVE, Reading.INCONCLUSIVE,
        ]  # fmt: skip
        assert kinds(run) == []

    def test_may_be_a_workbook_in_chinese_or_english(self, world):
        chinese = ("样本条码", "孔位", "N", "ORF1ab", "内参"), "未检出"
        english = ("Sample ID", "Well", "N Ct", "ORF1ab Ct", "IC Ct"), "ND"
        for heads, word in (chinese, english):
            file = io.BytesIO()
            with xlsxwriter.Workbook(file) as book:
                sheet = book.add_worksheet()
                sheet.write_row(0, 0, heads)
                sheet.write_row(1, 0, (world.tubes[0], "B7", word, word, 27.25))
                sheet.write_row(2, 0, (world.tubes[1], "B8", 30.5, 31, 28))
            run = world.file(file.getvalue(), name="结果.xlsx").run
            assert found(run) == {world.tubes[0]: Reading.NEGATIVE, world.tubes[1]: Reading.POSITIVE}
            assert LabReading.objects.get(run=run, tube=world.tubes[0]).well == "B7"

    def test_that_nobody_knows_are_refused_in_a_sentence(self, world):
        for content in (b"", b"hello,world\n1,2\n", b"\x00\x01\x02\xff", b"<html></html>"):
            with pytest.raises(LayoutUnknown):
                world.file(content)
        with pytest.raises(UploadUnreadable):
            world.file(b"PK\x03\x04 half a workbook")
        with pytest.raises(InstrumentFileUnreadable):
            world.file("[Results]\n")
        with pytest.raises(InstrumentFileUnreadable):
            world.file("[Results]\nWell\tSample Name\tTarget Name\n")
        with pytest.raises(InstrumentFileUnreadable):
            world.file("管码,结果\n", layout=Layout.BIORAD_CFX)
        assert not LabRun.objects.exists()


class TestRows:
    def test_that_cannot_be_read_wait_with_all_that_stands_there(self, world, write):
        text = write(world.tubes, changes={("A2", "N"): "28,4x"} if write is not cfx else {("A2", "N"): "28.4x"})
        run = world.file(text).run
        assert sorted(found(run)) == sorted(code for code in world.tubes if code != world.tubes[1])
        waiting = run.oddities.get()
        assert waiting.kind == LabOddityKind.UNREADABLE_ROW
        # Kept in both languages, for whoever looks at the queue.
        assert phrase_of(waiting.facts["reason"]).zh
        assert phrase_of(waiting.facts["reason"]).zh != str(phrase_of(waiting.facts["reason"]))
        assert waiting.facts["column"] == "ct"
        assert world.tubes[1] in waiting.sent
        assert world.tubes[1] not in str(waiting.facts)

    def test_left_out_by_the_operator_are_left_out(self, world):
        text = quantstudio(world.tubes)
        begun = "1\tA1\tfalse"
        run = world.file(text.replace(begun, "1\tA1\ttrue")).run
        assert world.tubes[0] not in found(run)

    def test_with_a_result_nobody_knows_wait(self, world):
        run = world.file(f"tube,result\n{world.tubes[0]},maybe\n{world.tubes[1]},阴性\n").run
        assert found(run) == {world.tubes[1]: Reading.NEGATIVE}
        assert kinds(run) == [LabOddityKind.UNREADABLE_ROW]

    def test_never_make_an_empty_cell_a_negative(self, world):
        run = world.file(f"tube,ORF1ab,N,IC\n{world.tubes[0]},,,27\n{world.tubes[1]},ND,ND,27\n").run
        assert found(run) == {world.tubes[1]: Reading.NEGATIVE}
        assert kinds(run) == [LabOddityKind.UNREADABLE_ROW]


class TestTwice:
    def test_is_one_run(self, world, write):
        text = write(world.tubes)
        first, again = world.file(text), world.file(text, name="copy.txt")
        assert (first.is_new, again.is_new, again.run) == (True, False, first.run)
        assert LabRun.objects.count() == 1
        assert LabReading.objects.count() == len(world.tubes)

    def test_after_release_changes_nothing(self, world, write):
        text = write(world.tubes)
        world.release(world.file(text).run)
        before = world.results()
        assert not world.file(text).is_new
        assert world.results() == before


class TestCutOff:
    @pytest.mark.parametrize("share", [0.35, 0.5, 0.7, 0.85, 0.97])
    def test_keeps_what_is_whole_and_the_whole_file_completes_it(self, world, write, share):
        text = write(world.tubes, positive=world.tubes[:1])
        header = text.index("\n", text.find("Well")) + 1
        cut = text[: header + int((len(text) - header) * share)]
        begun = world.file(cut).run
        assert LabOddityKind.CUT_OFF in kinds(begun) or cut.endswith("\n")
        whole = world.file(text)
        assert whole.run == begun
        assert whole.completed
        assert set(found(whole.run)) == set(world.tubes)
        assert found(whole.run)[world.tubes[0]] == Reading.POSITIVE
        assert kinds(whole.run) == []
        assert (whole.run.n_readings, whole.run.n_positive) == (len(world.tubes), 1)
        world.release(whole.run)
        assert len(world.results()) == len(world.tubes)
        assert not world.file(cut).is_new
        assert LabRun.objects.count() == 1

    def test_never_takes_half_a_number_for_a_whole_one(self, world):
        text = f"tube,ORF1ab,N,IC\n{world.tubes[0]},ND,ND,27.1\n{world.tubes[1]},38.1,37.5,2"
        run = world.file(text).run
        assert set(found(run)) == {world.tubes[0]}
        assert kinds(run) == [LabOddityKind.CUT_OFF]
        assert run.oddities.get().sent.startswith(world.tubes[1])

    def test_is_not_released_before_somebody_says_so(self, world):
        run = world.file(f"tube,result\n{world.tubes[0]},阴性\n{world.tubes[1]},阴").run
        with pytest.raises(releasing.NotWhole):
            world.release(run)
        cut = LabOddity.objects.get(kind=LabOddityKind.CUT_OFF)
        laboratory.settle_lab_oddity(number=cut.pk, outcome="the instrument stopped", by=world.technician, now=LATER)
        world.release(run)
        assert set(world.results()) == {world.tubes[0]}

    def test_after_release_the_rest_is_a_run_of_its_own(self, world):
        text = f"tube,result\n{world.tubes[0]},阴性\n{world.tubes[1]},阴性\n"
        begun = world.file(text[:-2]).run
        cut = LabOddity.objects.get(kind=LabOddityKind.CUT_OFF)
        laboratory.settle_lab_oddity(number=cut.pk, outcome="no more", by=world.technician, now=LATER)
        world.release(begun)
        whole = world.file(text)
        assert whole.is_new
        world.release(whole.run)
        assert set(world.results()) == set(world.tubes[:2])

    def test_completed_by_another_is_that_person_s(self, world):
        text = quantstudio(world.tubes)
        begun = world.file(text[:-40]).run
        world.file(text, by=world.reviewer)
        with pytest.raises(releasing.OneSignature):
            world.release(begun)


class TestControls:
    @pytest.mark.parametrize(
        ("changes", "control"),
        [({("A5", "N"): "33.1"}, "NC"), ({("A6", "ORF1ab"): "Undetermined"}, "PC"), ({("A6", "N"): "41.0"}, "PC")],
    )
    def test_that_fail_keep_a_run_from_release(self, world, write, changes, control):
        if write is cfx:
            changes = {key: "NaN" if ct == "Undetermined" else ct for key, ct in changes.items()}
        run = world.file(write(world.tubes, changes=changes)).run
        failed = run.oddities.get()
        assert (failed.kind, failed.tube) == (LabOddityKind.CONTROL_FAILED, control)
        with pytest.raises(releasing.ControlFailed):
            world.release(run)
        # Saying something about it in the queue does not make the plate valid.
        laboratory.settle_lab_oddity(number=failed.pk, outcome="pipetting", by=world.technician, now=LATER)
        with pytest.raises(releasing.ControlFailed):
            world.release(run)
        assert world.results() == {}

    def test_that_lack_are_failed_ones(self, world, write):
        run = world.file(write(world.tubes, controls=False)).run
        assert sorted(one.tube for one in run.oddities.all()) == ["NC", "PC"]


class TestPlates:
    def plate(self, world, wells=None, name="P1"):
        wells = wells or plates.in_order([*world.tubes, "NC", "PC"])
        return laboratory.make_plate(
            laboratory=world.laboratory, plate_code=name, wells=wells, by=world.technician, now=LATER
        )

    def test_are_kept_once_and_not_with_other_tubes(self, world):
        first = self.plate(world)
        assert self.plate(world) == first
        assert plates.tube_in(first, "A1") == world.tubes[0]
        with pytest.raises(plates.PlateExists):
            self.plate(world, {"A1": world.tubes[1]})

    @pytest.mark.parametrize(
        "wells", [{}, {"A1": "NC"}, {"A13": "1"}, {"A1": "123"}, {"A1": "400000000010"}, {"Z1": "PC"}]
    )
    def test_refuse_what_is_no_plate(self, world, wells):
        with pytest.raises(plates.PlateUnreadable):
            self.plate(world, wells or {"A1": ""})
        with pytest.raises(plates.PlateUnreadable):
            self.plate(world, {"A1": world.tubes[0], "A2": world.tubes[0]})

    def test_say_why_they_are_refused_in_the_language_of_the_reader(self, world):
        with pytest.raises(plates.PlateUnreadable, match="no tube stands in it") as refused:
            self.plate(world, {"A1": ""})
        assert "板上没有采样管" in refused.value.told("{reason}", "zh-hans")

    def test_say_whose_well_it_is_where_the_file_does_not(self, world):
        text = quantstudio(world.tubes)
        for code in (*world.tubes, "NC", "PC"):
            text = text.replace(f"\t{code}\t", "\t\t")
        run = world.file(text.replace("STANDARD", "UNKNOWN").replace("NTC", "UNKNOWN"), plate=self.plate(world)).run
        assert set(found(run)) == set(world.tubes)
        assert kinds(run) == []

    def test_that_say_otherwise_than_the_file_are_asked_about(self, world):
        swapped = [world.tubes[1], world.tubes[0], *world.tubes[2:], "NC", "PC"]
        run = world.file(quantstudio(world.tubes), plate=self.plate(world, plates.in_order(swapped))).run
        assert set(found(run)) == set(world.tubes[2:])
        assert kinds(run) == [LabOddityKind.UNREADABLE_ROW] * 2
        assert all("孔登记的是" in phrase_of(one.facts["reason"]).zh for one in run.oddities.all())

    def test_of_another_laboratory_keep_their_own_codes(self, world):
        self.plate(world)
        other = world.add("GC-2")
        made = laboratory.make_plate(
            laboratory=other, plate_code="P1", wells={"A1": world.tubes[0]}, by=world.technician, now=LATER
        )
        assert made.laboratory == other

"""
Messages in HL7 v2: ORU^R01 in, ACK out.

Of a message only what concerns specimens is read: the segment PID, where some systems write who it is, is left aside. A
tube's code stands in SPM-2, else in OBR-3, else in OBR-2; a Ct in an OBX of type NM, a result in words or codes in any
other. Genes are known by their LOINC codes or by what is written beside them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import hl7

from sizao.errors import SizaoError
from sizao.terms import Phrase

# loinc.org, release 2.78: [Cycle Threshold #] in a respiratory specimen, or in any.
GENE_OF_LOINC = {
    "94644-2": "ORF1ab", "94511-3": "ORF1ab", "94642-6": "S", "94643-4": "S", "94510-5": "N", "94646-7": "RdRp",
    "94645-9": "RdRp", "94509-7": "E",
}  # fmt: skip
# SNOMED CT and table 0078 of HL7.
_SAID = {
    "260373001": "positive", "10828004": "positive", "pos": "positive", "det": "positive", "detected": "positive",
    "260415000": "negative", "260385009": "negative", "neg": "negative", "nd": "negative", "not detected": "negative",
    "419984006": "inconclusive", "ind": "inconclusive", "inconclusive": "inconclusive", "82334004": "inconclusive",
    "125154007": "invalid", "455371000124106": "invalid", "invalid": "invalid",
}  # fmt: skip
_FINAL = ("F", "C", "")
_NO_HEAD = Phrase("it has no segment MSH that can be read", "没有可以读取的 MSH 段")
_NO_CONTROL = Phrase("MSH-10 holds no control number", "MSH-10 没有控制号")
_NO_RESULTS = Phrase("it holds no OBR with results", "没有带结果的 OBR 段")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")


class MessageUnreadable(SizaoError):
    """What was sent is no result; `answer` is what HL7 calls it: AR for the wrong kind, AE for wrong content."""

    code = "laboratory.message.unreadable"
    message = "This message was not taken: {reason}. Correct it and send it again under the same control number."


@dataclass(frozen=True, slots=True)
class Observed:
    """One OBX: a gene or a result, and its value as it stands there."""

    gene: str
    value: str
    is_ct: bool


@dataclass(frozen=True, slots=True)
class Specimen:
    """One specimen of a message: the code of its tube, and what was observed. `number` counts from 1."""

    number: int
    tube: str
    observed: tuple[Observed, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is acted on; `ran_at` is by the clock of the sender, without a zone."""

    control_id: str
    sender: str
    specimens: tuple[Specimen, ...]
    ran_at: datetime | None
    parsed: hl7.Message


def read_message(text: str) -> Message:
    """Read an ORU^R01. Raise MessageUnreadable, whose facts say how HL7 answers."""
    parsed = _parsed(text)
    kind = _part(parsed.segments("MSH")[0], 9, 1), _part(parsed.segments("MSH")[0], 9, 2)
    control_id = _part(parsed.segments("MSH")[0], 10)
    if kind != ("ORU", "R01"):
        raise MessageUnreadable(reason=_wrong_kind("^".join(filter(None, kind))), answer="AR")
    if not control_id or len(control_id) > 200:  # noqa: PLR2004 — of the column
        raise MessageUnreadable(reason=_NO_CONTROL, answer="AR")
    specimens = tuple(_specimens(parsed))
    if not specimens:
        raise MessageUnreadable(reason=_NO_RESULTS, answer="AE")
    obr = parsed.segments("OBR")[0]
    sender = " ".join(filter(None, (_part(parsed.segments("MSH")[0], 3), _part(parsed.segments("MSH")[0], 4))))
    return Message(control_id, sender[:100], specimens, _moment(_part(obr, 22) or _part(obr, 7)), parsed)


def _wrong_kind(kind: str) -> Phrase:
    if not kind:
        return Phrase("it is of no kind, and results come as ORU^R01", "未写明消息类型，检测结果须用 ORU^R01")
    return Phrase(f"it is {kind}, and results come as ORU^R01", f"消息类型为 {kind}，检测结果须用 ORU^R01")


def _parsed(text: str) -> hl7.Message:
    clean = text.replace("\r\n", "\r").replace("\n", "\r").strip("\r ")
    try:
        parsed = hl7.parse(clean)
        parsed.segments("MSH")
    except (hl7.HL7Exception, KeyError, IndexError, ValueError) as fault:
        raise MessageUnreadable(reason=_NO_HEAD, answer="AR") from fault
    return parsed


def _specimens(parsed: hl7.Message) -> Iterator[Specimen]:
    """Yield the groups of a message: an OBR, its OBX, and the SPM that follows them."""
    groups: list[list[hl7.Segment]] = []
    for segment in parsed:
        name = str(segment[0])
        if name == "OBR":
            groups.append([segment])
        elif groups and name in {"OBX", "SPM"}:
            groups[-1].append(segment)
    for number, group in enumerate(groups, start=1):
        observed = tuple(one for segment in group if str(segment[0]) == "OBX" for one in _observed(segment))
        if observed:
            yield Specimen(number, _tube(group), observed)


def _tube(group: Sequence[hl7.Segment]) -> str:
    spm = [segment for segment in group if str(segment[0]) == "SPM"]
    places = [*((segment, 2, part) for segment in spm for part in (1, 2)), (group[0], 3, 1), (group[0], 2, 1)]
    told = [_part(segment, field, part, 1) for segment, field, part in places]
    return next((one for one in told if one), "")


def _observed(segment: hl7.Segment) -> Iterator[Observed]:
    """Yield what an OBX says; one that is not final says nothing yet."""
    if _part(segment, 11) not in _FINAL:
        return
    code, text = _part(segment, 3, 1), _part(segment, 3, 2)
    value, coded = _part(segment, 5), _part(segment, 5, 2)
    gene = GENE_OF_LOINC.get(code)
    if _part(segment, 2) == "NM" or gene is not None:
        yield Observed(gene or text or code, value, is_ct=True)
        return
    known = (_SAID.get(one.strip().lower()) for one in (value, coded, _part(segment, 8)) if one)
    yield Observed(text or code, next((one for one in known if one), coded or value), is_ct=False)


def _part(segment: hl7.Segment, field: int, component: int = 1, part: int = 1) -> str:
    """Give one part of a field as text; empty where the message ends before it."""
    try:
        told = segment(field)
    except (IndexError, KeyError):
        return ""
    for place in (1, component, part):
        if not isinstance(told, str):
            told = told[place - 1] if place <= len(told) else ""
        elif place > 1:  # what is not divided is its own first part
            return ""
    return str(told).strip()


def _moment(told: str) -> datetime | None:
    found = _MOMENT.match(told)
    if found is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 — of the sender
    except ValueError:
        return None


def acknowledgement(message: Message | None, answer: str, sentence: str, *, now: datetime) -> str:
    """
    Write the answer to a message: AA taken, AE or AR with a sentence that says why.

    A message that cannot be read at all has no control number, and is answered without one.
    """
    stamp = f"{now:%Y%m%d%H%M%S}"
    if message is None:
        msh = f"MSH|^~\\&|sizao||||{stamp}||ACK|{stamp}|P|2.5.1"
        return f"{msh}\rMSA|{answer}||{_escaped(sentence)}\r"
    ack = message.parsed.create_ack(answer, message_id=f"{stamp}-{message.control_id}"[:199])
    ack.segment("MSH").assign_field(stamp, 7)
    ack.segment("MSA").assign_field(_escaped(sentence), 3)
    return str(ack)


def _escaped(sentence: str) -> str:
    for mark, written in (("\\", "\\E\\"), ("|", "\\F\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\")):
        sentence = sentence.replace(mark, written)
    return sentence.replace("\r", " ").replace("\n", " ")

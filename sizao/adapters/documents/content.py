"""What a document says, apart from how it is laid out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a document."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels, each with what is to be known."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: headings, rows as long as these, and a note below; `widths` are shares of the line."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    widths: tuple[float, ...] = ()
    numbers: bool = True  # all columns but the first stand to the right


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG, with what it shows."""

    svg: str
    caption: str
    width_mm: float = 150.0


Block = Heading | Text | Facts | Table | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """
    A document in one language.

    `lead` is the sentence that matters first, `to` whom a letter is for, `signed` who and when at its end, `seal`
    whether a seal belongs there, `notes` what stands small below, `drill` why it has no effect; all may be empty.
    """

    language: str
    issuer: str
    title: str
    number: str = ""
    to: str = ""
    lead: str = ""
    blocks: tuple[Block, ...] = ()
    signed: tuple[str, ...] = ()
    seal: bool = False
    notes: tuple[str, ...] = ()
    drill: str = ""

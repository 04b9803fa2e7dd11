"""A term of the field: its code, its Chinese term, its English term."""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A closed list of terms; each member has a stable code and a label in both languages."""

    zh: str
    en: str

    def __new__(cls, code: str, zh: str, en: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        return member

    def label(self, language: str) -> str:
        """Say the term in the language of the reader ("zh…" or anything else for English)."""
        return self.zh if language.startswith("zh") else self.en

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Pairs of code and Chinese term, for forms and field choices."""
        return [(str(member), member.zh) for member in cls]


class Words(tuple[Word, ...]):
    """Several terms, told together in the language of the reader."""

    __slots__ = ()

    def label(self, language: str) -> str:
        """Say the terms one after the other, or that there is none."""
        zh = language.startswith("zh")
        return ("、" if zh else ", ").join(word.label(language) for word in self) or ("无" if zh else "nothing")


class Phrase(str):
    """English text within a sentence that knows its Chinese, so that a refusal is whole in either language."""

    zh: str

    def __new__(cls, english: str, zh: str) -> "Phrase":
        """Make the phrase; neither text has the stop of the sentence around it."""
        made = super().__new__(cls, english)
        made.zh = zh
        return made

    def label(self, language: str) -> str:
        """Say the phrase in the language of the reader."""
        return self.zh if language.startswith("zh") else str(self)

    def kept(self, most: int) -> str:
        """Write both texts into one column of at most so many characters; `phrase_of` reads them again."""
        half = (most - len(_BETWEEN)) // 2
        return f"{self[:half]}{_BETWEEN}{self.zh[:half]}"


_BETWEEN = "\n"


def phrase_of(kept: str) -> Phrase:
    """Read a phrase that was kept; a text of one language alone is said in both."""
    english, _, chinese = kept.partition(_BETWEEN)
    return Phrase(english, chinese or english)

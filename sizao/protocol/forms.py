"""Forms that an office fills about a person, as data: their fields in order, with options, version and source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sizao.errors import SizaoError
from sizao.protocol.shipped import shipped_text

FILE = "forms.toml"


class NoSuchForm(SizaoError):
    code = "form.not_found"
    message = "There is no form “{code}”. Those there are: {known}."


@dataclass(frozen=True, slots=True)
class Field:
    """
    One field of a form, labelled as it is printed.

    `options` are what may stand in it, empty where anything may; `parts` what it is made up of; `fill` names what of
    the records fits, empty where nothing does. Of required fields that share a `one_of`, one is enough.
    """

    no: int
    label: str
    required: bool
    options: tuple[str, ...]
    parts: tuple[str, ...]
    note: str
    fill: str
    one_of: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form in one version; `whole` says whether all fields of the official form are here."""

    code: str
    title_zh: str
    title_en: str
    version: str
    whole: bool
    transcription: str
    source: str
    fields: tuple[Field, ...]

    def title(self, language: str) -> str:
        """Say the title; the form itself is printed as it is, in Chinese."""
        return self.title_zh if language.startswith("zh") else self.title_en


@cache
def shipped_forms() -> Mapping[str, Form]:
    """Give the forms that ship with sizao, by code."""
    told = tomllib.loads(shipped_text(FILE))
    return {one["code"]: _form(one) for one in told["form"]}


def form(code: str) -> Form:
    """Give one form. Raise NoSuchForm."""
    found = shipped_forms().get(code)
    if found is None:
        raise NoSuchForm(code=code[:40], known=", ".join(shipped_forms()))
    return found


def _form(told: Mapping[str, Any]) -> Form:
    return Form(
        code=told["code"], title_zh=told["title_zh"], title_en=told["title_en"], version=told["version"],
        whole=told["whole"], transcription=told["transcription"], source=told["source"],
        fields=tuple(_field(one) for one in told["field"]),
    )  # fmt: skip


def _field(told: Mapping[str, Any]) -> Field:
    return Field(
        no=told["no"], label=told["label"], required=told.get("required", False),
        options=tuple(told.get("options", ())), parts=tuple(told.get("parts", ())), note=told.get("note", ""),
        fill=told.get("fill", ""), one_of=told.get("one_of", ""),
    )  # fmt: skip

"""A filled form on paper, as it is printed: options with a tick, and a line where nothing is known."""

import json
from collections.abc import Mapping
from importlib.resources import files

from sizao.adapters import typesetting
from sizao.protocol.forms import Form


def form_pdf(
    form: Form, content: Mapping[str, str], *, number: str, signed: str, note: str, footer: str, drill: str
) -> bytes:
    """Typeset a filled form; `content` maps field numbers to texts. Raise NotTypeset."""
    fields = [
        {
            "no": one.no, "label": one.label, "required": one.required, "text": content.get(str(one.no), ""),
            "options": [
                {"text": option, "ticked": option in content.get(str(one.no), "").split("|")} for option in one.options
            ],
        }
        for one in form.fields
    ]  # fmt: skip
    told = {
        "title": form.title_zh, "version": form.version, "number": number, "fields": fields, "signed": signed,
        "note": note, "footer": footer, "drill": drill,
    }  # fmt: skip
    template = files("sizao.adapters.documents").joinpath("form.typ").read_text(encoding="utf-8")
    return typesetting.pdf(template, {"form.json": json.dumps(told, ensure_ascii=False).encode()})

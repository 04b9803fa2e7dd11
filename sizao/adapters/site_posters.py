"""Posters and queue signs of testing sites on paper, in Chinese and English on one sheet, each site with its code."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Literal

from sizao.adapters import typesetting
from sizao.adapters.order_letters import qr_svg

Kind = Literal["posters", "signs"]
_TEMPLATE = "site_posters.typ"


@dataclass(frozen=True, slots=True)
class PosterSite:
    """What stands on the paper of one site; `hours` is empty where nobody has said them, `serves` names areas."""

    number: str
    name: str
    area: str
    round: str
    begins: str
    hours: str
    tables: int
    serves: tuple[str, ...]
    household: bool


def pdf(sites: Sequence[PosterSite], *, kind: Kind, title: str, drill: str = "") -> bytes:
    """
    Typeset a poster for each site, or the signs of its queue: entrance, tables, exit. Raise NotTypeset.

    `drill` names the outbreak where nothing acts on people, and is printed on top of every sheet.
    """
    codes = {f"{place}.svg": qr_svg(one.number).encode() for place, one in enumerate(sites)}
    content = {
        "kind": kind,
        "title": title,
        "drill": drill,
        "sites": [asdict(one) | {"file": name} for one, name in zip(sites, codes, strict=True)],
    }
    template = files("sizao.adapters").joinpath(_TEMPLATE).read_text(encoding="utf-8")
    return typesetting.pdf(template, {"sites.json": json.dumps(content, ensure_ascii=False).encode(), **codes})

"""Parse TOML, and go on past a line that cannot be read, so that all faults of a file are told at once."""

import re
import tomllib
from typing import Any

from sizao.protocol.faults import Fault

_PLACE = re.compile(r" \(at line (\d+), column \d+\)$")
_ENOUGH = 20
_KEY = re.compile(r"^\s*\"?([^\s\"=]+)\"?\s*=")


def parse(text: str, file: str) -> tuple[dict[str, Any], list[Fault]]:
    """
    Parse a text; give what could be read, and a fault for each line that could not.

    A line at fault is left out and the rest is read again, as long as that leads any further.
    """
    lines = text.split("\n")
    faults: list[Fault] = []
    while True:
        try:
            return tomllib.loads("\n".join(lines)), faults
        except tomllib.TOMLDecodeError as broken:
            place = _PLACE.search(str(broken))
            number = int(place[1]) if place else 0
            key = _KEY.match(lines[number - 1]) if number else None
            what = _PLACE.sub("", str(broken)).lower().removesuffix(" (at end of document)")
            faults.append(Fault(file, number, key[1] if key else "", f"is not TOML: {what}. Write it anew."))
            # After an open bracket or a broken header what follows would be misread, fault upon fault.
            if key is None or "unclosed" in what or len(faults) >= _ENOUGH:
                return {}, faults
            lines[number - 1] = ""

"""
The rules as frozen, typed values, section by section.

A field that may be missing is typed `... | None`: arithmetic on it fails in mypy and at run time.
"""

from sizao.protocol.rules.sections import Sections

__all__ = ["Sections"]

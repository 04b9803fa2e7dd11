"""
The store of bulk presence: who (a token) was where, from when to when; kept some days, then destroyed.

A store is a folder. `manifest.json` and the log that it names say which files are live, so that a file is in
the store or it is not, whenever the machine stops. Segments and tokens never change once they are named.
"""

from sizao.adapters.visits.asking import VisitStore
from sizao.adapters.visits.errors import StoreDamaged, StoreMissing, TokensDiffer
from sizao.adapters.visits.reading import Window
from sizao.adapters.visits.second_ring import Limits
from sizao.adapters.visits.upkeep import compact, forget, keep_days, verify
from sizao.adapters.visits.writing import VisitWriter

__all__ = [
    "Limits", "StoreDamaged", "StoreMissing", "TokensDiffer", "VisitStore", "VisitWriter", "Window", "compact",
    "forget", "keep_days", "verify",
]  # fmt: skip

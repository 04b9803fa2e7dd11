"""
The store of bulk presence: who (a token) was where, from when to when; kept some days, then destroyed.

A store is a folder. `manifest.json` names its live files and is replaced as a whole, so that a file is in
the store or it is not, whenever the machine stops. Files never change once they are named.
"""

from sizao.adapters.visits.asking import VisitStore
from sizao.adapters.visits.errors import StoreDamaged, StoreMissing, TokensDiffer
from sizao.adapters.visits.reading import Window
from sizao.adapters.visits.second_ring import Limits
from sizao.adapters.visits.upkeep import compact, forget, verify
from sizao.adapters.visits.writing import VisitWriter

__all__ = [
    "Limits", "StoreDamaged", "StoreMissing", "TokensDiffer", "VisitStore", "VisitWriter", "Window", "compact",
    "forget", "verify",
]  # fmt: skip

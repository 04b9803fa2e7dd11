"""Which counts of a table may be told to everybody, so that no difference of them points at a few people."""

from sizao.engines.disclosure.running import Release, release
from sizao.engines.disclosure.table import hidden_cells

__all__ = ["Release", "hidden_cells", "release"]

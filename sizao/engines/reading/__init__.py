"""
Reading published activity reports: from Chinese text to dated events.

`read` reads one report, `read_all` a batch whose neighbours help each other. A `Gazetteer` is
built once from a village register.
"""

from sizao.engines.reading.events import Event, Reading
from sizao.engines.reading.gazetteer import Gazetteer
from sizao.engines.reading.reports import Report, read, read_all

__all__ = ["Event", "Gazetteer", "Reading", "Report", "read", "read_all"]

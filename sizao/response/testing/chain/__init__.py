"""
From the tube to the laboratory: boxes are labelled, packed, closed, carried and received, every hand-over timed.

What a device says of a box may come late, twice and in any order: where a box stands follows from all that was said.
"""

from sizao.response.testing.chain.figures import InTransit, LaboratoryLoad, in_transit, laboratory_load

__all__ = ["InTransit", "LaboratoryLoad", "in_transit", "laboratory_load"]

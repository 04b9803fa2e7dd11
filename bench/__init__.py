"""Measurements of the whole platform; figures are of one machine and one run, and no test depends on them."""

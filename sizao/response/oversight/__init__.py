"""Oversight: what was late, what was found and mended, what residents said."""

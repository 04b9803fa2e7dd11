"""Whom to test again, how pooled, and what results of pools and clean rounds mean."""

"""Is this more than expected, where, and since when?"""

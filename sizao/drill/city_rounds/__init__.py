"""
The two city-wide rounds of January 2021 at full size, from plan to coverage, through the stage's own doors.

Totals are as published; who lives in which village and who came when is generated, and labelled so.
"""

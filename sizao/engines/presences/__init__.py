"""
Who was where, in bulk: a hundred million presences in sorted records, and the questions asked of them.

A presence is a person (a dense number) at a place (a dense number) from a second to a second, half-open.
`sorting` lays presences out, `companions` finds who shared a place with a case.
"""

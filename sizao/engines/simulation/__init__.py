"""
A simulated city: people, where they are, and how a disease passes among them.

Nobody's path is stored. Every draw is a hash of (seed, purpose, person, day, slot), so that any record can
be worked out again, from either side: where a person is (`presence`) and who is at a place.
"""

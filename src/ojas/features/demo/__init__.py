"""A household that does not exist, to try everything on: a heart patient with a year of data, her daughter, her doctor.

It comes from a seeded generator: the same seed and day make the same household, to the last sample. Its people are marked
as synthetic where they are kept, and every page about them says so. It is never mixed with real people: nothing here reads
or writes anybody else's record.

Nouns: household, life.
"""

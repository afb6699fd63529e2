"""Who may see what of whom, why, and until when; and who looked.

Nouns: **grant** (some scopes of one person's record, for one other account, with a purpose and an end),
**invitation** (a grant nobody has accepted yet), **guardian** (who keeps the record of somebody without an
account), **care team** (those who look after a person, with or without an account), **consent** (what Ojas
itself may do with the data beyond keeping it), **access report** (who looked at what, when, why).

It answers the edge's second question, whose data an actor may touch; row-level security enforces the answer.
It refuses to let anybody give more than they hold, to tell whether an address has an account, and to show a
grantee anything of a person beyond their own grant.
"""

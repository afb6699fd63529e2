"""What is planned: events, appointments, and when they recur.

Nouns: a *calendar* holds *events*; a *series* is an event with its rule of recurrence, its exceptions and its *overrides*; an
*occurrence* is one time it comes to; a *template* is an event to begin from; an *appointment* is an event with somebody who
gives care.

It follows RFC 5545: local wall time with its zone, a time that does not exist is skipped, and a view is bounded. What other
features plan (doses, sessions) it asks them for and never copies. It refuses rules that would never come, or come too often to
be of use, and calendar files that cannot be understood, each event with its reason.
"""

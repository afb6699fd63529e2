"""What matters now: the first screen, the timeline of everything, a year of trends. Composed from all below.

Nouns: **day** (the first screen: what is wrong, what to do, the rest of today, how things stand), **timeline** (everything
that happened to a person, by day), **trend** (one kind over a stretch of time, as a chart with its finding).

It keeps nothing of its own, and so has no table: each feature below is asked, in as few questions as the page needs.
Another feature joins in by one more plain function in ``service.day.TASKS`` or ``service.timeline.SOURCES``.
It refuses to diagnose: it says what was measured, where that lies, and what a person can do next.
"""

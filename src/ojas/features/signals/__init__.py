"""The dense series that devices send: heart rate by the second, steps by the minute, sleep by stage.

Nouns: a *source* (a watch, a phone, an app), a *stream* (one kind from one source of one person), a *chunk* (a span of a
stream, compressed and sealed), a *session* (a workout, a night), a *day* (what a kind came to on one of the person's days).

Late and repeated data merge into what is there; no two sources are ever added up, one is chosen when reading. What a person
enters one at a time is a reading and belongs to measurements. Refused, item by item: what cannot be measured, what
lies in the future, a total dressed up as a sample.
"""

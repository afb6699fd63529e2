"""How Ojas reaches a person: what is to be said, by which channel, when, and how long it insists.

Nouns: a *message* is one thing to be said to somebody, in their language; a *channel* is a way to reach them (on the page,
push, e-mail, SMS, webhook); a *delivery* is one message on one channel, with its attempts and the provider's answer; *quiet
hours* and the *digest* hold back what can wait; a *ladder* says how something unanswered is said again, by another channel,
and then to another person.

It refuses to hold back what is urgent: neither quiet hours nor a switch silences an emergency. A delivery is made at least
once: a crash repeats it rather than lose it.
"""

"""What a person takes, when it is due, and whether they took it.

Nouns: a *medicine* is one drug a person takes, with who prescribed it and what for; its *schedule* says when and how much
(fixed times, every so many hours or days, on and off, a taper, as needed); a *dose* is one moment the schedule comes to, with
its *answer*; *adherence* says what became of the doses of a time; the *stock* says what is left and until when it lasts.

A schedule is kept in local wall time and expanded by rule; no dose is lost when the clocks change, and none comes twice. It
refuses a schedule that can never be due, a dose that is still to come, and a second answer that contradicts the first. It never
prescribes, and never says to take double; and where it has no list of interactions it says that nothing was checked.
"""

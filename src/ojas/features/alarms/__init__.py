"""What is wrong, and who knows of it: danger in the readings, doses that were missed, silence where there used to be news.

Nouns: a *rule* says when something is wrong, for everybody or as set for one person; an *alarm* is a rule that is broken, one
a person and rule at a time, with its severity; a *change* is what became of it (raised, worse, acknowledged, silenced, ended),
a row each; a *look* is a person to be judged by the rules, at an instant.

What is in range is the measurements' to say, and the channels are the notifications'. It refuses to silence what got worse,
to mute for longer than a severity bears, and to raise an alarm over history that somebody brings in.
"""

"""Help for a person who needs it now: whom to tell, how they are told until somebody comes, what a paramedic must know.

Nouns: a *contact* is somebody to be told; an *alert* is one call for help, with where and how the person is; a *helper* is a
contact in one alert, with what was sent to them and what they answered; the *card* is what a stranger who helps may read.

It never stands between a person and the emergency number, which comes first on every page. It refuses no call for help in
silence, tells nobody a second time who said they cannot come while others can be asked, and shows a card to nobody who does
not hold its code.
"""

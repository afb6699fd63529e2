"""What a person measures now and then: a blood pressure, a weight, a laboratory value. One number, one moment.

Nouns: a *kind* says what is measured, in which units, within which limits; a *reading* is one measurement of a kind;
a *band* says in plain words where a value lies, and after whose guideline; an *override* is a care team's own limits
for one person.

Dense series that devices send by the second are signals, and are kept elsewhere. It refuses a value whose unit does
not fit, that nobody could have and live, or that lies in the future or before the person was born. It never diagnoses:
a band is for the eye, and for whoever is told about it.
"""

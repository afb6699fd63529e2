"""Brings a person's data in from elsewhere, and hands all of it out again.

Nouns: *vendor* (a kind of file or cloud we can read), *import* (one file being read, with its progress, its counts and
what was refused of it), *export* (the whole record in one archive). Later: *link* and *sync* for clouds.

An import streams: memory does not follow the size of the file. It is resumed where it stood when the machine stops, and
the same file again changes nothing. One bad value never blocks the rest: it is refused with a reason, and listed.

Refuses: files that are not what they claim, archives that unfold beyond measure, XML that defines entities, and whatever
belongs to another person than the one it is imported for.
"""

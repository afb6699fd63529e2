"""What is known of a person's health, and everything that was ever received about it.

Nouns: *condition*, *allergy*, *immunisation*, *procedure*, *result* (a laboratory or imaging report), *encounter* (a visit
or a stay): six lists a person can read, add to and correct. Beneath them the *store*: every FHIR resource that was
imported, of whatever type R4 knows, sealed as it came and with all its versions, so that nothing of a bundle is lost.

What comes from elsewhere fills the lists; what the person then corrects stays corrected, and what they delete stays
deleted, however often it is imported again. It refuses resources that R4 does not know or that break its rules, each with
its reason. It gives no advice: a code is found, never guessed.
"""

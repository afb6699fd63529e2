"""Who somebody is, and how they prove it.

Nouns: person, account, credential, session, profile, preferences, organisation, role.

A *person* is somebody a record is about; they may have no account. An *account* is somebody who signs in; it has a
person of its own, and may look after others (``sharing`` says whom). What is known of a person lies sealed under that
person's key; what must be found before anybody is signed in (an e-mail address, a token) is kept as a digest.

It refuses: to say whether an account exists, to keep a secret it only needs to recognise, to let a stranger's wrong
guesses lock anybody out, and to decide what one person may see of another.
"""

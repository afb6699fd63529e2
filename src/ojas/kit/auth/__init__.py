"""What proves who somebody is: passwords, tokens, one-time codes, passkeys. No tables here, and no clock.

Every function takes the secrets and the instant it works with; ``features.identity`` keeps them and decides.
"""

from ojas.kit.auth.passwords import Passwords, Verdict, normalised, refuse_guessable
from ojas.kit.auth.tokens import Claims, Invalid, Signers, SigningKey, digest, new_token, successor

__all__ = [
    "Claims",
    "Invalid",
    "Passwords",
    "Signers",
    "SigningKey",
    "Verdict",
    "digest",
    "new_token",
    "normalised",
    "refuse_guessable",
    "successor",
]

"""Every statement about identity. Tables keyed by account are seen by their account, or in the area of sign-in."""

from ojas.features.identity.queries import accounts, erasures, organisations, people, sessions, signing

__all__ = ["accounts", "erasures", "organisations", "people", "sessions", "signing"]

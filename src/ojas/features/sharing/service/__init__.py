"""What one can do: the only door for other features."""

from ojas.features.sharing.service.access import access_of, holdings, known
from ojas.features.sharing.service.care_team import CARE_TEAM
from ojas.features.sharing.service.consents import allows, consents, give, withdraw
from ojas.features.sharing.service.grants import (
    add_person,
    entrust,
    grant,
    grants,
    reshare,
    share,
    shareable,
    take_back,
)
from ojas.features.sharing.service.invitations import (
    Addressee,
    accept,
    decline,
    invitation,
    invitations,
    leave,
    letter_to,
)
from ojas.features.sharing.service.leaving import erase, export
from ojas.features.sharing.service.report import looks

__all__ = [
    "CARE_TEAM",
    "Addressee",
    "accept",
    "access_of",
    "add_person",
    "allows",
    "consents",
    "decline",
    "entrust",
    "erase",
    "export",
    "give",
    "grant",
    "grants",
    "holdings",
    "invitation",
    "invitations",
    "known",
    "leave",
    "letter_to",
    "looks",
    "reshare",
    "share",
    "shareable",
    "take_back",
    "withdraw",
]

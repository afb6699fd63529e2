"""What one can do: the only door for other features."""

from ojas.features.sharing.service.access import (
    access_of,
    holdings,
    known,
    names_kept,
    who_cares,
    who_keep,
    who_keeps,
    who_treats,
)
from ojas.features.sharing.service.addressees import Addressee, giver_ended, invited, lapsed
from ojas.features.sharing.service.care_team import CARE_TEAM, Beside, beside, said_of, team
from ojas.features.sharing.service.closing import close, erase, reopen
from ojas.features.sharing.service.consents import allows, consents, give, ledger, withdraw
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
from ojas.features.sharing.service.invitations import accept, decline, invitations, leave
from ojas.features.sharing.service.leaving import export
from ojas.features.sharing.service.report import looks
from ojas.features.sharing.service.telling import account_invited, tell_answered, tell_invited

__all__ = [
    "CARE_TEAM",
    "Addressee",
    "Beside",
    "accept",
    "access_of",
    "account_invited",
    "add_person",
    "allows",
    "beside",
    "close",
    "consents",
    "decline",
    "entrust",
    "erase",
    "export",
    "give",
    "giver_ended",
    "grant",
    "grants",
    "holdings",
    "invitations",
    "invited",
    "known",
    "lapsed",
    "leave",
    "ledger",
    "looks",
    "names_kept",
    "reopen",
    "reshare",
    "said_of",
    "share",
    "shareable",
    "take_back",
    "team",
    "tell_answered",
    "tell_invited",
    "who_cares",
    "who_keep",
    "who_keeps",
    "who_treats",
    "withdraw",
]

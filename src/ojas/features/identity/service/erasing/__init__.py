"""Erasing a person: asked for, seven days in which it may be undone, done whole, and receipted (decision 0015)."""

from ojas.features.identity.service.erasing.asking import (
    ask,
    ask_anew,
    ask_for,
    leaving_since,
    receipt,
    refuse_while_leaving,
    standing,
    undo,
    undo_for,
)
from ojas.features.identity.service.erasing.ending import advance, erase_due
from ojas.features.identity.service.erasing.ground import UNDO
from ojas.features.identity.service.erasing.ledger import again
from ojas.features.identity.service.erasing.letters import News, tell

__all__ = [
    "UNDO",
    "News",
    "advance",
    "again",
    "ask",
    "ask_anew",
    "ask_for",
    "erase_due",
    "leaving_since",
    "receipt",
    "refuse_while_leaving",
    "standing",
    "tell",
    "undo",
    "undo_for",
]

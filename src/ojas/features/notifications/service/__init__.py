"""What one can do: the only door for other features."""

from ojas.features.notifications.service.acting import Acted, Offer, act, do, done, offer, take_back
from ojas.features.notifications.service.addresses import (
    CODE,
    add_phone,
    add_webhook,
    addresses,
    confirm_phone,
    forget,
    offered,
    push_key,
)
from ojas.features.notifications.service.browsers import (
    here,
    renew,
    signed_out,
    signed_out_elsewhere,
    subscribe,
    unsubscribe,
)
from ojas.features.notifications.service.delivering import DELIVER
from ojas.features.notifications.service.inbox import (
    archive,
    inbox,
    mark_all_read,
    mark_read,
    message,
    unread,
)
from ojas.features.notifications.service.kinds import (
    ACTIONS,
    KINDS,
    TEST,
    action,
    answered_by,
    kind,
    taken_back,
)
from ojas.features.notifications.service.leaving import erase, export, whole
from ojas.features.notifications.service.live import live
from ojas.features.notifications.service.notifying import notify, notify_all, saying, try_out
from ojas.features.notifications.service.watching import deliveries, failures, hush
from ojas.features.notifications.service.wishes import reachable, wish, wishes

__all__ = [
    "ACTIONS",
    "CODE",
    "DELIVER",
    "KINDS",
    "TEST",
    "Acted",
    "Offer",
    "act",
    "action",
    "add_phone",
    "add_webhook",
    "addresses",
    "answered_by",
    "archive",
    "confirm_phone",
    "deliveries",
    "do",
    "done",
    "erase",
    "export",
    "failures",
    "forget",
    "here",
    "hush",
    "inbox",
    "kind",
    "live",
    "mark_all_read",
    "mark_read",
    "message",
    "notify",
    "notify_all",
    "offer",
    "offered",
    "push_key",
    "reachable",
    "renew",
    "saying",
    "signed_out",
    "signed_out_elsewhere",
    "subscribe",
    "take_back",
    "taken_back",
    "try_out",
    "unread",
    "unsubscribe",
    "whole",
    "wish",
    "wishes",
]

"""What one can do: the only door for other features."""

from ojas.features.notifications.service.acting import Offer, act, do, offer
from ojas.features.notifications.service.addresses import (
    CODE,
    add_phone,
    add_webhook,
    addresses,
    confirm_phone,
    forget,
    push_key,
    subscribe,
)
from ojas.features.notifications.service.delivering import DELIVER
from ojas.features.notifications.service.inbox import archive, inbox, mark_all_read, mark_read, unread
from ojas.features.notifications.service.kinds import ACTIONS, KINDS, TEST, action, kind
from ojas.features.notifications.service.leaving import erase, export
from ojas.features.notifications.service.notifying import notify, notify_all, try_out
from ojas.features.notifications.service.watching import deliveries, hush
from ojas.features.notifications.service.wishes import reachable, wish, wishes

__all__ = [
    "ACTIONS",
    "CODE",
    "DELIVER",
    "KINDS",
    "TEST",
    "Offer",
    "act",
    "action",
    "add_phone",
    "add_webhook",
    "addresses",
    "archive",
    "confirm_phone",
    "deliveries",
    "do",
    "erase",
    "export",
    "forget",
    "hush",
    "inbox",
    "kind",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_all",
    "offer",
    "push_key",
    "reachable",
    "subscribe",
    "try_out",
    "unread",
    "wish",
    "wishes",
]

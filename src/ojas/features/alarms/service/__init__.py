"""What one can do: the only door for other features."""

from ojas.features.alarms.schemas import AlarmShown, AlarmWhole
from ojas.features.alarms.service.answering import acknowledge, resolve, snooze
from ojas.features.alarms.service.calling import CALL
from ojas.features.alarms.service.leaving import erase, every, export
from ojas.features.alarms.service.looking import (
    names,
    one,
    open_now,
    page,
    rule,
    rules,
    standing_text,
    told,
    unopened,
    worst_now,
)
from ojas.features.alarms.service.settings import SCOPE, SET, put, reset
from ojas.features.alarms.service.watching import LOOK, ask, heed, look_now

__all__ = [
    "CALL",
    "LOOK",
    "SCOPE",
    "SET",
    "AlarmShown",
    "AlarmWhole",
    "acknowledge",
    "ask",
    "erase",
    "every",
    "export",
    "heed",
    "look_now",
    "names",
    "one",
    "open_now",
    "page",
    "put",
    "reset",
    "resolve",
    "rule",
    "rules",
    "snooze",
    "standing_text",
    "told",
    "unopened",
    "worst_now",
]

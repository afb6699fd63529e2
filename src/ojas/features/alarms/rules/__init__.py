"""When something is wrong, what becomes of it, who is told. No clock, no database."""

from ojas.features.alarms.rules.alarm import (
    CHANGES,
    WHYS,
    Alarm,
    Change,
    Standing,
    Why,
    acknowledged,
    judged,
    resolved,
    snoozed,
    woken,
)
from ojas.features.alarms.rules.catalogue import HABIT, LIVELY, MOST, RULES, Rule, Sort
from ojas.features.alarms.rules.fluid import holds_water
from ojas.features.alarms.rules.severity import LADDERS, SEVERITIES, Severity, rank, silent_until
from ojas.features.alarms.rules.values import (
    FRESH,
    LASTS,
    Judged,
    Mark,
    Value,
    gained,
    in_order,
    judge,
    standing,
)

__all__ = [
    "CHANGES",
    "FRESH",
    "HABIT",
    "LADDERS",
    "LASTS",
    "LIVELY",
    "MOST",
    "RULES",
    "SEVERITIES",
    "WHYS",
    "Alarm",
    "Change",
    "Judged",
    "Mark",
    "Rule",
    "Severity",
    "Sort",
    "Standing",
    "Value",
    "Why",
    "acknowledged",
    "gained",
    "holds_water",
    "in_order",
    "judge",
    "judged",
    "rank",
    "resolved",
    "silent_until",
    "snoozed",
    "standing",
    "woken",
]

"""When each channel may speak, when it tries again, who is told next. No clock, no database."""

from ojas.features.notifications.rules.ladder import (
    Audience,
    Call,
    Ladder,
    Step,
    call,
    due_calls,
    muted_until,
)
from ojas.features.notifications.rules.retry import LEASE, given_up, next_try
from ojas.features.notifications.rules.routing import Channel, Hold, Plan, Preferences, Topic, Urgency, plan
from ojas.features.notifications.rules.wall import Quiet, next_at

__all__ = [
    "LEASE",
    "Audience",
    "Call",
    "Channel",
    "Hold",
    "Ladder",
    "Plan",
    "Preferences",
    "Quiet",
    "Step",
    "Topic",
    "Urgency",
    "call",
    "due_calls",
    "given_up",
    "muted_until",
    "next_at",
    "next_try",
    "plan",
]

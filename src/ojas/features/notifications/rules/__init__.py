"""When each channel may speak, when it tries again, who is told next. No clock, no database."""

from ojas.features.notifications.rules.delivery import (
    NO_WAY,
    Handed,
    Never,
    NotNow,
    Outcome,
    State,
    parted,
    told,
)
from ojas.features.notifications.rules.ladder import (
    Audience,
    Call,
    Ladder,
    Step,
    call,
    due_calls,
    muted_until,
)
from ojas.features.notifications.rules.reach import AddressKind, own_channels
from ojas.features.notifications.rules.retry import LEASE, given_up, next_try
from ojas.features.notifications.rules.routing import (
    DIGEST_AT,
    USUAL,
    Channel,
    Hold,
    Plan,
    Preferences,
    Topic,
    Urgency,
    plan,
)
from ojas.features.notifications.rules.wall import Quiet, next_at

__all__ = [
    "DIGEST_AT",
    "LEASE",
    "NO_WAY",
    "USUAL",
    "AddressKind",
    "Audience",
    "Call",
    "Channel",
    "Handed",
    "Hold",
    "Ladder",
    "Never",
    "NotNow",
    "Outcome",
    "Plan",
    "Preferences",
    "Quiet",
    "State",
    "Step",
    "Topic",
    "Urgency",
    "call",
    "due_calls",
    "given_up",
    "muted_until",
    "next_at",
    "next_try",
    "own_channels",
    "parted",
    "plan",
    "told",
]

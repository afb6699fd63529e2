"""When a delivery that failed is tried again, and when it is given up."""

from datetime import datetime, timedelta

from ojas.features.notifications.rules.routing import Urgency

LEASE = timedelta(seconds=60)
"""How long a worker may hold a delivery; after that it is dead, and another takes it up. Longer than any channel may take."""

_FIRST = {Urgency.EMERGENCY: timedelta(seconds=5), Urgency.URGENT: timedelta(seconds=10)}
_MOST = {Urgency.EMERGENCY: timedelta(minutes=1), Urgency.URGENT: timedelta(minutes=5)}
_HEEDED = {Urgency.EMERGENCY: timedelta(minutes=5), Urgency.URGENT: timedelta(hours=1)}
_LASTS = {Urgency.EMERGENCY: timedelta(hours=24), Urgency.URGENT: timedelta(hours=24)}


def next_try(
    urgency: Urgency, attempts: int, now: datetime, asked: timedelta | None = None, spread: float = 0.5
) -> datetime:
    """When to try again after ``attempts`` (from 1) failed: twice as long each time, up to a bound.

    Emergencies: 5, 10, 20, 40 s, then each minute. Urgent: from 10 s to 5 min. Others: 30 s, 1, 2, 4 … up to 1 h.

    Args:
        asked: what the provider asked us to wait; never less than that, and at most a day. What is urgent waits an hour for it,
            an emergency five minutes: by then a refusal too many is the smaller harm.
        spread: 0 to 1, from chance: it takes up to a quarter off or on, so that a thousand that failed together do not come
            back together.
    """
    first, most = _FIRST.get(urgency, timedelta(seconds=30)), _MOST.get(urgency, timedelta(hours=1))
    wait = min(most, first * (1 << min(attempts - 1, 20))) * (0.75 + 0.5 * spread)
    return now + max(wait, min(asked or timedelta(), _HEEDED.get(urgency, timedelta(days=1))))


def given_up(urgency: Urgency, first: datetime, now: datetime) -> bool:
    """Whether what was first to go at ``first`` is past use: a day for what is urgent, three for the rest."""
    return now >= first + _LASTS.get(urgency, timedelta(days=3))

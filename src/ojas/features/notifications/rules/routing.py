"""By which channels a message goes, and from when on."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from enum import IntEnum, StrEnum

from ojas.features.notifications.rules.wall import Quiet, next_at


class Urgency(IntEnum):
    """How much it matters that somebody learns it now. From ``URGENT`` on nothing holds it back."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4
    EMERGENCY = 5

    @property
    def insists(self) -> bool:
        return self >= Urgency.URGENT


class Topic(StrEnum):
    """What a message is about; each has switches of its own."""

    MEDICATION = "medication"
    APPOINTMENT = "appointment"
    HEALTH = "health"
    SYSTEM = "system"
    EMERGENCY = "emergency"


class Channel(StrEnum):
    IN_APP = "in_app"
    PUSH = "push"
    EMAIL = "email"
    SMS = "sms"
    CALL = "call"
    WEBHOOK = "webhook"


class Hold(StrEnum):
    """Why a message waits."""

    QUIET = "quiet"
    DIGEST = "digest"


USUAL = frozenset({Channel.IN_APP, Channel.PUSH, Channel.EMAIL})
"""What is on until somebody says otherwise: an SMS or a call costs money, a webhook needs an address."""
DIGEST_AT = time(18)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody wants to be told, how, and when not.

    Attributes:
        channels: those that are on, by topic; a topic that is missing has ``USUAL``.
        quiet: when only what is urgent may disturb, or None.
        digest_at: when what is of low urgency comes together, once a day; None: as it happens.
    """

    zone: tzinfo = UTC
    channels: Mapping[Topic, Set[Channel]] = field(default_factory=dict)
    quiet: Quiet | None = None
    digest_at: time | None = DIGEST_AT

    def on(self, topic: Topic) -> Set[Channel]:
        return self.channels.get(topic, USUAL)


@dataclass(frozen=True, slots=True)
class Plan:
    """A message on one channel: not before ``at`` (UTC), and what it waits for."""

    channel: Channel
    at: datetime
    hold: Hold | None = None


def plan(
    topic: Topic,
    urgency: Urgency,
    preferences: Preferences,
    reachable: Set[Channel],
    now: datetime,
    also: Set[Channel] = frozenset(),
    only: Set[Channel] | None = None,
) -> tuple[Plan, ...]:
    """Where a message goes and when, in the order of ``Channel``.

    It always stands on the page of those who have one, which disturbs nobody. ``reachable`` are the channels the person has an
    address for, ``also`` those that a ladder adds; ``only``: these, whatever was chosen. What is urgent goes at once; an
    emergency by everything there is, and so does what is urgent when no channel that could wake anybody is on: a switch set
    long ago must not cost a life.
    """
    wanted = (preferences.on(topic) | also) & reachable
    if urgency is Urgency.EMERGENCY or (urgency.insists and not wanted - {Channel.IN_APP}):
        wanted = reachable
    if only is not None:
        wanted = reachable & (only | {Channel.IN_APP})
    at, hold = (now.astimezone(UTC), None) if urgency.insists else _waits(urgency, preferences, now)
    return tuple(
        Plan(channel, now.astimezone(UTC)) if channel is Channel.IN_APP else Plan(channel, at, hold)
        for channel in Channel
        if channel in wanted or (channel is Channel.IN_APP and channel in reachable)
    )


def _waits(urgency: Urgency, preferences: Preferences, now: datetime) -> tuple[datetime, Hold | None]:
    at, hold = now, None
    if urgency is Urgency.LOW and preferences.digest_at is not None:
        at, hold = next_at(preferences.digest_at, now, preferences.zone), Hold.DIGEST
    if preferences.quiet and preferences.quiet.holds(at, preferences.zone):
        at, hold = preferences.quiet.over(at, preferences.zone), hold or Hold.QUIET
    return at.astimezone(UTC), hold

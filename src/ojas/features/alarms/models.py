"""The tables of alarms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit.db import Base, Owned, Personal


class AlarmRule(Owned, Base):
    """What was set for one person and one rule, in place of what is usual."""

    __tablename__ = "alarm_rules"
    __scope__ = "alarms"

    rule: Mapped[str]


class Alarm(Personal, Base):
    """A rule that is, or was, broken: of a person and rule at most one is open.

    In the clear is only what finds it when it is due: rule, severity, times, and its place on the ladder (``begun_at``,
    ``said``, ``call_at``; a null ``call_at``: nobody more is told). ``sealed`` holds the values that show it.
    """

    __tablename__ = "alarms"
    __scope__ = "alarms"

    rule: Mapped[str]
    severity: Mapped[str]
    evidence_at: Mapped[datetime]
    raised_at: Mapped[datetime]
    begun_at: Mapped[datetime]
    said: Mapped[int] = mapped_column(default=0)
    call_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    snoozed_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    sealed: Mapped[bytes]


class AlarmChange(Personal, Base):
    """A fact about an alarm, kept as long as it is. ``sealed``: the values at that time, and why."""

    __tablename__ = "alarm_changes"
    __scope__ = "alarms"

    alarm_id: Mapped[UUID]
    change: Mapped[str]
    severity: Mapped[str]
    at: Mapped[datetime]
    account_id: Mapped[UUID | None]
    sealed: Mapped[bytes]


class Look(Personal, Base):
    """A person to be judged at an instant, for the sake of what was written, or of the time. Holds nothing of their health.

    The row under the person's own id is the next look that time alone asks for; every other one is of a write.
    """

    __tablename__ = "looks"
    __scope__ = "alarms"

    at: Mapped[datetime]
    sort: Mapped[str]

"""Tables: readings, with their values in the clear, and the limits a care team set."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit.db import Base, Owned, Personal


class Reading(Owned, Base):
    """One measurement. A blood pressure is one row with both its numbers.

    Values are canonical and in the clear (decision 0006): bands, trends and alerts are worked out by the database.
    Device, notes and what was typed in are sealed. ``source_key`` names an imported reading, so that it comes once;
    ``touched`` says that a hand corrected it since, and no import changes it any more.
    """

    __tablename__ = "readings"
    __scope__ = "measurements"

    kind: Mapped[str]
    effective_at: Mapped[datetime]
    effective_end: Mapped[datetime | None]
    zone: Mapped[str]
    value: Mapped[Decimal | None]
    systolic: Mapped[Decimal | None]
    diastolic: Mapped[Decimal | None]
    mean: Mapped[Decimal | None]
    status: Mapped[str]
    method: Mapped[str]
    position: Mapped[str | None]
    meal: Mapped[str | None]
    specimen: Mapped[str | None]
    daily_total: Mapped[bool]
    source: Mapped[str]
    source_key: Mapped[UUID | None]
    touched: Mapped[bool] = mapped_column(default=False)


class RemovedReading(Personal, Base):
    """An imported reading that was deleted, by its key alone: importing again must not bring it back. ``id`` is the key."""

    __tablename__ = "removed_readings"
    __scope__ = "measurements"


class BandOverride(Owned, Base):
    """What is in range for one person and one kind, by their care team or their own choice of guideline."""

    __tablename__ = "band_overrides"
    __scope__ = "measurements"

    kind: Mapped[str]
    guideline: Mapped[str | None]

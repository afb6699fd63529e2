"""Tables: six lists, and the store beneath them. In the clear: what a list is sorted and filtered by, and no more."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db import Base, Owned, Personal


class Condition(Owned, Base):
    __tablename__ = "conditions"
    __scope__ = "record"

    status: Mapped[str]
    recorded_at: Mapped[datetime]


class Allergy(Owned, Base):
    __tablename__ = "allergies"
    __scope__ = "record"

    status: Mapped[str]
    recorded_at: Mapped[datetime]


class Immunisation(Owned, Base):
    __tablename__ = "immunisations"
    __scope__ = "record"

    status: Mapped[str]
    given_on: Mapped[date]


class Procedure(Owned, Base):
    __tablename__ = "procedures"
    __scope__ = "record"

    status: Mapped[str]
    performed_on: Mapped[date]


class Result(Owned, Base):
    __tablename__ = "results"
    __scope__ = "record"

    status: Mapped[str]
    effective_on: Mapped[date]


class Encounter(Owned, Base):
    __tablename__ = "encounters"
    __scope__ = "record"

    status: Mapped[str]
    started_on: Mapped[date]


class FhirResource(Personal, Base):
    """One FHIR resource as it came last. ``id`` is its logical id here; what it says of the person is sealed.

    The entry of a list that was made from it has the same id, so that the two find each other without a column.
    """

    __tablename__ = "fhir_resources"
    __scope__ = "record"

    type: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    source: Mapped[str]
    deleted: Mapped[bool] = mapped_column(default=False)
    sealed: Mapped[bytes]


class FhirVersion(Personal, Base):
    """A version of a resource that a later one took the place of; never changed."""

    __tablename__ = "fhir_versions"
    __scope__ = "record"

    resource_id: Mapped[UUID]
    version: Mapped[int]
    recorded_at: Mapped[datetime]
    source: Mapped[str]
    sealed: Mapped[bytes]

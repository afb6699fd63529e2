"""Who calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from ojas.kit import i18n


@dataclass(frozen=True, slots=True)
class Appearance:
    """How somebody wants pages to look, in the words of the style sheet."""

    theme: str = "auto"
    size: str = "m"
    motion: str = "auto"
    room: str = "plenty"
    """``compact`` sets things closer together."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who calls: an account, its own person, the session it came by, and how it wants to be spoken to."""

    account_id: UUID
    person_id: UUID | None
    session_id: UUID | None
    roles: frozenset[str] = frozenset()
    manner: i18n.Manner = field(default_factory=i18n.Manner)
    by_cookie: bool = True
    """Whether the browser sent the credential by itself, so that a forged form could ride on it."""
    proved_at: datetime | None = None
    """When they last proved to be themselves, in this session."""
    appearance: Appearance = Appearance()
    units: Mapping[str, str] = field(default_factory=dict)
    """The unit they read and type each dimension in, as UCUM codes; absent: as it is kept."""

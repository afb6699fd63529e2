"""Who calls."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ojas.kit import i18n


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
    more: dict[str, Any] = field(default_factory=dict)

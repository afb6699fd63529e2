"""Who acts, and whose data of which scope they may touch: what row-level security reads in every transaction."""

import re
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from ojas.kit.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

SCOPES: set[str] = {"keys", "audit"}
"""Every scope a model's ``__scope__`` has named; filled as models are imported."""

_NAME = re.compile(r"[a-z_]+")
_enforced: ContextVar[bool] = ContextVar("enforced", default=True)


@dataclass(frozen=True, slots=True)
class Access:
    """Persons by scope, readable and writable, with who asks and for which purpose (a v3-ActReason code)."""

    account_id: UUID | None = None
    may_read: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    may_write: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    purpose: str = "PATRQT"
    purposes: Mapping[UUID, str] = field(default_factory=dict)
    """Why, for persons whose data is asked for with another purpose than ``purpose``."""
    area: str = ""
    """Names the few tables that are keyed by account, not person, which this transaction may see whole."""

    @classmethod
    def of(cls, person_id: UUID, *, account_id: UUID | None = None, purpose: str = "PATRQT") -> "Access":
        """All of one person's data, as the person or a job on their behalf has it."""
        everything = dict.fromkeys(SCOPES, frozenset({person_id}))
        return cls(account_id, everything, everything, purpose)

    @classmethod
    def system(cls, area: str) -> "Access":
        """No person's data; the tables of ``area`` (such as sign_in) whole."""
        return cls(area=area)

    @property
    def persons(self) -> frozenset[UUID]:
        """Everybody of whom anything at all may be read."""
        return frozenset().union(*self.may_read.values(), *self.may_write.values())

    def knows(self, person_id: UUID) -> bool:
        """Whether anything at all of this person may be read: asked for every row that is opened, so it makes no set of all."""
        return any(
            person_id in persons for rights in (self.may_read, self.may_write) for persons in rights.values()
        )

    def joined(self, other: "Access") -> "Access":
        """What either allows; who asks, and why, stays as it is here."""
        return replace(
            self,
            may_read=_union(self.may_read, other.may_read),
            may_write=_union(self.may_write, other.may_write),
        )

    def narrowed(self, persons: frozenset[UUID]) -> "Access":
        """The same rights, to these persons' data alone."""
        return replace(
            self,
            may_read={scope: found & persons for scope, found in self.may_read.items()},
            may_write={scope: found & persons for scope, found in self.may_write.items()},
        )

    def why(self, person_id: UUID) -> str:
        """The purpose for which this person's data is asked for."""
        return self.purposes.get(person_id, self.purpose)

    def allows(self, scope: str, person_id: UUID, *, write: bool = False) -> bool:
        return person_id in (self.may_write if write else self.may_read).get(scope, frozenset())

    def require(self, scope: str, person_id: UUID, *, write: bool = False) -> None:
        """Refuse what is not allowed.

        Raises:
            NotFound: nothing of this person may be known, not even that they exist.
            Forbidden: the person is known to the caller, but not this scope, or not to write.
        """
        if self.allows(scope, person_id, write=write) or not _enforced.get():
            return
        if not self.knows(person_id):
            raise NotFound("There is no such person, or nothing of theirs is shared with you.")
        if write and self.allows(scope, person_id):
            raise Forbidden("You may look at this, but not change it.")
        raise Forbidden("This part of the record is not shared with you.")

    def settings(self) -> dict[str, str]:
        """The settings that policies read. Names and values are checked: they become literals of SQL."""
        read = {**self.may_read, "keys": self.persons, "audit": self.may_read.get("audit", frozenset())}
        write = {**self.may_write, "audit": self.persons}  # every access leaves its mark in the trail
        found = {f"ojas.may_read_{_named(scope)}": _ids(persons) for scope, persons in read.items()}
        found |= {f"ojas.may_write_{_named(scope)}": _ids(persons) for scope, persons in write.items()}
        found["ojas.account"] = str(self.account_id) if self.account_id else ""
        found["ojas.area"] = _named(self.area) if self.area else ""
        return found


NOBODY = Access()


@contextmanager
def unenforced() -> "Iterator[None]":
    """Switch the code's own check off, so that a test can show that the database still refuses."""
    token = _enforced.set(False)
    try:
        yield
    finally:
        _enforced.reset(token)


def _union(
    one: Mapping[str, frozenset[UUID]], other: Mapping[str, frozenset[UUID]]
) -> dict[str, frozenset[UUID]]:
    return {s: one.get(s, frozenset()) | other.get(s, frozenset()) for s in {*one, *other}}


@lru_cache(maxsize=1024)
def _ids(persons: frozenset[UUID]) -> str:
    """Remembered, as a request sets the same persons for every scope: of its 22 settings 20 cost nothing."""
    return ",".join(sorted(str(UUID(int=person.int)) for person in persons))


@cache
def _named(scope: str) -> str:
    if not _NAME.fullmatch(scope):
        raise ValueError(f"not a scope: {scope!r}")
    return scope

"""What a grant allows, and who may give it. Pure: no clock, no database."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from ojas.kit.errors import Forbidden, Incorrect
from ojas.kit.i18n import N_

EVERYTHING = "*"
"""As a grant's scope: all there are, those of features to come too. Guardians alone have it."""
OWNER = "owner"
"""A scope no table asks for: those whose record it is, or who keep it. They alone let others manage it."""
MANAGE = ("sharing", "audit")
"""What managing a record adds: to see and say who else may look, and to see who did."""
NOT_SHARED = frozenset({"keys", OWNER, *MANAGE})
"""Scopes that are never ticked one by one."""

LIFETIMES: Mapping[str, timedelta | None] = {
    "7": timedelta(days=7),
    "30": timedelta(days=30),
    "90": timedelta(days=90),
    "open": None,
}
UNDO = timedelta(hours=1)
"""How long taking back can itself be taken back; later, share anew."""
INVITATIONS_A_DAY = 20
"""For one person: a stolen session must not become a sender of letters."""
INVITATIONS_OF_ONE = 40
"""A day, by one account for everybody it looks after: who adds persons without end sends no letters without end."""
PERSONS_A_DAY = 20
"""By one account: each may name contacts and call them, which costs, and rings somewhere."""


class Kind(StrEnum):
    SHARE = "share"
    CAREGIVER = "caregiver"
    CARE_TEAM = "care_team"
    GUARDIAN = "guardian"
    BREAK_GLASS = "break_glass"
    LINK = "link"


class Purpose(StrEnum):
    """Why somebody looks: codes of HL7's v3-ActReason (PurposeOfUse)."""

    TREATMENT = "TREAT"
    FAMILY = "FAMRQT"
    SUPPORT = "SUPNWK"
    OWN = "PATRQT"
    EMERGENCY = "BTG"


PURPOSES: Mapping[Purpose, str] = {
    Purpose.TREATMENT: N_("Treatment"),
    Purpose.FAMILY: N_("Care by family"),
    Purpose.SUPPORT: N_("Help by a friend or helper"),
    Purpose.OWN: N_("Their own record"),
    Purpose.EMERGENCY: N_("Emergency"),
}
OFFERED = (Purpose.TREATMENT, Purpose.FAMILY, Purpose.SUPPORT)

Ending = Literal["taken_back", "left", "declined", "lapsed", "closed"]
Status = Literal["invited", "waiting", "active", "ended"] | Ending

STATUSES: Mapping[Status, str] = {
    "invited": N_("Invited, not accepted yet"),
    "waiting": N_("Accepted, begins later"),
    "active": N_("May look now"),
    "ended": N_("Ended"),
    "taken_back": N_("Taken back"),
    "left": N_("Given up"),
    "declined": N_("Declined"),
    "lapsed": N_("Ended, as who gave it may no longer share"),
    "closed": N_("Closed while the record waits to be erased"),
}


@dataclass(frozen=True, slots=True)
class Right:
    """What one grant in force allows."""

    person_id: UUID
    kind: str
    scopes: frozenset[str]
    may_write: bool
    manage: bool
    purpose: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What all grants of an actor, and being somebody, come to: persons by scope."""

    read: dict[str, frozenset[UUID]] = field(default_factory=dict)
    write: dict[str, frozenset[UUID]] = field(default_factory=dict)
    purposes: dict[UUID, str] = field(default_factory=dict)


def rights_of(own: UUID | None, held: Iterable[Right], scopes: Set[str]) -> Rights:
    """Their own person whole, and exactly what each grant says; ``scopes`` are all there are."""
    read: dict[str, set[UUID]] = {}
    write: dict[str, set[UUID]] = {}
    purposes: dict[UUID, str] = {}
    for right in held:
        if right.person_id == own:
            continue
        readable, writable = _reach(right, scopes)
        for scope in readable:
            read.setdefault(scope, set()).add(right.person_id)
        for scope in writable:
            write.setdefault(scope, set()).add(right.person_id)
        purposes[right.person_id] = right.purpose
    for scope in scopes if own else ():
        read.setdefault(scope, set()).add(own)  # type: ignore[arg-type]  # own is somebody here
        write.setdefault(scope, set()).add(own)  # type: ignore[arg-type]
    return Rights(_frozen(read), _frozen(write), purposes)


def status_of(
    at: datetime,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    accepted_at: datetime | None,
    revoked_as: Ending | None,
) -> Status:
    """What a grant is at an instant. It ends before ``ends_at``, not with it."""
    if revoked_as is not None:
        return revoked_as
    if ends_at is not None and ends_at <= at:
        return "ended"
    if accepted_at is None:
        return "invited"
    return "waiting" if starts_at > at else "active"


def refuse_beyond(asked: Set[str], readable: Set[str], writable: Set[str], *, may_write: bool) -> None:
    """
    Raises:
        Forbidden: somebody wants to give what they do not hold.
    """
    if not asked <= (readable & writable if may_write else readable):
        raise Forbidden("You cannot let others see or change more than you may yourself.")


def last_end(
    asked: Set[str], may_write: bool, held: Iterable[tuple[Right, datetime | None]]
) -> datetime | None:
    """Until when somebody may give what they hold by these grants: while they manage, and hold each thing asked for.

    None: without end.
    """
    kept = list(held)
    needs = [[end for right, end in kept if right.manage]]
    needs += [
        [end for right, end in kept if _gives(right, scope) and (right.may_write or not may_write)]
        for scope in asked
    ]
    ends = [max(end for end in found if end) for found in needs if found and None not in found]
    return min(ends, default=None)


def may_give(
    held: Iterable[tuple[Right, datetime | None]],
    asked: Set[str],
    *,
    may_write: bool,
    manage: bool,
    ends_at: datetime | None,
) -> bool:
    """Whether somebody who holds these grants may give such a one on the person's behalf, for as long as it lasts."""
    kept = list(held)
    enough = (
        any(right.manage and (EVERYTHING in right.scopes or not manage) for right, _ in kept)
        and all(
            any(_gives(right, scope) and (right.may_write or not may_write) for right, _ in kept)
            for scope in asked
        )
    )  # fmt: skip
    last = last_end(asked, may_write, kept)
    return enough and (last is None or (ends_at is not None and ends_at <= last))


def refuse_odd(
    asked: Set[str], known: Set[str], starts_at: datetime, ends_at: datetime | None, at: datetime
) -> None:
    """
    Raises:
        Incorrect: nothing is shared, something unknown, or for a time that is over or turned round.
    """
    if not asked:
        raise Incorrect("Choose at least one thing to share.", field="scopes")
    if unknown := sorted(asked - (known - NOT_SHARED)):
        raise Incorrect("There is nothing called {scope} to share.", field="scopes", scope=unknown[0])
    if ends_at is not None and ends_at <= max(starts_at, at):
        raise Incorrect("The end must lie ahead, and after the start.", field="ends_at")


def _gives(right: Right, scope: str) -> bool:
    return scope in right.scopes or EVERYTHING in right.scopes


def _reach(right: Right, scopes: Set[str]) -> tuple[Set[str], Set[str]]:
    if EVERYTHING in right.scopes:
        return scopes, scopes
    readable = (right.scopes & scopes) - NOT_SHARED
    writable = readable if right.may_write else frozenset()
    if right.manage:
        return readable | {*MANAGE}, writable | {"sharing"}
    return readable, writable


def _frozen(found: Mapping[str, set[UUID]]) -> dict[str, frozenset[UUID]]:
    return {scope: frozenset(persons) for scope, persons in found.items()}


class Processing(StrEnum):
    """What Ojas may do with somebody's data beyond keeping and showing it; each only with consent.

    Those alone that something asks for: a purpose comes with what needs it, so that nobody is asked in vain.
    """

    LOCATION = "location"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody agrees to, in words. Other words are another version, and asked anew."""

    version: int
    name: str
    text: str
    scopes: tuple[str, ...]
    third_parties: tuple[str, ...] = ()


QUESTIONS: Mapping[Processing, Question] = {
    Processing.LOCATION: Question(
        version=1,
        name=N_("Places"),
        text=N_(
            "Ojas may keep where I was: the routes of walks, runs and rides that my devices record. They lie sealed under"
            " my key, and nobody sees them but those I share my devices' data with. Without this, a workout is kept without"
            " its route. If I withdraw it, the routes kept so far are deleted."
        ),
        scopes=("signals",),
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody last said to a question."""

    given: bool
    version: int
    expires_at: datetime | None = None


def stands(answer: Answer | None, question: Question, at: datetime) -> bool:
    """Whether a consent holds: it was given, to these very words, and has neither been withdrawn nor ended."""
    return (
        answer is not None
        and answer.given
        and answer.version == question.version
        and (answer.expires_at is None or answer.expires_at > at)
    )

"""What stands around a page: who is looked at, whom else one may look at, how the reader wants it shown.

Kit knows no people. The features that do register here how to ask them, once, when they are loaded.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request

from ojas.kit.db import Access, Tx
from ojas.kit.http import Actor
from ojas.kit.http.edge import tx_of


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody whose record the reader may open, by the name the reader knows them by."""

    id: UUID
    name: str
    own: bool = False
    """Whether it is the reader's own record."""
    synthetic: bool = False
    """Whether nobody: made up, for a demonstration. Every page then says so."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The shell of one page. ``person`` is whose record is open, if any."""

    person: Who | None = None
    people: Sequence[Who] = ()
    unread: int = 0
    theme: str = "auto"
    size: str = "m"
    motion: str = "auto"
    room: str = "plenty"
    """``compact`` sets things closer together."""
    access: Access | None = None

    def allows(self, scope: str, *, write: bool = False) -> bool:
        """Whether the reader may go there; one's own record is all open."""
        if self.person is None or self.person.own or self.access is None:
            return True
        return self.access.allows(scope, self.person.id, write=write)


People = Callable[[Tx, Actor], Awaitable[Sequence[Who]]]
Unread = Callable[[Tx, Actor], Awaitable[int]]


@dataclass
class _Sources:
    people: People | None = None
    unread: Unread | None = None
    sos: tuple[str, str] | None = None


SOURCES = _Sources()


def people_by(ask: People) -> People:
    """Register how to learn whom an account may look at, itself first. One query, please: every page asks."""
    SOURCES.people = ask
    return ask


def unread_by(ask: Unread) -> Unread:
    """Register how to learn how many notifications wait."""
    SOURCES.unread = ask
    return ask


def sos_at(path: str, scope: str) -> None:
    """Register where help is called, under a person, for who may change ``scope``: one tap from every page."""
    SOURCES.sos = path, scope


def sos_of(request: Request) -> str | None:
    """Where help is called from this page: for the person whose record is open, else for the reader themselves."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if SOURCES.sos is None or actor is None:
        return None
    path, scope = SOURCES.sos
    around = of(request)
    if around.person and around.allows(scope, write=True):
        return f"/p/{around.person.id}{path}"
    return f"/p/{actor.person_id}{path}" if actor.person_id else None


async def load(request: Request) -> None:
    """A dependency of every ``Pages`` router: the frame of this request, under ``request.state.frame``."""
    actor: Actor | None = request.state.actor
    if actor is None or request.method not in ("GET", "POST"):
        request.state.frame = Frame()
        return
    tx = tx_of(request)
    whole = request.headers.get("hx-request-type") != "partial"  # a part has no shell around it
    people = tuple(await SOURCES.people(tx, actor)) if SOURCES.people and whole else ()
    unread = await SOURCES.unread(tx, actor) if SOURCES.unread and whole else 0
    request.state.frame = Frame(
        person=_open(request, people, actor),
        people=people,
        unread=unread,
        theme=actor.appearance.theme,
        size=actor.appearance.size,
        motion=actor.appearance.motion,
        room=actor.appearance.room,
        access=tx.access,
    )


def of(request: Request) -> Frame:
    frame = getattr(request.state, "frame", None)
    return frame if isinstance(frame, Frame) else Frame()


def _open(request: Request, people: Sequence[Who], actor: Actor) -> Who | None:
    wanted = request.path_params.get("person_id") or actor.person_id
    for who in people:
        if str(who.id) == str(wanted):
            return who
    # Nobody told us names: the shell still leads to the right record.
    return (
        Who(UUID(str(wanted)), "", own=wanted == actor.person_id) if _is_id(wanted) and not people else None
    )


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True

"""Sessions: opened by a proof, recognised on every request, seen and ended by their owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import Request

from ojas.features.identity import models, queries
from ojas.features.identity.rules import Kind, device_of, fresh, life_of, lost_answer
from ojas.features.identity.schemas import Preferences, SessionView, Tokens
from ojas.features.identity.service import ends
from ojas.features.identity.service.ground import at_the_door, house_key, letter, note, origin
from ojas.features.identity.service.signing import signers
from ojas.kit import auth, clock
from ojas.kit.db import Tx
from ojas.kit.errors import Forbidden, NotFound, Unauthenticated
from ojas.kit.http import Actor, Appearance
from ojas.kit.ids import new_id

COOKIE = "ojas"
SECURE_COOKIE = "__Host-ojas"
_TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Actor):
    """An actor as identity knows them."""

    preferences: Preferences


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody came in. ``token`` is the cookie of a browser, or the first refresh token of an app."""

    account: models.Account
    session: models.Session
    token: str
    device_token: str | None = None


async def authenticate(tx: Tx, request: Request) -> Actor | None:
    """Who sends this request, by bearer token or cookie; None for nobody, or nobody any more."""
    header = request.headers.get("authorization", "")
    if header:
        return await _by_bearer(tx, header)
    # Where users come by https the plain name is not believed: a neighbouring site could have planted it.
    token = request.cookies.get(SECURE_COOKIE if origin().startswith("https:") else COOKIE)
    token = token or request.cookies.get(SECURE_COOKIE)
    if not token:
        return None
    return await _actor(tx, await queries.sessions.present_by_digest(tx, auth.digest(token)), by_cookie=True)


async def open_session(tx: Tx, account: models.Account, kind: Kind, methods: Sequence[str]) -> Entered:
    """Let somebody in who has just proved who they are. In the area of sign-in."""
    now = clock.now()
    roles = (await queries.accounts.roles_of(tx, [account.id])).get(account.id, frozenset())
    life = life_of(kind, roles)
    token = auth.new_token()
    session = models.Session(
        account_id=account.id,
        id=new_id(),
        kind=kind.value,
        digest=None if kind is Kind.TOKEN else auth.digest(token),
        methods=list(methods),
        device=device_of(tx.origin.agent),
        address=tx.origin.address,
        created_at=now,
        proved_at=now,
        used_at=now,
        idle_until=now + life.idle,
        expires_at=now + life.whole,
    )
    tx.session.add(session)
    await tx.session.flush()
    if kind is Kind.TOKEN:
        tx.session.add(_link(session, token))
    account.seen_at = now
    await tx.session.flush()
    await note(tx, account, "sign-in", "account")
    return Entered(account, session, token)


async def tokens_of(tx: Tx, entered: Entered) -> Tokens:
    """The bearer tokens of an app's session."""
    house = await signers(tx)
    access, seconds = house.issue(entered.account.id, entered.session.id, clock.now())
    return Tokens(
        access_token=access,
        expires_in=seconds,
        refresh_token=entered.token,
        device_token=entered.device_token,
        account_id=entered.account.id,
        person_id=entered.account.person_id,
    )


async def refresh(tx: Tx, token: str) -> Tokens | Unauthenticated:
    """The next pair of tokens for a refresh token.

    Each has one successor, however often it is asked for: so a chain never forks, and of two who hold the same token one
    comes to use a spent one. One that is used again after its successor was, or longer after than an answer may be lost
    for, was copied: the whole session ends, and its owner is told. The refusal is answered, not raised, so that the ending
    stands.
    """
    refused = Unauthenticated("Please sign in again.")
    async with tx.acting(at_the_door(tx)):
        used = await queries.sessions.refresh_token(tx, auth.digest(token))
        if used is None:
            return refused
        now = clock.now()
        live = await queries.sessions.live_by_id(tx, used.account_id, used.session_id)
        if live is None:
            return refused
        successor = auth.successor(house_key(tx, "refresh").material, token)
        if used.replaced_at is None:
            used.replaced_at = now
            tx.session.add(_link(live.session, successor))
            await tx.session.flush()
        elif not lost_answer(used.replaced_at, now) or not await _unused(tx, successor):
            await ends.end(tx, used.account_id, used.session_id, "reuse")
            await letter(tx, "stolen", live.account)
            await note(tx, live.account, "change", "sessions")
            return refused
        await queries.sessions.touch(
            tx, live.session, life_of(Kind.TOKEN, live.roles).idle, tx.origin.address
        )
        return await tokens_of(tx, Entered(live.account, live.session, successor))


async def sessions_of(tx: Tx, actor: Actor) -> list[SessionView]:
    """Where the caller is signed in, last used first."""
    found = await queries.sessions.living(tx, actor.account_id)
    return [
        SessionView(
            id=session.id,
            current=session.id == actor.session_id,
            device=session.device,
            address=str(session.address) if session.address else None,
            methods=session.methods,
            created_at=session.created_at,
            used_at=session.used_at,
            expires_at=min(session.idle_until, session.expires_at),
        )
        for session in found
    ]


async def end_session(tx: Tx, actor: Actor, session_id: UUID) -> None:
    """
    Raises:
        NotFound: the caller has no such session, or it ended before.
    """
    if not await ends.end(tx, actor.account_id, session_id, "owner"):
        raise NotFound("This device is not signed in any more.")


async def end_other_sessions(tx: Tx, actor: Actor) -> None:
    """Sign out everywhere but here."""
    await ends.end_all(tx, actor.account_id, "owner", but=actor.session_id)
    await queries.sessions.forget_devices(tx, actor.account_id)


async def sign_out(tx: Tx, actor: Actor) -> None:
    """End the caller's session, and every token of it, now."""
    if actor.session_id:
        await ends.end(tx, actor.account_id, actor.session_id, "sign-out")


async def require_fresh(tx: Tx, actor: Actor) -> None:
    """Refuse unless the caller proved who they are within the last ten minutes.

    Raises:
        Forbidden: prove it again first.
    """
    live = await _living(tx, actor)
    if live is None or not fresh(live.session.proved_at, clock.now()):
        raise Forbidden("Please confirm that it is you first.", field="proof")


async def mark_proved(tx: Tx, actor: Actor) -> Entered | None:
    """Note that the caller has just proved who they are.

    Answers the session with its browser's new token: who copied the one before gains nothing from the proof. None for an
    app, whose access token ends by itself.
    """
    live = await _living(tx, actor)
    if live is None:
        return None
    live.session.proved_at = clock.now()
    token = auth.new_token()
    if live.session.digest is not None:
        live.session.digest = auth.digest(token)
    await tx.session.flush()
    return Entered(live.account, live.session, token) if live.session.digest else None


async def _living(tx: Tx, actor: Actor) -> queries.sessions.Live | None:
    """The session the caller acts by; None where they act by none, or it ended."""
    if actor.session_id is None:
        return None
    return await queries.sessions.live_by_id(tx, actor.account_id, actor.session_id)


async def _unused(tx: Tx, token: str) -> bool:
    known = await queries.sessions.refresh_token(tx, auth.digest(token))
    return known is not None and known.replaced_at is None


async def _by_bearer(tx: Tx, header: str) -> Actor | None:
    scheme, _, token = header.partition(" ")
    if scheme.casefold() != "bearer":
        return None
    try:
        claims = (await signers(tx)).verify(token.strip(), clock.now())
    except auth.Invalid:
        return None
    # Looked up although the signature is right: a session that was ended must end at once, not in ten minutes.
    present = await queries.sessions.present_by_id(tx, claims.account_id, claims.session_id)
    return await _actor(tx, present, by_cookie=False)


async def _actor(tx: Tx, present: queries.sessions.Present | None, *, by_cookie: bool) -> Actor | None:
    if present is None:
        return None
    if tx.origin.address != present.address or clock.now() - present.used_at > _TOUCH:
        idle = life_of(Kind(present.kind), present.roles).idle
        await queries.sessions.touch(tx, present, idle, tx.origin.address)
    preferences = Preferences.model_validate(present.preferences, strict=False)
    return SignedIn(
        account_id=present.account_id,
        person_id=present.person_id,
        session_id=present.id,
        roles=present.roles,
        manner=preferences.manner,
        by_cookie=by_cookie,
        proved_at=present.proved_at,
        appearance=_appearance(preferences),
        units=preferences.units.model_dump(),
        preferences=preferences,
    )


def preferences(actor: Actor) -> Preferences:
    """How the actor wants things said and shown, as they came in with the session."""
    return actor.preferences if isinstance(actor, SignedIn) else Preferences()


def _appearance(wanted: Preferences) -> Appearance:
    return Appearance(
        theme="auto" if wanted.theme == "system" else wanted.theme,
        size=wanted.font_size[0],
        motion="auto" if wanted.motion else "reduced",
        room="compact" if wanted.compact else "plenty",
    )


def _link(session: models.Session, token: str) -> models.RefreshToken:
    return models.RefreshToken(
        account_id=session.account_id,
        digest=auth.digest(token),
        session_id=session.id,
        created_at=clock.now(),
    )

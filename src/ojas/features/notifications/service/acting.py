"""Doing a thing from a message: by a link that works once, or signed in.

Whoever holds a link acts as the reader it was sent to, with the rights they have at that moment. Looking at it changes nothing:
programs that read mail follow every link in it.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.notifications import queries
from ojas.features.notifications.models import Message
from ojas.features.notifications.schemas import Action, Deed, Said
from ojas.features.notifications.service.delivering import said_of
from ojas.features.notifications.service.kinds import ACTIONS, BACKS, KINDS
from ojas.features.notifications.service.links import LASTS, back_of, done_by, ends_at, named_by
from ojas.features.notifications.service.outsiders import manner_to, opened
from ojas.kit import audit, clock, i18n
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Conflict, Forbidden, NotFound, Refusal, TooMany
from ojas.kit.http import Actor, limits
from ojas.kit.http.edge import Authorise
from ojas.kit.i18n import N_, Manner

_WRONG = N_(
    "This link is not one of ours, or not whole. Copy all of it. Who has an account here finds the same under Messages."
)
_WRONG_TRIES, _WITHIN = 20, timedelta(minutes=10)
_BACK_A_DAY, _DAY = 5, timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers its reader: ``choices`` are names and labels; ``whose`` is whom it is about, if they may know."""

    said: Said
    whose: str | None
    choices: tuple[tuple[str, str], ...]
    manner: Manner


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done, in the words of whoever did it; ``outside``: who has no account here."""

    says: str
    manner: Manner
    outside: bool
    back: str | None = None
    """What proves that they did it, where they may take it back."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who may act by a link: an account, or None an outsider; with what rights, spoken to how."""

    account_id: UUID | None
    access: Access
    manner: Manner


async def offer(tx: Tx, token: str, authorise: Authorise) -> Offer | Refusal:
    """What a link would do. Nothing is changed.

    A link that does nothing (any more) is answered with why, not raised: that it was tried must be counted.
    """
    found = await _found(tx, token, authorise)
    if isinstance(found, Refusal):
        return found
    message, holder, actions = found
    await tx.become(holder.access)
    with i18n.use(holder.manner):
        said = await said_of(tx, message)
        labels = tuple((action.name, i18n.say(action.label, {})) for action in actions)
    names = await identity.names(tx, [message.person_id])
    audit.looked(tx, message.person_id, "messages")
    return Offer(said, names.get(message.person_id), labels, holder.manner)


async def act(tx: Tx, token: str, authorise: Authorise, choice: str | None = None) -> Acted | Refusal:
    """Do what a link says, once. ``choice`` where it leaves open what. Answers what was done, in the reader's language.

    Raises:
        Refusal: what the action itself refuses; the link then stays good.
    """
    found = await _found(tx, token, authorise, lock=True)
    if isinstance(found, Refusal):
        return found
    message, holder, actions = found
    action = next((one for one in actions if choice in (None, one.name)), None)
    if action is None or (choice is None and len(actions) > 1):
        return Conflict("Choose what to do.")
    await tx.become(holder.access)
    with i18n.use(holder.manner):
        deed = await _do(tx, message, action, holder.account_id)
    return Acted(deed.says, holder.manner, holder.account_id is None, _proof(tx, message, deed))


async def done(tx: Tx, proof: str, authorise: Authorise) -> Acted | Refusal:
    """What somebody did who may take it back, in the words of the button. Nothing is changed."""
    found = await _done(tx, proof, authorise)
    if isinstance(found, Refusal):
        return found
    message, holder, _mark = found
    with i18n.use(holder.manner):
        says = i18n.say(ACTIONS[message.acted or ""].label, {})
    return Acted(says, holder.manner, holder.account_id is None)


async def take_back(tx: Tx, proof: str, authorise: Authorise) -> Acted | Refusal:
    """Take back what was done from a message, as whoever did it. The message may then be answered anew.

    Raises:
        Refusal: what became of it since must stand.
    """
    found = await _done(tx, proof, authorise, lock=True)
    if isinstance(found, Refusal):
        return found
    message, holder, mark = found
    refusal: TooMany | None = await limits.counted(tx, f"back:{message.id}", allowed=_BACK_A_DAY, within=_DAY)
    if refusal:
        return refusal
    await tx.become(holder.access)
    plain = await tx.open(message.person_id, "messages", message.id, message.sealed)
    with i18n.use(holder.manner):
        says = await BACKS[message.acted or ""](tx, message.person_id, mark, json.loads(plain))
    message.acted_at = message.acted = None
    await tx.session.flush()
    await audit.changed(tx, "change", message.person_id, "messages", message.id)
    return Acted(says, holder.manner, holder.account_id is None)


async def do(tx: Tx, account_id: UUID, id: UUID, name: str) -> Acted:
    """Do one of the things a message to the account offers, as its reader who is signed in.

    Raises:
        NotFound: there is no such message, or it offers no such thing.
        Conflict: it was answered already, or is past its time.
        Refusal: what the action itself refuses.
    """
    message = await queries.one(tx, account_id, id)
    if message is None or name not in KINDS[message.kind].actions:
        raise NotFound("There is no such message.")
    if gone := _gone(message):
        raise gone
    tx.access.require(message.scope, message.person_id, write=not KINDS[message.kind].readers)
    deed = await _do(tx, message, ACTIONS[name], account_id)
    return Acted(deed.says, i18n.current(), False, _proof(tx, message, deed))


def _proof(tx: Tx, message: Message, deed: Deed) -> str | None:
    return back_of(tx, message, deed.mark) if deed.mark else None


async def _do(tx: Tx, message: Message, action: Action, by: UUID | None) -> Deed:
    plain = await tx.open(message.person_id, "messages", message.id, message.sealed)
    done = await action.run(tx, message.person_id, by, json.loads(plain))
    now = clock.now()
    message.acted_at, message.acted = now, action.name
    message.read_at = message.read_at or now
    await tx.session.flush()
    async with tx.acting(replace(tx.access, area="deliveries")):
        await queries.hush(tx, message.person_id, [message.id])
    await audit.changed(tx, "change", message.person_id, "messages", message.id)
    return done if isinstance(done, Deed) else Deed(done)


async def _done(
    tx: Tx, proof: str, authorise: Authorise, *, lock: bool = False
) -> tuple[Message, _Holder, str] | Refusal:
    named = done_by(tx, proof)
    if named is None:
        return await _wrong(tx)
    person_id, message_id, mark = named
    found = await _message(tx, person_id, message_id, authorise, lock=lock)
    if isinstance(found, Refusal):
        return found
    message, holder = found
    if message.acted not in BACKS or message.acted_at is None:
        return Conflict("This was taken back already.")
    if message.acted_at + LASTS <= clock.now():
        return Conflict("The time for this has passed.")
    return message, holder, mark


async def _message(
    tx: Tx, person_id: UUID, message_id: UUID, authorise: Authorise, *, lock: bool
) -> tuple[Message, _Holder] | Refusal:
    """A message, with who may act by it."""
    seen = {"notifications": frozenset({person_id})}
    async with tx.acting(Access(may_read=seen, may_write=seen)):
        message = await queries.message(tx, person_id, message_id, lock=lock)
        if message is None:
            return await _wrong(tx)
        holder = await _holder(tx, message, authorise)
    kind = KINDS.get(message.kind)
    write = kind is None or not kind.readers
    if holder is None or not holder.access.allows(message.scope, message.person_id, write=write):
        return Forbidden("This is not open to you any more.")
    return message, holder


async def _found(
    tx: Tx, token: str, authorise: Authorise, *, lock: bool = False
) -> tuple[Message, _Holder, list[Action]] | Refusal:
    named = named_by(tx, token)
    if named is None:
        return await _wrong(tx)
    found = await _message(tx, named.person_id, named.message_id, authorise, lock=lock)
    if isinstance(found, Refusal):
        return found
    message, holder = found
    if gone := _gone(message):
        return gone
    names = KINDS[message.kind].actions if message.kind in KINDS else ()
    return message, holder, [ACTIONS[name] for name in names if named.allows(name)]


async def _holder(tx: Tx, message: Message, authorise: Authorise) -> _Holder | None:
    person = frozenset({message.person_id})
    if message.account_id is None:
        row = next(iter(await queries.outsiders(tx, [(message.person_id, message.reader_id)])), None)
        left = await identity.leaving_since(tx, message.person_id)
        if row is None or (left and message.created_at < left):  # but who calls for help since is answered
            return None
        rights = {message.scope: person, "notifications": person}
        return _Holder(None, Access(may_read=rights, may_write=rights), manner_to(await opened(tx, row)))
    recipient = (await identity.recipients(tx, [message.account_id])).get(message.account_id)
    if recipient is None:
        return None
    async with tx.acting(replace(tx.access, area="sign_in")):
        access = await authorise(tx, Actor(recipient.account_id, recipient.person_id, session_id=None))
    return _Holder(recipient.account_id, access.narrowed(person), recipient.manner)


def _gone(message: Message) -> Refusal | None:
    if message.acted_at is not None:
        return Conflict("This was answered already.")
    if ends_at(message) <= clock.now():
        if message.account_id is None:
            return Conflict("The time for this has passed.")
        return Conflict("The time for this has passed. Open Ojas to see how things stand.")
    return None


async def _wrong(tx: Tx) -> Refusal:
    """Counted by where it came from: nobody guesses 128 bits, but nobody is to try for nothing either."""
    key = f"act:{tx.origin.address}"
    refusal: TooMany | None = await limits.counted(tx, key, allowed=_WRONG_TRIES, within=_WITHIN)
    return refusal or NotFound(_WRONG)

"""Handing over what is due: claim, put into words, hand to the channel, write down what became of it.

The claim is committed before anything leaves, and ends by itself: a worker that dies in between repeats a delivery, and
loses none. Nothing is held open while a provider thinks.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from ojas.features.identity import service as identity
from ojas.features.notifications import queries
from ojas.features.notifications.channels import Parcel, Way, ways
from ojas.features.notifications.models import Delivery, Message
from ojas.features.notifications.rules import (
    Channel,
    Handed,
    Hold,
    Never,
    NotNow,
    Outcome,
    State,
    Urgency,
    given_up,
    next_try,
)
from ojas.features.notifications.schemas import Said
from ojas.features.notifications.service.kinds import KINDS
from ojas.features.notifications.service.links import links_of
from ojas.features.notifications.service.outsiders import manner_to, opened
from ojas.kit import clock, crypto, i18n
from ojas.kit.db import Access, Tx
from ojas.kit.errors import NotFound
from ojas.kit.http import Actor
from ojas.kit.http.edge import Authorise
from ojas.kit.jobs import Context, tick

AREA = "deliveries"
_BATCH, _AT_ONCE, _PATIENCE_S = 40, 20, 25
"""A batch ends before its lease does, also where every provider hangs: 40 / 20 * 25 s = 50 s of 60."""
_LOG = structlog.get_logger("ojas.notifications")
_UNSAYABLE = (crypto.Unreadable, NotFound, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Errand:
    """Deliveries that leave as one parcel: usually one; those of a digest together. No parcel: they do not leave now."""

    deliveries: tuple[Delivery, ...]
    parcel: Parcel | None
    unsayable: bool = False


@tick("notifications.deliver")
async def DELIVER(context: Context) -> bool:  # noqa: N802  # a tick, once it is declared
    """Hand over one batch of what is due."""
    now = clock.now()
    async with context.database.transaction(Access.system(AREA)) as tx:
        claimed = await queries.claim(tx, now, _BATCH)
    if not claimed:
        return False
    authorise = next(feature.authorise for feature in context.shared["features"] if feature.authorise)
    async with context.database.transaction(_reading(claimed)) as tx:
        errands = await _errands(tx, claimed, authorise, now)
    means, gate = ways(context.shared["settings"]), asyncio.Semaphore(_AT_ONCE)
    outcomes = await asyncio.gather(*(_run(errand, means, gate) for errand in errands))
    ends = [
        _end(delivery, outcome)
        for errand, outcome in zip(errands, outcomes, strict=True)
        for delivery in errand.deliveries
    ]
    async with context.database.transaction(Access.system(AREA)) as tx:
        await queries.settle(tx, ends)
    return len(claimed) == _BATCH


def _reading(claimed: Sequence[Delivery]) -> Access:
    persons = frozenset(delivery.person_id for delivery in claimed)
    return Access(may_read={"notifications": persons})


async def _errands(tx: Tx, claimed: Sequence[Delivery], authorise: Authorise, now: datetime) -> list[_Errand]:
    await tx.database.keyring.prepare(tx.session, {one.person_id for one in claimed})
    found = await queries.messages(tx, [(one.person_id, one.message_id) for one in claimed])
    readers = await _readers(tx, found, authorise)
    messages = {m.id: m for m in found if m.reader_id in readers and readers[m.reader_id].may_read(m)}
    together: dict[object, list[Delivery]] = defaultdict(list)
    for one in claimed:
        digest = one.hold == Hold.DIGEST
        together[(one.account_id, one.channel) if digest else one.id].append(one)
    packed = [await _packed(tx, group, messages, readers, now) for group in together.values()]
    return [errand for errands in packed for errand in errands]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whom messages are for. ``access``: what an account may see now, for a share may have ended while they waited; None: an
    outsider, who reads what was said to them and nothing else."""

    email: str | None
    manner: i18n.Manner
    access: Access | None = None

    def may_read(self, message: Message) -> bool:
        return self.access is None or self.access.allows(message.scope, message.person_id)


async def _readers(tx: Tx, found: Sequence[Message], authorise: Authorise) -> dict[UUID, _Reader]:
    readers: dict[UUID, _Reader] = {}
    outside = {(message.person_id, message.reader_id) for message in found if message.account_id is None}
    for row in await queries.outsiders(tx, outside) if outside else ():
        outsider = await opened(tx, row)
        readers[row.id] = _Reader(outsider.email, manner_to(outsider))
    recipients = await identity.recipients(tx, {m.account_id for m in found if m.account_id})
    async with tx.acting(replace(tx.access, area="sign_in")):
        for one in recipients.values():
            access = await authorise(tx, Actor(one.account_id, one.person_id, session_id=None))
            readers[one.account_id] = _Reader(one.email, one.manner, access)
    return readers


async def _packed(
    tx: Tx,
    deliveries: Sequence[Delivery],
    messages: Mapping[UUID, Message],
    readers: Mapping[UUID, _Reader],
    now: datetime,
) -> list[_Errand]:
    """Usually one errand. What cannot be put into words is tried again by itself, and keeps nothing else from leaving."""
    try:
        return [await _errand(tx, deliveries, messages, readers, now)]
    except _UNSAYABLE:
        if len(deliveries) > 1:
            alone = [await _packed(tx, [one], messages, readers, now) for one in deliveries]
            return [errand for errands in alone for errand in errands]
        _LOG.exception("unsayable", message=str(deliveries[0].message_id))
        return [_Errand(tuple(deliveries), None, unsayable=True)]


async def _errand(
    tx: Tx,
    deliveries: Sequence[Delivery],
    messages: Mapping[UUID, Message],
    readers: Mapping[UUID, _Reader],
    now: datetime,
) -> _Errand:
    wanted = [messages[one.message_id] for one in deliveries if one.message_id in messages]
    alive = [m for m in wanted if m.expires_at is None or m.expires_at > now]
    reader = readers[alive[0].reader_id] if alive else None
    if reader is None or reader.email is None:
        return _Errand(tuple(deliveries), None)
    with i18n.use(reader.manner):
        said = tuple([replace(await said_of(tx, m), links=links_of(tx, m)) for m in alive])
    parcel = Parcel(deliveries[0].id, reader.email, said, reader.manner, identity.origin())
    return _Errand(tuple(deliveries), parcel)


async def said_of(tx: Tx, message: Message) -> Said:
    """A message in words, in the language in use."""
    plain = await tx.open(message.person_id, "messages", message.id, message.sealed)
    return KINDS[message.kind].say(json.loads(plain))


async def _run(errand: _Errand, means: Mapping[Channel, Way], gate: asyncio.Semaphore) -> Outcome:
    way = means.get(Channel(errand.deliveries[0].channel))
    if errand.unsayable:
        return NotNow("it cannot be put into words")
    if errand.parcel is None or way is None:
        return Never("nobody to tell any more" if way else "this channel is not set up")
    async with gate:
        try:
            return await asyncio.wait_for(way.hand(errand.parcel), _PATIENCE_S)
        except Exception as problem:  # of one channel; what others handed over must still be written down
            _LOG.exception("failed", channel=errand.deliveries[0].channel)
            return NotNow(type(problem).__name__)


def _end(delivery: Delivery, outcome: Outcome) -> dict[str, Any]:
    now = clock.now()
    end = {
        "person": delivery.person_id,
        "delivery": delivery.id,
        "attempt": delivery.attempts,
        "due_at": delivery.due_at,
        "handed_at": None,
    }
    if isinstance(outcome, Handed):
        return end | {"state": State.HANDED, "answer": outcome.answer, "handed_at": now}
    if isinstance(outcome, Never):
        return end | {"state": State.REFUSED, "answer": outcome.reason}
    urgency = Urgency(delivery.urgency)
    if given_up(urgency, delivery.first_at, now):
        return end | {"state": State.DEAD, "answer": outcome.reason}
    again = next_try(urgency, delivery.attempts, now, outcome.after, random.random())
    return end | {"state": State.WAITING, "answer": outcome.reason, "due_at": again}
